"""Traps that only the whole way from a file shows: what the import makes of hidden and made-up values."""

import json
from pathlib import Path

import pytest

from flows.cli import main

HEADER = "Id,First,Last,Email,Phone,Company"
COLUMNS = {"Id": "source_id", "First": "first_name", "Last": "last_name", "Email": "email", "Phone": "phone_number"}
PEOPLE = [("Ulrich", "Baumann"), ("Yolanda", "Prescott"), ("Ingrid", "Castellan"), ("Octavia", "Penhaligon")]


def clusters(folder: Path, capsys: pytest.CaptureFixture[str], *, email: str, phone: str, company: str) -> int:
    """How many clusters there are among people who share nothing but these values."""
    rows = [f"{number},{first},{last},{email},{phone},{company}" for number, (first, last) in enumerate(PEOPLE)]
    (folder / "people.csv").write_text("\n".join([HEADER, *rows]))
    mappings = {column: {"attribute_type": name} for column, name in (COLUMNS | {"Company": "company"}).items()}
    (folder / "mapping.json").write_text(json.dumps({"mappings": mappings}))
    db = ["--db", str(folder / "trap.duckdb")]
    assert main([*db, "import", str(folder / "people.csv"), "--mapping", str(folder / "mapping.json"), "--quiet"]) == 0
    capsys.readouterr()
    assert main([*db, "dedup", "--json"]) == 0
    found: int = json.loads(capsys.readouterr().out)["clusters"]
    return found


@pytest.mark.parametrize(
    ("email", "phone", "company"),
    [
        ("[email protected]", "", ""),
        ("noemail@noemail.com", "000-000-0000", ""),
        ("none@none.com", "(555) 555-5555", "n/a"),
        ("", "+1 415 555 0100", "Harlow Dental Group"),
        ("info@harlowdental.example", "", "Harlow Dental Group"),
    ],
    ids=["masked", "placeholders", "more placeholders", "switchboard", "info box"],
)
def test_people_are_not_one_for_a_value_that_is_nobodys_own(
    email: str, phone: str, company: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert clusters(tmp_path, capsys, email=email, phone=phone, company=company) == 0
