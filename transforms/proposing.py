"""Find a mapping for a file by itself: from the preset that knows its columns, from their names, and from their values.

The shipped preset that covers most columns comes first; the columns it leaves are read one by one (see recognising.py)
and arranged into a mapping (see arranging.py). What a name says is held against a sample of the values, and every
column is told how sure that is.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from storage.errors import MappingError
from transforms.arranging import arranged, with_whole_dates
from transforms.contents import EMAIL, SURELY_PHONE, Content, contents
from transforms.headings import ONE_LINE_ADDRESS, WHOLE_ADDRESS, WHOLE_NAME, in_english, read_heading
from transforms.mapping import FULL_NAME, MappingEntry, load_mapping, presets
from transforms.mapping import Mapping as ColumnMapping
from transforms.recognising import BY_CONTENT, SEEN, STANDS, recognised

__all__ = ["SURE_ENOUGH", "Proposal", "ProposedColumn", "propose", "require_sure"]

# A preset is believed when it names this many columns of the file, and most of those that mean anything.
ENOUGH_COLUMNS, ENOUGH_SHARE = 4, 0.6
# Below this a column is not taken on trust.
SURE_ENOUGH = 0.75
BY_PRESET, CONTRADICTED = 0.99, 0.3
SHOWN_BY_CONTENT = ("email", "phone_number")
# What a whole name or address is left out for.
WHOLES = {WHOLE_NAME: ("first_name", "last_name"), WHOLE_ADDRESS: ("address.",), ONE_LINE_ADDRESS: ("address.",)}
BELIED = "none of its values is what a column of that name holds in another language"

Entries = dict[str, MappingEntry]


@dataclass(frozen=True)
class ProposedColumn:
    """What a column is taken for (None: left out), how sure that is (0–1), and why."""

    column: str
    attribute_type: str | None
    confidence: float
    reason: str


@dataclass(frozen=True)
class Proposal:
    """A proposed mapping, the preset it started from (if any), and a word on every column."""

    mapping: ColumnMapping
    preset: str | None
    columns: tuple[ProposedColumn, ...]

    @property
    def unmapped(self) -> tuple[str, ...]:
        """The columns it leaves out."""
        return tuple(column.column for column in self.columns if column.attribute_type is None)


def propose(columns: Sequence[str], sample: pl.DataFrame | None = None, *, where: str) -> Proposal:
    """Propose a mapping for a file with these columns.

    Args: sample, some rows of the file, its columns by name, as text; None: the names alone decide.
    Raises MappingError when no column is recognised.
    """
    found = contents(sample) if sample is not None else {}
    preset, entries, left_out = _by_preset(columns)
    labels = {entry.label_column for entry in entries.values()}
    rest = [column for column in columns if column not in (entries.keys() | left_out.keys() | labels)]
    claimed = {entry.attribute_type for entry in entries.values()}
    seen = recognised(rest, found, claimed=claimed, guess=preset is None)
    reasons = dict.fromkeys(entries, (BY_PRESET, f"preset {preset}")) | seen.reasons
    left_out = left_out | seen.left_out
    entries = {**entries, **arranged(seen.headings, seen.labels, columns, entries)}
    if preset is None and any(re.match(f"{EMAIL}|{SURELY_PHONE}", column) for column in columns):
        what = "the first row is no row of column names: it holds an e-mail address or a phone number"
        raise MappingError(what, where=where, remedy="Write the names of the columns above it.")
    if not entries:
        has = ", ".join(f'"{column}"' for column in columns[:12])
        raise MappingError(f"no column is recognised (it has: {has})", where=where, remedy=_remedy(columns))
    belied = {column: BELIED for column, entry in entries.items() if _is_belied(column, entry, found.get(column))}
    left_out = left_out | belied
    entries = {column: entries[column] for column in columns if column in entries and column not in belied}
    words = tuple(
        _held_against(column, entry, reasons[column], found.get(column), guessed=column in seen.guessed)
        if (entry := entries.get(column))
        else _left_out(column, left_out, seen.reasons, entries)
        for column in columns
    )
    return Proposal(ColumnMapping(mappings=entries), preset, words)


def require_sure(proposal: Proposal, *, where: str) -> None:
    """Raise MappingError unless every column of a proposal is sure enough and one of them tells contacts apart."""
    accept = "Propose one with `onecard mapping`, correct it and give it as --mapping; or say --accept-mapping."
    unsure = [column for column in proposal.columns if column.attribute_type and column.confidence < SURE_ENOUGH]
    if unsure:
        named = ", ".join(f'"{column.column}" as {column.attribute_type} ({column.reason})' for column in unsure[:5])
        raise MappingError(f"the mapping found is not sure of {named}", where=where, remedy=accept)
    kinds = {entry.attribute_type for entry in proposal.mapping.mappings.values() if not entry.is_partner}
    if not kinds & {"email", "phone_number", "first_name", "last_name", FULL_NAME, "company"}:
        what = "the mapping found has no name, e-mail address, phone number or company"
        raise MappingError(what, where=where, remedy=accept)


def _remedy(columns: Sequence[str]) -> str:
    garbled = "" if all(map(str.isascii, columns)) else " If names look garbled, name the encoding with --encoding."
    return f"Write a mapping by hand.{garbled}"


def _folded(column: str) -> str:
    return " ".join(in_english(column).split()).casefold()


def _by_preset(columns: Sequence[str]) -> tuple[str | None, Entries, dict[str, str]]:
    """Find the preset that names most of the columns: (its name, its entries for them, why it leaves others out)."""
    names: dict[str, str] = {}
    for column in columns:
        names.setdefault(_folded(column), column)
    known = {name: load_mapping(name) for name in presets()}
    covered = {name: _entries(mapping, names) for name, mapping in known.items()}
    said = {
        name: {
            names[_folded(c)]: why
            for c, why in mapping.left_out.items()
            if _folded(c) in names and not _is_whole_alone(c, covered[name])
        }
        for name, mapping in known.items()
    }
    best = max(covered, key=lambda name: (len(covered[name]), len(said[name])))
    meant = sum(column in covered[best] or read_heading(column) is not None for column in columns)
    enough = len(covered[best]) >= max(ENOUGH_COLUMNS, meant * ENOUGH_SHARE)
    is_its_own = enough and (said[best] or any(_is_telling(*entry) for entry in covered[best].items()))
    return (best, with_whole_dates(covered[best], {}), said[best]) if is_its_own else (None, {}, {})


def _is_whole_alone(column: str, entries: Entries) -> bool:
    """Say whether a preset leaves out a whole name or address of which this file has no parts."""
    heading = read_heading(column)
    parts = WHOLES.get(heading.attribute_type) if heading is not None else None
    return parts is not None and not any(entry.attribute_type.startswith(parts) for entry in entries.values())


def _is_telling(column: str, entry: MappingEntry) -> bool:
    """Say whether a column speaks for a preset: "First", "Last" and "Mobile" are what anybody writes."""
    heading = read_heading(column)
    if heading is None or heading.attribute_type != entry.attribute_type or entry.label_column is not None:
        return True
    return heading.label is not None and entry.attribute_type != "phone_number"


def _entries(mapping: ColumnMapping, names: Mapping[str, str]) -> Entries:
    """The entries of a preset for the columns of the file, by their names there."""
    entries: Entries = {}
    for column, entry in mapping.mappings.items():
        here = names.get(_folded(column))
        labels = names.get(_folded(entry.label_column)) if entry.label_column else None
        if here is not None and (labels is not None or not entry.only_labels):
            entries.setdefault(here, entry.model_copy(update={"label_column": labels}))
    return entries


def _held_against(
    column: str, entry: MappingEntry, said: tuple[float, str], content: Content | None, *, guessed: bool
) -> ProposedColumn:
    """Hold what a name says against what the column holds."""
    confidence, reason = said
    share = _share(entry, content)
    if share is not None and share < STANDS:
        confidence, reason = CONTRADICTED, f"only {share:.0%} of its values are of that shape"
    elif share is not None and guessed:
        confidence, reason = BY_CONTENT, f"{reason}, and so are its values"
    return ProposedColumn(column, entry.attribute_type, confidence, reason)


def _is_belied(column: str, entry: MappingEntry, content: Content | None) -> bool:
    """Say whether a name was read in the wrong language: "Particular" is a phone in Spanish, a mark in Portuguese."""
    return in_english(column) != column and _share(entry, content) == 0


def _share(entry: MappingEntry, content: Content | None) -> float | None:
    """The share of the values that are what a column is taken for; None where that does not show."""
    shows = entry.attribute_type in SHOWN_BY_CONTENT and not entry.multivalued
    return content.shares[entry.attribute_type] if shows and content is not None and content.filled >= SEEN else None


def _left_out(
    column: str, left_out: Mapping[str, str], likely: Mapping[str, tuple[float, str]], entries: Entries
) -> ProposedColumn:
    """Say why a column is left out."""
    if column in {entry.label_column for entry in entries.values()}:
        reason = "labels of the column beside it"
    elif column in left_out:
        reason = left_out[column]
    elif column in likely:
        reason = "another column has that already"
    else:
        reason = "no attribute goes by such a name"
    return ProposedColumn(column, None, 0.0, reason)
