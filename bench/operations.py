"""Measure single operations in process, on a connection that stays open.

    python -m bench.operations DATABASE [REQUESTS]

The index is built first if it is stale. What is written stays in the database. Each kind stands beside a floor of the
same run: DuckDB alone changes one row of a contact and commits. On a machine that others share it says how fast the
machine was.
"""

import json
import os
import random
import statistics
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from api_export.answering import Request, answer
from storage.database import Database, open_database, transaction
from storage.indexing import ensure_index

__all__ = ["measure_operations"]

NEW = [{"attribute_type": "first_name", "text": "Bench"}, {"attribute_type": "tag", "text": "Buyer"}]
FLOOR = "floor: DuckDB changes one row and commits"
TAG = {"filters": [{"attribute_type": "tag", "value": "Buyer"}]}
# What is asked → what its p95 is held to, in milliseconds.
HELD_TO_MS = {
    "get one": 25, "filter by tag, 50": 25, "alphabet, 50": 25, "page of 50 by id": 25, "page of 50 by sort_field": 25,
    "page of 50 by -updated_at": 25, "q, 50": 60, "create one": 30, "update one": 30,
}  # fmt: skip


def measure_operations(database: Path, *, requests: int = 200) -> str:
    """Send each kind of request some times; return the figures as a section of Markdown."""
    with open_database(database) as db:
        started = time.perf_counter()
        ensure_index(db.con)
        built_s = time.perf_counter() - started
    os.sync()  # a commit is not to wait for what the imports before left to be written
    with open_database(database) as db:  # as the server does when it has built the index
        (total,) = db.con.execute("SELECT count(*) FROM contact_index").fetchall()[0]
        sample = "SELECT id FROM (SELECT id::VARCHAR AS id FROM contact_index WHERE is_mark) USING SAMPLE 1000 ROWS"
        ids = [identity for (identity,) in db.con.execute(sample).fetchall()]
        chance = random.Random(1)
        lines = [
            f"## Single operations in process, {total:,} contacts",
            "",
            f"Building the index took {built_s:.1f} s. Each kind was asked {requests} times.",
            "",
            "| what | p50 ms | p95 ms | p50 × floor | held to | result |",
            "|---|---:|---:|---:|---:|---|",
        ]
        floor, rare = _quantiles([_took_ms(partial(_change_a_row, db, chance.choice(ids))) for _ in range(requests)])
        lines.append(f"| {FLOOR} | {floor:.1f} | {rare:.1f} | – | – | – |")
        for kind, most in HELD_TO_MS.items():
            asked = [_request(kind, chance, ids, total) for _ in range(requests)]
            usual, rare = _quantiles([_took_ms(partial(_ask, db, request)) for request in asked])
            verdict = "kept" if rare <= most else "**missed**"
            lines.append(f"| {kind} | {usual:.0f} | {rare:.0f} | {usual / floor:.0f} | ≤ {most} | {verdict} |")
    return "\n".join(lines) + "\n"


def _quantiles(times: list[float]) -> tuple[float, float]:
    """The p50 and the p95."""
    cuts = statistics.quantiles(times, n=20)
    return cuts[9], cuts[18]


def _took_ms(work: Callable[[], None]) -> float:
    started = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - started)


def _ask(db: Database, request: Request) -> None:
    given = answer(db, request, user=db.user, brand=None, now=datetime.now(UTC))
    assert given.status == 200, given.body


def _change_a_row(db: Database, contact: str) -> None:
    with transaction(db.con):
        db.con.execute("UPDATE contacts SET updated_at = now() WHERE id = ?", [contact])


def _request(kind: str, chance: random.Random, ids: list[str], total: int) -> Request:
    one, page = f"/contacts/{chance.choice(ids)}", [("limit", "50")]
    deep = [*page, ("start", str(chance.randrange(total)))]
    letter, word = chance.choice("abcdefghijklmnoprstw"), chance.choice(("smith", "barn", "+1415", "example.org", "zz"))
    return {
        "get one": Request("GET", one, [("associations", "contact.attributes,contact.summary")]),
        "filter by tag, 50": Request("POST", "/contacts/filter", page, json.dumps(TAG).encode()),
        "alphabet, 50": Request("POST", "/contacts/filter", [*page, ("alphabet", letter)]),
        "page of 50 by id": Request("GET", "/contacts", deep),
        "page of 50 by sort_field": Request("GET", "/contacts", [*deep, ("order", "sort_field")]),
        "page of 50 by -updated_at": Request("GET", "/contacts", [*deep, ("order", "-updated_at")]),
        "q, 50": Request("POST", "/contacts/filter", [*page, ("q", word)]),
        "create one": Request("POST", "/contacts", (), json.dumps({"contacts": [{"attributes": NEW}]}).encode()),
        "update one": Request("PATCH", one, (), json.dumps({"attributes": NEW[:1]}).encode()),
    }[kind]


if __name__ == "__main__":
    print(measure_operations(Path(sys.argv[1]), requests=int(sys.argv[2]) if len(sys.argv) > 2 else 200))
