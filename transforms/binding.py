"""Bind a mapping to the columns of one file and to the attribute definitions: one slot a column, or a part of one.

Everything that does not fit is a MappingError, raised before anything is written.
"""

from collections.abc import Iterable, Sequence
from collections.abc import Mapping as Pairs
from dataclasses import dataclass, replace

from storage.errors import MappingError, did_you_mean
from transforms.addresses import LEGACY_TYPES, PARTS
from transforms.mapping import (
    ADDRESS_PARTS,
    ANY_SEPARATOR,
    FULL_ADDRESS,
    FULL_NAME,
    NAME_PARTS,
    NAME_SUFFIX,
    Mapping,
    MappingEntry,
)

__all__ = ["DATE_PARTS", "Definition", "Slot", "bind", "unmapped"]

DATE_PARTS = ("year", "month", "day")
"""Parts of a date that stand in columns of their own, as `birthday.year`; the year may be missing."""

CUT_UP: dict[str, tuple[str, ...]] = {
    FULL_NAME: NAME_PARTS,
    FULL_ADDRESS: tuple(f"address.{part}" for part in ADDRESS_PARTS),
}


@dataclass(frozen=True)
class Definition:
    """An attribute definition as storage has it."""

    id: str
    name: str
    data_type: str
    singular: bool
    label: str | None = None
    labels: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        """How its values are cleaned: as e-mail addresses, as phone numbers, or as all of its data type."""
        return self.name if self.name in ("email", "phone_number") else self.data_type


@dataclass(frozen=True)
class Slot:
    """One value a row can fill: a column or a constant, and the attribute it becomes.

    `number` is its place in the mapping, `position` that of the column in the file (-1 for a constant), `part` the
    component when the attribute is an address, `separator` what parts several values in one cell (None: one value).
    `taken` is what it takes of a cell that is cut up (a whole name, a whole address), `suffix` the position of a column
    that is written behind it, `label_place` that of the column with its labels, of which `said` is the one it is for;
    `date_places` are those of the year (or None), month and day that make its date.
    """

    number: int
    column: str | None
    position: int
    definition: Definition
    part: str | None
    label: str | None
    index: int | None
    is_partner: bool
    is_primary: bool
    separator: str | None
    constant: str | None
    taken: str | None = None
    suffix: int | None = None
    label_place: int | None = None
    said: str | None = None
    only_labels: tuple[str, ...] = ()
    date_places: tuple[int | None, ...] = ()

    @property
    def places(self) -> list[int]:
        """Positions of all columns it reads."""
        places = (self.position, self.suffix, self.label_place, *self.date_places)
        return [place for place in places if place is not None and place >= 0]

    @property
    def cell(self) -> str:
        """Name of the batch column its values stand in."""
        if self.date_places:
            return "-".join(f"c{place}" for place in self.date_places)
        cell = f"c{self.position}" if self.taken is None else f"c{self.position}.{self.taken}"
        return cell if self.suffix is None else f"{cell}+c{self.suffix}"


def bind(
    mapping: Mapping, columns: Sequence[str], definitions: Sequence[Definition], *, where: str
) -> tuple[Slot, ...]:
    """Bind a mapping to the columns of a file and to the definitions: one slot a column or constant, in mapping order.

    Args: columns, as the reader names them; definitions, existing ones and the mapping's own; where, the file.
    Raises MappingError for absent columns (unless partial), for unknown types, and when nothing of it is in the file.
    """
    places = _places(columns)
    _require_columns(mapping, columns, places, where)
    by_name = {definition.name: definition for definition in definitions}
    # In this order: what columns of their own say comes before what is cut out of others.
    slots = _own_slots(mapping, columns, places, by_name, where)
    slots += _cut_slots(mapping, columns, places, by_name, where)
    slots += _date_slots(mapping, columns, places, by_name, where)
    for attribute_type, value in mapping.constants.items():
        definition, part = _resolve(attribute_type, by_name, f'{where}: constant "{attribute_type}"')
        slots += [_constant_slot(text, definition, part) for text in ((value,) if isinstance(value, str) else value)]
    return tuple(replace(slot, number=number) for number, slot in enumerate(slots))


def _own_slots(
    mapping: Mapping, columns: Sequence[str], places: Pairs[str, int], by_name: Pairs[str, Definition], where: str
) -> list[Slot]:
    """Slots of columns that hold one thing, and the suffix of a name behind the last name."""
    slots: list[Slot] = []
    suffixes = []
    for column, entry in mapping.mappings.items():
        position = places.get(_folded(column))
        if entry.attribute_type == NAME_SUFFIX:
            suffixes.append(position)
        elif entry.attribute_type not in CUT_UP and _part_of_date(entry.attribute_type, by_name) is None:
            at = f'{where}: column "{column}"'
            definition, part = _resolve(entry.attribute_type, by_name, at)
            if position is not None:
                slot = _column_slot((columns[position], position), entry, definition, part)
                slots.append(_labelled(slot, entry, places, mapping.partial, at))
    suffix = next((position for position in suffixes if position is not None), None)
    return [replace(slot, suffix=suffix) if _takes_suffix(slot) else slot for slot in slots]


def _cut_slots(
    mapping: Mapping, columns: Sequence[str], places: Pairs[str, int], by_name: Pairs[str, Definition], where: str
) -> list[Slot]:
    """Slots of whole names and whole addresses: one for each part."""
    slots = []
    for column, entry in mapping.mappings.items():
        position = places.get(_folded(column))
        if position is None:
            continue
        for taken in CUT_UP.get(entry.attribute_type, ()):
            at = f'{where}: column "{column}"'
            definition, part = _resolve(taken, by_name, at)
            slot = _column_slot((columns[position], position), entry, definition, part)
            slot = _labelled(slot, entry, places, mapping.partial, at)
            slots.append(replace(slot, taken=taken.removeprefix("address.")))
    return slots


def _date_slots(
    mapping: Mapping, columns: Sequence[str], places: Pairs[str, int], by_name: Pairs[str, Definition], where: str
) -> list[Slot]:
    """Slots of dates that are put together from columns. Raises MappingError when one lacks its month or day."""
    dates: dict[tuple[str, bool], dict[str, int]] = {}
    for column, entry in mapping.mappings.items():
        position, parted = places.get(_folded(column)), _part_of_date(entry.attribute_type, by_name)
        if parted and position is not None:
            dates.setdefault((parted[0], entry.is_partner), {}).setdefault(parted[1], position)
    slots = []
    for (name, is_partner), parts in dates.items():
        first = next(parts[part] for part in DATE_PARTS if part in parts)
        absent = [part for part in DATE_PARTS[1:] if part not in parts]
        if not absent:
            entry = MappingEntry(attribute_type=name, is_partner=is_partner)
            slot = _column_slot((columns[first], first), entry, by_name[name], None)
            slots.append(replace(slot, date_places=tuple(parts.get(part) for part in DATE_PARTS)))
        elif not mapping.partial:
            what = f'column "{columns[first]}" is a part of a date that has no {" and no ".join(absent)}'
            remedy = f"Map a column to {name}.{absent[0]} too, or take it out."
            raise MappingError(what, where=where, remedy=remedy)
    return slots


def _takes_suffix(slot: Slot) -> bool:
    return slot.definition.name == "last_name" and not slot.is_partner


def _labelled(slot: Slot, entry: MappingEntry, places: Pairs[str, int], partial: bool, where: str) -> Slot:
    """Point a slot at the column that holds its labels."""
    if entry.label_column is None:
        return slot
    place = places.get(_folded(entry.label_column))
    if place is None and not partial:
        what = f'its label_column "{entry.label_column}" is not in the file'
        raise MappingError(what, where=where, remedy="Name a column of the file.")
    if place is None and not entry.only_labels:
        return slot
    # Without its labels a value that counts for some of them alone counts for none: its own text is no such label.
    return replace(slot, label_place=slot.position if place is None else place, only_labels=entry.only_labels)


def unmapped(slots: Iterable[Slot], columns: Sequence[str]) -> tuple[str, ...]:
    """Name the columns of a file that no slot reads."""
    read = {place for slot in slots for place in slot.places}
    return tuple(column for position, column in enumerate(columns) if position not in read)


def _folded(column: str) -> str:
    """Column name with its white space folded, as the reader folds the header's."""
    return " ".join(column.split())


def _places(columns: Sequence[str]) -> dict[str, int]:
    """Position of every column by its folded name; of equal names the first."""
    return {_folded(name): position for position, name in reversed(list(enumerate(columns)))}


def _require_columns(mapping: Mapping, columns: Sequence[str], places: Pairs[str, int], where: str) -> None:
    """Raise MappingError when the file lacks columns it must have."""
    absent = [column for column in mapping.mappings if _folded(column) not in places]
    if not absent or (mapping.partial and len(absent) < len(mapping.mappings)):
        return
    has = ", ".join(f'"{column}"' for column in list(columns)[:12]) + (" …" if len(columns) > 12 else "")
    if mapping.partial:
        remedy = "Run onecard mapping on the file to have one proposed."
        raise MappingError(f"has none of the mapping's columns (it has: {has})", where=where, remedy=remedy)
    named = ", ".join(f'"{column}"' for column in absent[:5]) + (f" and {len(absent) - 5} more" if absent[5:] else "")
    verb = "column {} is" if len(absent) == 1 else "columns {} are"
    hints = [did_you_mean(column, list(columns)) for column in absent[:5]]
    remedy = (
        " ".join(dict.fromkeys(hint for hint in hints if hint)) or "Correct the names in the mapping or take them out."
    )
    raise MappingError(f"{verb.format(named)} not in the file (it has: {has})", where=where, remedy=remedy)


def _resolve(attribute_type: str, by_name: Pairs[str, Definition], where: str) -> tuple[Definition, str | None]:
    """Find the definition and, of an address, the component that an attribute_type names."""
    if attribute_type in LEGACY_TYPES and attribute_type not in by_name:
        attribute_type = f"address.{LEGACY_TYPES[attribute_type]}"
    name, _, part = attribute_type.partition(".")
    definition = by_name.get(attribute_type) or by_name.get(name)
    if definition is not None and definition.data_type == "address":
        if part in PARTS:
            return definition, part
        remedy = did_you_mean(part, list(PARTS)) or f"Name one of its parts: {', '.join(PARTS)}."
        raise MappingError(f'"{attribute_type}" names no part of an address', where=where, remedy=remedy)
    if definition is not None and definition.name == attribute_type:
        return definition, None
    known = [*(n for n, d in by_name.items() if d.data_type != "address"), *(f"address.{p}" for p in PARTS), *CUT_UP]
    near = did_you_mean(attribute_type, known)
    use = near or f"Use one of {', '.join(sorted(by_name))} or a part of an address such as address.city."
    remedy = f"{use} Or bring its definition in attribute_defs."
    raise MappingError(f'there is no attribute type "{attribute_type}"', where=where, remedy=remedy)


def _column_slot(place: tuple[str, int], entry: MappingEntry, definition: Definition, part: str | None) -> Slot:
    """Slot of a column, whose place is its name and position."""
    column, position = place
    several = entry.multivalued
    separator = several if isinstance(several, str) else ANY_SEPARATOR if several else None
    return Slot(
        number=0, column=column, position=position, definition=definition, part=part,
        label=entry.label or None, index=entry.index, is_partner=entry.is_partner, is_primary=entry.is_primary,
        separator=separator, constant=None,
    )  # fmt: skip


def _part_of_date(attribute_type: str, by_name: Pairs[str, Definition]) -> tuple[str, str] | None:
    """Read "birthday.year" as (birthday, year) where birthday is a date."""
    name, _, part = attribute_type.rpartition(".")
    is_date = name in by_name and by_name[name].data_type == "date" and attribute_type not in by_name
    return (name, part) if is_date and part in DATE_PARTS else None


def _constant_slot(text: str, definition: Definition, part: str | None) -> Slot:
    """Slot of a value every row gets."""
    return Slot(
        number=0, column=None, position=-1, definition=definition, part=part,
        label=None, index=None, is_partner=False, is_primary=False, separator=None, constant=text,
    )  # fmt: skip
