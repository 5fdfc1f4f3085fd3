"""The flows run for real, once, in a process of their own with a temporary Prefect server: what has to be seen."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

Seen = dict[str, Any]


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("flows")


@pytest.fixture(scope="module")
def seen(work: Path) -> Seen:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "ONECARD_"))}
    environment = {**kept, "PREFECT_HOME": str(work / "prefect"), "PREFECT_LOGGING_LEVEL": "WARNING"}
    command = [sys.executable, str(Path(__file__).with_name("run_scheduled.py")), str(work)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-5000:]
    found: Seen = json.loads((work / "seen.json").read_text())
    return found


def test_a_night_imports_finds_merges_exports_and_publishes(seen: Seen, work: Path) -> None:
    report = seen["nightly"]["report"]
    assert [imported["created"] for imported in report["import"]] == [203]
    assert report["dedup"]["contacts"] == 203
    assert report["merge"]["merged"] > 10
    assert report["export"]["count"] == 203 - report["merge"]["sub_contacts"] == seen["nightly"]["lines"]
    assert report["published"] == str(work / "people.published.duckdb")
    assert (work / "people.published.duckdb").exists()


def test_a_bad_file_fails_the_night_after_everything_else_is_done(seen: Seen) -> None:
    assert seen["nightly"]["complaint"] == "1 of 2 files could not be imported: empty.csv"
    assert seen["nightly"]["lines_again"] == seen["nightly"]["lines"]


def test_files_of_a_watched_folder_are_moved_and_growing_ones_left(seen: Seen) -> None:
    assert seen["folder"]["created"] == [203]
    assert seen["folder"]["files"] == [
        "contacts.mapping.json",
        "failed/empty.csv",
        "failed/empty.csv.error.txt",
        "growing.csv",
        "imported/contacts.csv",
    ]


def test_a_file_without_a_mapping_is_imported_by_the_one_that_is_found(seen: Seen) -> None:
    report = seen["found"]["report"]
    assert (report["created"], report["rejected"], report["attributes"]) == (1, 0, 4)
    assert seen["found"]["complaint"] == "1 of 1 files could not be imported: unsure.csv"


def test_the_server_keeps_the_reports_and_the_limit_of_one_writer(seen: Seen) -> None:
    server = seen["server"]
    assert (server["limit"], server["slots"]) == (1, 0)
    assert server["artifacts"] == ["onecard-dedup", "onecard-export", "onecard-import", "onecard-merge"]
    assert {"job_id", "rows", "created", "rejected"} <= {*server["columns"]}


def test_only_a_held_database_is_tried_again(seen: Seen) -> None:
    assert seen["retried"] == {"DatabaseLockedError": True, "InputFileError": False, "ValueError": False}


def test_prefect_yaml_deploys_every_flow_with_parameters_it_has(seen: Seen) -> None:
    assert [deployment["unknown"] for deployment in seen["declared"]] == [[]] * len(seen["declared"])
    assert {deployment["flow"] for deployment in seen["declared"]} == {
        "nightly", "import-folder", "import-contacts", "find-duplicates", "merge-duplicates", "export-contacts"
    }  # fmt: skip


def test_serving_runs_every_night_and_looks_into_the_folder_wherever_the_run_starts(seen: Seen, work: Path) -> None:
    night, watch = seen["served"]
    assert (night["name"], night["when"], night["entrypoint"]) == ("nightly", "0 3 * * *", "flows.scheduled.nightly")
    assert night["parameters"]["files"] == [str(work / "in")]
    assert night["parameters"]["output"] == str(work / "out.json")
    assert (watch["name"], watch["when"]) == ("watch", 30)
    assert watch["parameters"]["folder"] == str(work / "drop")
    assert watch["parameters"]["db"] == str(work / "a.duckdb")
