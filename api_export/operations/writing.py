"""Write attributes as requests send them: judged by the rules of an import, then written to all their contacts at once.

A value that cannot be taken refuses the request, unless the call is relaxed; then it is left out and the timeline says
so. What is computed from attributes (summaries, tags, reminders) is brought up to date in the same transaction.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import polars as pl

from api_export.operations.bodies import AttributeBody
from api_export.operations.calls import Call
from api_export.operations.reading import require_contacts
from api_export.selecting import living_contacts
from api_export.summarising import AT_ONCE, refresh_summaries
from storage.contact_rows import OWN, insert_contacts, stamp_contacts
from storage.contacts import (
    insert_summaries,
    read_attributes,
    read_brands,
    read_definitions,
    refresh_touch,
    write_summaries,
)
from storage.errors import ConflictError, NotFoundError, UsageError
from storage.events import record_events
from storage.frames import in_order, is_any, where
from storage.writing import (
    Writer,
    add_tags,
    insert_values,
    laid_out,
    put_in_place,
    read_standing,
    write_placed,
)
from transforms.binding import Definition
from transforms.bodies import cut_bodies
from transforms.pieces import Pieces
from transforms.sent import sent_attributes
from transforms.summaries import columns_of, summarise_attributes, summarise_pieces

__all__ = ["REGION", "Cut", "claim", "create", "cut_attributes", "refresh", "update", "writer_of"]

REGION = "US"
"""Country of phone numbers without a country code, as in imports that do not say another."""

ADDED = {"id": pl.String, "keeps_primary": pl.Boolean, "row": pl.UInt32, "position": pl.UInt32}
CHANGING = "Delete it and add one of the other definition."
BLANK = "there is no value, or it is that of another attribute sent"
NEW: dict[str, Any] = {"is_partner": False}  # what an attribute is that does not say and has not been anything before
RESPONSE_ONLY: Any = {  # as pydantic leaves fields out
    **dict.fromkeys(
        ("id", "contact", "created_by", "updated_by", "created_at", "updated_at", "deleted_at", "type"), True
    ),
    "address": {"type", "full", "line1", "line2"},
}
Attributes = Sequence[Sequence[AttributeBody]]
Fault = tuple[int, str, str]
"""Row, place and reason of what was refused."""


@dataclass(frozen=True)
class Cut:
    """Attributes that were judged: what can be written, what the slots stand for, what takes the place of what.

    `searchable` are the definitions whose values are searched, of all brands the call may see; `is_custom` says whether
    any attribute is of a brand's own definition, `skipped` is what a relaxed call leaves out.
    """

    pieces: Pieces
    slots: pl.DataFrame
    given: pl.DataFrame
    searchable: tuple[str, ...]
    is_custom: bool
    skipped: tuple[Fault, ...]

    @property
    def attribute_types(self) -> list[str]:
        """What kinds of attributes were sent."""
        return list(dict.fromkeys(self.slots["attribute_type"].to_list()))

    def laid_out(self, targets: pl.DataFrame) -> pl.DataFrame:
        """Lay the values out for the contacts [row: u32, contact: str]."""
        return laid_out(self.pieces.values, self.pieces.addresses, self.slots, targets=targets, given=self.given)

    def searched(self, values: pl.DataFrame) -> pl.DataFrame:
        """Of values laid out, those that are searched: [contact, text, key]."""
        return where(values, is_any(values["attribute_def"], self.searchable))[["contact", "text", "key"]]


@dataclass(frozen=True)
class Written:
    """What was written: the values, with the ids of the attributes they became, by contact and as sent.

    `shown` is how the contact is shown now (`storage.indexing.refresh_index`), where there is one and it is known.
    """

    values: pl.DataFrame
    shown: pl.DataFrame | None


def writer_of(call: Call[Any, Any]) -> Writer:
    """Who writes, and when."""
    return Writer(call.user, call.now)


def claim(call: Call[Any, Any], changes: pl.DataFrame, *, where: str = "") -> None:
    """Stamp contacts as changed: [contact, user, ios_address_book_id, android_address_book_id: str?].

    Args: where: as of `require_contacts`.
    Raises: NotFoundError naming the first that the call may not see.
    """
    if stamp_contacts(call.con, changes, writer_of(call), brand=call.brand) < changes.height:
        require_contacts(call, [UUID(contact) for contact in changes["contact"]], where=where)


def cut_attributes(
    call: Call[Any, Any],
    sent: Attributes,
    *,
    contacts: Sequence[UUID | None],
    where: str,
    is_relaxed: bool = False,
) -> Cut:
    """Judge the attributes sent for each of some contacts (None: one without an id of its own yet).

    Args: where: place of a contact's attributes in the body, with `{row}` for its number.
    Raises: NotFoundError when an id is of no attribute of that contact; UsageError for a value that cannot be taken.
    """
    rows = read_definitions(call.con, brand=call.brand)
    mine = [row for row in rows if row.brand in (None, str(call.home))]
    definitions = [Definition(row.id, row.name, row.data_type, row.singular) for row in mine]
    completed, given = _completed(call, sent, contacts, where)
    pieces, slots = cut_bodies(sent_attributes(completed), definitions, region=REGION)
    faults = _faults(pieces, given, where)
    if faults and not is_relaxed:
        _, place, reason = faults[0]
        raise UsageError(reason, where=place)
    searchable = tuple(row.id for row in rows if row.searchable)
    custom = {row.id for row in mine if row.brand}
    return Cut(pieces, slots, given, searchable, not custom.isdisjoint(slots["attribute_def"]), tuple(faults))


def create(call: Call[Any, Any], contacts: pl.DataFrame, cut: Cut, *, is_recorded: bool) -> None:
    """Write new contacts [row, contact, user, ios_address_book_id, android_address_book_id] with their attributes."""
    writer = writer_of(call)
    own = insert_contacts(call.con, contacts, call.home, writer)
    values = cut.laid_out(contacts)
    insert_values(call.con, values, writer)
    if "tag" in cut.attribute_types and add_tags(call.con, _tags_of(values), call.home, writer):
        refresh_touch(call.con, contacts, now=call.now)
        own = None  # what was inserted is no longer what stands
    summaries = summarise_pieces(contacts, cut.pieces.values, cut.pieces.addresses, cut.slots)
    insert_summaries(call.con, summaries.with_columns(contacts["contact"]), cut.searched(values), own=own)
    if is_recorded:
        record_events(call.con, "created", contacts.hstack([_details(contacts, cut.skipped)]), writer)


def update(call: Call[Any, Any], changes: pl.DataFrame, cut: Cut) -> Written:
    """Write attributes to contacts that were claimed: changes [row, contact, user, ios_…, android_…: str?]."""
    if cut.is_custom and call.brand is None:
        _refuse_other_brands(call, changes)
    written = [_update(call, changes.slice(start, AT_ONCE), cut) for start in range(0, changes.height, AT_ONCE)]
    own = [name for name in OWN if changes[name].count()]
    details = {"attribute_types": [*cut.attribute_types, *own]}
    record_events(call.con, "updated", changes, writer_of(call), details=details)
    return Written(pl.concat([some.values for some in written]), written[0].shown)


def _update(call: Call[Any, Any], changes: pl.DataFrame, cut: Cut) -> Written:
    writer = writer_of(call)
    values, standing = cut.laid_out(changes), read_attributes(call.con, changes)
    placed = put_in_place(call.con, values, standing, writer)
    write_placed(call.con, placed, writer)
    if "tag" in cut.attribute_types and _add_tags(call, values, writer):
        refresh_touch(call.con, changes, now=call.now)
    summaries = summarise_attributes(changes, placed.after)
    shown = write_summaries(
        call.con,
        summaries,
        placed.after,
        searchable=cut.searchable,
        living=changes,
        changed=columns_of(cut.attribute_types),
    )
    return Written(placed.written, shown)


def refresh(call: Call[Any, Any], contacts: pl.DataFrame, *, has_tags: bool) -> None:
    """Bring up to date what is computed from the attributes of living contacts [contact: str]."""
    if has_tags:
        refresh_touch(call.con, contacts, now=call.now)
    refresh_summaries(call.db, contacts, living=contacts)


def _tags_of(values: pl.DataFrame) -> pl.DataFrame:
    """The distinct tags among values that are laid out, each where it comes first."""
    tags = where(values, values["attribute_type"] == "tag")
    return in_order(tags, "position").unique("text", maintain_order=True) if tags.height > 1 else tags


def _details(contacts: pl.DataFrame, skipped: Sequence[Fault]) -> pl.Series:
    """What was left out of each of the contacts [row], as JSON; null where nothing was."""
    left_out: dict[int, list[str]] = {}
    for row, place, reason in skipped:
        left_out.setdefault(row, []).append(f"{place}: {reason}")
    told = {row: json.dumps({"skipped": faults}) for row, faults in left_out.items()}
    return pl.Series("details", [told.get(row) for row in contacts["row"]], pl.String)


def _add_tags(call: Call[Any, Any], values: pl.DataFrame, writer: Writer) -> bool:
    """Add new tags to the collections of their contacts' brands; says whether reminders may follow from them."""
    tags = where(values, values["attribute_type"] == "tag")
    if call.brand is None:
        brands = read_brands(call.con, tags.select("contact").unique())
        mine = {UUID(brand): theirs for (brand,), theirs in tags.join(brands, on="contact").group_by("brand")}
    else:
        mine = {call.brand: tags}
    frequent = [add_tags(call.con, _tags_of(theirs), brand, writer) for brand, theirs in mine.items()]
    return any(frequent) or tags["id"].count() > 0


def _refuse_other_brands(call: Call[Any, Any], targets: pl.DataFrame) -> None:
    contacts = [UUID(contact) for contact in targets["contact"]]
    foreign = {*contacts} - living_contacts(call.con, contacts, brand=call.home)
    if foreign:
        raise ConflictError(
            f"contact {min(foreign)} is of another brand than the attribute definition",
            remedy="Name its brand with --brand.",
        )


def _completed(
    call: Call[Any, Any], sent: Attributes, contacts: Sequence[UUID | None], where: str
) -> tuple[list[list[dict[str, Any]]], pl.DataFrame]:
    """Fill up attributes sent with an id by what stands; returns them all, and [row, position, id, keeps_primary]."""
    given = [
        {"row": row, "position": place, "id": str(one.id), "keeps_primary": "is_primary" not in one.model_fields_set}
        for row, attributes in enumerate(sent)
        for place, one in enumerate(attributes, start=1)
        if one.id is not None
    ]
    standing = _standing(call, given, contacts, where)
    filled = [
        [
            _filled(one, standing.get((str(contacts[row]), str(one.id))), f"{where.format(row=row)}.{place}")
            for place, one in enumerate(attributes)
        ]
        for row, attributes in enumerate(sent)
    ]
    return filled, pl.DataFrame(given, schema=ADDED)


def _filled(one: AttributeBody, standing: Mapping[str, Any] | None, where: str) -> dict[str, Any]:
    """Fill up an attribute by the one that stands; it stays what it is of.

    Raises: UsageError when it is sent as one of another definition.
    """
    fields = _as_sent(one)
    if standing is None:
        return NEW | fields
    for name in ("attribute_def", "attribute_type"):
        if fields.pop(name, None) not in (None, standing[name]):
            raise UsageError("an attribute stays what it is", where=f"{where}.{name}", remedy=CHANGING)
    return dict(standing) | fields


def _standing(
    call: Call[Any, Any], given: Sequence[Mapping[str, Any]], contacts: Sequence[UUID | None], where: str
) -> dict[tuple[str, str], dict[str, Any]]:
    if not given:
        return {}
    owners = [contacts[one["row"]] for one in given]  # None of a new contact, which has no attributes yet
    named = pl.DataFrame(
        [(owner and str(owner), one["id"]) for owner, one in zip(owners, given, strict=True)],
        schema={"contact": pl.String, "id": pl.String},
        orient="row",
    )
    if named.is_duplicated().any():
        raise UsageError("an attribute is named twice", where=where.format(row=0))
    found = read_standing(call.con, named)
    standing = {(row.pop("contact"), row.pop("id")): row for row in found.iter_rows(named=True)}
    for one, key in zip(given, named.iter_rows(), strict=True):
        if key not in standing:
            place = f"{where.format(row=one['row'])}.{one['position'] - 1}.id"
            raise NotFoundError(f"the contact has no attribute {key[1]}", where=place)
    return standing


def _as_sent(one: AttributeBody) -> dict[str, Any]:
    return {"is_primary": one.is_primary} | one.model_dump(mode="json", exclude_unset=True, exclude=RESPONSE_ONLY)


def _faults(pieces: Pieces, given: pl.DataFrame, where: str) -> list[Fault]:
    """What was refused, in the order sent; no blank or repeated value takes another's place."""
    if pieces.rejects.is_empty() and given.is_empty():
        return []
    keys = ["row", "position"]
    taken = [frame.select(keys) for frame in (pieces.values, pieces.addresses, pieces.rejects)]
    blank = given.join(pl.concat(taken), on=keys, how="anti").select(*keys, pl.lit(BLANK).alias("reason"))
    refused = pl.concat([pieces.rejects.select(*keys, "reason"), blank]).sort(keys, maintain_order=True)
    return [(row, f"{where.format(row=row)}.{position - 1}", reason) for row, position, reason in refused.iter_rows()]
