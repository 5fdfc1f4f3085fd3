"""The operations on attributes: add, update and delete them, of one contact or of all that a filter chooses."""

from typing import Any
from uuid import UUID

import polars as pl

from api_export.filters import ContactFilter
from api_export.operations.bodies import AttributeBody, AttributesBody, BulkBody, IdsBody
from api_export.operations.calls import SEPARATOR, Call, Result, ids, one, several
from api_export.operations.queries import AssociationsQuery, BulkQuery, NoQuery
from api_export.operations.reading import contact, contacts, require_contacts
from api_export.operations.writing import claim, cut_attributes, refresh, update, writer_of
from api_export.selecting import Wanted, living_contacts, selected
from api_export.texts import named_attribute_texts
from storage.contact_rows import OWN, stamp_contacts
from storage.errors import NotFoundError, UsageError
from storage.events import record_events
from storage.writing import delete_attributes, find_attributes, read_standing

__all__ = [
    "add_attributes",
    "add_attributes_by_filter",
    "delete_attribute",
    "delete_many_attributes",
    "update_attribute",
]


def add_attributes(call: Call[AssociationsQuery, AttributesBody]) -> Result:
    """Add attributes to a contact; answer with them."""
    identity, sent = call.path["id"], call.body.attributes
    for place, attribute in enumerate(sent):
        _refuse_id(attribute, f"attributes.{place}.id")
    changes = _claimed(call, identity)
    cut = cut_attributes(call, [sent], contacts=[identity], where="attributes")
    attributes = [UUID(attribute) for attribute in update(call, changes, cut).values["id"]]
    return several(
        named_attribute_texts(
            call.con, identity, attributes, associations=call.query.associations, separator=SEPARATOR
        ),
        total=0,
    )


def update_attribute(call: Call[NoQuery, AttributeBody]) -> Result:
    """Update an attribute in place; what is not sent stays as it is."""
    identity, attribute = call.path["id"], call.path["attribute_id"]
    if call.body.id not in (None, attribute):
        raise UsageError("it is not the attribute of the address", where="id")
    changes = _claimed(call, identity)
    _require_attribute(call, identity, attribute)
    sent = call.body.model_copy(update={"id": attribute})
    try:
        cut = cut_attributes(call, [[sent]], contacts=[identity], where="")
    except UsageError as error:  # the body is the attribute: there is no place in it to name
        raise UsageError(error.what, remedy=error.remedy) from error
    update(call, changes, cut)
    return one(named_attribute_texts(call.con, identity, [attribute], associations=frozenset(), separator=SEPARATOR))


def delete_attribute(call: Call[AssociationsQuery, None]) -> Result:
    """Delete an attribute softly; answer with its contact (contract RULES D13)."""
    identity, attribute = call.path["id"], call.path["attribute_id"]
    require_contacts(call, [identity])
    _require_attribute(call, identity, attribute)
    _delete(call, pl.DataFrame({"id": [str(attribute)], "contact": [str(identity)]}))
    return contact(call, identity, call.query.associations)


def delete_many_attributes(call: Call[NoQuery, IdsBody]) -> None:
    """Delete attributes softly, all or none, whichever contacts they are of."""
    if not call.body.ids:
        return
    found = find_attributes(call.con, call.body.ids)
    contacts = [UUID(contact) for contact in found["contact"].unique()]
    seen = living_contacts(call.con, contacts, brand=call.brand) if contacts else set()
    doomed = found.filter(pl.col("contact").is_in([str(contact) for contact in seen]))
    there = {*doomed["id"]}
    for place, identity in enumerate(call.body.ids):
        if str(identity) not in there:
            raise NotFoundError(f"there is no attribute {identity}", where=f"ids.{place}")
    _delete(call, doomed)


def add_attributes_by_filter(call: Call[BulkQuery, BulkBody]) -> Result:
    """Add attributes to every contact a filter chooses; answer with their ids, or with `get` the contacts."""
    body, query = call.body, call.query
    for place, attribute in enumerate(body.attributes):
        _refuse_id(attribute, f"attributes.{place}.id")
    chosen = ContactFilter.model_construct(
        filters=body.filters, filter_type=body.filter_type, query=body.query, users=query.users
    )
    cut = cut_attributes(call, [body.attributes], contacts=[None], where="attributes")
    with selected(call.con, Wanted(chosen, brand=call.brand)):
        targets = call.con.sql("SELECT id::VARCHAR AS contact FROM selected_contacts ORDER BY position").pl()
    changed = [UUID(identity) for identity in targets["contact"]]
    if changed:
        changes = targets.select(pl.lit(0, pl.UInt32).alias("row"), "contact", *_nothing_else())
        claim(call, changes)
        update(call, changes, cut)
    return contacts(call, changed, query.associations) if query.get else ids(changed)


def _claimed(call: Call[Any, Any], identity: UUID) -> pl.DataFrame:
    """Claim one contact of which only attributes change."""
    frame = pl.DataFrame({"row": [0], "contact": [str(identity)]}, schema={"row": pl.UInt32, "contact": pl.String})
    changes = frame.with_columns(_nothing_else())
    claim(call, changes)
    return changes


def _nothing_else() -> list[pl.Expr]:
    """The contact's own columns, left as they are."""
    return [pl.lit(None, pl.String).alias(name) for name in OWN]


def _refuse_id(attribute: AttributeBody, where: str) -> None:
    if attribute.id is not None:
        raise UsageError("an attribute to add has no id yet", where=where, remedy="PATCH the contact to update it.")


def _require_attribute(call: Call[Any, Any], identity: UUID, attribute: UUID) -> None:
    named = pl.DataFrame({"contact": [str(identity)], "id": [str(attribute)]})
    if read_standing(call.con, named).is_empty():
        raise NotFoundError(f"the contact has no attribute {attribute}")


def _delete(call: Call[Any, Any], doomed: pl.DataFrame) -> None:
    writer = writer_of(call)
    delete_attributes(call.con, doomed, writer)
    touched = doomed.select("contact").unique().with_columns(_nothing_else())
    stamp_contacts(call.con, touched, writer, brand=call.brand)
    refresh(call, touched.select("contact"), has_tags=True)
    record_events(call.con, "attributes deleted", touched.select("contact"), writer)
