"""What the values of columns look like: e-mail and web addresses, phone numbers, dates, names, companies, postcodes.

A mapping that is found by itself holds what a header says against it, and goes by it where a header says nothing. Only
a sample is looked at.
"""

from dataclasses import dataclass
from functools import cache

import polars as pl

from transforms.mapping import GOOGLE_SEPARATOR

__all__ = ["EMAIL", "LEGAL_FORM", "SURELY_PHONE", "Content", "contents"]

EMAIL = r"^[^@\s]+@[^@\s]+\.[^@\s]+$"
# Exchange writes its own addresses into the columns of e-mail addresses of an Outlook export.
EXCHANGE = r"(?i)^/o="
PHONE = r"^(?:\+|00)?\s*[0-9(][0-9 ()./-]{5,18}[0-9](?:\s*(?:x|ext\.?)\s*[0-9]+)?$"
# What can be nothing but a phone number: with a country code, a bracketed or parted area code, or a leading zero. Bare
# digits may be anything.
SURELY_PHONE = (
    r"^(?:\+[1-9][0-9 ()./-]{7,17}[0-9]|1?[ .-]?\([2-9][0-9]{2}\)\s?[0-9]{3}[ .-]?[0-9]{4}|"
    r"(?:1[ .-])?[2-9][0-9]{2}[ .-][2-9][0-9]{2}[ .-][0-9]{4}|0[1-9][0-9]{1,4}[ /-][0-9 -]{5,9}[0-9])$"
)
DATE = r"^(?:\d{4}-\d{1,2}-\d{1,2}|\d{1,2}[./-]\d{1,2}[./-](?:\d{4}|\d{2})|--?\d{2}-?\d{2})(?:[ T].*)?$"
YEAR = r"^(?:\d{1,2}[./-]\d{1,2}[./-])?(1[89]\d{2}|20\d{2})(?:[-/.]\d{1,2}[-/.]\d{1,2})?(?:[ T]00:00.*)?$"
URL = r"(?i)^(?:https?://|www\.)\S+$"
HONORIFIC = (
    r"(?i)^(?:mr|mrs|ms|miss|mx|dr|prof|professor|sir|dame|rev|herr|frau|fräulein|m|mme|mlle|monsieur|madame|sr|sra|srta|"
    r"señor|señora|sig|signora|signor|dhr|mevr|mw|dott|dottssa|ing|dra|eng)\.?(?:\s.*)?$"
)
# Legal forms at the end; those of two letters only in capitals: "Ag" and "Sa" are names.
LEGAL_FORM = (
    r"(?:(?i:[,\s](?:inc|incorporated|llc|l\.l\.c|llp|ltd|limited|corp|corporation|gmbh|e\.k|s\.a\.r\.l|"
    r"sarl|s\.r\.l|srl|s\.p\.a|b\.v|n\.v|s\.a|s\.l|plc|pty|ltda|lda|aps|a/s|holdings|university|foundation|association)"
    r"\.?$)|\s(?:AG|KG|OHG|UG|SA|SL|SAS|AB|OY|BV|NV|SpA|SE)$|(?i:&\s*(?:co\.?|co\.? kg|sons|partners)$))"
)
NAME = r"^\p{Lu}[\p{L}'’.-]*(?:,? \p{L}[\p{L}'’.-]*){1,3}$"
# British, Canadian and Dutch ones and ZIP+4 are like nothing else; five digits are any number.
POSTCODE = (
    r"^(?:[A-Z]{1,2}[0-9][0-9A-Z]? [0-9][A-Z]{2}|[ABCEGHJ-NPRSTVXY][0-9][A-Z] ?[0-9][A-Z][0-9]|[1-9][0-9]{3} [A-Z]{2}|"
    r"[0-9]{5}-[0-9]{4})$"
)
# So many values tell as much as all.
ENOUGH = 1_000
SHAPES = {
    "email": EMAIL, "phone_number": PHONE, "surely_phone": SURELY_PHONE, "date": DATE, "website": URL,
    "linkedin": r"(?i)^(?:https?://)?(?:[a-z]+\.)?linkedin\.com/(?:in|pub)/",
    "facebook": r"(?i)^(?:https?://)?(?:[a-z-]+\.)?(?:facebook|fb)\.com/",
    "instagram": r"(?i)^(?:https?://)?(?:www\.)?instagram\.com/",
    "profile_image_url": r"(?i)^https?://\S+\.(?:jpe?g|png|gif|webp)(?:\?\S*)?$",
    "honorific": HONORIFIC, "protocol": r"^(?:SMTP|EX)$", "company": LEGAL_FORM, "name": NAME, "words": r"\S\s+\S",
    "comma": r",", "separator": rf"[;|\n]|{GOOGLE_SEPARATOR}", "colons": GOOGLE_SEPARATOR,
    "several_email": r"@[^@;,|\n]+[;,|\n][^@;,|\n]+@",
    "several_phone_number": r"(?:[0-9][^0-9;|\n]{0,3}){7}[^;|\n]*[;|\n](?:[^0-9;|\n]{0,9}[0-9]){7}",
    "postcode": POSTCODE, "digits_postcode": r"^[0-9]{5}(?:-[0-9]{4})?$",
}  # fmt: skip


@dataclass(frozen=True)
class Content:
    """What a column's sample holds.

    `filled`: how many values; `distinct`: the share of them that differ; `shares`: which share is of each of SHAPES,
    and of `given`: begins with a given name that is common in English; `years`: from the tenth to the ninetieth of a
    hundred, of dates. Shares are 0–1.
    """

    filled: int
    distinct: float
    shares: dict[str, float]
    years: tuple[int, int] | None


def contents(sample: pl.DataFrame) -> dict[str, Content]:
    """Look at the values of every column; `sample` has the file's columns by name, as text."""
    return {name: _content(sample.get_column(name)) for name in sample.columns}


def _content(column: pl.Series) -> Content:
    values = column.str.strip_chars().replace("", None).drop_nulls()
    values = values.filter(~values.str.contains(EXCHANGE)).head(ENOUGH).alias("value")
    if values.is_empty():
        return Content(0, 0.0, dict.fromkeys((*SHAPES, "given"), 0.0), None)
    text = pl.col("value")
    first = pl.coalesce(text.str.extract(r",\s*([\p{L}]+)"), text.str.extract(r"^([\p{L}]+)")).str.to_lowercase()
    shares = values.to_frame().select(
        *(text.str.contains(pattern).mean().alias(shape) for shape, pattern in SHAPES.items()),
        first.is_in(_given_names()).mean().fill_null(0.0).alias("given"),
    )
    years = values.str.extract(YEAR, 1).drop_nulls().cast(pl.Int32)
    low, high = years.quantile(0.1, "nearest"), years.quantile(0.9, "nearest")
    spread = (int(low), int(high)) if low is not None and high is not None else None
    return Content(len(values), values.n_unique() / len(values), shares.row(0, named=True), spread)


@cache
def _given_names() -> list[str]:
    from nicknames import name_triplets

    return sorted({name for triplet in name_triplets() for name in (triplet.name1, triplet.name2)})
