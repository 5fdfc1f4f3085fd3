"""The demo tells the whole walk, starts afresh each time, and leaves something in every view."""

import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from flows.demo import run_demo
from storage.database import open_database
from storage.errors import UsageError

VIEWS = (
    *("contacts_wide", "emails", "phone_numbers", "addresses", "contact_tags", "tag_counts", "touch_due"),
    *("import_history", "import_errors", "duplicates_to_review", "merge_history", "completeness", "data_quality"),
)


def _told(folder: Path, width: int = 100) -> str:
    out = io.StringIO()
    run_demo(folder, console=Console(file=out, width=width))
    return out.getvalue()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def told(folder: Path) -> str:
    return _told(folder)


def test_it_tells_what_came_in_what_was_refused_and_why(told: str) -> None:
    assert "203 contacts" in told
    assert "bart.quigley at example.com" in told
    assert "not an e-mail address" in told


def test_it_lays_the_cards_of_one_person_side_by_side_and_merges_them(told: str) -> None:
    assert "card 4" in told
    assert "because: " in told
    assert "Margaret Sullivan: 4 cards merged into one" in told


def test_it_needs_no_terminal_and_no_colour(told: str) -> None:
    assert "\x1b" not in told


@pytest.mark.usefixtures("told")
@pytest.mark.parametrize("view", VIEWS)
def test_every_view_has_rows_afterwards(folder: Path, view: str) -> None:
    with open_database(folder / "onecard.duckdb", read_only=True) as db:
        assert db.con.execute(f"SELECT 1 FROM {view} LIMIT 1").fetchall()


@pytest.mark.usefixtures("told")
def test_the_json_is_the_documented_envelope(folder: Path) -> None:
    contacts = json.loads((folder / "contacts.json").read_text(encoding="utf-8"))
    clusters = json.loads((folder / "duplicates.json").read_text(encoding="utf-8"))
    assert contacts["code"] == clusters["code"] == "OK"
    assert contacts["info"] == {"count": 200, "total": 200}
    assert {cluster["type"] for cluster in clusters["data"]} == {"contact_duplicate"}


def test_a_second_run_starts_afresh_and_leaves_other_files_alone(folder: Path, told: str) -> None:
    (folder / "mine.txt").write_text("mine", encoding="utf-8")
    again = _told(folder)
    assert again.count("203 contacts") == told.count("203 contacts") == 1
    assert (folder / "mine.txt").read_text(encoding="utf-8") == "mine"


def test_it_does_not_touch_a_database_no_demo_made(tmp_path: Path) -> None:
    (tmp_path / "onecard.duckdb").write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match=r"onecard\.duckdb that no demo made"):
        _told(tmp_path)
    assert (tmp_path / "onecard.duckdb").read_text(encoding="utf-8") == "mine"


def test_it_can_be_told_on_a_narrow_screen(tmp_path: Path) -> None:
    assert max(map(len, _told(tmp_path / "new" / "folder", width=60).split("Try next")[0].splitlines())) <= 60
