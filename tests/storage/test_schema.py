"""The schema explains itself: every documented table and view is there, and all of it is commented."""

from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import duckdb
import pytest

from storage.database import Database, open_database

TABLES = {
    *("contacts", "contact_attributes", "attribute_defs", "tags", "files"),
    *("jobs", "import_rejects", "judgements", "merges", "events"),
    *("users", "collections", "memberships"),
    *("contact_summaries", "duplicate_pairs", "duplicate_members"),
}
VIEWS = {
    *("contacts_wide", "emails", "phone_numbers", "addresses", "contact_tags", "tag_counts", "touch_due"),
    "collection_members",
    *("import_history", "import_errors", "duplicates_to_review", "merge_history", "completeness", "data_quality"),
}
WITH_DELETED = {"contacts_wide_all", "emails_all", "phone_numbers_all", "addresses_all", "contact_tags_all"}


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    with open_database(tmp_path_factory.mktemp("schema") / "onecard.duckdb") as database:
        yield database


def _column(db: Database, query: str) -> list[str]:
    return [name for (name,) in db.con.execute(query).fetchall()]


def test_every_documented_table_exists(db: Database) -> None:
    tables = _column(db, "SELECT table_name FROM duckdb_tables() WHERE database_name = 'onecard'")
    assert set(tables) >= TABLES


def test_every_documented_view_exists(db: Database) -> None:
    views = _column(db, "SELECT view_name FROM duckdb_views() WHERE database_name = 'onecard' AND NOT internal")
    assert set(views) >= VIEWS | WITH_DELETED


@pytest.mark.parametrize("view", sorted(VIEWS | WITH_DELETED))
def test_every_view_can_be_read_when_there_is_nothing(db: Database, view: str) -> None:
    db.con.execute(f"SELECT * FROM {view}").fetchall()


@pytest.mark.parametrize(("kind", "name"), [("duckdb_tables", "table_name"), ("duckdb_views", "view_name")])
def test_every_table_and_view_has_a_comment(db: Database, kind: str, name: str) -> None:
    query = f"SELECT {name} FROM {kind}() WHERE database_name = 'onecard' AND NOT internal AND comment IS NULL"
    assert _column(db, query) == []


def test_every_column_has_a_comment(db: Database) -> None:
    query = (
        "SELECT table_name || '.' || column_name FROM duckdb_columns() "
        "WHERE database_name = 'onecard' AND NOT internal AND comment IS NULL"
    )
    assert _column(db, query) == []


def test_comments_are_sentences(db: Database) -> None:
    query = (
        "SELECT table_name || '.' || column_name FROM duckdb_columns() "
        "WHERE database_name = 'onecard' AND NOT internal AND NOT ends_with(comment, '.')"
    )
    assert _column(db, query) == []


def test_views_show_no_deleted_rows_unless_they_are_named_so(db: Database) -> None:
    query = "SELECT table_name FROM duckdb_columns() WHERE database_name = 'onecard' AND column_name = 'deleted_at'"
    assert not {view for view in _column(db, query) if view in VIEWS}


def test_an_old_database_is_opened_as_it_is(tmp_path: Path) -> None:
    path, versions = tmp_path / "onecard.duckdb", "SELECT version, applied_at FROM schema_migrations"
    with open_database(path) as first:
        user, applied = first.user, first.con.execute(versions).fetchall()
    with open_database(path) as again:
        assert (again.user, again.con.execute(versions).fetchall()) == (user, applied)


def test_addresses_survive_the_way_they_are_kept(tmp_path: Path) -> None:
    path, migrations = tmp_path / "onecard.duckdb", files("storage").joinpath("migrations")
    with duckdb.connect(path) as old:
        for name in ("0001_tables.sql", "0002_duplicates.sql"):
            old.execute(migrations.joinpath(name).read_text("utf-8"))
        old.execute("CREATE TABLE schema_migrations AS SELECT 2 AS version, 'duplicates' AS name, now() AS applied_at")
        old.execute("INSERT INTO settings VALUES ('default_user', uuid()), ('default_brand', uuid())")
        old.execute(
            """
            INSERT INTO contact_attributes BY NAME
            SELECT uuid() AS id, uuid() AS contact, uuid() AS attribute_def, 'address' AS attribute_type,
                   false AS is_primary, false AS is_partner, now() AS created_at, now() AS updated_at,
                   CASE WHEN n > 0 THEN from_json(json_object('city', 'Reno ' || n), '{"city": "VARCHAR"}') END
                       AS address
            FROM range(3) r(n)
            """
        )
    with open_database(path) as db:
        cities = _column(db, "SELECT address.city FROM contact_attributes ORDER BY 1 NULLS FIRST")
        assert cities == [None, "Reno 1", "Reno 2"]
        assert db.con.execute("SELECT address FROM contact_attributes WHERE place IS NULL").fetchall() == [(None,)]


def test_summaries_of_before_show_the_partners_main_email(tmp_path: Path) -> None:
    path = tmp_path / "onecard.duckdb"
    contact = "00000001-0000-7000-8000-000000000000"
    with open_database(path) as db:
        db.con.execute(
            """
            INSERT INTO contact_attributes BY NAME
            SELECT uuidv7() AS id, $contact::UUID AS contact, uuid() AS attribute_def, 'email' AS attribute_type,
                   email = 'Main@example.com' AS is_primary, email <> 'own@example.com' AS is_partner, email AS text,
                   now() + to_seconds(n) AS created_at, now() + to_seconds(n) AS updated_at
            FROM (VALUES (1, 'first@example.com'), (2, 'Main@example.com'), (3, 'own@example.com')) e(n, email)
            """,
            {"contact": contact},
        )
        db.con.execute(
            "INSERT INTO contact_summaries (contact, display_name, sort_field, summary_display_name, "
            "abbreviated_display_name, partner_email) VALUES (?, 'A', 'A', 'A', 'A', 'first@example.com')",
            [contact],
        )
        db.con.execute("DELETE FROM schema_migrations WHERE version > 13")
    with open_database(path) as db:
        assert _column(db, "SELECT partner_email FROM contact_summaries") == ["main@example.com"]


def test_migrations_are_numbered_without_gap_or_repeat() -> None:
    names = sorted(
        file.name for file in files("storage").joinpath("migrations").iterdir() if file.name.endswith(".sql")
    )
    assert [int(name[:4]) for name in names] == list(range(1, len(names) + 1))
