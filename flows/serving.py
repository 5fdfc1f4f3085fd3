"""Serve the flows on a schedule from this machine: the nightly run, and a watched folder.

Schedules need a Prefect server that runs its scheduler. One named by PREFECT_API_URL is used; otherwise one is started
here, on loopback only, and stopped at the end. Its database lives where Prefect keeps its own (PREFECT_HOME).
"""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.request import urlopen

from storage.errors import UsageError

if TYPE_CHECKING:
    from prefect.deployments.runner import RunnerDeployment

__all__ = ["Plan", "deployments", "serve_flows"]

HOST = "127.0.0.1"
START_S = 180


@dataclass(frozen=True)
class Plan:
    """What is served: the nightly run (files, output, cron), the watched folder and how often it is looked into."""

    db: Path
    files: tuple[Path, ...]
    output: Path
    cron: str
    mapping: str | None = None
    min_probability: float = 0.99
    watch: Path | None = None
    every_s: float = 60.0


def deployments(plan: Plan) -> list["RunnerDeployment"]:
    """Return the deployments of a plan; their paths are absolute, for runs start in folders of their own."""
    from prefect.types.entrypoint import EntrypointType

    from flows.scheduled import import_folder, nightly

    shared: dict[str, Any] = {
        "tags": ["onecard"],
        "concurrency_limit": 1,
        "entrypoint_type": EntrypointType.MODULE_PATH,
    }
    how, db = {"mapping": plan.mapping}, str(plan.db.resolve())
    made: list[Any] = []
    if plan.files:
        parameters = {
            "files": [str(file.resolve()) for file in plan.files],
            "output": str(plan.output.resolve()),
            "how": how,
            "min_probability": plan.min_probability,
            "db": db,
        }
        made.append(nightly.to_deployment("nightly", cron=plan.cron, parameters=parameters, **shared))
    if plan.watch is not None:
        watched = {"folder": str(plan.watch.resolve()), "how": how, "db": db}
        made.append(import_folder.to_deployment("watch", interval=plan.every_s, parameters=watched, **shared))
    return made


def serve_flows(plan: Plan, *, port: int) -> None:
    """Serve a plan until interrupted.

    Raises: UsageError when there is nothing to serve, or no server can be started on `port`.
    """
    if not plan.files and plan.watch is None:
        raise UsageError("nothing to serve", remedy="Name files for the nightly run, or a folder with --watch.")
    made = deployments(plan)  # imports flows.scheduled, which settles what Prefect reads when it is imported
    from prefect import serve

    with _server(port):
        serve(*made, pause_on_shutdown=False, print_starting_message=False)


@contextmanager
def _server(port: int) -> Iterator[None]:
    """Have a Prefect server while the block runs: the one that is configured, else one of our own."""
    from prefect.settings import PREFECT_API_URL, temporary_settings

    if PREFECT_API_URL.value():
        yield
        return
    _check_port(port)
    command = [sys.executable, "-m", "prefect", "server", "start", "--host", HOST, "--port", str(port)]
    # A session of its own: Ctrl-C is for us, who then end it.
    server = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        _wait_for(server, port)
        with temporary_settings({PREFECT_API_URL: f"http://{HOST}:{port}/api"}):
            yield
    finally:
        server.terminate()
        server.wait(timeout=30)


def _check_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as cause:
            raise UsageError(f"port {port} is taken", remedy="Name a free one with --port.") from cause


def _wait_for(server: "subprocess.Popen[bytes]", port: int) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline and server.poll() is None:
        with suppress(OSError), urlopen(f"http://{HOST}:{port}/api/health", timeout=5) as answer:
            if answer.status == 200:
                return
        time.sleep(0.5)
    raise UsageError("the Prefect server did not start", remedy="Try `prefect server start` to see why.")
