"""Senders of requests: every way an operation can be called.

A sender takes (method, path, body, query, upload) and gives the status and the answer's JSON; each acts for the
documented user and opens the database by itself, so a test builds its state in a `with open_database(database)` block
first. A new way to call is one more entry of SENDERS.
"""

import io
import json
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlencode
from uuid import UUID

from documented import USER
from starlette.testclient import TestClient

from api_export.access import Access, Caller
from api_export.answering import Request, answer
from api_export.http import Served, make_app
from api_export.operations.calls import Upload
from flows.cli import main
from flows.jobs import run_queued
from storage.database import open_database
from storage.sharing import shared_database

__all__ = ["SENDERS", "Query", "Send"]

Query = dict[str, str]


class Send(Protocol):
    """Send a request; returns the status and the answer's JSON, None when it has no body."""

    def __call__(
        self, method: str, path: str, body: Any = None, *, query: Query | None = None, upload: Path | None = None
    ) -> tuple[int, Any]: ...


def in_process(database: Path) -> Iterator[Send]:
    """Call the operations directly; jobs are run at once."""

    def send(
        method: str, path: str, body: Any = None, *, query: Query | None = None, upload: Path | None = None
    ) -> tuple[int, Any]:
        raw = b"" if body is None else json.dumps(body).encode()
        file = None if upload is None else Upload(upload.name, upload)
        request = Request(method, path, [*(query or {}).items()], raw, file)
        now = datetime.now(UTC)
        with open_database(database) as db:
            given = answer(db, request, user=UUID(USER), brand=None, now=now)
            assert run_queued(db, now=now) == []
        return given.status, json.loads(given.body) if given.body else None

    yield send


def on_the_command_line(database: Path) -> Iterator[Send]:
    """Call `onecard api`; the status is what it says on stderr."""

    def send(
        method: str, path: str, body: Any = None, *, query: Query | None = None, upload: Path | None = None
    ) -> tuple[int, Any]:
        arguments = ["api", method, f"{path}?{urlencode(query or {})}", "--db", str(database), "--user", USER]
        if body is not None:
            file = database.with_name("body.json")
            file.write_text(json.dumps(body), encoding="utf-8")
            arguments += ["--body", str(file)]
        if upload is not None:
            arguments += ["--upload", str(upload)]
        out, err = io.TextIOWrapper(io.BytesIO(), encoding="utf-8"), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            code = main(arguments)
        out.seek(0)
        text, status = out.read(), int(err.getvalue().split()[0])
        assert (code == 0) == (status < 300)
        return status, json.loads(text) if text else None

    yield send


def over_http(database: Path) -> Iterator[Send]:
    """Ask the application as a web client would; jobs run in the background and are waited for."""
    with shared_database(database) as shared:
        access = Access({}, Caller(user=UUID(USER)))

        def run_jobs() -> None:
            with shared.writing() as db:
                assert run_queued(db, now=datetime.now(UTC)) == []

        app = make_app(Served(shared, access, written=run_jobs, told=lambda _line: None), version="1")
        client = TestClient(app, base_url="http://127.0.0.1")

        def send(
            method: str, path: str, body: Any = None, *, query: Query | None = None, upload: Path | None = None
        ) -> tuple[int, Any]:
            sent = {} if upload is None else {"files": {"file": (upload.name, upload.read_bytes())}}
            given = client.request(method, path, params=query, json=body, **sent)
            return given.status_code, given.json() if given.content else None

        yield send


SENDERS: dict[str, Callable[[Path], Iterator[Send]]] = {
    "in_process": in_process,
    "command_line": on_the_command_line,
    "http": over_http,
}
