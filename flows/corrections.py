"""Files of corrected rejects: they are read as the import was that their rows come from.

A few rows cannot say in which order their dates are, nor always what their columns mean, so what that import found out
holds for them too, and what it was told, unless something else is said.
"""

from uuid import UUID

import polars as pl

from storage.corrections import ORIGIN_COLUMN
from storage.database import Connection
from storage.errors import UsageError
from storage.jobs import Job, find_job
from storage.staging import sample_rows
from transforms.reading import ContactBody, CsvFile, Sheet

__all__ = ["corrected_job"]


def corrected_job(con: Connection, table: CsvFile | Sheet | ContactBody, *, brand: UUID) -> Job | None:
    """Find the job of a brand whose rejects a file has; None when it has none, or those of several jobs."""
    jobs = _origins(table).drop_nulls().str.extract("^([0-9a-f-]{36}):").unique()
    if jobs.len() != 1 or jobs[0] is None:
        return None
    try:
        job = find_job(con, jobs[0])
    except UsageError:  # of another database
        return None
    return job if job.brand == brand else None


def _origins(table: CsvFile | Sheet | ContactBody) -> pl.Series:
    if isinstance(table, ContactBody):
        bodies = table.contacts["body"]
        return bodies.filter(bodies.str.contains(f'"{ORIGIN_COLUMN}"', literal=True)).str.json_path_match(
            f"$.{ORIGIN_COLUMN}"
        )
    if ORIGIN_COLUMN not in table.columns:
        return pl.Series(dtype=pl.String)
    return sample_rows(table, rows=table.rows)[ORIGIN_COLUMN]
