"""Numbers as people write them."""

import math

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.numbers import NOT_A_NUMBER, clean_numbers


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1200", 1200), ("-0.5", -0.5), ("+7", 7), (".5", 0.5), ("5.", 5), ("1,200", 1200), ("1,200.50", 1200.5),
        ("$1,200", 1200), ("€ 5", 5), ("1 200", 1200), ("1 200,5", 1200.5), ("1.200,50", 1200.5), ("12,5", 12.5),
        ("0,125", 0.125), ("(35)", -35), ("−3", -3), ("1e5", 100_000), ("1,234,567", 1_234_567),
        ("1.234.567,8", 1_234_567.8),
        ("1'200", 1200), ("USD 1,200", 1200), ("007", 7),
    ],
)  # fmt: skip
def test_numbers_are_read_as_written(text: str, number: float) -> None:
    assert clean_numbers(pl.Series([text])).row(0) == (number, None)


@pytest.mark.parametrize(
    "text", ["abc", "nan", "inf", "1e999", "12%", "1,2,3", "1.2.3", "--1", "12a", "#NUM!", "$", "-"]
)
def test_what_is_no_number_is_refused_with_its_reason(text: str) -> None:
    assert clean_numbers(pl.Series([text])).row(0) == (None, NOT_A_NUMBER)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_written_out_is_read_back(number: float) -> None:
    read = clean_numbers(pl.Series([repr(number)])).row(0)[0]
    assert math.isclose(read, number, rel_tol=1e-15)
