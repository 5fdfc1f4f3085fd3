"""Importing without a mapping: what is found by itself must become the right values too."""

import datetime as dt
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import pytest
import xlwt
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from flows.importing import ImportSettings, import_file
from storage.database import Database, open_database
from storage.errors import MappingError
from transforms.labelling import MOST_LABELS

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    with open_database(tmp_path / "contacts.duckdb") as database:
        yield database


def load(db: Database, file: Path, lines: list[str] | None = None) -> list[tuple[str | None, str]]:
    """Import a file and give what was refused: (column, reason)."""
    if lines is not None:
        file.write_text("\n".join(lines) + "\n", "utf-8")
    report = import_file(db, file, ImportSettings(), now=NOW)
    query = "SELECT column_name, reason FROM import_rejects WHERE job = ? ORDER BY ALL"
    return db.con.execute(query, [report.job_id]).fetchall()


def birthdays(db: Database) -> dict[str, str]:
    query = "SELECT first_name, strftime(make_timestamp(birthday * 1000000), '%Y-%m-%d') FROM contacts_wide"
    return dict(db.con.execute(query).fetchall())


def test_thunderbirds_three_columns_of_a_birth_date_are_one_date(db: Database, tmp_path: Path) -> None:
    refused = load(db, tmp_path / "people.csv", [
        "First Name,Last Name,Primary Email,Birth Year,Birth Month,Birth Day,Notes",
        "Ada,Muster,ada@example.com,1970,2,3,", "Bela,Probe,,1981,12,24,", "Carla,Doe,,,04,12,",
        "Dirk,Roe,,1990,March,7,", "Elsa,Sample,,1999,,,", "Finn,Beispiel,,1999,13,1,", "Gerd,Leer,,,,,",
    ])  # fmt: skip
    assert birthdays(db) == {
        "Ada": "1970-02-03", "Bela": "1981-12-24", "Carla": "1604-04-12", "Dirk": "1990-03-07",
        "Elsa": None, "Finn": None, "Gerd": None,
    }  # fmt: skip
    assert refused == [("Birth Year", "not a date")] * 2


def test_column_names_met_again_are_no_contact(db: Database, tmp_path: Path) -> None:
    names = "First Name,Last Name,Email,Phone"
    lines = [names, "Ada,Muster,ada@example.com,415-555-0101", names, "Bela,Probe,bela@example.com,415-555-0102"]
    assert load(db, tmp_path / "people.csv", lines) == [(None, "the row repeats the column names")]
    assert db.con.execute("SELECT count(*) FROM contacts_wide").fetchall() == [(2,)]


def test_several_numbers_or_addresses_in_a_cell_are_several_values(db: Database, tmp_path: Path) -> None:
    refused = load(db, tmp_path / "people.csv", [
        "Name,Email,Phone", *(f"P{n} Muster,p{n}@example.com,415-555-010{n}" for n in range(5)),
        "Ada Muster,ada@example.com; a2@example.com,415-555-0111; 415-555-0112",
        "Bela Probe,,415-555-0113 / 415-555-0114",
    ])  # fmt: skip
    query = "SELECT emails, phone_numbers FROM contacts_wide WHERE first_name = 'Ada'"
    assert db.con.execute(query).fetchall() == [
        (["a2@example.com", "ada@example.com"], ["415-555-0112", "415-555-0111"])
    ]
    assert refused == [("Phone", "several phone numbers in one value: set multivalued in the mapping")]


def warnings(db: Database, file: Path, lines: list[str], dates: str | None = None) -> tuple[str, ...]:
    file.write_text("\n".join(lines) + "\n", "utf-8")
    return import_file(db, file, ImportSettings(dates=dates), now=NOW).warnings


def test_a_file_without_names_says_so(db: Database, tmp_path: Path) -> None:
    said = warnings(db, tmp_path / "people.csv", ["Tenure,Email", "long,ada@example.com"])
    assert said == ("no column of names is mapped: contacts are known by their other values alone",)


def test_an_order_of_dates_that_the_values_deny_is_named(db: Database, tmp_path: Path) -> None:
    said = warnings(db, tmp_path / "people.csv", ["Name,Birthday", "Ada Muster,04/25/1970"], dates="dmy")
    assert said == ('column "Birthday": its dates are mdy, whatever --dates says',)
    assert birthdays(db) == {"Ada": "1970-04-25"}


def test_labels_that_nothing_takes_are_named_and_a_star_is_no_label(db: Database, tmp_path: Path) -> None:
    said = warnings(db, tmp_path / "people.csv", [
        "Name,Given Name,Family Name,E-mail 1 - Type,E-mail 1 - Value,Relation 1 - Type,Relation 1 - Value,"
        "Group Membership",
        "Ada Muster,Ada,Muster,* ,ada@example.com,Child,Bela Muster,* myContacts",
        "Carla Doe,Carla,Doe,* Work,carla@example.com,Spouse,Dirk Doe,* myContacts",
    ])  # fmt: skip
    assert said == ('column "Relation 1 - Type": values labelled Child are left out',)
    query = "SELECT text, label FROM contact_attributes WHERE attribute_type = 'email' ORDER BY text"
    assert db.con.execute(query).fetchall() == [("ada@example.com", None), ("carla@example.com", "Work")]


def test_numbers_that_were_a_computers_are_read_as_they_were_written(db: Database, tmp_path: Path) -> None:
    lines = ["First Name,Phone,Zip", "Ada,4155550102.0,02116.0", "Bela,'4155550103,'74103"]
    assert load(db, tmp_path / "people.csv", lines) == []
    query = "SELECT phone_numbers[1], address[1].postcode FROM contacts_wide ORDER BY first_name"
    assert db.con.execute(query).fetchall() == [("4155550102", "02116"), ("4155550103", "74103")]


@pytest.mark.parametrize("kind", ["xlsx", "xls"])
@pytest.mark.parametrize("from_1904", [True, False])
def test_bare_numbers_of_days_are_counted_from_where_their_workbook_counts(
    db: Database, tmp_path: Path, kind: str, from_1904: bool
) -> None:
    days = (dt.date(1970, 2, 3) - (dt.date(1904, 1, 1) if from_1904 else dt.date(1899, 12, 30))).days
    path = tmp_path / f"people.{kind}"
    if kind == "xlsx":
        book = openpyxl.Workbook()
        if from_1904:
            book.epoch = CALENDAR_MAC_1904
        for row in (["First Name", "Birthday"], ["Ada", days]):
            book.active.append(row)
        book.save(path)
    else:
        old = xlwt.Workbook()
        old.dates_1904 = from_1904
        sheet = old.add_sheet("S")
        for row, cells in enumerate((["First Name", "Birthday"], ["Ada", days])):
            for column, cell in enumerate(cells):
                sheet.write(row, column, cell)
        old.save(str(path))
    assert load(db, path) == []
    assert birthdays(db) == {"Ada": "1970-02-03"}


def test_a_column_of_labels_with_too_many_is_refused_by_name(db: Database, tmp_path: Path) -> None:
    header = "Given Name,Family Name,E-mail 1 - Value,Phone 1 - Type,Phone 1 - Value"
    rows = [f"Ada,Muster,,label {number},+1 415 555 {number:04}" for number in range(MOST_LABELS + 1)]
    with pytest.raises(MappingError, match='labels of column "Phone 1 - Value" are 501 different texts') as refusal:
        load(db, tmp_path / "people.csv", [header, *rows])
    assert "Take its label_column out of the mapping" in str(refusal.value)
    assert load(db, tmp_path / "people.csv", [header, *rows[:MOST_LABELS]]) == []


def test_labels_in_a_column_beside_a_phone_are_its_labels(db: Database, tmp_path: Path) -> None:
    load(db, tmp_path / "people.csv", [
        "Full Name,Phone 1 - Type,Phone 1,Phone 2 Type,Phone 2,E-mail Type,E-mail",
        "Ada Muster,Mobile,+1 415 555 0132,boat,+1 415 555 0133,SMTP,ada@example.com",
    ])  # fmt: skip
    query = "SELECT text, label FROM contact_attributes WHERE attribute_type IN ('email', 'phone_number') ORDER BY text"
    assert db.con.execute(query).fetchall() == [
        ("+1 415 555 0132", "Mobile"), ("+1 415 555 0133", "boat"), ("ada@example.com", None)
    ]  # fmt: skip


def test_a_label_of_white_space_is_none(db: Database, tmp_path: Path) -> None:
    rows = ["Ada,Muster,\t,+1 415 555 0132", "Bo,Probe,\u00a0,+1 415 555 0133", "Cy,Roe,,+1 415 555 0134"]
    load(db, tmp_path / "people.csv", ["First Name,Last Name,Phone 1 - Type,Phone 1 - Value", *rows])
    query = "SELECT text, label FROM contact_attributes WHERE attribute_type = 'phone_number' ORDER BY text"
    assert db.con.execute(query).fetchall() == [(f"+1 415 555 013{last}", None) for last in (2, 3, 4)]


def test_many_phones_of_another_country_bring_the_region_to_mind(db: Database, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    phones = ["030 901820", "089 2180 0", "0171 1234567", "+49 30 901821"]
    rows = [f"Ada{number},a{number}@example.com,{phone}" for number, phone in enumerate(phones)]
    file.write_text("\n".join(["First Name,Email,Phone", *rows]), encoding="utf-8")
    (warning,) = import_file(db, file, ImportSettings(dry_run=True), now=NOW).warnings
    assert warning.startswith("3 of 4 phone numbers have no country code")
    assert "--region" in warning
    assert import_file(db, file, ImportSettings(dry_run=True, region="US"), now=NOW).warnings == ()


def test_the_group_google_has_everybody_in_is_no_tag(db: Database, tmp_path: Path) -> None:
    labels = ["Wine ::: * myContacts", "* starred ::: * myContacts", "* My Contacts", "myContacts"]
    rows = [f"Ada,Muster,{label},a{number}@example.com,," for number, label in enumerate(labels)]
    load(db, tmp_path / "people.csv", ["First Name,Last Name,Labels,E-mail 1 - Value,E-mail 1 - Label,File As", *rows])
    assert db.con.execute("SELECT tag FROM contact_tags ORDER BY tag").fetchall() == [
        ("Wine",), ("myContacts",), ("starred",)
    ]  # fmt: skip


def test_values_parted_by_colons_are_several_whatever_their_column_is_called(db: Database, tmp_path: Path) -> None:
    row = "Ada,a@example.com ::: b@example.com,+49 30 1234567 ::: +49 30 7654321,* myContacts ::: Wine"
    assert load(db, tmp_path / "people.csv", ["Vorname,E-Mail 1 - Wert,Telefon 1 - Wert,Labels", row]) == []
    query = "SELECT text FROM contact_attributes WHERE attribute_type IN ('email', 'phone_number', 'tag') ORDER BY text"
    assert [text for (text,) in db.con.execute(query).fetchall()] == [
        "+49 30 1234567", "+49 30 7654321", "Wine", "a@example.com", "b@example.com"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("cell", "tags"),
    [
        ('"VIP","news, weekly"', ["VIP", "news, weekly"]),
        ('VIP, "news, weekly" ,new', ["VIP", "new", "news, weekly"]),
        ('6" pipe,VIP', ['6" pipe', "VIP"]),
        ('"a"b,c', ['"a"b', "c"]),
    ],
)
def test_a_comma_within_a_quoted_tag_parts_nothing(db: Database, tmp_path: Path, cell: str, tags: list[str]) -> None:
    doubled = cell.replace('"', '""')
    load(db, tmp_path / "people.csv", ["Email Address,First Name,MEMBER_RATING,OPTIN_TIME,LEID,EUID,TAGS",
         f'a@example.com,Ada,2,,1,x,"{doubled}"'])  # fmt: skip
    found = db.con.execute("SELECT tag FROM contact_tags ORDER BY tag").fetchall()
    assert [tag for (tag,) in found] == sorted(tags)


def test_a_control_character_parts_no_tags(db: Database, tmp_path: Path) -> None:
    load(db, tmp_path / "people.csv", ["First Name,Tags", "Ada,one\x1fwhole; other"])
    assert db.con.execute("SELECT tag FROM contact_tags ORDER BY tag").fetchall() == [("one\x1fwhole",), ("other",)]
