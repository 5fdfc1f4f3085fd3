"""The documented operations over HTTP: read a request, have it answered, send the answer as the bytes it was made of.

What an operation is and does is `answering`'s. Here are the FastAPI application with its OpenAPI document (`openapi`)
and a page /docs that needs no network, who may ask (`access`), and the limits of what is read.
"""

import os
import shutil
import tempfile
import time
import traceback
from collections.abc import AsyncGenerator, Callable
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO
from urllib.parse import parse_qsl

from anyio import CapacityLimiter, fail_after
from anyio.to_thread import run_sync
from fastapi import FastAPI
from fastapi_offline import FastAPIOffline
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect
from starlette.requests import Request as Received
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from api_export.access import Access, Caller, caller_of
from api_export.answering import (
    Answer,
    Request,
    answer,
    find_operation,
    refusal,
    refused_by,
)
from api_export.openapi import openapi
from api_export.operations.calls import Upload
from api_export.operations.catalogue import Operation
from storage.errors import OnecardError, unexpected
from storage.sharing import SharedDatabase

__all__ = ["Served", "make_app"]

LONGEST_BODY = 16 * 2**20
LARGEST_UPLOAD = 512 * 2**20
BODY_S, UPLOAD_S = 60, 600  # what has not come by then is not waited for
MOST_PARAMETERS = 1_000
MOST_WRITES = 40
HEADERS = {401: {"WWW-Authenticate": "Bearer"}, 503: {"Retry-After": "1"}}


@dataclass(frozen=True)
class Served:
    """What is served and to whom.

    written: called after a request that may have queued a job; told: takes a line about each request, free of values;
    writes: threads of requests that write, which may wait for a job while others read.
    """

    shared: SharedDatabase
    access: Access
    written: Callable[[], None]
    told: Callable[[str], None]
    writes: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(MOST_WRITES))


class _TooLargeError(Exception):
    pass


def make_app(served: Served, *, version: str) -> FastAPI:
    """Make the application."""
    app = FastAPIOffline(title="onecard", version=version, redoc_url=None, static_url="/docs/static")
    document = openapi(version, with_tokens=bool(served.access.tokens))
    app.openapi = lambda: document  # type: ignore[method-assign]

    async def documented(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            answered = await _answered(Received(scope, receive), served)
        except ClientDisconnect:
            return
        await _response(answered)(scope, receive, send)

    # The catalogue knows the addresses: FastAPI would decode them before it compares, and a tag may have a slash in it.
    app.mount("", documented)
    app.router.default = documented  # a mount does not match a path with a line break in it
    app.router.redirect_slashes = False
    app.add_exception_handler(HTTPException, _without_operation)
    return app


async def _without_operation(_: Received, error: Exception) -> Response:
    """Shape the refusal of a file of /docs."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    return _response(refusal(status, "there is no such address" if status == 404 else "files are only read"))


async def _answered(received: Received, served: Served) -> Answer:
    started, address = time.perf_counter(), "-"
    found = find_operation(received.method, _path(received))
    try:
        caller = caller_of(received.headers, served.access)
        if isinstance(caller, Answer):
            answered = caller
        elif isinstance(found, Answer):
            answered = found
        else:
            address = found[0].path
            answered = await _asked(received, found[0], caller, served)
    except ClientDisconnect:
        raise
    except Exception as error:  # nobody is shown a traceback, and the log no values
        answered = refusal(500, unexpected(error))
        address += f" {_place(error)}"
    took_ms = 1000 * (time.perf_counter() - started)
    served.told(f"{received.method} {address} {answered.status} {took_ms:.0f} ms")
    return answered


async def _asked(received: Received, operation: Operation, caller: Caller, served: Served) -> Answer:
    with ExitStack() as kept:
        request = await _read(received, operation, kept)
        if isinstance(request, Answer):
            return request
        threads = served.writes if operation.is_write else None
        answered = await run_sync(_ask, request, operation, caller, served, limiter=threads)
    if operation.is_write:
        served.written()
    return answered


def _ask(request: Request, operation: Operation, caller: Caller, served: Served) -> Answer:
    """Have a request answered in a turn with the database, in a thread that may wait for it."""
    turn = served.shared.writing() if operation.is_write else served.shared.reading()
    try:
        with turn as db:
            home = replace(db, brand=caller.brand or db.brand)
            return answer(home, request, user=caller.user or db.user, brand=caller.brand, now=datetime.now(UTC))
    except OnecardError as error:
        return refused_by(error)


async def _read(received: Received, operation: Operation, kept: ExitStack) -> Request | Answer:
    """Read what came, within the limits; what is uploaded lies in a folder that goes with `kept`."""
    try:
        query = parse_qsl(
            received.scope["query_string"].decode("latin-1"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=MOST_PARAMETERS,
        )
    except ValueError:
        return refusal(422, f"the parameters are not UTF-8, or more than {MOST_PARAMETERS}")
    kind = received.headers.get("content-type", "").partition(";")[0].strip().lower()
    path = _path(received)
    limit, patience_s = (LARGEST_UPLOAD, UPLOAD_S) if operation.takes_upload else (LONGEST_BODY, BODY_S)
    try:
        with fail_after(patience_s):
            if operation.takes_upload:
                folder = Path(kept.enter_context(tempfile.TemporaryDirectory()))
                upload = await _upload(received, kind, folder, limit)
                return upload if isinstance(upload, Answer) else Request(received.method, path, query, upload=upload)
            body = b"".join([piece async for piece in _limited(received, limit)])
    except _TooLargeError:
        return refusal(413, f"more than {limit} bytes are not taken at once")
    except TimeoutError:
        return refusal(408, f"the body was not there after {patience_s} s")
    if body.strip() and operation.body is not None and kind != "application/json":
        return refusal(415, "send the body as Content-Type: application/json")
    return Request(received.method, path, query, body)


async def _upload(received: Received, kind: str, folder: Path, limit: int) -> Upload | Answer:
    if kind != "multipart/form-data":
        return refusal(415, "send the file as multipart/form-data, under the name file")
    try:
        parser = MultiPartParser(received.headers, _limited(received, limit), max_files=1, max_fields=10)
        form = await parser.parse()
    except MultiPartException:
        return refusal(422, "this is no multipart/form-data with one file", path="file")
    file = form.get("file")
    if not isinstance(file, UploadFile):
        return refusal(422, "this operation takes a file", path="file")
    await run_sync(_copy, file.file, folder / "upload")
    await form.close()
    return Upload(file.filename or "", folder / "upload")


def _copy(source: BinaryIO, target: Path) -> None:
    with target.open("wb") as out:
        shutil.copyfileobj(source, out, 2**20)


async def _limited(received: Received, limit: int) -> AsyncGenerator[bytes, None]:
    said, left = received.headers.get("content-length", "0"), limit
    if said.isdecimal() and int(said) > limit:
        raise _TooLargeError
    async for piece in received.stream():
        left -= len(piece)
        if left < 0:
            raise _TooLargeError
        yield piece


def _path(received: Received) -> str:
    raw: bytes = received.scope.get("raw_path") or received.scope["path"].encode()
    return raw.decode("latin-1")


def _response(answered: Answer) -> Response:
    headers = {**HEADERS.get(answered.status, {}), **({"Allow": ", ".join(answered.allow)} if answered.allow else {})}
    if not answered.body:
        return Response(status_code=answered.status, headers=headers)
    return Response(answered.body, answered.status, headers, "application/json")


def _place(error: Exception) -> str:
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} {os.path.basename(frame.filename)}:{frame.lineno}"
