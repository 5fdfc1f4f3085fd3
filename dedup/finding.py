"""Find duplicate contacts: the whole walk from evidence to clusters.

    evidence ─ code ─▶ records ─ block ─▶ pairs ─ compare ─▶ levels ─ weigh ─▶ odds ─ cluster ─▶ members

Pure: the same evidence, rules and seed give the same bytes.
"""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from dedup.agreeing import Levels
from dedup.blocking import Pairs, block, sharing_email
from dedup.clustering import bounded_components, linked, pairs_inside
from dedup.comparer import Comparer, comparer_of
from dedup.comparing import compare
from dedup.guarding import ALWAYS, guarded, judged, overruled
from dedup.rarity import BINS
from dedup.records import Records, code_records, in_order
from dedup.results import Found, Weighed, found_nothing, member_frame, pair_frame
from dedup.rules import Rules
from dedup.weighing import Weights, chance_of, learn, prior_weights, score

__all__ = ["find_duplicates"]


def find_duplicates(evidence: pl.DataFrame, *, rules: Rules, judgements: pl.DataFrame, seed: int = 0) -> Found:
    """Find the duplicates among contacts.

    Args: evidence as storage.evidence.read_evidence returns it, owners (scope) included; judgements [left, right:
    contact
    ids, judgement: 'same' | 'different'], in any order; seed draws the random pairs chance is learned from.
    """
    records = code_records(in_order(evidence))
    comparer = comparer_of(records, rules)
    if not comparer.fields:
        return found_nothing(records.count)
    said = judged(records, judgements)
    pairs = sharing_email(records) if rules.method == "exact-email" else block(records, rules.blocking)
    levels = compare(comparer, pairs)
    weights = _learned(comparer, pairs, levels, rules, seed)
    looked_at = Weighed(pairs, levels, overruled(pairs, _odds(comparer, weights, pairs, levels, rules), said))

    least = float(np.log(rules.threshold / (1 - rules.threshold)))
    edges, edge_odds = np.concatenate([pairs, said.pairs]), np.concatenate([looked_at.odds, said.odds])
    component = bounded_components(
        edges, edge_odds, records.count, least=least, largest=rules.clustering.largest_component
    )
    inside = pairs_inside(component)
    inner_levels = compare(comparer, inside)
    inner_odds = _odds(comparer, weights, inside, inner_levels, rules)
    inner = Weighed(inside, inner_levels, overruled(inside, inner_odds, said))
    label = linked(component, inside, inner.odds, rules.clustering)

    found = pair_frame(comparer, weights, looked_at, inner, component, label)
    members = member_frame(records.ids, label, inner)
    return Found(
        pairs=found,
        members=members,
        contacts=records.count,
        compared=len(pairs),
        matches=int((found["weight"] >= least / np.log(2)).sum()),
        clusters=members["cluster"].n_unique(),
        weights=weights,
    )


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
    if rules.method == "evidence":
        return guarded(comparer, pairs, score(weights, levels))
    email = levels.get("email", np.zeros(len(pairs), np.uint8))
    return guarded(comparer, pairs, np.where((email > 0) & (email <= BINS), ALWAYS, 0.0))
