"""Where an export goes: a file that appears whole or not at all, or standard output.

A file is written under another name beside its target and then takes its place, so a reader never meets half of it
and a failed export leaves what was there before.
"""

import errno
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Literal
from uuid import uuid4

from storage.database import is_duckdb_file
from storage.errors import DatabaseError, UsageError
from storage.locking import BESIDE

__all__ = ["Target", "open_target", "path_for"]

Target = Path | Literal["-"]


@contextmanager
def open_target(target: Target) -> Iterator[BinaryIO]:
    """Open the target for bytes; a file takes its name when the block ends well.

    Raises: UsageError when the target cannot be written; DatabaseError when the disk is full.
    """
    with _target_errors(target):
        if isinstance(target, str):
            yield sys.stdout.buffer
            sys.stdout.buffer.flush()
        elif _is_device(target):
            with target.open("wb") as device:
                yield device
        else:
            with _written_beside(target) as partial, partial.open("xb") as file:
                yield file


@contextmanager
def path_for(target: Target) -> Iterator[Path]:
    """Give a path to a writer that must have a file to itself; it becomes the target when the block ends well."""
    with _target_errors(target):
        if isinstance(target, str) or _is_device(target):
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "export"
                yield path
                with path.open("rb") as file, open_target(target) as out:
                    shutil.copyfileobj(file, out)
        else:
            with _written_beside(target) as partial:
                yield partial


@contextmanager
def _written_beside(target: Path) -> Iterator[Path]:
    """A fresh name in the target's folder (of the file itself when the target is a link)."""
    final = target.resolve()
    partial = final.with_name(f".{final.name[:100]}.{uuid4().hex[:8]}.partial")
    try:
        yield partial
        os.replace(partial, final)
    finally:
        partial.unlink(missing_ok=True)


def _is_device(target: Path) -> bool:
    return target.exists() and not target.is_file() and not target.is_dir()


def _is_of_a_database(target: Path) -> bool:
    """Whether the target is a database, or the log, lock or queue that stands or would stand beside one."""
    final = target.resolve()
    beside = final.with_suffix("") if final.suffix.lower() in BESIDE else final
    return any(path.is_file() and path.stat().st_size > 0 and is_duckdb_file(path) for path in (final, beside))


@contextmanager
def _target_errors(target: Target) -> Iterator[None]:
    """Say what is wrong with the target in the words of this project."""
    if isinstance(target, Path) and target.is_dir():
        raise UsageError("this is a folder", where=str(target), remedy="Name a file.")
    if isinstance(target, Path) and not target.parent.is_dir():
        raise UsageError("the folder does not exist", where=str(target.parent), remedy="Create it, or name another.")
    if isinstance(target, Path) and _is_of_a_database(target):
        raise UsageError("this file belongs to a database", where=str(target), remedy="Name another file.")
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as cause:
        if cause.errno in (errno.ENOSPC, errno.EDQUOT):
            remedy = "Nothing was written. Free some space and run it again."
            raise DatabaseError("the disk is full", where=str(target), remedy=remedy) from cause
        raise UsageError(f"the file cannot be written ({cause.strerror})", where=str(target)) from cause
