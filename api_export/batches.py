"""Go through selected contacts a batch of positions at a time: memory stays bounded however many they are.

The ids of one batch usually lie together in the file; their range lets DuckDB skip the rest of a table.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import UUID

import polars as pl

from api_export.paging import Page
from storage.rows import fetch_rows, read_rows

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

__all__ = ["CHOSEN", "CHOSEN_CLUSTERS", "Chosen", "batches", "chosen_batches", "chosen_page", "rows"]

BATCH = 5_000
FEW = 100
CHOSEN = "chosen AS (SELECT * FROM selected_contacts WHERE position >= $start AND position < $stop)"
PAGED = """chosen AS (
    SELECT unnest(range(len($ids))) AS position, unnest($ids::UUID[]) AS id, unnest($places::BIGINT[]) AS place
)"""
CHOSEN_CLUSTERS = CHOSEN.replace("selected_contacts", "selected_clusters")


@dataclass(frozen=True)
class Chosen:
    """Some contacts: `chosen` [position, id, …] as a common table expression, what it is given, the range of ids.

    `count` is at most how many; `is_page` says that chosen has the `place` of each in the index too, which is current.
    """

    sql: str
    first: UUID | None
    last: UUID | None
    count: int
    parameters: Mapping[str, object] = field(default_factory=dict)
    is_page: bool = False

    def read(self, con: "duckdb.DuckDBPyConnection", query: str, **parameters: object) -> pl.DataFrame:
        """Run a query over `chosen`, which may name $first and $last, with about a row a contact."""
        statement = f"WITH {self.sql} {query}"
        given = {"first": self.first, "last": self.last, **self.parameters, **parameters}
        named = {name: value for name, value in given.items() if f"${name}" in statement}
        return fetch_rows(con, statement, named) if self.count <= FEW else read_rows(con, statement, named)


def chosen_page(page: Page) -> Iterator[Chosen]:
    """Choose the contacts of a page; nothing when there are none."""
    if page.contacts:
        ids, places = zip(*page.contacts, strict=True)
        parameters = {"ids": [str(identity) for identity in ids], "places": list(places)}
        yield Chosen(PAGED, min(ids), max(ids), len(ids), parameters, is_page=True)


def chosen_batches(
    con: "duckdb.DuckDBPyConnection", start: int, stop: int, *, table: str = "selected_contacts", scale: int = 1
) -> Iterator[Chosen]:
    """Cut the positions from start to stop into batches; narrow rows may come in larger ones, by `scale`."""
    size = BATCH * scale
    sql = CHOSEN.replace("selected_contacts", table)
    for low in range(start, stop, size):
        high = min(low + size, stop)
        span = f"SELECT min(id), max(id) FROM {table} WHERE position >= ? AND position < ?"
        first, last = con.execute(span, [low, high]).fetchall()[0]
        yield Chosen(sql, first, last, high - low, {"start": low, "stop": high})


def batches(
    con: "duckdb.DuckDBPyConnection", sql: str, start: int, stop: int, *, table: str, scale: int
) -> "Iterator[pa.RecordBatch]":
    """Run `sql` for each batch of positions; it names $start, $stop, $first and $last."""
    for chosen in chosen_batches(con, start, stop, table=table, scale=scale):
        yield from rows(con, sql, {"first": chosen.first, "last": chosen.last, **chosen.parameters})


def rows(con: "duckdb.DuckDBPyConnection", sql: str, parameters: Mapping[str, object]) -> "Iterator[pa.RecordBatch]":
    """Run a statement; batches without rows are left out."""
    for batch in con.sql(sql, params=dict(parameters)).to_arrow_reader(BATCH):
        if batch.num_rows:
            yield batch
