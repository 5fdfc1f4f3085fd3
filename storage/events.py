"""The timeline: who did what to which contact, and when (table `events`)."""

import json
from collections.abc import Mapping
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
    details: Mapping[str, object] | None = None,
) -> None:
    """Record that something of a kind (created, updated, deleted …) was done to contacts [contact: str].

    `details` are particulars of all of them, without values of anybody's data.
    """
    same = {
        "kind": kind,
        "created_at": writer.now,
        "created_by": str(writer.by),
        "job": job and str(job),
        "details": json.dumps(details, default=str) if details else None,
    }
    insert_rows(con, "events", contacts.select("contact"), same=same, made={"id": "uuidv7()"})
