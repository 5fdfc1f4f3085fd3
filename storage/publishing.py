"""Publish a copy of the database for analysts to read while others write.

Under the write lock the log is folded into the file, a child process copies it (copying it ourselves would drop
DuckDB's own lock on the file), and the copy takes the published name in one step: no reader ever sees half of it.
"""

import os
import shutil
import subprocess
from pathlib import Path

from storage.database import open_database
from storage.errors import DatabaseError, UsageError

__all__ = ["publish_database", "published_path"]

DUCKDB_MAGIC = b"DUCK"


def published_path(database: Path) -> Path:
    """Return where `database` is published when no place is named: onecard.duckdb → onecard.published.duckdb."""
    return database.with_suffix(f".published{database.suffix or '.duckdb'}")


def publish_database(database: Path, target: Path | None = None, *, wait_s: float = 30.0) -> Path:
    """Copy `database` to `target` as it stands after its last commit, and return the path of the copy.

    Raises: UsageError for a target that cannot be one; DatabaseError when there is no database, or no room for a copy.
    """
    target = (target or published_path(database)).resolve()
    database = database.resolve()
    if not database.exists():
        raise DatabaseError(
            "there is no database yet", where=str(database), remedy="Import a file first: `onecard import FILE`."
        )
    _check_target(database, target)
    partial = target.with_name(f".{target.name}.{os.getpid()}.partial")
    try:
        with open_database(database, wait_s=wait_s) as db:
            db.con.execute("CHECKPOINT")
            _copy(database, partial)
        with partial.open("rb+") as copy:
            os.fsync(copy.fileno())
        # A log left by somebody who opened the old copy for writing would be replayed into the new one.
        Path(f"{target}.wal").unlink(missing_ok=True)
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)
    return target


def _check_target(database: Path, target: Path) -> None:
    if target == database or (target.exists() and target.samefile(database)):
        raise UsageError("a database cannot be published onto itself", where=str(target), remedy="Name another file.")
    if target.is_dir() or not target.parent.is_dir():
        what = "this is a folder" if target.is_dir() else "the folder does not exist"
        raise UsageError(what, where=str(target if target.is_dir() else target.parent), remedy="Name a file to write.")
    if target.exists() and target.stat().st_size and not _is_duckdb(target):
        raise UsageError(
            "this file is not a published database", where=str(target), remedy="Nothing was written. Name another file."
        )


def _is_duckdb(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(12)[8:] == DUCKDB_MAGIC


def _copy(source: Path, target: Path) -> None:
    command = [shutil.which("cp") or "/bin/cp", str(source), str(target)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        reason = done.stderr.strip().rpartition(": ")[2] or f"cp ended with {done.returncode}"
        raise DatabaseError(
            f"the copy could not be written ({reason})",
            where=str(target.parent),
            remedy="The published copy is as before.",
        )
