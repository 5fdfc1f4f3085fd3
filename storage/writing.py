"""Write attribute values that a person sent: added, or in place of one that stands, for one contact or a million.

The values are staged once in the temporary table `written`, whatever they are for; every statement then works on all of
them. Times of one request are microseconds apart in the order sent (contract RULES C8); a value written by hand belongs
to no import job any more, so a later import leaves it alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import duckdb
import polars as pl

from storage.among import bounds_of
from storage.rows import insert_rows

__all__ = [
    "Writer",
    "add_tags",
    "delete_attributes",
    "find_attributes",
    "insert_values",
    "laid_out",
    "read_standing",
    "update_values",
    "written_attributes",
]


@dataclass(frozen=True)
class Writer:
    """Who writes, and when."""

    by: UUID
    now: datetime

    def parameters(self) -> dict[str, object]:
        """Return it as SQL parameters."""
        return {"by": str(self.by), "now": self.now}


def read_standing(con: duckdb.DuckDBPyConnection, named: pl.DataFrame) -> pl.DataFrame:
    """Read the attributes [contact: str, id: str] that stand, with the keys of a documented attribute body."""
    con.register("named", named)
    standing: pl.DataFrame = con.sql(
        """
        SELECT a.contact::VARCHAR AS contact, a.id::VARCHAR AS id, a.attribute_def::VARCHAR AS attribute_def,
               a.attribute_type, a.label, a.is_partner, a."index", a.text, a.number, a.date, a.address
        FROM contact_attributes a JOIN named n ON a.contact = n.contact::UUID AND a.id = n.id::UUID
        WHERE a.deleted_at IS NULL
          AND a.contact BETWEEN $low::UUID AND $high::UUID
        """,
        params=bounds_of(named),
    ).pl()
    con.unregister("named")
    return standing


def find_attributes(con: duckdb.DuckDBPyConnection, attributes: Sequence[UUID]) -> pl.DataFrame:
    """Find attributes that stand by their ids alone: [id: str, contact: str]; the whole table is read for it."""
    found: pl.DataFrame = con.sql(
        "SELECT id::VARCHAR AS id, contact::VARCHAR AS contact FROM contact_attributes "
        "WHERE deleted_at IS NULL AND id IN (SELECT unnest($ids::UUID[]))",
        params={"ids": [str(attribute) for attribute in attributes]},
    ).pl()
    return found


def written_attributes(con: duckdb.DuckDBPyConnection) -> list[UUID]:
    """Name the attributes that the staged values became, in the order sent."""
    rows = con.execute("SELECT id FROM written ORDER BY contact, position").fetchall()
    return [UUID(str(identity)) for (identity,) in rows]


def laid_out(
    values: pl.DataFrame,
    addresses: pl.DataFrame,
    slots: pl.DataFrame,
    *,
    targets: pl.DataFrame,
    given: pl.DataFrame,
) -> pl.DataFrame:
    """Lay values out as they are written: a row a value and contact it is for, in the order of contacts and as sent.

    Args: values, addresses, slots: as `transforms.pieces` makes them; targets [row: u32, contact: str], the
    contacts each row of values is for; given [row: u32, position: u32, id: str, keeps_primary: bool], which values take
    the place of which attribute.
    """
    placed = addresses.with_columns(pl.concat_list("address").alias("place")).drop("address")
    return (
        pl.concat([values, placed], how="diagonal")
        .join(targets, on="row")
        .join(slots, on="slot")
        .join(given, on=["row", "position"], how="left")
        .select(
            "id", pl.col("id").is_not_null().alias("is_standing"), pl.col("keeps_primary").fill_null(False), *_VALUE
        )
        .sort("contact", "position")
    )


def insert_values(con: duckdb.DuckDBPyConnection, values: pl.DataFrame, writer: Writer) -> None:
    """Add values, as `laid_out` returns them, to contacts that are new."""
    written_at = pl.lit(writer.now) + pl.duration(microseconds="position")
    rows = values.select(
        *(name for name in _VALUE if name not in ("singular", "position")),
        written_at.alias("created_at"),
        written_at.alias("updated_at"),
        pl.lit(str(writer.by)).alias("created_by"),
    )
    insert_rows(con, "contact_attributes", rows, made={"id": "uuidv7()"})


def update_values(con: duckdb.DuckDBPyConnection, values: pl.DataFrame, targets: pl.DataFrame, writer: Writer) -> None:
    """Write values, as `laid_out` returns them, to contacts [contact: str] that stand.

    A value takes the place of one that stands when its definition is singular (contract RULES D5) or it is a tag the
    contact has: without an id it is written over that one, with the id of another that one is deleted softly. A new
    primary clears the old one without touching its times (D3, D4).
    """
    bounds = bounds_of(targets)
    con.execute(_WRITTEN)
    insert_rows(con, "written", values, made={"id": "coalesce({}::UUID, uuidv7())"})
    standing = values["is_standing"].sum()
    can_stand = pl.col("singular") | (pl.col("attribute_type") == "tag")
    if values.select((can_stand & ~pl.col("is_standing")).any()).item():
        standing += con.execute(_RESOLVE, bounds).fetchall()[0][0]
    if values.select((can_stand & pl.col("is_standing")).any()).item():
        con.execute(_DELETE_DISPLACED, writer.parameters() | bounds)
    if values["is_primary"].any():
        con.execute(_CLEAR_PRIMARIES, bounds)
    if standing:
        con.execute(_UPDATE, writer.parameters() | bounds)
    if standing < values.height:
        con.execute(_INSERT, writer.parameters())


def add_tags(con: duckdb.DuckDBPyConnection, tags: pl.DataFrame, brand: UUID, writer: Writer) -> bool:
    """Add the tags that are new to a brand's collection, as old as their attribute.

    Args: tags, as `laid_out` returns values, those that stand written already.
    Returns: whether any of them says how often to be in touch. Source: contract RULES G1, G2.
    """
    named = {"tags": tags["text"].to_list(), "brand": str(brand)}
    ((has_new, has_frequency),) = con.execute(_KNOWN_TAGS, named).fetchall()
    if has_new:
        told = named | {"positions": tags["position"].to_list()} | writer.parameters()
        if tags["is_standing"].any():
            given = {"attributes": tags["id"].to_list(), **bounds_of(tags)}
            con.execute(_ADD_TAGS.format(attribute="unnest($attributes::UUID[])", age=_AGE_OF_STANDING), told | given)
        else:
            con.execute(_ADD_TAGS.format(attribute="NULL", age=_AGE), told)
    return bool(has_frequency)


def delete_attributes(con: duckdb.DuckDBPyConnection, attributes: pl.DataFrame, writer: Writer) -> None:
    """Delete attributes [id: str, contact: str] softly (contract RULES D13)."""
    con.register("doomed", attributes)
    con.execute(
        """
        UPDATE contact_attributes AS a SET deleted_at = $now, updated_by = $by::UUID
        FROM (SELECT id::UUID AS id, contact::UUID AS contact FROM doomed) d
        WHERE a.contact = d.contact AND a.id = d.id AND a.deleted_at IS NULL
          AND a.contact BETWEEN $low::UUID AND $high::UUID
        """,
        writer.parameters() | bounds_of(attributes),
    )
    con.unregister("doomed")


_VALUE = (
    *("contact", "attribute_def", "attribute_type", "singular", "label", "is_primary", "is_partner", "index", "text"),
    *("number", "date", "key", "place", "position"),
)
_WRITTEN = """
CREATE OR REPLACE TEMP TABLE written (
    id UUID, is_standing BOOLEAN, keeps_primary BOOLEAN, contact UUID, attribute_def UUID, attribute_type VARCHAR,
    singular BOOLEAN, label VARCHAR, is_primary BOOLEAN, is_partner BOOLEAN, "index" INTEGER, text VARCHAR,
    number DOUBLE, date BIGINT, key VARCHAR, place address[], position BIGINT
)
"""

# Let DuckDB skip all but those contacts' part of the table.
_NEAR = "a.contact BETWEEN $low::UUID AND $high::UUID"

_SAME_PLACE = """
a.contact = n.contact AND a.attribute_def = n.attribute_def AND a.is_partner = n.is_partner
AND (n.singular OR n.attribute_type = 'tag' AND lower(trim(a.text)) = lower(n.text))
"""

_RESOLVE = f"""
UPDATE written AS w SET id = f.standing, is_standing = true
FROM (
    SELECT n.id, min(a.id) AS standing
    FROM written n JOIN contact_attributes a ON {_SAME_PLACE}
    WHERE NOT n.is_standing AND a.deleted_at IS NULL AND {_NEAR}
      AND a.id NOT IN (SELECT id FROM written WHERE is_standing)
    GROUP BY n.id
) f
WHERE w.id = f.id
"""

_DELETE_DISPLACED = f"""
UPDATE contact_attributes AS a SET deleted_at = $now, updated_by = $by::UUID
FROM written n
WHERE n.is_standing AND {_SAME_PLACE} AND a.deleted_at IS NULL AND {_NEAR} AND a.id NOT IN (SELECT id FROM written)
"""

_CLEAR_PRIMARIES = f"""
UPDATE contact_attributes AS a SET is_primary = false
FROM written w
WHERE w.is_primary AND a.contact = w.contact AND a.attribute_def = w.attribute_def AND a.id <> w.id
  AND a.is_primary AND a.deleted_at IS NULL AND {_NEAR}
"""

_UPDATE = f"""
UPDATE contact_attributes AS a
SET label = w.label, is_primary = CASE WHEN w.keeps_primary THEN a.is_primary ELSE w.is_primary END,
    is_partner = w.is_partner, "index" = w."index", text = w.text, number = w.number, date = w.date, key = w.key,
    place = w.place, updated_at = $now + to_microseconds(w.position), updated_by = $by::UUID, job = NULL
FROM written w WHERE w.is_standing AND a.contact = w.contact AND a.id = w.id AND {_NEAR}
"""

_INSERT = """
INSERT INTO contact_attributes BY NAME
SELECT id, contact, attribute_def, attribute_type, label, is_primary, is_partner, "index", text, number, date, place,
       key, $now + to_microseconds(position) AS created_at, $now + to_microseconds(position) AS updated_at,
       $by::UUID AS created_by
FROM written WHERE NOT is_standing ORDER BY contact, position
"""

_KNOWN_TAGS = """
SELECT bool_or(t.id IS NULL), coalesce(bool_or(t.touch_freq > 0), false)
FROM (SELECT unnest($tags::VARCHAR[]) AS tag) w
LEFT JOIN tags t ON lower(t.tag) = lower(w.tag) AND t.brand = $brand::UUID AND t.deleted_at IS NULL
"""

_AGE = "$now + to_microseconds(w.position)"
_AGE_OF_STANDING = f"""
coalesce((SELECT min(a.created_at) FROM contact_attributes a WHERE a.id = w.attribute AND {_NEAR}), {_AGE})
"""

_ADD_TAGS = f"""
INSERT INTO tags BY NAME
SELECT uuidv7() AS id, $brand::UUID AS brand, arg_min(w.tag, (w.position, w.place)) AS tag,
       min({{age}}) AS created_at, min({_AGE}) AS updated_at, $by::UUID AS created_by
FROM (
    SELECT unnest($tags::VARCHAR[]) AS tag, unnest($positions::BIGINT[]) AS position, {{attribute}} AS attribute,
           generate_subscripts($tags::VARCHAR[], 1) AS place
) w
WHERE NOT EXISTS (
    SELECT 1 FROM tags t WHERE t.brand = $brand::UUID AND lower(t.tag) = lower(w.tag) AND t.deleted_at IS NULL
)
GROUP BY lower(w.tag)
"""
