"""Insert rows into tables and read them: few rows in the way DuckDB plans sooner, many in the way it runs faster.

Few rows are sent as values of the statement, many as a table that it reads. When rows are fetched one by one a query is
planned once; it is planned twice when a frame is made of them.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import duckdb
import polars as pl

__all__ = ["fetch_rows", "insert_rows", "new_ids", "read_rows"]

FEW = 8
AS_THEY_ARE: Mapping[str, str] = MappingProxyType({})


def insert_rows(
    con: duckdb.DuckDBPyConnection, table: str, rows: pl.DataFrame, *, made: Mapping[str, str] = AS_THEY_ARE
) -> None:
    """Insert rows, whose columns are some of the table's, in their order.

    Args: made, by column the SQL of what is written when it is not the value itself, for which `{}` stands; columns
    that the rows lack are made without one.
    """
    if rows.is_empty():
        return
    names = [*rows.columns, *(name for name in made if name not in rows.columns)]
    quoted = [f'"{name}"' for name in names]
    into = f"INSERT INTO {table} ({', '.join(quoted)})"
    if rows.height <= FEW:
        row = f"({', '.join(made.get(name, '{}').format('?') for name in names)})"
        con.execute(
            f"{into} VALUES {', '.join([row] * rows.height)}", [cell for cells in rows.rows() for cell in cells]
        )
        return
    con.register("rows_to_insert", rows)
    try:
        columns = [made.get(name, "{}").format(column) for name, column in zip(names, quoted, strict=True)]
        con.execute(f"{into} SELECT {', '.join(columns)} FROM rows_to_insert")
    finally:
        con.unregister("rows_to_insert")


def new_ids(con: duckdb.DuckDBPyConnection, count: int) -> list[str]:
    """Make ids (UUID version 7), ascending."""
    made = con.execute("SELECT uuidv7()::VARCHAR FROM range(?) ORDER BY 1", [count]).fetchall()
    return [identity for (identity,) in made]


def fetch_rows(con: duckdb.DuckDBPyConnection, query: str, parameters: Mapping[str, object]) -> pl.DataFrame:
    """Run a query whose rows are few."""
    rows = con.execute(query, dict(parameters)).fetchall()
    return pl.DataFrame(
        rows, schema={name: _polars_type(kind) for name, kind, *_ in con.description or ()}, orient="row"
    )


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
