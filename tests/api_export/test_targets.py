"""A target is written whole, in place of what was there, wherever it is."""

from pathlib import Path

import pytest

from api_export.targets import open_target, path_for
from storage.database import open_database
from storage.errors import UsageError


def test_a_file_takes_its_name_when_it_is_whole(tmp_path: Path) -> None:
    target = tmp_path / "out.json"
    with open_target(target) as out:
        out.write(b"{}")
        assert not target.exists()
    assert target.read_bytes() == b"{}"
    assert list(tmp_path.iterdir()) == [target]


def test_a_link_stays_a_link_to_the_new_content(tmp_path: Path) -> None:
    (tmp_path / "real.json").write_text("old")
    (tmp_path / "link.json").symlink_to("real.json")
    with path_for(tmp_path / "link.json") as path:
        path.write_text("new")
    assert (tmp_path / "link.json").is_symlink()
    assert (tmp_path / "real.json").read_text() == "new"


@pytest.mark.parametrize("writer", [open_target, path_for])
def test_a_device_is_written_as_it_is(writer: object) -> None:
    with writer(Path("/dev/null")) as out:  # type: ignore[operator]
        if isinstance(out, Path):
            out.write_bytes(b"x")
        else:
            out.write(b"x")
    assert Path("/dev/null").is_char_device()


@pytest.mark.parametrize(
    ("name", "message"),
    [("", "this is a folder"), ("no/such/out.json", "the folder does not exist"), ("file/out.json", "does not exist")],
)
def test_a_target_that_cannot_be_is_refused(tmp_path: Path, name: str, message: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match=message), open_target(tmp_path / name):
        pass


@pytest.mark.parametrize("writer", [open_target, path_for])
@pytest.mark.parametrize(
    "name", ["people.duckdb", "people.duckdb.wal", "people.duckdb.lock", "people.duckdb.queue", "link.csv"]
)
def test_a_database_and_its_log_and_lock_are_no_targets(tmp_path: Path, writer: object, name: str) -> None:
    with open_database(tmp_path / "people.duckdb"):
        pass
    (tmp_path / "link.csv").symlink_to("people.duckdb")
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    with pytest.raises(UsageError, match="belongs to a database"), writer(tmp_path / name):  # type: ignore[operator]
        pass
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before
