"""Write what surrounds contacts: the users of a team, and who is in which list, flow, deal or task.

A file that is loaded says all there is of the collections it names: afterwards they have its members and no others. So
loading it again changes nothing. Which living contacts that makes is the view collection_members.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from uuid import UUID

import duckdb
import polars as pl

from storage.errors import InputFileError

__all__ = ["known_contacts", "write_memberships", "write_users"]


def known_contacts(con: duckdb.DuckDBPyConnection, contacts: pl.Series, *, brand: UUID) -> pl.Series:
    """Return those of the ids that are a brand's contacts, living or merged away."""
    with _registered(con, contacts.to_frame("contact")):
        found: pl.DataFrame = con.sql(
            """
            SELECT id::VARCHAR AS contact FROM contacts
            WHERE brand = $brand::UUID AND (deleted_at IS NULL OR merged_into IS NOT NULL)
              AND id IN (SELECT contact::UUID FROM loaded)
            """,
            params={"brand": str(brand)},
        ).pl()
    return found["contact"]


def write_users(con: duckdb.DuckDBPyConnection, users: pl.DataFrame, *, brand: UUID, now: datetime) -> int:
    """Add users or change those known by id; returns how many were added or changed.

    Args: users [id, email, email_key, phone_number, phone_key, first_name, last_name], all str, ids once each.
    """
    with _registered(con, users):
        return _count(con, _WRITE_USERS, {"brand": str(brand), "now": now})


def write_memberships(
    con: duckdb.DuckDBPyConnection, kind: str, rows: pl.DataFrame, *, brand: UUID, by: UUID, now: datetime
) -> tuple[int, int, int]:
    """Give the collections named in the rows exactly their members; returns (collections, added, removed).

    Args: rows [id, name, contact, key], all str or null. Without an id the name says which collection of the kind is
    meant, whatever its case, and makes it when there is none. A row without contact and key only names a collection.
    Raises: InputFileError when an id is that of another kind of collection or another brand's.
    """
    asked = {"kind": kind, "brand": str(brand)}
    with _registered(con, rows):
        con.execute(_MEANT, asked)
    foreign = con.execute(_FOREIGN, asked).fetchall()
    if foreign:
        raise InputFileError(f"{foreign[0][0]} is no {kind} of this team", remedy="Check the id.")
    collections = con.execute("SELECT count(DISTINCT collection) FROM meant").fetchall()[0][0]
    con.execute(_RENAME, {"now": now})
    con.execute(_CREATE, asked | {"by": str(by), "now": now})
    removed, added = _count(con, _REMOVE, {}), _count(con, _ADD, {"now": now})
    con.execute("DROP TABLE meant")
    return int(collections), added, removed


@contextmanager
def _registered(con: duckdb.DuckDBPyConnection, frame: pl.DataFrame) -> Iterator[None]:
    con.register("loaded", frame)
    try:
        yield
    finally:
        con.unregister("loaded")


def _count(con: duckdb.DuckDBPyConnection, statement: str, parameters: dict[str, object]) -> int:
    return int(con.execute(statement, parameters).fetchall()[0][0])


_WRITE_USERS = """
MERGE INTO users AS u
USING (SELECT * REPLACE (id::UUID AS id) FROM loaded) AS n ON u.id = n.id
WHEN MATCHED AND (u.email, u.phone_number, u.first_name, u.last_name, u.brand)
                 IS DISTINCT FROM (n.email, n.phone_number, n.first_name, n.last_name, $brand::UUID)
    THEN UPDATE SET email = n.email, phone_number = n.phone_number, first_name = n.first_name, last_name = n.last_name,
        email_key = n.email_key, phone_key = n.phone_key, brand = $brand::UUID, updated_at = $now
WHEN NOT MATCHED
    THEN INSERT (id, brand, email, phone_number, first_name, last_name, email_key, phone_key, created_at, updated_at)
    VALUES (n.id, $brand::UUID, n.email, n.phone_number, n.first_name, n.last_name, n.email_key, n.phone_key,
            $now, $now)
"""

_MEANT = """
CREATE OR REPLACE TEMP TABLE meant AS
WITH named AS (
    SELECT lower(l.name) AS folded, coalesce(min(k.id), uuidv7()) AS id
    FROM loaded l LEFT JOIN collections k
        ON k.kind = $kind AND k.brand = $brand::UUID AND lower(k.name) = lower(l.name)
    WHERE l.id IS NULL GROUP BY ALL
)
SELECT coalesce(l.id::UUID, n.id) AS collection, l.name, l.contact::UUID AS contact, l.key
FROM loaded l LEFT JOIN named n ON l.id IS NULL AND n.folded = lower(l.name)
"""

_FOREIGN = """
SELECT k.id FROM collections k
WHERE (k.kind <> $kind OR k.brand <> $brand::UUID) AND k.id IN (SELECT collection FROM meant) ORDER BY k.id LIMIT 1
"""

_RENAME = """
UPDATE collections AS k SET name = n.name, updated_at = $now
FROM (SELECT collection, min(name) AS name FROM meant GROUP BY ALL) n
WHERE k.id = n.collection AND lower(n.name) IS DISTINCT FROM lower(k.name) AND n.name IS NOT NULL
"""

_CREATE = """
INSERT INTO collections BY NAME
SELECT collection AS id, $kind AS kind, $brand::UUID AS brand, min(name) AS name,
       $now AS created_at, $now AS updated_at, $by::UUID AS created_by
FROM meant WHERE collection NOT IN (SELECT id FROM collections) GROUP BY collection
"""

_REMOVE = """
DELETE FROM memberships AS m WHERE m.collection IN (SELECT collection FROM meant) AND NOT EXISTS (
    SELECT 1 FROM meant n WHERE n.collection = m.collection AND n.contact IS NOT DISTINCT FROM m.contact
                            AND n.key IS NOT DISTINCT FROM m.key
)
"""

_ADD = """
INSERT INTO memberships BY NAME
SELECT DISTINCT n.collection, n.contact, n.key, $now::TIMESTAMPTZ AS created_at
FROM meant n
WHERE coalesce(n.contact::VARCHAR, n.key) IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM memberships m WHERE m.collection = n.collection AND m.contact IS NOT DISTINCT FROM n.contact
                                  AND m.key IS NOT DISTINCT FROM n.key
)
"""
