"""An empty database for the documented state, and `send`: every way an operation can be called, one after the other."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from senders import SENDERS, Send

from storage.database import Database, open_database


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    with open_database(tmp_path / "onecard.duckdb") as opened:
        yield opened


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """Where the database is; nobody has it open."""
    path = tmp_path / "onecard.duckdb"
    with open_database(path):
        return path


@pytest.fixture(params=SENDERS)
def send(request: pytest.FixtureRequest, database: Path) -> Iterator[Send]:
    """Every way to call an operation, one after the other."""
    yield from SENDERS[request.param](database)
