"""Open the database: one writer or several readers at a time, the schema brought up to date on the way in.

The file is attached to an in-memory DuckDB, so that staging tables live in `memory` and never reach the file. Access is
guarded by `locking`: DuckDB itself lets one process write or several read, and fails at once where we rather wait.
"""

import re
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import duckdb

from storage.errors import CorruptDatabaseError, DatabaseError, DatabaseLockedError, NewerSchemaError
from storage.locking import LOCK_REMEDY, locked
from storage.rows import execute
from storage.schema import address_type, default_owner, migrate

__all__ = [
    "ALIAS",
    "Connection",
    "Database",
    "database_errors",
    "is_duckdb_file",
    "open_database",
    "rolled_back",
    "transaction",
]

ALIAS = "onecard"
"""What the database is attached as."""

Connection = duckdb.DuckDBPyConnection
"""What queries run on; named here so that other packages need not know DuckDB."""


@dataclass(frozen=True)
class Database:
    """An open database: its connection, its file, and the default owner of what is imported without naming one."""

    con: duckdb.DuckDBPyConnection
    path: Path
    user: UUID
    brand: UUID


@contextmanager
def open_database(
    path: Path, *, read_only: bool = False, wait_s: float = 30.0, memory_limit: str = "1600MB"
) -> Iterator[Database]:
    """Open (and on first use create) the database at `path`.

    Raises: DatabaseLockedError when another process holds it for longer than `wait_s` seconds; NewerSchemaError;
    CorruptDatabaseError; DatabaseError when the file cannot be read or made.
    """
    path = path.resolve()
    _check_place(path, read_only=read_only)
    fresh = not path.exists()
    with locked(path, shared=read_only, wait_s=wait_s), database_errors(path):
        con = _connect(memory_limit, path)
        try:
            _attach(con, path, read_only=read_only)
            migrate(con, path, now=datetime.now(UTC), read_only=read_only)
            if not read_only:
                _own(con)
            yield Database(con, path, *default_owner(con))
        except BaseException:
            _close(con)
            if fresh and not _has_schema(path):
                _remove(path)
            raise
        else:
            _close(con)


@contextmanager
def transaction(con: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Commit what the block writes, or nothing of it when it raises."""
    execute(con, "BEGIN TRANSACTION")
    try:
        yield
        with _uninterrupted():
            execute(con, "COMMIT")
    except BaseException:
        with suppress(duckdb.Error):
            con.execute("ROLLBACK")
        raise


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Ignore Ctrl-C while the block runs: once committing has begun, nobody could say what it would stop."""
    if threading.current_thread() is not threading.main_thread():  # where Python delivers no signals
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def rolled_back(con: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Do what the block does, then take it all back: how a dry run is made."""
    con.execute("BEGIN TRANSACTION")
    try:
        yield
    finally:
        with suppress(duckdb.Error):
            con.execute("ROLLBACK")


@contextmanager
def database_errors(path: Path) -> Iterator[None]:
    """Turn what DuckDB says of its file, its lock, the disk or Ctrl-C into the errors of this project and of Python."""
    try:
        yield
    except RuntimeError as cause:  # how DuckDB reports Ctrl-C in a query
        if "Query interrupted" in str(cause):
            raise KeyboardInterrupt from cause
        raise
    except duckdb.Error as cause:
        raise _translated(cause, path) from cause


def _translated(cause: duckdb.Error, path: Path) -> Exception:
    for pattern, error, what, remedy in _SAID_BY_DUCKDB:
        if re.search(pattern, str(cause), re.IGNORECASE):
            return error(what, where=str(path), remedy=remedy)
    if isinstance(cause, duckdb.IOException | duckdb.PermissionException):
        return DatabaseError("the file cannot be used: " + str(cause).splitlines()[0], where=str(path))
    return cause


_CORRUPT_REMEDY = "Nothing was changed. Name another file with --db, or restore a copy (its .wal file belongs to it)."

# What DuckDB says → what it means here.
_SAID_BY_DUCKDB: tuple[tuple[str, type[DatabaseError], str, str], ...] = (
    (
        "could not set lock|conflicting lock",
        DatabaseLockedError,
        "the database is open in another program",
        LOCK_REMEDY,
    ),
    (
        "newer version|version number|storage version",
        NewerSchemaError,
        "the database was written by a newer DuckDB",
        "Upgrade onecard and try again.",
    ),
    (
        "not a valid duckdb database|corrupt|checksum|could not read enough bytes|read past (the )?end",
        CorruptDatabaseError,
        "this is not a onecard database, or it is damaged",
        _CORRUPT_REMEDY,
    ),
    (
        "no space left|disk quota|file too large|max_temp_directory_size",
        DatabaseError,
        "the disk is full",
        "Nothing was written. Free some space and run it again.",
    ),
    (
        "out of memory",
        DatabaseError,
        "there is not enough memory",
        "Nothing was written. Close other programs and run it again.",
    ),
)


def _check_place(path: Path, *, read_only: bool) -> None:
    if path.is_dir():
        raise DatabaseError("this is a folder, not a database", where=str(path), remedy="Name a file with --db.")
    if not path.parent.is_dir():
        raise DatabaseError("the folder does not exist", where=str(path.parent), remedy="Create it, or change --db.")
    if path.is_file() and path.stat().st_size and not is_duckdb_file(path):
        raise CorruptDatabaseError(
            "this is not a onecard database, or it is damaged", where=str(path), remedy=_CORRUPT_REMEDY
        )
    if read_only and not path.exists():
        raise DatabaseError(
            "there is no database yet", where=str(path), remedy="Import a file first: `onecard import FILE`."
        )


def is_duckdb_file(path: Path) -> bool:
    """Whether the file begins as DuckDB's do; DuckDB itself would open a CSV file as a database of one table."""
    try:
        with path.open("rb") as file:
            return file.read(12)[8:] == b"DUCK"
    except OSError:
        return True  # let DuckDB say what is wrong with it


def _connect(memory_limit: str, path: Path) -> duckdb.DuckDBPyConnection:
    con = duckdb.connect(
        ":memory:",
        config={
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "memory_limit": memory_limit,
            "temp_directory": str(path.with_suffix(".tmp")),
        },
    )
    con.execute("SET enable_progress_bar = false")
    con.execute("SET GLOBAL TimeZone = 'UTC'")
    return con


def _attach(con: duckdb.DuckDBPyConnection, path: Path, *, read_only: bool) -> None:
    # A new file is made so that BI tools that still carry DuckDB 1.5 can open it.
    quoted = str(path).replace("'", "''")
    options = "(READ_ONLY)" if read_only else "" if path.exists() else "(STORAGE_VERSION 'v1.5.0')"
    if Path(f"{path}.wal").exists():
        # What a killed process left there is replayed now. If it made the schema, DuckDB looks the type of the
        # generated column up in `memory` rather than in the database.
        con.execute(address_type())
    con.execute(f"ATTACH '{quoted}' AS {ALIAS} {options}")
    con.execute(f"USE {ALIAS}")
    con.execute("DROP TYPE IF EXISTS memory.address")


def _own(con: duckdb.DuckDBPyConnection) -> None:
    """Take a published copy that is opened for writing for a database of its own: publishing no longer replaces it."""
    if con.execute("SELECT 1 FROM settings WHERE name = 'published'").fetchall():
        con.execute("DELETE FROM settings WHERE name = 'published'")


def _close(con: duckdb.DuckDBPyConnection) -> None:
    with suppress(duckdb.Error):
        con.execute("ROLLBACK")
    with suppress(duckdb.Error):
        con.execute("USE memory")
        con.execute(f"DETACH {ALIAS}")
    con.close()


def _has_schema(path: Path) -> bool:
    """Whether a first open got far enough to be worth keeping."""
    try:
        with duckdb.connect(str(path), read_only=True) as con:
            return bool(con.execute("SELECT 1 FROM duckdb_tables() WHERE table_name = 'schema_migrations'").fetchall())
    except duckdb.Error:
        return True


def _remove(path: Path) -> None:
    for leftover in (path, Path(f"{path}.wal")):
        leftover.unlink(missing_ok=True)
