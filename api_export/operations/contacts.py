"""The operations on contacts: list, filter, get, create, update, owner, delete."""

from api_export.filters import ContactFilter, FilterBody
from api_export.operations.calls import Call, Result
from api_export.operations.queries import AssociationsQuery, FilteredQuery, ListQuery
from api_export.operations.reading import contact, page
from api_export.selecting import Wanted

__all__ = ["filter_contacts", "get_contact", "list_contacts"]

PAGE = ("start", "limit", "order", "associations")


def list_contacts(call: Call[ListQuery, None]) -> Result:
    """Read a page of all contacts; without an order they come by id."""
    query = call.query
    wanted = Wanted(brand=call.brand, order=query.order, start=query.start, limit=query.limit)
    return page(call, wanted, query.associations)


def filter_contacts(call: Call[FilteredQuery, FilterBody | None]) -> Result:
    """Read a page of the contacts that parameters and body choose (contract RULES F)."""
    query, body = call.query, call.body or FilterBody()
    chosen = ContactFilter.model_construct(
        **{name: getattr(query, name) for name in type(query).model_fields if name not in PAGE},
        **{name: getattr(body, name) for name in FilterBody.model_fields},
    )
    wanted = Wanted(chosen, brand=call.brand, order=query.order, start=query.start, limit=query.limit)
    return page(call, wanted, query.associations)


def get_contact(call: Call[AssociationsQuery, None]) -> Result:
    """Read one contact."""
    return contact(call, call.path["id"], call.query.associations)
