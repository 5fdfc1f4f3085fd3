"""The documented body of contacts taken apart: a row for each contact, a row for each attribute.

Whole columns are judged at once; a contact or a value of the wrong shape is a reject that names its path, and the rest
lives. Whether a definition or a type is known is judged later.
"""

from dataclasses import dataclass
from typing import Literal

import polars as pl

from storage.json_rows import nested_elements, object_fields, object_keys
from transforms.addresses import PARTS

__all__ = ["ATTRIBUTE_SCHEMA", "CONTACT_SCHEMA", "REJECT_SCHEMA", "ContactBody", "contact_body"]


_CONTACT_KEYS = ("user", "ios_address_book_id", "android_address_book_id")
_TEXT_KEYS = ("attribute_def", "attribute_type", "label")
_FLAG_KEYS = ("is_primary", "is_partner")
_NUMBERS = (("number", "number_value", "number"), ("date", "seconds", "date"), ("index", "index_value", "number"))
_FIELDS = (*_TEXT_KEYS, "text", "number", "date", "index", *_FLAG_KEYS, "address")
CONTACT_SCHEMA = {"row": pl.UInt32, **dict.fromkeys(("body", *_CONTACT_KEYS), pl.String)}
ATTRIBUTE_SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "row": pl.UInt32, "position": pl.UInt32, **dict.fromkeys((*_TEXT_KEYS, "text"), pl.String), "number": pl.Float64,
    "date": pl.Int64, "index": pl.Int32, "is_primary": pl.Boolean, "is_partner": pl.Boolean,
    "address": pl.Struct(dict.fromkeys(PARTS, pl.String)),
}  # fmt: skip
REJECT_SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "row": pl.UInt32, "column_name": pl.String, "attribute_type": pl.String, "value": pl.String, "reason": pl.String,
    "whole_row": pl.Boolean, "original": pl.String,
}  # fmt: skip
"""The frames of a ContactBody."""


@dataclass(frozen=True)
class ContactBody:
    """The documented body of contacts, its attributes one row each.

    contacts [row: u32 (from 1), body: str (JSON text), user, ios_address_book_id, android_address_book_id: str|null];
    attributes [row: u32, position: u32 (from 1), attribute_def, attribute_type, label, text: str|null, number: f64,
    date: i64 (unix seconds), index: i32, is_primary, is_partner: bool, address: struct of addresses.PARTS|null];
    rejects [row: u32, column_name (path within the contact), attribute_type, value: str|null, reason: str,
    whole_row: bool, original: str|null (JSON text of a contact rejected whole)].
    """

    contacts: pl.DataFrame
    attributes: pl.DataFrame
    rejects: pl.DataFrame
    warnings: tuple[str, ...] = ()
    kind: Literal["json", "vcard"] = "json"
    encoding: str = ""


def contact_body(elements: pl.DataFrame, warnings: tuple[str, ...]) -> ContactBody:
    """Take contacts [row, body, kind] apart into attributes, judging the shape of each contact and each field."""
    found = object_fields(elements.filter(pl.col("kind") == "OBJECT"), ["attributes", *_CONTACT_KEYS])
    judged = elements.join(found, on="row", how="left", maintain_order="left").with_columns(reason=_contact_fault())
    bad, good = judged.filter(pl.col("reason").is_not_null()), judged.filter(pl.col("reason").is_null())
    names = {f"v{place}": name for place, name in enumerate(_CONTACT_KEYS, start=1)}
    attributes, rejects = _attributes(nested_elements(good.select("row", "body"), "attributes"))
    whole = bad.select("row", "reason", whole_row=pl.lit(True), original="body")
    return ContactBody(
        contacts=good.select("row", "body", *(_filled(value).alias(name) for value, name in names.items())),
        attributes=attributes,
        rejects=_rejects([whole, rejects]),
        warnings=warnings,
    )


def _filled(value: str) -> pl.Expr:
    """Take a blank text for none (contract RULES B5)."""
    return pl.when(pl.col(value).str.strip_chars() != "").then(pl.col(value))


def _contact_fault() -> pl.Expr:
    """Say why a contact cannot be taken at all, or null."""
    where = pl.format("contacts[{}]", pl.col("row").cast(pl.Int64) - 1)
    faults = [
        (pl.col("kind") != "OBJECT", " is not an object"),
        (pl.col("t0").is_null(), " has no attributes"),
        (pl.col("t0") != "ARRAY", ".attributes is not a list"),
    ]
    for place, name in enumerate(_CONTACT_KEYS, start=1):
        faults.append((~pl.col(f"t{place}").is_in(["VARCHAR", "NULL"]), f".{name} is not text"))
    return pl.coalesce(pl.when(fault).then(pl.concat_str(where, pl.lit(reason))) for fault, reason in faults)


def _attributes(elements: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Take attributes apart into typed columns; those of a wrong shape are rejects."""
    numbered = elements.with_row_index("place")
    objects = numbered.select(pl.col("place").alias("row"), "body").filter(elements.get_column("kind") == "OBJECT")
    found = object_fields(objects, _FIELDS).rename({"row": "place"})
    names = {f"v{place}": name for place, name in enumerate(_FIELDS)} | {
        f"t{place}": f"{name}_kind" for place, name in enumerate(_FIELDS)
    }
    judged = (
        numbered.join(found.rename(names), on="place", how="left", maintain_order="left")
        .with_columns(_number("number"), _number("index"), seconds=_seconds())
        .with_columns(fault=_attribute_fault())
    )
    good, bad = judged.filter(pl.col("fault").is_null()), judged.filter(pl.col("fault").is_not_null())
    addresses, address_rejects = _addresses(good)
    attributes = good.join(addresses, on="place", how="left", maintain_order="left").select(_typed())
    return attributes, _rejects([_attribute_rejects(bad), address_rejects])


def _number(name: str) -> pl.Expr:
    """Read a number, written as one or as text."""
    return pl.col(name).str.strip_chars().cast(pl.Float64, strict=False).alias(f"{name}_value")


def _seconds() -> pl.Expr:
    """Read a date as unix seconds: a number of them, or an ISO date."""
    number = pl.col("date").cast(pl.Float64, strict=False).floor().cast(pl.Int64, strict=False)
    iso = pl.col("date").str.to_datetime("%F", strict=False).dt.epoch("s")
    return pl.coalesce(number, iso)


def _attribute_fault() -> pl.Expr:
    """Name the field that makes an attribute useless, and why (".text: it is not text"), or null."""
    faults = [
        (pl.col("kind") != "OBJECT", ": it is not an object"),
        *((_is_other(name, "VARCHAR"), f".{name}: it is not text") for name in _TEXT_KEYS),
        (pl.col("text_kind").is_in(["OBJECT", "ARRAY"]), ".text: it is not text"),
        *(
            (_is_other(name) & pl.col(value).is_null(), f".{name}: it is not a {wanted}")
            for name, value, wanted in _NUMBERS
        ),
        *((_is_other(name, "BOOLEAN"), f".{name}: it is not true or false") for name in _FLAG_KEYS),
        (_is_other("address", "OBJECT"), ".address: it is not an object"),
    ]
    return pl.coalesce(pl.when(fault).then(pl.lit(reason)) for fault, reason in faults)


def _is_other(name: str, kind: str = "NULL") -> pl.Expr:
    """Say whether a field is there and is neither null nor of a kind."""
    return ~pl.col(f"{name}_kind").is_in([kind, "NULL"])


def _attribute_rejects(bad: pl.DataFrame) -> pl.DataFrame:
    parts = pl.col("fault").str.split_exact(": ", 1)
    return bad.select(
        "row",
        column_name=pl.format("attributes[{}]{}", pl.col("position").cast(pl.Int64) - 1, parts.struct[0]),
        attribute_type=pl.when(pl.col("attribute_type_kind") == "VARCHAR").then("attribute_type"),
        value="body",
        reason=parts.struct[1],
    )


def _addresses(good: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Take addresses apart: ([place, address: struct], rejects for parts that are no part of one or not text)."""
    objects = good.filter(pl.col("address_kind") == "OBJECT").select(row="place", body="address")
    keys = object_keys(objects)
    every = [*PARTS, *(key for key in keys if key not in PARTS)]
    found = object_fields(objects, every).rename({"row": "place"})
    parts, faults = [], []
    for number, name in enumerate(every):
        value, kind = pl.col(f"v{number}"), pl.col(f"t{number}")
        known = name in PARTS
        wrong = kind.is_in(["OBJECT", "ARRAY"]) if known else kind.is_not_null() & (kind != "NULL")
        reason = "it is not text" if known else "an address has no such part"
        parts += [pl.when(kind != "NULL").then(pl.when(~wrong).then(value)).alias(name)] * known
        faults.append(found.filter(wrong).select("place", value=value, part=pl.lit(name), reason=pl.lit(reason)))
    owners = good.select("place", "row", "position", "attribute_type")
    rejects = pl.concat(faults).join(owners, on="place").select(
        "row",
        column_name=pl.format("attributes[{}].address.{}", pl.col("position").cast(pl.Int64) - 1, "part"),
        attribute_type="attribute_type",
        value="value",
        reason="reason",
    )  # fmt: skip
    return found.select("place", pl.struct(parts).alias("address_parts")), rejects


def _typed() -> list[pl.Expr]:
    """Select the attribute columns in their types; JSON null is null."""
    text = [pl.when(pl.col(f"{name}_kind") != "NULL").then(name).alias(name) for name in (*_TEXT_KEYS, "text")]
    return [
        pl.col("row"),
        pl.col("position"),
        *text,
        pl.col("number_value").alias("number"),
        pl.col("seconds").alias("date"),
        pl.col("index_value").cast(pl.Int32, strict=False).alias("index"),
        *[(pl.col(name) == "true").fill_null(False).alias(name) for name in _FLAG_KEYS],
        pl.col("address_parts").alias("address"),
    ]


def _rejects(frames: list[pl.DataFrame]) -> pl.DataFrame:
    """Stack rejects under one schema, by row."""
    stacked = pl.concat([pl.DataFrame(schema=REJECT_SCHEMA), *frames], how="diagonal_relaxed").select(*REJECT_SCHEMA)
    return stacked.with_columns(pl.col("whole_row").fill_null(False)).sort("row", maintain_order=True)
