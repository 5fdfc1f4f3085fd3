"""What is done to few rows one by one is what polars does to many."""

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal, assert_series_equal

from storage import frames
from storage.frames import in_order, is_any, joined, where, with_column

START = datetime(2026, 5, 15, tzinfo=UTC)
SCHEMA = {
    "key": pl.String, "is_own": pl.Boolean, "number": pl.UInt32, "at": pl.Datetime("us", "UTC"),
    "list": pl.List(pl.Struct({"city": pl.String})),
}  # fmt: skip
ROW = st.tuples(
    st.sampled_from(["a", "b", "ß", "É"]),
    st.booleans(),
    st.integers(0, 3),
    st.integers(0, 2).map(lambda hours: START + timedelta(hours=hours)),
    st.none() | st.just([{"city": "x"}]),
)
ROWS = st.lists(ROW, max_size=frames.FEW + 2)


def _frame(rows: list[tuple[object, ...]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


@given(ROWS)
def test_rows_are_kept_and_ordered_as_by_polars(rows: list[tuple[object, ...]]) -> None:
    frame = _frame(rows)
    assert_frame_equal(where(frame, frame["is_own"]), frame.filter("is_own"))
    ordered = frame.sort("key", "is_own", "at", descending=[False, True, True], maintain_order=True)
    assert_frame_equal(in_order(frame, "key", "is_own", "at", descending={"is_own", "at"}), ordered)
    lowered = (pl.col("key").str.to_uppercase() + "!").alias("lowered")
    assert_frame_equal(with_column(frame, lowered), frame.with_columns(lowered))


@given(ROWS, ROWS)
def test_rows_meet_as_by_a_join(rows: list[tuple[object, ...]], others: list[tuple[object, ...]]) -> None:
    keys = ["key", "is_own"]
    nulled = pl.when(pl.col("number") > 0).then("key").alias("key")
    frame = _frame(rows).select(nulled, "is_own", "number", "list")
    met = _frame(others).select(nulled, "is_own", pl.col("at").alias("met_at"))
    expected = frame.join(met, on=keys, nulls_equal=True, maintain_order="left_right")
    assert_frame_equal(joined(frame, met, on=keys), expected)


@pytest.mark.parametrize("height", [0, 1, frames.FEW, frames.FEW + 1])
@pytest.mark.parametrize("values", [[], [1], [*range(0, 40, 3)]])
def test_values_are_found(height: int, values: list[int]) -> None:
    column = pl.Series([*range(height)], dtype=pl.UInt32)
    expected = pl.Series([number in values for number in range(height)], dtype=pl.Boolean)
    assert_series_equal(is_any(column, values), expected)
    assert_series_equal(is_any(column, pl.Series(values, dtype=pl.UInt32)), expected)
