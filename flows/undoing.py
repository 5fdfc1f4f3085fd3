"""Take a whole import back, exactly, unless later work depends on it."""

import time
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from api_export.summarising import Progress, refresh_summaries, silent
from storage.database import Database, rolled_back, transaction
from storage.jobs import find_job, finish_job, start_job
from storage.undoing import undo_import as take_back

__all__ = ["UndoReport", "undo_import"]


@dataclass(frozen=True)
class UndoReport:
    """What came of an undo: `undone_job` is the import's job, `judgements` counts those that lapsed."""

    job_id: UUID
    undone_job: UUID
    file: str | None
    removed: int
    restored: int
    judgements: int
    seconds: float


def undo_import(
    db: Database, job: str, *, by: UUID, now: datetime, dry_run: bool = False, on_progress: Progress = silent
) -> UndoReport:
    """Undo the import whose job id is, or begins with, `job`; `dry_run` does it and takes that back.

    Raises: UsageError when there is no such import; ConflictError when later work depends on it.
    """
    started = time.perf_counter()
    on_progress("undoing", None)
    with (rolled_back if dry_run else transaction)(db.con):
        undone = find_job(db.con, job)
        arguments = {"job": undone.id}
        own = start_job(db.con, "undo", by=by, brand=db.brand, arguments=arguments, file=None, now=now)
        outcome = take_back(db.con, undone, now=now)
        refresh_summaries(db, outcome.contacts, on_progress=on_progress)
        report = UndoReport(
            own,
            undone.id,
            undone.file,
            outcome.removed,
            outcome.restored,
            outcome.judgements,
            round(time.perf_counter() - started, 3),
        )
        finish_job(db.con, own, vars(report))
    return report
