"""The catalogue of documented operations: what each is called, where it is reached, what it takes and gives.

One row an address and method: the document's four headings about POST /contacts/filter are one operation, and its two
about duplicates are told apart by their addresses (contract RULES S6). The command line and HTTP both read this table;
nothing else knows which operations there are.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel

from api_export.filters import FilterBody
from api_export.models import Contact
from api_export.operations import contacts
from api_export.operations.calls import Call, Result
from api_export.operations.queries import AssociationsQuery, FilteredQuery, ListQuery

__all__ = ["OPERATIONS", "Method", "Operation"]

Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]


@dataclass(frozen=True)
class Operation:
    """One documented operation.

    name: its heading in snake_case; path: with names in braces, `id` and `attribute_id` UUIDs, `tag` text; body: model
    of the request's body, None when it takes none; answer: type of the envelope's `data`, None when the answer has no
    body; status: the printed one; is_write: whether it changes the database; takes_upload: whether a file comes too;
    is_body_optional: whether it works without its body.
    """

    name: str
    method: Method
    path: str
    summary: str
    query: type[BaseModel]
    body: type[BaseModel] | None
    answer: Any
    run: Callable[[Call[Any, Any]], Result | None]
    status: Literal[200, 204] = 200
    is_write: bool = False
    takes_upload: bool = False
    is_body_optional: bool = False


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        name="get_all_user_contacts",
        method="GET",
        path="/contacts",
        summary="Get all user contacts",
        query=ListQuery,
        body=None,
        answer=list[Contact],
        run=contacts.list_contacts,
    ),
    Operation(
        name="filter_contacts_by_attributes",
        method="POST",
        path="/contacts/filter",
        summary="Search in contacts by query term; filter contacts by attributes, by multiple tags, or not having them",
        query=FilteredQuery,
        body=FilterBody,
        answer=list[Contact],
        run=contacts.filter_contacts,
        is_body_optional=True,
    ),
    Operation(
        name="get_a_contact",
        method="GET",
        path="/contacts/{id}",
        summary="Get a contact",
        query=AssociationsQuery,
        body=None,
        answer=Contact,
        run=contacts.get_contact,
    ),
)
