"""Answer an analyst's own SQL, and nothing but answer: the database is read-only, the file system and network are shut.

Rows come out as plain Python values that JSON and CSV can say; JSON columns as what they contain.
"""

import json
import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import duckdb

from storage.errors import UsageError

__all__ = ["Answer", "ask"]

BATCH = 10_000


@dataclass(frozen=True)
class Answer:
    """The columns of a query (unique names) and its rows, read as they are asked for."""

    columns: tuple[str, ...]
    rows: Iterator[tuple[Any, ...]]


def ask(con: duckdb.DuckDBPyConnection, query: str) -> Answer:
    """Run one read-only query. The connection can do nothing else afterwards: files and settings stay locked.

    Raises: UsageError when it is not one statement, not right, or would change something.
    """
    con.execute("SET enable_external_access = false")
    con.execute("SET lock_configuration = true")
    try:
        con.execute(_single(con, query))
    except duckdb.Error as cause:
        raise _readable(cause) from cause
    described = con.description or []
    is_json = [str(kind) == "JSON" for _, kind, *_ in described]
    return Answer(_unique([str(name) for name, *_ in described]), _rows(con, is_json))


def _single(con: duckdb.DuckDBPyConnection, query: str) -> duckdb.Statement:
    statements = con.extract_statements(query)
    if len(statements) != 1:
        what = f"one query at a time, these are {len(statements)}" if statements else "the query is empty"
        raise UsageError(what, remedy='Pass a single query, such as "SELECT * FROM contacts_wide LIMIT 10".')
    return statements[0]


def _rows(con: duckdb.DuckDBPyConnection, is_json: list[bool]) -> Iterator[tuple[Any, ...]]:
    try:
        while batch := con.fetchmany(BATCH):
            for row in batch:
                yield tuple(_plain(value, parse=parse) for value, parse in zip(row, is_json, strict=True))
    except duckdb.Error as cause:
        raise _readable(cause) from cause


def _readable(cause: duckdb.Error) -> Exception:
    """Return what a person can act on: DuckDB's own words for a wrong query, no values of the data in them."""
    text = str(cause)
    if "read-only mode" in text:
        return UsageError("the query would change the database", remedy="`onecard sql` only reads.")
    if "disabled by configuration" in text or "configuration has been locked" in text:
        return UsageError(
            "the query reaches outside the database", remedy="`onecard sql` reads tables and views, not files."
        )
    if isinstance(cause, duckdb.ParserException | duckdb.BinderException | duckdb.CatalogException):
        return UsageError(text.rstrip())
    if isinstance(cause, duckdb.ConversionException | duckdb.InvalidInputException | duckdb.OutOfRangeException):
        return UsageError(re.sub(r"'[^']*'|\"[^\"]*\"", "…", text.splitlines()[0]))
    return cause


def _unique(names: list[str]) -> tuple[str, ...]:
    """Number repeated names (id, id_1): an object has room for each name once."""
    taken: dict[str, int] = {}
    unique: list[str] = []
    for name in names:
        candidate = name
        while candidate in taken:
            taken[name] += 1
            candidate = f"{name}_{taken[name]}"
        taken[candidate] = 0
        unique.append(candidate)
    return tuple(unique)


def _plain(value: Any, *, parse: bool = False) -> Any:
    """Return `value` as JSON can say it; `parse` reads JSON text."""
    if parse and isinstance(value, str):
        return json.loads(value)
    if value is None or isinstance(value, bool | int | str):
        return value
    return next((say(value) for kind, say in _SAYINGS if isinstance(value, kind)), str(value))


_SAYINGS: tuple[tuple[Any, Callable[[Any], Any]], ...] = (
    (float, lambda number: number if math.isfinite(number) else None),
    (Decimal, lambda number: int(number) if number == number.to_integral_value() else float(number)),
    (datetime | date | time, lambda moment: moment.isoformat()),
    (bytes, lambda blob: blob.hex()),
    (dict, lambda mapping: {str(key): _plain(item) for key, item in mapping.items()}),
    (list | tuple, lambda items: [_plain(item) for item in items]),
)
