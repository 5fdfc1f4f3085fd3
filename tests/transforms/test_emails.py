"""E-mail addresses: what is kept, what is refused and which spellings share a key."""

import re

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from transforms.emails import MASKED, NOT_AN_EMAIL, PLAIN, SEVERAL, clean_emails, fold_email


def cleaned(text: str) -> tuple[str, str | None, str | None]:
    return clean_emails(pl.Series([text])).row(0)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("bob@example.com", "bob@example.com"),
        ("Bob.Smith@Example.COM", "bob.smith@example.com"),
        ("bob+news@example.com", "bob+news@example.com"),
        ("o'neil@example.co.uk", "o'neil@example.co.uk"),
        ("'bob@example.com'", "bob@example.com"),
        ("mailto:Bob@example.com", "bob@example.com"),
        ("MAILTO:bob@example.com?subject=hello", "bob@example.com"),
        ("Bob Smith <bob@example.com>", "bob@example.com"),
        ("<bob@example.com>", "bob@example.com"),
        ("bob@example.com <Bob@example.com>", "bob@example.com"),
        ("bob@example.com,", "bob@example.com"),
        ("\u200bbob@example.com", "bob@example.com"),
        ("ｂｏｂ＠example.com", "bob@example.com"),
        ("JÜRGEN@MÜLLER.de", "jürgen@müller.de"),
        ("info@straße.de", "info@strasse.de"),
        ("山田@例え.jp", "山田@例え.jp"),
        ('"bob smith"@example.com', '"bob smith"@example.com'),
        ("bob@mail.example.museum", "bob@mail.example.museum"),
    ],
)
def test_spellings_of_one_address_share_a_key_and_the_text_stays(text: str, key: str) -> None:
    assert cleaned(text) == (text, key, None)


@pytest.mark.parametrize(
    "text",
    [
        "none@none.com",
        "None@None.com",
        "test@test.com",
        "noemail@gmail.com",
        "noreply@example.com",
        "no-reply@shop.example.com",
        "unknown@example.com",
        "anything@noemail.com",
        "a@b.com",
        "bob@somewhere.invalid",
    ],
)
def test_placeholders_are_kept_without_a_key(text: str) -> None:
    assert cleaned(text) == (text, None, None)


@pytest.mark.parametrize(
    "text", ["contest@example.com", "nonesuch@example.com", "testa@example.com", "info@example.com", "bob@example.org"]
)
def test_addresses_that_only_resemble_placeholders_have_a_key(text: str) -> None:
    assert cleaned(text) == (text, text, None)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[email\u00a0protected]", MASKED),
        ("[email protected]", MASKED),
        ("[EMAIL PROTECTED]", MASKED),
        ("j***n@example.com", MASKED),
        ("john@e****.com", MASKED),
        pytest.param("*" * 500, NOT_AN_EMAIL, id="asterisks only"),
        ("bob", NOT_AN_EMAIL),
        ("bob@", NOT_AN_EMAIL),
        ("@example.com", NOT_AN_EMAIL),
        ("bob@localhost", NOT_AN_EMAIL),
        ("bob@@example.com", NOT_AN_EMAIL),
        ("bob@example..com", NOT_AN_EMAIL),
        ("bob smith@example.com", NOT_AN_EMAIL),
        ("n/a", NOT_AN_EMAIL),
        ("#N/A", NOT_AN_EMAIL),
        ("555-123-4567", NOT_AN_EMAIL),
        ("x" * 250 + "@example.com", NOT_AN_EMAIL),
        pytest.param("x" * 3_000_000, NOT_AN_EMAIL, id="a cell of 3 MB"),
        pytest.param("a@example.com; " * 1_000, SEVERAL, id="a thousand addresses"),
        ("a@example.com; b@example.com", SEVERAL),
        ("a@example.com b@example.com", SEVERAL),
        ("a@example.com, Bob <b@example.com>", SEVERAL),
    ],
)
def test_what_is_no_address_is_refused_with_its_reason(text: str, reason: str) -> None:
    assert cleaned(text) == (text, None, reason)


def test_the_frame_is_as_high_as_the_series_and_in_its_order() -> None:
    values = pl.Series(["b@x.com", "bad", "A@x.com", "bad", "ü@x.com", "b@x.com"])
    frame = clean_emails(values)
    assert frame["text"].to_list() == values.to_list()
    assert frame["key"].to_list() == ["b@x.com", None, "a@x.com", None, "ü@x.com", "b@x.com"]
    assert frame["reason"].null_count() == 4


def test_no_values_give_no_rows() -> None:
    frame = clean_emails(pl.Series([], dtype=pl.String))
    assert frame.schema == {"text": pl.String, "key": pl.String, "reason": pl.String}
    assert frame.height == 0


@settings(max_examples=50)
@given(st.lists(st.one_of(st.emails(), st.text(max_size=40)), min_size=1))
@example(["ǅ@x.com", "mailto:mailto:a@x.com"])
def test_cleaning_a_key_gives_the_key_again(texts: list[str]) -> None:
    frame = clean_emails(pl.Series(texts))
    keys = frame["key"].drop_nulls()
    assert clean_emails(keys).rows() == [(key, key, None) for key in keys]
    assert frame.filter(pl.col("key").is_not_null() & pl.col("reason").is_not_null()).height == 0


@settings(max_examples=30)
@given(st.from_regex(re.compile(PLAIN, re.ASCII), fullmatch=True))
def test_the_quick_way_and_the_careful_way_agree(text: str) -> None:
    assert fold_email(text) == text.lower()
