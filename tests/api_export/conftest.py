"""A database with a few cards, a way to export from it, and clients of it over HTTP."""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from asking import HOST, Connect
from cards import add_card, add_definition, wanted_of
from starlette.testclient import TestClient

from api_export.access import Access, Caller, read_tokens
from api_export.exporting import export
from api_export.http import Served, make_app
from storage.database import Database, open_database
from storage.sharing import SharedDatabase, shared_database

HOME = {"house_num": "12", "name": "Oak", "suftype": "Rd", "unit": "Suite 850", "city": "Austin", "postcode": "01234"}


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Database]:
    with open_database(tmp_path / "onecard.duckdb") as opened:
        yield opened


@pytest.fixture
def db(tmp_path: Path, written: Path) -> Iterator[Database]:
    """Ada (1), Zoë (2), a company (3), Björn (4) with a partner, someone deleted (5)."""
    with open_database(Path(shutil.copy(written, tmp_path))) as opened:
        yield opened


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file every `db` is a copy of."""
    path = tmp_path_factory.mktemp("cards") / "cards.duckdb"
    with open_database(path) as opened:
        _add_cards(opened)
    return path


def _add_cards(empty: Database) -> None:
    add_definition(empty, "shoe_size", "number")
    add_card(
        empty,
        1,
        ("first_name", "Ada"),
        ("last_name", "Lovelace"),
        ("email", "Ada@Example.com", {"label": "Work"}),
        ("email", "ada@home.example"),
        ("phone_number", "+1 415 555 0123", {"key": "+14155550123", "label": "Mobile"}),
        ("birthday", -4_868_294_400 + 86_400 * 40_000),
        ("tag", "New"),
        ("tag", "friend"),
        ("address", HOME, {"label": "Home", "index": 0}),
        ("note", "met in London"),
        ("shoe_size", 38.5),
        last_touch=1_700_000_500_123_456,
        last_touch_action="email",
        touch_freq=7,
    )
    add_card(
        empty,
        2,
        ("first_name", "Zoë"),
        ("last_name", "Åberg"),
        ("tag", "new"),
        touch_freq=30,
        touch_set_at=1_700_000_000_654_321,
    )
    add_card(empty, 3, ("company", 'Acme, Inc. "East"'), ("phone_number", "0800-123"))
    add_card(
        empty,
        4,
        ("first_name", "Björn"),
        ("nickname", "=cmd|' /C calc'!A0"),
        ("first_name", "Anna", {"is_partner": True}),
        ("email", "Anna@Example.com", {"is_partner": True}),
        ("email", "gone@example.com", {"deleted_at": 1_700_000_009_000_000}),
    )
    add_card(empty, 5, ("first_name", "Gone"), deleted_at=1_700_000_010_000_000)


@pytest.fixture
def body(tmp_path: Path) -> Callable[..., Any]:
    """Export as JSON and read it: the envelope."""

    def read(db: Database, what: str = "contacts", **options: Any) -> Any:
        target = tmp_path / "out.json"
        export(db.con, what, wanted_of(options), target=target, **options)  # type: ignore[arg-type]
        return json.loads(target.read_text("utf-8"))

    return read


@pytest.fixture
def shared(tmp_path: Path, written: Path) -> Iterator[SharedDatabase]:
    with shared_database(Path(shutil.copy(written, tmp_path)), wait_s=0.3) as opened:
        yield opened


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def connect(shared: SharedDatabase, told: list[str]) -> Connect:
    """Makes a client; of programs of this machine, or with tokens."""

    def make(tokens: str = "", **headers: str) -> TestClient:
        access = Access(read_tokens(tokens, where="tokens"), Caller())
        app = make_app(Served(shared, access, written=lambda: None, told=told.append), version="1")
        return TestClient(app, base_url=HOST, headers=headers, raise_server_exceptions=True)

    return make


@pytest.fixture
def client(connect: Connect) -> TestClient:
    return connect()
