"""The timeline: who did what to which contact, and when (table `events`)."""

import json
from collections.abc import Mapping
from uuid import UUID

import duckdb
import polars as pl

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
    con.register("affected", contacts)
    con.execute(
        """
        INSERT INTO events BY NAME
        SELECT uuidv7() AS id, contact::UUID AS contact, $kind AS kind, $now AS created_at, $by::UUID AS created_by,
               $job::UUID AS job, $details::JSON AS details
        FROM affected
        """,
        {
            **writer.parameters(),
            "kind": kind,
            "job": job and str(job),
            "details": json.dumps(details, default=str) if details else None,
        },
    )
    con.unregister("affected")
