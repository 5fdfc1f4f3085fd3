"""Publish a copy of the database for analysts to read while others write.

Under the write lock the log is folded into the file, a child process copies it (copying it ourselves would drop
DuckDB's own lock on the file), and the copy takes the published name in one step: no reader ever sees half of it.
"""

import os
import shutil
import subprocess
from pathlib import Path

import duckdb

from storage.database import Database, database_errors, is_duckdb_file, open_database
from storage.errors import DatabaseError, UsageError
from storage.locking import BESIDE

__all__ = ["publish_database", "published_path"]

# Name of the setting that a published copy has and its database has not: whose copy it is.
PUBLISHED = "published"


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
    _check_place(database, target)
    partial = target.with_name(f".{target.name}.{os.getpid()}.partial")
    try:
        with open_database(database, wait_s=wait_s) as db:
            identity = _identity(db)
            _check_replaced(target, identity)
            db.con.execute("CHECKPOINT")
            _copy(database, partial)
        _mark(partial, identity)
        with partial.open("rb+") as copy:
            os.fsync(copy.fileno())
        # A log left by somebody who opened the old copy for writing would be replayed into the new one.
        Path(f"{target}.wal").unlink(missing_ok=True)
        partial.replace(target)
    finally:
        for leftover in (partial, Path(f"{partial}.wal")):
            leftover.unlink(missing_ok=True)
    return target


def _check_place(database: Path, target: Path) -> None:
    if target == database or (target.exists() and target.samefile(database)):
        raise UsageError("a database cannot be published onto itself", where=str(target), remedy="Name another file.")
    if target.is_dir() or not target.parent.is_dir():
        what = "this is a folder" if target.is_dir() else "the folder does not exist"
        raise UsageError(what, where=str(target if target.is_dir() else target.parent), remedy="Name a file to write.")
    if target.suffix.lower() in BESIDE:
        raise UsageError("this is the name of a log or a lock", where=str(target), remedy="Name another file.")


def _identity(db: Database) -> str:
    """What tells one database from another: the owner made up for it at its first use."""
    return f"{db.user} {db.brand}"


def _check_replaced(target: Path, identity: str) -> None:
    """Refuse a target that is there and is no copy published of the same database."""
    if not target.exists() or not target.stat().st_size:
        return
    if not is_duckdb_file(target) or _published_of(target) != identity:
        raise UsageError(
            "this file is not a copy published of this database",
            where=str(target),
            remedy="Nothing was written. Close what has it open for writing, name another file, or delete this one.",
        )


def _published_of(target: Path) -> str | None:
    """Read whose copy a DuckDB file says it is; None when it says nothing, or another program holds it for writing."""
    try:
        with duckdb.connect() as con:
            quoted = str(target).replace("'", "''")
            con.execute(f"ATTACH '{quoted}' AS copy (READ_ONLY)")
            rows = con.execute("SELECT value FROM copy.settings WHERE name = ?", [PUBLISHED]).fetchall()
    except duckdb.Error:
        return None
    return str(rows[0][0]) if rows else None


def _mark(copy: Path, identity: str) -> None:
    """Write into a copy whose it is."""
    with database_errors(copy), duckdb.connect(str(copy)) as con:
        con.execute("DELETE FROM settings WHERE name = ?", [PUBLISHED])
        con.execute("INSERT INTO settings VALUES (?, ?)", [PUBLISHED, identity])


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
