"""Limits: how they are read, and that a file with too many rejects leaves nothing but its reasons."""

import json
from pathlib import Path

import pytest

from flows.importing import ImportSettings, import_file
from flows.limits import allowed
from storage.database import open_database
from storage.errors import TooManyRejectsError, UsageError
from storage.jobs import list_jobs, read_rejects
from tests.flows.test_undoing import NOW, state

CASES = [
    ("3", 10, 3),
    ("0", 10, 0),
    ("10%", 50, 5),
    ("2.5 %", 0, None),
    ("2.5%", 200, 5),
    ("few", 1, None),
]


@pytest.mark.parametrize(("limit", "whole", "most"), CASES)
def test_a_limit_is_a_number_or_a_percentage(limit: str, whole: int, most: int | None) -> None:
    if most is None:
        with pytest.raises(UsageError, match="neither a number nor a percentage"):
            allowed(limit, whole)
    else:
        assert allowed(limit, whole) == most


@pytest.fixture
def how(tmp_path: Path) -> dict[str, str]:
    """A file of four rows of which two have a bad e-mail, one of them nothing else; and its mapping."""
    rows = "First,Email\nAnn,ann@example.com\nBob,not one\n,neither\nEve,\n"
    (tmp_path / "contacts.csv").write_text(rows, "utf-8")
    mapping = {"First": {"attribute_type": "first_name"}, "Email": {"attribute_type": "email"}}
    (tmp_path / "mapping.json").write_text(json.dumps({"mappings": mapping}), "utf-8")
    return {"mapping": str(tmp_path / "mapping.json")}


@pytest.mark.parametrize("limit", ["2", "50%"])
def test_as_many_as_allowed_come_in(tmp_path: Path, how: dict[str, str], limit: str) -> None:
    with open_database(tmp_path / "contacts.duckdb") as db:
        report = import_file(db, tmp_path / "contacts.csv", ImportSettings(**how, max_rejects=limit), now=NOW)
        assert (report.created, report.rejected) == (3, 1)


@pytest.mark.parametrize("limit", ["1", "49%"])
def test_one_more_stops_the_file_and_the_failed_job_keeps_the_reasons(
    tmp_path: Path, how: dict[str, str], limit: str
) -> None:
    with open_database(tmp_path / "contacts.duckdb") as db:
        before = state(db)
        with pytest.raises(TooManyRejectsError) as error:
            import_file(db, tmp_path / "contacts.csv", ImportSettings(**how, max_rejects=limit), now=NOW)
        (job,) = list_jobs(db.con)
        assert (job.state, job.file) == ("failed", "contacts.csv")
        assert "2 × Email: not an e-mail address" in str(error.value)
        assert f"onecard rejects {job.id}" in str(error.value)
        assert read_rejects(db.con, job.id)["row"].to_list() == [2, 3, 3]
        db.con.execute("DELETE FROM import_rejects")
        assert state(db) == before


def test_a_dry_run_stops_too_and_leaves_no_job(tmp_path: Path, how: dict[str, str]) -> None:
    with open_database(tmp_path / "contacts.duckdb") as db:
        before = state(db)
        with pytest.raises(TooManyRejectsError):
            import_file(db, tmp_path / "contacts.csv", ImportSettings(**how, max_rejects="0", dry_run=True), now=NOW)
        assert (state(db), list_jobs(db.con)) == (before, [])
