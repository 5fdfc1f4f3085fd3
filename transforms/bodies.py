"""Cut the attributes of documented contact bodies into pieces.

A body names each attribute by definition id or name and carries label, index and flags of its own; the distinct
combinations become the slots, and from there the rules are those of table rows.
"""

from collections.abc import Sequence

import polars as pl

from storage.errors import UsageError
from storage.frames import FEW, where, with_column
from transforms.addresses import LEGACY_TYPES, PARTS
from transforms.binding import Definition
from transforms.dates import OUT_OF_RANGE, day_bounds
from transforms.pieces import (
    ADDRESSES,
    NO_ADDRESSES,
    NO_REJECTS,
    REJECTS,
    VALUES,
    Pieces,
    clean_values,
    gathered,
    parted,
    settled,
)
from transforms.texts import text_fault

__all__ = ["cut_bodies"]

UNKNOWN_DEFINITION = "no such attribute definition"
DISAGREEING = "attribute_def and attribute_type name different definitions"
NEEDS_TEXT = "a text attribute needs its value in `text`"
NEEDS_NUMBER = "a number attribute needs its value in `number`"
NEEDS_DATE = "a date attribute needs unix seconds in `date`"
NEEDS_ADDRESS = "an address attribute needs its components in `address`"
DAY_S = 86_400
MOST_SLOTS = 65_536
"""So many can be numbered."""

# How an attribute names what it is.
_NAMED = ["attribute_def", "attribute_type", "label", "index", "is_partner"]
_SLOT = {
    "slot": pl.UInt16, "attribute_def": pl.String, "attribute_type": pl.String, "singular": pl.Boolean,
    "label": pl.String, "index": pl.Int32, "is_partner": pl.Boolean,
}  # fmt: skip
_MEANT = {"slot": pl.UInt16, "attribute_type": pl.String, "kind": pl.String, "fault": pl.String}
# What it says.
_SAID = ["row", "position", "is_primary", "text", "number", "date"]


def cut_bodies(
    attributes: pl.DataFrame, definitions: Sequence[Definition], *, region: str
) -> tuple[Pieces, pl.DataFrame]:
    """Cut the attributes of contact bodies into pieces.

    Args: attributes [row: u32, position: u32, attribute_def, attribute_type, text, number, date (any moment of a day),
    label, index, is_primary, is_partner, address: struct], in the order sent.
    Returns: the pieces, and what their slots stand for, as `slot_frame` describes it.
    Source: contract RULES A11 (older types), B1 and B3 (dates), D7 (naming), D8 (label of addresses), E5 (empty
    components).
    """
    ways = _ways(attributes)
    sent = _folded(attributes, ways, definitions)
    if sent is not attributes:
        ways = _ways(sent)
    meant, slots = _resolved(ways, definitions)
    known = _numbered(sent, ways, meant)
    values, rejects = [], []
    kinds = dict.fromkeys(meant["kind"])
    for kind in sorted(kinds, key=lambda kind: kind is not None):  # what is not known first, as ever
        mine = known.filter(pl.col("kind").eq_missing(kind)) if len(kinds) > 1 else known
        good, bad = _cleaned(mine, kind, sent["address"], region=region)
        values.append(good)
        rejects.append(bad)
    frame = gathered([part for part in values if "address" not in part.columns], VALUES)
    addresses = [part for part in values if "address" in part.columns]
    places = gathered(addresses, ADDRESSES) if addresses else NO_ADDRESSES
    crowded = slots["slot"].filter(slots["singular"]).to_list()
    return settled(frame, places, gathered(rejects, REJECTS), slots, crowded=crowded), slots


def _folded(attributes: pl.DataFrame, ways: pl.DataFrame, definitions: Sequence[Definition]) -> pl.DataFrame:
    """Fold the parts of an address sent as attributes of their own (contract RULES A11) into one attribute.

    Parts belong together when row, index and partner are the same; a second city begins a second address. It stands
    where its first part stood and has the first label among them. A type that is defined today is left alone.
    """
    defined = {definition.name for definition in definitions}
    parts = {old: part for old, part in LEGACY_TYPES.items() if old not in defined}
    if parts.keys().isdisjoint(ways["attribute_type"]):
        return attributes
    is_text = pl.col("attribute_def").is_null() & pl.col("text").is_not_null()
    is_old = (pl.col("attribute_type").is_in([*parts]) & is_text).fill_null(False)
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


def _ways(attributes: pl.DataFrame) -> pl.DataFrame:
    """The ways in which attributes are named: [*_NAMED], in the order they come.

    Each stands once, or where attributes are few each has one of its own.
    """
    named = attributes[_NAMED]
    return named.unique(maintain_order=True) if named.height > FEW else named


def _resolved(ways: pl.DataFrame, definitions: Sequence[Definition]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Say what every way of naming an attribute stands for: ([*_MEANT], slots).

    Python goes over the ways, of which there are no more than a table has columns, however many the contacts.
    """
    by_id = {definition.id: definition for definition in definitions}
    by_name = {definition.name: definition for definition in definitions}
    slots: dict[tuple[object, ...], int] = {}
    meant: list[tuple[object, ...]] = []
    labels = ways["label"].str.strip_chars() if ways["label"].count() else ways["label"]
    for (identity, name, _, index, is_partner), label in zip(ways.iter_rows(), labels, strict=True):
        definition = by_name.get(name) if identity is None else by_id.get(identity.lower())
        if definition is None or (identity is not None and name not in (None, definition.name)):
            meant.append(
                (None, identity if name is None else name, None, DISAGREEING if definition else UNKNOWN_DEFINITION)
            )
            continue
        shown = label or ("Home" if definition.name == "address" else None)
        slot = (definition.id, definition.name, definition.singular, shown, index, is_partner)
        meant.append((slots.setdefault(slot, len(slots)), definition.name, definition.kind, None))
    if len(slots) > MOST_SLOTS:
        what = f"there are more than {MOST_SLOTS:,} kinds of attributes, counted by type, label, index and partner"
        raise UsageError(what, remedy="Send them in several parts.")
    numbered = [(number, *slot) for slot, number in slots.items()]
    return pl.DataFrame(meant, schema=_MEANT, orient="row"), pl.DataFrame(numbered, schema=_SLOT, orient="row")


def _numbered(attributes: pl.DataFrame, ways: pl.DataFrame, meant: pl.DataFrame) -> pl.DataFrame:
    """Put what its way means beside each attribute; addresses weigh more than all else and stay behind, by `place`."""
    if ways.height < attributes.height:  # else there is a way for each, in their order
        numbers = ways.with_row_index("way")
        named = attributes[_NAMED].join(numbers, on=_NAMED, how="left", nulls_equal=True, maintain_order="left")
        meant = meant[named["way"]]
    return attributes[_SAID].with_row_index("place").hstack(meant)


def _cleaned(
    mine: pl.DataFrame, kind: str | None, addresses: pl.Series, *, region: str
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Clean the attributes of one kind: (good, rejects); None is the kind of those that are not known."""
    if kind is None:
        return mine.clear(), _refused(mine, pl.col("fault"), value=pl.col("text"))
    if kind == "address":
        return _addresses(mine.with_columns(addresses.gather(mine["place"])))
    if kind == "date":
        return _dates(mine)
    if kind == "number":
        return mine.select(*_KEY, "number").drop_nulls("number"), _missing(mine, "number", NEEDS_NUMBER)
    raw = with_column(mine, pl.col("text").str.strip_chars().alias("value"))[[*_KEY, "attribute_type", "value"]]
    good, bad = clean_values(where(raw, raw["value"] != ""), kind, region=region, date_order=None)
    return good, gathered([_missing(mine, "text", NEEDS_TEXT), bad], REJECTS)


def _dates(mine: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Take days by any moment of theirs (contract RULES B1, B3), of the years that imports of files take."""
    first, end = (day * DAY_S for day in day_bounds())
    dated = mine.drop_nulls("date")
    good, bad = parted(dated, dated["date"].is_between(first, end, closed="left"))
    midnight = (pl.col("date") // DAY_S * DAY_S).cast(pl.Int64)
    refused = _refused(bad, pl.lit(OUT_OF_RANGE), value=pl.col("date").cast(pl.String))
    return good.select(*_KEY, midnight), gathered([_missing(mine, "date", NEEDS_DATE), refused], REJECTS)


def _missing(mine: pl.DataFrame, column: str, reason: str) -> pl.DataFrame:
    """Refuse the attributes that lack the value their data type asks for."""
    if not mine[column].null_count():
        return NO_REJECTS
    return _refused(mine.filter(pl.col(column).is_null()), pl.lit(reason), value=_ANY_VALUE)


def _refused(attributes: pl.DataFrame, reason: pl.Expr, *, value: pl.Expr) -> pl.DataFrame:
    return gathered([attributes.with_columns(value.alias("value"), reason.alias("reason"))], REJECTS)


def _addresses(mine: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    filled, faulty = _without_faulty_parts(mine.with_columns(_BLANK_AS_NULL))
    present, missing = parted(filled, filled.select(_HAS_PART).to_series())
    return present, gathered([*faulty, _refused(missing, pl.lit(NEEDS_ADDRESS), value=pl.col("text"))], REJECTS)


def _without_faulty_parts(mine: pl.DataFrame) -> tuple[pl.DataFrame, list[pl.DataFrame]]:
    """Refuse the parts of addresses that hold what no text may: (attributes with them null, the rejects)."""
    if not mine.select(_HAS_FAULT.any()).item():
        return mine, []
    rejects = [
        mine.filter(text_fault(cell).is_not_null()).select(
            "row",
            "position",
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


_KEY = ("row", "slot", "position", "is_primary")
_ANY_VALUE = pl.coalesce("text", pl.col("number").cast(pl.String), pl.col("date").cast(pl.String))
_PARTS = {part: pl.col("address").struct.field(part) for part in PARTS}
_STRIPPED = {part: cell.str.strip_chars() for part, cell in _PARTS.items()}
_BLANK_AS_NULL = pl.struct(
    pl.when(cell.str.len_bytes() > 0).then(cell).alias(part) for part, cell in _STRIPPED.items()
).alias("address")
_HAS_PART = pl.any_horizontal(cell.is_not_null() for cell in _PARTS.values())
_HAS_FAULT = pl.any_horizontal(text_fault(cell).is_not_null() for cell in _PARTS.values())
