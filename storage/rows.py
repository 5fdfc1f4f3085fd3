"""Insert rows into tables and read them: few rows in the way DuckDB plans sooner, many in the way it runs faster.

Few rows are sent as values of the statement, many as a table that it reads. When rows are fetched one by one a query is
planned once; it is planned twice when a frame is made of them. Parsing takes a tenth of a small statement's time, so a
statement is parsed once for all the times it is run.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from operator import itemgetter
from types import MappingProxyType
from typing import Any

import duckdb
import polars as pl

__all__ = ["epoch_us", "execute", "fetch_rows", "insert_rows", "new_ids", "read_rows", "run_for_rows"]

EPOCH, MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)
FEW = 8
MOST_PARSED, LONGEST_PARSED = 500, 2_000
"""So many statements, of so many characters at most, are kept parsed, which takes twenty times their text. What filters
ask for may be longer, and hardly ever comes twice."""
NOTHING: Mapping[str, object] = MappingProxyType({})
AS_THEY_ARE: Mapping[str, str] = MappingProxyType({})
_COLUMN = re.compile(r"\bw\.(\w+)")
_PARSED: dict[str, duckdb.Statement] = {}


def execute(
    con: duckdb.DuckDBPyConnection, statement: str, parameters: Mapping[str, object] | Sequence[object] = ()
) -> duckdb.DuckDBPyConnection:
    """Run one statement, parsed once for all the times it is run; values are parameters."""
    parsed = _PARSED.get(statement)
    if parsed is None:
        (parsed,) = con.extract_statements(statement)
        if len(_PARSED) >= MOST_PARSED:
            _PARSED.clear()
        if len(statement) <= LONGEST_PARSED:
            _PARSED[statement] = parsed
    return con.execute(parsed, parameters)


def insert_rows(
    con: duckdb.DuckDBPyConnection,
    table: str,
    rows: pl.DataFrame,
    *,
    same: Mapping[str, object] = NOTHING,
    made: Mapping[str, str] = AS_THEY_ARE,
) -> None:
    """Insert rows, whose columns are some of the table's, in their order.

    Args: same, columns that have one value in all rows; made, by column the SQL of what is written when it is not the
    value itself, for which `{}` stands; columns that the rows lack are made without one.
    """
    if rows.is_empty():
        return
    given = [*rows.columns, *same]
    names = [*given, *(name for name in made if name not in given)]
    quoted = [f'"{name}"' for name in names]
    into = f"INSERT INTO {table} ({', '.join(quoted)})"
    if rows.height <= FEW:
        row = f"({', '.join(made.get(name, '{}').format('?') for name in names)})"
        cells = [cell for cells in rows.rows() for cell in (*cells, *same.values())]
        execute(con, f"{into} VALUES {', '.join([row] * rows.height)}", cells)
        return
    values = ["?" if name in same else column for name, column in zip(names, quoted, strict=True)]
    columns = [made.get(name, "{}").format(value) for name, value in zip(names, values, strict=True)]
    with _registered(con, rows):
        con.execute(f"{into} SELECT {', '.join(columns)} FROM some_rows", [*same.values()])


def run_for_rows(
    con: duckdb.DuckDBPyConnection, statement: str, rows: pl.DataFrame, parameters: Mapping[str, object]
) -> None:
    """Run an UPDATE for each of some rows, whose columns it calls `w.name`; `{rows}` stands where FROM belongs.

    Parameters are named, and none as a column is.
    """
    if rows.height <= FEW:
        alone = _COLUMN.sub(r"$\1", statement.format(rows=""))
        for row in rows.iter_rows(named=True):
            execute(con, alone, row | dict(parameters))
        return
    with _registered(con, rows):
        con.execute(statement.format(rows="FROM some_rows w"), dict(parameters))


@contextmanager
def _registered(con: duckdb.DuckDBPyConnection, rows: pl.DataFrame) -> Iterator[None]:
    con.register("some_rows", rows)
    try:
        yield
    finally:
        con.unregister("some_rows")


def epoch_us(moment: datetime) -> int:
    """Count the microseconds since 1970, as DuckDB's function of that name does."""
    return (moment - EPOCH) // MICROSECOND


def new_ids(con: duckdb.DuckDBPyConnection, count: int) -> pl.Series:
    """Make ids (UUID version 7), ascending: [id: str]."""
    made, wanted = "SELECT uuidv7()::VARCHAR AS id FROM range($count)", {"count": count}
    if count > FEW:
        return read_rows(con, made, wanted)["id"].sort()
    return pl.Series("id", sorted(identity for (identity,) in execute(con, made, wanted).fetchall()), pl.String)


def fetch_rows(
    con: duckdb.DuckDBPyConnection, query: str, parameters: Mapping[str, object], *, order: Sequence[str] = ()
) -> pl.DataFrame:
    """Run a query whose rows are few; they come in the order of columns that are never null."""
    rows = execute(con, query, dict(parameters)).fetchall()
    schema = {name: _polars_type(kind) for name, kind, *_ in con.description or ()}
    if order:
        names = [*schema]
        rows.sort(key=itemgetter(*(names.index(name) for name in order)))
    return pl.DataFrame(rows, schema=schema, orient="row")


def read_rows(con: duckdb.DuckDBPyConnection, query: str, parameters: Mapping[str, object]) -> pl.DataFrame:
    """Run a query whose rows may be many."""
    rows: pl.DataFrame = con.sql(query, params=dict(parameters)).pl()
    return rows


def _polars_type(kind: Any) -> pl.DataType:
    match kind.id:
        case "list":
            ((_, of),) = kind.children
            return pl.List(_polars_type(of))
        case "struct":
            return pl.Struct({name: _polars_type(of) for name, of in kind.children})
    return _TYPES[kind.id]


_TYPES: Mapping[str, pl.DataType] = {
    "timestamp with time zone": pl.Datetime("us", "UTC"),
    "boolean": pl.Boolean(),
    "integer": pl.Int32(),
    "bigint": pl.Int64(),
    "double": pl.Float64(),
    "varchar": pl.String(),
}
