"""A law: any table of text, imported, exported as CSV and imported again, gives the same contacts."""

import csv
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from api_export.exporting import export
from flows.importing import ImportSettings, import_file
from storage.database import Database, open_database

NOW = datetime(2026, 3, 1, tzinfo=UTC)
COLUMNS = (
    "Title", "First Name", "Middle Name", "Last Name", "Nickname", "Company", "Job Title", "Email 1", "Email 2",
    "Phone 1", "Address 1 Street", "Address 1 Unit", "Address 1 City", "Address 1 Postal Code", "Birthday", "Website",
    "LinkedIn", "Partner First Name", "Source",
)  # fmt: skip
OURS = ("id", "user_id", "brand", "job", "source_row", "created_at", "updated_at")
likely = st.sampled_from(
    ["", " ", "ann@example.com", "415 555 0132", "1980-02-03", "--0412", "12 avril 1975", "=1+1", '"', "a;b", "x\ny"]
)
cells = st.one_of(likely, st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12))


def cards(db: Database) -> list[dict[str, Any]]:
    found = db.con.sql(f"SELECT * EXCLUDE ({', '.join(OURS)}) FROM contacts_wide ORDER BY id").pl().to_dicts()
    return [{name: value for name, value in card.items() if value not in (None, [])} for card in found]


@settings(
    deadline=None,
    max_examples=10,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)
@given(rows=st.lists(st.tuples(*[cells] * len(COLUMNS)), min_size=1, max_size=12, unique=True))
def test_any_table_of_text_survives_export_and_import(
    rows: list[tuple[str, ...]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("law")
    with (folder / "table.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, quoting=csv.QUOTE_ALL).writerows([COLUMNS, *rows, ["Dr.", *["x"] * (len(COLUMNS) - 1)]])
    with open_database(folder / "first.duckdb") as first, open_database(folder / "second.duckdb") as second:
        import_file(first, folder / "table.csv", ImportSettings(mapping="onecard"), now=NOW)
        export(first.con, "contacts", target=folder / "out.csv", format="csv")
        report = import_file(second, folder / "out.csv", ImportSettings(mapping="onecard"), now=NOW)
        assert (report.rejected, report.rejected_values) == (0, 0)
        assert cards(second) == cards(first)


def test_labels_survive_export_and_import_and_nothing_is_added(tmp_path: Path) -> None:
    (tmp_path / "table.csv").write_text(
        "First Name,Work Email,Email,Mobile,Work Phone,Home Street,Home City,Work Street\n"
        "Ada,a@x.example,b@x.example,+1 415 555 0132,+1 415 555 0133,1 Main St,Springfield,2 Side St\n"
        "Bo,,b@x.example,,+1 415 555 0134,,,3 Low Rd\n"
    )
    values = "SELECT attribute_type, label, text, address_full(address) FROM contact_attributes ORDER BY ALL"
    with open_database(tmp_path / "first.duckdb") as first, open_database(tmp_path / "second.duckdb") as second:
        import_file(first, tmp_path / "table.csv", ImportSettings(), now=NOW)
        export(first.con, "contacts", target=tmp_path / "out.csv", format="csv")
        import_file(second, tmp_path / "out.csv", ImportSettings(), now=NOW)
        assert second.con.sql(values).fetchall() == first.con.sql(values).fetchall()
