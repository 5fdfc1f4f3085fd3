"""Find duplicate contacts: the whole walk from evidence to clusters.

    evidence ─ code ─▶ records ─ block ─▶ pairs ─ compare ─▶ levels ─ weigh ─▶ odds ─ cluster ─▶ members

Pure: the same evidence, rules and seed give the same bytes.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from dedup.blocking import Pairs, block, sharing_email
from dedup.clustering import Grouped, cluster
from dedup.coding import Codes
from dedup.comparing import Comparer, Levels, compare, comparer_of
from dedup.guarding import ALWAYS, NEVER, guarded
from dedup.reasons import REASONS, reasons
from dedup.records import Records, code_records
from dedup.rules import Rules
from dedup.weighing import Weights, chance_of, learn, prior_weights, score

__all__ = ["Found", "find_duplicates"]

# Pairs below this probability are not kept: they are of no use to a reviewer.
LEAST_PROBABILITY = 0.05

PAIRS = {"left": pl.String, "right": pl.String, "probability": pl.Float32, "weight": pl.Float32, **REASONS}
MEMBERS = {"cluster": pl.Int64, "contact": pl.String, "probability": pl.Float64}


@dataclass(frozen=True)
class Found:
    """What a run found.

    `pairs`: [left, right: contact ids, left < right, probability: f32, weight: f32 (bits), otherwise: str, evidence: list of
    {field, level, bits}], likely pairs and all pairs within clusters. `members`: [cluster: i64 from 1, contact, probability:
    f64], clusters of two and more in order of their first contact. Counts: contacts read, pairs compared, pairs at or
    above the threshold, clusters.
    """

    pairs: pl.DataFrame
    members: pl.DataFrame
    contacts: int
    compared: int
    matches: int
    clusters: int


def find_duplicates(evidence: pl.DataFrame, *, rules: Rules, judgements: pl.DataFrame, seed: int = 0) -> Found:
    """Find the duplicates among contacts.

    Args: evidence as storage.evidence.read_evidence returns it, owners (scope) included; judgements [left, right: contact
    ids, judgement: 'same' | 'different'], in any order; seed draws the random pairs chance is learned from.
    """
    records = code_records(evidence.sort("contact"))
    comparer = comparer_of(records, rules)
    if not comparer.fields:
        return _nothing(records)
    pairs = sharing_email(records) if rules.method == "exact-email" else block(records, rules.blocking)
    levels = compare(comparer, pairs)
    weights = _learned(comparer, pairs, levels, rules, seed)
    odds = _odds(comparer, weights, pairs, levels, rules)
    said = _judged(records, judgements)
    grouped = cluster(
        pairs,
        odds,
        records.count,
        said=said,
        weigh=lambda inner: _odds(comparer, weights, inner, compare(comparer, inner), rules),
        threshold=rules.threshold,
        rules=rules.clustering,
    )
    return _found(comparer, weights, pairs, odds, grouped, rules)


def _nothing(records: Records) -> Found:
    """Return an empty result: there is nothing to compare."""
    pairs = pl.DataFrame(schema=PAIRS)
    return Found(pairs, pl.DataFrame(schema=MEMBERS), records.count, 0, 0, 0)


def _learned(comparer: Comparer, pairs: Pairs, levels: Levels, rules: Rules, seed: int) -> Weights:
    """Learn the weights from the candidate pairs and from random ones."""
    random = _random_pairs(comparer.records.count, rules.learning.random_pairs, seed)
    chance = chance_of(comparer, compare(comparer, random))
    prior = prior_weights(comparer, chance, len(pairs), _all_pairs(comparer.records), rules.learning)
    return learn(prior, levels, rules.learning)


def _random_pairs(records: int, count: int, seed: int) -> Pairs:
    """Draw pairs of different records; all there are when there are fewer than `count`."""
    if records * (records - 1) // 2 <= count:
        return np.column_stack(np.triu_indices(records, 1)).astype(np.int32)
    draw = np.random.default_rng(seed)
    left, gap = draw.integers(0, records, count), draw.integers(1, records, count)
    return np.column_stack([left, (left + gap) % records]).astype(np.int32)


def _all_pairs(records: Records) -> float:
    """Count the pairs of records of one owner."""
    sizes = np.bincount(records.owner.astype(np.int64)).astype(np.float64)
    return float((sizes * (sizes - 1) / 2).sum())


def _odds(comparer: Comparer, weights: Weights, pairs: Pairs, levels: Levels, rules: Rules) -> NDArray[np.float64]:
    """Return guarded log-odds; with the exact-email method, certainty for every pair that shares an address."""
    if rules.method == "exact-email":
        shares = (levels["email"] > 0) & (levels["email"] <= 8) if "email" in levels else np.zeros(len(pairs), bool)
        return guarded(comparer, pairs, np.where(shares, ALWAYS, 0.0))
    return guarded(comparer, pairs, score(weights, levels))


def _judged(records: Records, judgements: pl.DataFrame) -> tuple[Pairs, NDArray[np.float64]]:
    """Return the judged pairs that are here and of one owner, with the odds a person's word stands for."""
    position = pl.DataFrame({"contact": records.ids, "at": np.arange(records.count, dtype=np.int32)})
    rows = (
        judgements.select(pl.col("left", "right").cast(pl.String), "judgement")
        .join(position.rename({"contact": "left", "at": "one"}), on="left")
        .join(position.rename({"contact": "right", "at": "two"}), on="right")
        .select(low=pl.min_horizontal("one", "two"), high=pl.max_horizontal("one", "two"), judgement="judgement")
        .filter(pl.col("low") != pl.col("high"))
        .sort("low", "high")
    )
    pairs = rows.select("low", "high").to_numpy().astype(np.int32).reshape(-1, 2)
    odds = np.where((rows["judgement"] == "same").to_numpy(), ALWAYS, NEVER)
    mine = records.owner[pairs[:, 0]] == records.owner[pairs[:, 1]]
    return pairs[mine], odds[mine]


def _found(
    comparer: Comparer, weights: Weights, pairs: Pairs, odds: NDArray[np.float64], grouped: Grouped, rules: Rules
) -> Found:
    """Put results into frames of contact ids."""
    ids = comparer.records.ids
    members = _members(ids, grouped)
    likely = _probability(odds) >= LEAST_PROBABILITY
    outside = likely & (grouped.component[pairs[:, 0]] != grouped.component[pairs[:, 1]])
    inside = (_probability(grouped.odds) >= LEAST_PROBABILITY) | (
        grouped.label[grouped.pairs[:, 0]] == grouped.label[grouped.pairs[:, 1]]
    )
    kept = np.concatenate([pairs[outside], grouped.pairs[inside]])
    kept_odds = np.concatenate([odds[outside], grouped.odds[inside]])
    order = np.lexsort((kept[:, 1], kept[:, 0]))
    kept, kept_odds = kept[order], kept_odds[order]
    least = np.log(rules.threshold / (1 - rules.threshold))
    return Found(
        pairs=_pair_frame(comparer, weights, kept, kept_odds),
        members=members,
        contacts=comparer.records.count,
        compared=len(pairs),
        matches=int((kept_odds >= least).sum()),
        clusters=members["cluster"].n_unique(),
    )


def _probability(odds: NDArray[np.float64]) -> NDArray[np.float64]:
    return 1 / (1 + np.exp(-np.clip(odds, -500, 500)))


def _pair_frame(comparer: Comparer, weights: Weights, pairs: Pairs, odds: NDArray[np.float64]) -> pl.DataFrame:
    ids = comparer.records.ids
    why = reasons(comparer, weights, compare(comparer, pairs))
    return pl.DataFrame(
        {
            "left": ids.gather(pairs[:, 0]),
            "right": ids.gather(pairs[:, 1]),
            "probability": _probability(odds).astype(np.float32),
            "weight": (np.clip(odds, -ALWAYS, ALWAYS) / np.log(2)).astype(np.float32),
        }
    ).hstack(why)


def _members(ids: pl.Series, grouped: Grouped) -> pl.DataFrame:
    """List the members of clusters of two and more; ids are sorted, so a cluster's label is its first contact."""
    label = grouped.label
    sizes = np.bincount(label, minlength=len(label))
    joined = np.flatnonzero(sizes[label] > 1)
    cluster_number = np.unique(label[joined], return_inverse=True)[1] + 1
    return pl.DataFrame(
        {
            "cluster": cluster_number.astype(np.int64),
            "contact": ids.gather(joined),
            "probability": _probability(_mean_odds(grouped)[joined]),
        },
        schema=MEMBERS,
    ).sort("cluster", "contact")


def _mean_odds(grouped: Grouped) -> NDArray[np.float64]:
    """Return each record's mean clipped odds with the other members of its cluster."""
    left, right = grouped.pairs[:, 0], grouped.pairs[:, 1]
    same = grouped.label[left] == grouped.label[right]
    count = len(grouped.label)
    ends: Codes = np.concatenate([left[same], right[same]])
    clipped = np.clip(np.tile(grouped.odds[same], 2), -20, 20)
    total = np.bincount(ends, weights=clipped, minlength=count)
    return np.asarray(total / np.maximum(1, np.bincount(ends, minlength=count)))
