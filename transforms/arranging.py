"""Arrange the headings of one file: whole names and addresses beside their parts, lines of a street, indexes.

What a contact, or one address, has once is taken from one column; every e-mail and phone gets an index of its own, the
parts of one address the same.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from transforms.binding import DATE_PARTS
from transforms.headings import LABELLED, ONE_LINE_ADDRESS, WHOLE_ADDRESS, WHOLE_NAME, Heading, read_heading
from transforms.mapping import FULL_ADDRESS, FULL_NAME, MappingEntry

__all__ = ["arranged", "with_whole_dates"]

# Attributes a contact can have several of; a second column of any other stays unmapped.
MANY = LABELLED | {"tag", "note", "child_birthday"}
WHOLE_ADDRESSES = (WHOLE_ADDRESS, ONE_LINE_ADDRESS)
# Beside these alone an address is in one column.
NO_PLACES = (*WHOLE_ADDRESSES, "address.unit")
STREETS = (*WHOLE_ADDRESSES, "address.name")
NO_STREET_SAID = (*STREETS, "address.unit")
NOT_SAID = (None, 1, False)
# Two columns of these parts of one address are two lines of it.
LINES = frozenset({"address.name", "address.unit"})

Entries = Mapping[str, MappingEntry]
Place = tuple[str | None, int, bool]
"""Which of a contact's addresses is meant: its label, which of several, and whether it is the partner's."""


def arranged(
    headings: Iterable[Heading], labels: Mapping[str, Heading], columns: Sequence[str], taken: Entries
) -> dict[str, MappingEntry]:
    """Make entries of the headings, beside those a preset has taken.

    Args: labels, of columns with labels, what the column they label means; columns, all columns of the file.
    """
    written = _one_address([heading for column in columns if (heading := read_heading(column))])
    standing = _taken_addresses(taken)
    headings = _once(_street_lines(_wholes(_one_address(headings), written, taken)), taken, standing)
    entries = _with_label_columns(_indexed(headings, taken, standing), headings, labels)
    return with_whole_dates(entries, taken)


def with_whole_dates(entries: Entries, taken: Entries) -> dict[str, MappingEntry]:
    """Leave out year, month and day where month or day are missing, or the date has a column of its own."""
    have = {entry.attribute_type for entry in (*entries.values(), *taken.values())}
    kinds = {entry.attribute_type: entry.attribute_type.rpartition(".") for entry in entries.values()}
    partial = {
        kind
        for kind, (date, _, part) in kinds.items()
        if part in DATE_PARTS and (date in have or not {f"{date}.month", f"{date}.day"} <= have)
    }
    return {column: entry for column, entry in entries.items() if entry.attribute_type not in partial}


def _one_address(headings: Iterable[Heading]) -> list[Heading]:
    """Read "City" beside the only street, "Home Address", as the city of that address."""
    headings = list(headings)
    addresses = [heading for heading in headings if heading.kind == "address"]
    streets = {_place(heading) for heading in addresses if heading.attribute_type in STREETS}
    others = {_place(heading) for heading in addresses if heading.attribute_type not in NO_STREET_SAID}
    if len(streets) != 1 or others != {NOT_SAID}:
        return headings
    ((label, ordinal, is_partner),) = streets
    return [
        replace(heading, label=label, ordinal=ordinal, is_partner=is_partner)
        if heading.kind == "address" and _place(heading) == NOT_SAID
        else heading
        for heading in headings
    ]


def _wholes(headings: Iterable[Heading], written: Sequence[Heading], taken: Entries) -> list[Heading]:
    """Read whole names and whole addresses as such where no column holds their parts, else leave them out.

    Args: written, what all columns of the file say, those that a preset has taken too.
    """
    headings = list(headings)
    parts = {(h.attribute_type, h.is_partner) for h in headings}
    parts |= {(entry.attribute_type, entry.is_partner) for entry in taken.values()}
    named = {whose for kind, whose in parts if kind in {"first_name", "last_name", FULL_NAME}}
    placed = {_place(h) for h in written if h.kind == "address" and h.attribute_type not in NO_PLACES}
    with_street = {_place(h) for h in written if h.attribute_type == "address.name"}
    kept = []
    for heading in headings:
        if heading.attribute_type == WHOLE_NAME:
            if heading.is_partner not in named:
                named.add(heading.is_partner)
                kept.append(replace(heading, attribute_type=FULL_NAME))
        elif heading.attribute_type in WHOLE_ADDRESSES:
            place = _place(heading)
            is_line = place in placed or heading.ordinal > 1
            if place not in with_street and not (is_line and heading.attribute_type == ONE_LINE_ADDRESS):
                with_street.add(place)
                kept.append(replace(heading, attribute_type="address.name" if is_line else FULL_ADDRESS))
        else:
            kept.append(heading)
    return kept


def _place(heading: Heading) -> Place:
    """Which address a heading of one belongs to."""
    return heading.label, heading.ordinal, heading.is_partner


def _street_lines(headings: Sequence[Heading]) -> list[Heading]:
    """Read "Address 2" as the second line of the street, unless a "City 2" or the like makes it another address."""
    numbered = {h.ordinal for h in headings if h.kind == "address" and h.attribute_type not in LINES}
    return [
        replace(heading, attribute_type="address.unit", ordinal=1)
        if heading.attribute_type == "address.name" and heading.ordinal > 1 and heading.ordinal not in numbered
        else heading
        for heading in headings
    ]


def _once(
    headings: Iterable[Heading], taken: Entries, standing: Mapping[Place, Sequence[MappingEntry]]
) -> list[Heading]:
    """Leave out second columns of what a contact, or one address, has once."""
    held: set[tuple[str, str | None, int, bool]] = set()
    held |= {(entry.attribute_type, None, 1, entry.is_partner) for entry in taken.values()}
    held |= {(entry.attribute_type, *place) for place, entries in standing.items() for entry in entries}
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


def _indexed(
    headings: Iterable[Heading], taken: Entries, standing: Mapping[Place, Sequence[MappingEntry]]
) -> dict[str, MappingEntry]:
    """Make entries, numbering e-mails, phones and addresses on from the indexes taken.

    What an address lacks that a preset has taken belongs to that, and has its label.
    """
    indexes: dict[tuple[object, ...], int | None] = {
        ("address", place): entries[0].index for place, entries in standing.items()
    }
    following = {kind: _first_free(kind, taken) for kind in LABELLED}
    entries: dict[str, MappingEntry] = {}
    for heading in headings:
        index = None
        kind = "address" if heading.attribute_type == FULL_ADDRESS else heading.kind
        if kind in LABELLED:
            own = _place(heading) if kind == "address" else heading.column
            if (kind, own) not in indexes:
                indexes[kind, own] = following[kind]
                following[kind] += 1
            index = indexes[kind, own]
        beside = standing.get(_place(heading), ()) if kind == "address" else ()
        entries[heading.column] = MappingEntry(
            attribute_type=heading.attribute_type,
            label=beside[0].label if beside else heading.label,
            index=index,
            is_partner=heading.is_partner,
            is_primary=heading.is_primary,
            multivalued=heading.separator or heading.is_list,
        )
    return entries


def _taken_addresses(taken: Entries) -> dict[Place, list[MappingEntry]]:
    """The entries of addresses that a preset has taken, by the address that their columns name."""
    found: dict[Place, list[MappingEntry]] = {}
    for column, entry in taken.items():
        heading = read_heading(column)
        if heading is not None and heading.kind == "address" and entry.attribute_type.startswith("address."):
            found.setdefault(_place(heading), []).append(entry)
    return found


def _with_label_columns(
    entries: Entries, headings: Sequence[Heading], labels: Mapping[str, Heading]
) -> dict[str, MappingEntry]:
    """Name the column of labels of each e-mail, phone and address that has no label by its name."""
    columns = {_labelled(heading): column for column, heading in labels.items()}
    whose = [_labelled(heading) for heading in headings]
    found = dict(entries)
    for heading, key in zip(headings, whose, strict=True):
        # Two phones of one number: nothing says whose labels they are.
        is_one = heading.kind in {"address", FULL_ADDRESS} or whose.count(key) == 1
        if key in columns and is_one and heading.label is None and not heading.is_list:
            found[heading.column] = found[heading.column].model_copy(update={"label_column": columns[key]})
    return found


def _labelled(heading: Heading) -> tuple[str, str | None, int, bool]:
    kind = "address" if heading.kind == FULL_ADDRESS else heading.kind
    return kind, *_place(heading)


def _first_free(kind: str, taken: Entries) -> int:
    """First index no entry of a kind has taken."""
    kinds = {kind, FULL_ADDRESS} if kind == "address" else {kind}
    used = [e.index for e in taken.values() if e.index is not None and e.attribute_type.partition(".")[0] in kinds]
    return max(used, default=-1) + 1
