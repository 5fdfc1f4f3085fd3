"""The operations on attribute definitions: list, create, delete."""

from api_export.operations.bodies import DefinitionBody
from api_export.operations.calls import SEPARATOR, Call, Result, one, several
from api_export.operations.queries import NoQuery
from api_export.operations.writing import refresh, writer_of
from api_export.texts import definition_texts
from storage import definitions
from storage.events import NOBODY, record_events

__all__ = ["create_definition", "delete_definition", "list_definitions"]


def list_definitions(call: Call[NoQuery, None]) -> Result:
    """Read the global definitions and the brand's own; `total` is 0 as printed (contract RULES A3)."""
    return several(definition_texts(call.con, brand=call.brand, separator=SEPARATOR), total=0)


def create_definition(call: Call[NoQuery, DefinitionBody]) -> Result:
    """Create a definition of the brand's own."""
    sent = call.body.model_dump(mode="json")
    created = definitions.create_definition(call.con, sent, brand=call.home, by=call.user, now=call.now)
    record_events(call.con, "definition created", NOBODY, writer_of(call), details={"attribute_def": created})
    return one(definition_texts(call.con, brand=call.brand, only=created, separator=SEPARATOR))


def delete_definition(call: Call[NoQuery, None]) -> None:
    """Delete a definition of the brand's own, and the attributes of its kind."""
    doomed = call.path["id"]
    contacts = definitions.delete_definition(call.con, doomed, brand=call.brand, by=call.user, now=call.now)
    refresh(call, contacts, has_tags=False)
    details = {"attribute_def": doomed}
    record_events(call.con, "definition deleted", NOBODY, writer_of(call), details=details)
    record_events(call.con, "updated", contacts, writer_of(call), details=details)
