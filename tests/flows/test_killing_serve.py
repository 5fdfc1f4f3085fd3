"""`onecard serve` ends in the midst of writes: what was acknowledged is there, the rest whole or not at all."""

import itertools
import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from storage.checking import check_database
from storage.database import Database, open_database
from tests.flows.test_web import served

WRITERS, ENOUGH, SENT = 3, 20, 40


class Acknowledged:
    """What clients were told is done: contacts created, the last job title written, an import that was queued."""

    def __init__(self) -> None:
        self.created: list[str] = []
        self.title = 0


def _create(url: httpx.URL, number: int, told: Acknowledged) -> None:
    with httpx.Client(base_url=url, timeout=60) as client:
        for turn in itertools.count():
            values = {"first_name": f"Ada {number}-{turn}", "email": f"a{number}-{turn}@example.com", "tag": f"t{turn}"}
            attributes = [{"attribute_type": kind, "text": text} for kind, text in values.items()]
            told.created += client.post("/contacts", json={"contacts": [{"attributes": attributes}]}).json()["data"]


def _update(url: httpx.URL, contact: str, told: Acknowledged) -> None:
    with httpx.Client(base_url=url, timeout=60) as client:
        for title in itertools.count(1):
            attributes = [{"attribute_type": "job_title", "text": str(title)}, {"attribute_type": "note", "text": "x"}]
            assert client.patch(f"/contacts/{contact}", json={"attributes": attributes}).status_code == 200
            told.title = title


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_nothing_is_lost_or_half_written_when_it_ends_in_the_midst_of_writes(
    tmp_path: Path, how: signal.Signals
) -> None:
    told = Acknowledged()
    with served(tmp_path) as (server, client), ThreadPoolExecutor(WRITERS + 1) as threads:
        one = {"attributes": [{"attribute_type": "first_name", "text": "Zoë"}]}
        (contact,) = client.post("/contacts", json={"contacts": [one]}).json()["data"]
        asking = [threads.submit(_create, client.base_url, number, told) for number in range(WRITERS)]
        asking.append(threads.submit(_update, client.base_url, contact, told))
        while len(told.created) < ENOUGH or not told.title:
            assert not any(asked.done() for asked in asking)
        assert client.post("/contacts/import.json", json={"contacts": [one] * SENT}).status_code == 200
        server.send_signal(how)
        server.wait()
        for asked in asking:
            assert isinstance(asked.exception(), httpx.TransportError)
    with open_database(tmp_path / "onecard.duckdb") as db:
        written = {str(found) for (found,) in _rows(db, "SELECT id FROM contacts WHERE created_for = 'direct_request'")}
        assert written >= {*told.created, contact}
        counts = "SELECT contact, count(*) FROM contact_attributes WHERE job IS NULL GROUP BY contact"
        assert {count for found, count in _rows(db, counts) if str(found) != contact} == {3}
        title = "SELECT text::INTEGER FROM contact_attributes WHERE attribute_type = 'job_title'"
        notes = "SELECT count(*) FROM contact_attributes WHERE attribute_type = 'note'"
        assert _rows(db, title) == _rows(db, notes)
        assert _rows(db, title)[0][0] in (told.title, told.title + 1)
        assert _rows(db, "SELECT count(*) FROM contacts WHERE created_for = 'import_json'")[0][0] in (0, SENT)
        indexed = "SELECT count(*) FROM contact_index i FULL JOIN contact_summaries s ON s.contact = i.id"
        assert _rows(db, f"{indexed} WHERE s.contact IS NULL OR i.id IS NULL") == [(0,)]
        wrong = {finding.check for finding in check_database(db) if not finding.is_fine}
        assert wrong <= {"no job was cut short"}


def _rows(db: Database, query: str) -> list[tuple[object, ...]]:
    return db.con.execute(query).fetchall()
