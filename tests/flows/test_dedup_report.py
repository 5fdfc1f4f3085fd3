"""`onecard dedup --report`: one file that needs nothing else, and takes the place of nothing but a report."""

import json
import re
from pathlib import Path

import pytest

from flows.cli import main

MAPPING = {"First": "first_name", "Last": "last_name", "Email": "email"}
PEOPLE = """First,Last,Email
Margaret,</script><b>Sullivan,margaret.sullivan@home.example
Maggie,</script><b>Sullivan,margaret.sullivan@home.example
Ole,Nordmann,ole@fjord.example
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "people.csv").write_text(PEOPLE)
    mappings = {column: {"attribute_type": name} for column, name in MAPPING.items()}
    (tmp_path / "mapping.json").write_text(json.dumps({"mappings": mappings}))
    assert main(["import", "people.csv", "--mapping", "mapping.json", "--quiet"]) == 0
    return tmp_path


def test_the_report_is_one_page_that_may_fetch_nothing(folder: Path) -> None:
    assert main(["dedup", "--quiet", "--report", "run.html"]) == 0
    page = (folder / "run.html").read_text(encoding="utf-8")
    assert "default-src 'none'" in page
    assert not re.search(r"(?:src|href)=", re.sub(r"<script>.*?</script>", "", page, flags=re.DOTALL))
    specs = json.loads(re.search(r"^const specs = (.*);$", page, re.MULTILINE)[1])  # type: ignore[index]
    assert {"scores", "sizes", "weights", "pair0"} <= specs.keys()
    assert not any("url" in str(spec.get("data", "")) for spec in specs.values())


def test_a_name_cannot_break_out_of_the_page(folder: Path) -> None:
    main(["dedup", "--quiet", "--report", "run.html"])
    page = (folder / "run.html").read_text(encoding="utf-8")
    assert "Margaret &lt;/script&gt;" in page
    assert "<b>Sullivan" not in page
    assert page.count("</script>") == 2


def test_a_report_takes_no_databases_place_and_no_run_is_made_for_it(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["dedup", "--quiet", "--report", "onecard.duckdb"]) == 2
    assert "belongs to a database" in capsys.readouterr().err
    assert main(["duplicates", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["data"] == []
