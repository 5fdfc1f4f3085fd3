"""The timeline: who did what to which contact, and when (table `events`)."""

import json
from collections.abc import Mapping

import duckdb
import polars as pl

from storage.rows import insert_rows
from storage.writing import Writer

__all__ = ["NOBODY", "record_events"]

NOBODY = pl.DataFrame({"contact": [None]}, schema={"contact": pl.String})
"""What was done to no contact: to a tag or a definition itself."""


def record_events(
    con: duckdb.DuckDBPyConnection,
    kind: str,
    contacts: pl.DataFrame,
    writer: Writer,
    *,
    details: Mapping[str, object] | None = None,
) -> None:
    """Record that something of a kind (created, updated, deleted …) was done to contacts [contact: str?].

    `details` are particulars of all of them, without values of anybody's data; those of each stand beside it as
    JSON, in a column of that name.
    """
    same = {"kind": kind, "created_at": writer.now, "created_by": str(writer.by)}
    if "details" in contacts.columns:
        rows = contacts[["contact", "details"]]
    else:
        rows, same["details"] = contacts[["contact"]], details and json.dumps(details, default=str)
    insert_rows(con, "events", rows, same=same, made={"id": "uuidv7()"})
