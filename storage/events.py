"""The timeline: who did what to which contact, and when (table `events`)."""

from uuid import UUID

import duckdb
import polars as pl

from storage.rows import insert_rows
from storage.writing import Writer

__all__ = ["record_events"]


def record_events(
    con: duckdb.DuckDBPyConnection,
    kind: str,
    contacts: pl.DataFrame,
    writer: Writer,
    *,
    job: UUID | None = None,
) -> None:
    """Record that something of a kind (created, updated, deleted …) was done to contacts [contact: str].

    Particulars of each, as JSON without values of anybody's data, may stand beside it in a column `details`.
    """
    same = {
        "kind": kind,
        "created_at": writer.now,
        "created_by": str(writer.by),
        "job": job and str(job),
    }
    rows = contacts.select(name for name in ("contact", "details") if name in contacts.columns)
    insert_rows(con, "events", rows, same=same, made={"id": "uuidv7()"})
