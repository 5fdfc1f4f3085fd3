"""A table found in a file becomes a query that gives the same rows each time, in the file's order."""

from pathlib import Path

import duckdb
import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.staging import FAULT_SCHEMA, CsvFile, Sheet, row_of, stage


def csv_file(path: Path, text: str, **changes: object) -> CsvFile:
    path.write_text(text, encoding="utf-8", newline="")
    settings = {
        "path": path,
        "delimiter": ",",
        "quote": '"',
        "columns": ("a", "b"),
        "rows": text.count("\n") - 1,
        "longest": max(map(len, text.splitlines())),
        "encoding": "utf-8",
        "faults": pl.DataFrame(schema=FAULT_SCHEMA),
    }
    return CsvFile(**(settings | changes))  # type: ignore[arg-type]


def rows_of(table: CsvFile | Sheet) -> list[tuple[str | None, ...]]:
    with duckdb.connect() as con:
        source = stage(con, table)
        assert con.sql(source.sql).columns == [f"c{number}" for number in range(len(table.columns))]
        assert set(con.sql(source.sql).types) == {"VARCHAR"}
        return con.sql(source.sql).fetchall()


def test_text_comes_as_it_stands_and_empty_cells_as_null(tmp_path: Path) -> None:
    table = csv_file(tmp_path / "a.csv", 'x,y\n 01 ,"a ""b"""\n,""\nNULL,1e3\n2020-01-02,true\n')
    assert rows_of(table) == [(" 01 ", 'a "b"'), (None, None), ("NULL", "1e3"), ("2020-01-02", "true")]


@pytest.mark.parametrize("delimiter", [";", "\t", "|", "'"])
def test_any_delimiter_and_quote_reach_the_scan(tmp_path: Path, delimiter: str) -> None:
    table = csv_file(tmp_path / "a.csv", f"x{delimiter}y\n1{delimiter}2\n", delimiter=delimiter)
    assert rows_of(table) == [("1", "2")]


def test_the_header_is_never_a_row_whatever_it_looks_like(tmp_path: Path) -> None:
    assert rows_of(csv_file(tmp_path / "a.csv", "1,2\n3,4\n")) == [("3", "4")]


def test_a_path_with_quotes_is_quoted(tmp_path: Path) -> None:
    assert rows_of(csv_file(tmp_path / "it's.csv", "x,y\n1,2\n")) == [("1", "2")]


def test_a_long_record_widens_the_scan_s_buffers(tmp_path: Path) -> None:
    cell = "x" * 5_000_000
    assert rows_of(csv_file(tmp_path / "a.csv", f"x,y\n1,{cell}\n3,4\n")) == [("1", cell), ("3", "4")]


def test_rows_keep_their_order_across_the_parts_that_are_scanned_at_once(tmp_path: Path) -> None:
    rows = "".join(f'{number},"line\nbreak {number}"\r\n' for number in range(200_000))
    table = csv_file(tmp_path / "a.csv", f"x,y\r\n{rows}", rows=200_000)
    with duckdb.connect() as con:
        found = con.sql(f"SELECT c0::INT AS c0, c1 FROM ({stage(con, table).sql})").pl()
    assert found.height == 200_000
    assert (found.get_column("c0") == pl.int_range(200_000, eager=True)).all()
    assert found.get_column("c1")[199_999] == "line\nbreak 199999"


def test_a_frame_is_registered_under_the_names_of_the_query() -> None:
    frame = pl.DataFrame({"E-mail": ["a", ""], 'the "name"': [None, " b"]}, schema_overrides={'the "name"': pl.String})
    assert rows_of(Sheet(frame, tuple(frame.columns), "xlsx")) == [("a", None), (None, " b")]


def test_two_sheets_can_be_staged_on_one_connection() -> None:
    first = Sheet(pl.DataFrame({"a": ["1"]}), ("a",), "json")
    second = Sheet(pl.DataFrame({"a": ["2"]}), ("a",), "json")
    with duckdb.connect() as con:
        sources = [stage(con, first), stage(con, second)]
        assert [con.sql(source.sql).fetchall() for source in sources] == [[("1",)], [("2",)]]


def test_faults_come_with_the_source(tmp_path: Path) -> None:
    faults = pl.DataFrame([(2, "too short", "x")], schema=FAULT_SCHEMA, orient="row")
    with duckdb.connect() as con:
        source = stage(con, csv_file(tmp_path / "a.csv", "x,y\n1,2\n", faults=faults))
        assert source.faults.equals(faults)


@given(st.lists(st.booleans()))
def test_good_rows_are_numbered_around_the_faults(is_good: list[bool]) -> None:
    numbers = np.arange(1, len(is_good) + 1)
    good, faulty = numbers[is_good], numbers[[not good for good in is_good]]
    faults = pl.DataFrame({"row": faulty, "reason": "", "original": ""}, schema=FAULT_SCHEMA)
    assert row_of(np.arange(1, len(good) + 1), faults).tolist() == good.tolist()
