"""Whole names cut into title, first, middle and last name and nickname; companies told from people.

Plain names of two or three words are cut here, in columns; what has titles, suffixes, particles, commas or nicknames
goes to nameparser, value by value. Nothing is ever lost: a name whose parts do not hold every letter of it stays whole.
"""

import re
from functools import cache

import polars as pl
from nameparser import HumanName
from nameparser.config import CONSTANTS

from transforms.contents import LEGAL_FORM
from transforms.mapping import NAME_PARTS

__all__ = ["GENERATION", "cut_names"]

EAST_ASIAN = r"^[\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\s・･ー]+$"
PLAIN = r"^(\p{Lu}[\p{L}'’-]+)(?: (\p{Lu}\p{Ll}*\.?))? (\p{Lu}[\p{L}'’-]+)$"
GENERATION = re.compile(r"^(?:jr|sr|junior|senior|i{2,3}|iv|v|2nd|3rd|4th)\.?$", re.IGNORECASE)


def cut_names(values: pl.Series) -> pl.DataFrame:
    """Cut distinct names: [value, …NAME_PARTS], null where a name has no such part.

    A generational suffix stays behind the last name, where matching reads it; degrees go to the title. Names in East
    Asian scripts stay as they are, in `first_name`: which part comes first is not known.
    """
    text = pl.col("value")
    frame = pl.DataFrame({"value": values})
    words = text.str.to_lowercase().str.replace_all(r"[.]", "").str.split(" ")
    is_company = text.str.contains(LEGAL_FORM)
    is_whole = text.str.contains(EAST_ASIAN) | ~text.str.contains(r"[\s,]")
    has_odd_words = words.list.eval(pl.element().is_in(_odd_words())).list.any()
    is_plain = text.str.contains(PLAIN) & ~has_odd_words
    kind = (
        pl.when(is_company).then(pl.lit("company")).when(is_whole).then(pl.lit("whole"))
        .when(is_plain).then(pl.lit("plain")).otherwise(pl.lit("odd"))
    )  # fmt: skip
    kinds = frame.with_columns(kind.alias("kind")).partition_by("kind", as_dict=True)
    none = pl.DataFrame(schema={"value": pl.String})
    cut = [
        kinds.get(("company",), none).select("value", text.alias("company")),
        kinds.get(("whole",), none).select("value", text.alias("first_name")),
        kinds.get(("plain",), none).select(
            "value",
            text.str.extract(PLAIN, 1).alias("first_name"),
            text.str.extract(PLAIN, 2).alias("middle_name"),
            text.str.extract(PLAIN, 3).alias("last_name"),
        ),
        _parsed(kinds.get(("odd",), none)["value"].to_list()),
    ]
    schema = dict.fromkeys(("value", *NAME_PARTS), pl.String)
    return pl.concat([pl.DataFrame(schema=schema), *cut], how="diagonal").select("value", *NAME_PARTS)


@cache
def _odd_words() -> list[str]:
    """The words nameparser knows: a name with one of them is its business."""
    known = (
        CONSTANTS.titles, CONSTANTS.prefixes, CONSTANTS.suffix_acronyms, CONSTANTS.suffix_not_acronyms,
        CONSTANTS.conjunctions, CONSTANTS.first_name_titles, CONSTANTS.bound_first_names,
    )  # fmt: skip
    return sorted({str(word) for words in known for word in words})


def _parsed(names: list[str]) -> pl.DataFrame:
    rows = [(name, *_parse(name)) for name in names]
    return pl.DataFrame(rows, schema=dict.fromkeys(("value", *NAME_PARTS), pl.String), orient="row")


def _parse(name: str) -> tuple[str | None, ...]:
    """Cut one name with nameparser; whole, as the first name, when that would lose or repeat a letter of it."""
    human = HumanName(name)
    suffixes = human.suffix.replace(",", " ").split()
    generations = [suffix for suffix in suffixes if GENERATION.match(suffix)]
    degrees = [suffix for suffix in suffixes if suffix not in generations]
    title = " ".join([human.title, *degrees]).strip()
    last = " ".join([human.last, *generations]).strip()
    parts = (title, human.first, human.middle, last, human.nickname)
    if _letters(" ".join(parts)) != _letters(name) or not (human.first or human.last):
        return (None, name, None, None, None, None)
    return (*(part or None for part in parts), None)


def _letters(text: str) -> list[str]:
    return sorted(letter for letter in text.casefold() if letter.isalnum())
