"""Run the flows for real against a temporary Prefect server, and write down what was seen as JSON.

Called by test_scheduled.py with the folder to work in; Prefect's home is set by the caller.
"""

import json
import os
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from importlib import import_module
from inspect import signature
from pathlib import Path
from typing import Any
from unittest.mock import patch

import yaml

from flows import scheduled
from flows.scheduled import WRITER, import_contacts, import_folder, nightly
from flows.serving import Plan, deployments
from storage.errors import DatabaseLockedError, InputFileError

# After the flows, which settle what Prefect reads when it is imported.
from prefect.client.orchestration import get_client  # isort: skip
from prefect.client.schemas.schedules import CronSchedule  # isort: skip
from prefect.flow_engine import FlowRunEngine  # isort: skip
from prefect.states import Failed, State  # isort: skip
from prefect.testing.utilities import prefect_test_harness  # isort: skip

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "data" / "samples"


def inbox(folder: Path) -> Path:
    """Lay out a folder with one good file, its mapping, and one that is empty."""
    folder.mkdir()
    for name in ("contacts.csv", "contacts.mapping.json"):
        shutil.copyfile(SAMPLES / name, folder / name)
    (folder / "empty.csv").write_text("")
    for file in folder.iterdir():
        os.utime(file, (time.time() - 60, time.time() - 60))
    (folder / "growing.csv").write_text("First")
    return folder


@contextmanager
def forgetful_server() -> Iterator[None]:
    """Let every last state come back as from the server, without its data, as after a request that was sent twice."""
    kept = FlowRunEngine.set_state

    def set_state(engine: FlowRunEngine[Any, Any], state: State, force: bool = False) -> State:
        held = kept(engine, state, force)
        if held.is_final():
            held = engine.flow_run.state = held.model_copy(update={"data": None})
        return held

    with patch.object(FlowRunEngine, "set_state", set_state):
        yield


def run_nightly(work: Path) -> dict[str, Any]:
    """Run the nightly flow on a good file, then on a folder in which one is bad."""
    files, output, db = inbox(work / "inbox"), work / "contacts.ndjson", work / "people.duckdb"
    (files / "growing.csv").unlink()
    report = nightly([files / "contacts.csv"], output, min_probability=0.9, db=db)
    first = output.read_text().count("\n")
    output.unlink()
    try:
        with forgetful_server():
            nightly([files], output, publish=False, db=db)
        complaint = ""
    except InputFileError as error:
        complaint = str(error)
    return {"report": report, "lines": first, "complaint": complaint, "lines_again": output.read_text().count("\n")}


def run_folder(work: Path) -> dict[str, Any]:
    """Run the watched folder's flow once."""
    folder = inbox(work / "watched")
    reports = import_folder(folder, db=work / "watched.duckdb")
    files = sorted(str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file())
    return {"created": [report["created"] for report in reports], "files": files}


def run_found(work: Path) -> dict[str, Any]:
    """Run the flow of imports on a file without a mapping, then on one whose mapping is not sure."""
    file, db = work / "export.csv", work / "found.duckdb"
    file.write_text("First Name,Last Name,E-mail 1 - Value,Phone 1 - Label,Phone 1 - Value\n"
                    "Ada,Muster,ada@example.com,Mobile,+1 415 555 0132\n")  # fmt: skip
    (report,) = import_contacts([file], db=db)
    unsure = work / "unsure.csv"
    unsure.write_text("Name,Addresss\nAda Muster,12 Main St\n")
    try:
        import_contacts([unsure], db=db)
        complaint = ""
    except InputFileError as error:
        complaint = str(error)
    return {"report": report, "complaint": complaint}


def kept_by_the_server() -> dict[str, Any]:
    """What is left on the server: artifacts by key and the limit of one writer."""
    with get_client(sync_client=True) as client:
        limit = client.read_global_concurrency_limit_by_name(WRITER)
        artifacts = client.read_artifacts()
    return {
        "limit": limit.limit,
        "slots": limit.active_slots,
        "artifacts": sorted({artifact.key for artifact in artifacts if artifact.key}),
        "columns": [*json.loads(next(a.data for a in artifacts if a.key == "onecard-import"))[0]],
    }


def retried() -> dict[str, bool]:
    """Which errors are tried again."""
    errors = (DatabaseLockedError("held"), InputFileError("empty"), ValueError("no"))
    return {type(error).__name__: scheduled._is_transient(None, None, Failed(data=error)) for error in errors}


def declared() -> list[dict[str, Any]]:
    """What prefect.yaml deploys, as far as it fits the flows."""
    found = []
    for deployment in yaml.safe_load((ROOT / "prefect.yaml").read_text())["deployments"]:
        path, _, name = deployment["entrypoint"].partition(":")
        flow = getattr(import_module(path.removesuffix(".py").replace("/", ".")), name)
        for schedule in deployment["schedules"]:
            CronSchedule(cron=schedule["cron"], timezone=schedule["timezone"])
        unknown = {*deployment["parameters"]} - {*signature(flow.fn).parameters}
        found.append({"name": deployment["name"], "flow": flow.name, "unknown": sorted(unknown)})
    return found


def served(work: Path) -> list[dict[str, Any]]:
    """What `onecard flows serve` would serve."""
    os.chdir(work)
    plan = Plan(Path("a.duckdb"), (Path("in"),), Path("out.json"), "0 3 * * *", watch=Path("drop"), every_s=30)
    made = []
    for one in deployments(plan):
        schedule = one.schedules[0].schedule
        when = schedule.cron if isinstance(schedule, CronSchedule) else schedule.interval / timedelta(seconds=1)
        made.append({"name": one.name, "entrypoint": one.entrypoint, "when": when, "parameters": one.parameters})
    return made


def main() -> None:
    """Write everything seen to seen.json in the folder."""
    work = Path(sys.argv[1])
    seen: dict[str, Any] = {"declared": declared(), "served": served(work), "retried": retried()}
    with prefect_test_harness(server_startup_timeout=180):
        seen |= {
            "nightly": run_nightly(work),
            "folder": run_folder(work),
            "found": run_found(work),
            "server": kept_by_the_server(),
        }
    (work / "seen.json").write_text(json.dumps(seen, default=str))


if __name__ == "__main__":
    main()
