"""What an analyst may ask, what comes back, and what is refused."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from storage.database import Database, open_database
from storage.errors import UsageError
from storage.queries import ask


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("queries") / "people.duckdb"
    with open_database(path):
        return path


@pytest.fixture
def db(path: Path) -> Iterator[Database]:
    with open_database(path, read_only=True) as db:
        yield db


def values(db: Database, query: str) -> tuple[Any, ...]:
    return next(ask(db.con, query).rows)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("NULL", None),
        ("'text'", "text"),
        ("1.50::DECIMAL(4, 2)", 1.5),
        ("2::DECIMAL(4, 2)", 2),
        ("'infinity'::DOUBLE", None),
        ("DATE '2020-02-29'", "2020-02-29"),
        ("TIMESTAMPTZ '2020-02-29 12:00:00+00'", "2020-02-29T12:00:00+00:00"),
        ("'6f3a1a52-54dc-4ec2-a09f-29f4abb4a6e1'::UUID", "6f3a1a52-54dc-4ec2-a09f-29f4abb4a6e1"),
        ("""'{"a": [1, null]}'::JSON""", {"a": [1, None]}),
        ("NULL::JSON", None),
        ("{'a': [DATE '2020-01-01']}", {"a": ["2020-01-01"]}),
        ("340282366920938463463374607431768211455::UHUGEINT", 340282366920938463463374607431768211455),
        ("'\\x01'::BLOB", "01"),
    ],
)
def test_a_value_comes_out_as_json_can_say_it(db: Database, expression: str, expected: Any) -> None:
    assert values(db, f"SELECT {expression}") == (expected,)


def test_repeated_column_names_are_numbered(db: Database) -> None:
    assert ask(db.con, "SELECT 1 AS id, 2 AS id, 3 AS id_1, 4 AS id").columns == ("id", "id_1", "id_1_1", "id_2")


def test_every_row_comes_however_many_there_are(db: Database) -> None:
    assert sum(1 for _ in ask(db.con, "FROM range(25_001)").rows) == 25_001


@pytest.mark.parametrize(
    ("query", "complaint"),
    [
        ("", "empty"),
        ("-- nothing", "empty"),
        ("SELECT 1; SELECT 2", "one query at a time"),
        ("SELECT * FROM contacts; DROP TABLE contacts", "one query at a time"),
        ("DELETE FROM contacts", "would change the database"),
        ("INSERT INTO settings VALUES ('a', 'b')", "would change the database"),
        ("SELECT * FROM read_csv('/etc/passwd')", "outside the database"),
        ("COPY (SELECT 1) TO 'out.csv'", "outside the database"),
        ("ATTACH 'other.duckdb' AS other", "outside the database"),
        ("SET enable_external_access = true", "outside the database"),
        ("SELEC 1", 'syntax error at or near "SELEC"'),
        ("SELECT display_nam FROM contacts_wide", "display_name"),
        ("SELECT * FROM contact", 'Did you mean "contacts"'),
    ],
)
def test_a_query_that_is_wrong_or_would_do_more_than_read_is_refused(db: Database, query: str, complaint: str) -> None:
    with pytest.raises(UsageError) as caught:
        list(ask(db.con, query).rows)
    assert complaint in str(caught.value)


def test_an_error_over_a_value_does_not_print_the_value(db: Database) -> None:
    with pytest.raises(UsageError) as caught:
        list(ask(db.con, "SELECT ('jane' || '@home.example')::INTEGER").rows)
    assert "jane" not in str(caught.value)
