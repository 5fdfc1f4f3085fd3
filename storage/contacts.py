"""Read and refresh what is derived from contacts: the attributes a summary is made of, the summaries, the reminders."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import duckdb
import polars as pl

from storage.among import among, bounds_of
from storage.indexing import refresh_index

__all__ = [
    "create_definitions",
    "insert_summaries",
    "read_attributes",
    "read_definitions",
    "refresh_touch",
    "set_touch",
    "write_summaries",
]


def read_definitions(con: duckdb.DuckDBPyConnection, *, brand: UUID | None = None) -> pl.DataFrame:
    """Return the living attribute definitions: [id: str, name, data_type, singular, global, labels].

    They are in documented order: with a brand the global ones and its own, each of another name; else all, and brands
    may share a name.
    """
    definitions: pl.DataFrame = con.sql(
        'SELECT id::VARCHAR AS id, name, data_type, singular, "global", labels FROM attribute_defs '
        "WHERE deleted_at IS NULL AND (global OR $brand IS NULL OR brand = $brand::UUID) ORDER BY position",
        params={"brand": brand and str(brand)},
    ).pl()
    return definitions


def create_definitions(
    con: duckdb.DuckDBPyConnection, definitions: Sequence[Mapping[str, object]], *, by: UUID, brand: UUID, now: datetime
) -> None:
    """Create the custom attribute definitions that the brand does not have yet, by name.

    Args: definitions in the documented shape (contract example 32).
    """
    if not definitions:
        return
    con.execute(
        """
        INSERT INTO attribute_defs BY NAME
        SELECT uuidv7() AS id, d.name, d.data_type, coalesce(d.label, d.name) AS label,
               coalesce(d.section, 'Details') AS section, d.required, false AS global, d.singular, d."show",
               d.filterable, d.editable, d.searchable, d.has_label, coalesce(d.labels, []) AS labels, d.enum_values,
               $brand::UUID AS brand, $now AS created_at, $now AS updated_at, $by::UUID AS created_by,
               (SELECT max(position) FROM attribute_defs) + row_number() OVER () AS position
        FROM (
            SELECT unnest(from_json($definitions, '[{"name": "VARCHAR", "data_type": "VARCHAR", "label": "VARCHAR",
                "section": "VARCHAR", "required": "BOOLEAN", "singular": "BOOLEAN", "show": "BOOLEAN",
                "filterable": "BOOLEAN", "editable": "BOOLEAN", "searchable": "BOOLEAN", "has_label": "BOOLEAN",
                "labels": ["VARCHAR"], "enum_values": ["VARCHAR"]}]')) AS d
        )
        WHERE d.name NOT IN (
            SELECT name FROM attribute_defs WHERE deleted_at IS NULL AND (global OR brand = $brand::UUID)
        )
        """,
        {"definitions": json.dumps(definitions), "by": str(by), "brand": str(brand), "now": now},
    )


def read_attributes(
    con: duckdb.DuckDBPyConnection, contacts: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Read what `transforms.summaries.summarise` needs of some contacts.

    Args: contacts [contact: str].
    Returns: (values [contact, slot, text, date, is_primary, updated: i64 µs], addresses [contact, is_primary, address],
    slots [slot, attribute_type, is_partner]), values in the order they were created.
    """
    with among(con, contacts) as named:
        read = con.sql(_READ.format(among=named.told("a.contact")), params=named.bounds).pl()
    kinds = ["attribute_type", "is_partner"]
    is_address = pl.col("attribute_type") == "address"
    addresses = read.filter(is_address, ~pl.col("is_partner")).select(
        "contact", "is_primary", pl.col("place").list.first().alias("address")
    )
    typed = read.filter(~is_address)
    slots = typed.select(kinds).unique().sort(kinds).with_row_index("slot")
    values = typed.join(slots, on=kinds, how="left", maintain_order="left")
    return values.select("contact", "slot", "text", "date", "is_primary", "updated"), addresses, slots


_READ = """
SELECT a.contact::VARCHAR AS contact, a.attribute_type, a.is_partner, a.text, a.date, a.is_primary,
       epoch_us(a.updated_at) AS updated, a.place
FROM contact_attributes a
WHERE a.deleted_at IS NULL AND {among}
ORDER BY a.contact, a.created_at, a.id
"""


def write_summaries(con: duckdb.DuckDBPyConnection, summaries: pl.DataFrame) -> None:
    """Replace the summaries of the contacts in `summaries` [contact: str, …columns of contact_summaries].

    A contact that was deleted or merged away is left without one. The index follows, so all else of the contacts has to
    be written before.
    """
    with among(con, summaries) as named:
        con.execute(f"DELETE FROM contact_summaries WHERE {named.told('contact')}", named.bounds)
    con.register("new_summaries", summaries)
    con.execute(
        """
        INSERT INTO contact_summaries BY NAME
        SELECT * REPLACE (contact::UUID AS contact, address::address[] AS address) FROM new_summaries
        WHERE contact::UUID IN (
            SELECT id FROM contacts WHERE deleted_at IS NULL AND id BETWEEN $low::UUID AND $high::UUID
        )
        ORDER BY contact
        """,
        named.bounds,
    )
    con.unregister("new_summaries")
    refresh_index(con, summaries)


def insert_summaries(con: duckdb.DuckDBPyConnection, summaries: pl.DataFrame) -> None:
    """Insert the summaries of new contacts [contact: str, …columns of contact_summaries]; the index follows."""
    con.register("new_summaries", summaries)
    con.execute(
        """
        INSERT INTO contact_summaries BY NAME
        SELECT * REPLACE (contact::UUID AS contact, address::address[] AS address) FROM new_summaries ORDER BY contact
        """
    )
    con.unregister("new_summaries")
    refresh_index(con, summaries)


def refresh_touch(con: duckdb.DuckDBPyConnection, contacts: pl.DataFrame, *, now: datetime) -> None:
    """Set how often to be in touch from the contacts' tags, unless it was set on the contact itself (RULES G8-G11).

    Args: contacts [contact: str]. A frequency that did not change keeps the moment it was set.
    """
    con.register("wanted", contacts)
    con.execute(
        """
        UPDATE contacts AS c
        SET touch_freq = t.touch_freq, touch_source = CASE WHEN t.touch_freq IS NULL THEN NULL ELSE 'tag' END,
            touch_set_at = CASE WHEN t.touch_freq IS NULL THEN NULL ELSE $now::TIMESTAMPTZ END
        FROM (
            SELECT w.contact::UUID AS id, min(g.touch_freq) AS touch_freq
            FROM wanted w JOIN contacts k ON k.id = w.contact::UUID AND k.id BETWEEN $low::UUID AND $high::UUID
            LEFT JOIN contact_attributes a ON a.contact = k.id AND a.attribute_type = 'tag' AND a.deleted_at IS NULL
                                          AND NOT a.is_partner AND a.contact BETWEEN $low::UUID AND $high::UUID
            LEFT JOIN tags g ON lower(g.tag) = lower(a.text) AND g.brand = k.brand AND g.deleted_at IS NULL
                             AND g.touch_freq > 0
            GROUP BY ALL
        ) t
        WHERE c.id = t.id AND c.id BETWEEN $low::UUID AND $high::UUID
          AND c.touch_source IS DISTINCT FROM 'contact' AND c.touch_freq IS DISTINCT FROM t.touch_freq
        """,
        {"now": now} | bounds_of(contacts),
    )
    con.unregister("wanted")


def set_touch(
    con: duckdb.DuckDBPyConnection, contact: UUID, touch_freq: int | None, *, by: UUID, now: datetime
) -> None:
    """Set how often to be in touch with one contact, whatever its tags say, counting from now (RULES G9, G10)."""
    con.execute(
        """
        UPDATE contacts
        SET touch_freq = $touch_freq, touch_source = 'contact', touch_set_at = $now,
            updated_at = $now, updated_by = $by, updated_for = 'direct_request'
        WHERE id = $contact
        """,
        {"contact": str(contact), "touch_freq": touch_freq, "by": str(by), "now": now},
    )
    refresh_index(con, pl.DataFrame({"contact": [str(contact)]}))
