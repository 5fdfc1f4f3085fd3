"""The index of contacts: what lists are filtered and ordered by, derived once so that a page need not read everything.

It is kept current by small writes, in their transaction. A large one (an import, a merge of thousands) only says that
it is stale, which costs nothing; then lists are made from the facts until `ensure_index` builds it anew.
"""

import duckdb
import polars as pl

from storage.among import among

__all__ = ["build_index", "ensure_index", "index_is_current", "refresh_index"]

FEW = 5_000
"""Up to so many contacts are replaced one by one; more are quicker built anew, all together."""


def index_is_current(con: duckdb.DuckDBPyConnection) -> bool:
    """Say whether the index agrees with the facts."""
    return bool(con.execute("SELECT 1 FROM settings WHERE name = 'contact_index'").fetchall())


def ensure_index(con: duckdb.DuckDBPyConnection) -> None:
    """Build the index if it is stale, inside the caller's transaction."""
    if not index_is_current(con):
        build_index(con)


def build_index(con: duckdb.DuckDBPyConnection) -> None:
    """Build the index of all living contacts, inside the caller's transaction."""
    _forget(con)
    con.execute("DELETE FROM contact_index")
    con.execute(_INSERT.format(**dict.fromkeys(_IDS, "true")))
    con.execute("INSERT INTO settings VALUES ('contact_index', 'current')")


def refresh_index(con: duckdb.DuckDBPyConnection, contacts: pl.DataFrame) -> None:
    """Bring the index up to date for contacts [contact: str] that were created, changed or deleted.

    To be called when everything of them is written. Nothing is done for a stale index; too many make it stale.
    """
    if contacts.is_empty() or not index_is_current(con):
        return
    if contacts.height > FEW:
        _forget(con)
        return
    with among(con, contacts) as named:
        con.execute(f"DELETE FROM contact_index WHERE {named.told('id')}", named.bounds)
        con.execute(_INSERT.format(**{name: named.told(id) for name, id in _IDS.items()}), named.bounds)


def _forget(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("DELETE FROM settings WHERE name = 'contact_index'")


_IDS = {"contacts": "c.id", "summaries": "contact", "attributes": "a.contact"}

# In JSON a text's own quotation marks are escaped, so what looks like a key of null is one.
_INSERT = """
INSERT INTO contact_index BY NAME
WITH searched AS (
    SELECT contact,
           string_agg(concat_ws(chr(31), text, CASE WHEN NOT contains(text, key) THEN key END), chr(31)) AS search
    FROM (
        SELECT a.contact, strip_accents(lower(a.text)) AS text, strip_accents(lower(a.key)) AS key
        FROM contact_attributes a
        WHERE a.deleted_at IS NULL AND {attributes}
          AND a.attribute_def IN (SELECT d.id FROM attribute_defs d WHERE d.searchable AND d.deleted_at IS NULL)
    ) GROUP BY contact
)
SELECT c.id, c.brand, c.user_id, c.created_by, c.updated_by, c.created_at, c.updated_at,
       c.last_touch, c.touch_freq, c.touch_set_at, hash(c.id) % 64 = 0 AS is_mark,
       strip_accents(lower(s.display_name)) AS display_name, strip_accents(lower(s.sort_field)) AS sort_field,
       chr(31) || nullif(lower(array_to_string(s.tags, chr(31))), '') || chr(31) AS tags, x.search,
       regexp_replace(to_json({{
           'last_touch_action': c.last_touch_action, 'ios_address_book_id': c.ios_address_book_id,
           'android_address_book_id': c.android_address_book_id, 'created_for': c.created_for,
           'updated_for': c.updated_for, 'parked': c.parked, 'summary': s
       }})::VARCHAR, '"[a-z_]+":null,', '', 'g') AS card
FROM contacts c LEFT JOIN (SELECT * FROM contact_summaries WHERE {summaries}) s ON s.contact = c.id
LEFT JOIN searched x ON x.contact = c.id
WHERE c.deleted_at IS NULL AND {contacts} ORDER BY c.id
"""
