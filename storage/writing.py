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

__all__ = [
    "Writer",
    "add_tags",
    "delete_attributes",
    "find_attributes",
    "insert_values",
    "read_standing",
    "stage_values",
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


def stage_values(
    con: duckdb.DuckDBPyConnection,
    values: pl.DataFrame,
    addresses: pl.DataFrame,
    slots: pl.DataFrame,
    *,
    targets: pl.DataFrame,
    given: pl.DataFrame,
) -> None:
    """Stage values in `written`: a row a value and contact it is for.

    Args: values, addresses, slots: as `transforms.pieces` makes them; targets [row: u32, contact: str], the
    contacts each row of values is for; given [row: u32, position: u32, id: str, keeps_primary: bool], which values take
    the place of which attribute.
    """
    placed = addresses.lazy().with_columns(pl.concat_list("address").alias("place")).drop("address")
    staged = (
        pl.concat([values.lazy(), placed], how="diagonal")
        .join(targets.lazy(), on="row")
        .join(slots.lazy(), on="slot")
        .join(given.lazy(), on=["row", "position"], how="left")
    )
    con.register("staged", staged.collect())
    con.execute(_STAGE)
    con.unregister("staged")


def insert_values(con: duckdb.DuckDBPyConnection, writer: Writer) -> None:
    """Add the staged values to contacts that are new."""
    con.execute(_INSERT, writer.parameters())


def update_values(con: duckdb.DuckDBPyConnection, targets: pl.DataFrame, writer: Writer) -> None:
    """Write the staged values to contacts that stand, and stamp those contacts.

    A value without an id takes the place of one that stands when its definition is singular (contract RULES D5) or it
    is a tag the contact has; a new primary clears the old one without touching its times (D3, D4).
    """
    bounds = bounds_of(targets)
    con.execute(_RESOLVE, bounds)
    ((has_primary, has_standing, has_new),) = con.execute(_KINDS).fetchall()
    if has_primary:
        con.execute(_CLEAR_PRIMARIES, bounds)
    if has_standing:
        con.execute(_UPDATE, writer.parameters() | bounds)
    if has_new:
        con.execute(_INSERT, writer.parameters())


def add_tags(con: duckdb.DuckDBPyConnection, targets: pl.DataFrame, by: UUID) -> bool:
    """Add staged tags that are new to the collection, as old as their attribute (contract RULES G1, G2).

    Returns: whether any staged value is a tag.
    """
    if not con.execute("SELECT 1 FROM written WHERE attribute_type = 'tag' LIMIT 1").fetchall():
        return False
    con.execute(_ADD_TAGS, {"by": str(by)} | bounds_of(targets))
    return True


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


_STAGE = """
CREATE OR REPLACE TEMP TABLE written AS
SELECT coalesce(id::UUID, uuidv7()) AS id, id IS NOT NULL AS is_standing,
       coalesce(keeps_primary, false) AS keeps_primary, contact::UUID AS contact, attribute_def::UUID AS attribute_def,
       attribute_type, singular, label, is_primary, is_partner, "index", text, number, date, key,
       place::address[] AS place, position
FROM staged
"""

# Let DuckDB skip all but those contacts' part of the table.
_NEAR = "a.contact BETWEEN $low::UUID AND $high::UUID"

_RESOLVE = f"""
UPDATE written AS w SET id = f.standing, is_standing = true
FROM (
    SELECT n.id, min(a.id) AS standing
    FROM written n JOIN contact_attributes a
      ON a.contact = n.contact AND a.attribute_def = n.attribute_def AND a.is_partner = n.is_partner
     AND (n.singular OR n.attribute_type = 'tag' AND lower(trim(a.text)) = lower(n.text))
    WHERE NOT n.is_standing AND a.deleted_at IS NULL AND {_NEAR}
      AND a.id NOT IN (SELECT id FROM written WHERE is_standing)
    GROUP BY n.id
) f
WHERE w.id = f.id
"""

_KINDS = "SELECT bool_or(is_primary), bool_or(is_standing), bool_or(NOT is_standing) FROM written"

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

_ADD_TAGS = f"""
INSERT INTO tags BY NAME
SELECT uuidv7() AS id, c.brand, arg_min(a.text, (a.created_at, a.id)) AS tag, min(a.created_at) AS created_at,
       min(a.created_at) AS updated_at, $by::UUID AS created_by
FROM written w JOIN contact_attributes a ON a.contact = w.contact AND a.id = w.id JOIN contacts c ON c.id = w.contact
WHERE w.attribute_type = 'tag' AND {_NEAR} AND {_NEAR.replace("a.contact", "c.id")}
  AND NOT EXISTS (
      SELECT 1 FROM tags t WHERE t.brand = c.brand AND lower(t.tag) = lower(a.text) AND t.deleted_at IS NULL
  )
GROUP BY c.brand, lower(a.text)
"""
