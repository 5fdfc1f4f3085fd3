"""Put frames together and look for values in them, as often as not frames of one row.

polars hands most operations to threads of its own, which takes a tenth of a millisecond however small the frame, and a
join takes three of them. Where frames have the same keys in the same order, as of one contact and often of a million,
there is nothing to look up; few values are looked at one by one, and where few are looked for, each is compared.
"""

from collections.abc import Sequence
from functools import reduce
from operator import or_

import polars as pl

__all__ = ["beside", "is_any", "only", "where"]

FEW = 16


def beside(frame: pl.DataFrame, part: pl.DataFrame, *, on: str) -> pl.DataFrame:
    """Put a part beside the rows of a frame that it has the key of; it has each key once at most, and none is null."""
    if part[on].equals(frame[on]):
        return frame.hstack(part[[name for name in part.columns if name != on]])
    return frame.join(part, on=on, how="left", maintain_order="left")


def only(frame: pl.DataFrame, those: pl.DataFrame, *, on: str) -> pl.DataFrame:
    """Keep the rows of a frame whose key is among those."""
    if those[on].equals(frame[on]):
        return frame
    return frame.join(those, on=on, how="semi", maintain_order="left")


def where(frame: pl.DataFrame, holds: pl.Series) -> pl.DataFrame:
    """Keep the rows of which something holds; usually it holds of all or of none."""
    count = holds.sum()
    if count == frame.height:
        return frame
    if not count:
        return frame.clear()
    if frame.height > FEW:
        return frame.filter(holds)
    return pl.DataFrame([column.filter(holds) for column in frame.get_columns()])


def is_any(column: pl.Series, values: Sequence[object] | pl.Series) -> pl.Series:
    """Say which values of a column are any of some; there is no null."""
    if column.len() <= FEW:
        named = {*values}
        return pl.Series([value in named for value in column], dtype=pl.Boolean)
    if len(values) > FEW:
        return column.is_in(pl.Series(values, dtype=column.dtype).implode())
    none = pl.Series([False]).new_from_index(0, column.len())
    return reduce(or_, (column == value for value in values), none)
