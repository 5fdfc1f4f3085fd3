"""The documented filter: which contacts are meant, as query options and as the body of POST /contacts/filter.

The model is the border: names and types are checked here, with the nearest known name in the error. What a filter means
in SQL is in `selecting`. Source: contract RULES F1-F9.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from storage.errors import UsageError, did_you_mean

__all__ = [
    "ContactFilter",
    "FilterBody",
    "FilterItem",
    "FilterQuery",
    "Ids",
    "read_filter",
    "read_filter_file",
    "split_commas",
]

Scalar = bool | int | float | str


def split_commas(value: object) -> object:
    """Let a text of ids separated by commas stand for their list, as query options send them; an empty one is no id."""
    return [part.strip() for part in value.split(",")] if isinstance(value, str) else value


def _check_value(value: object) -> object:
    """Say what a value may be, where pydantic would name each kind it tried."""
    values = value if isinstance(value, list | tuple) else [value]
    if not values:
        raise PydanticCustomError("value", "it is an empty list; without a value the attribute only has to be there")
    if not all(isinstance(one, Scalar) for one in values if value is not None):
        raise PydanticCustomError("value", "it is a text, a number, true or false, or a list of these")
    return value


# Beyond these a time is no time, and microseconds would not fit.
Moment = Annotated[float, Field(ge=-1e11, le=1e11, allow_inf_nan=False)]
Ids = Annotated[tuple[UUID, ...], BeforeValidator(split_commas)]


class FilterItem(BaseModel):
    """One condition on an attribute: the definition by id, by name or both (contract RULES D7), and what it must be.

    `value` may be a list for any, all and between; without a value the attribute only has to be there. An empty list is
    refused, for whoever sends it hardly means that. `invert` means contacts having no such value (F2).
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    attribute_def: UUID | None = None
    attribute_type: str | None = None
    value: Annotated[
        Scalar | Annotated[tuple[Scalar, ...], Field(min_length=1)] | None, BeforeValidator(_check_value)
    ] = None
    invert: bool = False
    operator: Literal["eq", "lte", "gte", "between", "any", "all"] = "eq"


def _with_filter(schema: dict[str, Any]) -> None:
    """Name the printed key beside the one that stands for it, which is all that pydantic names."""
    schema["properties"]["filter"] = schema["properties"]["filters"] | {"description": "The same as `filters`."}
    schema["not"] = {"required": ["filter", "filters"]}


class FilterBody(BaseModel):
    """What the body of POST /contacts/filter says: conditions on attributes, joined by "and" or "or", and a text.

    The document prints their key as `filter` and as `filters`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra=_with_filter)

    filters: tuple[FilterItem, ...] = Field(
        default=(), validation_alias=AliasChoices("filters", "filter"), description="Conditions on attributes."
    )
    filter_type: Literal["and", "or"] = "and"
    query: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _is_one(cls, sent: object) -> object:
        if isinstance(sent, Mapping) and {"filter", "filters"} <= sent.keys():
            raise PydanticCustomError("filter", '"filter" and "filters" are the same: send one of them')
        return sent


class FilterQuery(BaseModel):
    """What the parameters of POST /contacts/filter say; all that are given must hold."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    q: str | None = Field(default=None, description="Every word must be found in a searchable value.")
    alphabet: str | None = Field(default=None, description="First letter of last name (sort_field).")
    users: Ids = Field(default=(), description="Owner of the contact.")
    crm_task: Ids = Field(default=(), description="CrmTask association query: in any of these tasks.")
    ids: Ids | None = Field(default=None, description="List of specific contact ids to include.")
    excludes: Ids = Field(default=(), description="List of specific contact ids to exclude.")
    created_by: Ids = Field(default=(), description="Creator of the contact.")
    updated_by: Ids = Field(default=(), description="The last person who has updated the contact.")
    lists: Ids = Field(default=(), description="Belongs to list: any of these.")
    flows: Ids = Field(default=(), description="Enrolled in some flows: any of these.")
    created_gte: Moment | None = Field(default=None, description="Created after.")
    created_lte: Moment | None = Field(default=None, description="Created before.")
    updated_gte: Moment | None = Field(default=None, description="Last updated after.")
    updated_lte: Moment | None = Field(default=None, description="Last updated before.")
    last_touch_gte: Moment | None = Field(default=None, description="Last touch after.")
    last_touch_lte: Moment | None = Field(default=None, description="Last touch before.")
    next_touch_gte: Moment | None = Field(default=None, description="Next touch after.")
    next_touch_lte: Moment | None = Field(default=None, description="Next touch before.")


class ContactFilter(FilterQuery, FilterBody):
    """Every documented way to choose contacts; all that are given must hold. Times are unix seconds, ends included.

    Only `filters` can be joined by "or" (`filter_type`). `q` and `query` are texts of which every word must be found.
    """


def read_filter(document: object, *, where: str = "filter") -> ContactFilter:
    """Check a filter as sent: the documented body, query options, or both in one object; a bare list is `filter`.

    Raises: UsageError naming the field, with the nearest known name when a name is unknown.
    """
    body = {"filter": document} if isinstance(document, list) else document
    if not isinstance(body, Mapping):
        raise UsageError(
            "a filter is a JSON object",
            where=where,
            remedy='Such as {"filter": [{"attribute_type": "tag", "value": "New"}]}.',
        )
    try:
        return ContactFilter.model_validate(dict(body))
    except ValidationError as cause:
        raise _refused(cause, where) from cause


def read_filter_file(path: Path) -> ContactFilter:
    """Read a filter from a JSON file.

    Raises: UsageError when there is no such file, when it is not JSON, or not a filter.
    """
    try:
        return read_filter(json.loads(path.read_text("utf-8")), where=path.name)
    except OSError as cause:
        what = f"the filter cannot be read ({cause.strerror})"
        raise UsageError(what, where=str(path), remedy="Name a JSON file with --filter.") from cause
    except ValueError as cause:
        raise UsageError(f"the filter is not JSON ({cause})", where=str(path)) from cause


def _refused(cause: ValidationError, where: str) -> UsageError:
    """The first thing wrong, by its place in the body; the value itself is not repeated."""
    error = cause.errors(include_url=False, include_input=False)[0]
    place = ".".join(str(part) for part in error["loc"])
    if error["type"] != "extra_forbidden":
        return UsageError(f'"{place}": {error["msg"]}' if place else error["msg"], where=where)
    known = _names(FilterItem) if len(error["loc"]) > 1 else [*_names(ContactFilter), "filter"]
    hint = did_you_mean(str(error["loc"][-1]), known)
    return UsageError(f'"{place}" is not part of a filter', where=where, remedy=hint or f"Known: {', '.join(known)}.")


def _names(model: type[BaseModel]) -> list[str]:
    fields: dict[str, Any] = model.model_fields
    return list(fields)
