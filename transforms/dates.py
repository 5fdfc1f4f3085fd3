"""Dates: every common way of writing one becomes unix seconds at UTC midnight of the day as written (RULES B1, J7).

Day-first or month-first is never guessed for a value alone: decide_order looks at all values of a column, and what
stays ambiguous is rejected with advice. A written time or zone is passed over: a birthday is the day on the page. One
without a year is kept under the year 1604, as Apple does: it has a 29 February and is nobody's.
"""

import json
import unicodedata
from functools import cache
from importlib import resources
from typing import Literal

import polars as pl

__all__ = [
    "AMBIGUOUS",
    "FIRST_YEAR",
    "LAST_YEAR",
    "OUT_OF_RANGE",
    "WRONG_ORDER",
    "DateOrder",
    "day_bounds",
    "decide_order",
    "parse_dates",
]

DateOrder = Literal["ymd", "mdy", "dmy"]
Numerals = Literal["serial", "serial_1904", "unix"]

AMBIGUOUS = "date could be day-first or month-first: say which with --dates"
NOT_A_DATE = "not a date"
PLACEHOLDER = "a placeholder, not a date"
WRONG_ORDER = "not a date in the order of its column"

ORDERS: tuple[DateOrder, ...] = ("ymd", "mdy", "dmy")
DAY_SECONDS = 86_400
FIRST_YEAR, LAST_YEAR = 1000, 2199
OUT_OF_RANGE = f"date is before the year {FIRST_YEAR} or after {LAST_YEAR}"
NO_YEAR = 1604
# Two-digit years as Excel reads them: 00-29 are 2000-2029, 30-99 are 1930-1999.
PIVOT = 30

TIME = (
    r"(?:[Tt\s,]+(?:at\s+)?[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]+)?)?\s*(?:[AaPp]\.?[Mm]\.?)?"
    r"\s*(?:Z|z|UTC|GMT|[+-][0-9]{2}:?(?:[0-9]{2})?)?)?"
)
WEEKDAY = (
    r"(?:(?i:mon|tue|wed|thu|fri|sat|sun|die|mit|don|fre|sam|son|mo|di|mi|do|fr|sa|so|lun|mar|mer|mie|jeu|jue|gio|ven|vie|"
    r"sab|dim|dom|maa|din|woe|vri|zat|zon|seg|ter|qua|qui|sex)[a-z-]*\.?,?\s+)?"
)
MONTH = r"(?P<month>[A-Za-z]{3,10})\.?"
DAY = r"(?P<day>[0-9]{1,2})(?i:st|nd|rd|th|er|[oº°.])?"
YEAR = r"'?(?P<year>[0-9]{4}|[0-9]{2})"
SEPARATOR = r"\s*[-/.\s]\s*"
ISO = rf"^(?P<year>[0-9]{{4}}){SEPARATOR}(?P<month>[0-9]{{1,2}}){SEPARATOR}(?P<day>[0-9]{{1,2}}){TIME}$"
COMPACT = (
    r"^(?P<year>[0-9]{4})(?P<month>[0-9]{2})(?P<day>[0-9]{2})"
    r"(?:[Tt\s][0-9]{4,6}(?:\.[0-9]+)?(?:[Zz]|[+-][0-9]{2}:?(?:[0-9]{2})?)?)?$"
)
DAY_MONTH_YEAR = rf"^{WEEKDAY}{DAY}[-/,\s]*(?:(?:of|de|del)\s+)?{MONTH},?[-/\s]*(?:del?\s+)?{YEAR}{TIME}$"
MONTH_DAY_YEAR = rf"^{WEEKDAY}{MONTH}[-/\s]*{DAY}[-/,\s]+{YEAR}{TIME}$"
YEAR_MONTH_DAY = rf"^{YEAR}[-/,\s]+{MONTH}[-/\s]+{DAY}{TIME}$"
NAMED = (DAY_MONTH_YEAR, MONTH_DAY_YEAR, YEAR_MONTH_DAY)
TRIPLE = rf"^(?P<a>[0-9]{{1,2}}){SEPARATOR}(?P<b>[0-9]{{1,2}}){SEPARATOR}(?P<c>[0-9]{{4}}|[0-9]{{2}}){TIME}$"
# Without a year: 12/04 in the order of its column, 12.4. (German), --0412 and --04-12 (vCard), 12 April, April 12.
PAIR = r"^(?P<a>[0-9]{1,2})\s*[-/]\s*(?P<b>[0-9]{1,2})$"
DOTTED = r"^(?P<day>[0-9]{1,2})\.\s*(?P<month>[0-9]{1,2})\.$"
MONTH_AND_DAY = r"^--(?P<month>[0-9]{2})-?(?P<day>[0-9]{2})$"
YEARLESS = (rf"^{DAY}\s*(?:(?:of|de|del)\s+)?{MONTH}$", rf"^{MONTH}\s*{DAY}$")
ZEROS = rf"^0+{SEPARATOR}0+{SEPARATOR}0+{TIME}$|^0+$"
UNIX = r"^[+-]?[0-9]{1,15}(?:\.[0-9]+)?$"
# What nearly all dates of a column in one order look like; no other form reads such a text as another day.
USUAL = {
    "ymd": ISO,
    "mdy": TRIPLE.replace("<a>", "<month>").replace("<b>", "<day>").replace("<c>", "<year>"),
    "dmy": TRIPLE.replace("<a>", "<day>").replace("<b>", "<month>").replace("<c>", "<year>"),
}
# Days as Excel counts them, 1927-05-18 to 2173-10-13; nothing else that is a date has five digits.
SERIAL = r"^[1-9][0-9]{4}(?:\.[0-9]+)?$"
SERIAL_OF_1970 = {"serial": 25_569, "serial_1904": 24_107}


def decide_order(values: pl.Series) -> DateOrder | None:
    """Decide how the numeric dates of one column are ordered, from all its values.

    Args: values, the column's text. Returns: the one order every value allows (ymd when no value needs one), or None
    when several orders remain and they differ, or when values contradict each other. Source: contract RULES J7.
    """
    distinct = values.cast(pl.String).str.strip_chars().drop_nulls().unique()
    readings = _triples(distinct.to_frame("text")).select(ORDERS)
    readings = readings.filter(~pl.all_horizontal(pl.col(ORDERS).is_null()))
    orders = [order for order in ORDERS if readings[order].null_count() == 0]
    if not orders:
        return None
    agree = readings.select(pl.all_horizontal(pl.col(orders[0]) == pl.col(order) for order in orders).all()).item()
    return orders[0] if agree else None


def parse_dates(values: pl.Series, order: str | None, *, numerals: Numerals = "serial") -> pl.DataFrame:
    """Read dates.

    Args: values, stripped text without nulls; order, a DateOrder for numeric dates or None: only those with a single
    reading are taken; numerals, what a bare number is: unix seconds (JSON), or an Excel serial when of five digits,
    counted from 1900 or 1904.
    Returns: [date: i64 unix seconds at UTC midnight, reason] in the order of values. Pre-1970 floors (RULES B3).
    """
    frame = pl.DataFrame({"text": values.cast(pl.String)})
    table = _read(frame.unique(), order, numerals)
    return frame.join(table, on="text", how="left", maintain_order="left").select("date", "reason")


def _read(distinct: pl.DataFrame, order: str | None, numerals: Numerals) -> pl.DataFrame:
    """Read distinct values, the usual ones first, in a fraction of the time: [text] → [text, date, reason]."""
    usual = distinct.with_columns(_calendar(USUAL[order or "ymd"]).dt.epoch("d").cast(pl.Int64).alias("days"))
    read = pl.col("days").is_between(*day_bounds(), closed="left").fill_null(False)
    table = usual.filter(read).select(
        "text", (pl.col("days") * DAY_SECONDS).alias("date"), pl.lit(None, pl.String).alias("reason")
    )
    rest = usual.filter(~read).select("text")
    return pl.concat([table, _read_any(rest, order, numerals)]) if rest.height else table


def day_bounds() -> tuple[pl.Expr, pl.Expr]:
    """The first day that is taken for a date, and the first that no longer is, as days since 1970."""
    first, end = (pl.date(year, 1, 1).dt.epoch("d").cast(pl.Int64) for year in (FIRST_YEAR, LAST_YEAR + 1))
    return first, end


def _read_any(distinct: pl.DataFrame, order: str | None, numerals: Numerals) -> pl.DataFrame:
    """Read distinct values of whatever form: [text] → [text, date, reason]."""
    triples = _triples(distinct)
    forms = [_calendar(ISO), *map(_named, (*NAMED, *YEARLESS)), _one_reading() if order is None else pl.col(order)]
    forms += [_calendar(MONTH_AND_DAY), _calendar(DOTTED)]
    if numerals != "unix":
        forms.append(_calendar(COMPACT))
    days = triples.with_columns(pl.coalesce(forms).dt.epoch("d").cast(pl.Int64).alias("days"))
    days = days.with_columns(pl.coalesce("days", _numeral_days(numerals)).alias("days"))
    in_range = pl.col("days").is_between(*day_bounds(), closed="left")
    reason = (
        pl.when(in_range).then(None)
        .when(pl.col("days").is_not_null()).then(pl.lit(OUT_OF_RANGE))
        .when(_is_ambiguous() if order is None else False).then(pl.lit(AMBIGUOUS))
        .when(pl.any_horizontal(pl.col(ORDERS).is_not_null())).then(pl.lit(WRONG_ORDER))
        .when(pl.col("text").str.contains(ZEROS)).then(pl.lit(PLACEHOLDER))
        .otherwise(pl.lit(NOT_A_DATE))
    )  # fmt: skip
    date = pl.when(in_range).then(pl.col("days") * DAY_SECONDS)
    return days.select("text", date.alias("date"), reason.alias("reason"))


def _triples(distinct: pl.DataFrame) -> pl.DataFrame:
    """Read numeric dates, with or without a year, in every order: [text] → [text, ymd, mdy, dmy: date or null]."""
    parts, pair = pl.col("text").str.extract_groups(TRIPLE), pl.col("text").str.extract_groups(PAIR)
    a, b, c = (parts.struct.field(name) for name in "abc")
    first, second = (pair.struct.field(name) for name in "ab")
    month_first, day_first = _date(pl.lit(str(NO_YEAR)), first, second), _date(pl.lit(str(NO_YEAR)), second, first)
    short = c.str.len_bytes() == 2
    return distinct.with_columns(
        pl.coalesce(pl.when(short).then(_date(a, b, c)), month_first).alias("ymd"),
        pl.coalesce(_date(c, a, b), month_first).alias("mdy"),
        pl.coalesce(_date(c, b, a), day_first).alias("dmy"),
    )


def _one_reading() -> pl.Expr:
    """Return the date every possible order gives, null when they differ."""
    least, most = pl.min_horizontal(ORDERS), pl.max_horizontal(ORDERS)
    return pl.when(least == most).then(least)


def _is_ambiguous() -> pl.Expr:
    """Say whether two orders give different dates."""
    return pl.min_horizontal(ORDERS) < pl.max_horizontal(ORDERS)


def _calendar(pattern: str) -> pl.Expr:
    """Read year, month and day groups as numbers; without a year group it is NO_YEAR."""
    parts = pl.col("text").str.extract_groups(pattern)
    year = parts.struct.field("year") if "<year>" in pattern else pl.lit(str(NO_YEAR))
    return _date(year, *(parts.struct.field(name) for name in ("month", "day")))


def _named(pattern: str) -> pl.Expr:
    """Read a date whose month is a name, or the beginning of one, in a language of data/month_names.json."""
    plain = pl.col("text").str.normalize("NFKD").str.replace_all(r"\p{M}", "")
    parts = plain.str.extract_groups(pattern)
    names = _month_names()
    month = parts.struct.field("month").str.to_lowercase()
    number = month.replace_strict([*names], [*names.values()], default=None, return_dtype=pl.String)
    year = parts.struct.field("year") if "<year>" in pattern else pl.lit(str(NO_YEAR))
    return _date(year, number, parts.struct.field("day"))


@cache
def _month_names() -> dict[str, str]:
    """Every beginning of a month's name that says which month it is, without accents: its number of two digits."""
    months = json.loads(resources.files("data").joinpath("month_names.json").read_text(encoding="utf-8"))
    found: dict[str, set[str]] = {}
    for number, names in months.items():
        for name in names:
            plain = "".join(letter for letter in unicodedata.normalize("NFKD", name) if letter.isascii())
            for length in range(3, len(plain) + 1):
                found.setdefault(plain[:length], set()).add(number)
    return {name: numbers.pop() for name, numbers in found.items() if len(numbers) == 1}


def _date(year: pl.Expr, month: pl.Expr, day: pl.Expr) -> pl.Expr:
    """Make a date of text parts, null when there is no such day."""
    century = pl.when(year.cast(pl.Int16, strict=False) < PIVOT).then(pl.lit("20")).otherwise(pl.lit("19"))
    full_year = pl.when(year.str.len_bytes() == 2).then(century + year).otherwise(year)
    written = pl.concat_str(full_year, month.str.zfill(2), day.str.zfill(2), separator="-")
    return written.str.to_date("%Y-%m-%d", strict=False)


def _numeral_days(numerals: Numerals) -> pl.Expr:
    """Days since 1970-01-01 of a bare number, null for anything else."""
    pattern = UNIX if numerals == "unix" else SERIAL
    number = pl.when(pl.col("text").str.contains(pattern)).then(pl.col("text")).cast(pl.Float64, strict=False)
    days = number / DAY_SECONDS if numerals == "unix" else number - SERIAL_OF_1970[numerals]
    return days.floor().cast(pl.Int64)
