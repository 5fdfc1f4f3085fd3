"""Bring a database's schema up to date: numbered migrations once each, then the analysts' views.

Migrations are the SQL files of `storage/migrations`, applied in order in one transaction; views are the files of
`storage/views`, made anew whenever their text has changed.
"""

import hashlib
import json
from datetime import datetime
from functools import cache
from importlib.resources import files
from pathlib import Path
from uuid import UUID, uuid4

import duckdb

from storage.errors import CorruptDatabaseError, DatabaseError, NewerSchemaError

__all__ = ["address_type", "default_owner", "migrate", "newest_version"]

_SCHEMA_MIGRATIONS = """
CREATE TABLE schema_migrations (version INTEGER NOT NULL, name VARCHAR NOT NULL, applied_at TIMESTAMPTZ NOT NULL);
COMMENT ON TABLE schema_migrations IS 'Which versions of the schema this database has been through.';
COMMENT ON COLUMN schema_migrations.version IS 'Number of the migration.';
COMMENT ON COLUMN schema_migrations.name IS 'Its name.';
COMMENT ON COLUMN schema_migrations.applied_at IS 'When it was applied.';
"""


@cache
def _migrations() -> tuple[tuple[int, str, str], ...]:
    """Every migration as (version, name, SQL), in order."""
    scripts = sorted((f.name, f) for f in files("storage").joinpath("migrations").iterdir() if f.name.endswith(".sql"))
    return tuple((int(name[:4]), name[5:-4], script.read_text("utf-8")) for name, script in scripts)


@cache
def _views() -> tuple[str, str]:
    """The text of every view in order of file name, and its digest."""
    scripts = sorted((f.name, f) for f in files("storage").joinpath("views").iterdir() if f.name.endswith(".sql"))
    text = "\n".join(script.read_text("utf-8") for _, script in scripts)
    return text, hashlib.sha256(text.encode()).hexdigest()


def address_type() -> str:
    """Return the statement that creates the type `address`, the first of the first migration."""
    return duckdb.extract_statements(_migrations()[0][2])[0].query


def newest_version() -> int:
    """Return the schema version this onecard writes."""
    return _migrations()[-1][0]


def migrate(con: duckdb.DuckDBPyConnection, path: Path, *, now: datetime, read_only: bool) -> None:
    """Apply what is missing, in one transaction.

    Raises: NewerSchemaError when the database is ahead of this onecard; CorruptDatabaseError when it is a DuckDB file
    of another kind; DatabaseError when it is behind and may only be read.
    """
    version = _version(con, path)
    if version > newest_version():
        raise NewerSchemaError(
            f"the database has schema {version}, this onecard knows {newest_version()}",
            where=str(path),
            remedy="Upgrade onecard and try again.",
        )
    pending = [migration for migration in _migrations() if migration[0] > version]
    stale = bool(pending) or _setting(con, "views") != _views()[1]
    if not stale:
        return
    if read_only:
        if pending:
            raise DatabaseError(
                f"the database has the older schema {version}",
                where=str(path),
                remedy="Run any onecard command that writes, such as `onecard dedup`, to bring it up to date.",
            )
        return
    con.execute("BEGIN TRANSACTION")
    if version == 0:
        con.execute(_SCHEMA_MIGRATIONS)
    for number, name, script in pending:
        con.execute(script)
        con.execute("INSERT INTO schema_migrations VALUES (?, ?, ?)", [number, name, now])
    if version == 0:
        _seed(con, now)
    _make_views(con)
    con.execute("COMMIT")


def default_owner(con: duckdb.DuckDBPyConnection) -> tuple[UUID, UUID]:
    """Return the user and brand that own what is imported without naming an owner."""
    return UUID(_setting(con, "default_user")), UUID(_setting(con, "default_brand"))


def _version(con: duckdb.DuckDBPyConnection, path: Path) -> int:
    """Return the database's schema version; 0 for a new file."""
    tables = {name for (name,) in con.execute("SELECT table_name FROM duckdb_tables() WHERE NOT temporary").fetchall()}
    if "schema_migrations" in tables:
        rows = con.execute("SELECT max(version) FROM schema_migrations").fetchall()
        return int(rows[0][0] or 0)
    if tables:
        raise CorruptDatabaseError(
            "this DuckDB file was not made by onecard",
            where=str(path),
            remedy="Nothing was changed. Name another file with --db.",
        )
    return 0


def _setting(con: duckdb.DuckDBPyConnection, name: str) -> str:
    known = con.execute("SELECT 1 FROM duckdb_tables() WHERE table_name = 'settings'").fetchall()
    rows = con.execute("SELECT value FROM settings WHERE name = ?", [name]).fetchall() if known else []
    return str(rows[0][0]) if rows else ""


def _make_views(con: duckdb.DuckDBPyConnection) -> None:
    text, digest = _views()
    con.execute(text)
    con.execute("DELETE FROM settings WHERE name = 'views'")
    con.execute("INSERT INTO settings VALUES ('views', ?)", [digest])


def _seed(con: duckdb.DuckDBPyConnection, now: datetime) -> None:
    """Fill a new database: default owner, documented attribute definitions, default tags (contract RULES G3)."""
    brand = str(uuid4())
    con.execute("INSERT INTO settings VALUES ('default_user', ?), ('default_brand', ?)", [str(uuid4()), brand])
    definitions = json.loads(files("data").joinpath("attribute_defs.json").read_text("utf-8"))
    con.execute(
        """
        INSERT INTO attribute_defs BY NAME
        SELECT d.id, d.name, d.data_type, d.label, d.section, d.required, d.global, d.singular, d."show", d.filterable,
               d.editable, d.searchable, d.has_label, d.labels, d.enum_values,
               to_timestamp(d.created_at) AS created_at, to_timestamp(d.updated_at) AS updated_at, position
        FROM (
            SELECT unnest(from_json(?, '[{"id": "UUID", "name": "VARCHAR", "data_type": "VARCHAR", "label": "VARCHAR",
                "section": "VARCHAR", "required": "BOOLEAN", "global": "BOOLEAN", "singular": "BOOLEAN",
                "show": "BOOLEAN", "filterable": "BOOLEAN", "editable": "BOOLEAN", "searchable": "BOOLEAN",
                "has_label": "BOOLEAN", "labels": ["VARCHAR"], "enum_values": ["VARCHAR"],
                "created_at": "DOUBLE", "updated_at": "DOUBLE"}]')) AS d,
                generate_subscripts(range(?), 1) AS position
        )
        """,
        [json.dumps(definitions), len(definitions)],
    )
    tags = json.loads(files("data").joinpath("default_tags.json").read_text("utf-8"))
    con.execute(
        """
        INSERT INTO tags BY NAME
        SELECT uuid() AS id, ?::UUID AS brand, t.tag, t.touch_freq, now AS created_at, now AS updated_at
        FROM (SELECT unnest(from_json(?, '[{"tag": "VARCHAR", "touch_freq": "INTEGER"}]')) AS t, ?::TIMESTAMPTZ AS now)
        """,
        [brand, json.dumps(tags), now],
    )
