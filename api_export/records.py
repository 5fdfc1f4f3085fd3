"""Read what the documented objects are made of, as frames: a column of the database for nearly every key.

Contacts come from the index while it is current, since there all that is shown of one lies together; else from the
facts. Both give the same. Ids are texts, times are unix seconds (contract RULES B4).
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING
from uuid import UUID

import polars as pl

from api_export.batches import Chosen
from api_export.conditions import LAST_TOUCH, NEXT_TOUCH
from storage.frames import with_column
from storage.indexing import OWN_TEXTS, index_is_current
from storage.rows import fetch_rows, read_rows
from transforms.addresses import PARTS

if TYPE_CHECKING:
    import duckdb

__all__ = [
    "read_attributes",
    "read_collections",
    "read_contact",
    "read_contacts",
    "read_definitions",
    "read_every_definition",
    "read_matching_users",
    "read_named_attributes",
    "read_tags",
    "read_users",
    "shown_contact",
]


def read_contacts(con: "duckdb.DuckDBPyConnection", chosen: Chosen) -> pl.DataFrame:
    """Read contacts, in order of position: [all of chosen, and what `shapes.contact_json` shows]."""
    if not (chosen.is_page or index_is_current(con)):
        return chosen.read(con, _FACTS)
    near = "c.rowid = chosen.place" if chosen.is_page else "c.id = chosen.id WHERE c.id BETWEEN $first AND $last"
    tables = f"chosen JOIN contact_index c ON {near}"
    query = f"SELECT chosen.* EXCLUDE (id), {_INDEXED} FROM {tables} ORDER BY chosen.position, c.id"
    return _with_card(chosen.read(con, query))


def read_contact(con: "duckdb.DuckDBPyConnection", contact: UUID, *, brand: UUID | None) -> pl.DataFrame:
    """Read one living contact as `read_contacts` does; no row when it is not there or of another brand (None: any)."""
    mine = "c.id = $first AND ($brand IS NULL OR c.brand = $brand::UUID)"
    named = {"first": contact, "brand": brand and str(brand)}
    if index_is_current(con):
        indexed = f"SELECT {_INDEXED} FROM contact_index c WHERE {mine}"
        return _with_card(fetch_rows(con, indexed, named))
    living = f"chosen AS (SELECT 0 AS position, c.id FROM contacts c WHERE {mine} AND c.deleted_at IS NULL)"
    return Chosen(living, contact, contact, 1, named).read(con, _FACTS)


def shown_contact(shown: pl.DataFrame) -> pl.DataFrame:
    """Make of how a contact is shown (`storage.indexing.refresh_index`) what `read_contact` reads."""
    return shown.hstack([pl.Series("deleted_at", [None], pl.Float64), pl.Series("deleted_for", [None], pl.String)])


def _with_card(indexed: pl.DataFrame) -> pl.DataFrame:
    decoded = with_column(indexed, pl.col("card").str.json_decode(_CARD))
    return indexed.hstack(decoded["card"].struct.unnest().unnest("summary"))


def read_attributes(con: "duckdb.DuckDBPyConnection", chosen: Chosen) -> pl.DataFrame:
    """Read the living attributes of contacts, in order of position and those of one as created (contract RULES C12)."""
    if chosen.count == 1:
        alone = f"SELECT 0 AS position, {_ATTRIBUTE} FROM contact_attributes a WHERE {_LIVING}"
        return fetch_rows(con, alone, {"first": chosen.first, "last": chosen.last}, order=("created_at", "id"))
    tables = f"chosen JOIN contact_attributes a ON a.contact = chosen.id WHERE {_LIVING}"
    attributes = chosen.read(con, f"SELECT chosen.position, {_ATTRIBUTE} FROM {tables}")
    return attributes.sort("position", "created_at", "id")  # of thousands DuckDB is slower


def read_named_attributes(con: "duckdb.DuckDBPyConnection", contact: UUID, attributes: Sequence[UUID]) -> pl.DataFrame:
    """Read some attributes of one contact, in the order named."""
    named = f"{_LIVING} AND list_contains($attributes::UUID[], a.id)"
    query = f"SELECT {_ATTRIBUTE}, list_position($attributes::UUID[], a.id) AS position"
    ids = [str(attribute) for attribute in attributes]
    given = {"first": contact, "last": contact, "attributes": ids}
    return fetch_rows(con, f"{query} FROM contact_attributes a WHERE {named}", given, order=("position",))


def read_collections(con: "duckdb.DuckDBPyConnection", chosen: Chosen, kind: str) -> pl.DataFrame:
    """Read the lists, flows or deals that contacts are in, by name: [contact, id, name, …]."""
    query = f"""
        SELECT m.contact::VARCHAR AS contact, {_ids("k", "id", "created_by")}, {_times("k")}, k.name
        FROM collection_members m JOIN collections k ON k.id = m.collection
        WHERE m.contact IN (SELECT id FROM chosen) AND k.kind = $kind ORDER BY k.name, k.id
        """
    return chosen.read(con, query, kind=kind)


def read_matching_users(con: "duckdb.DuckDBPyConnection", chosen: Chosen) -> pl.DataFrame:
    """Read the users of the team who have an own e-mail address or phone number of a contact: [contact, id, …]."""
    query = f"""
        SELECT DISTINCT c.id::VARCHAR AS contact, {_USER}
        FROM chosen JOIN contacts c ON c.id = chosen.id JOIN contact_attributes a ON a.contact = c.id
        JOIN users u ON u.brand = c.brand AND a.key IN (u.email_key, u.phone_key)
        WHERE c.id BETWEEN $first AND $last AND a.contact BETWEEN $first AND $last
          AND a.deleted_at IS NULL AND NOT a.is_partner AND a.attribute_type IN ('email', 'phone_number')
        ORDER BY ALL
        """
    return chosen.read(con, query)


def read_users(con: "duckdb.DuckDBPyConnection") -> pl.DataFrame:
    """Read the users of all teams, each with its `brand`: whose contacts may show more of it than its id."""
    return read_rows(con, f"SELECT {_USER}, {_ids('u', 'brand')} FROM users u", {})


def read_tags(con: "duckdb.DuckDBPyConnection", *, brand: UUID | None) -> pl.DataFrame:
    """Read the tag collection of a brand, or of all, in byte order (contract RULES G4)."""
    query = f"""
        SELECT {_ids("t", "id", "created_by", "updated_by")}, {_times("t")}, t.tag, t.touch_freq
        FROM tags t WHERE t.deleted_at IS NULL AND ($brand IS NULL OR t.brand = $brand::UUID) ORDER BY t.tag, t.id
        """
    return read_rows(con, query, {"brand": brand and str(brand)})


def read_definitions(con: "duckdb.DuckDBPyConnection", *, brand: UUID | None, only: UUID | None = None) -> pl.DataFrame:
    """Read the attribute definitions in the documented order, those of a brand (None: of all) after them; or one."""
    query = f"""
        {_DEFINITIONS} WHERE d.deleted_at IS NULL AND (d."global" OR $brand IS NULL OR d.brand = $brand::UUID)
          AND ($only IS NULL OR d.id = $only::UUID)
        ORDER BY d.position, d.id
        """
    return read_rows(con, query, {"brand": brand and str(brand), "only": only and str(only)})


def read_every_definition(con: "duckdb.DuckDBPyConnection") -> pl.DataFrame:
    """Read all attribute definitions, deleted ones too, since attributes may still be of them."""
    return read_rows(con, _DEFINITIONS, {})


def _ids(table: str, *names: str) -> str:
    return ", ".join(f'{table}."{name}"::VARCHAR AS "{name}"' for name in names)


def _times(table: str) -> str:
    return ", ".join(f"{_seconds(f'{table}.{name}')} AS {name}" for name in ("created_at", "updated_at"))


def _seconds(time: str) -> str:
    """Seconds of a time; dividing microseconds is exact where epoch() is off by a bit."""
    return f"epoch_us({time}) / 1e6"


_LISTS = ("emails", "phone_numbers", "website", "tags", "summary_tags")
_TEXTS = (
    *("display_name", "sort_field", "partner_name", "title", "first_name", "partner_first_name", "middle_name"),
    *("last_name", "partner_last_name", "marketing_name", "nickname", "email", "partner_email", "phone_number"),
    *("company", "profile_image_url", "cover_image_url", "job_title", "source_type", "source"),
    *("summary_display_name", "abbreviated_display_name"),
)
# What the JSON text `card` of the index holds.
_CARD = pl.Struct(
    {
        **dict.fromkeys(("created_at", "updated_at", "last_touch", "next_touch"), pl.Float64),
        "touch_freq": pl.Int32,
        "parked": pl.Boolean,
        **dict.fromkeys(OWN_TEXTS, pl.String),
        "summary": pl.Struct(
            {
                **dict.fromkeys(_TEXTS, pl.String),
                **dict.fromkeys(_LISTS, pl.List(pl.String)),
                "birthday": pl.Int64,
                "address": pl.List(pl.Struct(dict.fromkeys(PARTS, pl.String))),
            }
        ),
    }
)
_OWN_IDS = ("id", "brand", "user_id", "created_by", "updated_by")
# The range is said of both tables: DuckDB would not carry it over, and read all summaries for one.
_FACTS = f"""
    SELECT chosen.* EXCLUDE (id), {_ids("c", *_OWN_IDS)}, {_times("c")}, {_seconds(LAST_TOUCH)} AS last_touch,
        {_seconds(NEXT_TOUCH)} AS next_touch, c.touch_freq, {_seconds("c.deleted_at")} AS deleted_at, c.deleted_for,
        {", ".join(f"c.{name}" for name in OWN_TEXTS)}, c.parked, s.* EXCLUDE (contact)
    FROM chosen JOIN contacts c ON c.id = chosen.id
    LEFT JOIN (SELECT * FROM contact_summaries WHERE contact BETWEEN $first AND $last) s ON s.contact = c.id
    WHERE c.id BETWEEN $first AND $last ORDER BY chosen.position, c.id
    """
_INDEXED = f"{_ids('c', *_OWN_IDS)}, NULL::DOUBLE AS deleted_at, NULL::VARCHAR AS deleted_for, c.card"
_ATTRIBUTE = f"""
    {_ids("a", "id", "contact", "attribute_def", "created_by", "updated_by")}, {_times("a")},
    NULL::DOUBLE AS deleted_at, a.label, a.is_primary, a.is_partner, a."index", a.attribute_type,
    a.number, a.date, a.place,
    -- E-mails are kept as sent and shown in lower case (contract RULES D11).
    CASE WHEN a.attribute_type = 'email' THEN lower(a.text) ELSE a.text END AS text
    """
_LIVING = "a.deleted_at IS NULL AND a.contact BETWEEN $first AND $last"
_USER = f"""{_ids("u", "id")}, {_times("u")}, u.email, u.phone_number, u.first_name, u.last_name"""
_DEFINITIONS = f"""
    SELECT d.* REPLACE ({_ids("d", "id", "created_by", "updated_by", "user", "brand")}, {_times("d")},
        {_seconds("d.deleted_at")} AS deleted_at)
    FROM attribute_defs d
    """
