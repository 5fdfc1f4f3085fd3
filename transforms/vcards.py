"""vCard files (2.1, 3.0 and 4.0, any number of cards) as the documented body of contacts.

Lines are read by vobject (vcard_lines.py); vcard_contacts.py says what each property becomes. A card that is broken off
is a reject, a line that is no line of a card is refused alone, and the file goes on.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, TextIO

import polars as pl

from storage.errors import InputFileError
from transforms.dates import DateOrder, decide_order, parse_dates
from transforms.json_contacts import ATTRIBUTE_SCHEMA, CONTACT_SCHEMA, REJECT_SCHEMA, ContactBody
from transforms.mapping import FULL_NAME, NAME_PARTS
from transforms.text_files import TextFile
from transforms.vcard_contacts import DATE, Contact, contact_of
from transforms.vcard_lines import BINARY, property_of, unfolded

__all__ = ["read_vcards"]

BROKEN_OFF = "the card has no END:VCARD"
NOT_A_LINE = "not a line of a vCard"
GROUP = "a group of contacts, not a contact"

_BEGIN = re.compile(r"\s*BEGIN\s*:\s*VCARD\s*", re.IGNORECASE)
_DATE_LINE = re.compile(r"(?:[\w-]+\.)?(?:BDAY|(?:X-|X-EVOLUTION-)?ANNIVERSARY|X-ABDATE|REV)[;:]", re.IGNORECASE)
_CARDS_AT_ONCE = 5_000
_END = re.compile(r"\s*END\s*:\s*VCARD\s*", re.IGNORECASE)


@dataclass(frozen=True)
class _Card:
    """The text of a card between BEGIN and END; `is_whole` says that it has an END."""

    text: str
    is_whole: bool


def read_vcards(path: Path, text: TextFile, *, dates: str | None) -> ContactBody:
    """Read a file of vCards; raises InputFileError when it has no card with anything in it.

    Args: dates, the order of numeric dates where those of the file do not decide it.
    """
    order = _order_of_dates(text) or dates
    left_out: Counter[str] = Counter()
    with _opened(text) as file:
        cards = enumerate(_cards(file), start=1)
        parts = [_body(some, order, left_out) for some in iter(lambda: list(islice(cards, _CARDS_AT_ONCE)), [])]
    if not parts:
        raise InputFileError("The file has no vCards with anything in them", where=path.name, remedy="Export it again.")
    return ContactBody(
        contacts=pl.concat([part.contacts for part in parts], how="vertical_relaxed"),
        attributes=pl.concat([part.attributes for part in parts], how="vertical_relaxed"),
        rejects=pl.concat([part.rejects for part in parts], how="vertical_relaxed"),
        warnings=text.warnings + _left_out(left_out),
        kind="vcard",
    )


def _opened(text: TextFile) -> TextIO:
    file = text.path.open(encoding="utf-8", newline=None)
    file.seek(text.start)
    return file


def _order_of_dates(text: TextFile) -> DateOrder | None:
    """Decide the order of numeric dates from all cards of the file."""
    with _opened(text) as file:
        found = {line.partition(":")[2].strip() for line in file if _DATE_LINE.match(line)}
    return decide_order(pl.Series(list(found), dtype=pl.String))


def _body(cards: list[tuple[int, _Card]], order: str | None, left_out: Counter[str]) -> ContactBody:
    """Take some cards apart into a body of contacts."""
    rejects: list[dict[str, Any]] = []
    made = [_contact(row, card, rejects, left_out) for row, card in cards]
    contacts = [contact for contact in made if contact is not None]
    _cut_full_names(contacts)
    rejects += _dated(contacts, order)
    return ContactBody(
        contacts=_contact_frame(contacts),
        attributes=_attribute_frame(contacts),
        rejects=pl.DataFrame(rejects, schema=REJECT_SCHEMA).sort("row", maintain_order=True),
    )


def _contact_frame(contacts: list[Contact]) -> pl.DataFrame:
    """Write each contact as the documented body, by which it is known again and rejected."""
    bodies = [json.dumps({"attributes": contact.attributes}, ensure_ascii=False) for contact in contacts]
    rows = [contact.row for contact in contacts]
    return pl.DataFrame({"row": rows, "body": bodies}, schema_overrides=CONTACT_SCHEMA).select(
        pl.col(name) if name in ("row", "body") else pl.lit(None, kind).alias(name)
        for name, kind in CONTACT_SCHEMA.items()
    )


def _attribute_frame(contacts: list[Contact]) -> pl.DataFrame:
    """Lay all attributes out as `contact_body` would read them, column by column."""
    attributes = [one for contact in contacts for one in contact.attributes]
    places = [(contact.row, place) for contact in contacts for place in range(1, len(contact.attributes) + 1)]
    columns: dict[str, list[Any]] = {"row": [row for row, _ in places], "position": [place for _, place in places]}
    columns |= {name: [one.get(name) for one in attributes] for name in ("attribute_type", "label", "text", "date")}
    columns |= {name: [one.get(name, False) for one in attributes] for name in ("is_primary", "is_partner")}
    addresses = [one.get("address") for one in attributes]
    frame = pl.DataFrame(columns, schema_overrides={name: ATTRIBUTE_SCHEMA[name] for name in columns})
    address = pl.Series("address", addresses, ATTRIBUTE_SCHEMA["address"])
    nothing = [pl.lit(None, ATTRIBUTE_SCHEMA[name]).alias(name) for name in ("attribute_def", "number", "index")]
    return frame.with_columns(address, *nothing).select(*ATTRIBUTE_SCHEMA)


def _cards(file: TextIO) -> Iterator[_Card]:
    """Part a file into cards. Another BEGIN ends a card that has no END; what stands between cards is passed over."""
    lines: list[str] | None = None
    depth = 0
    for line in file:
        if line.rstrip()[-5:].upper() != "VCARD":  # most lines: no expression is tried on them
            if lines is not None and not depth:
                lines.append(line)
        elif lines is None:
            lines = [] if _BEGIN.fullmatch(line) else None
        elif _END.fullmatch(line) and not depth:
            yield _Card("".join(lines), is_whole=True)
            lines = None
        elif _BEGIN.fullmatch(line) and not depth:
            if lines and re.match(r"(?:\w+\.)?AGENT", lines[-1], re.IGNORECASE):  # vCard 2.1: a card within a card
                depth = 1
                continue
            yield _Card("".join(lines), is_whole=False)
            lines = []
        elif depth:
            depth = 0 if _END.fullmatch(line) else depth
        else:
            lines.append(line)
    if lines is not None:
        yield _Card("".join(lines), is_whole=False)


def _contact(row: int, card: _Card, rejects: list[dict[str, Any]], left_out: Counter[str]) -> Contact | None:
    """Make a contact of a card; what cannot be taken goes to `rejects`, what has no place is counted in `left_out`."""
    if not card.is_whole:
        original = f"BEGIN:VCARD\n{card.text}"
        rejects.append(_reject(row, None, None, BROKEN_OFF) | {"whole_row": True, "original": json.dumps(original)})
        return None
    properties = []
    for line in unfolded(card.text, left_out):
        found = property_of(line)
        if found is None:
            rejects.append(_reject(row, line.partition(":")[0][:40], line, NOT_A_LINE))
        else:
            properties.append(found)
    contact = contact_of(row, properties, left_out)
    if contact.is_group:
        rejects.append(_reject(row, "KIND", None, GROUP) | {"whole_row": True, "original": json.dumps(card.text)})
        return None
    return contact


def _cut_full_names(contacts: list[Contact]) -> None:
    """Cut the whole names of some cards, as those of tables are; one that would be a second company stays whole."""
    whole = {
        contact.row: one for contact in contacts for one in contact.attributes if one["attribute_type"] == FULL_NAME
    }
    if not whole:
        return
    from transforms.full_names import cut_names  # its library takes a while to load

    names = pl.Series(list({one["text"] for one in whole.values()}), dtype=pl.String)
    parts = {name: cut for name, *cut in cut_names(names).iter_rows()}
    for contact in contacts:
        if (one := whole.get(contact.row)) is None:
            continue
        others = [other for other in contact.attributes if other is not one]
        cut = {kind: text for kind, text in zip(NAME_PARTS, parts[one["text"]], strict=True) if text}
        held = {other["attribute_type"] for other in others if not other.get("is_partner")}
        if held & cut.keys():
            cut = {"first_name": one["text"]}
        contact.attributes[:] = [*({"attribute_type": kind, "text": text} for kind, text in cut.items()), *others]


def _dated(contacts: list[Contact], order: str | None) -> list[dict[str, Any]]:
    """Read the dates of some cards; returns those that are none as rejects."""
    dated = [(contact, one) for contact in contacts for one in contact.attributes if DATE in one]
    found = parse_dates(pl.Series([one[DATE] for _, one in dated], dtype=pl.String), order)
    rejects = []
    for (contact, one), (seconds, reason) in zip(dated, found.iter_rows(), strict=True):
        text = one.pop(DATE)
        if reason is None:
            one["date"] = seconds
        else:
            contact.attributes.remove(one)
            rejects.append(_reject(contact.row, one["attribute_type"], text, reason))
    return rejects


def _reject(row: int, name: str | None, value: str | None, reason: str) -> dict[str, Any]:
    return {"row": row, "column_name": name, "attribute_type": None, "value": value, "reason": reason,
            "whole_row": False, "original": None}  # fmt: skip


def _left_out(counts: Counter[str]) -> tuple[str, ...]:
    """Say what was left out: pictures and the like, and properties a contact has no place for."""
    pictures = sum(count for name, count in counts.items() if name in BINARY)
    others = ", ".join(f"{name} ({count})" for name, count in counts.most_common() if name not in BINARY)
    warnings = []
    if pictures:
        warnings.append(f"pictures, sounds and keys within cards were left out: {pictures}")
    if others:
        warnings.append(f"properties a contact has no place for were left out: {others}")
    return tuple(warnings)
