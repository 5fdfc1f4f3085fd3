"""Rows of users, and of who is in a list, flow, deal or task: checked, with the keys contacts are recognised by.

A bad row is left out with its reason, the others stand.
"""

from typing import Literal, get_args

import polars as pl

from storage.errors import InputFileError
from transforms.emails import clean_emails
from transforms.phones import clean_phones

__all__ = ["COLLECTIONS", "COLUMNS", "Loadable", "clean_members", "clean_users", "known_columns"]

Loadable = Literal["users", "lists", "flows", "deals", "crm_tasks"]
# What is loaded → the kind of collection it makes.
COLLECTIONS: dict[str, str] = {name: name.removesuffix("s") for name in get_args(Loadable) if name != "users"}
COLUMNS: dict[str, tuple[str, ...]] = {
    "users": ("id", "email", "phone_number", "first_name", "last_name"),
    **dict.fromkeys(COLLECTIONS, ("id", "name", "contact", "email", "phone_number")),
}
UUID_TEXT = r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"


def known_columns(what: str, table: pl.DataFrame, *, where: str) -> pl.DataFrame:
    """Pick the columns that mean something, whatever their case; absent ones are null. Texts come stripped.

    Raises: InputFileError when the rows do not say what they are about.
    """
    found = {name.strip().lower().replace(" ", "_"): name for name in table.columns}
    if "id" not in found and (what == "users" or "name" not in found):
        needed = "id" if what == "users" else "id or name"
        raise InputFileError(
            f"the file has no column {needed}", where=where, remedy=f"Known columns: {', '.join(COLUMNS[what])}."
        )
    texts = (pl.col(found[name]) if name in found else pl.lit(None, pl.String) for name in COLUMNS[what])
    stripped = (text.str.strip_chars() for text in texts)
    return table.select(
        pl.when(text != "").then(text).alias(name) for name, text in zip(COLUMNS[what], stripped, strict=True)
    )


def clean_users(table: pl.DataFrame, *, region: str) -> pl.DataFrame:
    """Check users [id, email, phone_number, first_name, last_name].

    Returns: the same with email_key and phone_key, and `reason` why a row cannot be taken, null when it can. A user
    that stands twice is taken as it stands last.
    """
    keyed = _with_keys(table, region)
    again = pl.col("id").str.to_lowercase().is_duplicated() & ~pl.col("id").str.to_lowercase().is_last_distinct()
    return keyed.with_columns(
        pl.when(~_is_id("id")).then(pl.lit("the id is not a UUID"))
        .when(again).then(pl.lit("the same user stands again below"))
        .otherwise(pl.coalesce("email_reason", "phone_reason")).alias("reason")
    )  # fmt: skip


def clean_members(table: pl.DataFrame, *, region: str) -> pl.DataFrame:
    """Check rows [id, name, contact, email, phone_number].

    Returns: [id, name, contact, key, reason]; reason is null when the row can be taken. A contact is named by its id,
    else by e-mail address, else by phone number.
    """
    keyed = _with_keys(table, region)
    key = pl.coalesce("email_key", "phone_key")
    unusable = pl.coalesce("email", "phone_number").is_not_null() & key.is_null()
    return keyed.select(
        "id", "name", "contact", pl.when(pl.col("contact").is_null()).then(key).alias("key"),
        pl.when(pl.col("id").is_not_null() & ~_is_id("id")).then(pl.lit("the id is not a UUID"))
        .when(pl.coalesce("id", "name").is_null()).then(pl.lit("neither id nor name"))
        .when(pl.col("contact").is_not_null() & ~_is_id("contact")).then(pl.lit("the contact is not a UUID"))
        .when(pl.col("contact").is_null()).then(
            pl.coalesce("email_reason", "phone_reason", pl.when(unusable).then(pl.lit("a placeholder names nobody")))
        ).alias("reason"),
    )  # fmt: skip


def _is_id(column: str) -> pl.Expr:
    return pl.col(column).str.contains(UUID_TEXT).fill_null(False)


def _with_keys(table: pl.DataFrame, region: str) -> pl.DataFrame:
    """Add email_key, phone_key and why there is none."""
    emails = clean_emails(table["email"].drop_nulls().unique()).select("text", email_key="key", email_reason="reason")
    phones = clean_phones(table["phone_number"].drop_nulls().unique(), region)
    numbers = phones.select("text", phone_key="key", phone_reason="reason")
    return table.join(emails, left_on="email", right_on="text", how="left", maintain_order="left").join(
        numbers, left_on="phone_number", right_on="text", how="left", maintain_order="left"
    )
