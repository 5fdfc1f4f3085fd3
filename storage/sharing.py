"""Keep a database open for the threads of one process, and give it up whenever another process waits for it.

Opening takes some 40 ms, so a server opens once. Readers run side by side, each on a connection of its own, and one
writer at a time beside them. When another process queues (`locking`), what is under way is finished, the database is
closed, and whoever calls next queues behind that process.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Literal

import duckdb

from storage.database import ALIAS, Database, database_errors, open_database
from storage.errors import DatabaseLockedError
from storage.locking import is_awaited

__all__ = ["SharedDatabase", "shared_database"]

# While there is work for it the database is kept this long: not every request has to open it anew.
TURN_S = 0.1
POLL_S = 0.02
Who = Literal["reader", "writer"]


@contextmanager
def shared_database(path: Path, *, wait_s: float = 30.0) -> Iterator["SharedDatabase"]:
    """Open (and on first use create) the database at `path` for many threads; at the end, wait for those still in it.

    Raises: what `open_database` raises.
    """
    shared = SharedDatabase(path.resolve(), wait_s)
    with shared.reading():  # what is wrong with the database is said now, not to the first request
        pass
    watcher = threading.Thread(target=shared.watch, name="give up when awaited", daemon=True)
    watcher.start()
    try:
        yield shared
    finally:
        shared.end()
        watcher.join()


class SharedDatabase:
    """A database for many threads, each of which waits for its turn for at most `wait_s` seconds.

    `opened` is set whenever it has been opened: until then another process may have written.
    """

    def __init__(self, path: Path, wait_s: float) -> None:
        self.opened = threading.Event()
        self._path, self._wait_s = path, wait_s
        self._changed = threading.Condition()
        self._ended = threading.Event()
        self._held = ExitStack()
        self._db: Database | None = None
        self._opened_at = 0.0
        self._is_opening = self._is_worn = False
        self._inside: dict[Who, int] = {"reader": 0, "writer": 0}

    @contextmanager
    def reading(self) -> Iterator[Database]:
        """Give the database to a caller who only reads.

        Raises: DatabaseLockedError when another process keeps it for too long.
        """
        with self._turn("reader") as db:
            yield db

    @contextmanager
    def writing(self) -> Iterator[Database]:
        """Give the database to a caller who may write: one at a time, beside the readers.

        Raises: DatabaseLockedError when another process or writer keeps it for too long.
        """
        with self._turn("writer") as db:
            yield db

    def watch(self) -> None:
        """Give the database up while nobody here uses it and another process waits; return after the end."""
        while not self._ended.wait(POLL_S):
            with self._changed:
                if self._db is not None and self._is_empty() and is_awaited(self._path):
                    self._close()

    def renew(self) -> None:
        """Have the database opened anew as soon as nobody is inside."""
        self._is_worn = True

    def end(self) -> None:
        """Wait for whoever is inside, and close."""
        self._ended.set()
        with self._changed:
            self._changed.wait_for(lambda: self._is_empty() and not self._is_opening)
            self._close()

    @contextmanager
    def _turn(self, who: Who) -> Iterator[Database]:
        db = self._enter(who)
        try:
            with database_errors(self._path):
                yield db
        except BaseException as error:
            # After such an error DuckDB answers nothing more until the database is opened anew.
            self._is_worn |= isinstance(error.__cause__ or error, duckdb.FatalException)
            raise
        finally:
            db.con.close()
            self._leave(who)

    def _enter(self, who: Who) -> Database:
        deadline = time.monotonic() + self._wait_s
        with self._changed:
            while (db := self._db) is None or not self._admits(who):
                if self._is_empty() and not self._is_opening:
                    self._close()
                    self._open(deadline)
                elif not self._changed.wait(deadline - time.monotonic()):
                    what = "the database is in use by another request or job"
                    raise DatabaseLockedError(what, where=str(self._path), remedy="Try again in a moment.")
            con = db.con.cursor()
            con.execute(f"USE {ALIAS}")
            self._inside[who] += 1
            return replace(db, con=con)

    def _leave(self, who: Who) -> None:
        with self._changed:
            self._inside[who] -= 1
            if self._is_empty() and self._is_wanted():
                self._close()
            self._changed.notify_all()

    def _admits(self, who: Who) -> bool:
        if self._inside["writer"]:  # it may be a long job: nothing is gained by keeping readers out until it is done
            return who == "reader"
        return not self._is_wanted()

    def _is_wanted(self) -> bool:
        """Whether to close as soon as nobody is inside."""
        return self._is_worn or (time.monotonic() - self._opened_at > TURN_S and is_awaited(self._path))

    def _is_empty(self) -> bool:
        return not any(self._inside.values())

    def _open(self, deadline: float) -> None:
        """Queue for the database and open it; meanwhile others here may wait too, and give up at their own time."""
        self._is_opening = True
        self._changed.release()
        held = ExitStack()
        try:
            db = held.enter_context(open_database(self._path, wait_s=deadline - time.monotonic()))
        finally:
            self._changed.acquire()
            self._is_opening = False
            self._changed.notify_all()
        self._held, self._db, self._opened_at, self._is_worn = held, db, time.monotonic(), False
        self.opened.set()

    def _close(self) -> None:
        self._db = None
        self._held.close()
