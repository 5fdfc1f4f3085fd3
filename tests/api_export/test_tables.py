"""Tables for people and tools: fixed headers, real dates, texts that stay texts, and a CSV that imports again."""

import csv
import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from cards import add_card, contact_id
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from api_export.exporting import KINDS, Kind, export
from api_export.tables import CONTACT_COLUMNS, columns_of
from flows.pipeline import ImportSettings, import_file
from storage.database import Database, open_database
from storage.errors import UsageError
from transforms.mapping import load_mapping

BIRTHDAY = date(1925, 4, 1)


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def rows_of(db: Database, tmp_path: Path, what: Kind = "contacts") -> list[dict[str, str]]:
    export(db.con, what, target=tmp_path / "out.csv", format="csv")
    return read_csv(tmp_path / "out.csv")


def test_a_contact_is_one_row_an_office_can_read(db: Database, tmp_path: Path) -> None:
    ada, *others = rows_of(db, tmp_path)
    assert {header: value for header, value in ada.items() if value} == {
        "Display Name": "Ada Lovelace",
        "First Name": "Ada",
        "Last Name": "Lovelace",
        "Email 1": "ada@home.example",
        "Email 2": "ada@example.com",
        "Email 2 Label": "Work",
        "Phone 1": "+1 415 555 0123",
        "Phone 1 Label": "Mobile",
        "Address 1 Label": "Home",
        "Address 1 Street": "12 Oak Rd",
        "Address 1 Unit": "Suite 850",
        "Address 1 City": "Austin",
        "Address 1 Postal Code": "01234",
        "Birthday": BIRTHDAY.isoformat(),
        "Tags": "New; friend",
        "Notes": "met in London",
        "Last Touch": "2023-11-14T22:21:40.123000Z",
        "Next Touch": "2023-11-21T22:21:40.123000Z",
        "Touch Frequency": "7",
        "Created At": "2023-11-14T22:13:21.000000Z",
        "Updated At": "2023-11-14T22:13:21.000000Z",
        "Contact ID": contact_id(1),
    }
    assert [row["Display Name"] for row in others] == ["Zoë Åberg", 'Acme, Inc. "East"', "'=cmd|' /C calc'!A0"]


def test_what_does_not_fit_the_numbered_columns_is_joined(empty: Database, tmp_path: Path) -> None:
    add_card(empty, 1, *(("phone_number", f"555-010{at}") for at in range(7)))
    (row,) = rows_of(empty, tmp_path)
    assert [row[f"Phone {at}"] for at in range(1, 5)] == ["555-0106", "555-0105", "555-0104", "555-0103"]
    assert row["More Phones"] == "555-0100; 555-0101; 555-0102"  # read back, the last of these is listed first


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("-2+3+cmd|' /C calc'!A0", "'-2+3+cmd|' /C calc'!A0"),
        ("+1 (415) 555-0123", "+1 (415) 555-0123"),
        ("-12.5", "-12.5"),
        ("a=b", "a=b"),
        ('say "hi", you\nthere', 'say "hi", you\nthere'),
        ('="x",1', '\'="x",1'),
    ],
)
def test_a_text_is_never_a_formula_in_csv(empty: Database, tmp_path: Path, text: str, cell: str) -> None:
    add_card(empty, 1, ("company", text))
    assert rows_of(empty, tmp_path)[0]["Company"] == cell


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1), min_size=1, max_size=8))
def test_any_text_survives_csv_but_for_the_apostrophe(empty: Database, tmp_path: Path, texts: list[str]) -> None:
    empty.con.execute("DELETE FROM contacts; DELETE FROM contact_attributes; DELETE FROM contact_summaries")
    add_card(empty, 1, *(("note", text) for text in texts))
    found = [row["Text"] for row in rows_of(empty, tmp_path, "attributes")]
    assert [cell if cell == text else cell.removeprefix("'") for cell, text in zip(found, texts, strict=True)] == texts


def test_a_workbook_has_a_bold_frozen_header_a_filter_widths_and_real_dates(db: Database, tmp_path: Path) -> None:
    export(db.con, "contacts", target=tmp_path / "out.xlsx", format="xlsx")
    sheet = load_workbook(tmp_path / "out.xlsx")["contacts"]
    header = [cell.value for cell in sheet[1]]
    assert header == [column.header for column in CONTACT_COLUMNS]
    assert all(cell.font.bold for cell in sheet[1])
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == sheet.dimensions
    assert sheet.column_dimensions["A"].width > 10
    ada = dict(zip(header, sheet[2], strict=True))
    assert (ada["Birthday"].value, ada["Birthday"].is_date) == (datetime(1925, 4, 1), True)
    assert ada["Last Touch"].value == datetime(2023, 11, 14, 22, 21, 40, 123_000)
    assert (ada["Phone 1"].value, ada["Phone 1"].data_type) == ("+1 415 555 0123", "s")
    assert (ada["Address 1 Postal Code"].value, ada["Address 1 Postal Code"].data_type) == ("01234", "s")
    assert ada["Touch Frequency"].value == 7


@pytest.mark.parametrize("text", ["=1+1", "#N/A", "+cmd", "-x", "@a", "bell\x07", "x" * 40_000])
def test_a_text_is_a_text_cell_in_a_workbook(empty: Database, tmp_path: Path, text: str) -> None:
    add_card(empty, 1, ("company", text))
    export(empty.con, "contacts", target=tmp_path / "out.xlsx", format="xlsx")
    sheet = load_workbook(tmp_path / "out.xlsx").active
    cell = sheet.cell(2, [column.header for column in CONTACT_COLUMNS].index("Company") + 1)
    assert (cell.value, cell.data_type) == (text.replace("\x07", "")[:32_767], "s")


def test_a_day_before_1900_is_written_as_text_in_a_workbook(empty: Database, tmp_path: Path) -> None:
    add_card(empty, 1, ("company", "Old Ltd"), ("birthday", -3_000_000_000 // 86_400 * 86_400))
    export(empty.con, "contacts", target=tmp_path / "out.xlsx", format="xlsx")
    values = [cell.value for cell in load_workbook(tmp_path / "out.xlsx").active[2]]
    assert "1874-12-07" in values


def test_more_rows_than_a_sheet_holds_are_refused(
    db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api_export.spreadsheets.MAX_ROWS", 3)
    with pytest.raises(UsageError, match="a sheet holds 2 rows"):
        export(db.con, "contacts", target=tmp_path / "out.xlsx", format="xlsx")
    assert not (tmp_path / "out.xlsx").exists()


@pytest.mark.parametrize("what", KINDS)
def test_an_empty_table_still_has_its_header(empty: Database, tmp_path: Path, what: Kind) -> None:
    empty.con.execute("DELETE FROM tags; DELETE FROM attribute_defs")
    headers = [column.header for column in columns_of(what)]
    for format in ("csv", "xlsx", "parquet"):
        assert export(empty.con, what, target=tmp_path / f"out.{format}", format=format) == 0
    assert (tmp_path / "out.csv").read_text("utf-8") == ",".join(headers) + "\n"
    assert [cell.value for cell in load_workbook(tmp_path / "out.xlsx").active[1]] == headers
    assert pl.read_parquet(tmp_path / "out.parquet").height == 0


def test_parquet_has_the_documented_fields_as_typed_columns(db: Database, tmp_path: Path) -> None:
    export(db.con, "contacts", target=tmp_path / "out.parquet", format="parquet")
    frame = pl.read_parquet(tmp_path / "out.parquet")
    ada = frame.row(0, named=True)
    assert (ada["birthday"], ada["emails"], ada["touch_freq"]) == (BIRTHDAY, ["ada@home.example", "ada@example.com"], 7)
    assert ada["created_at"] == datetime(2023, 11, 14, 22, 13, 21, tzinfo=UTC)
    assert ada["address"][0]["postcode"] == "01234"
    export(db.con, "attributes", target=tmp_path / "out.parquet", format="parquet")
    assert pl.read_parquet(tmp_path / "out.parquet").filter(attribute_type="shoe_size")["number"].to_list() == [38.5]


def test_every_column_of_the_preset_is_a_header() -> None:
    headers = {column.header for column in CONTACT_COLUMNS}
    assert set(load_mapping("onecard").mappings) <= headers


@pytest.mark.parametrize("format", ["csv", "xlsx"])
def test_what_was_exported_can_be_imported_with_the_preset(
    empty: Database, tmp_path: Path, body: Callable[..., Any], format: str
) -> None:
    """Labels, the parts of a street and custom attributes are what a flat table cannot carry back."""
    _add_full_card(empty)
    target = tmp_path / f"contacts.{format}"
    export(empty.con, "contacts", target=target, format=format)  # type: ignore[arg-type]
    with open_database(tmp_path / "again.duckdb") as again:
        report = import_file(again, target, ImportSettings(mapping="onecard"), now=datetime.now(UTC))
        assert (report.created, report.rejected, report.rejected_values) == (1, 0, 0)
        (before,), (after,) = body(empty)["data"], body(again)["data"]
    own = {"id", "brand", "brand_id", "user_id", "created_at", "updated_at", "created_for", "updated_for"}
    flat = {"address": [address["full"] for address in before["address"]]}
    assert after["phone_numbers"] == before["phone_numbers"]
    assert {**after, "address": [address["full"] for address in after["address"]]} == {
        **before, **{key: after[key] for key in own}, **flat
    }  # fmt: skip


def _add_full_card(db: Database) -> None:
    add_card(
        db,
        1,
        *((name, f"A {name}") for name in ("first_name", "middle_name", "last_name", "nickname", "marketing_name")),
        *((name, f"A {name}") for name in ("company", "job_title", "source", "source_type", "facebook", "linkedin")),
        *(("email", f"ada{at}@example.com") for at in range(6)),
        *(("phone_number", f"+1 415 555 010{at}", {"key": f"+1415555010{at}"}) for at in range(7)),
        *(
            ("address", {"house_num": str(at), "name": "Oak", "city": "Austin", "postcode": "01234"})
            for at in range(1, 4)
        ),
        *(("tag", text) for text in ("New", "friend", "Åland")),
        ("title", "Dr."),
        ("website", "https://ada.example"),
        ("birthday", 950_400),
        ("child_birthday", 950_400),
        ("note", 'one; "two"\nthree'),
        ("note", "four"),
        ("profile_image_url", "https://ada.example/a.png"),
        ("first_name", "Bob", {"is_partner": True}),
        ("last_name", "Byron", {"is_partner": True}),
        ("email", "bob@example.com", {"is_partner": True}),
    )


def test_the_preset_is_what_the_columns_say() -> None:
    entries = load_mapping("onecard").mappings
    partner = {name for name, entry in entries.items() if entry.is_partner}
    assert partner == {name for name in entries if name.startswith("Partner ")}
    assert json.loads(
        json.dumps({name: entry.index for name, entry in entries.items() if name.startswith("Email")})
    ) == {
        "Email 1": 0,
        "Email 2": 1,
        "Email 3": 2,
    }
