"""Keep track of the files that were imported: name, size, kind and a digest, never the content."""

import hashlib
from datetime import datetime
from pathlib import Path
from uuid import UUID

import duckdb

__all__ = ["record_file"]

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
