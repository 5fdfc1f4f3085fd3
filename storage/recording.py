"""Write an import into the tables: contacts, their attributes and summaries, batch by batch, inside one transaction.

`storage.identity` has decided each row's action and contact before; a batch arrives as frames keyed by row number, and
the slots say what each value stands for. Rows stay clustered by contact, which makes looking one up fast.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import duckdb
import polars as pl

from storage.indexing import index_is_current, refresh_index

__all__ = [
    "Provenance",
    "add_used_tags",
    "in_order",
    "insert_batch",
    "insert_rejects",
    "open_slots",
    "read_tag_frequencies",
    "stage_updates",
]

# Keeps the frame on the probe side of the joins, so that its order by contact reaches the table.
_IN_ORDER = "SET disabled_optimizers = 'join_order,build_side_probe_side'; SET threads = 1; SET memory_limit = '400MB'"


@contextmanager
def in_order(con: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Have the block's inserts keep the order of their frames and write full row groups as they go.

    On one thread DuckDB appends to the table itself, row group by row group; on several it merges small pieces when
    the transaction ends, which costs a rewrite of the table. The other core is busy cutting the next batch. What was
    written is not read again, so little memory is kept for it.
    """
    threads, memory = con.execute("SELECT current_setting('threads'), current_setting('memory_limit')").fetchall()[0]
    con.execute(_IN_ORDER)
    try:
        yield
    finally:
        # On a connection of its own: this one's transaction may be past taking orders.
        with con.cursor() as settings:
            settings.execute(f"SET disabled_optimizers = ''; SET threads = {threads}; SET memory_limit = '{memory}'")


@dataclass(frozen=True)
class Provenance:
    """Where and when an import's rows come from; every row it writes carries it."""

    job: UUID
    user: UUID
    brand: UUID
    source: str | None
    created_for: str
    mapping: int
    now: datetime

    def parameters(self) -> dict[str, object]:
        """Return it as SQL parameters; numbers beyond 64 bits as text."""
        return {
            "job": str(self.job),
            "user": str(self.user),
            "brand": str(self.brand),
            "source": self.source,
            "created_for": self.created_for,
            "mapping": str(self.mapping),
            "now": self.now,
        }


def open_slots(con: duckdb.DuckDBPyConnection, slots: pl.DataFrame) -> None:
    """Make the temporary tables of an import: what slots stand for, and the values of rows that update a contact.

    Args: slots [slot, attribute_def, attribute_type, singular, label, index, is_partner].
    """
    con.register("slot_frame", slots)
    con.execute(
        "CREATE OR REPLACE TEMP TABLE slots AS SELECT * REPLACE (attribute_def::UUID AS attribute_def) FROM slot_frame"
    )
    con.unregister("slot_frame")
    con.execute(
        """
        CREATE OR REPLACE TEMP TABLE incoming (
            "row" UINTEGER, slot USMALLINT, position UINTEGER, is_primary BOOLEAN,
            text VARCHAR, number DOUBLE, date BIGINT, key VARCHAR, address address
        );
        CREATE OR REPLACE TEMP TABLE refused ("row" UINTEGER, attribute_type VARCHAR);
        """
    )


def insert_batch(
    con: duckdb.DuckDBPyConnection,
    *,
    rows: pl.DataFrame,
    values: pl.DataFrame,
    addresses: pl.DataFrame,
    summaries: pl.DataFrame,
    provenance: Provenance,
) -> tuple[int, int]:
    """Insert new contacts with their attributes and summaries; returns how many contacts and attributes there are now.

    Args: rows [row, source_row: i64, touch_freq: i32]; values and addresses as of `transforms.pieces.Pieces`; summaries
    as of `transforms.summaries.summarise` with row numbers as contact. All hold only rows that create a contact.
    """
    if rows.height == 0:
        return 0, 0
    bounds = {"low": rows["row"][0], "high": rows["row"][-1]}
    frames = {"batch_rows": rows, "batch_values": values, "batch_addresses": addresses, "batch_summaries": summaries}
    for name, frame in frames.items():
        con.register(name, frame)
    parameters = provenance.parameters() | bounds
    contacts, plain, places, _ = (
        _inserted(con, statement, parameters) for statement in (_CONTACTS, _VALUES, _ADDRESSES, _SUMMARIES)
    )
    for name in frames:
        con.unregister(name)
    if index_is_current(con):
        refresh_index(con, con.sql(_NEW_CONTACTS, params=bounds).pl())
    return contacts, plain + places


def stage_updates(
    con: duckdb.DuckDBPyConnection, values: pl.DataFrame, addresses: pl.DataFrame, rejects: pl.DataFrame
) -> None:
    """Keep the values of rows that update a contact, and which of their values were refused, until the file is read."""
    refused = rejects.select("row", "attribute_type")
    for table, frame in (("incoming", values), ("incoming", addresses), ("refused", refused)):
        if frame.height:
            con.register("staged", frame)
            con.execute(f"INSERT INTO {table} BY NAME SELECT * FROM staged")
            con.unregister("staged")


def insert_rejects(con: duckdb.DuckDBPyConnection, rejects: pl.DataFrame, *, job: UUID) -> None:
    """Record refused values and rows [row: i64, column_name, attribute_type, value, reason, whole_row, original].

    contact: str may be beside them, the one that the row was to change.
    """
    if rejects.height == 0:
        return
    con.register("batch_rejects", rejects)
    con.execute("INSERT INTO import_rejects BY NAME SELECT $job::UUID AS job, * FROM batch_rejects", {"job": str(job)})
    con.unregister("batch_rejects")


def read_tag_frequencies(con: duckdb.DuckDBPyConnection, brand: UUID) -> pl.DataFrame:
    """Return the tags that ask for touches: [tag: lower-cased, touch_freq: i32 days]."""
    frequencies: pl.DataFrame = con.sql(
        "SELECT lower(tag) AS tag, min(touch_freq) AS touch_freq FROM tags "
        "WHERE brand = $brand::UUID AND deleted_at IS NULL AND touch_freq > 0 GROUP BY ALL",
        params={"brand": str(brand)},
    ).pl()
    return frequencies


def add_used_tags(con: duckdb.DuckDBPyConnection, provenance: Provenance) -> list[UUID]:
    """Add the tags this import used first to the collection, in their first spelling (contract RULES G1).

    Returns: their ids.
    """
    rows = con.execute(
        """
        INSERT INTO tags BY NAME
        SELECT uuidv7() AS id, $brand::UUID AS brand, arg_min(text, (created_at, contact)) AS tag,
               min(created_at) AS created_at, min(created_at) AS updated_at, $user::UUID AS created_by
        FROM contact_attributes
        WHERE job = $job::UUID AND attribute_type = 'tag' AND deleted_at IS NULL
          AND lower(text) NOT IN (SELECT lower(tag) FROM tags WHERE brand = $brand::UUID AND deleted_at IS NULL)
        GROUP BY lower(text) RETURNING id
        """,
        {"brand": str(provenance.brand), "user": str(provenance.user), "job": str(provenance.job)},
    ).fetchall()
    return [UUID(str(tag)) for (tag,) in rows]


def _inserted(con: duckdb.DuckDBPyConnection, statement: str, parameters: dict[str, object]) -> int:
    used = {name: value for name, value in parameters.items() if f"${name}" in statement}
    return int(con.execute(statement, used).fetchall()[0][0])


_CONTACTS = """
INSERT INTO contacts BY NAME
SELECT i.contact AS id, i.user_id, $brand::UUID AS brand, $now AS created_at, $now AS updated_at,
       $user::UUID AS created_by, $created_for AS created_for, $created_for AS updated_for,
       i.ios_address_book_id, i.android_address_book_id,
       b.touch_freq, CASE WHEN b.touch_freq > 0 THEN 'tag' END AS touch_source,
       CASE WHEN b.touch_freq > 0 THEN $now END AS touch_set_at, false AS parked,
       coalesce(try_cast(split_part(i.origin, ':', 1) AS UUID), $job::UUID) AS job, $source AS source, i.source_id,
       coalesce(try_cast(split_part(i.origin, ':', 2) AS BIGINT), b.source_row) AS source_row,
       i.fingerprint, i.occurrence, CASE WHEN i.origin IS NOT NULL THEN i.fingerprint END AS corrected,
       $mapping::UHUGEINT AS mapping
FROM batch_rows b JOIN (SELECT * FROM identity WHERE row BETWEEN $low AND $high) i ON i.row = b.row
"""

_NEW_CONTACTS = "SELECT contact::VARCHAR AS contact FROM identity WHERE row BETWEEN $low AND $high"

_VALUES = """
INSERT INTO contact_attributes BY NAME
SELECT uuidv7() AS id, i.contact, s.attribute_def, s.attribute_type, s.label, v.is_primary, s.is_partner, s."index",
       v.text, v.number, v.date, v.key, $now + to_microseconds(v.position) AS created_at,
       $now + to_microseconds(v.position) AS updated_at, $user::UUID AS created_by, $job::UUID AS job
FROM batch_values v
JOIN (SELECT row, contact FROM identity WHERE row BETWEEN $low AND $high) i ON i.row = v.row
JOIN slots s ON s.slot = v.slot
"""

_ADDRESSES = _VALUES.replace("v.text, v.number, v.date, v.key", "[v.address::address] AS place").replace(
    "batch_values", "batch_addresses"
)

_SUMMARIES = """
INSERT INTO contact_summaries BY NAME
SELECT i.contact, s.* EXCLUDE (contact) REPLACE (s.address::address[] AS address)
FROM batch_summaries s JOIN (SELECT row, contact FROM identity WHERE row BETWEEN $low AND $high) i ON i.row = s.contact
"""
