"""Read and refresh what is derived from contacts: the attributes a summary is made of, the summaries, the reminders."""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import duckdb
import polars as pl

from storage.among import Among, among, bounds_of
from storage.frames import in_order, is_any, only, where
from storage.indexing import extend_index, refresh_index
from storage.rows import execute, insert_rows

__all__ = [
    "DefinitionRow",
    "create_definitions",
    "insert_summaries",
    "read_attributes",
    "read_brands",
    "read_definitions",
    "read_labels",
    "refresh_touch",
    "set_touch",
    "write_summaries",
]


class DefinitionRow(NamedTuple):
    """What is to be known of an attribute definition to write values of it; `brand` is None for a global one."""

    position: int
    id: str
    name: str
    data_type: str
    singular: bool
    brand: str | None
    searchable: bool


def read_definitions(con: duckdb.DuckDBPyConnection, *, brand: UUID | None = None) -> list[DefinitionRow]:
    """Return the living attribute definitions in documented order.

    With a brand they are the global ones and its own, each of another name; else all, and brands may share a name.
    """
    query = f"""
        SELECT position, id::VARCHAR, name, data_type, singular, CASE WHEN NOT "global" THEN brand::VARCHAR END,
               searchable
        FROM attribute_defs WHERE {_OF_BRAND}
        """
    rows = execute(con, query, {"brand": brand and str(brand)}).fetchall()
    return sorted(map(DefinitionRow._make, rows))


def read_labels(con: duckdb.DuckDBPyConnection, *, brand: UUID) -> dict[str, tuple[str, ...]]:
    """Return the labels offered for values of the global definitions and the brand's own, by definition id."""
    query = f"SELECT id::VARCHAR, labels FROM attribute_defs WHERE {_OF_BRAND}"
    rows = con.execute(query, {"brand": str(brand)}).fetchall()
    return {identity: tuple(labels or ()) for identity, labels in rows}


_OF_BRAND = 'deleted_at IS NULL AND ("global" OR $brand IS NULL OR brand = $brand::UUID)'


def read_brands(con: duckdb.DuckDBPyConnection, contacts: pl.DataFrame) -> pl.DataFrame:
    """Return the brands of contacts [contact: str]: [contact, brand: str]."""
    with among(con, contacts) as named:
        return named.read(
            f"SELECT id::VARCHAR AS contact, brand::VARCHAR AS brand FROM contacts WHERE {named.told('id')}"
        )


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


def read_attributes(con: duckdb.DuckDBPyConnection, contacts: pl.DataFrame) -> pl.DataFrame:
    """Read the living attributes of some contacts: what `transforms.summaries` needs of them, and more.

    Args: contacts [contact: str].
    Returns: [contact, id, attribute_def, attribute_type: str, is_partner, is_primary: bool, text: str, date: i64,
    place: list of struct, key: str, created_at, updated: time, spelt: str (a tag whatever its case)], of a contact in
    the order of creation.
    """
    with among(con, contacts) as named:
        return named.read(_READ.format(among=named.told("a.contact")), order=("contact", "created_at", "id"))


_READ = """
SELECT a.contact::VARCHAR AS contact, a.id::VARCHAR AS id, a.attribute_def::VARCHAR AS attribute_def, a.attribute_type,
       a.is_partner, a.is_primary, a.text, a.date, a.place, a.key, a.created_at, a.updated_at AS updated,
       CASE WHEN a.attribute_type = 'tag' THEN lower(trim(a.text)) END AS spelt
FROM contact_attributes a
WHERE a.deleted_at IS NULL AND {among}
"""


def write_summaries(
    con: duckdb.DuckDBPyConnection,
    summaries: pl.DataFrame,
    attributes: pl.DataFrame,
    *,
    searchable: Sequence[str] | None = None,
    living: pl.DataFrame | None = None,
    changed: Collection[str] | None = None,
) -> pl.DataFrame | None:
    """Replace the summaries of the contacts in `summaries` [contact: str, …columns of contact_summaries].

    A contact that was deleted or merged away is left without one. The index follows, so all else of the contacts has to
    be written before.
    Args: attributes, as `read_attributes` returns them, of which the summaries were made. Where it is known, which
    definitions are searchable, which of the contacts live [contact], and which columns may have changed
    since the summaries that stand were made.
    Returns: how one contact is shown now, as `storage.indexing.refresh_index` does.
    """
    with among(con, summaries) as named:
        if living is None:
            alive = f"SELECT id::VARCHAR AS contact FROM contacts WHERE deleted_at IS NULL AND {named.told('id')}"
            living = named.read(alive)
        standing = in_order(only(summaries, living, on="contact"), "contact")
        if changed is None or not _overwrite(named, standing, changed):
            execute(con, f"DELETE FROM contact_summaries WHERE {named.told('contact')}", named.bounds)
            insert_rows(con, "contact_summaries", standing)
    if searchable is None:
        known = execute(con, "SELECT id::VARCHAR FROM attribute_defs WHERE searchable AND deleted_at IS NULL")
        searchable = [identity for (identity,) in known.fetchall()]
    searched = where(attributes, is_any(attributes["attribute_def"], searchable))[["contact", "text", "key"]]
    return refresh_index(con, summaries, summaries=summaries, searched=searched)


def _overwrite(named: Among, summaries: pl.DataFrame, changed: Collection[str]) -> bool:
    """Write over what changed of one contact's summary, in a third of the time; says whether that could be done.

    DuckDB writes over single values; for a list it would put a new row in place of the old one.
    """
    columns = summaries[sorted(changed)]
    if not (named.is_one and summaries.height) or any(kind.base_type() == pl.List for kind in columns.dtypes):
        return False
    if not changed:
        return True
    values = ", ".join(f"{name} = ${name}" for name in columns.columns)
    update = f"UPDATE contact_summaries SET {values} WHERE {named.told('contact')}"
    return execute(named.con, update, columns.row(0, named=True) | named.bounds).fetchall() == [(1,)]


def insert_summaries(
    con: duckdb.DuckDBPyConnection,
    summaries: pl.DataFrame,
    searched: pl.DataFrame,
    *,
    own: Mapping[str, object] | None = None,
) -> None:
    """Insert the summaries of new contacts [contact: str, …columns of contact_summaries]; the index follows.

    Args: searched [contact, text, key], the values of searchable definitions; own, as of `extend_index`.
    """
    insert_rows(con, "contact_summaries", in_order(summaries, "contact"))
    extend_index(con, summaries, searched, own=own)


def refresh_touch(con: duckdb.DuckDBPyConnection, contacts: pl.DataFrame, *, now: datetime) -> None:
    """Set how often to be in touch from the contacts' tags, or from what was set on a contact itself (RULES G8-G11).

    Of several tags the smallest number counts. Where a contact has a word of its own, only tags whose reminder was set
    after that count; without one it is the contact's own, also when such a tag is gone.
    Args: contacts [contact: str]. A frequency that did not change keeps the moment it was set.
    """
    con.register("wanted", contacts)
    con.execute(
        """
        UPDATE contacts AS c
        SET touch_freq = t.touch_freq, touch_source = t.touch_source,
            touch_set_at = CASE WHEN t.touch_source IS NULL THEN NULL
                                WHEN t.touch_freq IS DISTINCT FROM c.touch_freq THEN $now ELSE c.touch_set_at END
        FROM (
            SELECT k.id,
                   CASE WHEN min(g.touch_freq) IS NULL THEN k.own_touch_freq ELSE min(g.touch_freq) END AS touch_freq,
                   CASE WHEN min(g.touch_freq) IS NOT NULL THEN 'tag'
                        WHEN k.own_touch_set_at IS NOT NULL THEN 'contact' END AS touch_source
            FROM wanted w JOIN contacts k ON k.id = w.contact::UUID AND k.id BETWEEN $low::UUID AND $high::UUID
            LEFT JOIN contact_attributes a ON a.contact = k.id AND a.attribute_type = 'tag' AND a.deleted_at IS NULL
                                          AND NOT a.is_partner AND a.contact BETWEEN $low::UUID AND $high::UUID
            LEFT JOIN tags g ON lower(g.tag) = lower(a.text) AND g.brand = k.brand AND g.deleted_at IS NULL
                             AND g.touch_freq > 0 AND coalesce(g.touch_set_at >= k.own_touch_set_at,
                                                               k.own_touch_set_at IS NULL)
            GROUP BY k.id, k.own_touch_freq, k.own_touch_set_at
        ) t
        WHERE c.id = t.id AND c.id BETWEEN $low::UUID AND $high::UUID
          AND (c.touch_freq, c.touch_source) IS DISTINCT FROM (t.touch_freq, t.touch_source)
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
            own_touch_freq = $touch_freq, own_touch_set_at = $now,
            updated_at = $now, updated_by = $by, updated_for = 'direct_request'
        WHERE id = $contact
        """,
        {"contact": str(contact), "touch_freq": touch_freq, "by": str(by), "now": now},
    )
    refresh_index(con, pl.DataFrame({"contact": [str(contact)]}))
