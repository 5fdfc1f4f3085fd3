"""Recognise the rows of a file: which contact each row is, and whether it has to be written at all.

A row is known by its source_id within owner and source, else by the fingerprint of its text, so a file imported twice
changes nothing. All of it happens in temporary tables of the connection: `scanned` (one row a file row), `identity`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import duckdb
import polars as pl

from storage.corrections import ORIGIN_COLUMN

__all__ = [
    "ACTIONS",
    "REPEATED_ID",
    "Identity",
    "drop_empty_updates",
    "match_rows",
    "read_actions",
    "read_column",
    "read_matched",
    "read_rejected",
    "scan_bodies",
    "scan_rows",
    "updated_by_id",
]

ACTIONS = ("create", "update", "unchanged", "rejected")
"""What becomes of a row; of those rejected `read_rejected` says why."""

REPEATED_ID = "another row of the file has the same source_id"

REPEATED_NAMES = "the row repeats the column names"


@dataclass(frozen=True)
class Identity:
    """How rows are recognised: whose contacts, the source's name, what known rows are for, the mapping's digest."""

    brand: UUID
    source: str | None
    on_match: str
    mapping: int


def scan_rows(
    con: duckdb.DuckDBPyConnection,
    source_sql: str,
    columns: Mapping[int, str],
    *,
    owner: UUID,
    source_id: int | None,
    origin: int | None,
    kept: Sequence[int],
) -> int:
    """Fingerprint every row of a table source into `scanned`; returns the number of rows.

    Args: source_sql gives c0 … cN as text in file order; columns: place and name of those a row is recognised by, names
    being part of what a row says; source_id and origin are places of columns that hold identity (origin: `<job>:<row>`
    as `onecard rejects` writes it); `kept` columns stay readable through `read_column`.
    """
    cells = ", ".join(f"chr(31), c{place}" for place in columns)
    key = "NULL" if source_id is None else f"nullif(trim(c{source_id}), '')"
    origin_cell = "NULL" if origin is None else f"nullif(trim(c{origin}), '')"
    extra = "".join(f", c{place}" for place in kept)
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE scanned AS
        SELECT md5_number(concat($names, {cells})) AS fingerprint, {key}::VARCHAR AS source_id,
               {origin_cell}::VARCHAR AS origin, $owner::UUID AS user_id,
               NULL::VARCHAR AS ios_address_book_id, NULL::VARCHAR AS android_address_book_id,
               NULL::VARCHAR AS uncorrected {extra}
        FROM ({source_sql})
        """,
        {"owner": str(owner), "names": "\x1f".join(columns.values())},
    )
    _mark_repeated_names(con, list(columns.values()))
    return _numbered(con)


def scan_bodies(con: duckdb.DuckDBPyConnection, contacts: pl.DataFrame, *, owner: UUID) -> int:
    """Fingerprint contact bodies into `scanned`; returns their number.

    Args: contacts [body, user (UUID text or null), source_id, ios_address_book_id, android_address_book_id].
    """
    con.register("bodies", contacts)
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE scanned AS
        SELECT md5_number(body) AS fingerprint, source_id,
               CASE WHEN contains(body, '"{ORIGIN_COLUMN}"') THEN body ->> '$.{ORIGIN_COLUMN}' END AS origin,
               coalesce("user", $owner)::UUID AS user_id, ios_address_book_id, android_address_book_id,
               NULL::VARCHAR AS uncorrected
        FROM bodies
        """,
        {"owner": str(owner)},
    )
    con.unregister("bodies")
    return _numbered(con)


def read_column(con: duckdb.DuckDBPyConnection, place: int) -> pl.Series:
    """Return the distinct filled values of a kept column, in no order."""
    values = con.sql(f"SELECT DISTINCT trim(c{place}) AS value FROM scanned WHERE trim(c{place}) <> ''").pl()["value"]
    distinct: pl.Series = values.cast(pl.String)
    return distinct


def match_rows(con: duckdb.DuckDBPyConnection, identity: Identity) -> None:
    """Decide each row's action and contact in `identity` [row, action, contact, matched, …columns of scanned].

    `contact` is where values go: a new id, the matched contact, or the parent it was merged into. New ids ascend in
    file order. A row whose contact a person deleted stays deleted; one that a full export had lacked comes back.
    """
    con.execute(_OCCURRENCES)
    corrected = con.execute("SELECT 1 FROM scanned WHERE origin IS NOT NULL LIMIT 1").fetchall()
    con.execute(
        _KNOWN + (_KNOWN_ORIGINS if corrected else ")"), {"brand": str(identity.brand), "source": identity.source}
    )
    con.execute(_MATCHED, {"mapping": str(identity.mapping), "on_match": identity.on_match})
    rows = con.execute("SELECT count(*) FROM matched_rows").fetchall()[0][0]
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE identity AS
        SELECT m.* EXCLUDE (contact), coalesce(m.contact, n.new_contact) AS contact
        FROM (SELECT * FROM matched_rows ORDER BY row) m
        POSITIONAL JOIN (SELECT uuidv7() AS new_contact FROM range({rows}) ORDER BY new_contact) n
        """
    )
    con.execute(
        "DROP VIEW scanned_rows; DROP TABLE matched_rows; DROP TABLE scanned; "
        "DROP TABLE known_contacts; DROP TABLE occurrences"
    )


def read_actions(con: duckdb.DuckDBPyConnection) -> pl.Series:
    """Return the action of every row, by row number from 0, as Enum of ACTIONS."""
    actions: pl.Series = con.sql("SELECT action FROM identity ORDER BY row").pl()["action"]
    return actions.cast(pl.Enum(ACTIONS))


def read_rejected(con: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """Return the rows that are rejected whole, whatever they hold: [row: u32, reason]."""
    rejected: pl.DataFrame = con.sql(
        "SELECT row::UINTEGER AS row, coalesce(uncorrected, $repeated) AS reason FROM identity "
        "WHERE action = 'rejected' ORDER BY row",
        params={"repeated": REPEATED_ID},
    ).pl()
    return rejected


def read_matched(con: duckdb.DuckDBPyConnection, rows: pl.DataFrame) -> pl.DataFrame:
    """Return the contacts that rows [row: u32] are to change: [row: u32, contact: str]."""
    con.register("asked_rows", rows)
    matched: pl.DataFrame = con.sql(
        "SELECT row::UINTEGER AS row, matched::VARCHAR AS contact FROM identity SEMI JOIN asked_rows USING (row) "
        "WHERE action = 'update'"
    ).pl()
    con.unregister("asked_rows")
    return matched


def drop_empty_updates(con: duckdb.DuckDBPyConnection) -> None:
    """Leave alone the contacts whose row, now, has nothing that could be taken: such a row was rejected."""
    con.execute(
        "UPDATE identity SET action = 'rejected' WHERE action = 'update' AND row NOT IN (SELECT row FROM incoming)"
    )


def updated_by_id(con: duckdb.DuckDBPyConnection) -> bool:
    """Whether a contact was changed because a row has its source_id, and for no better reason."""
    rows = con.execute(
        "SELECT 1 FROM identity WHERE action = 'update' AND source_id IS NOT NULL AND origin IS NULL "
        "AND contact IN (SELECT contact FROM changed_contacts) LIMIT 1"
    )
    return bool(rows.fetchall())


def _mark_repeated_names(con: duckdb.DuckDBPyConnection, names: Sequence[str]) -> None:
    """Say in `scanned` of rows that they are the column names again, as in files that were put one below the other."""
    if len(names) > 1:
        con.execute(
            "UPDATE scanned SET uncorrected = $reason WHERE fingerprint = md5_number($text)",
            {"reason": REPEATED_NAMES, "text": "\x1f".join((*names, *names))},
        )


def _numbered(con: duckdb.DuckDBPyConnection) -> int:
    """Number the rows of `scanned` from 0 in a view, `scanned_rows`; returns how many there are.

    Rows keep their order on the way in; the row ids of a table that is not committed yet start at an offset.
    """
    count, first = con.execute("SELECT count(*), coalesce(min(rowid), 0) FROM scanned").fetchall()[0]
    con.execute(f"CREATE OR REPLACE TEMP VIEW scanned_rows AS SELECT rowid - {first} AS row, * FROM scanned")
    return int(count)


# Numbers identical rows 1, 2, …; only the rows that repeat are looked at.
_OCCURRENCES = """
CREATE OR REPLACE TEMP TABLE occurrences AS
SELECT row, row_number() OVER (PARTITION BY user_id, fingerprint ORDER BY row) AS occurrence
FROM scanned_rows
SEMI JOIN (SELECT fingerprint FROM scanned GROUP BY fingerprint HAVING count(*) > 1) USING (fingerprint)
"""

# Contacts these rows may be, a merged one with the parent that stands for it now.
_KNOWN = """
CREATE OR REPLACE TEMP TABLE known_contacts AS
WITH RECURSIVE merged AS (
    SELECT id AS child, merged_into AS parent FROM contacts WHERE merged_into IS NOT NULL
    UNION ALL
    SELECT m.child, c.merged_into FROM merged m JOIN contacts c ON c.id = m.parent WHERE c.merged_into IS NOT NULL
), standing AS (
    SELECT m.child, m.parent FROM merged m JOIN contacts c ON c.id = m.parent WHERE c.merged_into IS NULL
)
SELECT c.id, coalesce(s.parent, c.id) AS standing, c.user_id, c.fingerprint, c.corrected, c.occurrence, c.mapping,
       c.job, c.source_row,
       CASE WHEN c.source IS NOT DISTINCT FROM $source THEN c.source_id END AS source_id,
       c.source_id IS NOT NULL AS has_source_id,
       coalesce(p.deleted_at, c.deleted_at) IS NOT NULL AND (s.parent IS NULL OR p.deleted_at IS NOT NULL)
           AS is_deleted,
       c.deleted_at IS NOT NULL AND coalesce(c.deleted_for, '') LIKE 'import%' AS was_missing
FROM contacts c LEFT JOIN standing s ON s.child = c.id LEFT JOIN contacts p ON p.id = s.parent
WHERE c.brand = $brand::UUID AND c.user_id IN (SELECT user_id FROM scanned)
  AND (c.fingerprint IN (SELECT fingerprint FROM scanned) OR c.corrected IN (SELECT fingerprint FROM scanned)
       OR c.source_id IN (SELECT source_id FROM scanned)
"""
_KNOWN_ORIGINS = """
       OR c.job::VARCHAR || ':' || c.source_row IN (SELECT origin FROM scanned WHERE origin IS NOT NULL)
       OR c.id IN (
           SELECT contact FROM import_rejects WHERE job::VARCHAR || ':' || "row" IN (SELECT origin FROM scanned)
       ))
"""

# Joined by hash against small tables: what repeats in the file, and what is known already.
_MATCHED = """
CREATE OR REPLACE TEMP TABLE matched_rows AS
WITH repeated AS (
    SELECT row FROM scanned_rows
    SEMI JOIN (
        SELECT user_id, source_id FROM scanned WHERE source_id IS NOT NULL GROUP BY ALL HAVING count(*) > 1
    ) USING (user_id, source_id)
    QUALIFY row_number() OVER (PARTITION BY user_id, source_id ORDER BY row) > 1
    UNION
    SELECT row FROM scanned_rows WHERE origin IS NOT NULL
    QUALIFY row_number() OVER (PARTITION BY origin ORDER BY row) > 1
), numbered AS (
    SELECT s.*, coalesce(o.occurrence, 1) AS occurrence
    FROM scanned_rows s LEFT JOIN occurrences o ON o.row = s.row
), by_origin AS (
    SELECT origin, max(id) AS id FROM (
        SELECT job::VARCHAR || ':' || source_row AS origin, id FROM known_contacts
        UNION ALL
        SELECT r.job::VARCHAR || ':' || r.row, k.id FROM import_rejects r JOIN known_contacts k ON k.id = r.contact
    ) WHERE (SELECT count(origin) FROM scanned) > 0 GROUP BY ALL
), by_source_id AS (
    SELECT user_id, source_id, max(id) AS id FROM known_contacts WHERE source_id IS NOT NULL GROUP BY ALL
), by_text AS (
    SELECT user_id, has_source_id, fingerprint, occurrence, id FROM known_contacts
    UNION ALL
    SELECT user_id, has_source_id, corrected, 1, id FROM known_contacts WHERE corrected IS NOT NULL
), by_fingerprint AS (
    SELECT user_id, fingerprint, occurrence, max(id) FILTER (NOT has_source_id) AS without_id, max(id) AS id
    FROM by_text GROUP BY ALL
), found AS (
    SELECT n.*, coalesce(o.id, s.id, f.without_id, CASE WHEN n.source_id IS NULL THEN f.id END) AS matched
    FROM numbered n
    LEFT JOIN by_origin o ON o.origin = n.origin
    LEFT JOIN by_source_id s ON s.user_id = n.user_id AND s.source_id = n.source_id
    LEFT JOIN by_fingerprint f ON f.user_id = n.user_id AND f.fingerprint = n.fingerprint
                              AND f.occurrence = n.occurrence
)
SELECT f.*,
       CASE WHEN f.uncorrected IS NOT NULL THEN 'rejected'
            WHEN $on_match = 'create' THEN 'create'
            WHEN r.row IS NOT NULL THEN 'rejected'
            WHEN f.matched IS NULL THEN 'create'
            WHEN k.is_deleted AND NOT k.was_missing OR $on_match = 'skip' THEN 'unchanged'
            WHEN k.was_missing THEN 'update'
            WHEN f.fingerprint IN (k.fingerprint, k.corrected) AND k.mapping = $mapping::UHUGEINT THEN 'unchanged'
            ELSE 'update' END::ENUM ('create', 'update', 'unchanged', 'rejected') AS action,
       CASE WHEN $on_match <> 'create' THEN k.standing END AS contact,
       -- What is corrected in a row belongs to the contact that this row made.
       $on_match = 'fill' AND f.origin IS DISTINCT FROM k.job::VARCHAR || ':' || k.source_row AS fills_only
FROM found f LEFT JOIN repeated r ON r.row = f.row LEFT JOIN known_contacts k ON k.id = f.matched
"""
