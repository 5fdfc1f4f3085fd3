"""Turn columns of text into columns of small numbers, and lists into slots.

A coded column is an int32 array holding, for each record, the position of its value among the distinct values, or
MISSING. Whatever is costly then runs once a distinct value instead of once a record.
"""

from typing import TypeAlias

import numpy as np
import polars as pl
from numpy.typing import NDArray

__all__ = ["MISSING", "Codes", "Flags", "coded", "coded_rows", "looked_up", "slotted"]

Codes: TypeAlias = NDArray[np.int32]
Flags: TypeAlias = NDArray[np.bool_]

MISSING = -1


def coded(texts: pl.Series) -> tuple[Codes, pl.Series]:
    """Return (code of each text, the distinct texts in order of appearance); a null or empty text is MISSING."""
    filled = texts.cast(pl.String).replace("", None)
    dictionary = filled.to_arrow(compat_level=pl.CompatLevel.oldest()).dictionary_encode()
    codes = dictionary.indices.fill_null(MISSING).to_numpy(zero_copy_only=False)
    return codes.astype(np.int32, copy=False), pl.Series(texts.name, dictionary.dictionary, dtype=pl.String)


def coded_rows(*columns: Codes) -> tuple[Codes, int]:
    """Number the distinct combinations of several coded columns: (code of each row, how many); MISSING if any is."""
    present = np.logical_and.reduce([column != MISSING for column in columns])
    key = np.zeros(int(present.sum()), np.uint64)
    for column in columns:
        size = np.uint64(int(column.max(initial=0)) + 1)
        key = key * size + column[present].astype(np.uint64)
    distinct, inverse = np.unique(key, return_inverse=True)
    codes = np.full(columns[0].shape, MISSING, np.int32)
    codes[present] = inverse.astype(np.int32)
    return codes, len(distinct)


def looked_up(table: NDArray[np.int32], codes: Codes) -> Codes:
    """Look up a per-value table for coded records; MISSING stays MISSING."""
    if not len(table):
        return np.full(codes.shape, MISSING, np.int32)
    return np.where(codes == MISSING, np.int32(MISSING), table[codes])


def slotted(record: NDArray[np.integer], codes: Codes, *, records: int, slots: int) -> Codes:
    """Lay out (record, code) rows, sorted by record, as a matrix of at most `slots` columns, MISSING where empty."""
    if not len(record):
        return np.full((records, 1), MISSING, np.int32)
    starts = np.searchsorted(record, np.arange(records))
    slot = np.arange(len(record)) - starts[record]
    width = min(slots, int(slot.max()) + 1)
    matrix = np.full((records, width), MISSING, np.int32)
    kept = slot < width
    matrix[record[kept], slot[kept]] = codes[kept]
    return matrix
