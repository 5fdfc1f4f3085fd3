"""Tags, reminders and definitions of a team's own, through the documented operations (contract RULES G)."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from cards import add_card, contact_id

from api_export.answering import Request, answer
from storage.database import Database

NOW = datetime(2026, 5, 15, tzinfo=UTC)
DAY_S = 86_400
NOBODY = UUID(int=7)
Send = Callable[..., Any]


@pytest.fixture
def send(db: Database) -> Send:
    """Send a request; returns its data, or its status when there is none."""

    def send(method: str, path: str, body: Any = None, *, brand: UUID | None = None) -> Any:
        raw = b"" if body is None else json.dumps(body).encode()
        given = answer(db, Request(method, path, (), raw), user=db.user, brand=brand, now=NOW)
        return json.loads(given.body)["data"] if given.status == 200 else given.status

    return send


def _tags(send: Send, number: int) -> list[str] | None:
    tags: list[str] | None = send("GET", f"/contacts/{contact_id(number)}")["tags"]
    return tags


def _touch(send: Send, number: int) -> tuple[int | None, float | None]:
    contact = send("GET", f"/contacts/{contact_id(number)}")
    return contact["touch_freq"], contact["next_touch"]


def test_tags_are_listed_in_byte_order(send: Send) -> None:
    assert [tag["tag"] for tag in send("GET", "/contacts/tags")] == [
        *("Agent", "Buyer", "Hot", "Past Client", "Seller", "Warm")
    ]


def test_a_tag_is_added_once_whatever_its_case(send: Send) -> None:
    assert send("POST", "/contacts/tags", {"tag": " baz ", "touch_freq": 60}) == 204
    added = send("GET", "/contacts/tags")[-1]
    assert (added["tag"], added["text"], added["touch_freq"]) == ("baz", "baz", 60)
    assert send("POST", "/contacts/tags", {"tag": "BAZ"}) == 409


def test_renaming_a_tag_changes_it_on_all_contacts_whatever_their_spelling(db: Database, send: Send) -> None:
    send("POST", "/contacts/tags", {"tag": "new"})
    assert send("PATCH", "/contacts/tags/NEW", {"tag": "bar/foo"}) == 204
    assert (_tags(send, 1), _tags(send, 2)) == (["bar/foo", "friend"], ["bar/foo"])
    assert "bar/foo" in [tag["tag"] for tag in send("GET", "/contacts/tags")]
    assert send("PATCH", "/contacts/tags/bar%2Ffoo", {"tag": "Bar/Foo"}) == 204
    assert _tags(send, 2) == ["Bar/Foo"]
    changed = send("GET", f"/contacts/{contact_id(2)}")
    assert (changed["updated_at"], changed["updated_for"]) == (NOW.timestamp(), "direct_request")


def test_a_tag_is_not_renamed_to_another_one(send: Send) -> None:
    assert send("PATCH", "/contacts/tags/hot", {"tag": "warm"}) == 409


def test_a_deleted_tag_is_gone_from_contacts_and_collection(send: Send) -> None:
    send("POST", "/contacts/tags", {"tag": "New"})
    assert send("DELETE", "/contacts/tags/new") == 204
    assert (_tags(send, 1), _tags(send, 2)) == (["friend"], None)
    assert "New" not in [tag["tag"] for tag in send("GET", "/contacts/tags")]
    assert send("POST", "/contacts/tags", {"tag": "New"}) == 204


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PATCH", "/contacts/tags/none", {"tag": "x"}),
        ("PATCH", "/contacts/tags/none/touch", {"touch_freq": 1}),
        ("DELETE", "/contacts/tags/none", None),
        ("PATCH", f"/contacts/{contact_id(5)}/touch", {"touch_freq": 1}),
        ("DELETE", f"/contacts/attribute_defs/{contact_id(5)}", None),
    ],
)
def test_what_is_not_there_is_not_found(send: Send, method: str, path: str, body: Any) -> None:
    assert send(method, path, body) == 404


@pytest.mark.parametrize("body", [{"tag": " "}, {"tag": "a\0b"}, {"tag": 1}, {"tag": "x", "touch_freq": -1}, {}])
def test_what_is_no_tag_is_refused(send: Send, body: Any) -> None:
    assert send("POST", "/contacts/tags", body) == 422


def test_a_reminder_on_a_tag_counts_for_its_contacts_the_smallest_of_several(db: Database, send: Send) -> None:
    add_card(db, 9, ("first_name", "Hot"), ("tag", "hot"), ("tag", "Warm"))
    assert send("PATCH", "/contacts/tags/hot/touch", {"touch_freq": 10}) == 204
    assert _touch(send, 9) == (10, NOW.timestamp() + 10 * DAY_S)
    assert send("DELETE", "/contacts/tags/Hot") == 204
    assert _touch(send, 9) == (30, NOW.timestamp() + 30 * DAY_S)
    assert send("PATCH", "/contacts/tags/Warm/touch", {"touch_freq": None}) == 204
    assert _touch(send, 9) == (None, None)


def test_a_contact_s_own_reminder_is_back_when_the_tag_that_took_its_place_is_gone(db: Database, send: Send) -> None:
    add_card(db, 9, ("first_name", "Hot"), ("tag", "hot"), ("tag", "Warm"))
    assert send("PATCH", f"/contacts/{contact_id(9)}/touch", {"touch_freq": 43})["touch_freq"] == 43
    assert send("PATCH", "/contacts/tags/hot/touch", {"touch_freq": 10}) == 204
    assert _touch(send, 9) == (10, NOW.timestamp() + 10 * DAY_S)
    send("POST", f"/contacts/{contact_id(9)}/attributes", {"attributes": [{"attribute_type": "tag", "text": "Agent"}]})
    assert _touch(send, 9) == (10, NOW.timestamp() + 10 * DAY_S)
    assert send("DELETE", "/contacts/tags/Hot") == 204
    assert _touch(send, 9) == (43, NOW.timestamp() + 43 * DAY_S)
    assert send("PATCH", "/contacts/tags/warm/touch", {"touch_freq": 60}) == 204
    assert _touch(send, 9) == (60, NOW.timestamp() + 60 * DAY_S)
    assert send("PATCH", "/contacts/tags/warm/touch", {"touch_freq": None}) == 204
    assert _touch(send, 9) == (43, NOW.timestamp() + 43 * DAY_S)


def test_no_reminder_wanted_of_a_contact_stays_its_word(db: Database, send: Send) -> None:
    add_card(db, 9, ("first_name", "Hot"), ("tag", "hot"))
    send("PATCH", f"/contacts/{contact_id(9)}/touch", {"touch_freq": None})
    send("PATCH", "/contacts/tags/hot/touch", {"touch_freq": 10})
    assert _touch(send, 9)[0] == 10
    send("PATCH", "/contacts/tags/hot/touch", {"touch_freq": None})
    send("POST", f"/contacts/{contact_id(9)}/attributes", {"attributes": [{"attribute_type": "tag", "text": "Warm"}]})
    assert _touch(send, 9) == (None, None)


def test_a_reminder_on_a_contact_counts_from_its_last_touch_and_stands_over_tags(db: Database, send: Send) -> None:
    touched = send("PATCH", f"/contacts/{contact_id(1)}/touch", {"touch_freq": 43})
    assert touched["next_touch"] == touched["last_touch"] + 43 * DAY_S
    for none in (0, None):
        assert send("PATCH", f"/contacts/{contact_id(1)}/touch", {"touch_freq": none})["next_touch"] is None
    assert send("PATCH", f"/contacts/{contact_id(1)}/touch", {}) == 422


def test_another_brand_has_tags_and_definitions_of_its_own(send: Send) -> None:
    assert send("GET", "/contacts/tags", brand=NOBODY) == []
    assert send("DELETE", "/contacts/tags/hot", brand=NOBODY) == 404
    assert send("POST", "/contacts/tags", {"tag": "Hot"}, brand=NOBODY) == 204
    assert [tag["tag"] for tag in send("GET", "/contacts/tags", brand=NOBODY)] == ["Hot"]
    assert send("PATCH", "/contacts/tags/hot", {"tag": "Cold"}, brand=NOBODY) == 204
    mine = send("POST", "/contacts/attribute_defs", {"name": "drinks", "data_type": "text"}, brand=NOBODY)
    assert mine["brand"] == str(NOBODY)
    assert send("GET", "/contacts/attribute_defs", brand=NOBODY)[-1] == mine
    assert mine["id"] not in [one["id"] for one in send("GET", "/contacts/attribute_defs", brand=UUID(int=8))]
    assert send("DELETE", f"/contacts/attribute_defs/{mine['id']}", brand=UUID(int=8)) == 404


def test_a_definition_is_created_used_and_deleted(db: Database, send: Send) -> None:
    sent = {"name": "height", "data_type": "number", "label": "Height", "required": True, "enum_values": ["1", "2"]}
    created = send("POST", "/contacts/attribute_defs", sent)
    assert sent.items() <= created.items()
    assert (created["section"], created["show"], created["labels"], created["global"]) == ("Details", True, [], False)
    assert send("POST", "/contacts/attribute_defs", {"name": "HEIGHT", "data_type": "text"}) == 409
    add_card(db, 9, ("first_name", "Tall"), ("height", 2.04))
    assert send("DELETE", f"/contacts/attribute_defs/{created['id']}") == 204
    left = db.con.execute("SELECT count(*) FROM contact_attributes WHERE number = 2.04 AND deleted_at IS NULL")
    assert left.fetchall() == [(0,)]
    assert created["id"] not in [one["id"] for one in send("GET", "/contacts/attribute_defs")]


def test_what_was_done_is_in_the_timeline_with_particulars_but_no_values(db: Database, send: Send) -> None:
    add_card(db, 9, ("first_name", "Tall"), ("tag", "hot"), ("email", "tall@example.org"))
    hot = next(tag["id"] for tag in send("GET", "/contacts/tags") if tag["tag"] == "Hot")
    path = f"/contacts/{contact_id(9)}"
    send("PATCH", path, {"attributes": [{"attribute_type": "note", "text": "secret"}]})
    send("PATCH", f"{path}/touch", {"touch_freq": 43})
    send("PATCH", "/contacts/tags/hot/touch", {"touch_freq": 10})
    send("PUT", f"{path}/owner", {"user": str(NOBODY)})
    height = send("POST", "/contacts/attribute_defs", {"name": "height", "data_type": "number"})["id"]
    rows = db.con.execute("SELECT kind, contact::VARCHAR, details::VARCHAR FROM events ORDER BY rowid").fetchall()
    assert [(kind, contact, json.loads(details)) for kind, contact, details in rows] == [
        ("updated", contact_id(9), {"attribute_types": ["note"]}),
        ("updated", contact_id(9), {"touch_freq": 43}),
        ("tag reminder set", None, {"tags": [hot], "touch_freq": 10}),
        ("updated", contact_id(9), {"tags": [hot], "touch_freq": 10}),
        ("owner changed", contact_id(9), {"user": str(NOBODY)}),
        ("definition created", None, {"attribute_def": height}),
    ]


def test_a_global_definition_stays(send: Send) -> None:
    email = send("GET", "/contacts/attribute_defs")[0]
    assert send("DELETE", f"/contacts/attribute_defs/{email['id']}") == 409


@pytest.mark.parametrize(
    "body", [{"name": "x"}, {"name": " ", "data_type": "text"}, {"name": "x", "data_type": "address"}]
)
def test_what_is_no_definition_is_refused(send: Send, body: Any) -> None:
    assert send("POST", "/contacts/attribute_defs", body) == 422
