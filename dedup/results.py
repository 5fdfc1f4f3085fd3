"""Put what a run found into frames of contact ids: weighed pairs with their reasons, and clusters."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from dedup.agreeing import Levels
from dedup.blocking import Blocked, Pairs
from dedup.coding import Codes, Flags
from dedup.comparer import Comparer, counted_values
from dedup.guarding import ALWAYS
from dedup.keys import HALF, HASHING
from dedup.reasons import REASONS, reasons
from dedup.rules import Rules
from dedup.weighing import Weights, weights_as_json

__all__ = ["Found", "Grouped", "Kept", "Weighed", "found_in", "found_nothing", "kept_of", "probability_of"]

# Pairs below this probability are not kept: they are of no use to a reviewer.
LEAST_PROBABILITY = 0.05

AT_ONCE = 100_000

PAIRS: dict[str, pl.DataType] = {
    "left": pl.String(),
    "right": pl.String(),
    "probability": pl.Float32(),
    "weight": pl.Float32(),
    **REASONS,
}
MEMBERS: dict[str, pl.DataType] = {"cluster": pl.Int64(), "contact": pl.String(), "probability": pl.Float64()}


@dataclass(frozen=True)
class Found:
    """What a run found.

    `pairs`: [left, right: contact ids, left < right, probability: f32, weight: f32 (bits), otherwise: str, evidence:
    list of
    {field, level, bits}], likely pairs and all pairs within clusters. `members`: [cluster: i64 from 1, contact,
    probability:
    f64], clusters of two and more in order of their first contact. Counts: contacts read, pairs compared, pairs at or
    above the threshold, clusters. `weights`: what was learned, None when there was nothing to learn from.
    """

    pairs: pl.DataFrame
    members: pl.DataFrame
    contacts: int
    compared: int
    matches: int
    clusters: int
    weights: Weights | None
    kept: "Kept | None" = None

    @property
    def learned(self) -> str | None:
        """The weights as JSON, to keep with the run."""
        return weights_as_json(self.weights) if self.weights else None


@dataclass(frozen=True)
class Kept:
    """What a later run needs to find the pairs of a new record and to know how common its values are.

    `keys`: [key: u32, record: u32 (position in order of contact id)]; `values`: [field, value: str, people: i32];
    `reach`: by pass, the size of the largest blocks taken; `hashing`: how keys were made.
    """

    keys: pl.DataFrame
    values: pl.DataFrame
    reach: dict[str, int]
    hashing: str = HASHING


def kept_of(comparer: Comparer, blocked: Blocked) -> Kept | None:
    """Collect what later runs need; None where every pair was looked at, for then that is quick enough."""
    if not blocked.reach:
        return None
    key, record = (blocked.keys >> HALF).astype(np.uint32), blocked.keys.astype(np.uint32)
    return Kept(pl.DataFrame({"key": key, "record": record}), counted_values(comparer), blocked.reach)


@dataclass(frozen=True)
class Weighed:
    """Pairs with their levels and log-odds."""

    pairs: Pairs
    levels: Levels
    odds: NDArray[np.float64]

    def where(self, kept: Flags | slice) -> "Weighed":
        """Return some of the pairs."""
        return Weighed(self.pairs[kept], {field: level[kept] for field, level in self.levels.items()}, self.odds[kept])


@dataclass(frozen=True)
class Grouped:
    """Weighed pairs in groups: those looked at, every pair inside a component, and each record's component and cluster.

    Both name a record by the smallest record of its group.
    """

    looked_at: Weighed
    inner: Weighed
    component: Codes
    label: Codes


def found_in(comparer: Comparer, weights: Weights, grouped: Grouped, *, kept: Kept | None, rules: Rules) -> Found:
    """Put what was grouped into frames."""
    pairs = _pair_frame(comparer, weights, grouped)
    members = _member_frame(comparer.records.ids, grouped)
    return Found(
        pairs=pairs,
        members=members,
        contacts=comparer.records.count,
        compared=len(grouped.looked_at.pairs),
        matches=int((pairs["weight"] >= rules.least_odds / np.log(2)).sum()),
        clusters=members["cluster"].n_unique(),
        weights=weights,
        kept=kept,
    )


def found_nothing(contacts: int) -> Found:
    """Return an empty result: there is nothing to compare."""
    return Found(pl.DataFrame(schema=PAIRS), pl.DataFrame(schema=MEMBERS), contacts, 0, 0, 0, None)


def probability_of(odds: NDArray[np.float64]) -> NDArray[np.float64]:
    """Turn log-odds (natural logarithm) into probabilities."""
    return np.asarray(1 / (1 + np.exp(-np.clip(odds, -500, 500))))


def _pair_frame(comparer: Comparer, weights: Weights, grouped: Grouped) -> pl.DataFrame:
    """List likely pairs and all pairs within clusters, with reasons; see Found.

    Every pair inside a component is among the inner ones, so that of those looked at only pairs across them count.
    """
    looked_at, inner, component, label = grouped.looked_at, grouped.inner, grouped.component, grouped.label
    left, right = looked_at.pairs.T
    across = (probability_of(looked_at.odds) >= LEAST_PROBABILITY) & (component[left] != component[right])
    one, other = inner.pairs.T
    inside = (probability_of(inner.odds) >= LEAST_PROBABILITY) | (label[one] == label[other])
    parts = (looked_at.where(across), inner.where(inside))
    rows = [row for part in parts for row in _rows(comparer, weights, part)]
    return pl.concat(rows).sort("left", "right") if rows else pl.DataFrame(schema=PAIRS)


def _rows(comparer: Comparer, weights: Weights, every: Weighed) -> Iterator[pl.DataFrame]:
    """Yield pairs with their reasons, some at a time: laying reasons out takes far more room than keeping them."""
    for start in range(0, len(every.pairs), AT_ONCE):
        yield _some_rows(comparer, weights, every.where(slice(start, start + AT_ONCE)))


def _some_rows(comparer: Comparer, weights: Weights, weighed: Weighed) -> pl.DataFrame:
    ids = comparer.records.ids
    return pl.DataFrame(
        {
            "left": ids.gather(weighed.pairs[:, 0]),
            "right": ids.gather(weighed.pairs[:, 1]),
            "probability": probability_of(weighed.odds).astype(np.float32),
            "weight": (np.clip(weighed.odds, -ALWAYS, ALWAYS) / np.log(2)).astype(np.float32),
        }
    ).hstack(reasons(comparer, weights, weighed.levels))


def _member_frame(ids: pl.Series, grouped: Grouped) -> pl.DataFrame:
    """List the members of clusters of two and more; see Found. Ids ascend: a label is its first contact."""
    label, inner = grouped.label, grouped.inner
    sizes = np.bincount(label, minlength=len(label))
    joined = np.flatnonzero(sizes[label] > 1)
    return pl.DataFrame(
        {
            "cluster": (np.unique(label[joined], return_inverse=True)[1] + 1).astype(np.int64),
            "contact": ids.gather(joined),
            "probability": probability_of(_mean_odds(label, inner)[joined]),
        },
        schema=MEMBERS,
    ).sort("cluster", "contact")


def _mean_odds(label: Codes, inner: Weighed) -> NDArray[np.float64]:
    """Return each record's mean clipped odds with the other members of its cluster."""
    left, right = inner.pairs.T
    same = label[left] == label[right]
    ends = np.concatenate([left[same], right[same]])
    total = np.bincount(ends, weights=np.clip(np.tile(inner.odds[same], 2), -20, 20), minlength=len(label))
    return np.asarray(total / np.maximum(1, np.bincount(ends, minlength=len(label))))
