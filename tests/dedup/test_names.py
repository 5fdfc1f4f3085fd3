"""What is read from names and mailboxes, as tables."""

import polars as pl
import pytest

from dedup.mailboxes import is_made_of_names, names_in_mailbox
from dedup.names import are_aliases, clean_companies, clean_names, folded, soundex


@pytest.mark.parametrize(
    ("name", "whole", "generation"),
    [
        ("Dr. Renée O’Connor", "reneeoconnor", 0),
        ("Lopez Jr.", "lopez", 1),
        ("Cline, PhD", "cline", 0),
        ("Daty III", "daty", 4),
        ("Zakroff, Hank", "hankzakroff", 0),
        ("Boy 2", "boy2", 0),
        ("王小明", "王小明", 0),
        ("Sr", "sr", 0),
    ],
)
def test_names_lose_titles_suffixes_accents_and_case(name: str, whole: str, generation: int) -> None:
    cleaned = clean_names(pl.Series([name])).row(0, named=True)
    assert (cleaned["whole"], cleaned["generation"]) == (whole, generation)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("robert", "bob", True),
        ("bob", "robert", True),
        ("bobby", "rob", True),
        ("robert", "william", False),
        ("anna", "boris", False),
    ],
)
def test_aliases(one: str, other: str, expected: bool) -> None:
    assert are_aliases(one, other) is expected


def test_companies_lose_their_legal_form_unless_it_is_all_they_have() -> None:
    names = pl.Series(["Harlow & Sons, Inc.", "The Company", "Łódź GmbH"])
    assert clean_companies(names).to_list() == ["harlow sons", "the company", "łodz"]


def test_soundex_is_the_classic_one_without_padding() -> None:
    assert soundex(pl.Series(["robert", "rupert", "smith", "smyth", "lee"])).to_list() == [
        "r163",
        "r163",
        "s53",
        "s53",
        "l",
    ]


FIRSTS, LASTS = {"brenda", "craig", "kevin"}, {"hernandez", "davis", "doyle"}


@pytest.mark.parametrize(
    ("local", "first", "last", "expected"),
    [
        ("brenda.hernandez", "", "", ("brenda", "hernandez")),
        ("hernandez.brenda", "", "", ("brenda", "hernandez")),
        ("brendahernandez", "", "", ("brenda", "hernandez")),
        ("cdoyle", "", "", ("c", "doyle")),
        ("craig.davis82", "craig", "", ("craig", "davis")),
        ("eileen.dominguez", "eileen", "", ("eileen", "dominguez")),
        ("kevin", "", "", ("kevin", "")),
        ("info", "", "", ("", "")),
        ("davisfamily", "", "davis", ("", "davis")),
        ("x.y.z", "", "", ("", "")),
        ("brenda.hernandez", "craig", "davis", ("craig", "davis")),
    ],
)
def test_names_in_mailboxes(local: str, first: str, last: str, expected: tuple[str, str]) -> None:
    assert names_in_mailbox(local, first, last, FIRSTS, LASTS) == expected


@pytest.mark.parametrize(
    ("local", "expected"),
    [("craig.davis", True), ("cdavis", True), ("craigdavis", True), ("craig82", False), ("tiger", False)],
)
def test_a_mailbox_of_names_only_tells_no_more_than_the_name(local: str, expected: bool) -> None:
    assert is_made_of_names(local, FIRSTS | LASTS) is expected


def test_marks_that_are_letters_tell_names_apart_and_accents_do_not() -> None:
    texts = pl.Series(["कमल", "कमला", "Renée", "Йован", "Иован", "مُحَمَّد", "محمد"])
    kamal, kamala, renee, one, other, pointed, plain = folded(texts).to_list()
    assert kamal != kamala
    assert renee == "renee"
    assert one == other
    assert pointed == plain


def test_what_stands_for_no_value_or_is_masked_is_none() -> None:
    assert folded(pl.Series(["N/A", " unknown ", "J*** D***", "Nona", "N A"])).to_list() == [
        None,
        None,
        None,
        "nona",
        "n a",
    ]
