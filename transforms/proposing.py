"""Propose a mapping for a file from its column names alone.

The shipped preset that covers most columns comes first; the columns it leaves are read one by one (see headings.py) and
given indexes: every e-mail and phone its own, the parts of one address the same.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from storage.errors import MappingError
from transforms.headings import LABELLED, WHOLE_NAME, Heading, read_heading
from transforms.mapping import Mapping, MappingEntry, load_mapping, presets

__all__ = ["Proposal", "propose"]

# A preset is believed when it names this many columns of the file, and most of those that mean anything.
ENOUGH_COLUMNS, ENOUGH_SHARE = 4, 0.6
# Attributes a contact can have several of; a second column of any other stays unmapped.
MANY = LABELLED | {"tag", "note", "child_birthday"}
# Two columns of these parts of one address are two lines of it.
LINES = frozenset({"address.name", "address.unit"})

Entries = dict[str, MappingEntry]


@dataclass(frozen=True)
class Proposal:
    """A proposed mapping, the preset it started from (if any) and the columns it leaves out."""

    mapping: Mapping
    preset: str | None
    unmapped: tuple[str, ...]


def propose(columns: Sequence[str], *, where: str) -> Proposal:
    """Propose a mapping for a file with these columns. Raises MappingError when none of them is recognised."""
    preset, entries = _by_preset(columns)
    headings = [heading for column in columns if column not in entries and (heading := read_heading(column))]
    entries |= _indexed(_once(_street_lines(_named(headings, entries)), entries), entries)
    if not entries:
        has = ", ".join(f'"{column}"' for column in columns[:12])
        raise MappingError(f"no column is recognised (it has: {has})", where=where, remedy="Write a mapping by hand.")
    mapping = Mapping(mappings={column: entries[column] for column in columns if column in entries})
    return Proposal(mapping, preset, tuple(column for column in columns if column not in entries))


def _by_preset(columns: Sequence[str]) -> tuple[str | None, Entries]:
    """Find the preset that names most of the columns, and its entries for them; nothing when none names enough."""
    covered = {name: {c: e for c, e in load_mapping(name).mappings.items() if c in columns} for name in presets()}
    best = max(covered, key=lambda name: len(covered[name]))
    meant = sum(column in covered[best] or read_heading(column) is not None for column in columns)
    enough = len(covered[best]) >= max(ENOUGH_COLUMNS, meant * ENOUGH_SHARE)
    return (best, covered[best]) if enough else (None, {})


def _named(headings: Iterable[Heading], taken: Entries) -> list[Heading]:
    """Take a whole name for the first name when no column holds a part of the name, else leave it out."""
    headings = list(headings)
    parts = {(h.attribute_type, h.is_partner) for h in headings}
    parts |= {(entry.attribute_type, entry.is_partner) for entry in taken.values()}
    has_name = {whose for kind, whose in parts if kind in {"first_name", "last_name"}}
    return [
        replace(heading, attribute_type="first_name") if heading.attribute_type == WHOLE_NAME else heading
        for heading in headings
        if heading.attribute_type != WHOLE_NAME or heading.is_partner not in has_name
    ]


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
        is_address = heading.kind == "address"
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
        if heading.kind in LABELLED:
            own = (heading.label, heading.ordinal, heading.is_partner) if heading.kind == "address" else heading.column
            if (heading.kind, own) not in indexes:
                indexes[heading.kind, own] = following[heading.kind]
                following[heading.kind] += 1
            index = indexes[heading.kind, own]
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
    used = [e.index for e in taken.values() if e.index is not None and e.attribute_type.partition(".")[0] == kind]
    return max(used, default=-1) + 1
