"""Dates: the many ways of writing a day, the order of a column, and what is refused."""

from datetime import UTC, date, datetime

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transforms.dates import (
    AMBIGUOUS,
    NOT_A_DATE,
    OUT_OF_RANGE,
    PLACEHOLDER,
    WRONG_ORDER,
    DateOrder,
    Numerals,
    decide_order,
    parse_dates,
)  # fmt: skip


def parsed(text: str, order: DateOrder | None = None, numerals: Numerals = "serial") -> tuple[str | None, str | None]:
    seconds, reason = parse_dates(pl.Series([text]), order, numerals=numerals).row(0)
    return None if seconds is None else str(datetime.fromtimestamp(seconds, UTC).date()), reason


def order_of(*texts: str) -> DateOrder | None:
    return decide_order(pl.Series(texts, dtype=pl.String))


@pytest.mark.parametrize(
    "text",
    [
        "2024-03-12", "2024-3-12", "2024/03/12", "2024.03.12", "2024-03-12T00:00:00", "2024-03-12T23:59:59.999Z",
        "2024-03-12 00:00:00", "2024-03-12T00:00:00+02:00", "2024-03-12 10:30 PM", "20240312", "20240312T101500Z",
        "20240312T1430-0500",
        "12 Mar 2024", "12 March 2024", "12-Mar-2024", "12-Mar-24", "12MAR2024", "Mar 12, 2024", "March 12, 2024",
        "march 12 2024", "Mar. 12, 2024", "12th March 2024", "March 12th, 2024", "12 of March, 2024",
        "Tuesday, March 12, 2024", "Tue, 12 Mar 2024 10:00:00 GMT", "2024-Mar-12", "2024 March 12",
        "12 Mar '24",
    ],
)  # fmt: skip
def test_a_day_that_reads_one_way_needs_no_order(text: str) -> None:
    assert parsed(text) == ("2024-03-12", None)


@pytest.mark.parametrize(
    ("text", "order", "day"),
    [
        ("5/6/1990", "mdy", "1990-05-06"),
        ("5/6/1990", "dmy", "1990-06-05"),
        ("05.06.1990", "dmy", "1990-06-05"),
        ("5-6-90", "mdy", "1990-05-06"),
        ("90-05-06", "ymd", "1990-05-06"),
        ("5/6/29", "mdy", "2029-05-06"),
        ("5/6/30", "mdy", "1930-05-06"),
        ("5/6/1990 0:00", "mdy", "1990-05-06"),
        ("5/6/1990 12:00:00 AM", "mdy", "1990-05-06"),
        ("2/29/2000", "mdy", "2000-02-29"),
        ("1990-12-25", "mdy", "1990-12-25"),
        ("5 / 6 / 1990", "mdy", "1990-05-06"),
        ("5/5/1990", None, "1990-05-05"),
        ("25/12/1990", None, "1990-12-25"),
        ("12/25/90", None, "1990-12-25"),
    ],
)
def test_numeric_dates_follow_the_order_of_their_column(text: str, order: DateOrder | None, day: str) -> None:
    assert parsed(text, order) == (day, None)


@pytest.mark.parametrize(
    ("text", "order", "reason"),
    [
        ("5/6/1990", None, AMBIGUOUS),
        ("25/12/1990", "mdy", WRONG_ORDER),
        ("5/6/1990", "ymd", WRONG_ORDER),
        ("2/30/1990", "mdy", NOT_A_DATE),
        ("2023-02-29", None, NOT_A_DATE),
        ("0000-00-00", None, PLACEHOLDER),
        ("0/0/00", "mdy", PLACEHOLDER),
        ("00.00.0000", None, PLACEHOLDER),
        ("0", None, PLACEHOLDER),
        ("1900-01-00", None, NOT_A_DATE),
        ("1904", None, NOT_A_DATE),
        ("253497600", None, NOT_A_DATE),
        ("4155551234", None, NOT_A_DATE),
        ("1", None, NOT_A_DATE),
        ("soon", None, NOT_A_DATE),
        ("Marsupial 12, 2024", None, NOT_A_DATE),
        ("12 ma 2024", None, NOT_A_DATE),
        ("12 jui 2024", None, NOT_A_DATE),
        ("1.5", None, NOT_A_DATE),
        ("April 1975", None, NOT_A_DATE),
        ("04/1975", None, NOT_A_DATE),
        ("#REF!", None, NOT_A_DATE),
        ("--02-30", None, NOT_A_DATE),
        ("03/07", None, AMBIGUOUS),
        ("0001-01-01", None, OUT_OF_RANGE),
        ("0999-12-31", None, OUT_OF_RANGE),
        ("9999-12-31", None, OUT_OF_RANGE),
    ],
)
def test_what_is_no_date_is_refused_with_its_reason(text: str, order: DateOrder | None, reason: str) -> None:
    assert parsed(text, order) == (None, reason)


@pytest.mark.parametrize(
    ("text", "order", "day"),
    [
        ("--0307", None, "03-07"),
        ("--03-07", None, "03-07"),
        ("March 7", None, "03-07"),
        ("7 mars", None, "03-07"),
        ("7. März", None, "03-07"),
        ("7.3.", None, "03-07"),
        ("29/2", None, "02-29"),
        ("3/7", "mdy", "03-07"),
        ("3/7", "dmy", "07-03"),
        ("1604-03-07", None, "03-07"),
    ],
)
def test_a_day_without_a_year_is_kept_under_1604(text: str, order: DateOrder | None, day: str) -> None:
    assert parsed(text, order) == (f"1604-{day}", None)


MONTHS = {
    "en": "January February March April May June July August September October November December",
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "it": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "nl": "januari februari maart april mei juni juli augustus september oktober november december",
    "pt": "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
}


@pytest.mark.parametrize("names", MONTHS.values(), ids=MONTHS)
def test_months_are_known_by_name_in_seven_languages(names: str) -> None:
    months = [(f"1980-{number:02}-05", name) for number, name in enumerate(names.split(), 1)]
    for form in ("5 {} 1980", "5. {} 1980", "5-{}-1980", "{} 5, 1980", "5 de {} de 1980", "05 {} 80"):
        assert [parsed(form.format(name)) for _, name in months] == [(day, None) for day, _ in months]


@pytest.mark.parametrize(
    "text",
    ["Dienstag, 4. Oktober 2011", "Di, 4. Okt. 2011", "mardi 4 octobre 2011", "martes, 4 de octubre de 2011",
     "4 OTT 2011", "martedì 4 ottobre 2011", "dinsdag 4 okt 2011",
     "terça-feira, 4 de outubro de 2011", "4º de outubro de 2011"],
)  # fmt: skip
def test_weekdays_and_small_words_are_passed_over(text: str) -> None:
    assert parsed(text) == ("2011-10-04", None)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("1000000", 950_400), ("253497600", 253_497_600), ("-1", -86_400), ("0", 0), ("1778872034.692717", 1_778_803_200)],
)
def test_unix_seconds_floor_to_their_utc_day(text: str, seconds: int) -> None:
    assert parse_dates(pl.Series([text]), None, numerals="unix").row(0) == (seconds, None)


@pytest.mark.parametrize(
    ("text", "day"),
    [("25569", "1970-01-01"), ("33010", "1990-05-17"), ("43831.75", "2020-01-01"), ("10000", "1927-05-18")],
)
def test_five_digits_are_days_as_excel_counts_them(text: str, day: str) -> None:
    assert parsed(text) == (day, None)


@pytest.mark.parametrize(
    ("texts", "order"),
    [
        (("12/25/2020", "1/2/2020"), "mdy"),
        (("25/12/2020", "1/2/2020"), "dmy"),
        (("90-12-25", "90-01-02"), "ymd"),
        (("1990-12-25", "1 Jan 1990"), "ymd"),
        (("12/25/20", "1990-12-25", "junk"), "mdy"),
        (("13/13/2020", "12/25/2020"), "mdy"),
        ((), "ymd"),
        (("1/2/2020", "3/4/2020"), None),
        (("12/25/2020", "25/12/2020"), None),
        (("5/5/2020", "6/6/2020"), "mdy"),
        (("13/4", "5/6"), "dmy"),
        (("5/6", "12/25/2020"), "mdy"),
    ],
)
def test_the_order_is_decided_from_the_whole_column_or_not_at_all(
    texts: tuple[str, ...], order: DateOrder | None
) -> None:
    assert order_of(*texts) == order


def test_the_frame_is_as_high_as_the_series_and_in_its_order() -> None:
    frame = parse_dates(pl.Series(["1970-01-02", "x", "1970-01-01", "1970-01-02"]), "mdy")
    assert frame["date"].to_list() == [86_400, None, 0, 86_400]
    assert parse_dates(pl.Series([], dtype=pl.String), None).schema == {"date": pl.Int64, "reason": pl.String}


def seconds(days: list[date]) -> list[int]:
    return [int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) for day in days]


@pytest.mark.parametrize("form", ["%Y-%m-%d", "%Y%m%d", "%d %b %Y", "%B %d, %Y", "%A, %d %B %Y", "%Y-%m-%dT%H:%M:%SZ"])
@settings(max_examples=10)
@given(days=st.lists(st.dates(date(1000, 1, 1), date(2199, 12, 31)), min_size=1))
def test_a_written_day_is_read_back(form: str, days: list[date]) -> None:
    assert parse_dates(pl.Series([day.strftime(form) for day in days]), None)["date"].to_list() == seconds(days)


@settings(max_examples=30)
@given(st.lists(st.dates(date(1930, 1, 1), date(2029, 12, 31)), min_size=1), st.sampled_from(["%m/%d/%Y", "%d/%m/%Y"]))
def test_a_column_written_in_one_order_is_never_read_in_the_other(days: list[date], form: str) -> None:
    values = pl.Series([day.strftime(form) for day in days])
    order = decide_order(values)
    if order is not None:
        assert parse_dates(values, order)["date"].to_list() == seconds(days)


@settings(max_examples=30)
@given(st.lists(st.one_of(st.text(max_size=20), st.text(alphabet="0123456789-/. TZ:", max_size=20)), min_size=1))
def test_any_text_is_a_date_or_has_a_reason(texts: list[str]) -> None:
    for day, reason in parse_dates(pl.Series(texts), None).iter_rows():
        assert (day is None) != (reason is None)
