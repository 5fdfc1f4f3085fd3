"""Find duplicate contacts: the whole walk from evidence to clusters.

    evidence ─ code ─▶ records ─ block ─▶ pairs ─ compare ─▶ levels ─ weigh ─▶ odds ─ cluster ─▶ members

Pure: the same evidence, rules and seed give the same bytes.
"""

from dataclasses import replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from dedup.agreeing import Levels, agreed
from dedup.blocking import Pairs, block, sharing_email
from dedup.clustering import bounded_components, linked, pairs_inside, spoken_against
from dedup.comparer import Comparer, comparer_of
from dedup.comparing import compare
from dedup.doubting import doubted
from dedup.guarding import ALWAYS, Said, guarded, judged, overruled
from dedup.memory import release_memory
from dedup.records import Records, code_records, in_order
from dedup.results import Found, Grouped, Weighed, found_in, found_nothing, kept_of
from dedup.rules import Rules
from dedup.weighing import Weights, chance_of, evidence_alone, learn, prior_weights, score, sharing_a_value

__all__ = ["find_duplicates", "group", "odds_of"]


def find_duplicates(evidence: pl.DataFrame, *, rules: Rules, judgements: pl.DataFrame, seed: int = 0) -> Found:
    """Find the duplicates among contacts.

    Args: evidence as storage.evidence.read_evidence returns it, owners (scope) included; judgements [left, right:
    contact ids, judgement: 'same' | 'different'], in any order; seed draws the random pairs chance is learned from.
    """
    records = code_records(in_order(evidence))
    del evidence
    release_memory()
    comparer = comparer_of(records, rules)
    if not comparer.fields:
        return found_nothing(records.count)
    blocked = (sharing_email if rules.method == "exact-email" else block)(records, rules.blocking)
    release_memory()
    levels = compare(comparer, blocked.pairs)
    release_memory()
    weights = _learned(comparer, sharing_a_value(levels), rules, seed)
    odds = odds_of(comparer, weights, blocked.pairs, levels, rules)
    grouped = group(comparer, weights, Weighed(blocked.pairs, levels, odds), judged(records, judgements), rules)
    return found_in(comparer, weights, grouped, kept=kept_of(comparer, blocked), rules=rules)


def group(comparer: Comparer, weights: Weights, looked_at: Weighed, said: Said, rules: Rules) -> Grouped:
    """Join weighed pairs into clusters, weighing every pair inside a component on the way."""
    records = comparer.records
    looked_at = replace(looked_at, odds=overruled(looked_at.pairs, looked_at.odds, said))
    edges, odds = np.concatenate([looked_at.pairs, said.pairs]), np.concatenate([looked_at.odds, said.odds])
    component = bounded_components(
        edges, odds, records.count, least=rules.least_odds, largest=rules.clustering.largest_component
    )
    inside = pairs_inside(component)
    levels = compare(comparer, inside)
    inner = Weighed(inside, levels, overruled(inside, odds_of(comparer, weights, inside, levels, rules), said))
    odds = spoken_against(inner.odds, evidence_alone(weights, levels), rules.clustering)
    return Grouped(looked_at, inner, component, linked(component, inside, odds, rules.clustering))


def _learned(comparer: Comparer, alike: Levels, rules: Rules, seed: int) -> Weights:
    """Learn the weights from candidate pairs that share a value, and from random ones."""
    learning = rules.learning
    if comparer.organisations:
        learning = learning.model_copy(update={"match_strength": learning.organisation_strength})
    random = _random_pairs(comparer.records.count, learning.random_pairs, seed)
    chance = chance_of(comparer, compare(comparer, random))
    prior = prior_weights(comparer, chance, len(next(iter(alike.values()))), _all_pairs(comparer.records), learning)
    return learn(prior, alike, learning)


def _random_pairs(records: int, count: int, seed: int) -> Pairs:
    """Draw pairs of different records; all there are when there are fewer than `count`."""
    if records * (records - 1) // 2 <= count:
        return np.column_stack(np.triu_indices(records, 1)).astype(np.int32)
    draw = np.random.default_rng(seed)
    left, gap = draw.integers(0, records, count), draw.integers(1, records, count)
    return np.column_stack([left, (left + gap) % records]).astype(np.int32)


def _all_pairs(records: Records) -> float:
    """Count the pairs of records of one owner."""
    sizes = np.unique(records.owner, return_counts=True)[1].astype(np.float64)
    return float((sizes * (sizes - 1) / 2).sum())


def odds_of(comparer: Comparer, weights: Weights, pairs: Pairs, levels: Levels, rules: Rules) -> NDArray[np.float64]:
    """Return guarded and doubted log-odds; with the exact-email method, certainty for all that share an address."""
    if rules.method == "evidence":
        return guarded(comparer, pairs, doubted(comparer.fields, levels, score(weights, levels)))
    email = levels.get("email", np.zeros(len(pairs), np.uint8))
    return guarded(comparer, pairs, np.where(agreed(email), ALWAYS, 0.0))
