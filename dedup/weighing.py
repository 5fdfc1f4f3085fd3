"""Weigh levels of agreement into the odds that two records are one person (Fellegi & Sunter 1969).

Two records that look alike are one person (match), or two people of one household, two colleagues, two namesakes, or
two strangers (chance). Each class has a distribution over the levels of every field; the first four are learned from
the candidate pairs by expectation maximisation from the rules' tables, chance is known. The score of a pair is the
log of
how many matches to expect with its levels, less the log of how many pairs of the other classes.
"""

import json
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from dedup.agreeing import Levels, agreed
from dedup.comparer import Comparer
from dedup.rarity import BINS, Rarity
from dedup.records import CUSTOM_PREFIX
from dedup.rules import Learning, Level

__all__ = [
    "CLASSES",
    "IMPOSSIBLE",
    "Weights",
    "chance_of",
    "evidence_alone",
    "learn",
    "log_expected",
    "prior_weights",
    "score",
    "sharing_a_value",
    "weights_as_json",
    "weights_from_json",
]

Table: TypeAlias = dict[str, NDArray[np.float64]]

CLASSES = ("match", "household", "colleague", "namesake", "chance")
# How much likelier than its share a value is to be one that several people hold, by rarity bin: for shared contacts.
SHARED_BY_MANY = np.array([0.03, 2, 3] + [4] * (BINS - 3))
# How much likelier than chance two first names of one family are to look alike, by level behind exact: Astrid and
# Sigrid.
SIBLING_NAMES = np.array([0, 0, 0, 0.01, 0.03, 0])
# What has never been seen still may happen: its logarithm must be finite.
IMPOSSIBLE = 1e-12


@dataclass(frozen=True)
class Weights:
    """What has been learned: how many pairs of each class to expect, and each class's shares over levels.

    `mass`: expected pairs by class (for chance, all pairs of records there are); `shares`: by field an array of
    (classes,
    levels), level 0 (missing) holding 1 for every class: no evidence; `organisations`: of what it was learned.
    """

    mass: NDArray[np.float64]
    shares: Table
    organisations: bool


def weights_as_json(weights: Weights) -> str:
    """Write weights down, to keep them."""
    shares = {field: table.round(12).tolist() for field, table in weights.shares.items()}
    known = {"classes": CLASSES, "mass": weights.mass.round(6).tolist(), "shares": shares}
    return json.dumps(known | {"organisations": weights.organisations})


def weights_from_json(text: str) -> Weights:
    """Read weights that were written down."""
    kept = json.loads(text)
    shares = {field: np.array(table) for field, table in kept["shares"].items()}
    return Weights(np.array(kept["mass"]), shares, kept["organisations"])


def chance_of(comparer: Comparer, random_levels: Levels) -> Table:
    """Return u: the share of each level among strangers, for each field.

    Agreement comes from how many people hold each value; the other levels from random pairs.
    """
    return {field: _chance(comparer, field, levels, random_levels[field]) for field, levels in comparer.fields.items()}


def _chance(comparer: Comparer, field: str, levels: tuple[Level, ...], seen: NDArray[np.uint8]) -> NDArray[np.float64]:
    if field == "alignment":
        return np.array([0.5, 0.5, 0.5, 0.5])
    binned = np.concatenate([np.full(BINS if level.binned else 1, level.binned) for level in levels])
    counts = np.bincount(seen, minlength=len(binned) + 1)[1:].astype(np.float64) + 0.3
    shares = np.zeros(len(binned))
    shares[binned] = np.concatenate([rarity.chance for rarity in _rarities(comparer, field, levels)])
    shares *= min(1, 0.9 / shares.sum())
    shares[~binned] = counts[~binned] / counts[~binned].sum() * (1 - shares.sum())
    return shares


def _rarities(comparer: Comparer, field: str, levels: tuple[Level, ...]) -> list[Rarity]:
    """Return the rarity behind each binned level of a field."""
    return [comparer.rarities[level.name if field == "place" else field] for level in levels if level.binned]


def prior_weights(comparer: Comparer, chance: Table, pairs: int, everyone: float, rules: Learning) -> Weights:
    """Set out the classes as the rules believe them before any pair has been seen."""
    match = {field: _match_prior(comparer, field, levels) for field, levels in comparer.fields.items()}
    classes = {
        "match": match,
        "household": {f: _household(comparer, f, match[f], chance[f]) for f in match},
        "colleague": {f: _colleague(comparer, f, match[f], chance[f]) for f in match},
        "namesake": {f: _namesake(comparer, f, match[f], chance[f]) for f in match},
        "chance": chance,
    }
    shared = {"custom" for field in match if _is_shared(comparer, field)}
    mass = np.array(
        [_is_possible(name, shared.union(match)) * rules.first_mass * pairs for name in CLASSES[:-1]] + [everyone]
    )
    mass[0] *= rules.first_matches
    shares = {field: np.array([np.append(1.0, classes[name][field]) for name in CLASSES]) for field in match}
    return Weights(mass, shares, comparer.organisations)


def _is_possible(name: str, fields: set[str]) -> bool:
    """Say whether the data can show a class: a household needs last names and something shared, and so on."""
    contact = fields & {"email", "phone", "street", "place", "custom"}
    needs = {
        "household": bool("last_name" in fields and contact),
        "colleague": bool(fields & {"company", "phone", "email", "custom"}),
        "namesake": "last_name" in fields,
    }
    return needs.get(name, True)


def _match_prior(comparer: Comparer, field: str, levels: tuple[Level, ...]) -> NDArray[np.float64]:
    """Spread a field's table over its numbers: agreement falls on the bins as values do."""
    rarities = iter(_rarities(comparer, field, levels))
    parts = [level.share * _softened(next(rarities).share) if level.binned else [level.share] for level in levels]
    return np.concatenate(parts)


def _softened(share: NDArray[np.float64]) -> NDArray[np.float64]:
    """Leave no bin quite empty."""
    return _normalised(share + 1e-3)


def _household(
    comparer: Comparer, field: str, match: NDArray[np.float64], chance: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Say how two people of one household compare."""
    if field == "first_name":
        return _normalised(np.append(chance[:BINS] * 0.3, chance[BINS:] + SIBLING_NAMES))
    if field == "birthday":
        return _normalised(np.append(chance[:BINS] + 0.03 * match[:BINS], chance[BINS:]))
    if field in ("last_name", "alignment"):
        return match
    if field in ("street", "place"):
        return np.asarray(0.6 * match + 0.4 * chance)
    return _sharing(comparer, field, chance, {"email": 0.15, "phone": 0.35, "custom": 0.6})


def _colleague(
    comparer: Comparer, field: str, match: NDArray[np.float64], chance: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Say how two people of one company, or two of its sites, compare: sites are told apart by their streets."""
    if field == "alignment":
        return match
    if field == "company":
        return np.append(_by_many(comparer, field) * match[:BINS].sum(), match[BINS:])
    if field in ("street", "place"):
        share = 0.01 if field == "street" and comparer.organisations else 0.35
        return np.asarray(share * match + (1 - share) * chance)
    return _sharing(comparer, field, chance, {"email": 0.1, "phone": 0.35, "custom": 0.1})


def _namesake(
    comparer: Comparer, field: str, match: NDArray[np.float64], chance: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Say how two people of the same name compare: common names are likelier to be shared."""
    if field in ("first_name", "last_name"):
        return np.append(chance[:BINS] / chance[:BINS].sum() * match[:BINS].sum(), match[BINS:])
    if field == "alignment":
        return match
    if field == "email":
        return _sharing(comparer, field, chance, {"email": 0.02})
    return 0.97 * chance + 0.03 * match


def _sharing(
    comparer: Comparer, field: str, chance: NDArray[np.float64], shares: dict[str, float]
) -> NDArray[np.float64]:
    """Mix chance with what different people do share: switchboards, family mailboxes, campaigns, like addresses."""
    share = shares.get("custom" if _is_shared(comparer, field) else field)
    if share is None:
        return chance
    mixed = chance * (1 - share)
    mixed[:BINS] += _by_many(comparer, field) * share
    if field == "email":
        mixed[BINS : BINS + 3] += (0.01, 0.015, 0.008)
    return _normalised(mixed)


def _is_shared(comparer: Comparer, field: str) -> bool:
    """Say whether a field is a custom attribute that several people have in common, not a number of their own."""
    return field.startswith(CUSTOM_PREFIX) and not comparer.identifies(field)


def _by_many(comparer: Comparer, field: str) -> NDArray[np.float64]:
    """Spread agreement over the bins as values that several people hold are."""
    return _normalised(_softened(comparer.rarities[field].share) * SHARED_BY_MANY)


def _normalised(shares: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(shares / shares.sum())


def sharing_a_value(levels: Levels) -> Levels:
    """Return the pairs that agree in a field; strangers are counted already, no class is to be learned from them."""
    some = np.logical_or.reduce([agreed(values) for field, values in levels.items() if field != "alignment"])
    return {field: values[some] for field, values in levels.items()}


def learn(prior: Weights, levels: Levels, rules: Learning) -> Weights:
    """Fit the classes to the candidate pairs by expectation maximisation over counted patterns of levels.

    The prior tables count as `strength` times the class's own pairs, so that a class with few pairs stays near them.
    """
    patterns, _, counts = _patterns(levels)
    weights = prior
    for _ in range(rules.rounds):
        expected = np.exp(log_expected(weights, patterns))
        responsible = expected / expected.sum(axis=1, keepdims=True) * counts[:, None]
        weights = _refit(prior, responsible[:, :-1], patterns, rules)
    return weights


def _refit(prior: Weights, responsible: NDArray[np.float64], patterns: Levels, rules: Learning) -> Weights:
    """Set masses and shares to what the classes' pairs show, drawn toward the prior; chance stays as it is."""
    mass = responsible.sum(axis=0)
    strengths = np.array([rules.match_strength] + [rules.other_strength] * (len(mass) - 1))
    pseudo = strengths * np.maximum(mass, rules.least_count)
    shares = {}
    for field, table in prior.shares.items():
        if field == "alignment":
            shares[field] = table
            continue
        seen = np.stack([np.bincount(patterns[field], weights=r, minlength=table.shape[1]) for r in responsible.T])
        seen[:, 0] = 0
        fitted = seen + pseudo[:, None] * table[:-1]
        fitted[:, 1:] /= fitted[:, 1:].sum(axis=1, keepdims=True)
        fitted[0, 1:] = _at_most(fitted[0, 1:], rules.most_differing * table[0, 1:])
        fitted[:, 0] = 1
        shares[field] = np.vstack([fitted, table[-1]])
    return Weights(np.append(mass, prior.mass[-1]), shares, prior.organisations)


def _at_most(shares: NDArray[np.float64], most: NDArray[np.float64]) -> NDArray[np.float64]:
    """Hold the levels behind the bins down to a limit each and give what is taken to the others, as they stand."""
    behind = np.arange(len(shares)) >= len(shares) - len(shares) % BINS
    over = behind & (shares > most)
    held = np.where(over, most, shares)
    return np.where(over, held, held * (1 - held[over].sum()) / held[~over].sum())


def _patterns(levels: Levels) -> tuple[Levels, NDArray[np.intp], NDArray[np.float64]]:
    """List the distinct combinations of levels: (combinations, position of each pair's among them, how many each)."""
    pattern = np.zeros(len(next(iter(levels.values()))), np.uint64)
    for field in levels.values():
        size = np.uint64(int(field.max(initial=0)) + 1)
        if float(pattern.max(initial=0)) * float(size) > 2**62:
            pattern = np.unique(pattern, return_inverse=True)[1].astype(np.uint64)
        pattern = pattern * size + field
    _, first, inverse, counts = np.unique(pattern, return_index=True, return_inverse=True, return_counts=True)
    return {field: values[first] for field, values in levels.items()}, inverse, counts.astype(np.float64)


def log_expected(weights: Weights, levels: Levels) -> NDArray[np.float64]:
    """Return the log of how many pairs of each class to expect with these levels: (pairs, classes)."""
    total = np.tile(np.log(np.maximum(weights.mass, IMPOSSIBLE)), (len(next(iter(levels.values()))), 1))
    for field, values in levels.items():
        total += np.log(np.maximum(weights.shares[field], IMPOSSIBLE)).T[values]
    return total


def score(weights: Weights, levels: Levels) -> NDArray[np.float64]:
    """Return the log-odds (natural logarithm) that each pair is a match."""
    patterns, pattern, _ = _patterns(levels)
    expected = log_expected(weights, patterns)
    others = expected[:, 1:]
    highest = others.max(axis=1)
    odds = expected[:, 0] - highest - np.log(np.exp(others - highest[:, None]).sum(axis=1))
    return np.asarray(odds[pattern])


def evidence_alone(weights: Weights, levels: Levels) -> NDArray[np.float64]:
    """Return how much likelier the levels are for a match than for the best other explanation (natural logarithm).

    Unlike the score it does not ask how many pairs of each class there are: 0 where two records share no field.
    """
    patterns, pattern, _ = _patterns(levels)
    likely = log_expected(replace(weights, mass=np.ones(len(CLASSES))), patterns)
    return np.asarray((likely[:, 0] - likely[:, 1:].max(axis=1))[pattern])
