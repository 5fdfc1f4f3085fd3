"""`onecard api`: any documented operation without a server, as `curl` would ask for it."""

from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

import click

from flows.options import Settings, opened, read_input, with_settings
from flows.printing import note, progress
from storage.errors import UsageError

if TYPE_CHECKING:
    from api_export.answering import Answer, Request
    from api_export.operations.calls import Upload
    from api_export.operations.catalogue import Operation

__all__ = ["api"]

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
CONFLICT = 7
DATABASE = 6
USAGE = 2
EXIT_CODES = {409: CONFLICT, 503: DATABASE}


@click.command("api")
@click.argument("method", type=click.Choice(METHODS, case_sensitive=False))
@click.argument("path")
@click.option("--body", metavar="FILE|JSON", help="The request's JSON body, or a file of it; - is stdin.")
@click.option("--upload", metavar="FILE", help="The file of POST /contacts/upload.")
@with_settings
def api(settings: Settings, method: str, path: str, *, body: str | None, upload: str | None) -> None:
    """Call a documented operation.

    PATH is that of the document with its parameters, such as "/contacts?order=-created_at&limit=5". The answer goes to
    stdout and its status to stderr; the exit code is 0 for a 2xx only. A job that was queued is run before it ends.
    Without --brand it sees the contacts of every brand.
    """
    from api_export.answering import Answer, Request, find_operation

    place, _, parameters = path.partition("?")
    request = Request(
        method.upper(), place, parse_qsl(parameters, keep_blank_values=True), _read(body), _uploaded(upload)
    )
    found = find_operation(request.method, request.path)
    answer = found if isinstance(found, Answer) else _asked(settings, found[0], request)
    note(settings, f"{answer.status} {HTTPStatus(answer.status).phrase}")
    if answer.body:
        click.echo(answer.body)
    if answer.status >= 300:
        raise click.exceptions.Exit(EXIT_CODES.get(answer.status, USAGE))


def _asked(settings: Settings, operation: "Operation", request: "Request") -> "Answer":
    from api_export.answering import answer
    from flows.jobs import run_queued

    with opened(settings, read_only=not operation.is_write, create=request.method == "POST") as db:
        given = answer(db, request, user=db.user, brand=settings.brand, now=datetime.now(UTC))
        if operation.is_write and given.status < 300:
            with progress(settings) as show:
                failed = run_queued(db, now=datetime.now(UTC), on_progress=show)
            if failed:
                click.echo(given.body)
                raise failed[0]
    return given


def _read(name: str | None) -> bytes:
    if name is None:
        return b""
    if name.lstrip().startswith(("{", "[")):
        return name.encode()
    return read_input(name, what="the body", remedy="Name a JSON file with --body, or - for stdin.")


def _uploaded(name: str | None) -> "Upload | None":
    from api_export.operations.calls import Upload

    if name is None:
        return None
    if not Path(name).is_file():
        raise UsageError("there is no such file", where=name)
    return Upload(Path(name).name, Path(name))
