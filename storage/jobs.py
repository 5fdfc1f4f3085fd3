"""The journal of what was asked and what came of it: jobs, their reports, and what imports rejected.

A job is queued or started at once, then finished with its report or failed with its error. Rejects are read here for
lists and for files to correct; the import writes them.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import duckdb
import polars as pl

from storage.errors import UsageError

__all__ = [
    "Job",
    "begin_job",
    "count_reasons",
    "fail_interrupted_jobs",
    "fail_job",
    "find_job",
    "finish_job",
    "list_jobs",
    "queue_job",
    "queued_jobs",
    "read_reject_originals",
    "read_reject_rows",
    "read_rejects",
    "seen_from_outside",
    "start_job",
]

# Enough for "no space left" and its file, too little for a row of somebody's data to slip through whole.
LONGEST_ERROR = 500
INTERRUPTED = "it was interrupted: the process that ran it ended before it was done; ask for it again"


@dataclass(frozen=True)
class Job:
    """One job as listed: `arguments` is what was asked, `report` what came of it, `file` the imported one."""

    id: UUID
    kind: str
    state: str
    created_at: datetime
    finished_at: datetime | None
    created_by: UUID | None
    brand: UUID | None
    file: str | None
    arguments: dict[str, Any]
    report: dict[str, Any]
    error: str | None


def start_job(
    con: duckdb.DuckDBPyConnection,
    kind: str,
    *,
    by: UUID | None,
    brand: UUID | None,
    arguments: Mapping[str, Any],
    file: UUID | None,
    now: datetime,
    queued: UUID | None = None,
) -> UUID:
    """Record a job as running and return its id.

    Args: kind: import, undo, dedup, merge or unmerge; arguments: the settings it runs with, whatever JSON or str
    can say; queued: the job that asked for it before, which it then is.
    """
    if queued is not None:
        con.execute("UPDATE jobs SET file = coalesce(?, file) WHERE id = ?", [file, queued])
        return queued
    rows = con.execute(
        """
        INSERT INTO jobs (id, kind, state, created_at, started_at, created_by, brand, file, arguments)
        VALUES (uuidv7(), $kind, 'running', $now, $now, $by, $brand, $file, $arguments::JSON) RETURNING id
        """,
        {"kind": kind, "now": now, "by": by, "brand": brand, "file": file, "arguments": _as_json(arguments)},
    ).fetchall()
    return UUID(str(rows[0][0]))


def queue_job(
    con: duckdb.DuckDBPyConnection, kind: str, *, by: UUID, brand: UUID, arguments: Mapping[str, Any], now: datetime
) -> UUID:
    """Record a job that is to run later and return its id; the arguments are all it needs."""
    rows = con.execute(
        """
        INSERT INTO jobs (id, kind, state, created_at, created_by, brand, arguments)
        VALUES (uuidv7(), $kind, 'queued', $now, $by, $brand, $arguments::JSON) RETURNING id
        """,
        {"kind": kind, "now": now, "by": by, "brand": brand, "arguments": _as_json(arguments)},
    ).fetchall()
    return UUID(str(rows[0][0]))


def queued_jobs(con: duckdb.DuckDBPyConnection) -> list[Job]:
    """Return the jobs that wait to be run, the longest waiting first."""
    return [
        _job(row)
        for row in con.execute(f"{_SELECT_JOBS} WHERE j.state = 'queued' ORDER BY j.created_at, j.id").fetchall()
    ]


def begin_job(con: duckdb.DuckDBPyConnection, job: UUID, *, now: datetime) -> bool:
    """Take a queued job to run it; False when it is not queued any more."""
    taken = "UPDATE jobs SET state = 'running', started_at = ? WHERE id = ? AND state = 'queued' RETURNING id"
    return bool(con.execute(taken, [now, job]).fetchall())


def finish_job(
    con: duckdb.DuckDBPyConnection, job: UUID, report: Mapping[str, Any], *, now: datetime | None = None
) -> None:
    """Record that a job is done, and its report; `now` is the clock's when not given."""
    con.execute(
        "UPDATE jobs SET state = 'done', finished_at = ?, report = ?::JSON WHERE id = ?",
        [now or datetime.now(UTC), _as_json(report), job],
    )


def fail_job(con: duckdb.DuckDBPyConnection, job: UUID, error: str, *, now: datetime | None = None) -> None:
    """Record that a job failed and why; `now` is the clock's when not given."""
    con.execute(
        "UPDATE jobs SET state = 'failed', finished_at = ?, error = ? WHERE id = ?",
        [now or datetime.now(UTC), error[:LONGEST_ERROR], job],
    )


def fail_interrupted_jobs(con: duckdb.DuckDBPyConnection, *, now: datetime) -> None:
    """Record that jobs failed whose process ended before they did; the caller may write, so nobody else is running one.

    The lock of the database is held for as long as a job runs.
    """
    failed = "UPDATE jobs SET state = 'failed', finished_at = ?, error = ? WHERE state = 'running'"
    con.execute(failed, [now, INTERRUPTED])


def seen_from_outside(job: Job) -> Job:
    """Return a job as whoever opened the database to read may take it: one that is running cannot be alive.

    The process that ran it would hold the lock. It is recorded as failed when jobs are run the next time.
    """
    return replace(job, state="failed", error=INTERRUPTED) if job.state == "running" else job


def list_jobs(con: duckdb.DuckDBPyConnection, *, limit: int | None = None) -> list[Job]:
    """Return jobs, the latest first."""
    rows = con.execute(f"{_SELECT_JOBS} ORDER BY j.created_at DESC, j.id DESC LIMIT ?", [limit]).fetchall()
    return [_job(row) for row in rows]


def find_job(con: duckdb.DuckDBPyConnection, job: str) -> Job:
    """Return the job whose id is, or begins with, `job`.

    Raises: UsageError when none or several do.
    """
    rows = con.execute(
        f"{_SELECT_JOBS} WHERE starts_with(j.id::VARCHAR, lower(?)) ORDER BY j.created_at DESC LIMIT 2", [job.strip()]
    ).fetchall()
    if len(rows) == 1 and job.strip():
        return _job(rows[0])
    raise UsageError(
        f'{"several jobs begin" if rows else "no job begins"} with "{job}"', remedy="`onecard jobs` lists them."
    )


def read_rejects(con: duckdb.DuckDBPyConnection, job: UUID, *, limit: int | None = None) -> pl.DataFrame:
    """Return what a job rejected, in the order of the file.

    Returns: [row: i64, column_name: str?, attribute_type: str?, value: str?, reason: str, whole_row: bool]
    """
    rejects: pl.DataFrame = con.sql(
        """
        SELECT "row", column_name, attribute_type, value, reason, whole_row FROM import_rejects
        WHERE job = ? ORDER BY "row", column_name NULLS FIRST, reason LIMIT ?
        """,
        params=[job, limit],
    ).pl()
    return rejects


def read_reject_rows(con: duckdb.DuckDBPyConnection, job: UUID) -> pl.DataFrame:
    """Return all there is of a job's rejects, as `storage.recording.insert_rejects` takes them."""
    rejects: pl.DataFrame = con.sql(
        "SELECT * EXCLUDE (job) REPLACE (original::VARCHAR AS original, contact::VARCHAR AS contact) "
        "FROM import_rejects WHERE job = ?",
        params=[job],
    ).pl()
    return rejects


def count_reasons(con: duckdb.DuckDBPyConnection, job: UUID) -> list[tuple[str, int]]:
    """Return why a job rejected rows and values, and how often: (column and reason, count), the commonest first."""
    return con.execute(
        """
        SELECT concat_ws(': ', column_name, reason) AS why, count(*) FROM import_rejects
        WHERE job = ? GROUP BY why ORDER BY count(*) DESC, why
        """,
        [job],
    ).fetchall()


def read_reject_originals(con: duckdb.DuckDBPyConnection, job: UUID) -> pl.DataFrame:
    """Return the rejected rows as they stood, one line each, to correct and import again.

    Returns: [row: i64, original: str (a JSON object), reason: str (every reason, joined by "; ")]
    """
    originals: pl.DataFrame = con.sql(
        """
        WITH reasons AS (
            SELECT DISTINCT "row", concat_ws(': ', column_name, reason) AS reason FROM import_rejects WHERE job = $job
        ), originals AS (
            SELECT "row", any_value(original)::VARCHAR AS original FROM import_rejects WHERE job = $job GROUP BY "row"
        )
        SELECT o."row", o.original, string_agg(r.reason, '; ' ORDER BY r.reason) AS reason
        FROM originals o JOIN reasons r USING ("row") WHERE o.original IS NOT NULL GROUP BY ALL ORDER BY o."row"
        """,
        params={"job": job},
    ).pl()
    return originals


_SELECT_JOBS = """
SELECT j.id, j.kind, j.state, j.created_at, j.finished_at, j.created_by, j.brand,
       coalesce(f.name, j.report ->> '$.file', j.arguments ->> '$.file'), j.arguments::VARCHAR,
       j.report::VARCHAR, j.error
FROM jobs j LEFT JOIN files f ON f.id = j.file
"""


def _job(row: tuple[Any, ...]) -> Job:
    id, kind, state, created_at, finished_at, created_by, brand, file, arguments, report, error = row
    asked, answered = json.loads(arguments or "{}"), json.loads(report or "{}")
    return Job(id, kind, state, created_at, finished_at, created_by, brand, file, asked, answered, error)


def _as_json(value: Mapping[str, Any]) -> str:
    return json.dumps(dict(value), default=str, ensure_ascii=False)
