"""The operations that change contacts: create, update, update many, owner, delete, delete many."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import polars as pl

from api_export.operations.bodies import (
    ChangedContact,
    CreateBody,
    IdsBody,
    NewContact,
    OwnerBody,
    UpdateBody,
    UpdateManyBody,
)
from api_export.operations.calls import Call, Result, ids
from api_export.operations.queries import AssociationsQuery, CreateQuery, NoQuery, UpdateManyQuery
from api_export.operations.reading import contact, contacts, require_contacts
from api_export.operations.writing import Written, claim, create, cut_attributes, update, writer_of
from storage.contact_rows import OWN, delete_contacts, read_owner, stamp_contacts
from storage.errors import UsageError
from storage.events import record_events
from storage.indexing import refresh_index
from storage.rows import new_ids

__all__ = [
    "create_contacts",
    "delete_contact",
    "delete_many_contacts",
    "update_contact",
    "update_many_contacts",
    "update_owner",
]

CHANGES: dict[str, Any] = {"row": pl.UInt32, "contact": pl.String} | dict.fromkeys(OWN, pl.String)


def create_contacts(call: Call[CreateQuery, CreateBody]) -> Result:
    """Create contacts with their attributes; answer with their ids, or with `get` the contacts.

    A contact of which nothing can be taken is refused unless the call is relaxed (contract RULES D14, D15).
    """
    sent, query = call.body.contacts, call.query
    attributes = [one.attributes for one in sent]
    places = "contacts.{row}.attributes"
    cut = cut_attributes(call, attributes, contacts=[None] * len(sent), where=places, is_relaxed=query.relax)
    if not query.relax:
        filled = {*cut.pieces.values["row"], *cut.pieces.addresses["row"]}
        for row in range(len(sent)):
            if row not in filled:
                raise UsageError("a contact has at least one attribute", where=places.format(row=row))
    identities = new_ids(call.con, len(sent)).to_list()
    create(call, _frame(sent, identities, owner=call.user), cut, is_recorded=query.activity)
    created = [UUID(identity) for identity in identities]
    return contacts(call, created, query.associations) if query.get else ids(created)


def update_contact(call: Call[AssociationsQuery, UpdateBody]) -> Result:
    """Update a contact and its attributes: those with an id in place, the others as new ones (contract RULES D6)."""
    identity = call.path["id"]
    written = _update(call, [identity], [call.body], where="attributes")
    return contact(call, identity, call.query.associations, shown=written.shown)


def update_many_contacts(call: Call[UpdateManyQuery, UpdateManyBody]) -> Result | None:
    """Update contacts and their attributes, all or none; nothing is answered unless asked (contract RULES A15)."""
    sent = call.body.contacts
    identities = [one.id for one in sent]
    if len({*identities}) < len(identities):
        raise UsageError("a contact is named twice", where="contacts")
    _update(call, identities, sent, of="contacts.{place}.id", where="contacts.{row}.attributes")
    return contacts(call, identities, call.query.associations) if call.query.get else None


def update_owner(call: Call[AssociationsQuery, OwnerBody]) -> Result:
    """Give a contact to another user."""
    identity = call.path["id"]
    require_contacts(call, [identity])
    is_owner = read_owner(call.con, identity) == call.body.user
    changes = _frame([call.body], [str(identity)])
    stamp_contacts(call.con, changes.drop("row"), writer_of(call), brand=call.brand)
    refresh_index(call.con, changes)
    kind, details = "updated" if is_owner else "owner changed", {"user": call.body.user}
    record_events(call.con, kind, changes.select("contact"), writer_of(call), details=details)
    return contact(call, identity, call.query.associations)


def delete_contact(call: Call[NoQuery, None]) -> None:
    """Delete a contact softly."""
    require_contacts(call, [call.path["id"]])
    _delete(call, [call.path["id"]])


def delete_many_contacts(call: Call[NoQuery, IdsBody]) -> None:
    """Delete contacts softly, all or none."""
    require_contacts(call, call.body.ids, where="ids.{place}")
    _delete(call, call.body.ids)


def _update(
    call: Call[Any, Any],
    identities: Sequence[UUID],
    sent: Sequence[UpdateBody | ChangedContact],
    *,
    of: str = "",
    where: str,
) -> Written:
    """Update contacts; `of` is the place of their ids in the body, `where` that of their attributes."""
    changes = _frame(sent, [str(identity) for identity in identities])
    claim(call, changes, where=of)
    cut = cut_attributes(call, [one.attributes for one in sent], contacts=identities, where=where)
    return update(call, changes, cut)


def _delete(call: Call[Any, Any], identities: Sequence[UUID]) -> None:
    if identities:
        doomed = pl.DataFrame({"contact": [str(identity) for identity in {*identities}]})
        delete_contacts(call.con, doomed, writer_of(call))
        record_events(call.con, "deleted", doomed, writer_of(call))


def _frame(
    sent: Sequence[NewContact | UpdateBody | OwnerBody], identities: Sequence[str], *, owner: UUID | None = None
) -> pl.DataFrame:
    """The contacts' own columns: [row, contact, user, ios_address_book_id, android_address_book_id]."""
    rows = [
        {"row": row, "contact": identity, "user": owner and str(owner)} | _own(one)
        for row, (one, identity) in enumerate(zip(sent, identities, strict=True))
    ]
    return pl.DataFrame(rows, schema=CHANGES)


def _own(one: NewContact | UpdateBody | OwnerBody) -> dict[str, str]:
    """What was sent of a contact's own columns; of an address book's id null and blanks are "", which takes it away."""
    sent = one.model_dump(mode="json", include={*OWN}, exclude_unset=True)
    filled = {name: value for name, value in sent.items() if value and value.strip()}
    return dict.fromkeys(sent.keys() - {"user"}, "") | filled
