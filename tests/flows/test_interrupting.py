"""Ctrl-C in a real process: at any moment of an import the database is as before, or has all of the file."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from flows.options import is_interrupt
from storage.database import open_database
from tests.flows.test_undoing import state

# Runs the command line, and presses Ctrl-C when the function named is about to be called.
PRESSING = """
import importlib, os, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs are started without one
module, name, *arguments = sys.argv[1:]
owner = importlib.import_module(module)
called = getattr(owner, name)
def pressing(*args, **kwargs):
    os.kill(os.getpid(), signal.SIGINT)
    return called(*args, **kwargs)
setattr(owner, name, pressing)
from flows.cli import main
sys.exit(main(arguments))
"""
NOTHING = "interrupted, nothing was changed\n"
MOMENTS = [
    ("flows.importing", "start_job", NOTHING),
    ("flows.importing", "match_rows", NOTHING),
    ("flows.recording", "insert_batch", NOTHING),
    ("flows.importing", "refresh_touch", NOTHING),
    ("flows.importing", "refresh_summaries", NOTHING),
    ("flows.importing", "finish_job", NOTHING),
    ("flows.commands.importing", "_print_import", "interrupted, 1 of 1 files imported, nothing of the others\n"),
    ("storage.database", "_close", "interrupted, 1 of 1 files imported, nothing of the others\n"),
]


@pytest.mark.parametrize(("module", "function", "said"), MOMENTS)
def test_an_interrupted_import_is_all_in_or_not_at_all(tmp_path: Path, module: str, function: str, said: str) -> None:
    database, file, mapping = (tmp_path / name for name in ("contacts.duckdb", "contacts.csv", "mapping.json"))
    file.write_text("First\nAnn\nBob\n", "utf-8")
    mapping.write_text(json.dumps({"mappings": {"First": {"attribute_type": "first_name"}}}), "utf-8")
    with open_database(database) as db:
        before = state(db)
    arguments = ["--quiet", "--db", str(database), "import", str(file), "--mapping", str(mapping)]
    command = [sys.executable, "-c", PRESSING, module, function, *arguments]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (130, said)
    with open_database(database) as db:
        contacts = db.con.execute("SELECT count(*) FROM contacts").fetchall()
        assert contacts == [(0,)] if said == NOTHING else contacts == [(2,)]
        assert said != NOTHING or state(db) == before


class _Pressed:
    """A frame that Ctrl-C meets while DuckDB reads it."""

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        raise KeyboardInterrupt


def test_ctrl_c_while_duckdb_takes_a_frame_over_is_ctrl_c(tmp_path: Path) -> None:
    with open_database(tmp_path / "contacts.duckdb") as db, pytest.raises(Exception, match="frame") as caught:
        db.con.register("frame", _Pressed())
    assert is_interrupt(caught.value)
