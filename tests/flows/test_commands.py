"""Each verb from the command line: what it prints for people, what for machines, and what it leaves behind."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from flows.cli import main
from flows.commands import importing
from storage.database import open_database

IMPORT_KEYS = [
    "job_id",
    "state",
    "file",
    "rows",
    "created",
    "updated",
    "unchanged",
    "rejected",
    "attributes",
    "seconds",
    "encoding",
    "delimiter",
    "sheet",
]
MAPPING = {
    "mappings": {
        "Id": {"attribute_type": "source_id"},
        "First": {"attribute_type": "first_name"},
        "Last": {"attribute_type": "last_name"},
        "Email": {"attribute_type": "email"},
        "Phone": {"attribute_type": "phone_number"},
        "Born": {"attribute_type": "birthday"},
    }
}
PEOPLE = """Id,First,Last,Email,Phone,Born,Shoe size
1,Margaret,Sullivan,margaret.sullivan@home.example,415-555-0123,1961-03-04,38
2,Maggie,Sullivan,margaret.sullivan@home.example,(415) 555-0123,1961-03-04,38
3,Ole,Nordmann,ole@fjord.example,+47 22 12 34 56,1975-13-45,46
,,,nobody knows,,,
"""
Run = Callable[..., str]
Capture = pytest.CaptureFixture[str]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> Run:
    """Run a command line in tmp_path and return its stdout; it has to end with `code`."""
    monkeypatch.chdir(tmp_path)
    for name in ("ONECARD_DB", "ONECARD_USER", "ONECARD_BRAND"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "people.csv").write_text(PEOPLE)
    (tmp_path / "mapping.json").write_text(json.dumps(MAPPING))

    def run(*arguments: str, code: int = 0) -> str:
        capsys.readouterr()
        ended = main([*arguments])
        printed = capsys.readouterr()
        assert ended == code, printed.err
        run.err = printed.err  # type: ignore[attr-defined]
        return printed.out

    return run


def answer(run: Run, *arguments: str, code: int = 0) -> Any:
    return json.loads(run(*arguments, "--json", code=code))


@pytest.fixture
def filled(run: Run) -> Run:
    run("import", "people.csv", "--mapping", "mapping.json", "--quiet")
    return run


def ids(run: Run) -> dict[str, str]:
    rows = answer(run, "sql", "SELECT source_id, id FROM contacts_wide")
    return {row["source_id"]: row["id"] for row in rows}


def test_import_tells_a_person_what_came_of_it(run: Run) -> None:
    told = run("import", "people.csv", "--mapping", "mapping.json")
    for expected in ("people.csv: 4 rows", "created", "Born: not a date", "leaves out: Shoe size"):
        assert expected in told
    assert "next: onecard rejects" in run.err


def test_a_mapping_found_by_itself_says_whose_a_value_is_and_of_what_label(run: Run, tmp_path: Path) -> None:
    (tmp_path / "found.csv").write_text("Name,Home Phone,Spouse,Shoe size\nAda Muster,4155550132,Bob Muster,9\n")
    told = run("import", "found.csv")
    for expected in ("phone_number (Home)  ", "full_name (partner)  ", "left out  "):
        assert expected in run.err
    assert "found.csv: 1 row in" in told
    assert "leaves out" not in told
    assert "1 row, 1 created" in run("jobs")
    run("export", "contacts", "-o", "one.json")
    assert "1 contact is in one.json" in run.err


def test_import_reports_exactly_the_documented_keys_one_object_a_file(run: Run, tmp_path: Path) -> None:
    (tmp_path / "more.csv").write_text(PEOPLE.replace("Nordmann", "Hansen"))
    how = ("--mapping", "mapping.json", "--source", "crm")
    lines = run("import", "people.csv", "more.csv", "people.csv", *how, "--json").splitlines()
    reports = [json.loads(line) for line in lines]
    assert [[*report] for report in reports] == [IMPORT_KEYS] * 3
    assert [(r["rows"], r["created"], r["updated"], r["rejected"]) for r in reports] == [
        (4, 3, 0, 1),
        (4, 0, 1, 1),
        (4, 0, 1, 1),
    ]
    assert run.err == ""


def test_quiet_says_nothing_but_errors(run: Run) -> None:
    assert run("import", "people.csv", "--mapping", "mapping.json", "--quiet") == ""
    assert run.err == ""
    assert run("import", "people.csv", "--mapping", "nowhere.json", "--quiet", code=4) == ""
    assert run.err.startswith("error: nowhere.json")


@pytest.mark.parametrize("way", ["json", "ndjson", "csv", "xlsx", "parquet", "rejects"])
@pytest.mark.parametrize(
    "target", ["onecard.duckdb", "onecard.duckdb.wal", "onecard.duckdb.lock", "onecard.duckdb.queue"]
)
def test_nothing_is_written_over_the_database(filled: Run, tmp_path: Path, way: str, target: str) -> None:
    (job,) = [one["job_id"] for one in answer(filled, "jobs")["jobs"]]
    command = ("export", "contacts", "--format", way, "-o", target)
    if way == "rejects":
        (tmp_path / "fix.csv").symlink_to(target)
        command = ("rejects", job, "-o", "fix.csv")
    filled(*command, code=2)
    assert "belongs to a database" in filled.err  # type: ignore[attr-defined]
    assert len(ids(filled)) == 3


def test_a_dry_run_reports_and_leaves_nothing(run: Run) -> None:
    report = answer(run, "import", "people.csv", "--mapping", "mapping.json", "--dry-run")
    assert (report["state"], report["created"]) == ("dry run", 3)
    assert [card["display_name"] for card in report["preview"]] == [
        "Margaret Sullivan",
        "Maggie Sullivan",
        "Ole Nordmann",
    ]
    assert sorted(path.name for path in Path.cwd().iterdir()) == ["mapping.json", "people.csv"]
    run("import", "people.csv", "--mapping", "mapping.json")
    report = answer(run, "import", "people.csv", "--mapping", "mapping.json", "--dry-run", "--on-match", "create")
    assert (report["state"], report["created"]) == ("dry run", 3)
    assert answer(run, "sql", "SELECT count(*) AS n FROM contacts") == [{"n": 3}]
    assert len(answer(run, "jobs")["jobs"]) == 1


def test_a_dry_run_lays_out_a_card_for_each_of_the_first_contacts(run: Run, tmp_path: Path) -> None:
    body = [
        {"attribute_type": "first_name", "text": "A\x1bnn"},
        {"attribute_type": "email", "text": "a@b.example"},
        {"attribute_type": "email", "text": "c@d.example"},
    ]
    (tmp_path / "people.json").write_text(json.dumps({"contacts": [{"attributes": body}]}))
    told = run("import", "people.json", "--dry-run")
    assert told.endswith("  A nn (created)\n    e-mails    c@d.example; a@b.example\n")
    assert "preview" not in answer(run, "import", "people.json")


def test_one_bad_file_does_not_stop_the_others_and_its_code_is_the_end(run: Run, tmp_path: Path) -> None:
    (tmp_path / "empty.csv").write_text("")
    told = run("import", "empty.csv", "people.csv", "--mapping", "mapping.json", "--json", code=3)
    assert json.loads(told)["created"] == 3
    assert run.err.startswith("error: empty.csv")


def test_a_misspelt_file_is_found_before_anything_is_imported(run: Run, tmp_path: Path) -> None:
    run("import", "people.csv", "poeple.csv", "--mapping", "mapping.json", code=3)
    assert 'Did you mean "people.csv"?' in run.err
    assert not (tmp_path / "onecard.duckdb").exists()


@pytest.mark.parametrize("interrupt", [KeyboardInterrupt(), RuntimeError("Query interrupted")])
def test_an_interrupted_import_says_what_is_in(run: Run, monkeypatch: pytest.MonkeyPatch, interrupt: Exception) -> None:
    import_one = importing._import_one
    files = iter([import_one, None])

    def import_or_stop(*arguments: Any) -> Any:
        if (step := next(files)) is None:
            raise interrupt
        return step(*arguments)

    monkeypatch.setattr(importing, "_import_one", import_or_stop)
    run("import", "people.csv", "people.csv", "--mapping", "mapping.json", "--json", code=130)
    assert run.err == "interrupted, 1 of 2 files imported, nothing of the others\n"


def test_an_import_reads_stdin(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(PEOPLE.encode())))
    assert answer(run, "import", "-", "--mapping", "mapping.json")["created"] == 3


def test_a_proposed_mapping_can_be_imported_with(run: Run, tmp_path: Path) -> None:
    proposal = run("mapping", "people.csv")
    assert json.loads(proposal)["mappings"]["Email"]["attribute_type"] == "email"
    assert "Shoe size" in run.err
    (tmp_path / "proposed.json").write_text(proposal)
    assert answer(run, "import", "people.csv", "--mapping", "proposed.json")["created"] == 3


def test_jobs_are_listed_and_one_is_shown(filled: Run) -> None:
    listed = answer(filled, "jobs")["jobs"]
    assert [job["kind"] for job in listed] == ["import"]
    assert "people.csv" in filled("jobs")
    shown = answer(filled, "jobs", listed[0]["job_id"][:20])
    assert shown["report"]["created"] == 3
    assert "mapping.json" in filled("jobs", listed[0]["job_id"])
    filled("jobs", "nope", code=2)


def test_rejects_go_to_a_file_are_corrected_and_replace_what_they_came_from(filled: Run, tmp_path: Path) -> None:
    job = answer(filled, "jobs")["jobs"][0]["job_id"]
    assert "not a date" in filled("rejects", job)
    assert [reject["row"] for reject in answer(filled, "rejects", job)["rejects"]] == [3, 4, 4]
    filled("rejects", job, "-o", "fix.csv")
    rows = list(csv.DictReader((tmp_path / "fix.csv").open()))
    assert [*rows[0]] == ["Id", "First", "Last", "Email", "Phone", "Born", "Shoe size", "reason", "onecard_row"]
    assert [row["Born"] for row in rows] == ["1975-13-45", ""]
    text = (tmp_path / "fix.csv").read_text().replace("1975-13-45", "1975-12-25").replace("nobody knows", "x@y.example")
    (tmp_path / "fix.csv").write_text(text)
    report = answer(filled, "import", "fix.csv", "--mapping", "mapping.json")
    assert (report["created"], report["updated"], report["rejected"]) == (1, 1, 0)
    born = answer(filled, "sql", "SELECT birthday FROM contacts_wide WHERE last_name = 'Nordmann'")
    assert born == [{"birthday": 188697600}]


def test_rejects_of_contact_bodies_are_written_as_bodies(run: Run, tmp_path: Path) -> None:
    bad = {"attribute_type": "birthday", "date": "soon"}
    body = {"contacts": [{"attributes": [{"attribute_type": "first_name", "text": "Ann"}, bad]}]}
    (tmp_path / "body.json").write_text(json.dumps(body))
    job = answer(run, "import", "body.json")["job_id"]
    run("rejects", job, "-o", "fix.json")
    fixed = json.loads((tmp_path / "fix.json").read_text())
    assert fixed["contacts"][0]["attributes"] == body["contacts"][0]["attributes"]
    fixed["contacts"][0]["attributes"][1]["date"] = 188697600
    (tmp_path / "fix.json").write_text(json.dumps(fixed))
    report = answer(run, "import", "fix.json")
    assert (report["created"], report["updated"]) == (0, 1)


def test_duplicates_are_found_shown_explained_merged_and_taken_apart(filled: Run) -> None:
    contacts = ids(filled)
    report = answer(filled, "dedup")
    assert [*report] == ["job_id", "run", "contacts", "changed", "pairs", "matches", "clusters", "seconds"]
    assert (report["run"], report["contacts"], report["clusters"]) == ("full", 3, 1)
    envelope = json.loads(filled("duplicates"))
    assert envelope["info"] == {"count": 1, "total": "1"}
    alone = answer(filled, "duplicates", contacts["1"])
    assert alone == {"code": "OK", "data": envelope["data"][0]}
    assert answer(filled, "duplicates", contacts["3"]) == {"code": "OK", "data": None}
    why = answer(filled, "explain", contacts["2"], contacts["1"])
    assert why["probability"] > 0.9
    assert "email" in {part["field"] for part in why["evidence"]}
    assert "email" in filled("explain", contacts["1"], contacts["2"])
    before = filled("export", "contacts", "--associations", "contact.attributes,contact.summary")
    merged = answer(filled, "merge", contacts["1"], contacts["2"])
    assert merged == {"job_id": merged["job_id"], "merged": 1, "sub_contacts": 1}
    assert json.loads(filled("duplicates"))["data"] == []
    assert answer(filled, "unmerge", merged["job_id"])["undone"] == 1
    assert filled("export", "contacts", "--associations", "contact.attributes,contact.summary") == before
    filled("unmerge", merged["job_id"], code=7)


def test_a_judgement_outlives_the_next_run(filled: Run) -> None:
    contacts = ids(filled)
    said = answer(filled, "judge", contacts["1"], contacts["2"], "different")
    assert said["judgement"] == "different"
    assert answer(filled, "dedup")["clusters"] == 0
    assert answer(filled, "explain", contacts["1"], contacts["2"])["judgement"] == "different"


def test_merging_takes_a_body_from_a_file_or_the_sure_clusters(filled: Run, tmp_path: Path) -> None:
    contacts = ids(filled)
    filled("dedup")
    sure = answer(filled, "merge", "--auto", "--min-probability", "0.9", "--dry-run")
    assert (sure["merged"], sure["left_out"]) == (1, 0)
    unsure = answer(filled, "merge", "--auto", "--min-probability", "1", "--dry-run")
    assert (unsure["merged"], unsure["left_out"]) == (0, 1)
    told = filled("merge", "--auto", "--min-probability", "0.9", "--dry-run")
    assert told.startswith("dry run, taken back\n")
    assert "  left out      0\n\n  Margaret Sullivan ← Maggie Sullivan\n" in told
    assert answer(filled, "sql", "SELECT count(*) AS n FROM contacts_wide") == [{"n": 3}]
    body = {"clusters": [{"parent": contacts["2"], "sub_contacts": [contacts["1"]]}]}
    (tmp_path / "clusters.json").write_text(json.dumps(body))
    assert answer(filled, "merge", "--clusters", "clusters.json")["merged"] == 1
    for wrong in ("{", '{"clusters": [{"parent": "x"}]}', '{"cluster": []}'):
        (tmp_path / "wrong.json").write_text(wrong)
        filled("merge", "--clusters", "wrong.json", code=2)
        assert "wrong.json" in filled.err


@pytest.mark.parametrize("name", ["out.json", "out.ndjson", "out.csv", "out.xlsx", "out.parquet"])
def test_an_export_takes_its_format_from_the_files_name(filled: Run, tmp_path: Path, name: str) -> None:
    assert filled("export", "contacts", "-o", name) == ""
    start = {"json": b'{"code"', "ndjson": b'{"id"', "csv": b"", "xlsx": b"PK", "parquet": b"PAR1"}[name[4:]]
    assert (tmp_path / name).read_bytes().startswith(start)
    assert f"3 contacts are in {name}" in filled.err


def test_an_export_takes_filter_order_and_limit(filled: Run, tmp_path: Path) -> None:
    (tmp_path / "filter.json").write_text('{"filter": [{"attribute_type": "last_name", "value": "Sullivan"}]}')
    page = json.loads(
        filled("export", "contacts", "--filter", "filter.json", "--order", "-display_name", "--limit", "1")
    )
    assert [contact["display_name"] for contact in page["data"]] == ["Margaret Sullivan"]
    assert page["info"] == {"count": 1, "total": 2}


def test_sql_answers_a_person_json_and_csv(filled: Run) -> None:
    query = "SELECT first_name, emails FROM contacts_wide ORDER BY first_name LIMIT 1"
    assert "maggie" not in filled("sql", "SELECT 1")
    assert "margaret.sullivan@home.example" in filled("sql", query)
    assert answer(filled, "sql", query) == [{"first_name": "Maggie", "emails": ["margaret.sullivan@home.example"]}]
    assert answer(filled, "sql", "SELECT 1 WHERE false") == []
    assert filled("sql", query, "--csv") == 'first_name,emails\nMaggie,"[""margaret.sullivan@home.example""]"\n'
    filled("sql", "SELECT nope FROM contacts_wide", code=2)
    filled("sql", "DROP TABLE contacts", code=2)


def test_values_cannot_take_over_the_terminal(filled: Run) -> None:
    told = filled("sql", "SELECT '[red]x[/red]' AS markup, chr(27) || '[2J' AS escape")
    assert "[red]x[/red]" in told
    assert "\x1b" not in told


def test_publish_writes_a_copy_that_answers(filled: Run, tmp_path: Path) -> None:
    report = answer(filled, "publish")
    assert report["path"] == str(tmp_path / "onecard.published.duckdb")
    rows = answer(filled, "sql", "SELECT count(*) AS n FROM contacts_wide", "--db", report["path"])
    assert rows == [{"n": 3}]


def test_the_doctor_finds_a_sound_database_sound(filled: Run) -> None:
    contacts = ids(filled)
    filled("merge", contacts["1"], contacts["2"])
    filled("dedup")
    report = answer(filled, "doctor")
    assert [finding for finding in report["findings"] if not finding["is_fine"]] == []
    assert report["ok"]
    assert "contact ids are unique" in filled("doctor")


@pytest.mark.parametrize(
    ("damage", "check"),
    [
        ("INSERT INTO contacts SELECT * FROM contacts LIMIT 1", "contact ids are unique"),
        ("DELETE FROM contacts", "every attribute has its contact"),
        ("DELETE FROM contact_summaries", "one summary a living contact"),
        ("UPDATE contact_summaries SET emails = NULL", "summaries are current"),
        (
            "UPDATE contact_attributes SET is_primary = true, attribute_def = uuid()",
            "every attribute has its definition",
        ),
        ("UPDATE jobs SET state = 'running'", "no job was cut short"),
    ],
)
def test_the_doctor_finds_what_is_wrong(filled: Run, tmp_path: Path, damage: str, check: str) -> None:
    with open_database(tmp_path / "onecard.duckdb") as db:
        db.con.execute(damage)
    report = answer(filled, "doctor", code=6)
    assert check in {finding["check"] for finding in report["findings"] if not finding["is_fine"]}


def test_the_doctor_says_what_keeps_a_database_from_opening(run: Run, tmp_path: Path) -> None:
    (tmp_path / "onecard.duckdb").write_bytes(b"nothing of the kind")
    report = answer(run, "doctor", code=6)
    assert not report["ok"]
    assert "not a onecard database" in report["findings"][0]["detail"]


def test_ragged_rows_are_written_under_the_files_columns_corrected_and_imported(run: Run, tmp_path: Path) -> None:
    people = 'Id,First,Last,Email\n1,Kate,Bell\n2,"Ole, jr",Nord,mann,ole@fjord.example\n'
    (tmp_path / "ragged.csv").write_text(people)
    mapping = {name: MAPPING["mappings"][name] for name in ("Id", "First", "Last", "Email")}
    (tmp_path / "short.json").write_text(json.dumps({"mappings": mapping}))
    report = answer(run, "import", "ragged.csv", "--mapping", "short.json")
    assert (report["rows"], report["created"], report["rejected"]) == (2, 0, 2)
    run("rejects", report["job_id"], "-o", "fix.csv")
    with (tmp_path / "fix.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [*rows[0]] == ["Id", "First", "Last", "Email", "reason", "onecard_row", "surplus 1"]
    assert [(row["First"], row["Last"], row["Email"], row["surplus 1"]) for row in rows] == [
        ("Kate", "Bell", "", ""),
        ("Ole, jr", "Nord", "mann", "ole@fjord.example"),
    ]
    rows[1] |= {"Last": "Nordmann", "Email": "ole@fjord.example", "surplus 1": ""}
    with (tmp_path / "fix.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, [*rows[0]])
        writer.writeheader()
        writer.writerows(rows)
    report = answer(run, "import", "fix.csv", "--mapping", "short.json")
    assert (report["rows"], report["created"], report["rejected"]) == (2, 1, 1)
    assert answer(run, "sql", "SELECT last_name, email FROM contacts_wide ORDER BY source_id") == [
        {"last_name": "Nordmann", "email": "ole@fjord.example"},
    ]
