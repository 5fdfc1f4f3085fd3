"""Read contacts for an answer: by id, whoever may see them, with the associations asked for."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from api_export.operations.calls import SEPARATOR, Call, Result, one, several
from api_export.selecting import Wanted, selected, selected_ids
from api_export.texts import contact_texts
from storage.errors import NotFoundError

__all__ = ["contact", "contacts", "page", "require_contacts"]


def contact(call: Call[Any, Any], identity: UUID, associations: frozenset[str]) -> Result:
    """Read one contact.

    Raises: NotFoundError when it is not there, deleted, or of another brand.
    """
    with selected_ids(call.con, [identity], brand=call.brand) as found:
        if not found.total:
            raise _missing(identity)
        return one(contact_texts(call.con, 0, 1, associations=associations, separator=SEPARATOR))


def contacts(call: Call[Any, Any], identities: Sequence[UUID], associations: frozenset[str]) -> Result:
    """Read the contacts of some ids in their order; `total` is 0 as printed beside what was written (RULES A3)."""
    if not identities:
        return several([], total=0)
    with selected_ids(call.con, identities, brand=call.brand) as found:
        return several(contact_texts(call.con, 0, found.stop, associations=associations, separator=SEPARATOR), total=0)


def page(call: Call[Any, Any], wanted: Wanted, associations: frozenset[str]) -> Result:
    """Read a page of the contacts that are wanted; `total` is how many there are on all pages."""
    with selected(call.con, wanted) as found:
        blocks = contact_texts(call.con, found.start, found.stop, associations=associations, separator=SEPARATOR)
        return several(blocks, total=found.total)


def require_contacts(call: Call[Any, Any], identities: Sequence[UUID]) -> None:
    """Refuse ids of contacts that the call may not see.

    Raises: NotFoundError naming the first of them.
    """
    if not identities:
        return
    with selected_ids(call.con, identities, brand=call.brand) as found:
        if found.total < len(set(identities)):
            rows = call.con.execute("SELECT id FROM selected_contacts").fetchall()
            known = {UUID(str(identity)) for (identity,) in rows}
            raise _missing(next(identity for identity in identities if identity not in known))


def _missing(identity: UUID) -> NotFoundError:
    return NotFoundError(f"there is no contact {identity}", remedy="It may have been deleted or merged into another.")
