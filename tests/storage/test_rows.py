"""Statements are kept parsed, but not without end, and give what they give when they are parsed anew."""

from collections.abc import Iterator

import duckdb
import pytest

from storage import rows
from storage.rows import execute


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        yield opened


def test_no_more_statements_are_kept_than_a_number(con: duckdb.DuckDBPyConnection) -> None:
    for number in range(rows.MOST_PARSED + 10):
        assert execute(con, f"SELECT ? + {number}", [1]).fetchall() == [(number + 1,)]
    assert len(rows._PARSED) <= rows.MOST_PARSED


def test_a_long_statement_is_not_kept(con: duckdb.DuckDBPyConnection) -> None:
    statement = f"SELECT '{'x' * rows.LONGEST_PARSED}'"
    assert execute(con, statement).fetchall() == [("x" * rows.LONGEST_PARSED,)]
    assert statement not in rows._PARSED


def test_a_statement_is_bound_anew_each_time(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("CREATE TABLE kept AS SELECT 1 AS value")
    assert execute(con, "SELECT * FROM kept").fetchall() == [(1,)]
    con.execute("ALTER TABLE kept ADD COLUMN more INTEGER DEFAULT 2")
    assert execute(con, "SELECT * FROM kept").fetchall() == [(1, 2)]
    with duckdb.connect() as other:
        other.execute("CREATE TABLE kept AS SELECT 'a' AS text")
        assert execute(other, "SELECT * FROM kept").fetchall() == [("a",)]
