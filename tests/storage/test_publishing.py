"""A published copy: whole, of the last commit, and never half there."""

from pathlib import Path

import duckdb
import pytest

from storage import publishing
from storage.database import open_database
from storage.errors import DatabaseError, DatabaseLockedError, UsageError
from storage.publishing import publish_database, published_path


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "people.duckdb"
    add_setting(path, "first")
    return path


def add_setting(path: Path, name: str) -> None:
    with open_database(path) as db:
        db.con.execute("INSERT INTO settings VALUES (?, 'x')", [name])


def has_setting(path: Path, name: str) -> bool:
    with open_database(path, read_only=True) as db:
        return bool(db.con.execute("SELECT 1 FROM settings WHERE name = ?", [name]).fetchall())


@pytest.mark.parametrize(
    ("name", "published"),
    [("onecard.duckdb", "onecard.published.duckdb"), ("a.b.db", "a.b.published.db"), ("bare", "bare.published.duckdb")],
)
def test_the_published_copy_stands_beside_the_database(name: str, published: str) -> None:
    assert published_path(Path(name)) == Path(published)


def test_the_copy_has_what_was_committed_and_a_later_one_replaces_it(database: Path) -> None:
    target = publish_database(database)
    assert target == database.with_name("people.published.duckdb")
    add_setting(database, "second")
    assert has_setting(target, "first")
    assert not has_setting(target, "second")
    assert publish_database(database) == target
    assert has_setting(target, "second")
    assert not list(database.parent.glob("*.partial")) + list(database.parent.glob(".*.partial"))


def test_a_reader_of_the_old_copy_keeps_it(database: Path) -> None:
    target = publish_database(database)
    with open_database(target, read_only=True) as reader:
        add_setting(database, "second")
        publish_database(database)
        assert not reader.con.execute("SELECT 1 FROM settings WHERE name = 'second'").fetchall()


def test_a_database_held_by_another_is_waited_for_then_reported(database: Path) -> None:
    with open_database(database), pytest.raises(DatabaseLockedError):
        publish_database(database, wait_s=0.1)


def test_a_target_that_cannot_be_one_is_refused(database: Path, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("not a database at all")
    link = tmp_path / "link.duckdb"
    link.symlink_to(database)
    for target in (
        database,
        link,
        tmp_path,
        tmp_path / "none" / "x.duckdb",
        tmp_path / "notes.txt",
        tmp_path / "people.duckdb.wal",
    ):
        with pytest.raises(UsageError):
            publish_database(database, target)
    assert (tmp_path / "notes.txt").read_text() == "not a database at all"


def test_nothing_to_publish_is_an_error_and_makes_no_database(tmp_path: Path) -> None:
    with pytest.raises(DatabaseError, match="no database yet"):
        publish_database(tmp_path / "none.duckdb")
    assert list(tmp_path.iterdir()) == []


def test_a_copy_that_fails_leaves_the_published_one(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = publish_database(database)
    before = target.read_bytes()
    monkeypatch.setattr(publishing.shutil, "which", lambda _name: "false")
    with pytest.raises(DatabaseError, match="could not be written"):
        publish_database(database)
    assert target.read_bytes() == before


def test_only_a_copy_published_of_the_same_database_is_replaced(database: Path, tmp_path: Path) -> None:
    other, foreign = tmp_path / "other.duckdb", tmp_path / "foreign.duckdb"
    add_setting(other, "theirs")
    with duckdb.connect(str(foreign)) as con:
        con.execute("CREATE TABLE t AS SELECT 1 AS a")
    others_copy = publish_database(other)
    for target in (other, foreign, others_copy):
        before = target.read_bytes()
        Path(f"{target}.wal").write_bytes(b"")
        with pytest.raises(UsageError, match="not a copy published of this database"):
            publish_database(database, target)
        assert target.read_bytes() == before
        assert Path(f"{target}.wal").exists()
        Path(f"{target}.wal").unlink()
    assert has_setting(publish_database(database, tmp_path / "fresh.duckdb"), "first")


def test_a_copy_that_onecard_wrote_to_is_a_database_of_its_own(database: Path) -> None:
    target = publish_database(database)
    add_setting(target, "mine")
    with pytest.raises(UsageError, match="not a copy published"):
        publish_database(database)
    assert has_setting(target, "mine")
