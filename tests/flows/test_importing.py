"""Importing: what a row becomes, what happens when it comes again, and that nothing is lost on the way."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from openpyxl import Workbook

from dedup.rules import Rules
from flows.import_reports import ImportReport
from flows.importing import ImportSettings, import_file
from flows.pipeline import clusters_to_merge, find_duplicates, judge, merge_contacts, unmerge
from storage.database import Database, open_database
from storage.duplicates import read_clusters
from storage.errors import ConflictError, MappingError
from storage.reviewing import read_cluster_cards

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
COLUMNS = {
    "Id": {"attribute_type": "source_id"},
    "First": {"attribute_type": "first_name"},
    "Last": {"attribute_type": "last_name"},
    "Email": {"attribute_type": "email", "index": 0},
    "Email 2": {"attribute_type": "email", "index": 1},
    "Phone": {"attribute_type": "phone_number", "label": "Mobile"},
    "Birthday": {"attribute_type": "birthday"},
    "Tags": {"attribute_type": "tag", "multivalued": ";"},
    "Street": {"attribute_type": "address.name", "index": 0},
    "City": {"attribute_type": "address.city", "index": 0},
    "Spouse": {"attribute_type": "first_name", "is_partner": True},
}
Rows = list[dict[str, str]]
Import = Callable[..., ImportReport]


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    with open_database(tmp_path / "contacts.duckdb") as database:
        yield database


@pytest.fixture
def load(db: Database, tmp_path: Path) -> Import:
    """Import rows as a CSV of the columns they name, each time a day later than the time before."""
    times = iter(NOW + timedelta(days=day) for day in range(100))

    def imported(rows: Rows, **settings: Any) -> ImportReport:
        columns = [name for name in COLUMNS if any(name in row for row in rows)]
        mapping = tmp_path / "mapping.json"
        mapping.write_text(json.dumps({"mappings": {name: COLUMNS[name] for name in columns}}), "utf-8")
        lines = [",".join(columns), *(",".join(f'"{row.get(name, "")}"' for name in columns) for row in rows)]
        file = tmp_path / "contacts.csv"
        file.write_text("\n".join(lines) + "\n", "utf-8")
        return import_file(db, file, ImportSettings(mapping=str(mapping), **settings), now=next(times))

    return imported


def cards(db: Database) -> list[dict[str, Any]]:
    return db.con.sql("SELECT * FROM contacts_wide ORDER BY id").pl().to_dicts()


def dump(db: Database) -> list[Any]:
    """Everything an export could show, to the last microsecond."""
    tables = ("contacts", "contact_attributes", "contact_summaries", "tags", "attribute_defs")
    return [db.con.execute(f"SELECT * FROM {table} ORDER BY ALL").fetchall() for table in tables]


def counts(report: ImportReport) -> tuple[int, int, int, int]:
    return (report.created, report.updated, report.unchanged, report.rejected)


ANN = {"Id": "1", "First": "Ann", "Last": "Lee", "Email": "ann@example.com", "Tags": "Buyer; Hot", "City": "Reno"}
BOB = {"Id": "2", "First": "Bob", "Last": "Ray", "Phone": "(415) 555-2671", "Birthday": "1980-02-03"}


def test_a_row_becomes_a_contact_with_its_values_in_order(db: Database, load: Import) -> None:
    load([ANN | {"Email 2": "Ann.Lee@Example.org", "Spouse": "Max"}])
    card = cards(db)[0]
    assert card["display_name"] == "Ann Lee"
    assert card["emails"] == ["ann@example.com", "ann.lee@example.org"]
    assert card["summary_tags"] == ["Buyer", "Hot"]
    assert card["tags"] == ["Hot", "Buyer"]
    assert card["partner_name"] == "Max"
    assert card["address"][0]["city"] == "Reno"


def test_rows_keep_the_order_of_the_file(db: Database, load: Import) -> None:
    load([{"Id": str(number), "First": f"N{number:03}"} for number in range(300)])
    assert [card["first_name"] for card in cards(db)] == [f"N{number:03}" for number in range(300)]
    assert [card["source_row"] for card in cards(db)] == list(range(1, 301))


def test_the_same_file_twice_changes_nothing(db: Database, load: Import) -> None:
    load([ANN, BOB])
    before = dump(db)
    assert counts(load([ANN, BOB])) == (0, 0, 2, 0)
    assert dump(db) == before


def test_identical_rows_are_two_contacts_and_stay_two(db: Database, load: Import) -> None:
    row = {"First": "Ann", "Email": "ann@example.com"}
    assert counts(load([row, row])) == (2, 0, 0, 0)
    assert counts(load([row, row])) == (0, 0, 2, 0)
    assert counts(load([row, row, row])) == (1, 0, 2, 0)


def test_a_changed_row_changes_only_what_differs(db: Database, load: Import) -> None:
    load([ANN, BOB])
    before = {row[0]: row for row in db.con.execute("SELECT id, * FROM contact_attributes").fetchall()}
    report = load([ANN | {"Last": "Lee-Kim", "Email": "ann@example.org"}, BOB])
    assert counts(report) == (0, 1, 1, 0)
    after = {row[0]: row for row in db.con.execute("SELECT id, * FROM contact_attributes").fetchall()}
    touched = {row[4] for key, row in after.items() if before.get(key) != row}
    assert touched == {"last_name", "email"}
    ann = cards(db)[0]
    assert (ann["last_name"], ann["emails"], ann["tags"]) == ("Lee-Kim", ["ann@example.org"], ["Hot", "Buyer"])
    assert (ann["updated_at"], ann["created_at"]) == (NOW + timedelta(days=1), NOW)


def test_a_value_is_updated_in_place(db: Database, load: Import) -> None:
    load([ANN])
    before = db.con.execute("SELECT id FROM contact_attributes WHERE attribute_type = 'last_name'").fetchall()
    load([ANN | {"Last": "Kim"}])
    query = "SELECT id FROM contact_attributes WHERE attribute_type = 'last_name' AND text = 'Kim'"
    assert db.con.execute(query).fetchall() == before


def test_columns_that_are_not_mapped_any_more_keep_their_values(db: Database, load: Import) -> None:
    load([ANN])
    load([{"Id": "1", "First": "Anna"}])
    ann = cards(db)[0]
    assert (ann["first_name"], ann["last_name"], ann["emails"]) == ("Anna", "Lee", ["ann@example.com"])


def test_a_refused_value_does_not_take_the_good_one_away(db: Database, load: Import) -> None:
    load([ANN])
    report = load([ANN | {"Email": "not an address"}])
    assert (report.rejected, report.rejected_values) == (0, 1)
    assert cards(db)[0]["emails"] == ["ann@example.com"]


def test_a_row_that_lost_everything_takes_nothing_away(db: Database, load: Import) -> None:
    load([{"Id": "1", "Email": "ann@example.com"}])
    report = load([{"Id": "", "Email": "no address"}])
    assert counts(report) == (0, 0, 0, 1)
    assert cards(db)[0]["emails"] == ["ann@example.com"]


def test_values_written_by_hand_stay(db: Database, load: Import) -> None:
    load([ANN])
    db.con.execute(
        """
        INSERT INTO contact_attributes BY NAME
        SELECT * EXCLUDE (address)
               REPLACE (uuid() AS id, 'hand@example.com' AS text, 'hand@example.com' AS key, NULL AS job)
        FROM contact_attributes WHERE attribute_type = 'email'
        """
    )
    load([ANN | {"Email": "new@example.com"}])
    assert set(cards(db)[0]["emails"]) == {"hand@example.com", "new@example.com"}


@pytest.mark.parametrize(
    ("on_match", "expected"),
    [
        ("update", ("Anna", ["anna@example.com"], ["+1 415 555 2671"], (0, 1, 0, 0))),
        ("fill", ("Ann", ["ann@example.com"], ["+1 415 555 2671"], (0, 1, 0, 0))),
        ("skip", ("Ann", ["ann@example.com"], None, (0, 0, 1, 0))),
        ("create", ("Ann", ["ann@example.com"], None, (1, 0, 0, 0))),
    ],
)
def test_on_match_says_what_becomes_of_known_rows(
    db: Database, load: Import, on_match: str, expected: tuple[Any, ...]
) -> None:
    load([{"Id": "1", "First": "Ann", "Email": "ann@example.com"}])
    changed = {"Id": "1", "First": "Anna", "Email": "anna@example.com", "Phone": "+1 415 555 2671"}
    report = load([changed], on_match=on_match)
    first = cards(db)[0]
    assert (first["first_name"], first["emails"], first["phone_numbers"], counts(report)) == expected


def test_two_rows_with_one_source_id_are_not_mixed(db: Database, load: Import) -> None:
    report = load([ANN, ANN | {"First": "Other"}])
    assert counts(report) == (1, 0, 0, 1)
    assert db.con.execute("SELECT whole_row, row FROM import_rejects").fetchall() == [(True, 2)]


def test_sources_keep_their_ids_apart(db: Database, load: Import) -> None:
    load([ANN], source="crm")
    assert counts(load([ANN], source="shop")) == (1, 0, 0, 0)
    assert counts(load([ANN], source="crm")) == (0, 0, 1, 0)


def test_owners_keep_their_contacts_apart(db: Database, load: Import) -> None:
    load([BOB], owner=UUID(int=1))
    assert counts(load([BOB], owner=UUID(int=2))) == (1, 0, 0, 0)


def test_a_deleted_contact_does_not_come_back(db: Database, load: Import) -> None:
    load([ANN])
    db.con.execute("UPDATE contacts SET deleted_at = now(), deleted_for = 'direct_request'")
    assert counts(load([ANN | {"Last": "Kim"}])) == (0, 0, 1, 0)


def test_news_of_a_merged_contact_reach_its_parent(db: Database, load: Import) -> None:
    load([ANN, BOB])
    ann, bob = (UUID(str(card["id"])) for card in cards(db))
    merge_contacts(db, [(ann, (bob,))], by=db.user, now=NOW + timedelta(days=1))
    assert counts(load([ANN, BOB])) == (0, 0, 2, 0)
    report = load([ANN, BOB | {"Phone": "(415) 555-2672", "First": "Rob"}])
    assert counts(report) == (0, 1, 1, 0)
    card = cards(db)[0]
    assert card["first_name"] == "Ann"
    assert set(card["phone_numbers"]) == {"(415) 555-2671", "(415) 555-2672"}
    load([ANN | {"City": "Elko"}, BOB])
    assert set(cards(db)[0]["phone_numbers"]) >= {"(415) 555-2671", "(415) 555-2672"}


def test_bad_values_are_refused_alone_and_kept_with_their_reason(db: Database, load: Import) -> None:
    report = load([ANN | {"Email": "nobody", "Birthday": "1980-13-45", "Phone": "x"}, {"Email": "none"}])
    assert counts(report) == (1, 0, 0, 1)
    rejects = db.con.execute(
        "SELECT row, column_name, value, whole_row FROM import_rejects ORDER BY row, column_name"
    ).fetchall()
    assert rejects == [
        (1, "Birthday", "1980-13-45", False),
        (1, "Email", "nobody", False),
        (1, "Phone", "x", False),
        (2, "Email", "none", False),
        (2, None, None, True),
    ]
    original = json.loads(db.con.execute("SELECT original FROM import_rejects WHERE row = 1 LIMIT 1").fetchall()[0][0])
    assert original["Email"] == "nobody"


def test_corrected_rejects_change_only_their_rows(db: Database, load: Import, tmp_path: Path) -> None:
    bad = {"First": "Cy", "Last": "Orr", "Email": "cy at example.com"}
    report = load([{"First": "Ann", "Email": "ann@example.com"}, bad])
    fix = tmp_path / "fix.csv"
    fix.write_text(f"First,Last,Email,onecard_row\nCy,Orr,cy@example.com,{report.job_id}:2\n", "utf-8")
    mapping = str(tmp_path / "mapping.json")
    corrected = import_file(db, fix, ImportSettings(mapping=mapping), now=NOW + timedelta(days=5))
    assert counts(corrected) == (0, 1, 0, 0)
    assert [card["emails"] for card in cards(db)] == [["ann@example.com"], ["cy@example.com"]]
    assert counts(load([{"First": "Ann", "Email": "ann@example.com"}, bad])) == (0, 0, 2, 0)


def test_a_tag_brings_its_reminder_and_its_row(db: Database, load: Import) -> None:
    load([ANN | {"Tags": "hot; Brand New;HOT"}])
    card = cards(db)[0]
    assert (card["summary_tags"], card["touch_freq"]) == (["hot", "Brand New"], 7)
    assert card["next_touch"] == NOW + timedelta(days=7)
    tags = [tag for (tag,) in db.con.execute("SELECT tag FROM tags ORDER BY tag").fetchall()]
    assert tags == ["Agent", "Brand New", "Buyer", "Hot", "Past Client", "Seller", "Warm"]


def test_a_dry_run_counts_and_writes_nothing(db: Database, load: Import) -> None:
    before = dump(db)
    report = load([ANN, BOB], dry_run=True)
    assert (counts(report), report.state) == ((2, 0, 0, 0), "dry run")
    assert dump(db) == before
    assert db.con.execute("SELECT count(*) FROM jobs").fetchall() == [(0,)]


def test_a_dry_run_shows_the_first_contacts_as_they_would_be(db: Database, load: Import) -> None:
    first, second = load([ANN | {"Street": "12 Oak Road"}, BOB], dry_run=True).preview
    assert first == {
        "outcome": "created", "display_name": "Ann Lee", "first_name": "Ann", "last_name": "Lee",
        "emails": ["ann@example.com"], "phone_numbers": None, "company": None, "job_title": None, "birthday": None,
        "address": ["12 Oak Road, Reno"], "website": None, "partner_name": None, "tags": ["Hot", "Buyer"],
    }  # fmt: skip
    assert (second["phone_numbers"], second["birthday"]) == (["(415) 555-2671"], "1980-02-03")
    assert load([ANN, BOB]).preview == ()


def test_a_dry_run_shows_what_would_change_first(db: Database, load: Import) -> None:
    load([ANN, *({"Id": str(number), "First": f"F{number}"} for number in range(3, 9)), BOB])
    again = load([ANN, *({"Id": str(number), "First": f"F{number}"} for number in range(3, 9)), BOB | {"First": "Rob"}],
                 dry_run=True)  # fmt: skip
    shown = [(card["outcome"], card["display_name"]) for card in again.preview]
    assert shown == [("updated", "Rob Ray"), *(("unchanged", name) for name in ("Ann Lee", "F3", "F4", "F5"))]


def test_rows_that_would_be_rejected_are_not_among_the_first_contacts(db: Database, load: Import) -> None:
    report = load([{"Email": "nobody knows"}, {"Email": "ann@example.com"}], dry_run=True)
    assert [card["emails"] for card in report.preview] == [["ann@example.com"]]


def in_a_csv(path: Path, rows: list[list[str]]) -> None:
    path.write_text("".join(";".join(row) + "\n" for row in rows), "cp1252")


def in_a_workbook(path: Path, rows: list[list[str]]) -> None:
    book = Workbook()
    book.active.title = "People"
    for row in rows:
        book.active.append(row)
    book.save(path)


def in_json(path: Path, rows: list[list[str]]) -> None:
    path.write_text(json.dumps([dict(zip(rows[0], row, strict=True)) for row in rows[1:]]), "utf-8")


@pytest.mark.parametrize(
    ("write", "read_as"),
    [(in_a_csv, ("cp1252", ";", None)), (in_a_workbook, (None, None, "People")), (in_json, ("utf-8", None, None))],
)
def test_blank_rows_count_in_no_kind_of_file_and_the_report_says_how_it_was_read(
    db: Database, tmp_path: Path, write: Callable[..., None], read_as: tuple[str | None, ...]
) -> None:
    rows = [["First Name", "Email"], ["Zoë", "zoe@example.com"], ["", " "], ["", ""], ["Bob", "nobody"]]
    write(tmp_path / "people", rows)
    report = import_file(db, tmp_path / "people", ImportSettings(), now=NOW)
    assert (report.rows, *counts(report)) == (2, 2, 0, 0, 0)
    assert (report.encoding, report.delimiter, report.sheet) == read_as
    assert db.con.execute("SELECT row FROM import_rejects").fetchall() == [(2,)]
    assert db.con.execute("SELECT source_row FROM contacts ORDER BY id").fetchall() == [(1,), (2,)]


def test_a_failed_import_leaves_a_failed_job_and_nothing_else(db: Database, tmp_path: Path) -> None:
    file = tmp_path / "contacts.csv"
    file.write_text("First\nAnn\n", "utf-8")
    mapping = tmp_path / "mapping.json"
    mapping.write_text('{"mappings": {"Frist": {"attribute_type": "first_name"}}}', "utf-8")
    before = dump(db)
    with pytest.raises(MappingError, match="First"):
        import_file(db, file, ImportSettings(mapping=str(mapping)), now=NOW)
    assert dump(db) == before
    assert db.con.execute("SELECT state FROM jobs").fetchall() == [("failed",)]


def test_a_custom_attribute_comes_with_its_mapping(db: Database, tmp_path: Path) -> None:
    file = tmp_path / "contacts.csv"
    file.write_text("First,Badge,Score\nAnn,A-17,4.5\nBob,,many\n", "utf-8")
    mapping = tmp_path / "mapping.json"
    body = {
        "mappings": {
            "First": {"attribute_type": "first_name"},
            "Badge": {"attribute_type": "badge"},
            "Score": {"attribute_type": "score"},
        },
        "attribute_defs": [
            {"name": "badge", "data_type": "text", "singular": True},
            {"name": "score", "data_type": "number"},
        ],
    }
    mapping.write_text(json.dumps(body), "utf-8")
    report = import_file(db, file, ImportSettings(mapping=str(mapping)), now=NOW)
    assert (counts(report), report.rejected_values) == ((2, 0, 0, 0), 1)
    values = db.con.execute(
        "SELECT attribute_type, text, number FROM contact_attributes WHERE attribute_type IN ('badge', 'score')"
    ).fetchall()
    assert sorted(values) == [("badge", "A-17", None), ("score", None, 4.5)]


def test_a_constant_that_is_no_value_of_its_attribute_is_refused(db: Database, tmp_path: Path) -> None:
    file, mapping = tmp_path / "contacts.csv", tmp_path / "mapping.json"
    file.write_text("First\nAnn\n", "utf-8")
    body = {"mappings": {"First": {"attribute_type": "first_name"}}, "constants": {"birthday": "someday"}}
    mapping.write_text(json.dumps(body), "utf-8")
    with pytest.raises(MappingError, match="birthday"):
        import_file(db, file, ImportSettings(mapping=str(mapping)), now=NOW)


def test_the_names_of_columns_are_part_of_what_a_row_says(db: Database, load: Import) -> None:
    load([{"First": "Jordan"}, {"First": "Madison"}])
    assert counts(load([{"Last": "Jordan"}, {"Last": "Madison"}])) == (2, 0, 0, 0)


def test_a_correction_and_the_corrected_source_are_one_contact(db: Database, load: Import, tmp_path: Path) -> None:
    bad, good = {"First": "Cy", "Email": "cy at example.com"}, {"First": "Cy", "Email": "cy@example.com"}
    report = load([bad])
    fix = tmp_path / "fix.csv"
    fix.write_text(f'"First","Email","reason","onecard_row"\n"Cy","cy@example.com","no",{report.job_id}:1\n', "utf-8")
    settings = ImportSettings(mapping=str(tmp_path / "mapping.json"))
    assert counts(import_file(db, fix, settings, now=NOW + timedelta(days=9))) == (0, 1, 0, 0)
    assert counts(load([good])) == (0, 0, 1, 0)
    assert counts(load([bad])) == (0, 0, 1, 0)


def test_two_corrections_of_one_row_are_not_mixed(db: Database, load: Import, tmp_path: Path) -> None:
    report = load([{"First": "Cy", "Email": "cy at example.com"}])
    fix, row = tmp_path / "fix.csv", f"{report.job_id}:1"
    fix.write_text(f"First,Email,onecard_row\nAnn,ann@example.com,{row}\nBeth,beth@example.com,{row}\n", "utf-8")
    settings = ImportSettings(mapping=str(tmp_path / "mapping.json"))
    assert counts(import_file(db, fix, settings, now=NOW + timedelta(days=9))) == (0, 1, 0, 1)
    assert [(card["first_name"], card["emails"]) for card in cards(db)] == [("Ann", ["ann@example.com"])]


def test_a_source_id_mapped_later_joins_the_contacts_that_are_there(db: Database, tmp_path: Path) -> None:
    file, mapping = tmp_path / "contacts.csv", tmp_path / "mapping.json"
    file.write_text("Id,First\n7,Ann\n", "utf-8")
    plain = {"First": {"attribute_type": "first_name"}}
    mapping.write_text(json.dumps(plain), "utf-8")
    import_file(db, file, ImportSettings(mapping=str(mapping)), now=NOW)
    mapping.write_text(json.dumps(plain | {"Id": {"attribute_type": "source_id"}}), "utf-8")
    report = import_file(db, file, ImportSettings(mapping=str(mapping)), now=NOW + timedelta(days=1))
    assert counts(report) == (0, 1, 0, 0)
    file.write_text("Id,First\n7,Anna\n", "utf-8")
    report = import_file(db, file, ImportSettings(mapping=str(mapping)), now=NOW + timedelta(days=2))
    assert counts(report) == (0, 1, 0, 0)
    assert [card["first_name"] for card in cards(db)] == ["Anna"]


def test_values_of_rejected_rows_are_not_counted_as_values_of_taken_rows(db: Database, load: Import) -> None:
    report = load([{"Email": "nobody"}, {"First": "Ann", "Email": "no one"}])
    assert (report.rejected, report.rejected_values) == (1, 1)


def test_ids_of_another_system_make_nobody_somebody_else(db: Database, load: Import) -> None:
    people = [("1", "Ann", "Lee"), ("2", "Bob", "Ray"), ("3", "Cid", "Poe"), ("4", "Dot", "Fay")]
    others = [("1", "Zed", "Quux"), ("2", "Yan", "Foo"), ("3", "Cid", "Poe"), ("4", "Dorothy", "Fay")]
    crm, shop = (
        [{"Id": key, "First": first, "Last": last, "Email": f"{first}@{domain}.example"} for key, first, last in rows]
        for rows, domain in ((people, "crm"), (others, "shop"))
    )
    load(crm)
    before = dump(db)
    with pytest.raises(ConflictError, match="2 of 4 contacts known by their id alone would become other people"):
        load(shop)
    assert dump(db) == before
    assert counts(load(shop, source="shop")) == (4, 0, 0, 0)
    assert counts(load([*shop[:1], *crm[1:]])) == (0, 1, 3, 0)


def test_updates_by_an_id_without_a_source_are_warned_of(db: Database, load: Import) -> None:
    assert load([ANN]).warnings == ()
    assert "--source" in load([ANN | {"Last": "Kim"}]).warnings[0]


TWIN = {"First": "Zoe", "Last": "Quintero", "Email": "zoe@example.com", "Phone": "+1 415 555 2671"}


def test_a_pair_judged_different_since_the_run_is_neither_listed_nor_merged(db: Database, load: Import) -> None:
    load([TWIN | {"Id": "1"}, TWIN | {"Id": "2"}])
    find_duplicates(db, rules=Rules(), now=NOW + timedelta(hours=1))
    ((parent, (sub,)),), _ = clusters_to_merge(db, min_probability=0.5)
    judge(db, sub, parent, "different", by=db.user, now=NOW + timedelta(hours=2))
    assert clusters_to_merge(db, min_probability=0.5) == ([], 0)
    assert read_clusters(db.con).is_empty()
    assert read_cluster_cards(db.con).is_empty()
    with pytest.raises(ConflictError, match="judged two of these contacts to be different people"):
        merge_contacts(db, [(parent, (sub,))], by=db.user, now=NOW + timedelta(hours=2))
    judge(db, sub, parent, "same", by=db.user, now=NOW + timedelta(hours=3))
    assert clusters_to_merge(db, min_probability=0.5) == ([(parent, (sub,))], 0)


def test_a_cluster_with_a_member_changed_since_the_run_is_left_to_the_next_run(db: Database, load: Import) -> None:
    load([TWIN | {"Id": "1"}, TWIN | {"Id": "2"}])
    find_duplicates(db, rules=Rules(), now=NOW + timedelta(hours=1))
    assert len(clusters_to_merge(db, min_probability=0.5)[0]) == 1
    load([TWIN | {"Id": "2", "First": "Max"}])
    assert clusters_to_merge(db, min_probability=0.0) == ([], 0)
    load([TWIN | {"Id": "2"}])
    find_duplicates(db, rules=Rules(), now=NOW + timedelta(days=3))
    assert len(clusters_to_merge(db, min_probability=0.5)[0]) == 1


def merged(db: Database) -> tuple[UUID, UUID]:
    """Merge the second contact into the first."""
    parent, sub = (UUID(str(card["id"])) for card in cards(db))
    merge_contacts(db, [(parent, (sub,))], by=db.user, now=NOW + timedelta(hours=1))
    return parent, sub


LEE = {"Id": "1", "First": "Ann", "Last": "Lee", "Email": "ann@x.com", "Phone": "415-555-2671"}
RAY = {"Id": "2", "First": "Bob", "Last": "Ray", "Email": "bob@x.com", "Phone": "415-555-2672"}


def test_news_of_a_sub_contact_are_its_own_once_the_merge_is_undone(db: Database, load: Import) -> None:
    load([LEE, RAY])
    parent, _ = merged(db)
    news = [LEE, RAY | {"First": "Rob", "Phone": "415-555-2699"}]
    assert counts(load(news)) == (0, 1, 1, 0)
    assert set(cards(db)[0]["phone_numbers"]) == {"415-555-2671", "415-555-2672", "415-555-2699"}
    unmerge(db, parent, by=db.user, now=NOW + timedelta(days=1, hours=1))
    ann, bob = cards(db)
    assert (ann["phone_numbers"], set(bob["phone_numbers"])) == (["415-555-2671"], {"415-555-2672", "415-555-2699"})
    assert counts(load(news)) == (0, 1, 1, 0)
    ann, rob = cards(db)
    assert (rob["first_name"], rob["phone_numbers"], ann["first_name"]) == ("Rob", ["415-555-2699"], "Ann")
    assert counts(load(news)) == (0, 0, 2, 0)


def test_news_travel_back_along_a_chain_of_merges(db: Database, load: Import) -> None:
    last = RAY | {"Id": "3", "Email": "c@x.com", "Phone": "415-555-2673"}
    load([LEE, RAY, last])
    a, b, c = (UUID(str(card["id"])) for card in cards(db))
    merge_contacts(db, [(b, (c,))], by=db.user, now=NOW + timedelta(hours=1))
    merge_contacts(db, [(a, (b,))], by=db.user, now=NOW + timedelta(hours=2))
    load([last | {"Phone": "415-555-2699"}])
    for parent in (a, b):
        unmerge(db, parent, by=db.user, now=NOW + timedelta(days=2))
    assert [len(card["phone_numbers"]) for card in cards(db)] == [1, 1, 2]


def test_rows_of_one_card_do_not_double_its_values(db: Database, load: Import) -> None:
    load([LEE, RAY, RAY | {"Id": "3"}])
    parent, *subs = (UUID(str(card["id"])) for card in cards(db))
    merge_contacts(db, [(parent, subs)], by=db.user, now=NOW + timedelta(hours=1))
    same = {"Email": "Ann@X.com", "Phone": "(415) 555-2671", "Email 2": "new@x.com"}
    load([LEE, RAY | same, RAY | same | {"Id": "3", "Email 2": "New@x.com"}])
    card = cards(db)[0]
    assert sorted(card["emails"]) == ["ann@x.com", "bob@x.com", "new@x.com"]
    assert sorted(card["phone_numbers"]) == ["415-555-2671", "415-555-2672"]
    load([LEE | {"Email 2": "BOB@x.com"}])
    assert sorted(cards(db)[0]["emails"]) == ["ann@x.com", "bob@x.com", "new@x.com"]


def test_filling_leaves_a_row_to_a_later_update(db: Database, load: Import) -> None:
    load([LEE])
    changed = [LEE | {"First": "Anna", "Birthday": "1980-02-03"}]
    assert counts(load(changed, on_match="fill")) == (0, 1, 0, 0)
    assert counts(load(changed, on_match="fill")) == (0, 0, 1, 0)
    assert counts(load(changed)) == (0, 1, 0, 0)
    assert cards(db)[0]["first_name"] == "Anna"
    assert counts(load(changed)) == (0, 0, 1, 0)


def test_a_value_a_sub_contacts_row_still_states_stays_on_the_card(db: Database, load: Import) -> None:
    load([LEE | {"Email 2": "both@x.com"}, RAY | {"Email 2": "Both@x.com"}])
    parent, _ = merged(db)
    load([LEE | {"Email 2": "only@x.com"}, RAY | {"Email 2": "Both@x.com"}])
    assert sorted(cards(db)[0]["emails"]) == ["ann@x.com", "bob@x.com", "both@x.com", "only@x.com"]
    unmerge(db, parent, by=db.user, now=NOW + timedelta(days=2))
    assert sorted(cards(db)[1]["emails"]) == ["bob@x.com", "both@x.com"]


def test_what_an_import_made_of_the_parents_own_values_survives_the_undo(db: Database, load: Import) -> None:
    load([LEE, RAY])
    parent, _ = merged(db)
    news = [LEE | {"First": "Anna", "Email": "anna@x.com"}, RAY]
    load(news)
    unmerge(db, parent, by=db.user, now=NOW + timedelta(days=2))
    anna, bob = cards(db)
    assert (anna["first_name"], anna["emails"], bob["emails"]) == ("Anna", ["anna@x.com"], ["bob@x.com"])
    assert counts(load(news)) == (0, 0, 2, 0)
