"""The operation that sets how often a contact is to be touched (contract RULES G8-G12)."""

import polars as pl

from api_export.operations.bodies import TouchBody
from api_export.operations.calls import Call, Result
from api_export.operations.queries import AssociationsQuery
from api_export.operations.reading import contact, require_contacts
from api_export.operations.writing import writer_of
from storage.contacts import set_touch
from storage.events import record_events

__all__ = ["set_contact_touch"]


def set_contact_touch(call: Call[AssociationsQuery, TouchBody]) -> Result:
    """Set the reminder of a contact, whatever its tags say; null or 0 wants none."""
    identity = call.path["id"]
    require_contacts(call, [identity])
    set_touch(call.con, identity, call.body.touch_freq, by=call.user, now=call.now)
    details = {"touch_freq": call.body.touch_freq}
    record_events(call.con, "updated", pl.DataFrame({"contact": [str(identity)]}), writer_of(call), details=details)
    return contact(call, identity, call.query.associations)
