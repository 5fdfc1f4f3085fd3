"""Answer one request: find the operation, validate, run it in a transaction, shape the answer or the refusal.

`answer` is all that the command line and HTTP call; a request that cannot be answered is a refusal with a status and
the one error shape, `{"code", "message", "path"}` (models.Error):

    400 BadRequest            the body is not JSON
    401 Unauthorized          no or a wrong token (HTTP only)
    403 Forbidden             the token does not allow it (HTTP only)
    404 NotFound              no such address, contact, attribute, tag …, or of another brand
    405 MethodNotAllowed      the address is known, with other methods (`Answer.allow`)
    408 RequestTimeout        the body or the upload did not come in time (HTTP only)
    409 Conflict              not as things stand: merged already, a tag that exists …
    413 TooLarge              the body or the upload (HTTP only)
    415 UnsupportedMediaType  a body that is not sent as JSON (HTTP only)
    422 Invalid               a parameter, a field of the body or a value is not what it should be; `path` says which
    500 Internal              a fault of onecard's (HTTP only; the command line ends with 1)
    503 Unavailable           another process holds the database, or it cannot be used

`path` is a parameter's name or the place in the body, such as `contacts.0.attributes.3.text`; null when there is none.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from urllib.parse import unquote
from uuid import UUID

from pydantic import BaseModel, ValidationError
from pydantic_core import from_json

from api_export.models import Error
from api_export.operations.calls import Call, Result, Upload
from api_export.operations.catalogue import OPERATIONS, Operation
from storage.database import Database, transaction
from storage.errors import ConflictError, DatabaseError, NotFoundError, OnecardError, did_you_mean

__all__ = [
    "Answer",
    "Request",
    "answer",
    "find_operation",
    "refusal",
    "refused_by",
]

CODES = {
    400: "BadRequest", 401: "Unauthorized", 403: "Forbidden", 404: "NotFound", 405: "MethodNotAllowed",
    408: "RequestTimeout", 409: "Conflict", 413: "TooLarge", 415: "UnsupportedMediaType", 422: "Invalid",
    500: "Internal", 503: "Unavailable",
}  # fmt: skip


@dataclass(frozen=True)
class Answer:
    """A status and the JSON text that goes with it, empty for 204; `allow` names the methods beside a 405."""

    status: int
    body: bytes
    allow: tuple[str, ...] = ()


@dataclass(frozen=True)
class Request:
    """A request as it came: path and parameters of the URL still percent-encoded, the body as bytes."""

    method: str
    path: str
    query: Sequence[tuple[str, str]] = ()
    body: bytes = b""
    upload: Upload | None = None


class _RefusedError(Exception):
    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


def refusal(status: int, message: str, *, path: str | None = None, allow: tuple[str, ...] = ()) -> Answer:
    """Shape a refusal."""
    error = Error(code=CODES[status], message=message, path=path)
    return Answer(status, error.model_dump_json().encode(), allow)


def find_operation(method: str, path: str) -> tuple[Operation, Mapping[str, Any]] | Answer:
    """Find the operation of a method and a percent-encoded path, with the values in the path; or the refusal."""
    for template, pattern in _routes():
        found = pattern.fullmatch(path)
        if found:
            there = {operation.method: operation for operation in OPERATIONS if operation.path == template}
            if method not in there:
                return refusal(405, f"{template} knows {', '.join(there)} only", allow=tuple(there))
            return _with_values(there[method], found.groupdict())
    hint = did_you_mean(path, [template for template, _ in _routes()])
    return refusal(404, f"there is no such address. {hint}".strip(". "))


def answer(db: Database, request: Request, *, user: UUID, brand: UUID | None, now: datetime) -> Answer:
    """Answer a request for a user, within a brand or (None) the whole database; one transaction, or none of it."""
    found = find_operation(request.method, request.path)
    if isinstance(found, Answer):
        return found
    operation, values = found
    try:
        call = Call(
            db,
            user,
            brand,
            now,
            values,
            _query(operation, request),
            _body(operation, request),
            _upload(operation, request),
        )
        with transaction(db.con):
            result = operation.run(call)
    except _RefusedError as refused:
        return refused.answer
    except OnecardError as error:
        return refused_by(error)
    return Answer(204, b"") if result is None else Answer(200, _envelope(result))


def _envelope(result: Result) -> bytes:
    info = b"" if result.info is None else b',"info":' + result.info.model_dump_json().encode()
    return b'{"code":"OK","data":' + result.data + info + b"}"


@cache
def _routes() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Every path of the catalogue and what it matches; those with fewer names in them go first."""
    paths = sorted({operation.path for operation in OPERATIONS}, key=lambda path: (path.count("{"), path))
    return tuple((path, re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(path)))) for path in paths)


def _with_values(operation: Operation, encoded: Mapping[str, str]) -> tuple[Operation, Mapping[str, Any]] | Answer:
    values: dict[str, Any] = {}
    for name, text in encoded.items():
        try:
            decoded = unquote(text, errors="strict")
            values[name] = decoded if name == "tag" else UUID(decoded)
        except ValueError:
            return refusal(422, "it is not UTF-8" if name == "tag" else "it is not a UUID", path=name)
    return operation, values


def _query(operation: Operation, request: Request) -> BaseModel:
    """Validate the parameters; one that is sent several times is a list."""
    joined: dict[str, str] = {}
    for name, value in request.query:
        key = name.removesuffix("[]")
        joined[key] = f"{joined[key]},{value}" if key in joined else value
    try:
        return operation.query.model_validate(joined)
    except ValidationError as cause:
        raise _RefusedError(_invalid(cause, operation.query)) from cause


def _body(operation: Operation, request: Request) -> BaseModel | None:
    if operation.body is None:
        if request.body.strip() and not operation.takes_upload:
            raise _RefusedError(refusal(422, "this operation takes no body"))
        return None
    if not request.body.strip():
        if operation.is_body_optional:
            return None
        raise _RefusedError(refusal(400, "this operation takes a JSON body"))
    try:
        from_json(request.body, allow_inf_nan=False)
    except ValueError as cause:
        raise _RefusedError(refusal(400, f"the body is not JSON: {cause}")) from cause
    try:
        return operation.body.model_validate_json(request.body)
    except ValidationError as cause:
        raise _RefusedError(_invalid(cause, operation.body)) from cause


def _upload(operation: Operation, request: Request) -> Upload | None:
    if operation.takes_upload and request.upload is None:
        raise _RefusedError(refusal(422, "this operation takes a file", path="file"))
    if request.upload is not None and not operation.takes_upload:
        raise _RefusedError(refusal(422, "this operation takes no file", path="file"))
    return request.upload


def _invalid(cause: ValidationError, model: type[BaseModel]) -> Answer:
    """The first thing wrong, by its place; the value itself is not repeated."""
    error = cause.errors(include_url=False, include_input=False)[0]
    place = [str(part) for part in error["loc"]]
    message = error["msg"].removeprefix("Value error, ")
    if error["type"] == "string_pattern_mismatch":
        message = "it is blank, or has a NUL character in it"
    elif error["type"] == "extra_forbidden":
        hint = did_you_mean(place[-1], [*model.model_fields]) if len(place) == 1 else ""
        message = f"there is no such name. {hint}".strip()
    return refusal(422, message, path=".".join(place) or None)


def refused_by(error: OnecardError) -> Answer:
    """Shape the refusal that an error of this project means."""
    match error:
        case NotFoundError():
            status = 404
        case ConflictError():
            status = 409
        case DatabaseError():
            status = 503
        case _:
            status = 422
    message = f"{error.what.rstrip('.')}. {error.remedy}" if error.remedy else error.what
    return refusal(status, message, path=error.where or None)
