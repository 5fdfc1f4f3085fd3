"""Explain one pair: field by field what agrees, how rare it is, what it is worth, and what would change the verdict.

Bits are base-2 logarithms: 10 bits are a thousand to one. Each field's bits are given against every other
explanation of the pair; the running total is against the best of them.
"""

from dataclasses import asdict, dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from dedup.agreeing import Levels
from dedup.comparer import Comparer, comparer_of, level_names
from dedup.comparing import compare
from dedup.doubting import doubted
from dedup.guarding import NEVER, guarded
from dedup.rarity import BINS, CEILINGS
from dedup.records import CUSTOM_PREFIX, code_records, in_order
from dedup.results import probability_of
from dedup.rules import Level, Rules
from dedup.weighing import CLASSES, Weights, log_expected, score
from storage.errors import UsageError

__all__ = ["Explanation", "FieldEvidence", "WhatIf", "explain", "held_by"]

SHOWN = {"email": "emails", "phone": "phones", "street": "addresses", "place": "addresses"}


@dataclass(frozen=True)
class FieldEvidence:
    """What one field says: both values, the level, how many people hold a shared value, bits against each class."""

    field: str
    left: str
    right: str
    level: str
    held_by: str
    bits: dict[str, float]
    total: float


@dataclass(frozen=True)
class WhatIf:
    """What the probability would be if a field that is missing on a side agreed, or differed."""

    field: str
    if_same: float
    if_different: float


@dataclass(frozen=True)
class Explanation:
    """Why two contacts are taken to be one person or two.

    `guard`: a rule forbids it whatever agrees. `doubt`: it would take a third contact to join them.
    """

    left: str
    right: str
    probability: float
    weight: float
    otherwise: str
    prior: dict[str, float]
    evidence: tuple[FieldEvidence, ...]
    would_change: tuple[WhatIf, ...]
    guard: bool
    doubt: bool

    def as_dict(self) -> dict[str, object]:
        """Return it as plain data, for JSON."""
        return asdict(self)

    def as_text(self) -> str:
        """Write it for a person to read."""
        lines = [f"{'':24}{'level':18}{'held by':>12}{'bits':>8}{'total':>8}"]
        lines.append(f"{'before any evidence':24}{'':18}{'':12}{self.prior[self.otherwise]:>8.1f}")
        lines += [_line(item, self.otherwise) for item in self.evidence]
        lines.append(
            f"probability {self.probability:.4f} ({self.weight:+.1f} bits); if not one person, then {self.otherwise}"
        )
        if self.guard:
            lines.append("never joined: parent and child, twins, a company and a person, or two cards that tell nobody")
        elif self.doubt:
            lines.append("not joined by this alone: two people of one home or firm may share as much")
        lines += [
            f"{item.field} missing: {item.if_same:.3f} if it agreed, {item.if_different:.3f} if it differed"
            for item in self.would_change
        ]
        return "\n".join(lines)


def _line(item: FieldEvidence, otherwise: str) -> str:
    head = f"{item.field:24}{item.level:18}{item.held_by:>12}{item.bits[otherwise]:>+8.1f}{item.total:>8.1f}"
    return f"{head}   {item.left} | {item.right}"


def explain(evidence: pl.DataFrame, *, rules: Rules, weights: Weights, left: str, right: str) -> Explanation:
    """Explain one pair of contacts with the weights a run has learned.

    Args: evidence of every contact, since rarity is counted over all; left and right are contact ids.
    Raises: UsageError when a contact is not among them.
    """
    records = code_records(in_order(evidence))
    comparer = comparer_of(records, rules)
    positions = [_position(records.ids, contact) for contact in sorted((left, right))]
    pair = np.array([positions], np.int32)
    levels = {field: level for field, level in compare(comparer, pair).items() if field in weights.shares}
    expected = log_expected(weights, levels)[0] / np.log(2)
    other = int(expected[1:].argmax()) + 1
    free = score(weights, levels)
    doubtful = doubted(comparer.fields, levels, free)
    odds = guarded(comparer, pair, doubtful)
    rows = [evidence.row(by_predicate=pl.col("contact") == records.ids[at], named=True) for at in positions]
    prior = np.log2(np.maximum(weights.mass, 1e-12))
    return Explanation(
        left=str(records.ids[positions[0]]),
        right=str(records.ids[positions[1]]),
        probability=float(probability_of(odds)[0]),
        weight=float(free[0] / np.log(2)),
        otherwise=CLASSES[other],
        prior={name: float(prior[0] - prior[number]) for number, name in enumerate(CLASSES) if number},
        evidence=_field_evidence(comparer, weights, levels, rows, other, float(prior[0] - prior[other])),
        would_change=_what_if(comparer, weights, levels),
        guard=bool(odds[0] <= NEVER),
        doubt=bool(doubtful[0] < free[0]),
    )


def _position(ids: pl.Series, contact: str) -> int:
    found = ids.index_of(contact)
    if found is None:
        raise UsageError(f"there is no living contact {contact}", remedy="`onecard duplicates` lists contacts by id.")
    return int(found)


def _field_evidence(
    comparer: Comparer, weights: Weights, levels: Levels, rows: list[dict[str, object]], other: int, total: float
) -> tuple[FieldEvidence, ...]:
    """List the fields both have, strongest first, with a running total that begins at the prior."""
    bits = {field: _bits(weights.shares[field], int(level[0])) for field, level in levels.items() if level[0]}
    found = []
    for field in sorted(bits, key=lambda name: -abs(bits[name][other])):
        total += float(bits[field][other])
        level = int(levels[field][0])
        found.append(
            FieldEvidence(
                field=field.removeprefix(CUSTOM_PREFIX),
                left=_shown(rows[0], field),
                right=_shown(rows[1], field),
                level=level_names(comparer.fields[field])[level],
                held_by=held_by(comparer.fields[field], level),
                bits={name: float(bits[field][number]) for number, name in enumerate(CLASSES) if number},
                total=total,
            )
        )
    return tuple(found)


def _bits(shares: NDArray[np.float64], level: int) -> NDArray[np.float64]:
    """Return how much likelier a level is for a match than for each class, in bits."""
    column = np.log2(np.maximum(shares[:, level], 1e-12))
    return np.asarray(column[0] - column)


def held_by(kinds: tuple[Level, ...], level: int) -> str:
    """Say how many people hold a value shared at a field's level; '' where the level is not agreement."""
    first = 1
    for kind in kinds:
        size = BINS if kind.binned else 1
        if kind.binned and first <= level < first + size:
            number = level - first
            least = 1 if number == 0 else CEILINGS[number - 1] + 1
            if number == len(CEILINGS):
                return f"over {least - 1}"
            return str(least) if least == CEILINGS[number] else f"{least}–{CEILINGS[number]}"
        first += size
    return ""


def _shown(row: dict[str, object], field: str) -> str:
    """Show a contact's own value of a field as it was imported."""
    value = row.get(SHOWN.get(field, field))
    if isinstance(value, list):
        return "; ".join(
            " ".join(v for v in item.values() if v) if isinstance(item, dict) else str(item) for item in value
        )
    if field == "birthday" and isinstance(value, int):
        return str(np.datetime64(value, "D"))
    return "" if value is None else str(value)


def _what_if(comparer: Comparer, weights: Weights, levels: Levels) -> tuple[WhatIf, ...]:
    """Weigh the pair again with each missing field agreeing in a rare value, and differing."""
    found = []
    for field, level in levels.items():
        if level[0] or field == "alignment":
            continue
        last = len(level_names(comparer.fields[field])) - 1
        changed = [score(weights, levels | {field: np.array([number], np.uint8)}) for number in (1, last)]
        same, different = (float(probability_of(odds)[0]) for odds in changed)
        found.append(WhatIf(field.removeprefix(CUSTOM_PREFIX), same, different))
    return tuple(sorted(found, key=lambda item: item.if_different - item.if_same))
