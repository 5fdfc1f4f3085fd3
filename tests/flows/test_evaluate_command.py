"""`onecard evaluate` from files to figures, and what it says when it cannot."""

import json
from pathlib import Path

import pytest

from flows.cli import main
from storage.database import open_database

PEOPLE = """Id,First,Last,Email,Phone
1,Margaret,Sullivan,margaret.sullivan@home.example,415-555-0123
2,Maggie,Sullivan,margaret.sullivan@home.example,(415) 555-0123
3,Ole,Nordmann,ole@fjord.example,+47 22 12 34 56
4,Ola,Svensson,ola@svensson.example,+46 8 123 45 67
"""
MAPPING = {"Id": "source_id", "First": "first_name", "Last": "last_name", "Email": "email", "Phone": "phone_number"}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "people.csv").write_text(PEOPLE)
    mappings = {column: {"attribute_type": name} for column, name in MAPPING.items()}
    (tmp_path / "mapping.json").write_text(json.dumps({"mappings": mappings}))
    (tmp_path / "labels.csv").write_text("source_id;person\n1;m\n2;m\n3;o\n4;o\n99;x\n")
    assert main(["import", "people.csv", "--mapping", "mapping.json", "--quiet"]) == 0
    return tmp_path


def evaluated(capsys: pytest.CaptureFixture[str], labels: str = "labels.csv") -> dict[str, object]:
    capsys.readouterr()
    assert main(["evaluate", "--labels", labels, "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert isinstance(report, dict)
    return report


def refused(capsys: pytest.CaptureFixture[str], *, code: int, labels: str = "labels.csv") -> str:
    capsys.readouterr()
    assert main(["evaluate", "--labels", labels]) == code
    return capsys.readouterr().err


@pytest.mark.usefixtures("folder")
def test_people_are_measured_and_the_misses_named(capsys: pytest.CaptureFixture[str]) -> None:
    main(["dedup", "--quiet"])
    report = evaluated(capsys)
    assert (report["labelled_contacts"], report["unknown_records"]) == (4, 1)
    assert (report["true_pairs"], report["found_pairs"], report["right_pairs"]) == (2, 1, 1)
    assert (report["precision"], report["recall"]) == (1, 0.5)
    assert report["true_pairs_not_kept"] == 1
    assert report["misses"][0]["left_name"] == "Ole Nordmann"  # type: ignore[index]
    assert main(["evaluate", "--labels", "labels.csv"]) == 0
    assert "not kept" in capsys.readouterr().out


def test_pairs_and_spreadsheets_are_labels_too_and_mistakes_have_their_reasons(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["dedup", "--quiet"])
    (folder / "pairs.csv").write_text("left,right,judgement\n1,2,different\n3,4,different\n")
    report = evaluated(capsys, "pairs.csv")
    assert (report["true_pairs"], report["found_pairs"], report["b_cubed"]) == (0, 1, None)
    assert "email shared (+" in report["false_merges"][0]["reasons"]  # type: ignore[index]


def test_a_merge_and_an_import_since_do_not_change_the_figures(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["dedup", "--quiet"])
    before = evaluated(capsys)
    main(["merge", "--auto", "--min-probability", "0.5", "--quiet"])
    (folder / "people.csv").write_text("Id,First,Last,Email,Phone\n99,Maggie,Sullivan,,\n")
    main(["import", "people.csv", "--mapping", "mapping.json", "--quiet"])
    assert evaluated(capsys) == before


def test_what_is_wrong_is_said(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "Run `onecard dedup` first" in refused(capsys, code=2)
    main(["dedup", "--quiet"])
    (folder / "labels.csv").write_text("source_id,persn\n1,m\n")
    assert 'Did you mean "person"?' in refused(capsys, code=3)
    (folder / "labels.csv").write_text("source_id,person\n1001,m\n")
    assert "name no contact of the last dedup run" in refused(capsys, code=3)
    assert "no such file" in refused(capsys, code=3, labels="nowhere.csv").lower()


def test_a_record_that_is_several_contacts_has_to_be_named_by_contact_id(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["import", "people.csv", "--mapping", "mapping.json", "--source", "other", "--quiet"])
    main(["dedup", "--quiet"])
    assert "4 of the records named are several contacts" in refused(capsys, code=3)
    with open_database(folder / "onecard.duckdb", read_only=True) as db:
        rows = db.con.execute("SELECT id::VARCHAR, source_id FROM contacts").fetchall()
    (folder / "labels.csv").write_text("\n".join(["contact,person", *(f"{id},{source}" for id, source in rows)]))
    assert evaluated(capsys)["true_pairs"] == 4
