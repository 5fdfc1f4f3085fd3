"""`onecard serve` as a process: it answers beside imports and queries, and ends cleanly."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from uuid import UUID

import httpx
import pytest

from flows.web import running_jobs
from storage.database import open_database
from storage.indexing import FEW, index_is_current
from storage.jobs import find_job, queue_job, start_job
from storage.sharing import shared_database

ONECARD = [sys.executable, "-m", "flows.cli"]


@contextmanager
def served(folder: Path, *options: str) -> Iterator[tuple["subprocess.Popen[str]", httpx.Client]]:
    command = [*ONECARD, "serve", "--port", "0", "--json", "--quiet", *options]
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            with httpx.Client(base_url=json.loads(server.stdout.readline())["url"], timeout=60) as client:
                yield server, client
        finally:
            server.terminate()


def onecard(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([*ONECARD, *arguments], cwd=folder, capture_output=True, text=True, check=False)


def test_imports_and_queries_go_on_beside_it_and_no_request_fails(tmp_path: Path) -> None:
    kinds = {"First": "first_name", "Last": "last_name", "Email": "email"}
    mapping = {column: {"attribute_type": kind} for column, kind in kinds.items()}
    (tmp_path / "mapping.json").write_text(json.dumps(mapping), "utf-8")
    for number in range(3):
        rows = "".join(f"First{n},Last{n},p{number}-{n}@example.com\n" for n in range(200))
        (tmp_path / f"{number}.csv").write_text("First,Last,Email\n" + rows, "utf-8")
    with served(tmp_path) as (_, client), ThreadPoolExecutor(4) as threads:
        stop: list[bool] = []

        def ask(_: int) -> set[int]:
            statuses = set()
            while not stop:
                statuses.add(client.get("/contacts", params={"limit": 2}).status_code)
            return statuses

        asking = [threads.submit(ask, number) for number in range(4)]
        try:
            done = [onecard(tmp_path, "import", f"{number}.csv", "--mapping", "mapping.json") for number in range(3)]
            done.append(onecard(tmp_path, "sql", "SELECT count(*) FROM contacts"))
        finally:
            stop.append(True)
        assert [run.returncode for run in done] == [0] * 4, [run.stderr for run in done]
        assert [asked.result() for asked in asking] == [{200}] * 4
        assert client.get("/contacts", params={"limit": 2}).json()["info"]["total"] == 600


def test_the_index_is_built_anew_after_an_import_of_another_process_and_after_a_job(tmp_path: Path) -> None:
    mapping = {"First": {"attribute_type": "first_name"}}
    (tmp_path / "mapping.json").write_text(json.dumps(mapping), "utf-8")
    files = {}
    for name in ("theirs", "ours"):
        files[name] = tmp_path / f"{name}.csv"
        files[name].write_text("First\n" + "".join(f"{name} {n}\n" for n in range(FEW + 1)), "utf-8")
    with served(tmp_path) as (_, client):
        assert onecard(tmp_path, "import", str(files["theirs"]), "--mapping", "mapping.json").returncode == 0
        assert client.get("/contacts", params={"limit": 1}).json()["info"]["total"] == FEW + 1
        while not _is_index_current(tmp_path):
            pass
        upload = client.post("/contacts/upload", files={"file": files["ours"].open("rb")}).json()["data"]
        assert client.post("/contacts/import.csv", json={"file_id": upload["id"], "mappings": mapping}).is_success
        while json.loads(onecard(tmp_path, "jobs", "--json").stdout)["jobs"][0]["state"] != "done":
            pass
        while not _is_index_current(tmp_path):
            pass
        assert client.get("/contacts", params={"limit": 1}).json()["info"]["total"] == 2 * (FEW + 1)


def _is_index_current(folder: Path) -> bool:
    with open_database(folder / "onecard.duckdb", read_only=True, wait_s=30) as db:
        return index_is_current(db.con)


def test_a_job_of_a_killed_process_is_failed_when_it_starts(tmp_path: Path) -> None:
    with open_database(tmp_path / "onecard.duckdb") as db:
        start_job(db.con, "import", by=db.user, brand=db.brand, arguments={}, file=None, now=datetime.now(UTC))
    with served(tmp_path):
        listed = json.loads(onecard(tmp_path, "jobs", "--json").stdout)["jobs"]
    assert [(job["state"], "interrupted" in job["error"]) for job in listed] == [("failed", True)]


def test_a_job_is_run_when_another_process_that_kept_the_database_is_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flows.web.RETRY_S", 0)
    path, told = tmp_path / "onecard.duckdb", Event()
    with shared_database(path, wait_s=0.1) as shared, ExitStack() as running:
        with shared.writing() as db:
            asked: dict[str, list[str]] = {"clusters": []}
            job = queue_job(db.con, "merge", by=db.user, brand=db.brand, arguments=asked, now=datetime.now(UTC))
        with open_database(path, wait_s=30):
            running.enter_context(running_jobs(shared, told=lambda _: told.set()))
            told.wait()
        while _state(path, job) == "queued":
            pass


def _state(path: Path, job: UUID) -> str:
    with open_database(path, read_only=True, wait_s=30) as db:
        return find_job(db.con, str(job)).state


def test_who_asks_for_a_web_socket_is_answered_as_anybody(tmp_path: Path) -> None:
    wanted = {"connection": "upgrade", "upgrade": "websocket", "sec-websocket-version": "13"}
    with served(tmp_path) as (server, client):
        asked = client.get("/contacts", headers={**wanted, "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ=="})
        server.terminate()
        assert (asked.status_code, server.communicate()[1]) == (200, "")


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_and_leaves_the_database_whole(tmp_path: Path, how: signal.Signals) -> None:
    with served(tmp_path) as (server, client):
        assert client.get("/contacts").status_code == 200
        server.send_signal(how)
        out, err = server.communicate()
    assert (server.returncode, out, err) == (0, "", "")
    assert not (tmp_path / "onecard.duckdb.wal").exists()
    assert onecard(tmp_path, "doctor").returncode == 0


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--host", "0.0.0.0"], "needs tokens"),
        (["--host", "0.0.0.0", "--tokens", "missing.txt"], "missing.txt: the tokens cannot be read"),
        (["--tokens", "empty.txt"], "there are no tokens"),
        (["--host", "256.0.0.1"], "tokens"),
        (["--tokens", "one.txt", "--host", "256.0.0.1"], "cannot be served on"),
        (["--port", "70000"], "70000"),
    ],
)
def test_what_cannot_be_served_is_a_wrong_usage(tmp_path: Path, options: list[str], said: str) -> None:
    (tmp_path / "empty.txt").write_text("# nobody yet\n", "utf-8")
    team = "3f2b6c1e-0000-4000-8000-000000000001"
    (tmp_path / "one.txt").write_text(f"{'t' * 40} {team} {team}\n", "utf-8")
    run = onecard(tmp_path, "serve", *options)
    assert (run.returncode, run.stdout) == (2, "")
    assert said in run.stderr


def test_a_port_that_is_taken_is_said_to_be_so(tmp_path: Path) -> None:
    with served(tmp_path) as (_, client):
        run = onecard(tmp_path, "serve", "--port", str(client.base_url.port))
    assert run.returncode == 2
    assert "in use" in run.stderr


def test_tokens_of_a_file_are_asked_for(tmp_path: Path) -> None:
    token, team = "t" * 40, "3f2b6c1e-0000-4000-8000-000000000001"
    (tmp_path / "tokens.txt").write_text(f"{token} {team} {team}\n", "utf-8")
    with served(tmp_path, "--tokens", "tokens.txt") as (_, client):
        assert client.get("/contacts").status_code == 401
        assert client.get("/contacts", headers={"authorization": f"Bearer {token}"}).status_code == 200
