"""Mappings: which column of a file becomes which attribute, in the documented JSON or a preset of data/mappings.

A mapping is read (`load_mapping`), then bound to the columns of one file and to the attribute definitions (`bind`),
which gives one slot a column. Everything that does not fit is a MappingError, raised before anything is written.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from collections.abc import Mapping as Pairs
from dataclasses import dataclass, replace
from importlib import resources
from pathlib import Path
from typing import Any, Literal, Never

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, StrictStr, ValidationError

from storage.errors import MappingError, did_you_mean
from transforms.addresses import LEGACY_TYPES, PARTS

__all__ = [
    "ADDRESS_PARTS", "ANY_SEPARATOR", "FULL_ADDRESS", "FULL_NAME", "NAME_PARTS", "NAME_SUFFIX",
    "CustomDefinition", "Definition", "Mapping", "MappingEntry", "Slot",
    "bind", "digest", "fold_label", "label_places", "load_mapping", "parse_mapping", "presets", "unmapped",
    "with_labels",
]  # fmt: skip

# The separator of `"multivalued": true`: whichever of ; | newline and " ::: " is there.
ANY_SEPARATOR = ""
# Not attributes: a whole name and a whole address, which are cut up, and what is written behind a last name.
FULL_NAME, FULL_ADDRESS, NAME_SUFFIX = "full_name", "full_address", "name_suffix"
NAME_PARTS = ("title", "first_name", "middle_name", "last_name", "nickname", "company")
ADDRESS_PARTS = (
    "house_num", "predir", "qual", "pretype", "name", "suftype", "sufdir", "unit", "box", "city", "state", "postcode",
    "country",
)  # fmt: skip
CUT_UP: dict[str, tuple[str, ...]] = {
    FULL_NAME: NAME_PARTS,
    FULL_ADDRESS: tuple(f"address.{part}" for part in ADDRESS_PARTS),
}
EXAMPLE = 'Write {"mappings": {"E-mail Address": {"attribute_type": "email"}}}.'


class MappingEntry(BaseModel):
    """What one column holds."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    attribute_type: StrictStr = Field(min_length=1)
    label: StrictStr | None = None
    index: StrictInt | None = Field(default=None, ge=0)
    is_partner: StrictBool = False
    is_primary: StrictBool = False
    multivalued: StrictBool | StrictStr = False
    label_column: StrictStr | None = None
    only_labels: tuple[StrictStr, ...] = ()


class CustomDefinition(BaseModel):
    """An attribute definition a mapping brings along, in the documented shape of POST /contacts/attribute_defs."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: StrictStr = Field(min_length=1)
    data_type: Literal["text", "date", "number"]
    label: StrictStr | None = None
    section: StrictStr | None = None
    required: StrictBool = False
    singular: StrictBool = False
    show: StrictBool = True
    filterable: StrictBool = True
    editable: StrictBool = True
    searchable: StrictBool = False
    has_label: StrictBool = False
    labels: tuple[StrictStr, ...] | None = None
    enum_values: tuple[StrictStr, ...] | None = None


class Mapping(BaseModel):
    """A whole mapping: columns, values every row gets, and definitions to create when absent.

    `partial` lets columns be absent from the file, as presets need; `left_out` says of columns why they mean nothing
    here; `file_id` and `owner` are the documented body's.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    mappings: dict[StrictStr, MappingEntry]
    constants: dict[StrictStr, StrictStr | tuple[StrictStr, ...]] = {}
    attribute_defs: tuple[CustomDefinition, ...] = ()
    partial: StrictBool = False
    left_out: dict[StrictStr, StrictStr] = {}
    file_id: StrictStr | None = None
    owner: StrictStr | None = None


@dataclass(frozen=True)
class Definition:
    """An attribute definition as storage has it."""

    id: str
    name: str
    data_type: str
    singular: bool
    label: str | None = None
    labels: tuple[str, ...] = ()


@dataclass(frozen=True)
class Slot:
    """One value a row can fill: a column or a constant, and the attribute it becomes.

    `number` is its place in the mapping, `position` that of the column in the file (-1 for a constant), `part` the
    component when the attribute is an address, `separator` what parts several values in one cell (None: one value).
    `taken` is what it takes of a cell that is cut up (a whole name, a whole address), `suffix` the position of a column
    that is written behind it, `label_place` that of the column with its labels, of which `said` is the one it is for.
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

    @property
    def cell(self) -> str:
        """Name of the batch column its values stand in."""
        cell = f"c{self.position}" if self.taken is None else f"c{self.position}.{self.taken}"
        return cell if self.suffix is None else f"{cell}+c{self.suffix}"


def presets() -> tuple[str, ...]:
    """Name the shipped presets."""
    folder = resources.files("data").joinpath("mappings")
    return tuple(sorted(item.name.removesuffix(".json") for item in folder.iterdir() if item.name.endswith(".json")))


def load_mapping(name_or_path: str) -> Mapping:
    """Read a mapping: a shipped preset by its name, or a JSON file by its path. Raises MappingError."""
    names = presets()
    if name_or_path in names:
        text = resources.files("data").joinpath("mappings", f"{name_or_path}.json").read_text(encoding="utf-8")
        return parse_mapping(text, where=name_or_path)
    path = Path(name_or_path)
    try:
        return parse_mapping(path.read_bytes().decode("utf-8-sig"), where=name_or_path)
    except FileNotFoundError as cause:
        known = ", ".join(names)
        remedy = f"Give a preset ({known}) or the path of a mapping file. {did_you_mean(name_or_path, list(names))}"
        raise MappingError("there is no such preset or file", where=name_or_path, remedy=remedy.strip()) from cause
    except (OSError, UnicodeDecodeError) as cause:
        raise MappingError(
            f"cannot be read: {cause}", where=name_or_path, remedy="Give a JSON file in UTF-8."
        ) from cause


def parse_mapping(text: str, *, where: str) -> Mapping:
    """Read a mapping from JSON text: the documented body {"mappings": {…}} or its inner object. Raises MappingError."""
    try:
        body = json.loads(text, object_pairs_hook=lambda pairs: _without_repeats(pairs, where))
    except json.JSONDecodeError as cause:
        place = f"{where}:{cause.lineno}:{cause.colno}"
        raise MappingError(f"not JSON: {cause.msg}", where=place, remedy="Correct the file there.") from cause
    if not isinstance(body, dict):
        raise MappingError("a mapping is a JSON object", where=where, remedy=EXAMPLE)
    try:
        mapping = Mapping.model_validate(body if _is_whole(body) else {"mappings": body})
    except ValidationError as cause:
        _refuse(cause, where)
    if not mapping.mappings:
        raise MappingError("the mapping names no column", where=where, remedy=EXAMPLE)
    return mapping


def _is_whole(body: dict[str, Any]) -> bool:
    """Tell the documented body from its inner object: a member of it holds objects, an entry of a column holds none."""
    return body.get("mappings") == {} or any(
        isinstance(member, dict) and any(isinstance(entry, dict) for entry in member.values())
        for member in body.values()
    )


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
    slots: list[Slot] = []
    cut_up: list[tuple[str, int, MappingEntry]] = []
    suffix: int | None = None
    for column, entry in mapping.mappings.items():
        at = f'{where}: column "{column}"'
        position = places.get(_folded(column))
        if entry.attribute_type == NAME_SUFFIX:
            suffix = position if suffix is None else suffix
        elif entry.attribute_type in CUT_UP:
            cut_up += [] if position is None else [(columns[position], position, entry)]
        else:
            definition, part = _resolve(entry.attribute_type, by_name, at)
            if position is not None:
                slot = _column_slot(len(slots), (columns[position], position), entry, definition, part)
                slots.append(_labelled(slot, entry, places, mapping.partial, at))
    slots = [replace(slot, suffix=suffix) if _takes_suffix(slot) else slot for slot in slots]
    # Behind all columns of their own: what they say comes first.
    for column, position, entry in cut_up:
        for taken in CUT_UP[entry.attribute_type]:
            definition, part = _resolve(taken, by_name, f'{where}: column "{column}"')
            slot = _column_slot(len(slots), (column, position), entry, definition, part)
            at = f'{where}: column "{column}"'
            slots.append(
                replace(_labelled(slot, entry, places, mapping.partial, at), taken=taken.removeprefix("address."))
            )
    for attribute_type, value in mapping.constants.items():
        definition, part = _resolve(attribute_type, by_name, f'{where}: constant "{attribute_type}"')
        for text in (value,) if isinstance(value, str) else value:
            slots.append(_constant_slot(len(slots), text, definition, part))
    return tuple(slots)


def label_places(slots: Iterable[Slot]) -> list[int]:
    """Positions of the columns that hold labels of others."""
    return sorted({slot.label_place for slot in slots if slot.label_place is not None})


def with_labels(slots: Sequence[Slot], said: Pairs[int, Sequence[str]]) -> tuple[Slot, ...]:
    """Give every label a column of labels holds a slot of its own, and one more to what has none.

    Args: said, the distinct labels by the position of their column.
    """
    spread: list[Slot] = []
    for slot in slots:
        if slot.label_place is None:
            spread.append(slot)
            continue
        folded: dict[str, str] = {}
        for label in said[slot.label_place]:
            folded.setdefault(fold_label(label), label.removeprefix("* ").strip())
        wanted = {fold_label(label) for label in slot.only_labels}
        for key, label in folded.items():
            if not wanted or key in wanted:
                offered = {fold_label(name): name for name in slot.definition.labels}
                spread.append(replace(slot, said=key, label=None if wanted else offered.get(key, label)))
        if not wanted:
            spread.append(replace(slot, said=""))
    return tuple(replace(slot, number=number) for number, slot in enumerate(spread))


def fold_label(label: str) -> str:
    """Fold a label for comparing; Google marks its own with a star."""
    return label.strip().removeprefix("* ").strip().lower()


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
    read = {place for slot in slots for place in (slot.position, slot.suffix, slot.label_place)}
    return tuple(column for position, column in enumerate(columns) if position not in read)


def digest(mapping: Mapping, settings: Pairs[str, object]) -> int:
    """128-bit MD5 of a mapping and the settings a file is read with, the same in every run.

    File and owner are left out: they do not change what a row becomes. Column order is kept: it decides which value
    counts as last sent (contract RULES C8).
    """
    body = mapping.model_dump(mode="json", exclude={"file_id", "owner"})
    text = json.dumps([body, dict(sorted(settings.items()))], ensure_ascii=False, default=str)
    return int.from_bytes(hashlib.md5(text.encode("utf-8", "surrogatepass"), usedforsecurity=False).digest())


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
    remedy = did_you_mean(attribute_type, known) or (
        f"Use one of {', '.join(sorted(by_name))} or a part of an address such as address.city, "
        "or bring its definition in attribute_defs."
    )
    raise MappingError(f'there is no attribute type "{attribute_type}"', where=where, remedy=remedy)


def _column_slot(
    number: int, place: tuple[str, int], entry: MappingEntry, definition: Definition, part: str | None
) -> Slot:
    """Slot of a column, whose place is its name and position."""
    column, position = place
    several = entry.multivalued
    separator = several if isinstance(several, str) else ANY_SEPARATOR if several else None
    return Slot(
        number=number, column=column, position=position, definition=definition, part=part,
        label=entry.label or None, index=entry.index, is_partner=entry.is_partner, is_primary=entry.is_primary,
        separator=separator, constant=None,
    )  # fmt: skip


def _constant_slot(number: int, text: str, definition: Definition, part: str | None) -> Slot:
    """Slot of a value every row gets."""
    return Slot(
        number=number, column=None, position=-1, definition=definition, part=part,
        label=None, index=None, is_partner=False, is_primary=False, separator=None, constant=text,
    )  # fmt: skip


def _without_repeats(pairs: list[tuple[str, Any]], where: str) -> dict[str, Any]:
    """Build a JSON object, refusing a key written twice: all but the last would be lost in silence."""
    body = dict(pairs)
    if len(body) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise MappingError(f'"{twice}" is written twice in one object', where=where, remedy="Take one of them out.")
    return body


def _refuse(invalid: ValidationError, where: str) -> Never:
    """Raise MappingError for the first thing the model refuses, in the words of the file."""
    errors = invalid.errors(include_url=False, include_input=False)
    # A misspelt key also leaves the right one missing: the misspelling is the cause.
    error = min(errors, key=lambda error: error["type"] != "extra_forbidden")
    location = [str(step) for step in error["loc"]]
    column = f'{where}: column "{location[1]}"' if location[0] == "mappings" and len(location) > 1 else where
    if error["type"] == "extra_forbidden":
        known = MappingEntry if location[0] == "mappings" else CustomDefinition if len(location) > 1 else Mapping
        hint = did_you_mean(location[-1], list(known.model_fields))
        remedy = hint or f"Known: {', '.join(known.model_fields)}."
        raise MappingError(f'"{location[-1]}" is not known here', where=column, remedy=remedy) from invalid
    what = "an object is wanted" if error["type"] in {"model_type", "dict_type"} else error["msg"]
    message = f"{'.'.join(location[2:] if column != where else location)}: {what}".removeprefix(": ")
    raise MappingError(message, where=column, remedy=EXAMPLE) from invalid
