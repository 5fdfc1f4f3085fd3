"""Compute what a contact's card shows from its attributes: names, lists, tags, addresses in their documented order.

One function serves a batch being imported and contacts changed later, so a summary can be thrown away and rebuilt at
any time. Everything is polars over whole frames; the rules are contract RULES B, C and G.
"""

import polars as pl

from transforms.addresses import PARTS

__all__ = ["SINGLE_FIELDS", "summarise", "summarise_pieces"]

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
_PARTNER_FIELDS = ("first_name", "last_name", "email")
_LATEST_FIRST = ["is_primary", "updated"]
NAMELESS = "Guest"


def summarise(
    contacts: pl.DataFrame, attributes: pl.DataFrame, addresses: pl.DataFrame, slots: pl.DataFrame
) -> pl.DataFrame:
    """Compute the summary of each contact.

    Args:
        contacts: [contact: any key], one row each; the result keeps its order.
        attributes: [contact, slot, text: str, date: i64, is_primary: bool, updated: int], living values in
            the order they were created within a contact; addresses left out.
        addresses: [contact, is_primary: bool, address: struct], contact's own ones, in the order they were created.
        slots: [slot, attribute_type: str, is_partner: bool], what each slot number stands for.
    Returns: one row a contact with the columns of contact_summaries, `address` as list of struct.
    Source: contract RULES B5, C1-C11; e-mails lower-cased by D11.
    """
    numbers = _slot_numbers(slots)

    nothing = attributes.clear()

    def of(attribute_type: str, *, is_partner: bool = False) -> pl.DataFrame:
        mine = numbers.get((attribute_type, is_partner))
        return attributes.filter(pl.col("slot").is_in(mine)) if mine else nothing

    fields = [_first(of(name), "text", name) for name in SINGLE_FIELDS]
    fields += [_first(of(name, is_partner=True), "text", f"partner_{name}") for name in _PARTNER_FIELDS]
    fields += [
        _first(of("birthday"), "date", "birthday"),
        _listed(of("email").with_columns(pl.col("text").str.to_lowercase()), "emails"),
        _listed(of("phone_number"), "phone_numbers"),
        _listed(of("website"), "website"),
        _in_order(of("tag"), "summary_tags"),
        _latest_first(of("tag"), "tags"),
        _addresses(addresses),
    ]
    found = [field for field in fields if field is not None]
    summaries = contacts.select("contact")
    if contacts.height == 1:
        summaries = pl.concat([summaries, *(field.drop("contact") for field in found)], how="horizontal")
    else:
        for field in found:
            summaries = summaries.join(field, on="contact", how="left", maintain_order="left")
    missing = [null for name, null in _NULLS.items() if name not in summaries.columns]
    return summaries.with_columns(*missing).with_columns(*_FIRSTS).with_columns(*_NAMES)


def summarise_pieces(
    rows: pl.DataFrame, values: pl.DataFrame, addresses: pl.DataFrame, slots: pl.DataFrame
) -> pl.DataFrame:
    """Compute the summaries of rows [row] just cut into pieces; contacts of the result are row numbers."""
    own = slots.filter(~pl.col("is_partner"))["slot"].implode()
    return summarise(
        rows.select(pl.col("row").alias("contact")),
        values.rename({"row": "contact", "position": "updated"}),
        addresses.filter(pl.col("slot").is_in(own)).rename({"row": "contact"}),
        slots,
    )


def _slot_numbers(slots: pl.DataFrame) -> dict[tuple[str, bool], list[int]]:
    grouped = slots.group_by("attribute_type", "is_partner").agg("slot")
    return {(kind, partner): list(numbers) for kind, partner, numbers in grouped.iter_rows()}


def _first(values: pl.DataFrame, column: str, name: str) -> pl.DataFrame | None:
    """The first value of each contact under its new name; None when there is none, as of most kinds for one contact."""
    if values.is_empty():
        return None
    return values.select("contact", pl.col(column).alias(name)).unique("contact", keep="first", maintain_order=True)


def _in_order(values: pl.DataFrame, name: str) -> pl.DataFrame | None:
    if values.is_empty():
        return None
    return values.group_by("contact", maintain_order=True).agg(pl.col("text").alias(name))


def _latest_first(values: pl.DataFrame, name: str) -> pl.DataFrame | None:
    if values.is_empty():
        return None
    return _in_order(values.sort("contact", "updated", descending=[False, True], maintain_order=True), name)


def _listed(values: pl.DataFrame, name: str) -> pl.DataFrame | None:
    """The list of a contact's values: primary first, then latest first (contract RULES C8)."""
    if values.is_empty():
        return None
    return _in_order(values.sort("contact", *_LATEST_FIRST, descending=[False, True, True], maintain_order=True), name)


def _addresses(addresses: pl.DataFrame) -> pl.DataFrame | None:
    """The list of a contact's addresses: primary first, then as created (contract RULES C11)."""
    if addresses.is_empty():
        return None
    ordered = addresses.sort("contact", "is_primary", descending=[False, True], maintain_order=True)
    return ordered.group_by("contact", maintain_order=True).agg("address")


_TYPES: dict[str, pl.DataType] = {
    **dict.fromkeys((*SINGLE_FIELDS, *(f"partner_{name}" for name in _PARTNER_FIELDS)), pl.String()),
    "birthday": pl.Int64(),
    **dict.fromkeys(("emails", "phone_numbers", "website", "summary_tags", "tags"), pl.List(pl.String)),
    "address": pl.List(pl.Struct(dict.fromkeys(PARTS, pl.String))),
}
_NULLS = {name: pl.lit(None, kind).alias(name) for name, kind in _TYPES.items()}
# A contact's one e-mail and phone are the first of its lists, marked primary or not (contract RULES C8, D11).
_FIRSTS = (
    pl.col("emails").list.first().alias("email"),
    pl.col("phone_numbers").list.first().alias("phone_number"),
    pl.col("partner_email").str.to_lowercase(),
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
    pl.concat_list("partner_first_name", "partner_last_name")
    .list.drop_nulls()
    .list.join(" ")
    .replace("", None)
    .alias("partner_name"),
)
