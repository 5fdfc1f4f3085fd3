"""Lay attributes that a request sent out as the frame `transforms.bodies.cut_bodies` takes, in their order."""

from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl

from transforms.addresses import PARTS

__all__ = ["sent_attributes"]

_SCHEMA: dict[str, Any] = {
    "row": pl.UInt32, "position": pl.UInt32, "attribute_def": pl.String, "attribute_type": pl.String,
    "label": pl.String, "text": pl.String, "number": pl.Float64, "date": pl.Float64, "index": pl.Int32,
    "is_primary": pl.Boolean, "is_partner": pl.Boolean, "address": pl.Struct(dict.fromkeys(PARTS, pl.String)),
}  # fmt: skip


def sent_attributes(contacts: Iterable[Iterable[Mapping[str, Any]]]) -> pl.DataFrame:
    """Number contacts (row, from 0) and their attributes (position, from 1)."""
    rows = [
        {**attribute, "row": row, "position": position}
        for row, attributes in enumerate(contacts)
        for position, attribute in enumerate(attributes, start=1)
    ]
    return pl.DataFrame(rows, schema=_SCHEMA)
