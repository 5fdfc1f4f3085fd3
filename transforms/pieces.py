"""Cut table rows into attribute values: one narrow piece a filled cell, cleaned, with what was refused beside it.

A batch of text columns and the slots their mapping binds them to become `Pieces`; `settled` then applies the rules that
look across the values of one row: singular attributes, primaries and repeated tags.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

import polars as pl

from storage.errors import MappingError
from storage.frames import in_order, is_any, where
from transforms.addresses import PARTS
from transforms.binding import Slot
from transforms.cutting import with_cut_cells
from transforms.dates import Numerals, parse_dates
from transforms.emails import clean_emails
from transforms.lists import split_lists
from transforms.numbers import clean_numbers
from transforms.phones import clean_phones
from transforms.texts import HAS_NUL, clean_texts, has_nul, text_fault

__all__ = ["Pieces", "clean_values", "cut_rows", "gathered", "parted", "settled", "slot_frame"]

# contract RULES C8: of these the card shows the last written first.
_LISTED = ("email", "phone_number", "website")
_KEY = {"row": pl.UInt32, "slot": pl.UInt16, "position": pl.UInt32, "is_primary": pl.Boolean}
VALUES = _KEY | {"text": pl.String, "number": pl.Float64, "date": pl.Int64, "key": pl.String}
ADDRESSES = _KEY | {"address": pl.Struct(dict.fromkeys(PARTS, pl.String))}
REJECTS = dict.fromkeys(("row", "position"), pl.UInt32) | dict.fromkeys(
    ("column_name", "attribute_type", "value", "reason"), pl.String
)

# What a spreadsheet made text by an apostrophe, and a program a decimal number: '02116, 2116.0.
AS_NUMBER = r"^'?(\+?[0-9]+)(?:\.0)?$"
NO_ADDRESSES, NO_REJECTS = pl.DataFrame(schema=ADDRESSES), pl.DataFrame(schema=REJECTS)
SECOND_SINGULAR = "a contact has one of these and another value came first"


@dataclass(frozen=True)
class Pieces:
    """What a batch of rows holds, rows ascending and positions ascending within a row.

    values: [row: u32, slot: u16, position: u32, is_primary: bool, text: str, number: f64, date: i64, key: str].
    addresses: [row, slot, position, is_primary, address: struct of addresses.PARTS].
    rejects: [row, position (null for a column), column_name, attribute_type, value, reason], the values refused.
    """

    values: pl.DataFrame
    addresses: pl.DataFrame
    rejects: pl.DataFrame


def slot_frame(slots: Sequence[Slot]) -> pl.DataFrame:
    """What each slot number stands for: [slot, attribute_def, attribute_type, singular, label, index, is_partner].

    The parts of one address share the number of its first slot; an address without a label is "Home" (contract RULES
    D8). The index of other columns only orders them and is not stored (J4).
    """
    rows = []
    for group in _groups(slots):
        first, definition = group[0], group[0].definition
        label = next((slot.label for slot in group if slot.label), "Home" if first.part else None)
        index = first.index if first.part else None
        rows.append((first.number, definition.id, definition.name, definition.singular, label, index, first.is_partner))
    types = {
        "slot": pl.UInt16,
        "attribute_def": pl.String,
        "attribute_type": pl.String,
        "singular": pl.Boolean,
        "label": pl.String,
        "index": pl.Int32,
        "is_partner": pl.Boolean,
    }
    return pl.DataFrame(rows, schema=types, orient="row")


def cut_rows(
    batch: pl.DataFrame,
    slots: Sequence[Slot],
    *,
    region: str,
    date_orders: Mapping[int, str | None],
    numerals: Numerals = "serial",
) -> Pieces:
    """Cut a batch of table rows into pieces.

    Args: batch [row: u32, c0 … cN: str], the file's columns by place; date_orders, by slot number, ymd, mdy or dmy, or
    None where the order cannot be told; numerals, what a bare number in a date column is (unix seconds from JSON).
    Slots without a column are constants, given to every row that has anything.
    """
    batch = _stripped(batch, slots)
    values, addresses, rejects = [], [], []
    position = 0
    for group in _writing_order(slots):
        slot = group[0]
        if slot.part:
            batch, bad_parts = _without_faulty_parts(batch, group)
            rejects.extend(bad_parts)
            addresses.append(_address(batch, group, position))
            position += 1
        elif slot.column is not None:
            raw = _cells(batch, slot, position)
            order = date_orders.get(slot.number)
            good, bad = clean_values(raw, slot.definition.kind, region=region, date_order=order, numerals=numerals)
            values.append(good)
            rejects.append(
                bad.with_columns(column_name=pl.lit(slot.column), attribute_type=pl.lit(slot.definition.name))
            )
            position += max(1, raw["sub"].n_unique()) if slot.separator is not None else 1
    frame, places = gathered(values, VALUES), gathered(addresses, ADDRESSES)
    frame = gathered([frame, *_constants(frame, places, slots, position, region)], VALUES)
    return settled(frame, places, gathered(rejects, REJECTS), slot_frame(slots), crowded=_crowded(slots))


def clean_values(
    raw: pl.DataFrame, kind: str, *, region: str, date_order: str | None, numerals: Numerals = "serial"
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Clean the values of one kind (Definition.kind).

    Args: raw, any columns and `value`: text as it stood, stripped.
    Returns: (raw with [text, number, date, key] as they apply, raw with reason where refused).
    """
    texts = raw["value"]
    match kind:
        case "email":
            clean = clean_emails(texts)
        case "phone_number":
            clean = clean_phones(texts, region)
        case "date":
            clean = parse_dates(texts, date_order, numerals=numerals)
        case "number":
            clean = clean_numbers(texts)
        case _:
            clean = clean_texts(texts)
    joined = raw.hstack(clean)
    if kind != "text" and (contains_nul := raw.select(has_nul(pl.col("value"))).to_series()).any():
        reason = pl.when(contains_nul).then(pl.lit(HAS_NUL)).otherwise("reason")
        joined = joined.with_columns(reason.alias("reason"))
    return parted(joined, joined["reason"].is_null())


def parted(frame: pl.DataFrame, holds: pl.Series) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Part a frame: the rows of which something holds, and the others; there is no null."""
    return where(frame, holds), where(frame, ~holds)


def gathered(frames: Sequence[pl.DataFrame], schema: Mapping[str, pl.DataType | type[pl.DataType]]) -> pl.DataFrame:
    """Put frames under each other in one schema; what a frame lacks is null, what the schema lacks is dropped."""
    aligned = [
        frame.select_seq(
            pl.col(name).cast(kind) if name in frame.columns else pl.lit(None, kind).alias(name)
            for name, kind in schema.items()
        )
        for frame in frames
        if frame.height
    ]
    if len(aligned) == 1:
        return aligned[0]
    return pl.concat(aligned) if aligned else pl.DataFrame(schema=dict(schema))


def settled(
    values: pl.DataFrame, addresses: pl.DataFrame, rejects: pl.DataFrame, slots: pl.DataFrame, *, crowded: Sequence[int]
) -> Pieces:
    """Apply the rules that look across a row, and order the result by row and position.

    A tag counts once a row in its first spelling (contract RULES G7), the partner's apart; a second value of a singular
    attribute is refused (D5) unless it repeats the first; two values of one kind both marked primary leave neither
    primary (D1).
    `crowded` are the slots of singular attributes that can meet another value in the same row.
    """
    values = _one_of_each_tag(in_order(values, "row", "position"), slots)
    values, second = _one_of_each_singular(values, slots, crowded)
    addresses = _one_primary(in_order(addresses, "row", "position"), slots)
    refused = in_order(pl.concat([rejects, second]) if second.height else rejects, "row")
    return Pieces(_one_primary(values, slots), addresses, refused)


def _groups(slots: Sequence[Slot]) -> list[list[Slot]]:
    """Slots by what they write: each alone, but the columns of one address together (contract RULES E9)."""

    def place(slot: Slot) -> tuple[int, bool, str]:
        return (slot.index or 0, slot.is_partner, slot.said or "")

    parts = sorted((slot for slot in slots if slot.part), key=lambda slot: (*place(slot), slot.number))
    addresses = [list(group) for _, group in groupby(parts, key=place)]
    return [[slot] for slot in slots if not slot.part] + addresses


def _writing_order(slots: Sequence[Slot]) -> list[list[Slot]]:
    """Groups of slots in the order their values are written.

    The card lists the last written e-mail first, so of the columns of a listed type the lowest index is written last.
    """
    ordered = sorted(_groups(slots), key=lambda group: group[0].number)
    for kind in _LISTED:
        places = [place for place, group in enumerate(ordered) if group[0].definition.name == kind]
        columns = sorted((ordered[place] for place in places), key=lambda group: _rank(group[0]), reverse=True)
        for place, group in zip(places, columns, strict=True):
            ordered[place] = group
    return ordered


def _rank(slot: Slot) -> tuple[int, int]:
    return (slot.number if slot.index is None else slot.index, slot.number)


def _stripped(batch: pl.DataFrame, slots: Iterable[Slot]) -> pl.DataFrame:
    """The row and the mapped columns, stripped, blank as null (contract RULES D12), and what is cut out of them."""
    read = {place for slot in slots for place in slot.places}
    stripped = [pl.col(f"c{place}").str.strip_chars() for place in sorted(read)]
    cells = batch.select("row", *(pl.when(cell.str.len_bytes() > 0).then(cell) for cell in stripped))
    of_digits = {slot.cell for slot in slots if slot.column is not None and slot.taken is None and _is_of_digits(slot)}
    computed = [cell for cell in sorted(of_digits) if _looks_computed(cells[cell])]
    cells = cells.with_columns(pl.col(computed).str.replace(AS_NUMBER, "$1"))
    return with_cut_cells(cells, slots)


def _is_of_digits(slot: Slot) -> bool:
    return slot.definition.kind == "phone_number" or slot.part == "postcode"


def _looks_computed(cells: pl.Series) -> bool:
    """Say whether a value was an apostrophe's text or a decimal number in a program before."""
    return bool((cells.str.starts_with("'") | cells.str.ends_with(".0")).any())


def _cells(batch: pl.DataFrame, slot: Slot, position: int) -> pl.DataFrame:
    """The filled cells of a column, one row a value: [row, slot, position, is_primary, value]."""
    meant = pl.when(_is_meant(slot)).then(pl.col(slot.cell))
    cells = batch.select("row", meant.alias("value")).drop_nulls("value")
    place = pl.lit(position, pl.UInt32)
    if slot.separator is not None:
        cells = split_lists(cells, slot.separator)
        place = place + pl.col("sub")
    return cells.with_columns(
        pl.lit(slot.number, pl.UInt16).alias("slot"),
        place.alias("position"),
        pl.lit(slot.is_primary).alias("is_primary"),
    )


def _is_meant(slot: Slot) -> pl.Expr:
    """Say whether the label beside a value is the one a slot is for."""
    if slot.label_place is None:
        return pl.lit(True)
    label = pl.col(f"c{slot.label_place}").fill_null("")
    return label.str.strip_prefix("*").str.strip_chars().str.to_lowercase() == (slot.said or "")


def _address(batch: pl.DataFrame, group: Sequence[Slot], position: int) -> pl.DataFrame:
    """One address a row from the columns of a group; several columns of one part are joined by a space."""
    cells = {
        part: [
            pl.lit(slot.constant) if slot.column is None else pl.col(slot.cell) for slot in group if slot.part == part
        ]
        for part in PARTS
    }
    from_file = [pl.col(slot.cell) for slot in group if slot.column is not None]
    labelled = next((slot for slot in group if slot.label_place is not None), group[0])
    filled = batch.filter(_is_meant(labelled), pl.any_horizontal(cell.is_not_null() for cell in from_file))
    joined = [_joined(columns).alias(part) for part, columns in cells.items()]
    return filled.select(
        "row",
        pl.lit(group[0].number, pl.UInt16).alias("slot"),
        pl.lit(position, pl.UInt32).alias("position"),
        pl.lit(any(slot.is_primary for slot in group)).alias("is_primary"),
        pl.struct(joined).alias("address"),
    )


def _without_faulty_parts(batch: pl.DataFrame, group: Sequence[Slot]) -> tuple[pl.DataFrame, list[pl.DataFrame]]:
    """Refuse the parts of an address that hold what no text may: (batch with them null, the rejects)."""
    rejects = []
    for slot in group:
        if slot.column is None:
            continue
        name = slot.cell
        fault = text_fault(pl.col(name))
        bad = batch.filter(fault.is_not_null())
        if bad.height:
            batch = batch.with_columns(pl.when(fault.is_null()).then(pl.col(name)).alias(name))
            rejects.append(
                bad.select(
                    "row",
                    pl.lit(slot.column).alias("column_name"),
                    pl.lit(slot.definition.name).alias("attribute_type"),
                    pl.col(name).alias("value"),
                    fault.alias("reason"),
                )
            )
    return batch, rejects


def _joined(columns: Sequence[pl.Expr]) -> pl.Expr:
    if len(columns) <= 1:
        return columns[0] if columns else pl.lit(None, pl.String)
    return pl.concat_str(columns, separator=" ", ignore_nulls=True).replace("", None)


def _constants(
    values: pl.DataFrame, addresses: pl.DataFrame, slots: Sequence[Slot], position: int, region: str
) -> list[pl.DataFrame]:
    """The constants of the mapping, for the rows that have any value of their own.

    Raises: MappingError for a constant that is not a value of its attribute.
    """
    constants = [slot for slot in slots if slot.column is None and not slot.part]
    if not constants:
        return []
    rows = pl.concat([values.select("row"), addresses.select("row")]).unique().sort("row")
    frames = []
    for place, slot in enumerate(constants):
        constant = rows.with_columns(
            pl.lit(slot.constant).alias("value"),
            pl.lit(slot.number, pl.UInt16).alias("slot"),
            pl.lit(position + place, pl.UInt32).alias("position"),
            pl.lit(slot.is_primary).alias("is_primary"),
        )
        good, bad = clean_values(constant, slot.definition.kind, region=region, date_order="ymd")
        if bad.height:
            what = f'the constant of "{slot.definition.name}" cannot be taken: {bad["reason"][0]}'
            raise MappingError(what, where="constants", remedy="Correct it in the mapping.")
        frames.append(good)
    return frames


def _crowded(slots: Sequence[Slot]) -> list[int]:
    """Slots of singular attributes that share their attribute with another slot or hold lists."""
    singular = [slot for slot in slots if slot.definition.singular and not slot.part]
    kinds = [(slot.definition.id, slot.is_partner) for slot in singular]
    return [
        slot.number
        for slot, kind in zip(singular, kinds, strict=True)
        if kinds.count(kind) > 1 or slot.separator is not None
    ]


def _one_of_each_tag(values: pl.DataFrame, slots: pl.DataFrame) -> pl.DataFrame:
    is_tag = is_any(values["slot"], slots["slot"].filter(slots["attribute_type"] == "tag"))
    if is_tag.sum() < 2:
        return values
    repeated = (
        values.with_row_index("place")
        .filter(is_tag)
        .lazy()
        .join(slots.lazy().select("slot", "is_partner"), on="slot", how="left", maintain_order="left")
        .filter(~pl.struct("row", "is_partner", pl.col("text").str.to_lowercase()).is_first_distinct())
        .select("place")
        .collect(engine="in-memory")
    )
    if repeated.is_empty():
        return values
    return values.filter(~pl.int_range(pl.len(), dtype=pl.UInt32).is_in(repeated["place"].implode()))


def _one_of_each_singular(
    values: pl.DataFrame, slots: pl.DataFrame, crowded: Sequence[int]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    is_crowded = is_any(values["slot"], crowded)
    if is_crowded.sum() < 2:
        return values, NO_REJECTS
    kinds = slots[["slot", "attribute_type", "is_partner"]]
    shared = values.filter(is_crowded).join(kinds, on="slot", how="left", maintain_order="left")
    holder = ["row", "attribute_type", "is_partner"]
    if not shared[holder].is_duplicated().any():
        return values, NO_REJECTS
    value = pl.coalesce("text", pl.col("number").cast(pl.String), pl.col("date").cast(pl.String))
    shared = shared.with_columns(value.alias("value"), value.first().over(holder).alias("kept"))
    once = shared.unique(holder, keep="first", maintain_order=True).select(values.columns)
    second = shared.filter(pl.col("value") != pl.col("kept")).unique([*holder, "value"], maintain_order=True)
    rest = values.filter(~is_crowded)
    refused = second.with_columns(pl.lit(SECOND_SINGULAR).alias("reason"))
    return pl.concat([rest, once]).sort("row", "position", maintain_order=True), gathered([refused], REJECTS)


def _one_primary(values: pl.DataFrame, slots: pl.DataFrame) -> pl.DataFrame:
    if not values["is_primary"].any():
        return values
    primary = values.filter(pl.col("is_primary"))
    kinds = primary.select("row", "slot").join(slots.select("slot", "attribute_type"), on="slot")
    doubled = kinds.filter(pl.len().over("row", "attribute_type") > 1).select("row", "slot").unique()
    if doubled.height == 0:
        return values
    marked = values.join(
        doubled.with_columns(pl.lit(True).alias("doubled")), on=["row", "slot"], how="left", maintain_order="left"
    )
    return marked.with_columns(pl.col("is_primary") & pl.col("doubled").is_null()).drop("doubled")
