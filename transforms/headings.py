"""Read a column name: which attribute it means, with what label, which of several, and whether it is the partner's.

"Spouse Work Phone 2" is read word by word against data/header_aliases.json: an ordinal, a partner, a label, and the
attribute by what remains. Names in several languages, in camelCase and without their accents are known. A name that
says more than these words do is not read: the e-mail of an agent is not the contact's.
"""

import json
import re
import unicodedata
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from itertools import zip_longest
from typing import TypedDict

from rapidfuzz import fuzz, process

__all__ = [
    "LABELLED", "LISTED", "ONE_LINE_ADDRESS", "WHOLE_ADDRESS", "WHOLE_NAME",
    "Heading", "guess_heading", "in_english", "read_heading", "read_label_heading",
    "says_kind", "says_nothing", "says_owner",
]  # fmt: skip

# Not attributes: a whole name in one column; a whole address in one, or its street; one that says it is whole.
WHOLE_NAME, WHOLE_ADDRESS, ONE_LINE_ADDRESS = "name", "address.whole", "address.full"
# How like a known name a misspelt one must be, in percent, each word of it, and how long to be compared at all.
LIKE, UNLIKE, COMPARED = 88, 60, 5
LABELLED = frozenset({"email", "phone_number", "address"})
# What else may have a label, which says nothing there, and what may be called the main one. All other words count: a
# company's LinkedIn page is not the person's, nor its number the contact's.
ALSO_LABELLED = LABELLED | {"website", "note"}
MAIN = LABELLED | {"website", "name", "company", "job_title"}
LISTED = frozenset({"email", "phone_number"})
# Where somebody would like to live is not where they do.
WISHED = re.compile(r"\b(?:preferred|best)\b")
# Between a word and its number, and between the words of camelCase too.
NUMBERED = re.compile(r"(?<=[A-Za-z])(?=[0-9])")
SEAMS = re.compile(r"(?<=[A-Za-z])(?=[0-9])|(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
LABELS_OF = re.compile(r"(?i)(.*?)[\W_]*(?:type|label|typ|tipo|étiquette|etiqueta|etichetta|libellé)\W*$")
# "Address(es)", "Phone(s)".
OR_SEVERAL = re.compile(r"(?i)\((e?s)\)")
# "Line 2" of a street is not a second street.
LINE = re.compile(r"\b(?:line|ligne|zeile|linea|linha) ([1-9])\b")
# In front of a part of one, it says nothing more.
ADDRESS = re.compile(r"^(?:mail )?(?:address|adresse?|direccion|indirizzo|endereco|morada) ")


@dataclass(frozen=True)
class Heading:
    """What a column name says; `ordinal` is 1 unless it is numbered, `attribute_type` may be WHOLE_NAME.

    `separator` of a list is what its values show it to be, None where any of the usual ones may be.
    """

    column: str
    attribute_type: str
    label: str | None = None
    ordinal: int = 1
    is_partner: bool = False
    is_primary: bool = False
    is_list: bool = False
    separator: str | None = None

    @property
    def kind(self) -> str:
        """The attribute without the part of an address."""
        return self.attribute_type.partition(".")[0]


class _Aliases(TypedDict):
    # Words that are like an alias and mean something else.
    other: list[str]
    nothing: list[str]
    little: list[str]
    owner: list[str]
    partner: list[str]
    primary: list[str]
    labels: dict[str, list[str]]
    types: dict[str, list[str]]


def read_heading(column: str) -> Heading | None:
    """Read a column name; None when it means nothing known."""
    written = unicodedata.normalize("NFKC", in_english(column))
    # MobilePhone is two words, LinkedIn is one: both readings are tried. "Client's E-mail" is the contact's own.
    spellings = [_folded(seams.sub(" ", written)) for seams in (SEAMS, NUMBERED)]
    readings = (reading for spelling in spellings for reading in (spelling, _without_owner(spelling)))
    return next((heading for reading in readings if (heading := _heading(column, reading))), None)


def read_label_heading(column: str) -> Heading | None:
    """Read whose labels a column holds: of "Phone 1 - Type", what "Phone 1" means; None when it holds none."""
    found = LABELS_OF.match(column)
    heading = read_heading(found[1]) if found else None
    return heading if heading is not None and heading.kind in LABELLED else None


def guess_heading(column: str) -> Heading | None:
    """Read a column name by the known one it is most like; None when it is like none."""
    phrase = _folded(SEAMS.sub(" ", column))
    if len(phrase) < COMPARED or phrase in _aliases()["other"]:
        return None
    known = process.extract(phrase, _types().keys(), scorer=fuzz.ratio, score_cutoff=LIKE)
    like = next((alias for alias, _, _ in known if _is_like(phrase, alias)), None)
    return replace(heading, column=column) if like and (heading := read_heading(like)) else None


def says_nothing(column: str) -> bool:
    """Say whether a name is none: "Column 3", "Feld7", "F3", "Unnamed: 2", "3"."""
    words = NUMBERED.sub(" ", _folded(column)).split()
    return all(word.isdecimal() or len(word) == 1 or word in _aliases()["nothing"] for word in words)


def says_kind(column: str, kind: str) -> bool:
    """Say whether a name has a word for an attribute in it: with other words beside it, it is somebody else's."""
    words = set(_folded(SEAMS.sub(" ", column)).split())
    return any(alias in words for alias, attribute_type in _types().items() if attribute_type == kind)


def says_owner(column: str) -> bool:
    """Say whether a name is a word for a contact alone: "Client", "Kunde"."""
    return _folded(column) in _aliases()["owner"]


def _is_like(one: str, other: str) -> bool:
    """Say whether each word is like the other's: a "PO postal code" is no ZIP postal code."""
    return all(fuzz.ratio(*words) >= UNLIKE for words in zip_longest(one.split(), other.split(), fillvalue=""))


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


def _folded(text: str) -> str:
    """Words in small letters without accents, apostrophes, brackets of plurals and the little words between them."""
    plain = OR_SEVERAL.sub(r"\1", re.sub(r"['’](?=s\b)", "", _unaccented(text))).casefold()
    little = _aliases()["little"]
    return " ".join(word for word in re.sub(r"[\W_]+", " ", plain).split() if word not in little)


def _unaccented(text: str) -> str:
    return "".join(letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter))


def _without_owner(phrase: str) -> str:
    """Take "Person" or "Client" from the front of a name; "Contact 2" is somebody else."""
    first, _, rest = phrase.partition(" ")
    return rest if first in _aliases()["owner"] and not rest[:1].isdecimal() else phrase


def _heading(column: str, words: str) -> Heading | None:
    """Read the folded words of a column name."""
    line = LINE.search(words)
    said = LINE.sub("line", words).split()
    ordinal = next((int(word) for word in said if word.isdecimal() and len(word) < 3), 1)
    phrase = " ".join(word for word in said if not word.isdecimal())
    bare = _without(phrase, tuple(_aliases()["partner"]))
    attribute_type, label, is_primary = _meaning(bare) if bare or not phrase else (WHOLE_NAME, None, False)
    if attribute_type is None:
        return None
    if attribute_type == "address.name" and line and line[1] != "1":
        attribute_type = "address.unit"
    is_list = attribute_type == "tag" or (attribute_type in LISTED and bare.endswith("s") and not bare.endswith("ss"))
    return Heading(column, attribute_type, label, ordinal, bare != phrase, is_primary, is_list)


def _meaning(phrase: str) -> tuple[str | None, str | None, bool]:
    """Look a phrase up as it is, then without label words and "primary": (type, label, is_primary)."""
    table = _aliases()
    # In the order of the table: of "work mobile" the device is the label.
    said = {name: bare for name, words in table["labels"].items() if (bare := _without(phrase, tuple(words))) != phrase}
    unlabelled = _without(phrase, tuple(word for words in table["labels"].values() for word in words))
    main, plain = (_without(text, tuple(table["primary"])) for text in (phrase, unlabelled))
    forms = [(phrase, None), (main, MAIN), *((form, ALSO_LABELLED) for form in (*reversed(said.values()), unlabelled))]
    forms.append((plain, LABELLED))
    for form, allowed in forms:
        found = _type_of(form)
        kind = (found or "").partition(".")[0]
        if found and (allowed is None or form == phrase or kind in allowed):
            break
    else:
        return None, None, False
    # "House number" is a part of any address; "mobile" says what kind of phone.
    if kind not in LABELLED or (kind == "address" and form == phrase):
        return found, None, False
    if kind == "address" and form in (main, plain) and WISHED.search(phrase):
        return None, None, False
    label = next(iter(said), None)
    return found, label, label is None and form in (main, plain) and form != phrase


def _type_of(phrase: str) -> str | None:
    """Look a phrase up, as the part of an address too."""
    types = _types()
    part = types.get(ADDRESS.sub("", phrase), "")
    return types.get(phrase) or (part if part.startswith("address.") else None)


def _without(phrase: str, words: tuple[str, ...]) -> str:
    """Take whole words (or runs of words) out of a phrase."""
    found = re.sub(rf"\b(?:{'|'.join(map(re.escape, sorted(words, key=len, reverse=True)))})\b", " ", phrase)
    return " ".join(found.split())


@cache
def _aliases() -> _Aliases:
    """Read the shipped table."""
    text = resources.files("data").joinpath("header_aliases.json").read_text(encoding="utf-8")
    table: _Aliases = json.loads(_unaccented(text))
    return table


@cache
def _types() -> dict[str, str]:
    """Attribute type of every alias."""
    return {_folded(alias): kind for kind, names in _aliases()["types"].items() for alias in names}
