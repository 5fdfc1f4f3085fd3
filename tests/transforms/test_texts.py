"""Plain text: kept as sent, but for the error cells of spreadsheets."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.texts import ERROR_CELL, HAS_NUL, clean_texts


@pytest.mark.parametrize(
    "text",
    ["#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#SPILL!", "#ERROR!", "########", "Err:508"],
)
def test_error_cells_of_spreadsheets_are_refused(text: str) -> None:
    assert clean_texts(pl.Series([text])).row(0) == (text, ERROR_CELL)


@pytest.mark.parametrize("text", ["#hashtag", "# 5", "Apt #4", "#N/A yet", "N/A", "Err:", "a\x01b", "line\nline", "#"])
def test_everything_else_is_kept_as_sent(text: str) -> None:
    assert clean_texts(pl.Series([text])).row(0) == (text, None)


@pytest.mark.parametrize("text", ["a\x00b", "\x00", "#N/A\x00"])
def test_a_nul_is_refused(text: str) -> None:
    assert clean_texts(pl.Series([text])).row(0) == (text, HAS_NUL)


@given(st.lists(st.text()))
def test_text_is_never_changed(texts: list[str]) -> None:
    assert clean_texts(pl.Series(texts, dtype=pl.String))["text"].to_list() == texts
