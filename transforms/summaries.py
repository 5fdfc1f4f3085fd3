"""Compute what a contact's card shows from its attributes: names, lists, tags, addresses in their documented order.

One function serves a batch being imported and contacts changed later, so a summary can be thrown away and rebuilt at
any time. Everything is polars over whole frames; the rules are contract RULES B, C and G.
"""

from collections.abc import Collection, Mapping, Sequence

import polars as pl

from storage.frames import beside, in_order, is_any, where, with_column
from transforms.addresses import PARTS

__all__ = ["SINGLE_FIELDS", "columns_of", "summarise", "summarise_attributes", "summarise_pieces"]

SINGLE_FIELDS = (
    "title",
    "first_name",
    "middle_name",
    "last_name",
    "marketing_name",
    "nickname",
    "company",
    "profile_image_url",
    "cover_image_url",
    "job_title",
    "source_type",
    "source",
)
_PARTNER_NAMES = ("first_name", "last_name")
NAMELESS = "Guest"
_TAG = ("tag", False)
Kind = tuple[str, bool]
FEW = 100
"""What so few attributes are of is told apart sooner by Python."""
Fields = Mapping[str, tuple[Kind, str]]
"""Field of a summary → the kind of its values, and the column they stand in."""
Numbers = Mapping[Kind, Sequence[int]]
"""Kind of value (attribute_type, is_partner) → the slots of that kind."""


def summarise(
    contacts: pl.DataFrame, attributes: pl.DataFrame, addresses: pl.DataFrame, slots: pl.DataFrame
) -> pl.DataFrame:
    """Compute the summary of each contact.

    Args:
        contacts: [contact: any key], one row each; the result keeps its order. All that follows is theirs.
        attributes: [contact, slot, text: str, date: i64, is_primary: bool, updated: int or time], living values in
            the order they were created within a contact; of addresses nothing is taken.
        addresses: [contact, is_primary: bool, address: struct], contact's own ones, in the order they were created.
        slots: [slot, attribute_type: str, is_partner: bool], what each slot number stands for.
    Returns: one row a contact with the columns of contact_summaries, `address` as list of struct.
    Source: contract RULES B5, C1-C11; e-mails lower-cased by D11.
    """
    numbers = _numbers(slots)
    gather = _gathered_of_one if contacts.height == 1 and attributes.height <= FEW else _gathered
    summaries = gather(
        contacts[["contact"]], attributes, _latest_first(attributes, numbers), _primary_first(addresses), numbers
    )
    return summaries.with_columns_seq(_FIRSTS).with_columns_seq(_NAMES)


def summarise_attributes(contacts: pl.DataFrame, attributes: pl.DataFrame) -> pl.DataFrame:
    """Compute the summary of each contact [contact] from attributes as `storage.contacts.read_attributes` has them."""
    kinds, is_partner = attributes["attribute_type"], attributes["is_partner"]
    numbered = attributes.hstack([(2 * kinds.cast(pl.Categorical).to_physical() + is_partner).alias("slot")])
    addresses = where(attributes, (kinds == "address") & ~is_partner)
    if addresses.height:
        addresses = with_column(addresses, pl.col("place").list.first().alias("address"))
    slots = numbered[["slot", "attribute_type", "is_partner"]]
    return summarise(contacts, numbered, addresses, slots.unique() if slots.height > FEW else slots)


def summarise_pieces(
    rows: pl.DataFrame, values: pl.DataFrame, addresses: pl.DataFrame, slots: pl.DataFrame
) -> pl.DataFrame:
    """Compute the summaries of rows [row] just cut into pieces; contacts of the result are row numbers."""
    if addresses.height:
        own = slots["slot"].filter(~slots["is_partner"])
        addresses = where(addresses, is_any(addresses["slot"], own))
    return summarise(
        rows[["row"]].rename({"row": "contact"}),
        values.rename({"row": "contact", "position": "updated"}),
        addresses.rename({"row": "contact"}),
        slots,
    )


def columns_of(attribute_types: Collection[str]) -> set[str]:
    """Which columns of a summary follow from attributes of some types."""
    found = {name for name, ((kind, _), _) in {**_IN_ORDER, **_LATEST_FIRST}.items() if kind in attribute_types}
    found |= {"address"}.intersection(attribute_types)
    for name, roots in _MADE_OF.items():
        if not found.isdisjoint(roots):
            found.add(name)
    return found


def _numbers(slots: pl.DataFrame) -> Numbers:
    numbers: dict[Kind, dict[int, None]] = {}
    for slot, *kind in slots[["slot", "attribute_type", "is_partner"]].iter_rows():
        numbers.setdefault((kind[0], kind[1]), {})[slot] = None
    return {kind: [*found] for kind, found in numbers.items()}


def _gathered(
    contacts: pl.DataFrame,
    in_their_order: pl.DataFrame,
    latest_first: pl.DataFrame,
    addresses: pl.DataFrame,
    numbers: Numbers,
) -> pl.DataFrame:
    """Gather the fields of each contact [contact] from its values in both orders and its addresses."""
    parts = [_grouped(in_their_order, _IN_ORDER, numbers), _grouped(latest_first, _LATEST_FIRST, numbers)]
    if addresses.height:
        parts.append(addresses.group_by("contact", maintain_order=True).agg("address"))
    for part in parts:
        if part is not None:
            contacts = beside(contacts, part, on="contact")
    missing = [null for name, null in _NULLS.items() if name not in contacts.columns]
    lists = [_filled(name) for name in _LISTS if name in contacts.columns]
    return contacts.with_columns_seq(*missing, *lists)


def _grouped(attributes: pl.DataFrame, fields: Fields, numbers: Numbers) -> pl.DataFrame | None:
    """Gather fields from the values of each contact, in the order these have; None when no value is of their kinds."""
    found = {
        name: pl.col(column).filter(_is_of(numbers[kind])) for name, (kind, column) in fields.items() if kind in numbers
    }
    if not found:
        return None
    gathered = [(values if name in _LISTS else values.first()).alias(name) for name, values in found.items()]
    return attributes.group_by("contact", maintain_order=True).agg(gathered)


def _gathered_of_one(
    contact: pl.DataFrame,
    in_their_order: pl.DataFrame,
    latest_first: pl.DataFrame,
    addresses: pl.DataFrame,
    numbers: Numbers,
) -> pl.DataFrame:
    """Do what `_gathered` does for few values of one contact: Python is done before polars has planned it."""
    gathered: dict[str, object] = dict.fromkeys(_TYPES)
    for attributes, fields in ((in_their_order, _IN_ORDER), (latest_first, _LATEST_FIRST)):
        slots = attributes["slot"].to_list()
        for name, (kind, column) in fields.items():
            if kind in numbers:
                told = zip(slots, attributes[column].to_list(), strict=True)
                values = [value for slot, value in told if slot in numbers[kind]]
                gathered[name] = (values or None) if name in _LISTS else next(iter(values), None)
    gathered["address"] = addresses["address"].to_list() if addresses.height else None
    return contact.hstack(pl.DataFrame([gathered], schema=_TYPES))


def _latest_first(attributes: pl.DataFrame, numbers: Numbers) -> pl.DataFrame:
    """The values that are listed, primary first, then latest first (contract RULES C8); of tags none is primary.

    Beside each stands how it is `lowered`.
    """
    listed = where(attributes, is_any(attributes["slot"], [n for kind in _LISTED for n in numbers.get(kind, ())]))
    is_main = listed["is_primary"] & ~is_any(listed["slot"], numbers.get(_TAG, ()))
    listed = with_column(listed.hstack([is_main.alias("is_main")]), pl.col("text").str.to_lowercase().alias("lowered"))
    return in_order(listed, "contact", "is_main", "updated", descending={"is_main", "updated"})


def _is_of(numbers: Sequence[int]) -> pl.Expr:
    """Whether a value's slot is any of some; there are as many as labels, or hardly any."""
    return pl.col("slot").is_in([*numbers]) if len(numbers) != 1 else pl.col("slot") == numbers[0]


def _primary_first(addresses: pl.DataFrame) -> pl.DataFrame:
    """A contact's addresses, primary first, then as created (contract RULES C11)."""
    return in_order(addresses, "contact", "is_primary", descending={"is_primary"}) if addresses.height else addresses


def _filled(name: str) -> pl.Expr:
    """A list, null when it is empty."""
    return pl.when(pl.col(name).list.len() > 0).then(pl.col(name))


_LISTS = ("emails", "phone_numbers", "website", "summary_tags", "tags")
# Column → the kind of its values (attribute_type, is_partner), and what is taken of each.
_IN_ORDER: Fields = {
    **{name: ((name, False), "text") for name in SINGLE_FIELDS},
    **{f"partner_{name}": ((name, True), "text") for name in _PARTNER_NAMES},
    "birthday": (("birthday", False), "date"),
    "summary_tags": (_TAG, "text"),
}
_LATEST_FIRST: Fields = {
    "emails": (("email", False), "lowered"),
    "partner_email": (("email", True), "lowered"),
    "phone_numbers": (("phone_number", False), "text"),
    "website": (("website", False), "text"),
    "tags": (_TAG, "text"),
}
_LISTED = [kind for kind, _ in _LATEST_FIRST.values()]
_TYPES: dict[str, pl.DataType] = {
    **dict.fromkeys((*SINGLE_FIELDS, "partner_first_name", "partner_last_name", "partner_email"), pl.String()),
    "birthday": pl.Int64(),
    **dict.fromkeys(_LISTS, pl.List(pl.String)),
    "address": pl.List(pl.Struct(dict.fromkeys(PARTS, pl.String))),
}
_NULLS = {name: pl.lit(None, kind).alias(name) for name, kind in _TYPES.items()}
# A contact's one e-mail and phone are the first of its lists, marked primary or not (contract RULES C8, D11).
_FIRSTS = (
    pl.col("emails").list.first().alias("email"),
    pl.col("phone_numbers").list.first().alias("phone_number"),
)
_FULL = pl.concat_str("first_name", "last_name", separator=" ")
_REACHABLE = ("company", "email", "phone_number", pl.lit(NAMELESS))
_NAMED = ("marketing_name", "first_name", "last_name", *_REACHABLE)
# The names a contact goes by (contract RULES C1-C6).
_NAMES = (
    pl.coalesce("nickname", _FULL, *_NAMED).alias("display_name"),
    pl.coalesce("nickname", pl.concat_str("last_name", "first_name", separator=" "), *_NAMED).alias("sort_field"),
    pl.coalesce(_FULL, "marketing_name", "first_name", "last_name", "nickname", *_REACHABLE).alias(
        "summary_display_name"
    ),
    pl.coalesce("nickname", "first_name", "last_name", "marketing_name", *_REACHABLE).alias("abbreviated_display_name"),
    pl.concat_str("partner_first_name", "partner_last_name", separator=" ", ignore_nulls=True)
    .replace("", None)
    .alias("partner_name"),
)
_MADE_OF = {made.meta.output_name(): made.meta.root_names() for made in (*_FIRSTS, *_NAMES)}
