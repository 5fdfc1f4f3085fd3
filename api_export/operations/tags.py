"""The operations on tags: list, add, rename, remind, delete (contract RULES G)."""

from typing import Any

from api_export.operations.bodies import NewTagBody, TagBody, TouchBody
from api_export.operations.calls import SEPARATOR, Call, Result, several
from api_export.operations.queries import NoQuery
from api_export.operations.writing import refresh, writer_of
from api_export.texts import tag_texts
from storage import tags
from storage.events import NOBODY, record_events

__all__ = ["add_tag", "delete_tag", "list_tags", "rename_tag", "set_tag_touch"]


def list_tags(call: Call[NoQuery, None]) -> Result:
    """Read the tag collection in byte order; `total` is 0 as printed (contract RULES A3, G4)."""
    return several(tag_texts(call.con, brand=call.brand, separator=SEPARATOR), total=0)


def add_tag(call: Call[NoQuery, NewTagBody]) -> None:
    """Add a tag that no contact carries yet."""
    touch_freq = call.body.touch_freq
    added = tags.add_tag(call.con, call.body.tag, touch_freq=touch_freq, brand=call.home, by=call.user, now=call.now)
    details = {"tags": [added], "touch_freq": touch_freq}
    record_events(call.con, "tag added", NOBODY, writer_of(call), details=details)


def rename_tag(call: Call[NoQuery, TagBody]) -> None:
    """Rename a tag in the collection and on all contacts."""
    tag, name = call.path["tag"], call.body.tag
    changed = tags.rename_tag(call.con, tag, name, brand=call.brand, by=call.user, now=call.now)
    _changed(call, "tag renamed", changed)


def set_tag_touch(call: Call[NoQuery, TouchBody]) -> None:
    """Set how often contacts that carry the tag are to be touched."""
    tag, touch_freq = call.path["tag"], call.body.touch_freq
    changed = tags.set_tag_touch(call.con, tag, touch_freq=touch_freq, brand=call.brand, by=call.user, now=call.now)
    _changed(call, "tag reminder set", changed, touch_freq=touch_freq)


def delete_tag(call: Call[NoQuery, None]) -> None:
    """Delete a tag from the collection and from all contacts."""
    changed = tags.delete_tag(call.con, call.path["tag"], brand=call.brand, by=call.user, now=call.now)
    _changed(call, "tag deleted", changed)


def _changed(call: Call[Any, Any], kind: str, changed: tags.Changed, **more: object) -> None:
    """Bring the contacts up to date, and record what was done to the tag and so to each of them."""
    refresh(call, changed.contacts, has_tags=True)
    details = {"tags": changed.tags, **more}
    record_events(call.con, kind, NOBODY, writer_of(call), details=details)
    record_events(call.con, "updated", changed.contacts, writer_of(call), details=details)
