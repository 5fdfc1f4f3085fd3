"""Opening the database: who waits for whom, what is refused, and what survives a bad end."""

import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from storage.database import database_errors, open_database
from storage.errors import (
    ConflictError,
    CorruptDatabaseError,
    DatabaseError,
    DatabaseLockedError,
    NewerSchemaError,
    OnecardError,
)

HOLD = """
import sys, time
from pathlib import Path
from storage.database import open_database
with open_database(Path(sys.argv[1])) as db:
    print("held", flush=True)
    time.sleep(float(sys.argv[2]))
"""
FIRST = """
import os, signal, sys
from pathlib import Path
from storage.database import open_database
with open_database(Path(sys.argv[1])) as db:
    db.con.execute(
        "INSERT INTO contact_attributes BY NAME SELECT uuid() AS id, uuid() AS contact, uuid() AS attribute_def, "
        "'address' AS attribute_type, false AS is_primary, false AS is_partner, [{'city': 'Ulm'}::address] AS place, "
        "now() AS created_at, now() AS updated_at"
    )
    os.kill(os.getpid(), signal.SIGKILL)
"""
IMPORT = """
import sys
from datetime import datetime, UTC
from pathlib import Path
from flows.importing import ImportSettings, import_file
from storage.database import open_database
from storage.errors import OnecardError
try:
    with open_database(Path(sys.argv[1])) as db:
        def told(step, done):
            if step == "recording": print("recording", flush=True)
        import_file(db, Path(sys.argv[2]), ImportSettings(mapping=sys.argv[3]), now=datetime.now(UTC), on_progress=told)
except OnecardError as error:
    print(error)
    sys.exit(error.exit_code)
"""


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "contacts.duckdb"
    with open_database(path):
        pass
    return path


@pytest.fixture
def table(tmp_path: Path) -> tuple[Path, Path]:
    """A file large enough to be caught in the middle, and its mapping."""
    file, mapping = tmp_path / "contacts.csv", tmp_path / "mapping.json"
    rows = (f"First{n},Last{n},person{n}@example.com,Street {n},note {n * 7919 % 100003}" for n in range(120_000))
    file.write_text("First,Last,Email,Street,Note\n" + "\n".join(rows) + "\n", "utf-8")
    mapping.write_text(
        '{"First": {"attribute_type": "first_name"}, "Last": {"attribute_type": "last_name"},'
        ' "Email": {"attribute_type": "email"}, "Street": {"attribute_type": "address.name"},'
        ' "Note": {"attribute_type": "note"}}',
        "utf-8",
    )
    return file, mapping


def _hold(path: Path, seconds: float) -> "subprocess.Popen[str]":
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(path), str(seconds)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_a_writer_waits_for_the_one_before(database: Path) -> None:
    with _hold(database, 0.5) as holder, open_database(database, wait_s=30):
        assert holder.poll() is not None or holder.wait() == 0


@pytest.mark.parametrize("read_only", [False, True])
def test_a_database_that_stays_in_use_is_named_with_its_holder(database: Path, read_only: bool) -> None:
    with _hold(database, 60) as holder:
        with (
            pytest.raises(DatabaseLockedError, match=rf"process {holder.pid}.*publish"),
            open_database(database, read_only=read_only, wait_s=0.1),
        ):
            pass
        holder.kill()


def test_readers_share(database: Path) -> None:
    with open_database(database, read_only=True, wait_s=0), open_database(database, read_only=True, wait_s=0) as second:
        assert second.con.execute("SELECT count(*) FROM contacts").fetchall() == [(0,)]


def test_a_program_that_knows_no_lock_file_is_noticed(database: Path) -> None:
    script = f"import duckdb, time; c = duckdb.connect({str(database)!r}); print('held', flush=True); time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        with pytest.raises(DatabaseLockedError), open_database(database, wait_s=0):
            pass
        holder.kill()


def _newer(path: Path) -> None:
    with duckdb.connect(str(path)) as con:
        con.execute("INSERT INTO schema_migrations VALUES (9999, 'from the future', now())")


def _foreign(path: Path) -> None:
    path.unlink()
    with duckdb.connect(str(path)) as con:
        con.execute("CREATE TABLE sales (amount INTEGER)")


def _text(path: Path) -> None:
    path.write_text("First,Last\nAnn,Lee\n", "utf-8")


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: 3 * 4096 + 100])


def _spoilt(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[4096:20000] = os.urandom(20000 - 4096)
    path.write_bytes(bytes(content))


@pytest.mark.parametrize(
    ("spoil", "error"),
    [
        (_newer, NewerSchemaError),
        (_foreign, CorruptDatabaseError),
        (_text, CorruptDatabaseError),
        (_cut, DatabaseError),
        (_spoilt, DatabaseError),
    ],
)
def test_what_is_no_database_of_ours_is_refused_and_left_as_it_is(
    database: Path, spoil: Callable[[Path], None], error: type[OnecardError]
) -> None:
    spoil(database)
    before = database.read_bytes()
    with pytest.raises(error) as raised, open_database(database, wait_s=0):
        pass
    assert raised.value.exit_code == 6
    assert database.name in str(raised.value)
    assert database.read_bytes() == before


@pytest.mark.parametrize("place", [".", "no/such/folder/contacts.duckdb"])
def test_a_place_that_cannot_hold_a_database_is_named(tmp_path: Path, place: str) -> None:
    with pytest.raises(DatabaseError), open_database(tmp_path / place):
        pass


def test_reading_needs_a_database(tmp_path: Path) -> None:
    with pytest.raises(DatabaseError, match="onecard import"), open_database(tmp_path / "none.duckdb", read_only=True):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_first_open_that_fails_leaves_the_database_usable(tmp_path: Path) -> None:
    path = tmp_path / "contacts.duckdb"
    with pytest.raises(ConflictError), open_database(path):
        raise ConflictError("no")
    with open_database(path) as db:
        assert db.con.execute("SELECT count(*) FROM attribute_defs").fetchall() == [(29,)]


def test_owners_made_at_first_use_stay(database: Path) -> None:
    with open_database(database) as first:
        owners = (first.user, first.brand)
    with open_database(database, read_only=True) as second:
        assert (second.user, second.brand) == owners


def _counts(path: Path) -> list[tuple[int, ...]]:
    with open_database(path) as db:
        tables = ("contacts", "contact_attributes", "contact_summaries", "import_rejects")
        return [db.con.execute(f"SELECT count(*) FROM {table}").fetchall()[0] for table in tables]


def test_a_process_killed_in_the_middle_leaves_nothing_half_written(database: Path, table: tuple[Path, Path]) -> None:
    command = [sys.executable, "-c", IMPORT, str(database), *map(str, table)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "recording\n"
        process.send_signal(signal.SIGKILL)
    assert _counts(database) == [(0,)] * 4


@pytest.mark.parametrize("read_only", [False, True])
def test_what_the_process_that_made_the_database_wrote_before_it_was_killed_is_there(
    tmp_path: Path, read_only: bool
) -> None:
    path = tmp_path / "contacts.duckdb"
    assert subprocess.run([sys.executable, "-c", FIRST, str(path)], check=False).returncode == -signal.SIGKILL
    for read in (read_only, False):
        with open_database(path, read_only=read) as db:
            assert db.con.execute("SELECT address.city FROM contact_attributes").fetchall() == [("Ulm",)]
            assert db.con.execute("SELECT address::address FROM contact_attributes").fetchall()[0][0]["city"] == "Ulm"


def test_an_interrupt_leaves_nothing_half_written(database: Path, table: tuple[Path, Path]) -> None:
    command = [sys.executable, "-c", IMPORT, str(database), *map(str, table)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "recording\n"
        process.send_signal(signal.SIGINT)
    assert process.returncode != 0
    assert _counts(database) == [(0,)] * 4


def test_a_full_disk_is_an_error_and_leaves_nothing_half_written(database: Path, table: tuple[Path, Path]) -> None:
    """A limit on the size of files stands in for the full disk: the same write fails."""

    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (9_000_000, 9_000_000))

    command = [sys.executable, "-c", IMPORT, str(database), *map(str, table)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, preexec_fn=limit)
    assert (done.returncode, "disk" in done.stdout) == (6, True), done.stdout + done.stderr
    assert _counts(database) == [(0,)] * 4


def test_the_lock_does_not_outlive_its_process(database: Path) -> None:
    with _hold(database, 60) as holder:
        holder.kill()
    started = time.monotonic()
    with open_database(database, wait_s=30):
        pass
    assert time.monotonic() - started < 30


def test_a_database_cut_short_is_named_as_damaged(tmp_path: Path) -> None:
    path = tmp_path / "people.duckdb"
    with open_database(path):
        pass
    whole = path.read_bytes()
    for size in (20, 5_000, len(whole) // 2):
        path.write_bytes(whole[:size])
        with pytest.raises(CorruptDatabaseError) as caught, open_database(path):
            pass
        assert "damaged" in str(caught.value)
        assert caught.value.remedy


def test_a_query_that_ctrl_c_ended_is_an_interrupt_and_any_other_error_is_itself(tmp_path: Path) -> None:
    for error, expected in (("Query interrupted", KeyboardInterrupt), ("something else", RuntimeError)):
        with pytest.raises(expected), database_errors(tmp_path):
            raise RuntimeError(error)
