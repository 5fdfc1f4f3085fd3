"""Who may open the database: one writer or several readers at a time, each in turn, across processes.

`<database>.lock` is held while the database is open and names its holder. `<database>.queue` is held while waiting for
it: whoever waits is next, for the holder itself has to queue to come back, and the holder can see that somebody waits.
"""

import fcntl
import os
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from storage.errors import DatabaseError, DatabaseLockedError

__all__ = ["BESIDE", "LOCK_REMEDY", "is_awaited", "locked"]

LOCK, QUEUE = ".lock", ".queue"
BESIDE = (".wal", LOCK, QUEUE)
"""How the names of files end that belong to a database and stand beside it."""

LOCK_REMEDY = "Wait for it or close it; to look while others write, publish a copy with `onecard publish`."
POLL_S = 0.01


@contextmanager
def locked(path: Path, *, shared: bool, wait_s: float) -> Iterator[None]:
    """Hold the database's lock while the block runs, shared with other readers or alone.

    Raises: DatabaseLockedError when it is not to be had within `wait_s` seconds; DatabaseError when the folder cannot
    be written to, unless `shared`: a reader of such a folder goes without.
    """
    deadline = time.monotonic() + wait_s
    with ExitStack() as held:
        try:
            lock, queue = (_opened(path, suffix, held) for suffix in (LOCK, QUEUE))
        except OSError as cause:
            if not shared:
                raise DatabaseError(
                    f"the folder cannot be written to ({cause.strerror})", where=str(path.parent), remedy="Change --db."
                ) from cause
        else:
            _wait(queue, fcntl.LOCK_EX, path, lock, deadline)
            _wait(lock, fcntl.LOCK_SH if shared else fcntl.LOCK_EX, path, lock, deadline)
            fcntl.flock(queue, fcntl.LOCK_UN)
            if not shared:
                _name_holder(lock)
        yield


def is_awaited(path: Path) -> bool:
    """Whether somebody waits for the database; asked by its holder."""
    with ExitStack() as held:
        try:
            fcntl.flock(_opened(path, QUEUE, held), fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def _opened(path: Path, suffix: str, held: ExitStack) -> int:
    handle = os.open(f"{path}{suffix}", os.O_RDWR | os.O_CREAT, 0o644)
    held.callback(os.close, handle)
    return handle


def _wait(handle: int, mode: int, path: Path, lock: int, deadline: float) -> None:
    while True:
        try:
            fcntl.flock(handle, mode | fcntl.LOCK_NB)
            return
        except BlockingIOError as cause:
            if time.monotonic() >= deadline:
                holder = os.pread(lock, 200, 0).decode(errors="replace").strip() or "a reader"
                raise DatabaseLockedError(
                    f"the database is in use by {holder}", where=str(path), remedy=LOCK_REMEDY
                ) from cause
            time.sleep(POLL_S)


def _name_holder(lock: int) -> None:
    command = " ".join([Path(sys.argv[0]).name or "python", *sys.argv[1:2]])
    os.ftruncate(lock, 0)
    os.pwrite(lock, f"process {os.getpid()} ({command})\n".encode(), 0)
