"""Mappings: which column of a file becomes which attribute, in the documented JSON or a preset of data/mappings.

A mapping is read here, then bound to the columns of one file (binding.py). What is no mapping is a MappingError.
"""

import hashlib
import json
from collections.abc import Mapping as Pairs
from importlib import resources
from pathlib import Path
from typing import Any, Literal, Never

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, StrictStr, ValidationError

from storage.errors import MappingError, did_you_mean

__all__ = [
    "ADDRESS_PARTS", "ANY_SEPARATOR", "FULL_ADDRESS", "FULL_NAME", "GOOGLE_SEPARATOR", "NAME_PARTS", "NAME_SUFFIX",
    "CustomDefinition", "Mapping", "MappingEntry", "digest", "load_mapping", "parse_mapping", "presets",
]  # fmt: skip

# The separator of `"multivalued": true`: whichever of ; | newline and " ::: " is there.
ANY_SEPARATOR = ""
GOOGLE_SEPARATOR = " ::: "
"""How Google's exports part values."""
# Not attributes: a whole name and a whole address, which are cut up, and what is written behind a last name.
FULL_NAME, FULL_ADDRESS, NAME_SUFFIX = "full_name", "full_address", "name_suffix"
NAME_PARTS = ("title", "first_name", "middle_name", "last_name", "nickname", "company")
ADDRESS_PARTS = (
    "house_num", "predir", "qual", "pretype", "name", "suftype", "sufdir", "unit", "box", "city", "state", "postcode",
    "country",
)  # fmt: skip
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


def digest(mapping: Mapping, settings: Pairs[str, object]) -> int:
    """128-bit MD5 of a mapping and the settings a file is read with, the same in every run.

    File and owner are left out: they do not change what a row becomes. Column order is kept: it decides which value
    counts as last sent (contract RULES C8).
    """
    body = mapping.model_dump(mode="json", exclude={"file_id", "owner"})
    text = json.dumps([body, dict(sorted(settings.items()))], ensure_ascii=False, default=str)
    return int.from_bytes(hashlib.md5(text.encode("utf-8", "surrogatepass"), usedforsecurity=False).digest())


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
