"""Lists made from the index are those made from the facts, page by page, whatever was done before."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import pytest

from api_export import paging
from api_export.answering import Request, answer
from api_export.conditions import _from_its_rarest_letter
from api_export.filters import read_filter
from api_export.operations.queries import Order
from api_export.selecting import Wanted, indexed_page, selected
from api_export.summarising import refresh_summaries
from api_export.texts import contact_texts, page_texts
from storage.database import Database, open_database, transaction
from storage.indexing import FEW, build_index, ensure_index, index_is_current, refresh_index

NOW = datetime(2026, 5, 15, tzinfo=UTC)
ORDERS: tuple[str | None, ...] = (None, *Order.__args__)  # type: ignore[attr-defined]
NAMES = ("Ada", "åse", "Zoë", "bob", "Émile", "ada", "Q", 'Q","tags":null,"\\\n\x1b}')
TAGS = ("Hot", "hot", "Warm", "New", "x y")
GUESSES = paging._guesses
ASKED = frozenset({"contact.summary", "contact.attributes"})
FILTERS: tuple[dict[str, Any], ...] = (
    {},
    {"alphabet": "a"},
    {"q": "ada"},
    {"q": "ADA example"},
    {"q": "eXample.com 5@EX"},
    {"q": "+1415"},
    {"filter": [{"attribute_type": "tag", "value": "HOT"}]},
    {"filter": [{"attribute_type": "tag", "value": "hot", "invert": True}]},
    {"filter": [{"attribute_type": "tag", "value": ["hot", "warm"], "operator": "all"}]},
    {"filter": [{"attribute_type": "tag", "value": ["hot", "new"], "operator": "any"}]},
    {"filter": [{"attribute_type": "tag"}], "q": "a"},
    {"updated_gte": NOW.timestamp() + 20, "next_touch_gte": 0},
)


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    with open_database(tmp_path / "onecard.duckdb") as opened:
        yield opened


class Changes:
    """Random requests that change contacts, one after the other, some seconds apart."""

    def __init__(self, db: Database, seed: int) -> None:
        self.db, self.chance, self.now = db, Random(seed), NOW
        self.ids: list[str] = []

    def send(self, method: str, path: str, body: Any = None) -> Any:
        self.now += timedelta(seconds=1)
        raw = b"" if body is None else json.dumps(body).encode()
        given = answer(self.db, Request(method, path, (), raw), user=self.db.user, brand=None, now=self.now)
        return json.loads(given.body) if given.body else None

    def attributes(self) -> list[dict[str, Any]]:
        pick, number = self.chance.choice, self.chance.randrange(10)
        attributes: list[dict[str, Any]] = [
            {"attribute_type": "first_name", "text": pick(NAMES)},
            {"attribute_type": "last_name", "text": pick(NAMES)},
            {"attribute_type": "first_name", "text": pick(NAMES), "is_partner": True},
            {"attribute_type": "company", "text": pick(NAMES)},
            {"attribute_type": "birthday", "date": 86_400 * number},
            {"attribute_type": "note", "text": pick(NAMES)},
            {"attribute_type": "email", "text": f"{number}@example.com"},
            {
                "attribute_type": "email",
                "text": f"P{number}@example.com",
                "is_partner": True,
                "is_primary": number < 3,
            },
            {"attribute_type": "phone_number", "text": f"(415) 555-012{number}"},
            {"attribute_type": "address", "address": {"city": pick(NAMES)}},
            {"attribute_type": "tag", "text": pick(TAGS)},
            {"attribute_type": "tag", "text": pick(TAGS), "is_partner": True},
        ]
        return self.chance.sample(attributes, self.chance.choice((1, 1, 2, 5)))

    def create(self, count: int) -> None:
        made = self.send("POST", "/contacts", {"contacts": [{"attributes": self.attributes()} for _ in range(count)]})
        self.ids += made["data"]

    def one(self) -> None:
        """Do one thing to one contact, or to all that carry a tag."""
        pick = self.chance.choice
        contact = f"/contacts/{pick(self.ids)}"
        match self.chance.randrange(8):
            case 0:
                self.create(1)
            case 1:
                self.send("DELETE", contact)
            case 2:
                self.send("PATCH", f"{contact}/touch", {"touch_freq": pick((0, 7, 30))})
            case 3:
                self.send("PUT", f"{contact}/owner", {"user": str(self.db.brand)})
            case 4:
                self.send("PATCH", f"/contacts/tags/{pick(('hot', 'warm'))}/touch", {"touch_freq": pick((1, 20))})
            case 5:
                self.send("PATCH", "/contacts/tags/x%20y", {"tag": "z"})
            case 6:
                self.send("POST", f"{contact}/merge", {"sub_contacts": [pick(self.ids)]})
            case _:
                given = self.send("PATCH", contact, {"attributes": self.attributes()})
                assert given == self.send("GET", contact)


def _indexed_page(db: Database, wanted: Wanted) -> tuple[int, list[Any], bytes]:
    found = indexed_page(db.con, wanted)
    assert found is not None
    rows = [(wanted.start + place, identity) for place, (identity, _) in enumerate(found.contacts)]
    return found.total, rows, b"".join(page_texts(db.con, found, associations=ASKED, separator="\n"))


def _page(db: Database, wanted: Wanted) -> tuple[int, list[Any], bytes]:
    with selected(db.con, wanted) as found:
        texts = contact_texts(db.con, found.start, found.stop, associations=ASKED, separator="\n")
        rows = db.con.execute(
            "SELECT position, id FROM selected_contacts WHERE position >= ? AND position < ? ORDER BY position",
            [found.start, found.stop],
        ).fetchall()
        return found.total, rows, b"".join(texts)


def _from_facts(db: Database, wanted: Wanted) -> tuple[int, list[Any], bytes]:
    db.con.execute("BEGIN; DELETE FROM settings WHERE name = 'contact_index'")
    try:
        return _page(db, wanted)
    finally:
        db.con.execute("ROLLBACK")


@pytest.mark.parametrize("few", [0, paging.FEW])
def test_pages_of_the_index_are_those_of_the_facts(db: Database, monkeypatch: pytest.MonkeyPatch, few: int) -> None:
    monkeypatch.setattr(paging, "FEW", few)
    monkeypatch.setattr(paging, "SPARE", 0.1)
    monkeypatch.setattr(paging, "MOVED", few % 7)
    changes = Changes(db, seed=few)
    changes.create(300)
    for _ in range(60):
        changes.one()
    assert index_is_current(db.con)
    for number, document in enumerate(FILTERS):
        for order in ORDERS if number == 0 else changes.chance.sample(ORDERS, 2):
            start, limit = changes.chance.randrange(320), changes.chance.choice((0, 7, 50, 500))
            wanted = Wanted(read_filter(document), changes.chance.choice((None, db.brand)), order, start, limit)
            assert _indexed_page(db, wanted) == _page(db, wanted) == _from_facts(db, wanted)


@pytest.mark.parametrize("adrift", [0, 8, 1_000])
def test_pages_by_rank_are_those_of_the_facts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, adrift: int) -> None:
    monkeypatch.setattr(paging, "FEW", 0)
    monkeypatch.setattr(paging, "ADRIFT", adrift)
    if adrift == 1_000:  # then nothing else is needed
        monkeypatch.setattr(paging, "_guesses", _guesses_without_ranks)
    with open_database(tmp_path / "onecard.duckdb") as db:
        changes = Changes(db, seed=adrift)
        changes.create(200)
        with transaction(db.con):
            build_index(db.con)
        _change_and_compare(changes, [None, db.brand])
    with open_database(tmp_path / "onecard.duckdb") as db:
        changes.db, other = db, UUID(int=7)
        db.con.execute("UPDATE contacts SET brand = ? WHERE hash(id) % 3 = 0", [str(other)])
        with transaction(db.con):
            refresh_index(db.con, db.con.sql("SELECT id::VARCHAR AS contact FROM contacts").pl())
        _change_and_compare(changes, [None])
        monkeypatch.setattr(paging, "_guesses", GUESSES)  # ranks are those of all brands
        _change_and_compare(changes, [db.brand, other])


def _guesses_without_ranks(con: Any, condition: Any, order: paging.Order, **page: int) -> Iterator[Any]:
    assert order.rank is None
    yield from GUESSES(con, condition, order, **page)


def _change_and_compare(changes: Changes, brands: list[UUID | None]) -> None:
    db, chance = changes.db, changes.chance
    for number in range(30):
        changes.one()
        if number == 15:
            db.con.execute("CHECKPOINT onecard")
        start, limit = chance.randrange(220), chance.choice((1, 7, 50, 500))
        wanted = Wanted(read_filter({}), chance.choice(brands), chance.choice(ORDERS), start, limit)
        assert _indexed_page(db, wanted) == _page(db, wanted) == _from_facts(db, wanted)


def _index(db: Database) -> list[Any]:
    """The rows of the index but their ranks, whatever the order within cards and texts."""
    columns = "COLUMNS(lambda name: NOT ends_with(name, '_rank') AND name NOT IN ('search', 'card')), search, card"
    rows = db.con.execute(f"SELECT {columns} FROM contact_index ORDER BY id").fetchall()
    return [(*row[:-2], sorted(row[-2] or ""), json.loads(row[-1])) for row in rows]


def test_an_index_built_anew_is_the_one_that_was_kept(db: Database) -> None:
    changes = Changes(db, seed=3)
    changes.create(50)
    for _ in range(60):
        changes.one()
    kept = _index(db)
    with transaction(db.con):
        build_index(db.con)
    assert _index(db) == kept


def test_summaries_made_anew_are_those_that_were_kept(db: Database) -> None:
    changes = Changes(db, seed=4)
    changes.create(50)
    for _ in range(120):
        changes.one()
    summaries = "SELECT * FROM contact_summaries ORDER BY contact"
    kept = db.con.execute(summaries).fetchall()
    refresh_summaries(db, db.con.sql("SELECT contact::VARCHAR AS contact FROM contact_summaries").pl())
    assert db.con.execute(summaries).fetchall() == kept


def test_an_address_without_a_value_hinders_nothing(db: Database) -> None:
    changes = Changes(db, seed=5)
    changes.create(1)
    db.con.execute(
        """
        INSERT INTO contact_attributes BY NAME
        SELECT uuidv7() AS id, contact, d.id AS attribute_def, 'address' AS attribute_type, false AS is_primary,
               false AS is_partner, a.created_at, a.updated_at
        FROM contact_attributes a JOIN attribute_defs d ON d.name = 'address' LIMIT 1
        """
    )
    contact = f"/contacts/{changes.ids[0]}"
    given = changes.send("PATCH", contact, {"attributes": [{"attribute_type": "note", "text": "z"}]})
    assert given == changes.send("GET", contact)


@pytest.mark.parametrize(
    ("word", "first"),
    [
        ("evan", "van"), ("eXample.org", "Xample.org"), ("martinez", "z"), ("alexander", "xander"),
        ("mary", "mary"), ("Kowalski", "Kowalski"), ("smith", "smith"), ("søvik", "søvik"), ("x", "x"),
    ],
)  # fmt: skip
def test_a_word_is_looked_for_from_a_letter_that_few_texts_have(word: str, first: str) -> None:
    assert _from_its_rarest_letter(word) == first


def test_a_large_write_leaves_the_index_stale_until_it_is_built(db: Database) -> None:
    changes = Changes(db, seed=1)
    changes.create(FEW + 1)
    assert not index_is_current(db.con)
    wanted = Wanted(read_filter({"q": "ada"}), order="-sort_field", limit=5)
    page = _page(db, wanted)
    changes.create(1)
    assert not index_is_current(db.con)
    changes.send("DELETE", f"/contacts/{changes.ids[-1]}")
    ensure_index(db.con)
    assert index_is_current(db.con)
    assert _page(db, wanted) == page
