"""Users, lists, flows, deals and tasks: loaded twice as once, found by filters, carried through a merge and back."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from api_export.exporting import export
from api_export.filters import read_filter
from api_export.models import Contact, Envelope
from api_export.selecting import Wanted
from api_export.shapes import ASSOCIATIONS
from flows.importing import ImportSettings, import_file
from flows.loading import LoadReport, load_file
from flows.pipeline import merge_contacts, unmerge
from storage.database import Database, open_database
from storage.errors import InputFileError

NOW = datetime(2026, 5, 15, tzinfo=UTC)
PEOPLE = """First,Email,Phone
Ada,ada@x.example,415-555-0123
Bob,bob@x.example,
Ann,ann@x.example,
"""
MAPPING = {"First": "first_name", "Email": "email", "Phone": "phone_number"}
FLOW, TASK, USER = (UUID(int=number) for number in (1, 2, 3))
Load = Callable[[str, str], LoadReport]


@pytest.fixture
def db(tmp_path: Path) -> Any:
    (tmp_path / "people.csv").write_text(PEOPLE)
    mappings = {column: {"attribute_type": kind} for column, kind in MAPPING.items()}
    (tmp_path / "mapping.json").write_text(json.dumps({"mappings": mappings}))
    with open_database(tmp_path / "onecard.duckdb") as opened:
        settings = ImportSettings(mapping=str(tmp_path / "mapping.json"))
        import_file(opened, tmp_path / "people.csv", settings, now=NOW)
        yield opened


@pytest.fixture
def load(db: Database, tmp_path: Path) -> Load:
    def load(what: Any, text: str) -> LoadReport:
        file = tmp_path / "loaded"
        file.write_text(text)
        return load_file(db, what, file, region="US", now=NOW)

    return load


@pytest.fixture
def shown(db: Database, tmp_path: Path) -> Callable[..., dict[str, dict[str, Any]]]:
    """Export with every association; by first name."""

    def shown(**filter: Any) -> dict[str, dict[str, Any]]:
        target = tmp_path / "out.json"
        export(db.con, "contacts", Wanted(read_filter(filter)), target=target, associations=ASSOCIATIONS)
        Envelope[list[Contact]].model_validate_json(target.read_text())
        return {contact["first_name"]: contact for contact in json.loads(target.read_text())["data"]}

    return shown


def _ids(db: Database) -> dict[str, UUID]:
    rows = db.con.execute("SELECT first_name, contact FROM contact_summaries").fetchall()
    return {name: UUID(str(contact)) for name, contact in rows}


def _of(db: Database, name: str) -> str:
    return str(db.con.execute("SELECT id FROM collections WHERE name = ?", [name]).fetchall()[0][0])


def test_members_are_named_by_id_email_or_phone(db: Database, load: Load, shown: Any) -> None:
    load("lists", f"name,contact,email,phone\nVIP,{_ids(db)['Ann']},,\nVIP,,BOB@x.example,\n")
    load("flows", json.dumps([{"id": str(FLOW), "name": "Drip", "phone_number": "(415) 555-0123"}]))
    load("crm_tasks", json.dumps([{"id": str(TASK), "email": "ada@x.example"}]))
    assert set(shown(lists=_of(db, "VIP"))) == {"Ann", "Bob"}
    assert set(shown(flows=[str(FLOW)])) == set(shown(crm_task=str(TASK))) == {"Ada"}
    assert set(shown(lists=str(FLOW))) == set()
    everyone = shown()
    assert [(kind["name"], kind["type"]) for kind in everyone["Ada"]["flows"]] == [("Drip", "flow")]
    assert everyone["Ada"]["lists"] is everyone["Bob"]["flows"] is None
    assert everyone["Bob"]["lists"][0]["type"] == "contact_list"


def test_loading_again_changes_nothing_and_what_is_left_out_is_gone(db: Database, load: Load, shown: Any) -> None:
    rows = "name,email\nVIP,ada@x.example\nVIP,bob@x.example\nCold,ann@x.example\n"
    first, again = load("lists", rows), load("lists", rows.lower())
    assert (first.collections, first.added, again.added, again.removed) == (2, 3, 0, 0)
    less = load("lists", "name,email\nVIP,ada@x.example\n")
    assert (less.added, less.removed) == (0, 1)
    assert set(shown(lists=_of(db, "VIP"))) == {"Ada"}
    assert set(shown(lists=_of(db, "Cold"))) == {"Ann"}


def test_users_own_and_match_contacts(db: Database, load: Load, shown: Any) -> None:
    user = [{"id": str(db.user), "first_name": "Own"}, {"id": str(USER), "email": "BOB@x.example"}]
    assert load("users", json.dumps(user)).added == 2
    assert load("users", json.dumps(user)).added == 0
    bob = shown()["Bob"]
    assert bob["user"]["first_name"] == bob["created_by"]["first_name"] == "Own"
    assert bob["updated_by"] is None
    assert [found["id"] for found in bob["users"]] == [str(USER)]
    assert bob["brand"] == {"id": bob["brand_id"], "type": "brand"}


def test_a_user_who_was_never_loaded_is_known_by_id(shown: Any) -> None:
    ada = shown()["Ada"]
    assert ada["user"] | {"id": None, "type": None} == dict.fromkeys(ada["user"])
    assert ada["user"]["id"] == ada["user_id"]


def test_deals_are_of_whoever_gets_the_role_later(db: Database, load: Load, shown: Any) -> None:
    load("deals", json.dumps([{"name": "House", "email": "new@x.example"}]))
    assert all(contact["deals"] is None for contact in shown().values())
    db.con.execute("UPDATE contact_attributes SET key = 'new@x.example' WHERE text = 'ann@x.example'")
    assert [deal["name"] for deal in shown()["Ann"]["deals"]] == ["House"]


def test_a_merge_carries_memberships_and_its_undo_brings_them_back(db: Database, load: Load, shown: Any) -> None:
    ids = _ids(db)
    load("lists", f"name,contact\nVIP,{ids['Ann']}\nVIP,{ids['Bob']}\nCold,{ids['Bob']}\n")
    before = shown()
    merge_contacts(db, [(ids["Bob"], [ids["Ann"]])], by=db.user, now=NOW)
    merge_contacts(db, [(ids["Ada"], [ids["Bob"]])], by=db.user, now=NOW)
    assert [named["name"] for named in shown()["Ada"]["lists"]] == ["Cold", "VIP"]
    assert set(shown(lists=_of(db, "VIP"))) == {"Ada"}
    for parent in ("Ada", "Bob"):
        unmerge(db, ids[parent], by=db.user, now=NOW)
    assert shown() == before


@pytest.mark.parametrize(
    ("what", "text", "reason"),
    [
        ("lists", "name,contact\nVIP,ann\n", "the contact is not a UUID"),
        ("lists", f"name,contact\nVIP,{UUID(int=9)}\n", "there is no contact with this id"),
        ("lists", "id,name,email\nx,VIP,\n", "the id is not a UUID"),
        ("lists", "name,email\nVIP,nobody\n", "not an e-mail address"),
        ("lists", "name,email\nVIP,none@none.com\n", "a placeholder names nobody"),
        ("lists", "name,email\n,ada@x.example\n", "neither id nor name"),
        ("users", "id,email\n7,ada@x.example\n", "the id is not a UUID"),
        (
            "users",
            f"id,email\n{UUID(int=3)},x@y.example\n{UUID(int=3)},z@y.example\n",
            "the same user stands again below",
        ),
    ],
)
def test_a_bad_row_is_left_out_with_its_reason(load: Load, what: str, text: str, reason: str) -> None:
    assert load(what, text).reasons == ((reason, 1),)


def test_what_is_no_file_of_the_kind_is_refused(db: Database, load: Load) -> None:
    with pytest.raises(InputFileError, match="no column id or name"):
        load("lists", "contact,email\nx,y\n")
    load("lists", json.dumps([{"id": str(FLOW), "name": "VIP"}]))
    with pytest.raises(InputFileError, match="is no flow of this team"):
        load("flows", json.dumps([{"id": str(FLOW), "email": "ada@x.example"}]))
    assert db.con.execute("SELECT kind FROM collections").fetchall() == [("list",)]
