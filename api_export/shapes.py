"""The documented objects as JSON text: what stands at each key, in the printed order, over the frames of `records`.

An object is a tuple of (key, value), so a key that is absent (contract RULES S1, S2) is simply left out. polars writes
the text: a few rows cost well under a millisecond, thousands a few microseconds each.
"""

from dataclasses import dataclass
from functools import cache
from itertools import groupby, islice

import polars as pl

from storage.frames import no_texts, with_column
from storage.indexing import NULL_KEY
from transforms.addresses import KEYS as ADDRESS_KEYS
from transforms.addresses import PARTS, TYPE

__all__ = [
    "ASSOCIATIONS",
    "attribute_json",
    "cluster_json",
    "collection_json",
    "contact_json",
    "definition_json",
    "tag_json",
    "user_json",
    "with_address_json",
]

FEW = 1_000
"""So few lists of addresses are put together sooner by Python."""
# The documented associations, in the order of their keys in a contact.
ASSOCIATIONS = (
    *("contact.brand", "contact.user", "contact.created_by", "contact.updated_by", "contact.summary"),
    *("contact.lists", "contact.users", "contact.deals", "contact.flows", "contact.attributes"),
    "contact_attribute.attribute_def",
)


@dataclass(frozen=True)
class Json:
    """A value that is JSON text already."""

    text: pl.Expr


Fields = tuple[tuple[str, pl.Expr | Json], ...]


@cache
def contact_json(associations: frozenset[str]) -> pl.Expr:
    """JSON of a contact over `records.read_contacts`, with the JSON of what belongs to it, addresses too, in columns.

    Source: contract RULES A13, B2, B4, S1; the order of lists (C8-C11) is that of the summaries, where a list is null
    rather than empty (B5).
    """
    asked = {name.removeprefix("contact.") for name in associations}
    # Asked for, brand is an object instead of an id.
    head = tuple((key, _BRAND if key == "brand" and "brand" in asked else value) for key, value in _HEAD)
    beside = [tuple(field for field in fields if field[0] in asked) for fields in (_BESIDE_HEAD, _BESIDE_BODY)]
    return _object((*head, *beside[0], *_BODY, *beside[1], _type("contact")))


@cache
def attribute_json(associations: frozenset[str]) -> pl.Expr:
    """JSON of an attribute over `records.read_attributes`, with the JSON of its address in `place`.

    `number` is there for values of number definitions only (contract RULES A10).
    """
    definition = (("attribute_def", Json(pl.col("definition"))),)
    asked = definition if "contact_attribute.attribute_def" in associations else ()
    text = _object((*_same("id", "contact"), *asked, *_ATTRIBUTE))
    return text.str.replace(',"number":null', "", literal=True)


def definition_json() -> pl.Expr:
    """JSON of an attribute definition over `records.read_definitions`."""
    return _object(_DEFINITION)


def tag_json() -> pl.Expr:
    """JSON of a tag over `records.read_tags`."""
    return _object(_TAG)


def user_json() -> pl.Expr:
    """JSON of a user over `records.read_users`."""
    return _object(_USER)


def collection_json(kind: str) -> pl.Expr:
    """JSON of a list, flow or deal over `records.read_collections`."""
    return _object((*_COLLECTION, _type(kind)))


def cluster_json() -> pl.Expr:
    """JSON of a duplicate cluster over its number `cluster` and the JSON of its contacts in `contacts`."""
    contacts = _array("contacts", absent="[]")
    return _object((("id", pl.col("cluster")), ("contacts", contacts), _type("contact_duplicate")))


def _object(fields: Fields) -> pl.Expr:
    """JSON of an object; values that are JSON already are put between those that polars encodes."""
    pieces: list[pl.Expr] = []
    for is_json, run in groupby(fields, key=lambda field: isinstance(field[1], Json)):
        if is_json:
            for key, value in run:
                pieces += [pl.lit(f',"{key}":'), value.text] if isinstance(value, Json) else []
        else:
            encoded = pl.struct(value.alias(key) for key, value in run if isinstance(value, pl.Expr))
            pieces += [pl.lit(","), encoded.struct.json_encode().str.strip_prefix("{").str.strip_suffix("}")]
    return pl.concat_str(pl.lit("{"), *pieces[1:], pl.lit("}"))


def _array(column: str, *, absent: str) -> Json:
    """A list of objects that are JSON already, which is null or has some."""
    return Json(pl.concat_str(pl.lit("["), pl.col(column).list.join(","), pl.lit("]")).fill_null(absent))


def _gathered(column: str) -> tuple[str, Json]:
    """The objects found for a contact; null rather than [] (contract RULES B5)."""
    return (column, _array(column, absent="null"))


def _user(name: str, identity: str) -> tuple[str, Json]:
    """The user that a column names, whose JSON is beside it; of one the team has not loaded only the id is known."""
    bare = _object((("id", pl.col(identity)), *((key, pl.lit(None)) for key, _ in _USER[1:-1]), _USER[-1]))
    found = pl.when(pl.col(identity).is_null()).then(pl.lit("null")).otherwise(pl.coalesce(f"{identity}.json", bare))
    return (name, Json(found))


def _same(*names: str) -> Fields:
    return tuple((name, pl.col(name)) for name in names)


def _type(name: str) -> tuple[str, pl.Expr]:
    return ("type", pl.lit(name))


def with_address_json(rows: pl.DataFrame, column: str) -> pl.DataFrame:
    """Make of a column of lists of addresses their JSON with commas between, absent parts left out (RULES E1-E6).

    No part is kept as empty text and no list empty; null stays null. The column moves to the end.
    """
    lists = rows.get_column(column)
    if not lists.count():
        texts = no_texts(column, rows.height)
    elif not lists.null_count():
        texts = _addresses(lists)
    else:
        is_there = lists.is_not_null()
        texts = no_texts(column, rows.height).scatter(is_there.arg_true(), _addresses(lists.filter(is_there)))
    return rows[[name for name in rows.columns if name != column]].hstack([texts.alias(column)])


def _addresses(lists: pl.Series) -> pl.Series:
    """The JSON of lists of addresses, of which none is empty."""
    parts = lists.explode().struct.unnest()
    whole = parts.with_columns_seq(_LINES).with_columns_seq(_TYPED)
    objects = whole[[*ADDRESS_KEYS]].to_struct("text").struct.json_encode().alias("text").to_frame()
    texts = with_column(objects, _WITHOUT_NULLS)["text"]
    if texts.len() == lists.len():
        return texts
    counts = lists.list.len()
    if lists.len() <= FEW:
        rest = iter(texts)
        return pl.Series([",".join(islice(rest, count)) for count in counts])
    numbers = pl.int_range(lists.len(), eager=True).repeat_by(counts).explode()
    listed = pl.DataFrame([numbers.alias("list"), texts]).group_by("list", maintain_order=True)
    return listed.agg(pl.col("text").str.join(","))["text"]


def _line(separator: str, *parts: str) -> pl.Expr:
    """Some parts of an address as one text; null when there are none."""
    return pl.concat_str(parts, separator=separator, ignore_nulls=True).replace("", None)


_LINES = (
    _line(" ", *PARTS[: PARTS.index("unit")], "box", "unit").alias("line1"),
    _line(" ", "city", "state", "postcode").alias("line2"),
)
_TYPED = (pl.lit(TYPE).alias("type"), _line(", ", "line1", "line2").alias("full"))
_WITHOUT_NULLS = pl.col("text").str.replace_all(NULL_KEY, "")
_BIRTHDAY = pl.from_epoch(pl.col("birthday")).dt.strftime("%Y-%m-%dT00:00:00.000Z")

_HEAD: Fields = (
    *_same("id", "display_name", "partner_name", "brand"),
    ("brand_id", pl.col("brand")),
    *_same("user_id", "sort_field", "last_touch", "last_touch_action", "next_touch", "touch_freq"),
)
_BODY: Fields = (
    *_same("ios_address_book_id", "android_address_book_id", "created_at", "updated_at", "deleted_at"),
    *_same("created_for", "updated_for", "deleted_for"),
    *_same("title", "first_name", "partner_first_name", "middle_name", "last_name", "partner_last_name"),
    *_same("marketing_name", "nickname", "email"),
    ("primary_email", pl.col("email")),
    *_same("emails", "parked", "partner_email", "phone_number"),
    ("primary_phone_number", pl.col("phone_number")),
    *_same("phone_numbers", "company"),
    ("birthday", _BIRTHDAY),
    *_same("profile_image_url", "cover_image_url", "job_title", "source_type", "source"),
    *_same("website", "tags"),
    ("address", Json(pl.concat_str(pl.lit("["), pl.col("address"), pl.lit("]")).fill_null("null"))),
)
_SUMMARY: Fields = (
    *_same("id"),
    ("is_partner", pl.lit(False)),
    *_same("title", "first_name", "middle_name", "last_name", "marketing_name", "nickname"),
    *_same("email", "phone_number", "company", "birthday"),
    *_same("profile_image_url", "cover_image_url", "job_title", "source_type", "source"),
    ("tags", pl.col("summary_tags")),
    ("display_name", pl.col("summary_display_name")),
    *_same("abbreviated_display_name"),
    _type("contact_summary"),
)
_USER: Fields = (
    *_same("id", "created_at", "updated_at", "email", "phone_number", "first_name", "last_name"),
    _type("user"),
)
_COLLECTION: Fields = _same("id", "created_at", "updated_at", "created_by", "name")
_BRAND = pl.struct(pl.col("brand").alias("id"), pl.lit("brand").alias("type"))
_BESIDE_HEAD: Fields = (
    _user("user", "user_id"),
    _user("created_by", "created_by"),
    _user("updated_by", "updated_by"),
    ("summary", pl.struct(value.alias(key) for key, value in _SUMMARY if isinstance(value, pl.Expr))),
)
_BESIDE_BODY: Fields = (
    *(_gathered(name) for name in ("lists", "users", "deals", "flows")),
    ("attributes", _array("attributes", absent="[]")),
)
_ATTRIBUTE: Fields = (
    *_same("created_at", "updated_at", "deleted_at", "label", "is_primary", "is_partner", "index"),
    *_same("created_by", "updated_by", "attribute_type", "text", "number", "date"),
    ("address", Json(pl.col("place").fill_null("null"))),
    _type("contact_attribute"),
)
_DEFINITION: Fields = (
    *_same("id", "created_at", "updated_at", "deleted_at", "created_by", "updated_by"),
    *_same("name", "data_type", "label", "section"),
    *_same("required", "global", "singular", "show", "filterable", "editable", "searchable", "has_label"),
    ("labels", pl.col("labels").fill_null([])),
    ("enum_values", pl.when(pl.col("enum_values").list.len() > 0).then(pl.col("enum_values"))),
    *_same("user", "brand"),
    _type("contact_attribute_def"),
)
_TAG: Fields = (
    *_same("id", "created_at", "updated_at", "created_by", "updated_by", "tag"),
    ("text", pl.col("tag")),
    *_same("touch_freq"),
    _type("crm_tag"),
    ("auto_enroll_in_super_campaigns", pl.lit(False)),
)
