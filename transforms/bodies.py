"""Cut the attributes of documented contact bodies into pieces.

A body names each attribute by definition id or name and carries label, index and flags of its own; the distinct
combinations become the slots, and from there the rules are those of table rows.
"""

from collections.abc import Sequence

import polars as pl

from transforms.addresses import LEGACY_TYPES, PARTS
from transforms.binding import Definition
from transforms.pieces import ADDRESSES, REJECTS, VALUES, Pieces, clean_values, gathered, parted, settled
from transforms.texts import text_fault

__all__ = ["cut_bodies"]

UNKNOWN_DEFINITION = "no such attribute definition"
DISAGREEING = "attribute_def and attribute_type name different definitions"
NEEDS_TEXT = "a text attribute needs its value in `text`"
NEEDS_NUMBER = "a number attribute needs its value in `number`"
NEEDS_DATE = "a date attribute needs unix seconds in `date`"
NEEDS_ADDRESS = "an address attribute needs its components in `address`"
DAY_S = 86_400

_SLOT = ["attribute_def", "attribute_type", "singular", "label", "index", "is_partner"]


def cut_bodies(
    attributes: pl.DataFrame, definitions: Sequence[Definition], *, region: str
) -> tuple[Pieces, pl.DataFrame]:
    """Cut the attributes of contact bodies into pieces.

    Args: attributes [row: u32, position: u32, attribute_def, attribute_type, text, number, date, label, index,
    is_primary, is_partner, address: struct], in the order sent.
    Returns: the pieces, and what their slots stand for, as `slot_frame` describes it.
    Source: contract RULES A11 (older types), B1 and B3 (dates), D7 (naming), D8 (label of addresses), E5 (empty
    components).
    """
    sent = _folded(attributes, definitions).with_row_index("place")
    # Addresses weigh more than all else and few attributes have one: they stay behind until those are cleaned.
    addresses = sent.select("place", "address").filter(pl.col("address").is_not_null())
    known, unknown = _resolved(sent.drop("address"), definitions)
    known, slots = _numbered(known)
    values, rejects = [], [unknown]
    for (kind,), mine in known.group_by("kind", maintain_order=True):
        whole = mine.join(addresses, on="place", how="left", maintain_order="left") if kind == "address" else mine
        good, bad = _cleaned(whole.drop("place"), kind, region=region)
        values.append(good)
        rejects.append(bad)
    frame = gathered([part for part in values if "address" not in part.columns], VALUES)
    places = gathered([part for part in values if "address" in part.columns], ADDRESSES)
    crowded = slots.filter(pl.col("singular"))["slot"].to_list()
    return settled(frame, places, gathered(rejects, REJECTS), slots, crowded=crowded), slots


def _folded(attributes: pl.DataFrame, definitions: Sequence[Definition]) -> pl.DataFrame:
    """Fold the parts of an address sent as attributes of their own (contract RULES A11) into one attribute.

    Parts belong together when row, index and partner are the same; a second city begins a second address. It stands
    where its first part stood and has the first label among them. A type that is defined today is left alone.
    """
    parts = {old: part for old, part in LEGACY_TYPES.items() if old not in {one.name for one in definitions}}
    is_text = pl.col("attribute_def").is_null() & pl.col("text").is_not_null()
    is_old = (pl.col("attribute_type").is_in([*parts]) & is_text).fill_null(False)
    if not attributes.select(is_old.any()).item():
        return attributes
    together = ["row", "index", "is_partner"]
    text = pl.col("text").str.strip_chars()
    old = attributes.filter(is_old & (text != "")).with_columns(
        pl.int_range(pl.len()).over([*together, "attribute_type"]).alias("nth")
    )
    cells = {part: text.filter(pl.col("attribute_type") == name).first().alias(part) for name, part in parts.items()}
    folded = old.group_by([*together, "nth"], maintain_order=True).agg(
        pl.lit("address").alias("attribute_type"),
        pl.col("position").min(),
        pl.col("label").drop_nulls().first(),
        pl.col("is_primary").any(),
        pl.struct(cells.get(part, pl.lit(None, pl.String).alias(part)) for part in PARTS).alias("address"),
    )
    return gathered([attributes.filter(~is_old), folded], attributes.schema).sort("row", "position")


def _resolved(attributes: pl.DataFrame, definitions: Sequence[Definition]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Find each attribute's definition by id, name or both; returns (known, rejects)."""
    table = pl.DataFrame(
        [(definition.id, definition.name, definition.singular, definition.kind) for definition in definitions],
        schema={"id": pl.String, "name": pl.String, "singular": pl.Boolean, "kind": pl.String},
        orient="row",
    )
    found = (
        attributes.with_columns(pl.col("attribute_def").str.to_lowercase())
        .join(
            table.select("id", pl.col("name").alias("by_id")),
            left_on="attribute_def",
            right_on="id",
            how="left",
            maintain_order="left",
        )
        .with_columns(pl.coalesce("by_id", "attribute_type").alias("name"))
        .join(table, on="name", how="left", maintain_order="left")
    )
    unknown = pl.col("id").is_null() | (pl.col("attribute_def").is_not_null() & pl.col("by_id").is_null())
    disagreeing = (pl.col("by_id") != pl.col("attribute_type")).fill_null(False)
    good, bad = parted(found, ~unknown & ~disagreeing)
    refused = bad.with_columns(
        pl.coalesce("attribute_type", "attribute_def").alias("attribute_type"),
        pl.col("text").alias("value"),
        pl.when(unknown).then(pl.lit(UNKNOWN_DEFINITION)).otherwise(pl.lit(DISAGREEING)).alias("reason"),
    )
    known = good.with_columns(pl.col("id").alias("attribute_def"), pl.col("name").alias("attribute_type"))
    return known.drop("id", "name", "by_id"), gathered([refused], REJECTS)


def _numbered(known: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Number the distinct kinds of attribute as slots; returns `known` with its slot, and the slots."""
    is_address = pl.col("attribute_type") == "address"
    label = pl.col("label").str.strip_chars().replace("", None)
    known = known.with_columns(pl.when(is_address).then(label.fill_null("Home")).otherwise(label).alias("label"))
    slots = known.select(_SLOT).unique(maintain_order=True).with_row_index("slot")
    numbered = known.join(slots, on=_SLOT, how="left", nulls_equal=True, maintain_order="left")
    return numbered, slots


def _cleaned(mine: pl.DataFrame, kind: str, *, region: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    if kind == "address":
        return _addresses(mine)
    if kind == "date":
        midnight = (pl.col("date") // DAY_S) * DAY_S
        return _present(mine.with_columns(midnight.alias("date")), "date", NEEDS_DATE)
    if kind == "number":
        return _present(mine, "number", NEEDS_NUMBER)
    texts = mine.with_columns(pl.col("text").str.strip_chars().alias("text"))
    present, missing = _present(texts, "text", NEEDS_TEXT)
    raw = present.filter(pl.col("text") != "").select(
        "row", "slot", "position", "is_primary", "attribute_type", pl.col("text").alias("value")
    )
    good, bad = clean_values(raw, kind, region=region, date_order=None)
    return good, gathered([missing, bad], REJECTS)


def _present(mine: pl.DataFrame, column: str, reason: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Split attributes by whether the value their data type asks for is there."""
    present, missing = parted(mine, pl.col(column).is_not_null())
    value = pl.coalesce("text", pl.col("number").cast(pl.String), pl.col("date").cast(pl.String))
    refused = missing.with_columns(value.alias("value"), pl.lit(reason).alias("reason"))
    return present.drop({"text", "number", "date"} - {column}), gathered([refused], REJECTS)


def _addresses(mine: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    filled, faulty = _without_faulty_parts(mine.with_columns(_BLANK_AS_NULL))
    present, missing = parted(filled, _HAS_PART)
    refused = missing.with_columns(pl.col("text").alias("value"), pl.lit(NEEDS_ADDRESS).alias("reason"))
    return present, gathered([*faulty, refused], REJECTS)


def _without_faulty_parts(mine: pl.DataFrame) -> tuple[pl.DataFrame, list[pl.DataFrame]]:
    """Refuse the parts of addresses that hold what no text may: (attributes with them null, the rejects)."""
    if not mine.select(_HAS_FAULT.any()).item():
        return mine, []
    rejects = [
        mine.filter(text_fault(cell).is_not_null()).select(
            "row",
            pl.format("attributes[{}].address.{}", pl.col("position").cast(pl.Int64) - 1, pl.lit(part)).alias(
                "column_name"
            ),
            "attribute_type",
            cell.alias("value"),
            text_fault(cell).alias("reason"),
        )
        for part, cell in _PARTS.items()
    ]
    kept = [pl.when(text_fault(cell).is_null()).then(cell).alias(part) for part, cell in _PARTS.items()]
    return mine.with_columns(pl.struct(kept).alias("address")), rejects


_PARTS = {part: pl.col("address").struct.field(part) for part in PARTS}
_STRIPPED = {part: cell.str.strip_chars() for part, cell in _PARTS.items()}
_BLANK_AS_NULL = pl.struct(
    pl.when(cell.str.len_bytes() > 0).then(cell).alias(part) for part, cell in _STRIPPED.items()
).alias("address")
_HAS_PART = pl.any_horizontal(cell.is_not_null() for cell in _PARTS.values())
_HAS_FAULT = pl.any_horizontal(text_fault(cell).is_not_null() for cell in _PARTS.values())
