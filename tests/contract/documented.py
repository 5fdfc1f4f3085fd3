"""The documented state, rebuilt: contacts and attributes as the examples print them, with their ids and times.

The page masks every e-mail as one text, so each is given an address of its own here and `masked` takes it away again.
Contacts printed without attributes get those of the import request (example 13), a microsecond apart as sent.
"""

import json
import re
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import polars as pl

from storage.contacts import read_attributes, write_summaries
from storage.database import Database
from transforms.addresses import PARTS
from transforms.summaries import summarise_attributes

EXAMPLES = Path(__file__).parent / "examples"
MASK = "[email\u00a0protected]"
INVENTED = re.compile(r"^masked-\d+@example\.com$|@example\.(com|org)$")
USER = "80a227b2-29a0-11e7-b636-e4a7a08e15d4"
JOHN = "c94937a1-a409-44f8-85f6-ca04c668a0e9"
ACME = "5650b850-56e2-4986-abca-fd0623c4f9ec"
Body = dict[str, Any]


def example(number: str, part: str = "response") -> Any:
    """Return the JSON body of an example."""
    (path,) = EXAMPLES.glob(f"{number}-*[a-z].{part}.json")
    return json.loads(path.read_text("utf-8"))


def masked(body: Any) -> Any:
    """Put the page's mask back in place of every invented e-mail."""
    if isinstance(body, dict):
        return {key: masked(value) for key, value in body.items()}
    if isinstance(body, list):
        return [masked(value) for value in body]
    return MASK if isinstance(body, str) and INVENTED.search(body) else body


def add_contact(db: Database, body: Body, attributes: list[Body]) -> None:
    """Store a printed contact with the attributes given, and compute its summary."""
    add_row(db, "contacts", _contact_row(body))
    definitions = dict(db.con.execute("SELECT name, id::VARCHAR FROM attribute_defs").fetchall())
    names = {identity: name for name, identity in definitions.items()}
    for at, attribute in enumerate(attributes):
        add_row(db, "contact_attributes", _attribute_row(attribute, at, body, definitions, names))
    refresh(db, [body["id"]])


def add_attribute(db: Database, contact: str, sent: Body) -> None:
    """Store one attribute more of a contact that is stored; its summary stays as it is."""
    definitions = dict(db.con.execute("SELECT name, id::VARCHAR FROM attribute_defs").fetchall())
    add_row(db, "contact_attributes", _attribute_row(sent, 99, {"id": contact, "created_at": 0}, definitions, {}))


def refresh(db: Database, contacts: list[str]) -> None:
    """Compute the summaries of some contacts."""
    frame = pl.DataFrame({"contact": contacts})
    attributes = read_attributes(db.con, frame)
    write_summaries(db.con, summarise_attributes(frame, attributes), attributes)


def add_documented_contacts(db: Database) -> None:
    """Store the twelve contacts of example 01."""
    contacts = {contact["id"]: contact for contact in example("01")["data"]}
    add_contact(db, contacts.pop(JOHN), example("09")["data"]["attributes"])
    add_contact(db, contacts.pop(ACME), [{"attribute_type": "company", "text": "ACME Corporation"}])
    imported = example("13", "unmasked.request")["contacts"]
    for contact, sent in zip(contacts.values(), imported, strict=True):
        add_contact(db, contact, sent["attributes"])


def add_clusters(db: Database, clusters: list[Body]) -> None:
    """Store the printed clusters and their contacts, tagged ManyContacts."""
    imported = example("13", "unmasked.request")["contacts"]
    names = [contact["id"] for contact in example("01")["data"]][2:]
    sent = dict(zip(names, (contact["attributes"] for contact in imported), strict=True))
    tag = {"attribute_type": "tag", "text": "ManyContacts", "created_at": 1778872038.6936}
    for cluster in clusters:
        for contact in cluster["contacts"]:
            add_contact(db, contact, [*sent[contact["id"]], tag])
            db.con.execute("INSERT INTO duplicate_members VALUES (?, ?, 0.99)", [cluster["id"], contact["id"]])
    refresh(db, [contact["id"] for cluster in clusters for contact in cluster["contacts"]])


def add_row(db: Database, table: str, row: Body) -> None:
    """Insert one row; times are printed seconds, kept to the microsecond."""
    row = {name: _moment(value) if _is_time(name) and value is not None else value for name, value in row.items()}
    slots = ", ".join("make_timestamptz(?::BIGINT)" if _is_time(name) else "?" for name in row)
    names = ", ".join(f'"{name}"' for name in row)
    db.con.execute(f"INSERT INTO {table} ({names}) VALUES ({slots})", list(row.values()))


def _is_time(name: str) -> bool:
    return name.endswith("_at") or name == "last_touch"


def _moment(seconds: float) -> int:
    return round(seconds * 1_000_000)


def _contact_row(body: Body) -> Body:
    names = ("id", "user_id", "brand", "created_at", "updated_at", "created_for", "updated_for", "ios_address_book_id")
    names += ("android_address_book_id", "last_touch", "last_touch_action", "touch_freq", "parked")
    set_at = body["updated_at"] if body["touch_freq"] else None  # contract RULES G9: T0 in every example
    return {**{name: body[name] for name in names}, "touch_set_at": set_at}


def _attribute_row(sent: Body, at: int, contact: Body, definitions: dict[str, str], names: dict[str, str]) -> Body:
    definition = sent.get("attribute_def")
    identity = definition["id"] if isinstance(definition, dict) else definition
    kind = sent.get("attribute_type") or names[str(identity)]
    created = sent.get("created_at") or contact["created_at"] + (at + 1) / 1_000_000
    text = f"masked-{at}@example.com" if sent.get("text") == MASK else sent.get("text")
    address = sent.get("address")
    return {
        "id": sent.get("id") or str(uuid5(UUID(contact["id"]), str(at))),
        "contact": contact["id"],
        "attribute_def": definitions[kind],
        "attribute_type": kind,
        "label": sent.get("label") or ("Home" if kind == "address" else None),
        "is_primary": sent.get("is_primary", False),
        "is_partner": sent.get("is_partner", False),
        "index": sent.get("index"),
        "text": text,
        "date": sent.get("date"),
        "place": [{part: address.get(part) or None for part in PARTS}] if address else None,
        "created_at": created,
        "updated_at": sent.get("updated_at") or created,
        "created_by": sent.get("created_by", USER),
        "updated_by": sent.get("updated_by"),
    }
