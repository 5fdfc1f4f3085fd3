"""Find a mapping for a file by itself: from the preset that knows its columns, from their names, and from their values.

The shipped preset that covers most columns comes first; the columns it leaves are read one by one (see headings.py) and
given indexes: every e-mail and phone its own, the parts of one address the same. What a name says is held against a
sample of the values, and every column is told how sure that is.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import polars as pl

from storage.errors import MappingError
from transforms.contents import Content, contents
from transforms.headings import LABELLED, WHOLE_ADDRESS, WHOLE_NAME, Heading, guess_heading, in_english, read_heading
from transforms.mapping import FULL_ADDRESS, FULL_NAME, MappingEntry, load_mapping, presets
from transforms.mapping import Mapping as ColumnMapping

__all__ = ["SURE_ENOUGH", "Proposal", "ProposedColumn", "propose", "require_sure"]

# A preset is believed when it names this many columns of the file, and most of those that mean anything.
ENOUGH_COLUMNS, ENOUGH_SHARE = 4, 0.6
# Attributes a contact can have several of; a second column of any other stays unmapped.
MANY = LABELLED | {"tag", "note", "child_birthday"}
# Two columns of these parts of one address are two lines of it.
LINES = frozenset({"address.name", "address.unit"})
# Below this a column is not taken on trust.
SURE_ENOUGH = 0.75
BY_PRESET, BY_NAME, BY_LIKENESS, BY_CONTENT, CONTRADICTED = 0.99, 0.95, 0.65, 0.85, 0.3
# Content says something when this many values were seen; a header stands with this share of its kind, and a column
# without one is taken for what nearly all its values are.
SEEN, STANDS, NEARLY_ALL = 5, 0.5, 0.9
SHOWN_BY_CONTENT = ("email", "phone_number")

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
    reasons = dict.fromkeys(entries, (BY_PRESET, f"preset {preset}"))
    headings, likely = _headings(columns, entries, left_out, found, guess=preset is None)
    reasons |= likely
    taken = _indexed(_once(_street_lines(_wholes(headings, columns, entries)), entries), entries)
    entries = {**entries, **taken}
    if not entries:
        has = ", ".join(f'"{column}"' for column in columns[:12])
        raise MappingError(f"no column is recognised (it has: {has})", where=where, remedy="Write a mapping by hand.")
    entries = {column: entries[column] for column in columns if column in entries}
    words = tuple(
        _held_against(column, entry, reasons[column], found.get(column))
        if (entry := entries.get(column))
        else _left_out(column, left_out, likely, entries)
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
        name: {names[_folded(c)]: why for c, why in mapping.left_out.items() if _folded(c) in names}
        for name, mapping in known.items()
    }
    best = max(covered, key=lambda name: (len(covered[name]), len(said[name])))
    meant = sum(column in covered[best] or read_heading(column) is not None for column in columns)
    enough = len(covered[best]) >= max(ENOUGH_COLUMNS, meant * ENOUGH_SHARE)
    return (best, covered[best], said[best]) if enough else (None, {}, {})


def _entries(mapping: ColumnMapping, names: Mapping[str, str]) -> Entries:
    """The entries of a preset for the columns of the file, by their names there."""
    entries: Entries = {}
    for column, entry in mapping.mappings.items():
        here = names.get(_folded(column))
        labels = names.get(_folded(entry.label_column)) if entry.label_column else None
        if here is not None and (labels is not None or not entry.only_labels):
            entries.setdefault(here, entry.model_copy(update={"label_column": labels}))
    return entries


def _headings(
    columns: Sequence[str], taken: Entries, left_out: Mapping[str, str], found: Mapping[str, Content], *, guess: bool
) -> tuple[list[Heading], dict[str, tuple[float, str]]]:
    """Read the columns that are left: by name, by likeness to a name, and by content where nobody else claims that."""
    labels = {entry.label_column for entry in taken.values()}
    rest = [column for column in columns if column not in taken and column not in left_out and column not in labels]
    reasons: dict[str, tuple[float, str]] = {}
    headings = []
    for column in rest:
        heading = read_heading(column)
        if heading is not None:
            reasons[column] = (BY_NAME, "by its name")
        elif guess and (heading := guess_heading(column)):
            reasons[column] = (BY_LIKENESS, f"its name is like that of {heading.attribute_type}")
        if heading is not None:
            headings.append(_by_values(heading, found.get(column)))
    claimed = {entry.attribute_type for entry in taken.values()} | {heading.attribute_type for heading in headings}
    for kind in SHOWN_BY_CONTENT:
        shown = [column for column in rest if column not in reasons and _share(found.get(column), kind) >= NEARLY_ALL]
        if kind not in claimed and guess:
            headings += [Heading(column, kind) for column in shown]
            reasons |= dict.fromkeys(shown, (BY_CONTENT, f"nearly all values are of the shape of {kind}"))
    return headings, reasons


def _by_values(heading: Heading, content: Content | None) -> Heading:
    """Take a "Title" for a job title when its values are no forms of address."""
    is_job = heading.attribute_type == "title" and content is not None and content.filled >= SEEN
    return replace(heading, attribute_type="job_title") if is_job and _share(content, "honorific") < STANDS else heading


def _share(content: Content | None, shape: str) -> float:
    return content.shares[shape] if content is not None and content.filled >= SEEN else 0.0


def _held_against(column: str, entry: MappingEntry, said: tuple[float, str], content: Content | None) -> ProposedColumn:
    """Hold what a name says against what the column holds."""
    confidence, reason = said
    if (
        entry.attribute_type in SHOWN_BY_CONTENT
        and content is not None
        and content.filled >= SEEN
        and not entry.multivalued
    ):
        share = content.shares[entry.attribute_type]
        if share < STANDS:
            confidence, reason = CONTRADICTED, f"only {share:.0%} of its values are of that shape"
        elif confidence < SURE_ENOUGH:
            confidence, reason = BY_CONTENT, f"{reason}, and so are its values"
    return ProposedColumn(column, entry.attribute_type, confidence, reason)


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
        reason = "its name means no attribute"
    return ProposedColumn(column, None, 0.0, reason)


def _wholes(headings: Iterable[Heading], columns: Sequence[str], taken: Entries) -> list[Heading]:
    """Read whole names and whole addresses as such where no column holds their parts, else leave them out."""
    headings = list(headings)
    parts = {(h.attribute_type, h.is_partner) for h in headings}
    parts |= {(entry.attribute_type, entry.is_partner) for entry in taken.values()}
    named = {whose for kind, whose in parts if kind in {"first_name", "last_name", FULL_NAME}}
    all_headings = [heading for column in columns if (heading := read_heading(column))]
    placed = {
        (h.label, h.ordinal, h.is_partner)
        for h in all_headings
        if h.kind == "address" and h.attribute_type not in {WHOLE_ADDRESS, "address.unit"}
    }
    kept = []
    for heading in headings:
        if heading.attribute_type == WHOLE_NAME:
            if heading.is_partner not in named:
                named.add(heading.is_partner)
                kept.append(replace(heading, attribute_type=FULL_NAME))
        elif heading.attribute_type == WHOLE_ADDRESS:
            place = (heading.label, heading.ordinal, heading.is_partner)
            has_street = any(
                (h.label, h.ordinal, h.is_partner) == place and h.attribute_type == "address.name" for h in all_headings
            )
            if not has_street:
                is_line = place in placed or heading.ordinal > 1
                kept.append(replace(heading, attribute_type="address.name" if is_line else FULL_ADDRESS))
        else:
            kept.append(heading)
    return kept


def _street_lines(headings: Sequence[Heading]) -> list[Heading]:
    """Read "Address 2" as the second line of the street, unless a "City 2" or the like makes it another address."""
    numbered = {h.ordinal for h in headings if h.kind == "address" and h.attribute_type not in LINES}
    return [
        replace(heading, attribute_type="address.unit", ordinal=1)
        if heading.attribute_type == "address.name" and heading.ordinal > 1 and heading.ordinal not in numbered
        else heading
        for heading in headings
    ]


def _once(headings: Iterable[Heading], taken: Entries) -> list[Heading]:
    """Leave out second columns of what a contact, or one address, has once."""
    held: set[tuple[str, str | None, int, bool]] = set()
    held |= {(entry.attribute_type, None, 1, entry.is_partner) for entry in taken.values()}
    kept = []
    for heading in headings:
        is_address = heading.kind in {"address", FULL_ADDRESS}
        place = (heading.label, heading.ordinal) if is_address else (None, 1)
        key = (heading.attribute_type, *place, heading.is_partner)
        repeatable = heading.attribute_type in LINES if is_address else heading.kind in MANY
        if repeatable or key not in held:
            kept.append(heading)
            held.add(key)
    return kept


def _indexed(headings: Iterable[Heading], taken: Entries) -> Entries:
    """Make entries, numbering e-mails, phones and addresses on from the indexes taken."""
    indexes: dict[tuple[object, ...], int] = {}
    following = {kind: _first_free(kind, taken) for kind in LABELLED}
    entries: Entries = {}
    for heading in headings:
        index = None
        kind = "address" if heading.attribute_type == FULL_ADDRESS else heading.kind
        if kind in LABELLED:
            own = (heading.label, heading.ordinal, heading.is_partner) if kind == "address" else heading.column
            if (kind, own) not in indexes:
                indexes[kind, own] = following[kind]
                following[kind] += 1
            index = indexes[kind, own]
        entries[heading.column] = MappingEntry(
            attribute_type=heading.attribute_type,
            label=heading.label,
            index=index,
            is_partner=heading.is_partner,
            is_primary=heading.is_primary,
            multivalued=heading.is_list,
        )
    return entries


def _first_free(kind: str, taken: Entries) -> int:
    """First index no entry of a kind has taken."""
    kinds = {kind, FULL_ADDRESS} if kind == "address" else {kind}
    used = [e.index for e in taken.values() if e.index is not None and e.attribute_type.partition(".")[0] in kinds]
    return max(used, default=-1) + 1
