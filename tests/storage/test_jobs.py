"""Jobs and rejects as the journal keeps them."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from storage.database import Database, open_database
from storage.errors import UsageError
from storage.jobs import (
    fail_interrupted_jobs,
    fail_job,
    find_job,
    finish_job,
    list_jobs,
    queue_job,
    read_reject_originals,
    read_rejects,
    start_job,
)

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    with open_database(tmp_path / "people.duckdb") as db:
        yield db


def start(db: Database, kind: str = "import", minutes: int = 0):
    now = NOW + timedelta(minutes=minutes)
    return start_job(db.con, kind, by=db.user, brand=db.brand, arguments={"path": Path("a.csv")}, file=None, now=now)


def test_a_job_runs_until_it_is_finished_with_its_report(db: Database) -> None:
    job = start(db)
    assert find_job(db.con, str(job)).state == "running"
    finish_job(db.con, job, {"rows": 3, "job_id": job}, now=NOW)
    found = find_job(db.con, str(job))
    assert (found.state, found.report, found.finished_at) == ("done", {"rows": 3, "job_id": str(job)}, NOW)
    assert found.arguments == {"path": "a.csv"}


def test_a_failed_job_says_why_and_not_more_than_500_characters(db: Database) -> None:
    job = start(db)
    fail_job(db.con, job, "x" * 10_000)
    found = find_job(db.con, str(job))
    assert found.state == "failed"
    assert found.error == "x" * 500


def test_only_jobs_that_ran_when_their_process_ended_are_failed(db: Database) -> None:
    interrupted, done = start(db), start(db)
    finish_job(db.con, done, {})
    waiting = queue_job(db.con, "import", by=db.user, brand=db.brand, arguments={}, now=NOW)
    fail_interrupted_jobs(db.con, now=NOW)
    assert [find_job(db.con, str(job)).state for job in (interrupted, done, waiting)] == ["failed", "done", "queued"]
    found = find_job(db.con, str(interrupted))
    assert found.finished_at == NOW
    assert "interrupted" in str(found.error)


def test_jobs_are_listed_latest_first(db: Database) -> None:
    jobs = [start(db, "dedup", minutes) for minutes in (2, 0, 1)]
    assert [job.id for job in list_jobs(db.con)] == [jobs[0], jobs[2], jobs[1]]
    assert len(list_jobs(db.con, limit=2)) == 2


def test_a_job_is_found_by_the_beginning_of_its_id_when_only_one_has_it(db: Database) -> None:
    job = start(db)
    assert find_job(db.con, str(job)[:-1].upper()).id == job
    for unknown in ("", "zz", str(uuid4())):
        with pytest.raises(UsageError):
            find_job(db.con, unknown)
    start(db)
    with pytest.raises(UsageError, match="several jobs"):
        find_job(db.con, str(job)[:6])


def test_rejects_come_in_the_order_of_the_file_and_once_a_row_with_their_originals(db: Database) -> None:
    job = start(db)
    db.con.execute(
        """
        INSERT INTO import_rejects
            (job, "row", column_name, attribute_type, value, reason, whole_row, original) VALUES
            ($job, 7, 'Born', 'birthday', '31/31', 'not a date', false, '{"Name": "Ann", "Born": "31/31"}'),
            ($job, 7, 'E-mail', 'email', 'ann@', 'not an e-mail address', false, '{"Name": "Ann", "Born": "31/31"}'),
            ($job, 2, NULL, NULL, NULL, 'nothing left', true, '{"Name": ""}'),
            (uuid(), 1, NULL, NULL, NULL, 'of another job', true, '{}')
        """,
        {"job": job},
    )
    assert read_rejects(db.con, job)["row"].to_list() == [2, 7, 7]
    assert read_rejects(db.con, job, limit=1).height == 1
    originals = read_reject_originals(db.con, job)
    assert originals["row"].to_list() == [2, 7]
    assert originals["reason"].to_list() == [
        "nothing left",
        "Born: not a date; E-mail: not an e-mail address",
    ]
