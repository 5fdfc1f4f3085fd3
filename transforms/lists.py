"""Split cells that list several values: tags, e-mail addresses, phone numbers."""

import re

import polars as pl

from transforms.mapping import ANY_SEPARATOR, GOOGLE_SEPARATOR

__all__ = ["split_lists"]

# Google marks groups and labels of its own with a star. All of its contacts are in one of these: it says nothing.
EVERYBODY = ("* mycontacts", "* my contacts")
USUAL = r"\s+:::\s+|[;|\n]"
QUOTED = r'\s*"[^"]*"\s*'


def split_lists(cells: pl.DataFrame, separator: str) -> pl.DataFrame:
    """Split the lists in cells [row, value] into values, one a row; `sub` counts them within their row.

    Args: separator, ANY_SEPARATOR for the usual ones.
    """
    text = pl.col("value")
    if separator == ANY_SEPARATOR:
        text, separator = text.str.replace_all(USUAL, "\n"), "\n"
    split = text.str.split(separator)
    if len(separator) == 1 and separator not in '"\n' and cells["value"].str.contains('"', literal=True).any():
        split = _outside_quotes(text, separator, otherwise=split)
    parts = cells.with_columns(split.alias("value")).explode("value")
    # Some exports quote each value within the cell: "Buyer","Seller".
    bare = pl.col("value").str.strip_chars().str.replace(r'^"([^"]*)"$', "$1").str.strip_chars()
    if separator.strip() == GOOGLE_SEPARATOR.strip():
        bare = pl.when(~bare.str.to_lowercase().is_in(EVERYBODY)).then(bare.str.strip_prefix("* "))
    filled = parts.with_columns(bare.alias("value")).filter(pl.col("value") != "")
    return filled.with_columns(pl.int_range(pl.len(), dtype=pl.UInt32).over("row").alias("sub"))


def _outside_quotes(text: pl.Expr, separator: str, *, otherwise: pl.Expr) -> pl.Expr:
    """Split lists of quoted items, as Mailchimp quotes tags, which may hold the separator; a lone quote is text."""
    plain, mark = rf'[^"{re.escape(separator)}]', re.escape(separator)
    item = rf"(?:{QUOTED}|{plain}*)"
    is_quoted = text.str.contains('"', literal=True) & text.str.contains(rf"^{item}(?:{mark}{item})*$")
    return pl.when(is_quoted).then(text.str.extract_all(rf"{QUOTED}|{plain}+")).otherwise(otherwise)
