"""Say why a pair was weighed as it was: each field's level and what it is worth in bits.

Bits are base-2 logarithms of how much likelier the level is for one person than for the best other explanation of the
pair (household, colleague, namesake or chance); they and the prior add up to the weight, but for the explanations that
were not the best.
"""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from dedup.agreeing import Levels
from dedup.comparer import Comparer, level_names
from dedup.records import CUSTOM_PREFIX
from dedup.weighing import CLASSES, IMPOSSIBLE, Weights, log_expected

__all__ = ["REASONS", "other_explanations", "reasons"]

EVIDENCE = pl.List(pl.Struct({"field": pl.String, "level": pl.String, "bits": pl.Float32}))
REASONS: dict[str, pl.DataType] = {"otherwise": pl.String(), "evidence": EVIDENCE}


def other_explanations(weights: Weights, levels: Levels) -> NDArray[np.intp]:
    """Return for each pair the class (position in CLASSES) that explains it best if it is not a match."""
    return np.asarray(log_expected(weights, levels)[:, 1:].argmax(axis=1) + 1)


def reasons(comparer: Comparer, weights: Weights, levels: Levels) -> pl.DataFrame:
    """Return the evidence of each pair.

    Returns: [otherwise: str (household, colleague, namesake or chance), evidence: list of {field, level, bits}],
    strongest
    evidence first; fields missing on a side are left out.
    """
    other = other_explanations(weights, levels)
    parts = [
        _of_field(field, level_names(comparer.fields[field]), weights.shares[field], values, other)
        for field, values in levels.items()
    ]
    rows = pl.concat(parts).sort("pair", pl.col("bits").abs(), "field", descending=[False, True, False])
    listed = rows.group_by("pair", maintain_order=True).agg(pl.struct("field", "level", "bits").alias("evidence"))
    names = pl.Series("otherwise", CLASSES, dtype=pl.String).gather(other)
    every = pl.DataFrame({"pair": np.arange(len(other), dtype=np.int32), "otherwise": names})
    return every.join(listed, on="pair", how="left", maintain_order="left").select(
        "otherwise", pl.col("evidence").fill_null(pl.lit([], dtype=EVIDENCE))
    )


def _of_field(
    field: str, names: list[str], shares: NDArray[np.float64], values: NDArray[np.uint8], other: NDArray[np.intp]
) -> pl.DataFrame:
    """List the pairs that have evidence in a field: [pair: i32, field, level: str, bits: f32]."""
    pair = np.flatnonzero(values)
    level = values[pair]
    known = np.maximum(shares, IMPOSSIBLE)
    bits = np.log2(known[0, level]) - np.log2(known[other[pair], level])
    return pl.DataFrame(
        {
            "pair": pair.astype(np.int32),
            "field": pl.repeat(field.removeprefix(CUSTOM_PREFIX), len(pair), eager=True),
            "level": pl.Series(names, dtype=pl.String).gather(level),
            "bits": bits.astype(np.float32),
        }
    )
