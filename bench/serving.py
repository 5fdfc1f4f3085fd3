"""Measure `onecard serve` under eight clients that ask without a pause, on this machine only.

    python -m bench.serving DATABASE [SECONDS]

Each client is a thread with a connection of its own, and shares the cores with the server. One request in ten writes.
"""

import json
import random
import statistics
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

__all__ = ["CLIENTS", "measure_http"]

CLIENTS = 8
ONECARD = Path(sys.executable).with_name("onecard")
TAG = {"filters": [{"attribute_type": "tag", "value": "Buyer"}]}
NEW = {"contacts": [{"attributes": [{"attribute_type": "first_name", "text": "Bench"}]}]}


@dataclass(frozen=True)
class Asked:
    """One request: what kind it was, its status, and how long its answer took."""

    kind: str
    status: int
    ms: float


def measure_http(database: Path, *, seconds: float = 30) -> str:
    """Ask a server of `database` for some seconds; return the figures as a section of Markdown."""
    with _served(database) as place:
        ids, total = _known(place)
        started = time.perf_counter()
        asked = _ask_at_once(place, ids, total, until=started + seconds)
        took_s = time.perf_counter() - started
    kinds = defaultdict(list)
    for one in asked:
        kinds[one.kind].append(one.ms)
        kinds["all"].append(one.ms)
    failed = sum(one.status >= 300 for one in asked)
    lines = [
        f"## HTTP: {CLIENTS} clients, {took_s:.0f} s, {total:,} contacts",
        "",
        f"{len(asked):,} requests, {len(asked) / took_s:.0f} a second, {failed} errors.",
        "",
        "| what | requests | p50 ms | p95 ms | p99 ms |",
        "|---|---:|---:|---:|---:|",
    ]
    for kind, times in sorted(kinds.items(), key=lambda item: item[0] == "all"):
        cuts = statistics.quantiles(times, n=100) if len(times) > 1 else times * 99
        lines.append(f"| {kind} | {len(times):,} | {cuts[49]:.0f} | {cuts[94]:.0f} | {cuts[98]:.0f} |")
    return "\n".join(lines) + "\n"


@contextmanager
def _served(database: Path) -> Iterator[str]:
    command = [ONECARD, "--db", database, "serve", "--port", "0", "--json", "--quiet"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            yield urlsplit(json.loads(server.stdout.readline())["url"]).netloc
        finally:
            server.terminate()


def _known(place: str) -> tuple[list[str], int]:
    """Some ids to ask for, and how many contacts there are."""
    connection = HTTPConnection(place)
    connection.request("GET", "/contacts?limit=1000")
    page = json.loads(connection.getresponse().read())
    return [contact["id"] for contact in page["data"]], page["info"]["total"]


def _ask_at_once(place: str, ids: list[str], total: int, *, until: float) -> list[Asked]:
    asked: list[Asked] = []
    threads = [
        threading.Thread(target=_ask, args=(place, random.Random(seed), ids, total, until, asked))
        for seed in range(CLIENTS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return asked


def _ask(place: str, chance: random.Random, ids: list[str], total: int, until: float, asked: list[Asked]) -> None:
    connection = HTTPConnection(place, timeout=60)
    while time.perf_counter() < until:
        kind, method, path, body = _choose(chance, ids, total)
        started = time.perf_counter()
        connection.request(method, path, json.dumps(body) if body else None, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        answer.read()
        asked.append(Asked(kind, answer.status, 1000 * (time.perf_counter() - started)))


def _choose(chance: random.Random, ids: list[str], total: int) -> tuple[str, str, str, object]:
    letter, start = chance.choice("abcdefghijklmnoprstw"), chance.randrange(max(1, total - 50))
    choices = [
        ("create one", "POST", "/contacts", NEW),
        ("get one", "GET", f"/contacts/{chance.choice(ids)}?associations=contact.attributes", None),
        ("page of 50", "GET", f"/contacts?start={start}&limit=50", None),
        ("filter by tag, 50", "POST", "/contacts/filter?limit=50", TAG),
        ("alphabet, 50", "POST", f"/contacts/filter?alphabet={letter}&limit=50", None),
    ]
    return chance.choices(choices, weights=(1, 5, 2, 1, 1))[0]


if __name__ == "__main__":
    print(measure_http(Path(sys.argv[1]), seconds=float(sys.argv[2]) if len(sys.argv) > 2 else 30))
