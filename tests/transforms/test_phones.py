"""Phone numbers: keys as libphonenumber has them, placeholders without one, the text as sent."""

import random

import phonenumbers
import polars as pl
import pytest
import rphonenumbers
from hypothesis import given
from hypothesis import strategies as st

from storage.errors import UsageError
from transforms.phones import DAMAGED, SEVERAL, TOO_FEW_DIGITS, TOO_LONG, clean_phones


def cleaned(text: str, region: str = "US") -> tuple[str, str | None, str | None]:
    return clean_phones(pl.Series([text]), region).row(0)


def by_the_library(text: str, region: str) -> str | None:
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    valid = phonenumbers.is_valid_number(number)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164) if valid else None


@pytest.mark.parametrize(
    ("text", "region", "key"),
    [
        ("(415) 555-3695", "US", "+14155553695"),
        ("415-555-3695", "US", "+14155553695"),
        ("4155553695", "US", "+14155553695"),
        ("1 415 555 3695", "US", "+14155553695"),
        ("+1 (415) 555-3695", "US", "+14155553695"),
        ("+14155553695", "DE", "+14155553695"),
        ("415.555.3695 x12", "US", "+14155553695"),
        ("415-555-3695 ext. 4", "US", "+14155553695"),
        ("1-800-FLOWERS", "US", "+18003569377"),
        ("011 44 20 7946 0018", "US", "+442079460018"),
        ("+44 (0)20 7946 0018", "US", "+442079460018"),
        ("020 7946 0018", "GB", "+442079460018"),
        ("0049 30 901820", "FR", "+4930901820"),
        ("030 901820", "DE", "+4930901820"),
        ("+39 06 698 82001", "US", "+390669882001"),
        ("٠٢٠ ٧٩٤٦ ٠٠١٨", "GB", "+442079460018"),
        ("tel:+1-415-555-3695", "US", "+14155553695"),
    ],
)
def test_a_valid_number_has_its_e164_form_as_key(text: str, region: str, key: str) -> None:
    assert cleaned(text, region) == (text, key, None)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("555-610-6679", "5556106679"),
        ("1-555-610-6679", "5556106679"),
        ("+1 555 610 6679", "5556106679"),
        ("555-610-6679 x9", "5556106679"),
        ("555 610 6679 ext 12", "5556106679"),
        ("610-6679", "6106679"),
        ("911", "911"),
        ("030 901820", "030901820"),
    ],
)
def test_an_invalid_number_has_its_digits_as_key(text: str, key: str) -> None:
    assert cleaned(text) == (text, key, None)


@pytest.mark.parametrize(
    "text",
    [
        "0000000000", "000-000-0000", "(999) 999-9999", "+1 111 111 1111", "555-555-5555", "415-555-5555",
        "212-000-0000", "123-456-7890", "1234567890", "+1 (123) 456-7890", "0123456789", "111-222-3333", "000", "00000",
    ],
)  # fmt: skip
def test_placeholders_are_kept_without_a_key(text: str) -> None:
    assert cleaned(text) == (text, None, None)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("n/a", TOO_FEW_DIGITS),
        ("12", TOO_FEW_DIGITS),
        ("none", TOO_FEW_DIGITS),
        ("bob@example.com", TOO_FEW_DIGITS),
        ("#N/A", TOO_FEW_DIGITS),
        ("+1 415 555 0132, +1 415 555 0133", SEVERAL),
        ("415-555-0115 or 415-555-0116 (work)", SEVERAL),
        ("4.15555E+09", DAMAGED),
        ("4E9", DAMAGED),
        pytest.param("1 " * 1_000_000, TOO_LONG, id="a cell of 2 MB"),
    ],
)
def test_what_is_no_number_is_refused_with_its_reason(text: str, reason: str) -> None:
    assert cleaned(text) == (text, None, reason)


def test_an_unknown_region_is_a_usage_error_that_helps() -> None:
    with pytest.raises(UsageError, match='"UK" is not a region'):
        clean_phones(pl.Series(["020 7946 0018"]), "UK")


def test_both_ports_of_the_library_carry_the_same_metadata() -> None:
    assert rphonenumbers.__phonenumbers_version__ == phonenumbers.__version__


def test_the_frame_is_as_high_as_the_series_and_in_its_order() -> None:
    values = pl.Series(["415-555-3695", "x", "+44 20 7946 0018", "x", "415-555-3695"])
    frame = clean_phones(values)
    assert frame["text"].to_list() == values.to_list()
    assert frame["key"].to_list() == ["+14155553695", None, "+442079460018", None, "+14155553695"]
    assert clean_phones(pl.Series([], dtype=pl.String)).height == 0


def test_plain_american_numbers_of_every_area_get_what_the_library_says() -> None:
    dice = random.Random(7)
    written = ("{}{}{}", "({}) {}-{}", "{}-{}-{}", "+1 {} {} {}", "1.{}.{}.{}", "+1({}){}-{}")
    texts = [
        dice.choice(written).format(area, f"{dice.randrange(1000):03}", f"{dice.randrange(10000):04}")
        for area in range(200, 1000)
        for _ in range(3)
    ]
    for region in ("US", "CA", "BS"):
        keys = clean_phones(pl.Series(texts), region)["key"].to_list()
        for text, key in zip(texts, keys, strict=True):
            valid = by_the_library(text, region)
            digits = "".join(filter(str.isdecimal, text))[-10:]
            assert key in {valid or digits, None}, text


@given(
    st.text(alphabet="0123456789+()-. x/#ext;", min_size=1, max_size=24),
    st.sampled_from(["US", "GB", "DE", "IT", "BR", "AU", "JP", "MX"]),
)
def test_a_key_with_a_plus_is_the_library_s_and_no_other(text: str, region: str) -> None:
    _, key, reason = cleaned(text.strip() or "0", region)
    valid = by_the_library(text.strip() or "0", region)
    if key is not None and key.startswith("+"):
        assert key == valid
    if valid is not None and reason is None:
        assert key in {valid, None}


@given(st.text(alphabet="0123456789+()-. xE", min_size=1, max_size=18))
def test_cleaning_a_key_gives_the_key_again(text: str) -> None:
    _, key, _ = cleaned(text)
    if key is not None and key.startswith("+"):
        assert cleaned(key) == (key, key, None)
