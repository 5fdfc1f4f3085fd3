"""One process keeps the database open for its threads, others come and go: everybody has a turn, nobody sees a lock."""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest

from storage.database import open_database, transaction
from storage.errors import DatabaseLockedError
from storage.sharing import SharedDatabase, shared_database

WRITE = """
import sys
from pathlib import Path
from storage.database import open_database
for turn in range(int(sys.argv[2])):
    with open_database(Path(sys.argv[1])) as db:
        db.con.execute("INSERT INTO settings VALUES ('other', ?)", [str(turn)])
"""
READ = WRITE.replace("[1])) as", "[1]), read_only=True) as").replace(
    """.execute("INSERT INTO settings VALUES ('other', ?)", [str(turn)])""", '.execute("FROM settings")'
)
HOLD = """
import sys
from pathlib import Path
from storage.database import open_database
with open_database(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.readline()
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "contacts.duckdb"


def _started(script: str, *arguments: object) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", script, *map(str, arguments)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


@contextmanager
def _held(path: Path) -> Iterator["subprocess.Popen[str]"]:
    """Another process holds the database until it is sent a line."""
    with _started(HOLD, path) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        yield holder
        holder.communicate("\n")


def _count(shared: SharedDatabase, name: str) -> int:
    with shared.reading() as db:
        return int(db.con.execute("SELECT count(*) FROM settings WHERE name = ?", [name]).fetchall()[0][0])


def _write(shared: SharedDatabase, name: str) -> None:
    with shared.writing() as db, transaction(db.con):
        db.con.execute("INSERT INTO settings VALUES (?, '')", [name])


def test_readers_go_on_beside_a_writer_and_see_what_is_committed(path: Path) -> None:
    with shared_database(path) as shared:
        with shared.writing() as db:
            db.con.execute("BEGIN TRANSACTION")
            db.con.execute("INSERT INTO settings VALUES ('mine', '')")
            with ThreadPoolExecutor() as threads:
                assert [*threads.map(lambda _: _count(shared, "mine"), range(4))] == [0] * 4
            db.con.execute("COMMIT")
        assert _count(shared, "mine") == 1


def test_writers_go_one_after_the_other(path: Path) -> None:
    def add_one(shared: SharedDatabase) -> None:
        with shared.writing() as db:
            (count,) = db.con.execute("SELECT count(*) FROM settings WHERE name = 'mine'").fetchall()[0]
            db.con.execute("INSERT INTO settings VALUES ('mine', ?)", [str(count)])

    with shared_database(path) as shared, ThreadPoolExecutor(8) as threads:
        for done in [threads.submit(add_one, shared) for _ in range(40)]:
            done.result()
        with shared.reading() as db:
            query = "SELECT count(DISTINCT value) FROM settings WHERE name = 'mine'"
            assert db.con.execute(query).fetchall() == [(40,)]


def test_what_a_turn_leaves_open_is_taken_back(path: Path) -> None:
    with shared_database(path) as shared:
        with shared.writing() as db:
            db.con.execute("BEGIN TRANSACTION")
            db.con.execute("INSERT INTO settings VALUES ('mine', '')")
        assert _count(shared, "mine") == 0


def test_the_database_is_opened_once_while_nobody_else_wants_it(path: Path) -> None:
    with shared_database(path) as shared:
        with shared.reading() as db:
            db.con.execute("ATTACH ':memory:' AS witness")  # gone if the database is opened anew
        time.sleep(0.2)
        with shared.reading() as db:
            assert ("witness",) in db.con.execute("SELECT database_name FROM duckdb_databases()").fetchall()


@pytest.mark.parametrize("script", [WRITE, READ])
def test_an_idle_holder_gives_way_and_comes_back(path: Path, script: str) -> None:
    with shared_database(path) as shared:
        assert _started(script, path, 3).wait() == 0
        assert _count(shared, "other") == (3 if script == WRITE else 0)


def test_a_busy_holder_and_other_processes_all_have_their_turns(path: Path) -> None:
    """Requests never pause, neither do three other processes: both sides get on, and nobody fails for a lock."""
    with shared_database(path) as shared, ThreadPoolExecutor(6) as threads:
        done, served = threading.Event(), []

        def ask(number: int) -> None:
            while not done.is_set():
                served.append(_count(shared, "other")) if number else _write(shared, "mine")

        asking = [threads.submit(ask, number) for number in range(6)]
        others = [_started(WRITE, path, 10), _started(WRITE, path, 10), _started(READ, path, 10)]
        codes = [other.wait() for other in others]
        done.set()
        for asked in asking:
            asked.result()
        assert codes == [0, 0, 0]
        assert len(set(served)) > 3, "requests were answered between the others' turns"
        assert _count(shared, "other") == 20


def test_readers_are_not_kept_out_while_a_long_job_makes_another_process_wait(path: Path) -> None:
    with shared_database(path) as shared, ThreadPoolExecutor() as threads:
        with shared.writing():
            other = _started(WRITE, path, 1)
            threads.submit(time.sleep, 1).result()
            assert _count(shared, "other") == 0
            assert other.poll() is None
        assert other.wait() == 0
        assert _count(shared, "other") == 1


def test_a_database_that_another_process_keeps_is_an_error_that_names_it_and_passes(path: Path) -> None:
    with shared_database(path, wait_s=0.3) as shared:
        with _held(path) as holder, pytest.raises(DatabaseLockedError, match=f"process {holder.pid}"):
            _count(shared, "mine")
        assert _count(shared, "mine") == 0


def test_a_writer_that_is_kept_waiting_is_told_so(path: Path) -> None:
    with shared_database(path, wait_s=0.2) as shared, ThreadPoolExecutor() as threads, shared.writing():
        with pytest.raises(DatabaseLockedError, match="another request or job"):
            threads.submit(_write, shared, "mine").result()
        assert _count(shared, "mine") == 0


def test_after_a_fatal_error_the_database_is_opened_anew(path: Path) -> None:
    with shared_database(path) as shared:
        with shared.reading() as db:
            db.con.execute("ATTACH ':memory:' AS witness")
        with pytest.raises(duckdb.FatalException), shared.reading():
            raise duckdb.FatalException("the disk went away")
        with shared.reading() as db:
            assert ("witness",) not in db.con.execute("SELECT database_name FROM duckdb_databases()").fetchall()


def test_when_asked_the_database_is_opened_anew_once_nobody_is_inside(path: Path) -> None:
    witnesses = "SELECT count(*) FROM duckdb_databases() WHERE database_name = 'witness'"
    with shared_database(path) as shared, ThreadPoolExecutor() as threads:
        with shared.reading() as db:
            db.con.execute("ATTACH ':memory:' AS witness")
            with shared.writing():
                shared.renew()
            late = threads.submit(_fetch, shared, witnesses)
            with pytest.raises(TimeoutError):
                late.result(timeout=0.2)
            assert db.con.execute(witnesses).fetchall() == [(1,)]
        assert late.result() == [(0,)]
        assert _fetch(shared, witnesses) == [(0,)]


def _fetch(shared: SharedDatabase, query: str) -> list[tuple[int]]:
    with shared.reading() as db:
        return db.con.execute(query).fetchall()


def test_at_the_end_whoever_is_inside_finishes_and_the_database_is_free(path: Path) -> None:
    with ThreadPoolExecutor() as threads:
        inside, go_on = threading.Event(), threading.Event()

        def write(shared: SharedDatabase) -> None:
            with shared.writing() as db, transaction(db.con):
                inside.set()
                go_on.wait()
                db.con.execute("INSERT INTO settings VALUES ('mine', '')")

        with shared_database(path) as shared:
            written = threads.submit(write, shared)
            inside.wait()
            threading.Timer(0.2, go_on.set).start()
        written.result()
    with open_database(path, wait_s=0) as db:
        assert db.con.execute("SELECT count(*) FROM settings WHERE name = 'mine'").fetchall() == [(1,)]


def test_a_writer_is_not_kept_out_by_readers_who_come_one_after_the_other(path: Path) -> None:
    with open_database(path):
        pass
    stop = threading.Event()

    def read() -> None:
        while not stop.is_set():
            with open_database(path, read_only=True):
                pass

    with ThreadPoolExecutor() as threads:
        reading = [threads.submit(read) for _ in range(3)]
        try:
            for _ in range(3):
                with open_database(path):
                    pass
        finally:
            stop.set()
        for reader in reading:
            reader.result()
