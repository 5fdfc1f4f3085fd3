"""Addresses: the documented components, their order in JSON, and the lines made of them (contract RULES E1–E8).

Components are plain cleaned text (see texts.py) and are never validated: a state "33333" stays (E5).
"""

import polars as pl

__all__ = ["KEYS", "LEGACY_TYPES", "PARTS", "TYPE", "full", "line1", "line2"]

PARTS = (
    "house_num", "predir", "qual", "pretype", "name", "suftype", "sufdir", "building",
    "unit", "box", "extra", "ruralroute", "city", "state", "country", "postcode",
)  # fmt: skip
# The printed bodies order keys as PostgreSQL's jsonb does: by length, then by alphabet.
KEYS = tuple(sorted((*PARTS, "type", "full", "line1", "line2"), key=lambda key: (len(key), key)))
TYPE = "stdaddr"
# Attribute types of an older interface that are parts of one address today (contract RULES A11).
LEGACY_TYPES = {
    "street_prefix": "predir",
    "street_name": "name",
    "street_suffix": "suftype",
    "unit_number": "unit",
    "city": "city",
    "state": "state",
    "country": "country",
    "postal_code": "postcode",
}
STREET = ("house_num", "predir", "qual", "pretype", "name", "suftype", "sufdir", "unit")
PLACE = ("city", "state", "postcode")


def line1(address: pl.Expr) -> pl.Expr:
    """Street line of a struct of components: house number to suffix, then the unit (RULES E2, E7); null when empty."""
    return _joined(address, STREET)


def line2(address: pl.Expr) -> pl.Expr:
    """Place line of a struct of components: city, state, postcode without a comma (RULES E3); null when empty."""
    return _joined(address, PLACE)


def full(address: pl.Expr) -> pl.Expr:
    """Both lines with a comma between, or the only one there is (RULES E4, E8); null when both are empty."""
    return _none_if_empty(pl.concat_str(line1(address), line2(address), separator=", ", ignore_nulls=True))


def _joined(address: pl.Expr, parts: tuple[str, ...]) -> pl.Expr:
    """Join the parts that are there by single spaces."""
    fields = [_none_if_empty(address.struct.field(part)) for part in parts]
    return _none_if_empty(pl.concat_str(fields, separator=" ", ignore_nulls=True))


def _none_if_empty(text: pl.Expr) -> pl.Expr:
    """Null instead of empty text."""
    return pl.when(text != "").then(text)
