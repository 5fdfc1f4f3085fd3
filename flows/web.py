"""Run the web server of `onecard serve`: one socket, one database shared with other processes, one thread for the rest.

That thread runs the jobs that wait, and builds the index anew when a job or another process has left it stale.

It ends on Ctrl-C or SIGTERM: no new requests are taken, those under way and a running job finish, the database is
closed.
"""

import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from types import FrameType

import uvicorn

from api_export.access import Access, is_loopback
from api_export.http import Served, make_app
from flows.connections import AT_ONCE, ImpatientProtocol
from flows.jobs import run_queued
from storage.database import transaction
from storage.errors import UsageError
from storage.indexing import ensure_index, index_is_current
from storage.jobs import fail_interrupted_jobs, queued_jobs
from storage.sharing import SharedDatabase, shared_database

__all__ = ["Place", "running_jobs", "serve_operations"]

IDLE_S = 5
RETRY_S = 5


@dataclass(frozen=True)
class Place:
    """Where requests are taken; port 0 is any free one."""

    host: str
    port: int


def serve_operations(
    db: Path, place: Place, access: Access, *, ready: Callable[[str], None], told: Callable[[str], None]
) -> None:
    """Serve until interrupted; `ready` is called with the address once requests are taken.

    Raises: UsageError when there are no tokens for a place others can reach, or it cannot be had; DatabaseError.
    """
    if not is_loopback(place.host) and not access.tokens:
        remedy = "Name a file of them with --tokens, set ONECARD_TOKENS, or serve on 127.0.0.1."
        raise UsageError("others can reach this address, so it needs tokens", where=place.host, remedy=remedy)
    with _socket(place) as listening, shared_database(db) as shared, running_jobs(shared, told=told) as wake:
        with shared.writing() as opened:
            if ensure_index(opened.con):
                shared.renew()
            with transaction(opened.con):
                fail_interrupted_jobs(opened.con, now=datetime.now(UTC))
        app = make_app(Served(shared, access, written=wake, told=told), version=version("onecard"))
        config = uvicorn.Config(
            app,
            log_config=None,
            log_level="error",  # what clients do wrong is said to them
            access_log=False,
            lifespan="off",
            server_header=False,
            timeout_keep_alive=IDLE_S,
            ws="none",
            http=ImpatientProtocol,
            backlog=AT_ONCE,
        )
        host, port = listening.getsockname()[:2]
        ready(f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}")
        _run(uvicorn.Server(config), listening)


@contextmanager
def running_jobs(shared: SharedDatabase, *, told: Callable[[str], None]) -> Iterator[Callable[[], None]]:
    """Run queued jobs on a thread of their own while the block runs; gives what to call when one may be waiting.

    Those left from before, or by another process, are run too, and those that could not be run for another process kept
    the database. A running job is waited for at the end, one that waits stays queued.
    """
    woken, ended = shared.opened, threading.Event()

    def run() -> None:
        while woken.wait() and not ended.is_set():
            woken.clear()
            try:
                _keep_up(shared, told)
            except Exception as error:  # the next job may be fine, and nobody waits for this thread
                told(f"jobs wait: {type(error).__name__}")
                ended.wait(RETRY_S)
                woken.set()  # perhaps no request comes that would

    thread = threading.Thread(target=run, name="jobs", daemon=True)
    thread.start()
    try:
        yield woken.set
    finally:
        ended.set()
        woken.set()
        thread.join()


def _keep_up(shared: SharedDatabase, told: Callable[[str], None]) -> None:
    with shared.reading() as db:
        shared.opened.clear()  # if it was opened for this: what others wrote before is seen now
        if index_is_current(db.con) and not queued_jobs(db.con):
            return
    with shared.writing() as db:
        for error in run_queued(db, now=datetime.now(UTC)):
            told(f"a job failed: {type(error).__name__}; `onecard jobs` says more")
        if ensure_index(db.con):
            shared.renew()


def _run(server: uvicorn.Server, listening: socket.socket) -> None:
    """Serve until a signal, which uvicorn raises again when all requests are answered."""

    def stop(_signal: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        server.run(sockets=[listening])
    except KeyboardInterrupt:
        pass
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def _socket(place: Place) -> Iterator[socket.socket]:
    family = socket.AF_INET6 if ":" in place.host else socket.AF_INET
    try:
        listening = socket.create_server((place.host, place.port), family=family, backlog=2048)
    except (OSError, OverflowError) as cause:
        what = f"this address cannot be served on ({getattr(cause, 'strerror', None) or 'no such address'})"
        raise UsageError(what, where=f"{place.host}:{place.port}", remedy="Name others with --host and --port.") from (
            cause
        )
    with listening:
        yield listening
