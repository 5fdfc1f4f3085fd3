"""The command line: where things are printed, how errors end, and that help costs nothing."""

import json
import os
import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import click
import pytest

from flows import cli
from flows.cli import COMMANDS, main, onecard
from storage.database import open_database
from storage.errors import ConflictError, MappingError, TooManyRejectsError

HEAVY = {"duckdb", "polars", "prefect", "pydantic", "rich", "numpy", "rapidfuzz", "openpyxl"}
Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def in_tmp_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("ONECARD_DB", "ONECARD_USER", "ONECARD_BRAND", "ONECARD_DEBUG"):
        monkeypatch.delenv(name, raising=False)


def python(code: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


def test_help_lists_every_verb_and_imports_nothing_heavy() -> None:
    done = python(f"import sys; from flows.cli import main; main(['--help']); print({HEAVY!r} & set(sys.modules))")
    assert done.stdout.endswith("set()\n"), done.stdout + done.stderr
    for verb in COMMANDS:
        assert f"  {verb} " in done.stdout


@pytest.mark.parametrize("verb", COMMANDS)
def test_the_line_in_the_list_is_the_first_line_of_the_verbs_own_help(verb: str) -> None:
    command = onecard.get_command(click.Context(onecard), verb)
    assert command is not None
    assert (command.help or "").split("\n\n")[0] == COMMANDS[verb][1]


@pytest.mark.parametrize("arguments", [["-v"], ["--version"], ["jobs", "-v"], ["flows", "serve", "--version"]])
def test_every_verb_knows_the_version(arguments: list[str], capsys: Capture) -> None:
    assert main(arguments) == 0
    assert capsys.readouterr().out.startswith("onecard ")


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["imprt"], 'Did you mean "import"?'),
        (["jobs", "--frob"], "No such option"),
        (["export"], "Missing argument"),
        (["export", "people"], "'people' is not one of"),
        (["--user", "me", "jobs"], "not a valid UUID"),
        (["dedup", "--threshold", "2"], "not in the range"),
        (["merge"], "one of them"),
        (["merge", str(uuid4())], "one contact alone"),
        (["merge", "--min-probability", "0.9", str(uuid4()), str(uuid4())], "goes with --auto"),
        (["sql", "SELECT 1", "--csv", "--json"], "at once"),
        ([], "Commands:"),
    ],
)
def test_wrong_usage_ends_with_2_and_says_so_on_stderr(arguments: list[str], complaint: str, capsys: Capture) -> None:
    assert main(arguments) == 2
    printed = capsys.readouterr()
    assert complaint in printed.err
    assert printed.out == ""


@pytest.mark.parametrize(
    "arguments",
    [
        ["jobs"],
        ["dedup"],
        ["duplicates"],
        ["sql", "SELECT 1"],
        ["export", "tags"],
        ["publish"],
        ["unmerge", str(uuid4())],
    ],
)
def test_only_an_import_makes_a_database(arguments: list[str], capsys: Capture, tmp_path: Path) -> None:
    assert main([*arguments, "--db", "people.duckdb"]) == 6
    complaint = "people.duckdb: there is no database yet. Import a file first: `onecard import FILE`.\n"
    assert capsys.readouterr().err.endswith(complaint)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"Name,Email\nAnn,ann@home.example\n", b"\0" * 5000])
def test_a_file_that_is_no_database_is_refused_and_left_alone(content: bytes, capsys: Capture, tmp_path: Path) -> None:
    (tmp_path / "people.duckdb").write_bytes(content)
    assert main(["jobs", "--db", "people.duckdb"]) == 6
    assert "not a onecard database" in capsys.readouterr().err
    assert (tmp_path / "people.duckdb").read_bytes() == content


@pytest.mark.parametrize(
    ("raised", "code", "said"),
    [
        (ConflictError("was undone already", where="merge x"), 7, "error: merge x: was undone already\n"),
        (MappingError("no such column", remedy="Take it out."), 4, "error: no such column. Take it out.\n"),
        (TooManyRejectsError("too many"), 5, "error: too many\n"),
        (KeyboardInterrupt(), 130, "interrupted, nothing was changed\n"),
        (KeyboardInterrupt("interrupted, 1 of 2 files imported"), 130, "interrupted, 1 of 2 files imported\n"),
        (RuntimeError("Query interrupted"), 130, "interrupted, nothing was changed\n"),
        (OSError(28, "No space left on device", "out.csv"), 1, "error: out.csv: No space left on device\n"),
    ],
)
def test_an_error_ends_once_with_its_code(
    raised: BaseException, code: int, said: str, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cli.onecard, "invoke", lambda _context: (_ for _ in ()).throw(raised))
    monkeypatch.setattr(cli, "_drop_stdout", lambda: None)
    assert main(["jobs"]) == code
    assert capsys.readouterr().err == said


def test_what_nobody_expected_shows_no_data_and_where_it_happened_only_when_asked(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_context: click.Context) -> None:
        raise ValueError("bad value 'Jane Doe' for jane@home.example, phone +1 (415) 555-0123")

    monkeypatch.setattr(cli.onecard, "invoke", fail)
    assert main(["jobs"]) == 1
    quiet = capsys.readouterr().err
    assert quiet.count("\n") == 1
    assert "ValueError" in quiet
    assert "ONECARD_DEBUG=1" in quiet
    monkeypatch.setenv("ONECARD_DEBUG", "1")
    assert main(["jobs"]) == 1
    loud = capsys.readouterr().err
    assert "in fail" in loud
    for secret in ("Jane", "jane@", "555-0123"):
        assert secret not in quiet + loud.replace("raise ValueError", "").split("\nValueError")[1]


def test_a_reader_of_stdout_who_leaves_early_is_no_error(tmp_path: Path) -> None:
    with open_database(tmp_path / "onecard.duckdb"):
        pass
    query = "SELECT range, repeat('x', 100) FROM range(100_000)"
    command = [sys.executable, "-m", "flows.cli", "sql", "--csv", query]
    environment = {**os.environ, "PYTHONPATH": str(Path(cli.__file__).parents[1])}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment) as done:
        assert done.stdout is not None
        assert done.stderr is not None
        done.stdout.readline()
        done.stdout.close()
        assert done.stderr.read() == b""
        assert done.wait() == 0


@pytest.mark.parametrize("order", ["before", "after"])
def test_shared_options_stand_before_or_after_the_verb(order: str, capsys: Capture, tmp_path: Path) -> None:
    with open_database(tmp_path / "people.duckdb"):
        pass
    shared = ["--db", "people.duckdb", "--json"]
    assert main([*shared, "jobs"] if order == "before" else ["jobs", *shared]) == 0
    assert json.loads(capsys.readouterr().out) == {"jobs": []}


def test_an_option_after_the_verb_wins_over_one_before_it_and_both_over_the_environment(
    capsys: Capture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_database(tmp_path / "real.duckdb"):
        pass
    monkeypatch.setenv("ONECARD_DB", "from_environment.duckdb")
    assert main(["jobs", "--quiet"]) == 6
    assert main(["--db", "before.duckdb", "jobs"]) == 6
    assert main(["--db", "before.duckdb", "jobs", "--db", "real.duckdb"]) == 0
    complaints = capsys.readouterr().err.splitlines()
    assert [line.split(":")[1].strip() for line in complaints] == ["from_environment.duckdb", "before.duckdb"]
