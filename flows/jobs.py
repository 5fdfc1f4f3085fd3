"""Run the jobs that operations queued: imports and merges, each by the same pipeline as its command.

A job is taken (queued → running), run, and left done or failed with its report or error; what goes wrong in one does
not keep the next from running.
"""

import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

from api_export.summarising import Progress, silent
from flows.importing import ImportSettings, import_file
from flows.options import is_interrupt
from flows.pipeline import clusters_that_stand, merge_contacts
from storage.database import Database, database_errors, transaction
from storage.errors import OnecardError, unexpected
from storage.files import find_upload
from storage.jobs import Job, begin_job, fail_interrupted_jobs, fail_job, queued_jobs

__all__ = ["run_queued"]


def run_queued(db: Database, *, now: datetime, on_progress: Progress = silent) -> list[OnecardError]:
    """Run every job that waits, the longest waiting first; returns what failed ones failed of.

    Jobs of processes that ended while running them are marked as failed first. A fault of onecard's own fails its job
    too, and is raised.
    """
    failed: list[OnecardError] = []
    with transaction(db.con):
        fail_interrupted_jobs(db.con, now=now)
    for job in queued_jobs(db.con):
        with transaction(db.con):
            is_taken = begin_job(db.con, job.id, now=now)
        if is_taken:
            home = replace(db, user=job.created_by or db.user, brand=job.brand or db.brand)
            try:
                with database_errors(db.path):
                    _run(home, job, now, on_progress)
            except OnecardError as error:
                _record_failure(db, job, str(error), now)
                failed.append(error)
            except Exception as error:
                if not is_interrupt(error):
                    _record_failure(db, job, unexpected(error), now)
                raise
    return failed


def _record_failure(db: Database, job: Job, error: str, now: datetime) -> None:
    with transaction(db.con):
        fail_job(db.con, job.id, error, now=now)


def _run(db: Database, job: Job, now: datetime, on_progress: Progress) -> None:
    if job.kind == "merge":
        _merge(db, job, now, on_progress)
    else:
        _import(db, job, now, on_progress)


def _merge(db: Database, job: Job, now: datetime, on_progress: Progress) -> None:
    clusters = [
        (UUID(cluster["parent"]), [UUID(sub) for sub in cluster["sub_contacts"]])
        for cluster in job.arguments["clusters"]
    ]
    standing, left_out = clusters_that_stand(db, clusters)
    merge_contacts(db, standing, by=db.user, now=now, queued=job.id, left_out=left_out, on_progress=on_progress)


def _import(db: Database, job: Job, now: datetime, on_progress: Progress) -> None:
    asked = job.arguments
    file = find_upload(db.con, db.path, UUID(asked["file_id"]), by=None)
    owner = UUID(asked["owner"]) if asked.get("owner") else None
    with TemporaryDirectory(prefix="onecard-") as folder:
        mapping = Path(folder) / "mappings"
        mapping.write_text(json.dumps({"mappings": asked.get("mappings", {})}), encoding="utf-8")
        settings = ImportSettings(mapping=str(mapping) if "mappings" in asked else None, owner=owner)
        import_file(db, file, settings, now=now, queued=job.id, on_progress=on_progress)
