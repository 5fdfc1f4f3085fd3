"""Put frames together and in order, and look for values in them, as often as not frames of one row.

polars (measured with 2.1) hands most operations to threads of its own, which takes a tenth of a millisecond however
small the frame, and a join takes three of them. Where frames have the same keys in the same order, as of one contact
and often of a million, there is nothing to look up; few rows are looked at one by one, and where few values are looked
for, each is compared. What is done to few rows is what polars does to many.
"""

from collections.abc import Collection, Sequence
from functools import reduce
from operator import or_

import polars as pl

__all__ = ["FEW", "beside", "in_order", "is_any", "joined", "no_texts", "only", "where", "with_column"]

FEW = 16
"""So many rows are gone through before polars has woken its threads."""
COMPANY = "company"


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


def joined(frame: pl.DataFrame, others: pl.DataFrame, *, on: Sequence[str]) -> pl.DataFrame:
    """Put beside each row of a frame every other that has the same keys, null being one; those that meet none go.

    The frames have no other column in common.
    """
    if max(frame.height, others.height) > FEW:
        return frame.join(others, on=on, nulls_equal=True, maintain_order="left_right")
    keys = others[on].rows()
    pairs = [
        (place, other)
        for place, key in enumerate(frame[on].iter_rows())
        for other, its in enumerate(keys)
        if its == key
    ]
    rest = others[[name for name in others.columns if name not in on]]
    return _at(frame, [place for place, _ in pairs]).hstack(_at(rest, [other for _, other in pairs]))


def in_order(frame: pl.DataFrame, *names: str, descending: Collection[str] = ()) -> pl.DataFrame:
    """Put rows in the order of columns, in which nothing is null; those that are alike stay as they come."""
    if frame.height > FEW:
        return frame.sort(names, descending=[name in descending for name in names], maintain_order=True)
    places = [*range(frame.height)]
    for name in reversed(names):
        places.sort(key=frame[name].to_list().__getitem__, reverse=name in descending)
    return _at(frame, places)


def _at(frame: pl.DataFrame, places: Sequence[int]) -> pl.DataFrame:
    """The rows of a frame at some places."""
    if places == [*range(frame.height)]:
        return frame
    wanted = pl.Series(places, dtype=pl.UInt32)
    return pl.DataFrame([column[wanted] for column in frame.get_columns()])


def where(frame: pl.DataFrame, holds: pl.Series) -> pl.DataFrame:
    """Keep the rows of which something holds, not null; usually it holds of all or of none."""
    count = holds.sum()
    if count == frame.height:
        return frame
    if not count:
        return frame.clear()
    if frame.height > FEW:
        return frame.filter(holds)
    return pl.DataFrame([column.filter(holds) for column in frame.get_columns()])


def with_column(frame: pl.DataFrame, made: pl.Expr) -> pl.DataFrame:
    """Put in a frame what an expression makes of its columns.

    An expression that is alone polars hands to its threads, which share the rows; two that are to run in sequence it
    does not. So where rows are few the expression gets a second one for company.
    """
    if frame.height > FEW:
        return frame.with_columns(made)
    both = frame.with_columns_seq(made, pl.lit(None).alias(COMPANY))
    both.drop_in_place(COMPANY)
    return both


def no_texts(name: str, height: int) -> pl.Series:
    """A column of texts in which all is null."""
    return pl.Series(name, [None], pl.String).new_from_index(0, height)


def is_any(column: pl.Series, values: Sequence[object] | pl.Series) -> pl.Series:
    """Say which values of a column are any of some; there is no null."""
    if column.len() <= FEW:
        named = {*values}
        return pl.Series([value in named for value in column], dtype=pl.Boolean)
    if len(values) > FEW:
        return column.is_in(pl.Series(values, dtype=column.dtype).implode())
    none = pl.Series([False]).new_from_index(0, column.len())
    return reduce(or_, (column == value for value in values), none)
