"""The query parameters of the operations: names, types and bounds as documented, unknown names refused.

A list is sent as one text with commas or as the name several times. Times are unix seconds.
"""

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from api_export.filters import FilterQuery, Ids, split_commas
from api_export.shapes import ASSOCIATIONS

__all__ = [
    "LONGEST_PAGE",
    "AssociationsQuery",
    "BulkQuery",
    "CreateQuery",
    "FilteredQuery",
    "ImportQuery",
    "ListQuery",
    "NoQuery",
    "Order",
    "PageQuery",
    "UpdateManyQuery",
]

LONGEST_PAGE = 1_000
Order = Literal[
    "display_name", "-display_name", "sort_field", "-sort_field", "last_touch", "-last_touch",
    "next_touch", "-next_touch", "created_at", "-created_at", "updated_at", "-updated_at",
]  # fmt: skip


def _known(name: str) -> str:
    if name not in ASSOCIATIONS:
        raise ValueError(f"there is no such association (known: {', '.join(ASSOCIATIONS)})")
    return name


def _flag(value: object) -> object:
    return {"true": True, "false": False}.get(value, value) if isinstance(value, str) else value


Association = Annotated[
    str, AfterValidator(_known), WithJsonSchema({"type": "string", "enum": [*ASSOCIATIONS]}, mode="validation")
]
Associations = Annotated[
    frozenset[Association],
    BeforeValidator(split_commas),
    Field(description="What to add to each object; see the overview."),
]
Flag = Annotated[bool, BeforeValidator(_flag), Field(strict=True)]


class NoQuery(BaseModel):
    """No parameters."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class AssociationsQuery(NoQuery):
    """What to add to the answer."""

    associations: Associations = frozenset()


class PageQuery(NoQuery):
    """A page. The document's default limit of 10 is contradicted by its own answers (contract RULES A4)."""

    start: int = Field(default=0, ge=0, le=2**62, description="How many to leave out first.")
    limit: int = Field(default=LONGEST_PAGE, ge=0, le=LONGEST_PAGE, description="How many at most.")


class ListQuery(AssociationsQuery, PageQuery):
    """A page of contacts in an order."""

    order: Order | None = Field(default=None, description="Sort key; a minus sign before it for descending order.")


class FilteredQuery(ListQuery, FilterQuery):
    """A page of the contacts a filter chooses."""


class CreateQuery(AssociationsQuery):
    """How to create contacts."""

    get: Flag = Field(default=False, description="Answer with the contacts instead of their ids.")
    relax: Flag = Field(default=False, description="Leave out what cannot be taken instead of refusing the request.")
    activity: Flag = Field(default=True, description="Record it in the timeline (events).")


class UpdateManyQuery(AssociationsQuery):
    """How to update several contacts."""

    get: Flag = Field(default=False, description="Answer with the contacts instead of nothing.")


class BulkQuery(UpdateManyQuery):
    """Whose contacts to give attributes."""

    users: Ids = Field(default=(), description="Owner of the contact.")


class ImportQuery(NoQuery):
    """Parameters of an import."""

    ext: Literal["csv", "xls", "xlsx"] | None = Field(
        default=None, description="Kind of file; what it is shows in its content."
    )
