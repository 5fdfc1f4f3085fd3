"""Jobs that operations queued are run once, by the pipeline of the commands, and say what came of them."""

import json
import signal
import subprocess
import sys
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import duckdb
import polars
import pytest

from api_export.answering import Request, answer
from api_export.operations.calls import Upload
from flows.cli import main
from flows.jobs import run_queued
from flows.pipeline import judge
from storage.database import Database, open_database
from storage.jobs import find_job, list_jobs

NOW = datetime(2026, 5, 15, tzinfo=UTC)
# Runs the command line, and says when a queued job is about to be run.
WAITING = """
import sys
from flows import jobs
jobs._run = lambda *_: (print("running", flush=True), sys.stdin.read())
from flows.cli import main
main(sys.argv[1:])
"""
MAPPINGS = {"First": {"attribute_type": "first_name"}, "Mail": {"attribute_type": "email"}}


def ask(db: Database, path: str, body: Any = None, upload: Path | None = None) -> Any:
    file = None if upload is None else Upload("../people.csv", upload)
    raw = b"" if body is None else json.dumps(body).encode()
    found = answer(db, Request("POST", path, (), raw, file), user=db.user, brand=None, now=NOW)
    assert found.status == 200, found.body
    return json.loads(found.body)["data"]


@pytest.fixture
def db(tmp_path: Path) -> Any:
    with open_database(tmp_path / "onecard.duckdb") as opened:
        yield opened


def uploaded(db: Database, folder: Path, text: str = "First,Mail\nAda,ada@example.org\nEve,nobody\n") -> str:
    file = folder / "sent"
    file.write_text(text, encoding="utf-8")
    kept = ask(db, "/contacts/upload", upload=file)
    assert (db.path.parent / kept["path"]).read_text(encoding="utf-8") == text
    assert kept["name"] == "people.csv"
    return str(kept["id"])


def test_an_import_waits_until_it_is_run_and_is_run_once(db: Database, tmp_path: Path) -> None:
    file = uploaded(db, tmp_path)
    job = ask(db, "/contacts/import.csv", {"file_id": file, "mappings": MAPPINGS})["job_id"]
    assert find_job(db.con, job).state == "queued"
    assert run_queued(db, now=NOW) == []
    done = find_job(db.con, job)
    assert (done.state, done.file, done.report["created"]) == ("done", "people.csv", 2)
    assert run_queued(db, now=NOW) == []
    assert len(list_jobs(db.con)) == 1


def test_what_fails_says_why_and_the_next_is_run(db: Database, tmp_path: Path) -> None:
    file = uploaded(db, tmp_path)
    wrong = ask(db, "/contacts/import.csv", {"file_id": file, "mappings": {"Nobody": {"attribute_type": "email"}}})
    right = ask(db, "/contacts/import.csv", {"file_id": file, "mappings": MAPPINGS})
    (error,) = run_queued(db, now=NOW)
    failed = find_job(db.con, wrong["job_id"])
    assert (failed.state, failed.error) == ("failed", str(error))
    assert find_job(db.con, right["job_id"]).state == "done"


def test_a_cluster_that_cannot_be_merged_any_more_is_left_out_and_the_others_are_merged(db: Database) -> None:
    names = [{"attributes": [{"attribute_type": "first_name", "text": name}]} for name in "abcdefg"]
    a, b, c, d, e, f, g = ask(db, "/contacts", {"contacts": names})
    sent = [{"parent": a, "sub_contacts": [b]}, {"parent": c, "sub_contacts": [d]}, {"parent": e, "sub_contacts": [f]}]
    first = ask(db, "/contacts/merge", {"clusters": sent})["job_id"]
    again = ask(db, "/contacts/merge", {"clusters": sent[:1]})["job_id"]
    ask(db, f"/contacts/{g}/merge", {"sub_contacts": [d]})
    judge(db, UUID(e), UUID(f), "different", by=db.user, now=NOW)
    assert run_queued(db, now=NOW) == []
    reports = [find_job(db.con, job).report for job in (first, again)]
    counts = ("merged", "sub_contacts", "left_out")
    assert [[report[count] for count in counts] for report in reports] == [[1, 1, 2], [0, 0, 1]]


@pytest.mark.parametrize(
    ("fault", "raised", "said"),
    [
        (ValueError("Ada"), ValueError, "something went wrong inside onecard (ValueError)"),
        (duckdb.IOException("No space left on device"), None, "the disk is full"),
        (polars.exceptions.ComputeError("KeyboardInterrupt"), polars.exceptions.ComputeError, None),
    ],
)
def test_a_fault_fails_its_job_unless_it_is_an_interrupt(
    db: Database, monkeypatch: pytest.MonkeyPatch, fault: Exception, raised: type[Exception] | None, said: str | None
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise fault

    monkeypatch.setattr("flows.jobs.import_file", fails)
    job = ask(db, "/contacts/import.json", {"contacts": [{"attributes": []}]})["job_id"]
    with pytest.raises(raised) if raised else nullcontext():
        run_queued(db, now=NOW)
    told = find_job(db.con, job)
    assert (told.state, said in str(told.error) if said else True) == ("failed" if said else "running", True)


def test_contacts_that_were_sent_are_imported_as_one_file(db: Database) -> None:
    sent = {"contacts": [{"attributes": [{"attribute_type": "first_name", "text": "Ada"}]}]}
    job = ask(db, "/contacts/import.json", sent)["job_id"]
    run_queued(db, now=NOW)
    assert find_job(db.con, job).report["created"] == 1
    assert db.con.sql("SELECT created_for FROM contacts").fetchall() == [("import_json",)]


def test_the_command_ends_as_the_job_it_queued(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("people.csv").write_text("First\nAda\n", encoding="utf-8")
    assert main(["api", "post", "/contacts/upload", "--upload", "people.csv"]) == 0
    file = json.loads(capfd.readouterr().out)["data"]["id"]
    Path("body.json").write_text(json.dumps({"file_id": file, "mappings": MAPPINGS}), encoding="utf-8")
    assert main(["api", "POST", "/contacts/import.csv", "--body", "body.json"]) == 4
    shown = capfd.readouterr()
    assert json.loads(shown.out)["data"]["job_id"]
    assert "Mail" in shown.err


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_a_job_of_a_process_that_was_killed_is_listed_as_failed(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], how: signal.Signals
) -> None:
    database, body = tmp_path / "onecard.duckdb", tmp_path / "body.json"
    body.write_text('{"contacts": [{"attributes": [{"attribute_type": "first_name", "text": "Ada"}]}]}', "utf-8")
    command = [sys.executable, "-c", WAITING, "--quiet", "--db", str(database)]
    command += ["api", "POST", "/contacts/import.json", "--body", str(body)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as runner:
        assert runner.stdout is not None
        assert runner.stdout.readline() == "running\n"
        runner.send_signal(how)
        runner.wait()
    with open_database(database, read_only=True) as db:
        assert [job.state for job in list_jobs(db.con)] == ["running"]
    for arguments, named in (([], "jobs"), ([str(_only_job(database))], None)):
        capfd.readouterr()
        assert main(["--db", str(database), "jobs", *arguments, "--json"]) == 0
        shown = json.loads(capfd.readouterr().out)
        (job,) = shown[named] if named else (shown,)
        assert (job["state"], job["error"].partition(":")[0]) == ("failed", "it was interrupted")


def _only_job(database: Path) -> str:
    with open_database(database, read_only=True) as db:
        (job,) = list_jobs(db.con)
    return str(job.id)
