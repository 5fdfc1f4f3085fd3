"""Undoing an import: everything is as it was before, unless later work depends on it."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api_export.exporting import export
from dedup.rules import Rules
from flows.import_reports import ImportReport
from flows.importing import ImportSettings, import_file
from flows.pipeline import find_duplicates, judge, merge_contacts, unmerge
from flows.undoing import undo_import
from storage.database import Database, open_database
from storage.duplicates import read_clusters, read_judgements
from storage.errors import ConflictError, OnecardError, UsageError
from storage.indexing import build_index, index_is_current
from storage.jobs import find_job, list_jobs, read_reject_originals

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LATER = NOW + timedelta(days=200)
COLUMNS = {
    "Id": {"attribute_type": "source_id"},
    "First": {"attribute_type": "first_name"},
    "Last": {"attribute_type": "last_name"},
    "Email": {"attribute_type": "email", "index": 0},
    "Main": {"attribute_type": "email", "index": 1, "is_primary": True},
    "Mobile": {"attribute_type": "phone_number", "label": "Mobile"},
    "Birthday": {"attribute_type": "birthday"},
    "Tags": {"attribute_type": "tag", "multivalued": ";"},
    "City": {"attribute_type": "address.city", "index": 0},
    "Hobby": {"attribute_type": "hobby"},
}
HOBBY = {"name": "hobby", "data_type": "text", "singular": False}
Rows = list[dict[str, str]]
Import = Callable[..., ImportReport]

ANN = {"Id": "1", "First": "Ann", "Last": "Lee", "Email": "ann@example.com", "Tags": "Buyer; Hot", "City": "Reno"}
BOB = {"Id": "2", "First": "Bob", "Last": "Ray", "Mobile": "(415) 555-2671", "Birthday": "1980-02-03", "Tags": "Golf"}
BAD = {"Email": "nobody knows"}


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    with open_database(tmp_path / "contacts.duckdb") as database:
        yield database


@pytest.fixture
def load(db: Database, tmp_path: Path) -> Import:
    return importer(db, tmp_path)


def importer(db: Database, folder: Path) -> Import:
    """Import rows as a CSV of the columns they name, each time a day later than the time before."""
    times = iter(NOW + timedelta(days=day) for day in range(100))

    def imported(rows: Rows, **how: Any) -> ImportReport:
        columns = [name for name in (*COLUMNS, "onecard_row") if any(name in row for row in rows)]
        body: dict[str, Any] = {"mappings": {name: COLUMNS[name] for name in columns if name in COLUMNS}}
        if "Hobby" in columns:
            body["attribute_defs"] = [HOBBY]
        mapping = folder / "mapping.json"
        mapping.write_text(json.dumps(body), "utf-8")
        lines = [",".join(columns), *(",".join(f'"{row.get(name, "")}"' for name in columns) for row in rows)]
        file = folder / "contacts.csv"
        file.write_text("\n".join(lines) + "\n", "utf-8")
        return import_file(db, file, ImportSettings(mapping=str(mapping), **how), now=next(times))

    return imported


def undo(db: Database, report: ImportReport, **how: Any) -> tuple[int, int]:
    undone = undo_import(db, str(report.job_id), by=db.user, now=LATER, **how)
    return undone.removed, undone.restored


def state(db: Database) -> list[Any]:
    """All that undoing puts back: every table an import writes but `jobs`."""
    tables = ("contacts", "contact_attributes", "contact_summaries", "tags", "attribute_defs", "files")
    kept = ("import_rejects", "import_contacts", "import_attributes", "import_additions", "merge_attributes")
    return [db.con.execute(f"SELECT * FROM {table} ORDER BY ALL").fetchall() for table in (*tables, *kept)]


def indexed(db: Database) -> list[str]:
    """The display names of the contacts in the index, which has to be current."""
    assert index_is_current(db.con)
    return [name for (name,) in db.con.execute("SELECT display_name FROM contact_index ORDER BY ALL").fetchall()]


def exported(db: Database, folder: Path) -> bytes:
    target = folder / "export.json"
    export(db.con, "contacts", target=target, associations=("contact.attributes", "contact.summary"))
    return target.read_bytes()


def refusal(db: Database, report: ImportReport) -> str:
    before = state(db)
    with pytest.raises(ConflictError) as error:
        undo(db, report)
    assert state(db) == before
    return str(error.value)


def test_the_first_import_is_taken_back(db: Database, load: Import) -> None:
    before = state(db)
    report = load([ANN, BOB | {"Hobby": "chess"}, BAD])
    assert undo(db, report) == (2, 0)
    assert state(db) == before


def test_the_same_file_comes_in_again_as_the_first_time(db: Database, load: Import) -> None:
    rows = [ANN, BOB, BAD]
    undo(db, load(rows))
    again = load(rows)
    assert (again.created, again.updated, again.unchanged, again.rejected) == (2, 0, 0, 1)


@pytest.mark.parametrize("on_match", ["update", "fill", "create"])
def test_an_import_that_changed_contacts_leaves_them_as_they_were(
    db: Database, load: Import, tmp_path: Path, on_match: str
) -> None:
    load([ANN | {"Main": "main@example.com"}, BOB])
    before, card = state(db), exported(db, tmp_path)
    changed = {"Last": "Lee-Kim", "Email": "lee@example.com", "Main": "new@example.com", "Tags": "Warm; Chess"}
    report = load([ANN | changed, BOB | {"Birthday": "", "City": "Elko"}, ANN | {"Id": "9"}, BAD], on_match=on_match)
    assert state(db) != before
    assert undo(db, report) == ((3, 0) if on_match == "create" else (1, 2))
    assert state(db) == before
    assert exported(db, tmp_path) == card


def test_imports_are_undone_one_after_the_other(db: Database, load: Import) -> None:
    states, reports = [state(db)], []
    for last in ("Lee", "Kim", "Poe"):
        reports.append(load([ANN | {"Last": last}, {"Id": last, "First": last}]))
        states.append(state(db))
    for report in reversed(reports):
        assert state(db) == states.pop()
        undo(db, report)
    assert state(db) == states.pop()


def test_a_dry_run_says_what_would_go_and_changes_nothing(db: Database, load: Import) -> None:
    report = load([ANN, BOB])
    before = state(db), len(list_jobs(db.con))
    assert undo(db, report, dry_run=True) == (2, 0)
    assert (state(db), len(list_jobs(db.con))) == before


def test_the_job_stays_as_undone_and_is_not_undone_twice(db: Database, load: Import) -> None:
    report = load([ANN])
    undo(db, report)
    job = find_job(db.con, str(report.job_id))
    assert (job.state, job.file, job.report["created"]) == ("undone", "contacts.csv", 1)
    assert [job.kind for job in list_jobs(db.con)] == ["undo", "import"]
    assert "undone already" in refusal(db, report)


def test_what_another_import_uses_too_stays_and_goes_with_that(db: Database, load: Import) -> None:
    before = state(db)
    first, second = load([ANN | {"Hobby": "chess"}]), load([{"Id": "7", "Tags": "buyer; Golf", "Hobby": "go"}])
    undo(db, first)
    assert [job.id for job in list_jobs(db.con) if job.state == "done" and job.kind == "import"] == [second.job_id]
    used = db.con.execute("SELECT tag FROM tags ORDER BY tag").fetchall()
    assert ("Golf",) in used
    undo(db, second)
    assert state(db) == before


def test_a_tag_that_was_given_a_frequency_since_stays(db: Database, load: Import) -> None:
    report = load([BOB])
    db.con.execute("UPDATE tags SET touch_freq = 5, updated_at = now() WHERE tag = 'Golf'")
    undo(db, report)
    assert db.con.execute("SELECT touch_freq FROM tags WHERE tag = 'Golf'").fetchall() == [(5,)]


def test_a_later_import_that_changed_its_contacts_has_to_be_undone_first(db: Database, load: Import) -> None:
    first, second = load([ANN, BOB]), load([ANN | {"Last": "Kim"}, BOB])
    message = refusal(db, first)
    assert "changed 1 of its contacts later" in message
    assert f"`onecard undo {second.job_id}`" in message


def test_a_later_import_that_changed_nothing_is_no_obstacle(db: Database, load: Import) -> None:
    first = load([ANN, BOB])
    load([ANN, BOB])
    assert undo(db, first) == (2, 0)


def test_corrections_of_its_rejects_have_to_be_undone_first(db: Database, load: Import) -> None:
    before = state(db)
    first = load([ANN, BAD])
    rejected = state(db)
    row = read_reject_originals(db.con, first.job_id)["row"][0]
    second = load([BAD | {"Email": "known@example.com", "onecard_row": f"{first.job_id}:{row}"}])
    assert f"`onecard undo {second.job_id}`" in refusal(db, first)
    assert undo(db, second) == (1, 0)
    assert state(db) == rejected
    undo(db, first)
    assert state(db) == before


def test_a_merge_has_to_be_undone_first(db: Database, load: Import) -> None:
    before = state(db)
    report = load([ANN, BOB])
    parent, sub = (id for (id,) in db.con.execute("SELECT id FROM contacts ORDER BY id").fetchall())
    merged = merge_contacts(db, [(parent, (sub,))], by=db.user, now=NOW + timedelta(days=50))
    assert f"`onecard unmerge {merged.job_id}`" in refusal(db, report)
    unmerge(db, merged.job_id, by=db.user, now=NOW + timedelta(days=51))
    undo(db, report)
    assert state(db)[:-1] == before[:-1]


def test_news_of_a_merged_contact_are_taken_back_from_its_parent(db: Database, load: Import) -> None:
    load([ANN, BOB])
    parent, sub = (id for (id,) in db.con.execute("SELECT id FROM contacts ORDER BY id").fetchall())
    merge_contacts(db, [(parent, (sub,))], by=db.user, now=NOW + timedelta(hours=1))
    before = state(db)
    report = load([ANN, BOB | {"Mobile": "(415) 555-9999"}])
    assert report.updated == 1
    undo(db, report)
    assert state(db) == before


def test_a_merge_that_was_undone_since_leaves_nothing_to_put_back(db: Database, load: Import) -> None:
    load([ANN, BOB])
    parent, sub = (id for (id,) in db.con.execute("SELECT id FROM contacts ORDER BY id").fetchall())
    merge_contacts(db, [(parent, (sub,))], by=db.user, now=NOW + timedelta(hours=1))
    report = load([ANN, BOB | {"Mobile": "(415) 555-9999"}])
    unmerge(db, parent, by=db.user, now=NOW + timedelta(days=50))
    assert "was undone since" in refusal(db, report)


EDITS = {
    "a value changed": "UPDATE contact_attributes SET text = 'Lea', job = NULL, updated_by = uuid() "
    "WHERE attribute_type = 'first_name' AND text = 'Ann'",
    "a value deleted": "UPDATE contact_attributes SET deleted_at = now() WHERE text = 'Ann'",
    "stamped": "UPDATE contacts SET updated_at = now() WHERE source_id = '1'",
    "in a list": "INSERT INTO memberships BY NAME SELECT uuid() AS collection, id AS contact, created_at FROM contacts "
    "WHERE source_id = '1'",
    "touched": "UPDATE contacts SET last_touch = now() WHERE source_id = '1'",
    "deleted": "UPDATE contacts SET deleted_at = now(), deleted_for = 'direct_request' WHERE source_id = '1'",
}


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS.keys())
def test_edits_by_hand_are_not_lost(db: Database, load: Import, edit: str) -> None:
    report = load([ANN, BOB])
    db.con.execute(edit)
    assert "1 of its contacts were edited, touched, deleted or put into a list since" in refusal(db, report)


@pytest.mark.parametrize("edit", [EDITS["stamped"], EDITS["touched"], EDITS["deleted"]])
def test_edits_of_contacts_it_changed_are_not_lost(db: Database, load: Import, edit: str) -> None:
    load([ANN, BOB])
    report = load([ANN | {"Last": "Kim"}, BOB])
    db.con.execute(edit)
    assert "1 of its contacts were edited, touched, deleted or put into a list since" in refusal(db, report)


def test_words_on_pairs_of_removed_contacts_lapse_and_clusters_go(db: Database, load: Import) -> None:
    report = load([ANN, ANN | {"Id": "9"}])
    find_duplicates(db, rules=Rules(), now=NOW + timedelta(days=20))
    one, other = (id for (id,) in db.con.execute("SELECT id FROM contacts ORDER BY id").fetchall())
    judge(db, one, other, "same", by=db.user, now=NOW + timedelta(days=21))
    undone = undo_import(db, str(report.job_id), by=db.user, now=LATER)
    assert undone.judgements == 1
    assert read_judgements(db.con).height == 0
    assert read_clusters(db.con).height == 0
    assert db.con.execute("SELECT count(*) FROM duplicate_pairs").fetchall() == [(0,)]


def test_contacts_missing_from_a_full_export_are_reported_and_come_back_by_undo_or_row(
    db: Database, load: Import
) -> None:
    alone = ANN | {"Mobile": "", "Birthday": ""}
    load([ANN, BOB], source="crm")
    assert [gone["source_id"] for gone in load([alone], source="crm", full=True).missing] == ["2"]
    assert db.con.execute("SELECT count(*) FROM contacts_wide").fetchall() == [(2,)]
    before = state(db)
    deleted = load([alone], source="crm", full=True, delete_missing=True)
    assert (deleted.deleted, deleted.unchanged) == (1, 1)
    assert db.con.execute("SELECT source_id FROM contacts_wide").fetchall() == [("1",)]
    gone = state(db)
    back = load([ANN, BOB], source="crm", full=True)
    assert (back.created, back.updated, back.missing) == (0, 1, ())
    assert db.con.execute("SELECT count(*) FROM contacts_wide").fetchall() == [(2,)]
    assert f"`onecard undo {back.job_id}`" in refusal(db, deleted)
    undo(db, back)
    assert state(db) == gone
    undo(db, deleted)
    assert state(db) == before


@pytest.mark.parametrize(
    ("how", "error", "said"),
    [
        ({"full": True}, UsageError, "--source"),
        ({"source": "crm", "delete_missing": True}, UsageError, "--full"),
        ({"source": "crm", "full": True, "delete_missing": True, "max_missing": "1"}, ConflictError, "2 of the 3"),
    ],
)
def test_deleting_what_is_missing_is_guarded(
    db: Database, load: Import, how: dict[str, Any], error: type[OnecardError], said: str
) -> None:
    load([ANN, BOB, ANN | {"Id": "9"}], source="crm")
    before = state(db)
    with pytest.raises(error, match=said):
        load([ANN], **how)
    assert state(db) == before


def test_the_index_follows_contacts_that_go_missing_and_come_back(db: Database, load: Import) -> None:
    load([ANN, BOB], source="crm")
    build_index(db.con)
    deleted = load([ANN], source="crm", full=True, delete_missing=True)
    assert indexed(db) == ["ann lee"]
    back = load([ANN, BOB], source="crm", full=True)
    assert indexed(db) == ["ann lee", "bob ray"]
    undo(db, back)
    assert indexed(db) == ["ann lee"]
    undo(db, deleted)
    assert indexed(db) == ["ann lee", "bob ray"]


def test_a_source_does_not_miss_what_others_brought(db: Database, load: Import) -> None:
    load([ANN], source="erp")
    load([BOB], source="crm", owner=uuid4())
    assert load([ANN | {"Id": "5"}], source="crm", full=True).missing == ()


def test_what_is_no_import_is_refused_with_the_way_to_go(db: Database, load: Import) -> None:
    load([ANN, BOB])
    parent, sub = (id for (id,) in db.con.execute("SELECT id FROM contacts ORDER BY id").fetchall())
    merged = merge_contacts(db, [(parent, (sub,))], by=db.user, now=NOW + timedelta(days=50))
    with pytest.raises(UsageError, match=f"onecard unmerge {merged.job_id}"):
        undo_import(db, str(merged.job_id), by=db.user, now=LATER)


def test_a_failed_import_has_nothing_to_undo(db: Database, tmp_path: Path) -> None:
    (tmp_path / "empty.csv").write_bytes(b"")
    with pytest.raises(OnecardError):
        import_file(db, tmp_path / "empty.csv", ImportSettings(), now=NOW)
    with pytest.raises(UsageError, match="nothing to undo"):
        undo_import(db, str(list_jobs(db.con)[0].id), by=db.user, now=LATER)


def test_an_import_from_before_images_were_kept_is_refused(db: Database, load: Import) -> None:
    report = load([ANN])
    db.con.execute("INSERT INTO import_additions VALUES (?, 'unknown', NULL)", [report.job_id])
    assert "before imports kept" in refusal(db, report)


cells = st.sampled_from(["", "x", "y", "x; y", "a@example.com", "b@example.com", "1980-02-03", "(415) 555-2671"])
tables = st.lists(
    st.fixed_dictionaries(dict.fromkeys(("First", "Email", "Main", "Mobile", "Tags", "City"), cells)), max_size=4
)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=tables, second=tables, on_match=st.sampled_from(["update", "fill", "skip", "create"]))
def test_undoing_restores_whatever_came_before(
    tmp_path_factory: pytest.TempPathFactory, first: Rows, second: Rows, on_match: str
) -> None:
    folder = tmp_path_factory.mktemp("law")
    with open_database(folder / "contacts.duckdb") as db:
        load = importer(db, folder)
        load([{"Id": str(number)} | row for number, row in enumerate([*first, ANN])])
        before = state(db), exported(db, folder)
        undo(db, load([{"Id": str(number)} | row for number, row in enumerate([*second, BOB])], on_match=on_match))
        assert (state(db), exported(db, folder)) == before
