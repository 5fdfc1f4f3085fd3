"""What the values of columns look like: the share that are e-mail addresses, phone numbers, web addresses and titles.

A mapping that is found by itself holds what a header says against it. Only a sample is looked at.
"""

from dataclasses import dataclass

import polars as pl

__all__ = ["Content", "contents"]

EMAIL = r"^[^@\s]+@[^@\s]+\.[^@\s]+$"
# Exchange writes its own addresses into the columns of e-mail addresses of an Outlook export.
EXCHANGE = r"(?i)^/o="
PHONE = r"^(?:\+|00)?[0-9(][0-9 ()./-]{5,18}[0-9](?:\s*(?:x|ext\.?)\s*[0-9]+)?$"
DATE = r"^(?:\d{4}-\d{1,2}-\d{1,2}|\d{1,2}[./-]\d{1,2}[./-](?:\d{4}|\d{2})|--?\d{2}-?\d{2})(?:[ T].*)?$"
URL = r"(?i)^(?:https?://|www\.)\S+$"
HONORIFIC = (
    r"(?i)^(?:mr|mrs|ms|miss|mx|dr|prof|professor|sir|dame|rev|herr|frau|fräulein|m|mme|mlle|monsieur|madame|sr|sra|srta|"
    r"señor|señora|sig|signora|signor|dhr|mevr|mw|dott|dottssa|ing|dra|eng)\.?(?:\s.*)?$"
)
SHAPES = {"email": EMAIL, "phone_number": PHONE, "date": DATE, "website": URL, "honorific": HONORIFIC}


@dataclass(frozen=True)
class Content:
    """How many values a column's sample has, and which share of them is of each shape (0–1)."""

    filled: int
    shares: dict[str, float]


def contents(sample: pl.DataFrame) -> dict[str, Content]:
    """Look at the values of every column; `sample` has the file's columns by name, as text."""
    looked = [pl.col(name).str.strip_chars().replace("", None).alias(name) for name in sample.columns]
    cells = sample.select(looked)
    plain = [pl.when(~pl.col(name).str.contains(EXCHANGE)).then(pl.col(name)).alias(name) for name in sample.columns]
    cells = cells.select(plain)
    filled = cells.select(pl.all().count()).row(0)
    shares = {
        shape: [float(share or 0) for share in cells.select(pl.all().str.contains(pattern).mean()).row(0)]
        for shape, pattern in SHAPES.items()
    }
    return {
        name: Content(filled[place], {shape: shares[shape][place] for shape in SHAPES})
        for place, name in enumerate(cells.columns)
    }
