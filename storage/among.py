"""Name contacts in statements, so that DuckDB reads only their part of a table.

Tables of what is said of contacts lie in the order of the contacts' ids; a range of ids is read without the rest. Of
one contact the range says all there is, and DuckDB has no join to plan, which would take longer than the reading.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import duckdb
import polars as pl

from storage.rows import fetch_rows, read_rows

__all__ = ["Among", "among", "bounds_of"]


@dataclass(frozen=True)
class Among:
    """How statements name some contacts; those that say it take `bounds` as parameters."""

    con: duckdb.DuckDBPyConnection
    bounds: dict[str, object]
    is_one: bool

    def told(self, column: str) -> str:
        """Return the condition that a column of ids names one of the contacts."""
        near = f"{column} BETWEEN $low::UUID AND $high::UUID"
        return near if self.is_one else f"{near} AND {column} IN (SELECT contact::UUID FROM named_contacts)"

    def read(self, query: str, *, order: Sequence[str] = (), **parameters: object) -> pl.DataFrame:
        """Run a query that names the contacts; `order` are columns of the result, which it comes in the order of."""
        if self.is_one:  # to plan a sort takes DuckDB longer than the rest
            return fetch_rows(self.con, query, self.bounds | parameters, order=order)
        ordered = f"{query} ORDER BY {', '.join(order)}" if order else query
        return read_rows(self.con, ordered, self.bounds | parameters)


@contextmanager
def among(con: duckdb.DuckDBPyConnection, contacts: pl.DataFrame) -> Iterator[Among]:
    """Let the statements of the block name contacts [contact: str]."""
    named = Among(con, bounds_of(contacts), contacts.height == 1)
    if named.is_one:
        yield named
        return
    con.register("named_contacts", contacts.select("contact"))
    try:
        yield named
    finally:
        con.unregister("named_contacts")


def bounds_of(contacts: pl.DataFrame) -> dict[str, object]:
    """Return the parameters low and high, between which the ids of contacts [contact: str] lie."""
    return {"low": contacts["contact"].min(), "high": contacts["contact"].max()}
