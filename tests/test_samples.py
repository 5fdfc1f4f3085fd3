"""The shipped sample address book: made by its maker, the same table in four files."""

import csv
import json
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path

import fastexcel
import openpyxl
import pytest

from bench.make_samples import MAPPING, SAMPLES, make_samples, sample_rows
from dedup.rules import Rules
from flows.pipeline import ImportSettings, find_duplicates, import_file
from storage.database import open_database

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("samples")
    make_samples(folder)
    return folder


@pytest.mark.parametrize("name", ["contacts.csv", "contacts.json", "contacts.mapping.json", "contacts.xls"])
def test_the_shipped_file_is_what_the_maker_makes(made: Path, name: str) -> None:
    assert (made / name).read_bytes() == (SAMPLES / name).read_bytes()


@pytest.mark.parametrize("name", ["known_duplicates.csv", "known_lookalikes.csv"])
def test_the_shipped_pairs_are_what_the_maker_makes(made: Path, name: str) -> None:
    assert (made / name).read_bytes() == (SAMPLES / name).read_bytes()


def test_the_shipped_workbook_holds_what_the_maker_puts_there(made: Path) -> None:
    shipped, fresh = (openpyxl.load_workbook(folder / "contacts.xlsx")["Contacts"] for folder in (SAMPLES, made))
    assert list(shipped.values) == list(fresh.values)


def test_every_file_has_the_same_rows() -> None:
    with (SAMPLES / "contacts.csv").open(encoding="utf-8") as file:
        table = list(csv.reader(file))
    flat = json.loads((SAMPLES / "contacts.json").read_text(encoding="utf-8"))
    assert [[value or "" for value in row.values()] for row in flat] == table[1:]
    for name in ("contacts.xls", "contacts.xlsx"):
        sheet = fastexcel.read_excel(SAMPLES / name).load_sheet("Contacts", dtypes="string").to_polars()
        assert sheet.columns == table[0]
        assert sheet.height == len(table) - 1


def test_the_mapping_names_every_column_and_only_those() -> None:
    with (SAMPLES / "contacts.csv").open(encoding="utf-8") as file:
        assert next(csv.reader(file)) == list(MAPPING["mappings"])


def test_people_known_twice_and_look_alikes_never_overlap() -> None:
    rows, same, different = sample_rows()
    assert not {pair[:2] for pair in same} & {pair[:2] for pair in different}
    assert max(right for _, right, _ in same + different) <= len(rows)


def _pairs(name: str) -> set[tuple[int, int]]:
    with (SAMPLES / name).open(encoding="utf-8") as file:
        return {(int(pair["left_row"]), int(pair["right_row"])) for pair in csv.DictReader(file)}


def test_people_known_twice_are_found_and_look_alikes_are_not(tmp_path: Path) -> None:
    settings = ImportSettings(mapping=str(SAMPLES / "contacts.mapping.json"))
    with open_database(tmp_path / "onecard.duckdb") as db:
        import_file(db, SAMPLES / "contacts.csv", settings, now=NOW)
        find_duplicates(db, rules=Rules(), now=NOW)
        members = db.con.execute(
            "SELECT cluster, list(source_row) FROM duplicate_members JOIN contacts ON id = contact GROUP BY cluster"
        )
        found = {pair for _, rows in members.fetchall() for pair in combinations(sorted(rows), 2)}
    same, different = _pairs("known_duplicates.csv"), _pairs("known_lookalikes.csv")
    assert len(found & same) / len(same) >= 0.85
    assert len(found - same) <= 2
    assert len(found & different) <= 1
