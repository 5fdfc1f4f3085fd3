"""Labels: what somebody knows of who is who, as a file has it.

Two kinds of file are understood: a line a record with the person it is of, and a line a pair with the word *same* or
*different*. Records are named as contact ids or as the ids of their source.
"""

from dataclasses import dataclass
from typing import Literal

import polars as pl

from storage.errors import InputFileError, did_you_mean

__all__ = ["Labels", "labels_in"]

Kind = Literal["people", "pairs"]

# The column names understood for each part of a label, compared without case.
RECORD = ("contact", "source_id", "record_id", "id")
PERSON = ("person", "person_id", "cluster", "gold")
LEFT = ("left", "left_id")
RIGHT = ("right", "right_id")
WORD = ("judgement", "label", "match")
SAME = ("same", "true", "1", "yes")
DIFFERENT = ("different", "false", "0", "no")


@dataclass(frozen=True)
class Labels:
    """The labels of a file: `people` [record: str, person: str] or `pairs` [left, right: str, is_match: bool]."""

    kind: Kind
    table: pl.DataFrame

    @property
    def records(self) -> pl.Series:
        """Every record named, once, in order."""
        columns = ("record",) if self.kind == "people" else ("left", "right")
        return pl.concat([self.table[column].alias("record") for column in columns]).unique().sort()


def labels_in(table: pl.DataFrame, *, where: str) -> Labels:
    """Take the labels out of a table of text; rows with a part missing say nothing and are left out.

    Raises: InputFileError when the columns are of neither kind, a pair has another word, or nothing is labelled.
    """
    text = table.select(pl.all().cast(pl.String).str.strip_chars().replace("", None))
    left, right = _column(text, LEFT), _column(text, RIGHT)
    labels = _pairs(text, left, right, where) if left and right else _people(text, where)
    if labels.table.is_empty():
        raise InputFileError("no row has a whole label", where=where, remedy="Fill in who is who.")
    return labels


def _people(text: pl.DataFrame, where: str) -> Labels:
    record, person = _needed(text, RECORD, where), _needed(text, PERSON, where)
    rows = text.select(record=record, person=person).drop_nulls().unique()
    if twice := rows.height - rows["record"].n_unique():
        what = f"{twice} records are labelled as more than one person"
        raise InputFileError(what, where=where, remedy="Give every record one person.")
    return Labels("people", rows.sort("record"))


def _pairs(text: pl.DataFrame, left: str, right: str, where: str) -> Labels:
    word = _needed(text, WORD, where)
    low, high = pl.min_horizontal(left, right), pl.max_horizontal(left, right)
    rows = text.drop_nulls([left, right, word]).select(left=low, right=high, word=pl.col(word).str.to_lowercase())
    if unknown := rows.filter(~pl.col("word").is_in([*SAME, *DIFFERENT])).height:
        what = f'{unknown} values of column "{word}" are neither same nor different'
        raise InputFileError(what, where=where, remedy="Write same or different for every pair.")
    pairs = rows.select("left", "right", is_match=pl.col("word").is_in(SAME)).unique()
    if twice := pairs.select("left", "right").is_duplicated().sum() // 2:
        raise InputFileError(f"{twice} pairs are called same and different", where=where, remedy="Call each pair one.")
    return Labels("pairs", pairs.filter(pl.col("left") != pl.col("right")).sort("left", "right"))


def _column(table: pl.DataFrame, names: tuple[str, ...]) -> str | None:
    """Return the table's column of one of these names, the first name first."""
    known = {column.strip().casefold(): column for column in reversed(table.columns)}
    return next((known[name] for name in names if name in known), None)


def _needed(table: pl.DataFrame, names: tuple[str, ...], where: str) -> str:
    found = _column(table, names)
    if found is None:
        close = next(filter(None, (did_you_mean(column, list(names)) for column in table.columns)), "")
        has = ", ".join(f'"{column}"' for column in table.columns)
        what = f'no column "{names[0]}" (nor {", ".join(names[1:])}); it has: {has}'
        raise InputFileError(what, where=where, remedy=close or "`onecard evaluate --help` says what labels look like.")
    return found
