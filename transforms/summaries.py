"""Compute what a contact's card shows from its attributes: names, lists, tags, addresses in their documented order.

One function serves a batch being imported and contacts changed later, so a summary can be thrown away and rebuilt at
any time. Everything is polars over whole frames; the rules are contract RULES B, C and G.
"""

import polars as pl

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
        _in_order(of("tag").sort("contact", "updated", descending=[False, True], maintain_order=True), "tags"),
        _addresses(addresses),
    ]
    summaries = contacts.select("contact")
    filled = [field for field in fields if field.height]
    if contacts.height == 1:
        summaries = pl.concat([summaries, *(field.drop("contact") for field in filled)], how="horizontal")
    else:
        for field in filled:
            summaries = summaries.join(field, on="contact", how="left", maintain_order="left")
    empty = [
        pl.lit(None, kind).alias(name)
        for field in fields
        for name, kind in field.schema.items()
        if not field.height and name != "contact"
    ]
    return summaries.with_columns(*empty).with_columns(*_FIRSTS).with_columns(*_NAMES)


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


# Most kinds are empty for a single contact, whose answer is waited for.
def _first(values: pl.DataFrame, column: str, name: str) -> pl.DataFrame:
    """The first value of each contact under its new name."""
    if values.is_empty():
        return pl.DataFrame(schema={"contact": values.schema["contact"], name: values.schema[column]})
    return values.select("contact", pl.col(column).alias(name)).unique("contact", keep="first", maintain_order=True)


def _in_order(values: pl.DataFrame, name: str) -> pl.DataFrame:
    if values.is_empty():
        return pl.DataFrame(schema={"contact": values.schema["contact"], name: pl.List(pl.String)})
    return values.group_by("contact", maintain_order=True).agg(pl.col("text").alias(name))


def _listed(values: pl.DataFrame, name: str) -> pl.DataFrame:
    """The list of a contact's values: primary first, then latest first (contract RULES C8)."""
    if values.is_empty():
        return _in_order(values, name)
    ordered = values.sort("contact", *_LATEST_FIRST, descending=[False, True, True], maintain_order=True)
    return _in_order(ordered, name)


def _addresses(addresses: pl.DataFrame) -> pl.DataFrame:
    """The list of a contact's addresses: primary first, then as created (contract RULES C11)."""
    if addresses.is_empty():
        kind = pl.List(addresses.schema["address"])
        return pl.DataFrame(schema={"contact": addresses.schema["contact"], "address": kind})
    ordered = addresses.sort("contact", "is_primary", descending=[False, True], maintain_order=True)
    return ordered.group_by("contact", maintain_order=True).agg("address")


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
