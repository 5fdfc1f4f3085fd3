"""Run a statement over selected contacts a batch of positions at a time: memory stays bounded however many they are.

The ids of one batch usually lie together in the file; their range lets DuckDB skip the rest of a table.
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

__all__ = ["CHOSEN", "CHOSEN_CLUSTERS", "batches", "rows"]

BATCH = 20_000
CHOSEN = "chosen AS (SELECT * FROM selected_contacts WHERE position >= $start AND position < $stop)"
CHOSEN_CLUSTERS = CHOSEN.replace("selected_contacts", "selected_clusters")


def batches(
    con: "duckdb.DuckDBPyConnection",
    sql: str,
    start: int,
    stop: int,
    parameters: Mapping[str, object] | None = None,
    *,
    table: str = "selected_contacts",
    scale: int = 1,
) -> "Iterator[pa.RecordBatch]":
    """Run `sql` for each batch of positions from start to stop.

    Beside its own parameters it is given $start and $stop, and $first and $last: the range of ids it will meet. Narrow
    rows may come in larger batches, `scale` times the usual.
    """
    size = BATCH * scale
    for low in range(start, stop, size):
        high = min(low + size, stop)
        span = f"SELECT min(id), max(id) FROM {table} WHERE position >= ? AND position < ?"
        first, last = con.execute(span, [low, high]).fetchall()[0]
        yield from rows(con, sql, {"start": low, "stop": high, "first": first, "last": last, **(parameters or {})})


def rows(con: "duckdb.DuckDBPyConnection", sql: str, parameters: Mapping[str, object]) -> "Iterator[pa.RecordBatch]":
    """Run a statement; batches without rows are left out."""
    for batch in con.sql(sql, params=dict(parameters)).to_arrow_reader(BATCH):
        if batch.num_rows:
            yield batch
