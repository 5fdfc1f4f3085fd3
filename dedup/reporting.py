"""Shape what a run left for a report of it: what each level is worth, and how the evidence on a pair adds up."""

from typing import Any

import numpy as np
import polars as pl

from dedup.comparer import level_names
from dedup.explaining import held_by
from dedup.records import CUSTOM_PREFIX
from dedup.rules import Rules
from dedup.weighing import CLASSES, IMPOSSIBLE, Weights

__all__ = ["match_weights", "waterfalls"]


def match_weights(weights: Weights, rules: Rules) -> pl.DataFrame:
    """Return what every level of agreement is worth, as learned.

    Returns: [field, level, held_by: str (how many people hold the shared value, '' where none is shared), bits: f64
    (log2 of how much likelier the level is for one person than for strangers), share: f64 (of the level among one
    person's pairs)], in the order of the fields and levels.
    """
    parts = []
    for field, shares in weights.shares.items():
        kinds = rules.fields.get(field, rules.custom_levels)
        known = np.maximum(shares, IMPOSSIBLE)
        names = level_names(kinds)
        numbers = range(1, len(names))
        part = {
            "field": [field.removeprefix(CUSTOM_PREFIX)] * len(numbers),
            "level": names[1:],
            "held_by": [held_by(kinds, number) for number in numbers],
            "bits": np.log2(known[0, 1:]) - np.log2(known[CLASSES.index("chance"), 1:]),
            "share": shares[0, 1:],
        }
        parts.append(pl.DataFrame(part))
    return pl.concat(parts)


def waterfalls(pairs: pl.DataFrame, weights: Weights) -> pl.DataFrame:
    """Lay the evidence of pairs out as steps from the odds before any evidence to the weight.

    Args: pairs [left, right, weight, otherwise, evidence, …] as the run kept them.
    Returns: [pair: u32 (place in pairs), step: i64, label: str, bits, before, after: f64]. The first step is the odds
    before any evidence; the last, where it matters, what explanations other than the best take away.
    """
    prior = np.log2(np.maximum(weights.mass, IMPOSSIBLE))
    before = {name: float(prior[0] - prior[number]) for number, name in enumerate(CLASSES)}
    rows = [
        (place, step, label, bits)
        for place, pair in enumerate(pairs.iter_rows(named=True))
        for step, (label, bits) in enumerate(_steps(pair, before[pair["otherwise"]]))
    ]
    steps = pl.DataFrame(
        rows, {"pair": pl.UInt32, "step": pl.Int64, "label": pl.String, "bits": pl.Float64}, orient="row"
    )
    after = pl.col("bits").cum_sum().over("pair")
    return steps.with_columns(before=after - pl.col("bits"), after=after)


def _steps(pair: dict[str, Any], prior: float) -> list[tuple[str, float]]:
    """Return the steps of one pair: label and bits."""
    fields = [(f"{item['field']}: {item['level']}".replace("_", " "), item["bits"]) for item in pair["evidence"]]
    steps = [("before any evidence", prior), *fields]
    rest = pair["weight"] - sum(bits for _, bits in steps)
    return [*steps, ("other explanations", rest)] if abs(rest) >= 0.05 else steps
