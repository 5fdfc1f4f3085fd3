"""Corrected rejects: read as the import was that they come from, and never taken where nothing was corrected."""

import csv
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from flows.cli import main
from flows.import_reports import ImportReport
from flows.importing import ImportSettings, import_file
from storage.database import open_database
from storage.errors import TooManyRejectsError
from storage.jobs import list_jobs

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
HEADER = "First Name,Last Name,Email,Mobile Phone,Birthday\n"
GOOD = "Ann,Lee,ann@example.com,020 7946 0018,13/04/1980\n"  # the one date that says which order
Rows = list[dict[str, str]]
Import = Callable[..., ImportReport]
Correct = Callable[..., ImportReport]


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "contacts.duckdb"


@pytest.fixture
def load(tmp_path: Path, database: Path) -> Import:
    def imported(text: str, **settings: Any) -> ImportReport:
        (tmp_path / "people.csv").write_text(text, "utf-8")
        with open_database(database) as db:
            return import_file(db, tmp_path / "people.csv", ImportSettings(**settings), now=NOW)

    return imported


@pytest.fixture
def correct(tmp_path: Path, database: Path) -> Correct:
    """Write the rejects of a job to a file, change its rows, and import it."""

    def corrected(job: object, *changes: dict[str, str], kind: str = "csv", **settings: Any) -> ImportReport:
        file = tmp_path / f"fix.{kind}"
        assert main(["--db", str(database), "--quiet", "rejects", str(job), "-o", str(file)]) == 0
        if kind == "json":
            rows = json.loads(file.read_text("utf-8"))
            file.write_text(json.dumps([row | change for row, change in zip(rows, changes, strict=True)]), "utf-8")
        else:
            with file.open(newline="") as old:
                rows = list(csv.DictReader(old))
            with file.open("w", newline="") as new:
                writer = csv.DictWriter(new, [*rows[0]])
                writer.writeheader()
                writer.writerows(row | change for row, change in zip(rows, changes, strict=True))
        with open_database(database) as db:
            return import_file(db, file, ImportSettings(**settings), now=NOW)

    return corrected


def counts(report: ImportReport) -> tuple[int, int, int, int]:
    return (report.created, report.updated, report.unchanged, report.rejected)


def ask(database: Path, query: str) -> list[Any]:
    with open_database(database) as db:
        return db.con.execute(query).fetchall()


@pytest.mark.parametrize("kind", ["csv", "json"])
def test_the_settings_and_orders_of_the_first_import_hold_for_the_corrections(
    load: Import, correct: Correct, database: Path, kind: str
) -> None:
    first = load(HEADER + GOOD + "Bob,Ray,nobody,020 7946 0019,03/04/1975\n", region="GB", source="crm")
    again = correct(first.job_id, {"Email": "bob@example.com"}, kind=kind)
    assert (counts(again), again.reasons) == ((0, 1, 0, 0), ())
    found = "SELECT strftime(make_timestamp(birthday * 1000000), '%Y-%m-%d'), emails FROM contacts_wide ORDER BY id"
    assert ask(database, found)[1] == ("1975-04-03", ["bob@example.com"])
    assert ask(database, "SELECT key FROM phone_numbers ORDER BY key") == [("+442079460018",), ("+442079460019",)]
    with open_database(database) as db:
        assert list_jobs(db.con)[0].arguments["source"] == "crm"


def test_a_region_said_with_the_corrections_holds_though_it_is_the_one_taken_when_none_is_said(
    load: Import, correct: Correct, database: Path
) -> None:
    first = load(HEADER + "Bob,Ray,bob@example.com,1,\n", region="GB")
    correct(first.job_id, {"Mobile Phone": "212 555 0199"}, region="US")
    assert ask(database, "SELECT key FROM phone_numbers") == [("+12125550199",)]


def test_a_birthday_corrected_alone_is_read_in_the_order_of_the_file(
    load: Import, correct: Correct, database: Path
) -> None:
    first = load(HEADER + GOOD + "Bob,Ray,bob@example.com,,31/13/1975\n")
    assert counts(correct(first.job_id, {"Birthday": "03/04/1975"})) == (0, 1, 0, 0)
    days = "SELECT strftime(make_timestamp(birthday * 1000000), '%Y-%m-%d') FROM contacts_wide WHERE first_name = 'Bob'"
    assert ask(database, days) == [("1975-04-03",)]


def test_the_mapping_of_the_first_import_holds_for_the_corrections_unless_another_is_given(
    load: Import, correct: Correct, tmp_path: Path
) -> None:
    mapping = tmp_path / "mapping.json"
    mapping.write_text('{"mappings": {"X": {"attribute_type": "first_name"}, "Y": {"attribute_type": "email"}}}')
    first = load("X,Y\nAnn,nobody\n", mapping=str(mapping))
    other = tmp_path / "other.json"
    other.write_text('{"mappings": {"X": {"attribute_type": "nickname"}}}')
    mapping.unlink()
    assert correct(first.job_id, {"Y": "ann@example.com"}).columns == {"X": "first_name", "Y": "email"}
    assert correct(first.job_id, {"Y": "ann@example.com"}, mapping=str(other)).columns == {"X": "nickname"}


def test_rejects_of_a_failed_import_come_in_with_its_settings(load: Import, correct: Correct, database: Path) -> None:
    with pytest.raises(TooManyRejectsError):
        load(HEADER + GOOD + "Bob,Ray,nobody,,03/04/1975\n", dates="dmy", max_rejects="0")
    (job,) = ask(database, "SELECT job FROM import_history")[0]
    assert counts(correct(job, {"Email": "bob@example.com"})) == (1, 0, 0, 0)
    assert ask(database, "SELECT birthday // 86400 FROM contacts_wide") == [(1918,)]


def test_a_row_corrected_twice_is_still_the_contact_its_row_made(
    load: Import, correct: Correct, database: Path
) -> None:
    first = load(HEADER + GOOD + "Bob,Ray,nobody,,\n")
    second = correct(first.job_id, {"Email": "bob@@example.com"})
    assert counts(correct(second.job_id, {"Email": "bob@example.com", "Last Name": "Rae"})) == (0, 1, 0, 0)
    assert ask(database, "SELECT last_name FROM contacts_wide ORDER BY id") == [("Lee",), ("Rae",)]


def test_a_column_of_reasons_of_the_file_s_own_is_as_any_other(load: Import, correct: Correct, database: Path) -> None:
    header, good = HEADER.replace("\n", ",reason\n"), GOOD.replace("\n", ",kin\n")
    first = load(header + good + "Bob,Ray,nobody,,,friend\n")
    assert first.ignored_columns == ("reason",)
    second = correct(first.job_id, {"Email": "bob@@example.com"})
    third = correct(second.job_id, {"Email": "bob@example.com", "reason": "friend"})
    assert (counts(third), third.ignored_columns) == ((0, 1, 0, 0), ("reason",))
    assert counts(load(header + good + "Bob,Ray,bob@example.com,,,friend\n")) == (0, 0, 2, 0)
    assert ask(database, "SELECT email FROM contacts_wide ORDER BY id") == [("ann@example.com",), ("bob@example.com",)]


SHORT, LONG, STRAY = "Cy,Dee\n", "Di,Eve,di@example.com,,,extra\n", 'Ed,"Fox" jr,ed@example.com,,\n'


@pytest.mark.parametrize("row", [SHORT, LONG, STRAY])
def test_a_row_that_is_none_is_rejected_again_until_it_is_corrected(load: Import, correct: Correct, row: str) -> None:
    first = load(HEADER + GOOD + row)
    (why,) = [reason for reason, _ in first.reasons]
    for _ in range(2):
        again = correct(first.job_id, {})
        assert (counts(again), again.reasons) == ((0, 0, 0, 1), ((f"not corrected: {why}", 1),))
    assert correct(again.job_id, {}).reasons == again.reasons
    assert counts(correct(again.job_id, {"Birthday": "1990-01-02", "surplus 1": ""} if row is LONG else {
        "Birthday": "1990-01-02"})) == (1, 0, 0, 0)  # fmt: skip


def test_a_row_with_a_cell_beyond_the_columns_is_rejected_whatever_else_was_changed(
    load: Import, correct: Correct
) -> None:
    first = load(HEADER + GOOD + LONG)
    assert counts(correct(first.job_id, {"First Name": "Dina", "reason": ""})) == (0, 0, 0, 1)


def test_a_row_whose_reason_is_emptied_is_taken_as_it_stands(load: Import, correct: Correct) -> None:
    first = load(HEADER + GOOD + SHORT)
    assert counts(correct(first.job_id, {"reason": ""})) == (1, 0, 0, 0)


def test_a_second_row_with_an_id_is_not_taken_for_a_change_when_it_comes_back(
    load: Import, correct: Correct, database: Path
) -> None:
    first = load("Record ID,First Name,Email\n1,Ann,ann@example.com\n1,Bob,bob@example.com\n", source="crm")
    assert counts(first) == (1, 0, 0, 1)
    assert counts(correct(first.job_id, {})) == (0, 0, 0, 1)
    assert counts(correct(first.job_id, {"Record ID": "2"})) == (1, 0, 0, 0)
    assert ask(database, "SELECT first_name FROM contacts_wide ORDER BY source_id") == [("Ann",), ("Bob",)]


def test_a_row_without_a_value_that_could_be_taken_is_tried_again_with_other_settings(
    load: Import, correct: Correct
) -> None:
    first = load("Birthday\n03/04/1975\n", accept_mapping=True)
    assert counts(first) == (0, 0, 0, 1)
    assert counts(correct(first.job_id, {}, dates="dmy")) == (1, 0, 0, 0)


def test_rejects_of_a_queued_import_without_an_owner_come_in(load: Import, correct: Correct, database: Path) -> None:
    first = load(HEADER + GOOD + "Bob,Ray,nobody,,\n")
    ask(database, """UPDATE jobs SET arguments = '{"file_id": "x", "owner": null}'""")
    assert counts(correct(first.job_id, {"Email": "bob@example.com"})) == (0, 1, 0, 0)


def test_rows_of_several_imports_are_read_as_any_file(load: Import, database: Path, tmp_path: Path) -> None:
    jobs = [load(f"First Name,Email\n{name},nobody\n").job_id for name in ("Ann", "Bob")]
    fix = "".join(f"{name},{name}@example.com,{job}:1\n" for name, job in zip(("Ann", "Bob"), jobs, strict=True))
    assert counts(load(f"First Name,Email,onecard_row\n{fix}")) == (0, 2, 0, 0)


def test_rejects_of_another_brand_say_nothing_of_how_to_read_a_file(
    load: Import, database: Path, tmp_path: Path
) -> None:
    first = load("First Name,Email\nAnn,nobody\n", source="theirs", owner=uuid4())
    (tmp_path / "fix.csv").write_text(f"First Name,Email,onecard_row\nAnn,ann@example.com,{first.job_id}:1\n")
    with open_database(database) as db:
        other = replace(db, brand=uuid4(), user=uuid4())
        assert counts(import_file(other, tmp_path / "fix.csv", ImportSettings(), now=NOW)) == (1, 0, 0, 0)
        found = db.con.execute("SELECT brand, user_id, source FROM contacts ORDER BY id").fetchall()
    assert found[1] == (other.brand, other.user, None)


def test_corrections_of_an_import_that_fills_gaps_replace_nothing(
    load: Import, correct: Correct, database: Path
) -> None:
    header = "Record ID,First Name,Email 1,Email 2,Job Title\n"
    load(f"{header}1,Ann,,,Director\n", source="crm")
    second = load(f"{header}1,Ann,nobody,,Intern\n2,Bob,bob@example.com,noone,Clerk\n", source="crm", on_match="fill")
    correct(second.job_id, {"Email 1": "ann@example.com"}, {"Email 2": "bob@example.org"})
    assert ask(database, "SELECT first_name, job_title, list_sort(emails) FROM contacts_wide ORDER BY source_id") == [
        ("Ann", "Director", ["ann@example.com"]),
        ("Bob", "Clerk", ["bob@example.com", "bob@example.org"]),
    ]


@pytest.mark.parametrize("on_match", ["skip", "create"])
def test_corrections_go_to_their_contact_whatever_was_done_on_a_match(
    load: Import, correct: Correct, on_match: str
) -> None:
    first = load(HEADER + "Bob,Ray,nobody,,\n", on_match=on_match)
    assert counts(correct(first.job_id, {"Email": "bob@example.com"})) == (0, 1, 0, 0)


def test_a_value_rejected_when_another_mapping_was_tried_goes_to_the_contact_that_was_there(
    load: Import, correct: Correct, database: Path, tmp_path: Path
) -> None:
    few = {"First": {"attribute_type": "first_name"}, "Email": {"attribute_type": "email"}}
    more = few | {"Odd": {"attribute_type": "birthday"}}
    names = [str(tmp_path / name) for name in ("few.json", "more.json")]
    for name, mappings in zip(names, (few, more), strict=True):
        Path(name).write_text(json.dumps({"mappings": mappings}))
    text = "First,Email,Odd\nAnn,ann@example.com,13/25/1980\nBob,bob@example.com,1981-02-03\n"
    assert counts(load(text, mapping=names[0])) == (2, 0, 0, 0)
    second = load(text, mapping=names[1])
    assert counts(correct(second.job_id, {"Odd": "1980-12-25"})) == (0, 1, 0, 0)
    assert ask(database, "SELECT count(*), count(birthday) FROM contacts_wide") == [(2, 2)]
