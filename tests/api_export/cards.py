"""Write contacts straight into a database: a card is a list of (attribute type, value, other columns)."""

from typing import Any
from uuid import UUID, uuid5

import polars as pl

from api_export.selecting import Wanted
from storage.contacts import read_attributes, write_summaries
from storage.database import Database
from transforms.addresses import PARTS
from transforms.summaries import summarise_attributes

Card = list[tuple[str, Any, dict[str, Any]]]
SPACE = UUID("5d1a3a4e-0000-4000-8000-000000000000")
START_US = 1_700_000_000_000_000


def contact_id(number: int) -> str:
    """Ids rise with the number, as those of version 7 do."""
    return f"{number:08x}-0000-7000-8000-000000000000"


def add_card(db: Database, number: int, *attributes: tuple[Any, ...], **columns: Any) -> str:
    """Store a contact with attributes (type, value[, columns]) a microsecond apart; returns its id."""
    contact, moment = contact_id(number), START_US + number * 1_000_000
    row = {"id": contact, "user_id": db.user, "brand": db.brand, "created_at": moment, "updated_at": moment}
    _insert(
        db,
        "contacts",
        row | {"created_for": "direct_request", "updated_for": "direct_request", "parked": False} | columns,
    )
    definitions = {name: (identity, kind) for name, identity, kind in _definitions(db)}
    for at, (kind, value, *more) in enumerate(attributes):
        identity, data_type = definitions[kind]
        held = [{part: value.get(part) for part in PARTS}] if data_type == "address" else value
        _insert(
            db,
            "contact_attributes",
            {
                "id": uuid5(SPACE, f"{number}/{at}"),
                "contact": contact,
                "attribute_def": identity,
                "attribute_type": kind,
                "is_primary": False,
                "is_partner": False,
                "place" if data_type == "address" else data_type: held,
                "created_at": moment + at,
                "updated_at": moment + at,
            }
            | (more[0] if more else {}),
        )
    summarise_cards(db, contact)
    return contact


def add_definition(db: Database, name: str, data_type: str) -> None:
    """Define an attribute of a team's own."""
    flags = ("required", "global", "singular", "show", "filterable", "editable", "searchable", "has_label")
    row = {"id": uuid5(SPACE, name), "name": name, "data_type": data_type, "label": name.title(), "position": 99}
    row["brand"] = db.brand
    _insert(db, "attribute_defs", row | dict.fromkeys(flags, False) | {"created_at": START_US, "updated_at": START_US})


def summarise_cards(db: Database, *contacts: str) -> None:
    """Compute the summaries of contacts from their attributes."""
    frame = pl.DataFrame({"contact": list(contacts)})
    attributes = read_attributes(db.con, frame)
    write_summaries(db.con, summarise_attributes(frame, attributes), attributes)


def _definitions(db: Database) -> list[tuple[Any, ...]]:
    return db.con.execute("SELECT name, id, data_type FROM attribute_defs").fetchall()


def _insert(db: Database, table: str, row: dict[str, Any]) -> None:
    times = ("created_at", "updated_at", "deleted_at", "last_touch", "touch_set_at")
    slots = ", ".join("make_timestamptz(?::BIGINT)" if name in times else "?" for name in row)
    names = ", ".join(f'"{name}"' for name in row)
    db.con.execute(f"INSERT INTO {table} ({names}) VALUES ({slots})", list(row.values()))


def wanted_of(options: dict[str, Any]) -> Wanted:
    """Take what says which contacts out of the options of an export."""
    return Wanted(**{name: options.pop(name) for name in ("filter", "order", "start", "limit") if name in options})
