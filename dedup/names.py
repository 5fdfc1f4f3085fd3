"""Clean personal and company names for comparison, and know which first names are short for which.

Works on distinct values: titles, generational suffixes and punctuation go, letters lose case and accents. Aliases come
from the public `nicknames` package.
"""

from collections.abc import Iterable
from functools import cache

import numpy as np
import polars as pl
from nicknames import name_triplets

from dedup.coding import Codes

__all__ = ["aliases", "are_aliases", "clean_companies", "clean_names", "folded", "known_names", "soundex"]

TITLES = "mr|mrs|ms|miss|mx|dr|prof|professor|rev|reverend|hon|sir|madam|dame|sra|sr a|herr|frau|mme|mlle"
DEGREES = "phd|md|mba|esq|cpa|dds|rn|pe|jd"
GENERATIONS = {"jr": 1, "junior": 1, "sr": 2, "senior": 2, "ii": 3, "2nd": 3, "iii": 4, "3rd": 4, "iv": 5, "4th": 5}
LEGAL_FORMS = (
    "inc|incorporated|llc|llp|lp|ltd|limited|corp|corporation|co|company|plc|pllc|pc|gmbh|ag|kg|sa|sarl|srl|spa|bv|nv|"
    "ab|as|oy|pty|group|grp|holdings|holding|the"
)
NO_VALUES = (
    "n/a|#n/a|none|null|unknown|not known|not available|not provided|not given|no name|noname|unnamed|anonymous|"
    "undefined|tbd|tba|first name|last name"
)
SOUNDEX = {
    letter: digit
    for digit, letters in {"1": "bfpv", "2": "cgjkqsxz", "3": "dt", "4": "l", "5": "mn", "6": "r", "": "hw"}.items()
    for letter in letters
}


def folded(texts: pl.Series) -> pl.Series:
    """Fold case and accents away and keep letters, digits and single spaces; what stands for no value becomes null.

    Marks that are letters of their own, as the vowels of Devanagari or Thai, stay.
    """
    is_none = texts.str.strip_chars().str.to_lowercase().is_in(NO_VALUES.split("|")) | texts.str.contains(
        "**", literal=True
    )
    known = pl.select(pl.when(~is_none).then(texts)).to_series()
    return (
        known.str.normalize("NFKD")
        .str.replace_all(r"[\u0300-\u036F\u064B-\u065F'’`.]", "")
        .str.to_lowercase()
        .str.replace_all(r"[^\p{L}\p{M}\p{N}]+", " ")
        .str.strip_chars()
    )


def clean_names(texts: pl.Series) -> pl.DataFrame:
    """Take personal names apart.

    Returns: [whole, head, tail: str, words: u32, generation: u8], in the order of texts. `whole` has no spaces;
    `head` and
    `tail` are the first and last word; a comma turns "Zakroff, Hank" round; generation is 0 when none is given.
    """
    turned = texts.str.replace(r"^\s*([^,]+?)\s*,\s*(\p{L}{2,}(?:\s+\p{L}\.?)?)\s*$", "$2 $1")
    is_turned = ~texts.str.contains(r"(?i),\s*(jr|sr|junior|senior|ii|iii|iv|esq|phd|md)\.?\s*$").fill_null(False)
    plain = folded(pl.select(pl.when(is_turned).then(turned).otherwise(texts)).to_series())
    suffix = r"\s+(" + "|".join(GENERATIONS) + r")$"
    words = plain.str.replace(rf"^(?:(?:{TITLES})\s+)+", "").str.replace(rf"(?:\s+(?:{DEGREES}))+$", "")
    generation = words.str.extract(suffix, 1).replace_strict(GENERATIONS, default=0, return_dtype=pl.UInt8)
    parts = words.str.replace(suffix, "").str.split(" ")
    return pl.DataFrame(
        {
            "whole": parts.list.join(""),
            "head": parts.list.first(),
            "tail": parts.list.last(),
            "words": parts.list.len(),
            "generation": generation.fill_null(0),
        }
    )


def clean_companies(texts: pl.Series) -> pl.Series:
    """Fold company names and drop legal forms, unless nothing else is left."""
    plain = folded(texts.str.replace_all("&", " ", literal=True))
    short = plain.str.replace_all(rf"\b(?:{LEGAL_FORMS})\b", "").str.replace_all(r"\s+", " ").str.strip_chars()
    return pl.select(pl.when(short == "").then(plain).otherwise(short)).to_series()


@cache
def _alias_table() -> dict[str, frozenset[str]]:
    """Every short name with the full names it stands for."""
    table: dict[str, set[str]] = {}
    for triplet in name_triplets():
        if triplet.relationship == "has_nickname":
            table.setdefault(triplet.name2, set()).add(triplet.name1)
    return {name: frozenset(names) for name, names in table.items()}


@cache
def are_aliases(one: str, other: str) -> bool:
    """Say whether one name is short for the other, or both, neither being a full name itself, for the same."""
    table, full = _alias_table(), _full_names()
    of_one, of_other = table.get(one, frozenset()), table.get(other, frozenset())
    both_short = one not in full and other not in full
    return other in of_one or one in of_other or (both_short and not of_one.isdisjoint(of_other))


@cache
def _full_names() -> frozenset[str]:
    return frozenset().union(*_alias_table().values())


def known_names() -> pl.Series:
    """Return every name that is short for another or has a short form."""
    return pl.Series(sorted(_full_names() | _alias_table().keys()))


def aliases(names: Iterable[str], *, slots: int) -> Codes:
    """Return for each name the codes of the full names it may stand for, itself among them, as a matrix (names, slots).

    Codes are positions in the sorted list of all names the package knows; a name it does not know has none.
    """
    table, full = _alias_table(), _full_names()
    numbers = {name: number for number, name in enumerate(sorted(full | table.keys()))}
    rows = [
        ([numbers[name]] if name in full else []) + [numbers[other] for other in sorted(table.get(name, ()))]
        for name in names
    ]
    matrix = np.full((len(rows), slots), -1, np.int32)
    for row, known in zip(matrix, rows, strict=True):
        row[: min(slots, len(known))] = known[:slots]
    return matrix


def soundex(names: pl.Series) -> pl.Series:
    """Code names by sound: first letter and up to three digits (Russell 1918), without the padding."""
    digits = names.str.replace_many(list(SOUNDEX), list(SOUNDEX.values()))
    for digit in "123456":
        digits = digits.str.replace_all(digit + "+", digit)
    sounds = digits.str.slice(1).str.replace_all(r"[^1-6]", "").str.slice(0, 3)
    return names.str.slice(0, 1) + sounds
