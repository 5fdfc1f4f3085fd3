"""Write rows of contacts by hand: new ones, changed ones, deleted ones. What they say of a person is in `writing`."""

from uuid import UUID

import duckdb
import polars as pl

from storage.among import bounds_of
from storage.indexing import refresh_index
from storage.writing import Writer

__all__ = ["OWN", "delete_contacts", "insert_contacts", "new_ids", "stamp_contacts"]


OWN = ("user", "ios_address_book_id", "android_address_book_id")
"""The contact's own columns that a request may send."""


def new_ids(con: duckdb.DuckDBPyConnection, count: int) -> list[str]:
    """Make ids (UUID version 7), ascending."""
    return [
        str(identity) for (identity,) in con.execute("SELECT uuidv7() FROM range(?) ORDER BY 1", [count]).fetchall()
    ]


def insert_contacts(con: duckdb.DuckDBPyConnection, contacts: pl.DataFrame, brand: UUID, writer: Writer) -> None:
    """Insert new contacts [contact: str, user, ios_address_book_id, android_address_book_id: str?]."""
    con.register("created", contacts)
    con.execute(
        """
        INSERT INTO contacts BY NAME
        SELECT contact::UUID AS id, "user"::UUID AS user_id, $brand::UUID AS brand, $now AS created_at,
               $now AS updated_at, $by::UUID AS created_by, 'direct_request' AS created_for,
               'direct_request' AS updated_for, ios_address_book_id, android_address_book_id, false AS parked
        FROM created ORDER BY 1
        """,
        {**writer.parameters(), "brand": str(brand)},
    )
    con.unregister("created")


def stamp_contacts(con: duckdb.DuckDBPyConnection, changes: pl.DataFrame, writer: Writer) -> None:
    """Stamp contacts as changed (contract RULES S7), with the columns sent along.

    Args: changes [contact: str, user, ios_address_book_id, android_address_book_id: str?]; null leaves as it is.
    """
    con.register("changes", changes)
    con.execute(
        """
        UPDATE contacts AS c
        SET updated_at = $now, updated_by = $by::UUID, updated_for = 'direct_request',
            user_id = coalesce(x."user"::UUID, c.user_id),
            ios_address_book_id = coalesce(x.ios_address_book_id, c.ios_address_book_id),
            android_address_book_id = coalesce(x.android_address_book_id, c.android_address_book_id)
        FROM changes x WHERE c.id = x.contact::UUID AND c.id BETWEEN $low::UUID AND $high::UUID
        """,
        writer.parameters() | bounds_of(changes),
    )
    con.unregister("changes")


def delete_contacts(con: duckdb.DuckDBPyConnection, contacts: pl.DataFrame, writer: Writer) -> None:
    """Delete contacts [contact: str] softly, and what is derived from them."""
    con.register("doomed", contacts)
    con.execute(
        """
        UPDATE contacts AS c SET deleted_at = $now, deleted_by = $by::UUID, deleted_for = 'direct_request'
        FROM doomed d WHERE c.id = d.contact::UUID
        """,
        writer.parameters(),
    )
    con.execute("DELETE FROM contact_summaries WHERE contact IN (SELECT contact::UUID FROM doomed)")
    con.unregister("doomed")
    refresh_index(con, contacts)
