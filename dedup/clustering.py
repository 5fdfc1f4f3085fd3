"""Join pairs into clusters: connected components first, then average linkage inside each.

Average linkage asks whether two groups agree on the whole, so a chain of weak look-alikes falls apart where components
alone would swallow it. Components of one size are worked on together, as one stack of matrices.
"""

import numpy as np
from numpy.typing import NDArray

from dedup.blocking import Pairs, pairs_within, unpacked
from dedup.coding import Codes
from dedup.rules import Clustering

__all__ = ["average_linkage", "bounded_components", "components", "linked", "pairs_inside", "spoken_against"]

# A component this large after every bar is made of near certain pairs; a matrix of it would not fit in memory.
TOO_LARGE = 3_000


def pairs_inside(component: Codes) -> Pairs:
    """Return every pair of records of one component, sorted."""
    return unpacked(np.sort(pairs_within(*_blocks(component), largest=TOO_LARGE)))


def spoken_against(odds: NDArray[np.float64], evidence: NDArray[np.float64], rules: Clustering) -> NDArray[np.float64]:
    """Return the odds of pairs inside components, where those nothing speaks against count `unknown` at the least.

    Args: odds as score returns them, evidence as evidence_alone does.
    """
    nothing = (odds > -CERTAIN) & (evidence >= rules.unknown)
    return np.where(nothing, np.maximum(odds, rules.unknown), odds)


def linked(component: Codes, inner: Pairs, odds: NDArray[np.float64], rules: Clustering) -> Codes:
    """Return for each record the smallest record of its cluster, by average linkage inside each component.

    Args: inner, odds: every pair inside a component, as pairs_inside returns them, and its log-odds; odds beyond
    CERTAIN are a person's word or a guard and are not clipped.
    """
    order, starts, sizes = _blocks(component)
    keys = _keys(inner[:, 0], inner[:, 1])
    clipped = np.where(np.abs(odds) > CERTAIN, odds, np.clip(odds, rules.lowest, rules.highest))
    label = component.copy()
    for size in np.unique(sizes[(sizes > 1) & (sizes <= TOO_LARGE)]):
        groups = order[starts[sizes == size][:, None] + np.arange(size)]
        one, other = np.triu_indices(int(size), 1)
        matrices = np.zeros((len(groups), size, size))
        matrices[:, one, other] = clipped[np.searchsorted(keys, _keys(groups[:, one], groups[:, other]))]
        matrices += matrices.transpose(0, 2, 1)
        label[groups] = np.take_along_axis(groups, average_linkage(matrices, least=rules.least_mean), axis=1)
    return label


# Log-odds no evidence reaches.
CERTAIN = 1e4


def _keys(left: Codes, right: Codes) -> NDArray[np.int64]:
    return np.asarray(left.astype(np.int64) << 32 | right)


def _blocks(component: Codes) -> tuple[Codes, NDArray[np.intp], NDArray[np.intp]]:
    """List records component by component: (records, where each component starts, its size)."""
    order = np.argsort(component, kind="stable").astype(np.int32)
    grouped = component[order]
    starts = np.flatnonzero(np.append(True, grouped[1:] != grouped[:-1])) if len(grouped) else np.empty(0, np.intp)
    return order, starts, np.diff(np.append(starts, len(grouped)))


def components(left: Codes, right: Codes, nodes: int) -> NDArray[np.int32]:
    """Return for each node the smallest one it is connected with (pointer jumping; Shiloach & Vishkin 1982)."""
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


def bounded_components(pairs: Pairs, odds: NDArray[np.float64], records: int, *, least: float, largest: int) -> Codes:
    """Return components of the pairs with odds of at least `least`, the bar raised inside those over `largest`."""
    left, right = pairs[:, 0], pairs[:, 1]
    strong = odds >= least
    root = components(left[strong], right[strong], records)
    for bar in range(1, 16):
        too_large = (np.bincount(root, minlength=records) > largest)[root]
        if not too_large.any():
            break
        strong &= ~too_large[left] | (odds >= least + bar)
        root = components(left[strong], right[strong], records)
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
