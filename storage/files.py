"""Keep track of files: of imported ones name, size, kind and a digest; of uploaded ones the content too.

Uploads lie in a folder beside the database, `<database>.files/<id>/<name>`, until somebody clears it away.
"""

import hashlib
import shutil
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import duckdb

from storage.errors import NotFoundError

__all__ = ["find_upload", "keep_upload", "record_file"]

_MIME = {
    "csv": "text/csv",
    "json": "application/json",
    "vcard": "text/vcard",
    "xls": "application/vnd.ms-excel",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def record_file(con: duckdb.DuckDBPyConnection, path: Path, kind: str, *, by: UUID, now: datetime) -> UUID:
    """Record an imported file, once for each content and name; returns its id."""
    with path.open("rb") as content:
        sha256 = hashlib.file_digest(content, "sha256").hexdigest()
    known = con.execute(
        "SELECT id FROM files WHERE sha256 = ? AND name = ? AND path IS NULL AND deleted_at IS NULL",
        [sha256, path.name],
    ).fetchall()
    if known:
        return UUID(str(known[0][0]))
    rows = con.execute(
        """
        INSERT INTO files BY NAME
        SELECT uuidv7() AS id, $name AS name, $mime AS mime, $bytes AS bytes, $sha256 AS sha256,
               $now AS created_at, $now AS updated_at, $by AS created_by
        RETURNING id
        """,
        {
            "name": path.name,
            "mime": _MIME[kind],
            "bytes": path.stat().st_size,
            "sha256": sha256,
            "now": now,
            "by": by,
        },
    ).fetchall()
    return UUID(str(rows[0][0]))


def keep_upload(
    con: duckdb.DuckDBPyConnection,
    database: Path,
    *,
    name: str,
    content: Path,
    kind: str | None,
    by: UUID,
    now: datetime,
) -> dict[str, Any]:
    """Keep an uploaded file beside the database; returns its id, name, mime and path relative to the database.

    Args: kind: of its content, as for `record_file`; None when it is nothing that can be imported as it is.
    """
    identity = uuid4()
    called = _safe_name(name)
    path = Path(f"{database.name}.files") / str(identity) / called
    kept = database.parent / path
    kept.parent.mkdir(parents=True)
    shutil.copyfile(content, kept)
    with kept.open("rb") as copy:
        sha256 = hashlib.file_digest(copy, "sha256").hexdigest()
    row = {
        "id": identity,
        "name": called,
        "path": path.as_posix(),
        "mime": _MIME.get(kind or "", "application/octet-stream"),
    }
    con.execute(
        """
        INSERT INTO files BY NAME
        SELECT $id::UUID AS id, $name AS name, $path AS path, $mime AS mime, $bytes AS bytes, $sha256 AS sha256,
               $now AS created_at, $now AS updated_at, $by AS created_by
        """,
        {**row, "id": str(identity), "bytes": kept.stat().st_size, "sha256": sha256, "now": now, "by": by},
    )
    return row


def find_upload(con: duckdb.DuckDBPyConnection, database: Path, file: UUID, *, by: UUID | None) -> Path:
    """Return where an uploaded file lies; with `by`, one that this user uploaded.

    Raises: NotFoundError when there is none.
    """
    rows = con.execute(
        """
        SELECT path FROM files
        WHERE id = $file AND path IS NOT NULL AND deleted_at IS NULL AND ($by IS NULL OR created_by = $by::UUID)
        """,
        {"file": file, "by": by and str(by)},
    ).fetchall()
    if not rows or not (kept := database.parent / str(rows[0][0])).is_file():
        raise NotFoundError(f"there is no uploaded file {file}", where="file_id", remedy="Upload it first.")
    return kept


def _safe_name(name: str) -> str:
    """The last part of a name, short and without what file systems do not take."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    printable = "".join(char for char in last if char.isprintable()).strip()
    short = printable.encode()[-200:].decode(errors="ignore")
    return short if short.strip(".") else "upload"
