"""Join pairs into clusters: connected components first, then average linkage inside each.

Average linkage asks whether two groups agree on the whole, so a chain of weak look-alikes falls apart where components
alone would swallow it. Components of one size are worked on together, as one stack of matrices.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dedup.blocking import Pairs, pairs_within, unpacked
from dedup.coding import Codes
from dedup.guarding import ALWAYS
from dedup.rules import Clustering

__all__ = ["Grouped", "average_linkage", "bounded_components", "cluster", "components"]


@dataclass(frozen=True)
class Grouped:
    """Clusters and what they were made of.

    `label`: for each record the smallest record of its cluster; `component`: likewise of its connected component;
    `pairs`, `odds`: every pair inside a component with its log-odds.
    """

    label: Codes
    component: Codes
    pairs: Pairs
    odds: NDArray[np.float64]


def cluster(
    pairs: Pairs,
    odds: NDArray[np.float64],
    records: int,
    *,
    said: tuple[Pairs, NDArray[np.float64]],
    weigh: Callable[[Pairs], NDArray[np.float64]],
    threshold: float,
    rules: Clustering,
) -> Grouped:
    """Cluster records: components of likely pairs, then average linkage over every pair inside a component.

    Args: said holds judged pairs and their odds, which replace what was weighed; weigh gives the odds of pairs that were
    not looked at before.
    """
    said_pairs, said_odds = said
    odds = _overruled(pairs, odds, said_pairs, said_odds)
    edges, weights = np.concatenate([pairs, said_pairs]), np.concatenate([odds, said_odds])
    least = float(np.log(threshold / (1 - threshold)))
    component = bounded_components(
        edges[:, 0], edges[:, 1], weights, records, least=least, largest=rules.largest_component
    )
    order, starts, sizes = _blocks(component)
    inner = unpacked(np.sort(pairs_within(order, starts, sizes)))
    inner_odds = _overruled(inner, weigh(inner), said_pairs, said_odds)
    label = component.copy()
    for size in np.unique(sizes[(sizes > 2) & (sizes <= TOO_LARGE)]):
        groups = order[starts[sizes == size][:, None] + np.arange(size)]
        label[groups] = np.take_along_axis(groups, _linked(groups, inner, inner_odds, rules), axis=1)
    return Grouped(label, component, inner, inner_odds)


# A component this large after every bar is made of near certain pairs; a matrix of it would not fit in memory.
TOO_LARGE = 3_000


def _blocks(component: Codes) -> tuple[Codes, NDArray[np.intp], NDArray[np.intp]]:
    """List records component by component: (records, where each component starts, its size)."""
    order = np.argsort(component, kind="stable").astype(np.int32)
    grouped = component[order]
    starts = np.flatnonzero(np.append(True, grouped[1:] != grouped[:-1])) if len(grouped) else np.empty(0, np.intp)
    return order, starts, np.diff(np.append(starts, len(grouped)))


def _overruled(
    pairs: Pairs, odds: NDArray[np.float64], said_pairs: Pairs, said_odds: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Replace the odds of judged pairs; both lists of pairs are sorted."""
    if not len(pairs) or not len(said_pairs):
        return odds
    keys, said_keys = (p[:, 0].astype(np.int64) << 32 | p[:, 1] for p in (pairs, said_pairs))
    at = np.minimum(np.searchsorted(keys, said_keys), len(keys) - 1)
    here = keys[at] == said_keys
    odds = odds.copy()
    odds[at[here]] = said_odds[here]
    return odds


def _linked(groups: Codes, inner: Pairs, odds: NDArray[np.float64], rules: Clustering) -> NDArray[np.int64]:
    """Link the members of components of one size: positions within each group."""
    size = groups.shape[1]
    one, two = np.triu_indices(size, 1)
    keys = inner[:, 0].astype(np.int64) << 32 | inner[:, 1]
    wanted = groups[:, one].astype(np.int64) << 32 | groups[:, two]
    found = odds[np.searchsorted(keys, wanted)]
    judged = np.abs(found) > abs(ALWAYS) / 2
    clipped = np.where(judged, found, np.clip(found, rules.lowest, rules.highest))
    matrices = np.zeros((len(groups), size, size))
    matrices[:, one, two] = clipped
    matrices[:, two, one] = clipped
    return average_linkage(matrices, least=rules.least_mean)


def components(left: Codes, right: Codes, nodes: int) -> NDArray[np.int32]:
    """Return for each node the smallest node it is connected with (hooking and pointer jumping; Shiloach & Vishkin 1982)."""
    root = np.arange(nodes, dtype=np.int32)
    while len(left):
        one, two = root[left], root[right]
        open_ = one != two
        if not open_.any():
            break
        left, right = left[open_], right[open_]
        low, high = np.minimum(one, two)[open_], np.maximum(one, two)[open_]
        np.minimum.at(root, high, low)
        while (jumped := root[root] < root).any():
            root = np.where(jumped, root[root], root)
    return root


def bounded_components(
    left: Codes, right: Codes, odds: NDArray[np.float64], nodes: int, *, least: float, largest: int
) -> NDArray[np.int32]:
    """Return components of the pairs with odds of at least `least`, raising the bar inside those over `largest` nodes."""
    strong = odds >= least
    root = components(left[strong], right[strong], nodes)
    for bar in range(1, 16):
        sizes = np.bincount(root, minlength=nodes)
        too_large = sizes[root] > largest
        if not too_large.any():
            break
        kept = strong & (~too_large[left] | (odds >= least + bar))
        root = components(left[kept], right[kept], nodes)
    return root


def average_linkage(odds: NDArray[np.float64], *, least: float) -> NDArray[np.int64]:
    """Cluster a stack of groups by average linkage: join the best pair of clusters while its mean odds reach `least`.

    Args: odds (groups, size, size), symmetric; the diagonal is ignored.
    Returns: (groups, size), the smallest member of each member's cluster.
    """
    groups, size, _ = odds.shape
    total = odds.astype(np.float64, copy=True)
    label = np.tile(np.arange(size), (groups, 1))
    weight = np.ones((groups, size))
    lower = np.tril(np.ones((size, size), bool))
    active = np.arange(groups)
    for _ in range(size - 1):
        weights = weight[active, :, None] * weight[active, None, :]
        mean = np.where(lower | (weights == 0), -np.inf, total[active] / np.maximum(weights, 1))
        best = mean.reshape(len(active), -1).argmax(axis=1)
        joins = mean.reshape(len(active), -1)[np.arange(len(active)), best] >= least
        active, best = active[joins], best[joins]
        if not len(active):
            break
        into, gone = best // size, best % size
        total[active, into, :] += total[active, gone, :]
        total[active, :, into] += total[active, :, gone]
        weight[active, into] += weight[active, gone]
        weight[active, gone] = 0
        moved = label[active] == gone[:, None]
        label[active] = np.where(moved, into[:, None], label[active])
    return label
