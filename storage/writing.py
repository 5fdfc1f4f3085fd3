"""Write attribute values that a person sent: added, or in place of one that stands, for one contact or a million.

What stands is read first; what comes is put in its place in frames, which say how the contacts look afterwards; then
the rows that differ are written. Times of one request are microseconds apart in the order sent (contract RULES C8); a
value written by hand belongs to no import job any more, so a later import leaves it alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import duckdb
import polars as pl

from storage.among import among, bounds_of
from storage.frames import beside, in_order, is_any, joined, no_texts, where
from storage.rows import epoch_us, execute, fetch_rows, insert_rows, new_ids, run_for_rows

__all__ = [
    "Placed",
    "Writer",
    "add_tags",
    "delete_attributes",
    "find_attributes",
    "insert_values",
    "laid_out",
    "put_in_place",
    "read_standing",
    "write_placed",
]


@dataclass(frozen=True)
class Writer:
    """Who writes, and when."""

    by: UUID
    now: datetime

    def parameters(self) -> dict[str, object]:
        """Return it as SQL parameters."""
        return {"by": str(self.by), "now": self.now}


@dataclass(frozen=True)
class Placed:
    """What writing values to contacts comes to.

    written: the values, as `laid_out` has them, with the ids of the attributes they become, and is_new: bool,
    created_at, updated: time; displaced [contact, id]: attributes whose place is taken; cleared [contact, id, …]: those
    that are primary no longer; after: all attributes then, as `storage.contacts.read_attributes` reads them.
    """

    written: pl.DataFrame
    displaced: pl.DataFrame
    cleared: pl.DataFrame
    after: pl.DataFrame


def read_standing(con: duckdb.DuckDBPyConnection, named: pl.DataFrame) -> pl.DataFrame:
    """Read the attributes [contact: str, id: str] that stand, with the keys of a documented attribute body."""
    with among(con, named.select("contact").unique()) as owners:
        standing = owners.read(
            f"""
            SELECT a.contact::VARCHAR AS contact, a.id::VARCHAR AS id, a.attribute_def::VARCHAR AS attribute_def,
                   a.attribute_type, a.label, a.is_partner, a."index", a.text, a.number, a.date, a.place
            FROM contact_attributes a
            WHERE a.deleted_at IS NULL AND {owners.told("a.contact")} AND list_contains($ids::UUID[], a.id)
            """,
            ids=named["id"].to_list(),
        )
    address = pl.col("place").list.first().alias("address")
    return standing.join(named, on=["contact", "id"], how="semi").with_columns(address).drop("place")


def find_attributes(con: duckdb.DuckDBPyConnection, attributes: Sequence[UUID]) -> pl.DataFrame:
    """Find attributes that stand by their ids alone: [id: str, contact: str]; the whole table is read for it."""
    found: pl.DataFrame = con.sql(
        "SELECT id::VARCHAR AS id, contact::VARCHAR AS contact FROM contact_attributes "
        "WHERE deleted_at IS NULL AND id IN (SELECT unnest($ids::UUID[]))",
        params={"ids": [str(attribute) for attribute in attributes]},
    ).pl()
    return found


def laid_out(
    values: pl.DataFrame,
    addresses: pl.DataFrame,
    slots: pl.DataFrame,
    *,
    targets: pl.DataFrame,
    given: pl.DataFrame,
) -> pl.DataFrame:
    """Lay values out as they are written: a row a value and contact it is for, in the order of contacts and as sent.

    Args: values, addresses: as `transforms.pieces` makes them; slots, what they stand for, in the order of their
    numbers; targets [row: u32, contact: str], the contacts each row of values is for; given [row: u32, position: u32,
    id: str, keeps_primary: bool], which values take the place of which attribute.
    """
    if addresses.height:
        placed = addresses.with_columns(pl.concat_list("address").alias("place")).drop("address")
        every = pl.concat([values, placed], how="diagonal")
    else:
        every = values.with_columns_seq(pl.lit(None, pl.List(addresses.schema["address"])).alias("place"))
    if given.height:
        every = every.join(given, on=["row", "position"], how="left").with_columns(_IS_KEPT)
    else:
        every = every.with_columns_seq(_NOT_GIVEN)
    if targets.height == 1:
        every = where(every, every["row"] == targets["row"][0])
        every = every.hstack([targets["contact"].new_from_index(0, every.height)])
    else:
        every = every.join(targets[["row", "contact"]], on="row")
    kinds = ("attribute_def", "attribute_type", "singular", "label", "index", "is_partner")
    laid_out = every.hstack([slots[kind][every["slot"]] for kind in kinds])[["id", "keeps_primary", *_VALUE]]
    return in_order(laid_out, "contact", "position")


def insert_values(con: duckdb.DuckDBPyConnection, values: pl.DataFrame, writer: Writer) -> None:
    """Add values, as `laid_out` returns them; those without an id get one."""
    moments = _moments(values, writer)
    rows = values[["id", *_INSERTED]].hstack([moments.alias("created_at"), moments.alias("updated_at")])
    made = {"id": "coalesce({}::UUID, uuidv7())"}
    insert_rows(con, "contact_attributes", rows, same={"created_by": str(writer.by)}, made=made)


def put_in_place(
    con: duckdb.DuckDBPyConnection, values: pl.DataFrame, standing: pl.DataFrame, writer: Writer
) -> Placed:
    """Put values, as `laid_out` returns them, in their place among the attributes of contacts that stand.

    A value takes the place of one that stands when its definition is singular (contract RULES D5) or it is a tag the
    contact has: without an id it is written over that one, with the id of another that one is deleted softly. A new
    primary clears the old one without touching its times (D3, D4). A text that stays the same keeps its key: an import
    may have known the country of a number.
    Args: standing, all attributes of the contacts as `storage.contacts.read_attributes` returns them.
    """
    values = values.hstack([_spelt(con, values)])
    met = _meeting(values, standing)
    written = _written(values, standing, met, writer)
    if new := int(written["is_new"].sum()):
        written = written.with_columns(written["id"].scatter(written["is_new"].arg_true(), new_ids(con, new)))
    displaced = where(met, met["id"].is_not_null())[["contact", "standing"]].rename({"standing": "id"})
    gone = pl.concat([displaced["id"], written["id"]])
    kept = where(standing, ~is_any(standing["id"], gone))
    cleared = kept.clear()
    if written["is_primary"].any():
        primaries = written.filter("is_primary")
        cleared = kept.join(primaries, on=["contact", "attribute_def"], how="semi").filter("is_primary")
        kept = kept.with_columns(pl.col("is_primary") & ~pl.col("id").is_in(cleared["id"].implode()))
    after = in_order(kept.vstack(written[kept.columns]), "contact", "created_at", "id")
    return Placed(written, displaced, cleared[["contact", "id"]], after)


def write_placed(con: duckdb.DuckDBPyConnection, placed: Placed, writer: Writer) -> None:
    """Write what differs."""
    if placed.displaced.height:
        delete_attributes(con, placed.displaced, writer)
    run_for_rows(con, _CLEAR_PRIMARY, placed.cleared, bounds_of(placed.written))
    is_new = placed.written["is_new"]
    rewritten = where(placed.written, ~is_new)
    for value, columns in _HELD.items():
        if rewritten[value].count():
            rows = where(rewritten, rewritten[value].is_not_null())[[*_CHANGED, *columns]]
            rows = rows.rename({"index": "grouped"})  # to be named in SQL without quotation marks
            values = ", ".join(f"{name} = w.{name}" for name in columns)
            run_for_rows(con, _UPDATE.format(values=values), rows, {"by": str(writer.by)} | bounds_of(rows))
    if is_new.any():
        insert_values(con, where(placed.written, is_new), writer)


def _meeting(values: pl.DataFrame, standing: pl.DataFrame) -> pl.DataFrame:
    """Say which values meet one that stands in their place and is not itself written to.

    Returns: nth, the place of the value among values; id, the one it was sent with; contact; and of the other _WAS.
    """
    place = ["contact", "attribute_def", "is_partner", "spelt"]
    if values["id"].count():
        standing = where(standing, ~is_any(standing["id"], values["id"].drop_nulls()))
    others = standing[[*place, *_WAS]].rename(_WAS)
    placed = where(values.with_row_index("nth"), values["singular"] | values["spelt"].is_not_null())
    return joined(placed, others, on=place)[["nth", "id", "contact", *_WAS.values()]]


def _spelt(con: duckdb.DuckDBPyConnection, values: pl.DataFrame) -> pl.Series:
    """How tags are spelt, whatever their case, and null for all else: by DuckDB, as in the collection of tags.

    Tags take each other's place when they are spelt alike, values of a singular definition whatever they are.
    """
    is_tag = values["attribute_type"] == "tag"
    if not is_tag.any():
        return no_texts("spelt", values.height)
    tags = values["text"].zip_with(is_tag, pl.Series([None], dtype=pl.String)).alias("spelt")
    distinct = tags.drop_nulls().unique()
    lower = "SELECT list_transform($tags::VARCHAR[], lambda tag: lower(tag)) AS spelt"
    return tags.replace(distinct, fetch_rows(con, lower, {"tags": distinct.to_list()})["spelt"].explode())


def _written(values: pl.DataFrame, standing: pl.DataFrame, met: pl.DataFrame, writer: Writer) -> pl.DataFrame:
    """Give values without an id that of the first they meet, and all what they keep of what they are written over."""
    numbered, was = values.with_row_index("nth"), ["nth", *_WAS.values()]
    taken = met[was]
    if values["id"].count():
        given = numbered.filter(values["id"].is_not_null()).join(
            standing[[*_WAS]].rename(_WAS), left_on="id", right_on="standing", coalesce=False
        )
        taken = pl.concat([where(taken, met["id"].is_null()), given[was]])
    if taken.height > 1:
        taken = in_order(taken, "nth", "standing").unique("nth", keep="first", maintain_order=True)
    placed = beside(numbered, taken, on="nth")
    is_new, updated = placed["standing"].is_null(), _moments(values, writer)
    is_same = placed["text"].eq_missing(placed["was_text"]) & ~is_new
    placed = placed.hstack([is_new.alias("is_new"), updated.alias("updated")]).with_columns_seq(
        placed["standing"].alias("id"),
        placed["was_created_at"].zip_with(~is_new, updated).alias("created_at"),
        placed["was_key"].zip_with(is_same, placed["key"]).alias("key"),
    )
    return placed.with_columns(_KEPT_PRIMARY) if placed["keeps_primary"].any() else placed


def add_tags(con: duckdb.DuckDBPyConnection, tags: pl.DataFrame, brand: UUID, writer: Writer) -> bool:
    """Add the tags that are new to a brand's collection, as old as their attribute.

    Args: tags, as `laid_out` returns values, those that stand written already.
    Returns: whether any of them says how often to be in touch. Source: contract RULES G1, G2.
    """
    named = {"tags": tags["text"].to_list(), "brand": str(brand)}
    known = execute(con, _KNOWN_TAGS, named).fetchall()
    if len(known) < tags.height:
        told = named | {"positions": tags["position"].to_list()} | writer.parameters()
        if tags["id"].count():
            given = {"attributes": tags["id"].to_list(), **bounds_of(tags)}
            execute(con, _ADD_TAGS.format(attribute="unnest($attributes::UUID[])", age=_AGE_OF_STANDING), told | given)
        else:
            execute(con, _ADD_TAGS.format(attribute="NULL", age=_AGE), told)
    return any(frequency for (frequency,) in known)


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


def _moments(values: pl.DataFrame, writer: Writer) -> pl.Series:
    """When each of the values was written."""
    return (values["position"].cast(pl.Int64) + epoch_us(writer.now)).cast(pl.Datetime("us", "UTC"))


_INSERTED = (
    *("contact", "attribute_def", "attribute_type", "label", "is_primary", "is_partner", "index", "text", "number"),
    *("date", "key", "place"),
)
_VALUE = (*_INSERTED, "singular", "position")
_IS_KEPT = pl.col("keeps_primary").fill_null(False)
_NOT_GIVEN = (pl.lit(None, pl.String).alias("id"), pl.lit(False).alias("keeps_primary"))
# The columns of a value, by the one that says it; a definition's values are all of one kind.
_HELD = {"text": ("text", "key"), "number": ("number",), "date": ("date",), "place": ("place",)}
_CHANGED = ("id", "contact", "label", "is_primary", "is_partner", "index", "updated")
# What is to be known of one that stands, by its column, and how it is called beside a value that meets it.
_WAS = {"id": "standing", "created_at": "was_created_at", "is_primary": "was_is_primary", "text": "was_text"}
_WAS |= {"key": "was_key"}
# Who does not say keeps what it was, unless another is sent as the primary one.
_KEPT_PRIMARY = (
    pl.when(~pl.col("is_new") & pl.col("keeps_primary"))
    .then(pl.col("was_is_primary") & ~pl.col("is_primary").any().over("contact", "attribute_def"))
    .otherwise("is_primary")
    .alias("is_primary")
)

# Let DuckDB skip all but those contacts' part of the table.
_NEAR = "a.contact BETWEEN $low::UUID AND $high::UUID"
_THIS = f"a.contact = w.contact::UUID AND a.id = w.id::UUID AND {_NEAR}"
_CLEAR_PRIMARY = f"UPDATE contact_attributes AS a SET is_primary = false {{rows}} WHERE {_THIS}"
_UPDATE = f"""
UPDATE contact_attributes AS a
SET label = w.label, is_primary = w.is_primary, is_partner = w.is_partner, "index" = w.grouped, {{values}},
    updated_at = w.updated, updated_by = $by::UUID, job = NULL {{{{rows}}}}
WHERE {_THIS}
"""

_KNOWN_TAGS = """
SELECT touch_freq FROM tags
WHERE brand = $brand::UUID AND deleted_at IS NULL
  AND list_contains(list_transform($tags::VARCHAR[], lambda tag: lower(tag)), lower(tag))
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
