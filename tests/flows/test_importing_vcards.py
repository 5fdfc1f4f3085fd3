"""vCards through the whole import: identity, rejects, and dates that are no birthdays."""

from datetime import UTC, datetime
from pathlib import Path

from flows.import_reports import ImportReport
from flows.importing import ImportSettings, import_file
from storage.database import open_database

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
ANN = (
    "BEGIN:VCARD\nVERSION:3.0\nUID:1\nN:Lee;Ann;;;\nEMAIL:ann@example.com\nBDAY:{}\nPHOTO;ENCODING=b:AAAA\nEND:VCARD\n"
)
BOB = "BEGIN:VCARD\nVERSION:3.0\nUID:2\nN:Ray;Bob;;;\nBDAY:1900-01-01\nEND:VCARD\n"


def counts(report: ImportReport) -> tuple[int, int, int, int, int]:
    return (report.rows, report.created, report.updated, report.unchanged, report.rejected)


def test_cards_come_in_change_and_are_known_again(tmp_path: Path) -> None:
    file, settings = tmp_path / "cards.vcf", ImportSettings(source="phone")
    with open_database(tmp_path / "contacts.duckdb") as db:
        file.write_text(ANN.format("1990-01-02") + BOB + "BEGIN:VCARD\nFN:Cy\n", "utf-8")
        assert counts(import_file(db, file, settings, now=NOW)) == (3, 2, 0, 0, 1)
        file.write_text((ANN.format("--0412") + BOB).replace("AAAA", "BBBB"), "utf-8")
        assert counts(import_file(db, file, settings, now=NOW)) == (2, 0, 1, 1, 0)
        found = db.con.sql("SELECT display_name, created_for, email FROM contacts_wide ORDER BY id").fetchall()
        assert found == [("Ann Lee", "import_vcard", "ann@example.com"), ("Bob Ray", "import_vcard", None)]
        problems = db.con.sql("SELECT display_name, value, problem FROM data_quality ORDER BY ALL").fetchall()
        assert problems == [
            ("Ann Lee", "04-12", "day without a year, kept under 1604"),
            ("Bob Ray", "1900-01-01", "placeholder, no date of anybody"),
        ]


def test_a_dry_run_shows_cards_as_they_would_be(tmp_path: Path) -> None:
    file = tmp_path / "cards.vcf"
    file.write_text(ANN.format("1990-01-02") + BOB, "utf-8")
    with open_database(tmp_path / "contacts.duckdb") as db:
        preview = import_file(db, file, ImportSettings(dry_run=True), now=NOW).preview
    assert [(card["display_name"], card["birthday"]) for card in preview] == [
        ("Ann Lee", "1990-01-02"),
        ("Bob Ray", "1900-01-01"),
    ]
