"""Read a column name: which attribute it means, with what label, which of several, and whether it is the partner's.

"Spouse Work Phone 2" is read word by word against data/header_aliases.json: an ordinal, a partner, a label, and the
attribute by what remains. Names in several languages and in camelCase are known.
"""

import json
import re
import unicodedata
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from typing import TypedDict

from rapidfuzz import fuzz, process

__all__ = ["LABELLED", "WHOLE_ADDRESS", "WHOLE_NAME", "Heading", "guess_heading", "in_english", "read_heading"]

# Not attributes: a whole name in one column, a whole address in one.
WHOLE_NAME, WHOLE_ADDRESS = "name", "address.whole"
# How like a known name a misspelt one must be, in percent, and how long to be compared at all.
LIKE, COMPARED = 88, 5
LABELLED = frozenset({"email", "phone_number", "address"})
# Between a word and its number, and between the words of camelCase too.
NUMBERED = re.compile(r"(?<=[A-Za-z])(?=[0-9])")
SEAMS = re.compile(r"(?<=[A-Za-z])(?=[0-9])|(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


@dataclass(frozen=True)
class Heading:
    """What a column name says; `ordinal` is 1 unless it is numbered, `attribute_type` may be WHOLE_NAME."""

    column: str
    attribute_type: str
    label: str | None = None
    ordinal: int = 1
    is_partner: bool = False
    is_primary: bool = False
    is_list: bool = False

    @property
    def kind(self) -> str:
        """The attribute without the part of an address."""
        return self.attribute_type.partition(".")[0]


class _Aliases(TypedDict):
    partner: list[str]
    primary: list[str]
    labels: dict[str, list[str]]
    types: dict[str, list[str]]


def read_heading(column: str) -> Heading | None:
    """Read a column name; None when it means nothing known."""
    written = unicodedata.normalize("NFKC", in_english(column)).replace("'", "").replace("’", "")
    # MobilePhone is two words, LinkedIn is one: both readings are tried.
    return _heading(column, SEAMS.sub(" ", written)) or _heading(column, NUMBERED.sub(" ", written))


def guess_heading(column: str) -> Heading | None:
    """Read a column name by the known one it is most like; None when it is like none."""
    phrase = " ".join(re.sub(r"[\W_]+", " ", SEAMS.sub(" ", column).casefold()).split())
    if len(phrase) < COMPARED:
        return None
    like = process.extractOne(phrase, _types().keys(), scorer=fuzz.ratio, score_cutoff=LIKE)
    return replace(heading, column=column) if like and (heading := read_heading(like[0])) else None


def in_english(column: str) -> str:
    """Return what a program calls the column in English, or the name as it is."""
    return _translations().get(_spelt(column), column)


def _spelt(column: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", column).replace("’", "'").casefold().split())


@cache
def _translations() -> dict[str, str]:
    """English names of localised columns; of names that languages share, the first table's."""
    text = resources.files("data").joinpath("header_translations.json").read_text(encoding="utf-8")
    tables: dict[str, dict[str, str]] = json.loads(text)
    return {_spelt(name): english for table in reversed(tables.values()) for name, english in table.items()}


def _heading(column: str, words: str) -> Heading | None:
    """Read the words of a column name."""
    said = re.sub(r"[\W_]+", " ", words.casefold()).split()
    ordinal = next((int(word) for word in said if word.isdecimal() and len(word) < 3), 1)
    phrase = " ".join(word for word in said if not word.isdecimal())
    bare = _without(phrase, tuple(_aliases()["partner"]))
    attribute_type, label, is_primary = _meaning(bare) if bare or not phrase else (WHOLE_NAME, None, False)
    if attribute_type is None:
        return None
    is_list = attribute_type == "tag" or (attribute_type in LABELLED and bare.endswith("s") and not bare.endswith("ss"))
    return Heading(column, attribute_type, label, ordinal, bare != phrase, is_primary, is_list)


def _meaning(phrase: str) -> tuple[str | None, str | None, bool]:
    """Look a phrase up as it is, then without label words, then without "primary": (type, label, is_primary)."""
    labels, types = _aliases()["labels"], _types()
    # In the order of the table: of "work mobile" the device is the label.
    said = {name: bare for name, words in labels.items() if (bare := _without(phrase, tuple(words))) != phrase}
    label = next(iter(said), None)
    unlabelled = _without(phrase, tuple(word for words in labels.values() for word in words))
    plain = _without(unlabelled, tuple(_aliases()["primary"]))
    found = next((types[form] for form in (phrase, *reversed(said.values()), unlabelled, plain) if form in types), None)
    kind = (found or "").partition(".")[0]
    # "House number" is a part of any address; "mobile" says what kind of phone.
    if kind not in LABELLED or (kind == "address" and phrase in types):
        return found, None, False
    return found, label, label is None and plain != unlabelled


def _without(phrase: str, words: tuple[str, ...]) -> str:
    """Take whole words (or runs of words) out of a phrase."""
    found = re.sub(rf"\b(?:{'|'.join(map(re.escape, sorted(words, key=len, reverse=True)))})\b", " ", phrase)
    return " ".join(found.split())


@cache
def _aliases() -> _Aliases:
    """Read the shipped table."""
    table: _Aliases = json.loads(resources.files("data").joinpath("header_aliases.json").read_text(encoding="utf-8"))
    return table


@cache
def _types() -> dict[str, str]:
    """Attribute type of every alias."""
    return {alias: attribute_type for attribute_type, names in _aliases()["types"].items() for alias in names}
