"""Write rows of contacts by hand: new ones, changed ones, deleted ones. What they say of a person is in `writing`."""

from collections.abc import Mapping
from uuid import UUID

import duckdb
import polars as pl

from storage.among import among, bounds_of
from storage.frames import in_order
from storage.indexing import refresh_index
from storage.rows import execute, insert_rows
from storage.writing import Writer

__all__ = ["OWN", "delete_contacts", "insert_contacts", "read_owner", "stamp_contacts"]


OWN = ("user", "ios_address_book_id", "android_address_book_id")
"""The contact's own columns that a request may send."""


def insert_contacts(
    con: duckdb.DuckDBPyConnection, contacts: pl.DataFrame, brand: UUID, writer: Writer
) -> Mapping[str, object] | None:
    """Insert new contacts [contact: str, user, ios_address_book_id, android_address_book_id: str?]; "" is none.

    Returns: the row of the only one by column, what is null left out; None of several.
    """
    rows = in_order(contacts[["contact", *OWN]], "contact").rename({"contact": "id", "user": "user_id"})
    emptied = dict.fromkeys(("ios_address_book_id", "android_address_book_id"), "nullif({}, '')")
    same = {
        "brand": str(brand),
        "created_at": writer.now,
        "updated_at": writer.now,
        "created_by": str(writer.by),
        "created_for": "direct_request",
        "updated_for": "direct_request",
        "parked": False,
    }
    insert_rows(con, "contacts", rows, same=same, made=emptied)
    if rows.height != 1:
        return None
    return same | {name: value for name, value in rows.row(0, named=True).items() if value}


def stamp_contacts(con: duckdb.DuckDBPyConnection, changes: pl.DataFrame, writer: Writer, *, brand: UUID | None) -> int:
    """Stamp contacts as changed (contract RULES S7), with the columns sent along; those that live and are of the brand.

    Args: changes [contact: str, user, ios_address_book_id, android_address_book_id: str?]; null leaves, "" empties it;
    brand, None for any.
    Returns: how many they are.
    """
    given = writer.parameters() | {"brand": brand and str(brand)}
    if all(changes[name].null_count() == changes.height for name in OWN):
        with among(con, changes) as named:
            stamped = execute(con, f"{_STAMP} WHERE {named.told('c.id')} AND {_MINE}", given | named.bounds)
            return int(stamped.fetchall()[0][0])
    con.register("changes", changes)
    stamped = con.execute(
        f"""
        {_STAMP},
            user_id = coalesce(x."user"::UUID, c.user_id),
            ios_address_book_id = nullif(coalesce(x.ios_address_book_id, c.ios_address_book_id), ''),
            android_address_book_id = nullif(coalesce(x.android_address_book_id, c.android_address_book_id), '')
        FROM changes x WHERE c.id = x.contact::UUID AND c.id BETWEEN $low::UUID AND $high::UUID AND {_MINE}
        """,
        given | bounds_of(changes),
    )
    con.unregister("changes")
    return int(stamped.fetchall()[0][0])


def read_owner(con: duckdb.DuckDBPyConnection, contact: UUID) -> UUID:
    """Return who owns a contact, which must be there."""
    return UUID(str(con.execute("SELECT user_id FROM contacts WHERE id = ?", [contact]).fetchall()[0][0]))


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


_MINE = "c.deleted_at IS NULL AND ($brand IS NULL OR c.brand = $brand::UUID)"
_STAMP = "UPDATE contacts AS c SET updated_at = $now, updated_by = $by::UUID, updated_for = 'direct_request'"
