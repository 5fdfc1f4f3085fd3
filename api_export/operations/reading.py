"""Read contacts for an answer: by id, whoever may see them, with the associations asked for."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import polars as pl

from api_export.operations.calls import SEPARATOR, Call, Result, several
from api_export.selecting import Wanted, indexed_page, living_contacts, selected, selected_ids
from api_export.texts import contact_text, contact_texts, page_texts
from storage.errors import NotFoundError

__all__ = ["contact", "contacts", "page", "require_contacts"]


def contact(
    call: Call[Any, Any], identity: UUID, associations: frozenset[str], *, shown: pl.DataFrame | None = None
) -> Result:
    """Read one contact; `shown` is how it is shown now, where that is known.

    Raises: NotFoundError when it is not there, deleted, or of another brand.
    """
    text = contact_text(call.con, identity, brand=call.brand, associations=associations, shown=shown)
    if not text:
        raise _missing(identity)
    return Result(text)


def contacts(call: Call[Any, Any], identities: Sequence[UUID], associations: frozenset[str]) -> Result:
    """Read the contacts of some ids in their order; `total` is 0 as printed beside what was written (RULES A3)."""
    if not identities:
        return several([], total=0)
    with selected_ids(call.con, identities, brand=call.brand) as found:
        return several(contact_texts(call.con, 0, found.stop, associations=associations, separator=SEPARATOR), total=0)


def page(call: Call[Any, Any], wanted: Wanted, associations: frozenset[str]) -> Result:
    """Read a page of the contacts that are wanted; `total` is how many there are on all pages."""
    paged = indexed_page(call.con, wanted)
    if paged is not None:
        texts = page_texts(call.con, paged, associations=associations, separator=SEPARATOR)
        return several(texts, total=paged.total)
    with selected(call.con, wanted) as found:
        blocks = contact_texts(call.con, found.start, found.stop, associations=associations, separator=SEPARATOR)
        return several(blocks, total=found.total)


def require_contacts(call: Call[Any, Any], identities: Sequence[UUID], *, where: str = "") -> None:
    """Refuse ids of contacts that the call may not see.

    Args: where: place of an id in the body, with `{place}` for its number; nothing for the id of the address.
    Raises: NotFoundError naming the first of them.
    """
    known = living_contacts(call.con, identities, brand=call.brand) if identities else set()
    for place, identity in enumerate(identities):
        if identity not in known:
            raise _missing(identity, where.format(place=place))


def _missing(identity: UUID, where: str = "") -> NotFoundError:
    remedy = "It may have been deleted or merged into another."
    return NotFoundError(f"there is no contact {identity}", where=where, remedy=remedy)
