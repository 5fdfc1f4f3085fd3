"""What an operation is called with and what it returns: one `Call` in, one `Result` out, whoever asked for it.

An operation is a plain function `run(call) -> Result | None`, in a transaction that `api_export.answering` opened; None
is the documented answer without a body (204). It raises the errors of this project; the answer's status follows from
their class.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Generic, TypeVar
from uuid import UUID

from api_export.models import Info
from storage.database import Connection, Database

__all__ = ["SEPARATOR", "Call", "Result", "Upload", "ids", "one", "several"]

Query_co = TypeVar("Query_co", covariant=True)
Body_co = TypeVar("Body_co", covariant=True)

SEPARATOR = ",\n"
"""Stands after every object of a block, for `one` and `several` to take off and to count by."""


@dataclass(frozen=True)
class Upload:
    """A file that came with a call: the name it was sent under and where its content lies meanwhile."""

    name: str
    content: Path


@dataclass(frozen=True)
class Call(Generic[Query_co, Body_co]):
    """One call of an operation.

    brand: whose contacts it may see and change; None is the whole database, as the local command line has it. path: the
    values of the path's names: `id` and `attribute_id` are UUIDs, `tag` is text. query and body are the operation's
    models, validated.
    """

    db: Database
    user: UUID
    brand: UUID | None
    now: datetime
    path: Mapping[str, Any]
    query: Query_co
    body: Body_co
    upload: Upload | None

    @property
    def con(self) -> Connection:
        """The open connection."""
        return self.db.con

    @property
    def home(self) -> UUID:
        """The brand that what is created belongs to."""
        return self.brand or self.db.brand


@dataclass(frozen=True)
class Result:
    """What goes into the documented envelope: `data` as JSON text, and `info` beside a list (contract RULES S3)."""

    data: bytes
    info: Info | None = None


def one(blocks: Iterable[bytes | memoryview]) -> Result:
    """Return the only object of blocks."""
    return Result(b"".join(blocks).removesuffix(SEPARATOR.encode()))


def several(blocks: Iterable[bytes | memoryview], *, total: int | str) -> Result:
    """Return the objects of blocks as a list with its info; JSON has no line feed inside, so separators count them."""
    objects = b"".join(blocks)
    count = objects.count(SEPARATOR.encode())
    return Result(b"[" + objects.removesuffix(SEPARATOR.encode()) + b"]", Info(count=count, total=total))


def ids(identities: Sequence[UUID]) -> Result:
    """Return ids where objects were not asked for (contract RULES D14)."""
    texts = [str(identity) for identity in identities]
    return Result(json.dumps(texts).encode(), Info(count=len(texts), total=0))
