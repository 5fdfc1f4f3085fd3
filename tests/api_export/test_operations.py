"""Operations that write keep the rules: primaries, singular values, labels, dates, tags, brands, all or nothing."""

import json
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from cards import add_card, contact_id
from hypothesis import given, settings
from hypothesis import strategies as st

from api_export.answering import Request, answer
from api_export.operations.catalogue import OPERATIONS, Operation
from storage.checking import check_database
from storage.database import Database, open_database

START = datetime(2026, 5, 15, tzinfo=UTC)
USER = UUID(int=42)
STRANGERS = UUID(int=7)
ADA, ZOE, BJOERN = contact_id(1), contact_id(2), contact_id(4)
Send = Callable[..., tuple[int, Any]]


@pytest.fixture
def send(db: Database) -> Send:
    """Send requests a minute apart."""
    clock = iter(range(10_000))

    def ask(method: str, path: str, body: Any = None, *, brand: UUID | None = None, **query: str) -> tuple[int, Any]:
        raw = b"" if body is None else json.dumps(body).encode()
        now = START + timedelta(minutes=next(clock))
        found = answer(db, Request(method, path, [*query.items()], raw), user=USER, brand=brand, now=now)
        return found.status, json.loads(found.body) if found.body else None

    return ask


def attributes(send: Send, contact: str, kind: str) -> list[Any]:
    _, found = send("GET", f"/contacts/{contact}", associations="contact.attributes")
    return [one for one in found["data"]["attributes"] if one["attribute_type"] == kind]


def created(send: Send, *sent: Any, **query: str) -> Any:
    status, found = send(
        "POST", "/contacts", {"contacts": [{"attributes": [*sent]}]},
        get="true", associations="contact.attributes", **query,
    )  # fmt: skip
    assert status == 200, found
    return found["data"][0]


def a(kind: str, text: str, **more: Any) -> dict[str, Any]:
    return {"attribute_type": kind, "text": text, **more}


def test_ids_are_answered_when_contacts_are_not_asked_for(send: Send) -> None:
    status, found = send("POST", "/contacts", {"contacts": [{"attributes": [a("first_name", "Eve")]}]})
    assert (status, found["info"]) == (200, {"count": 1, "total": 0})
    assert send("GET", f"/contacts/{found['data'][0]}")[1]["data"]["display_name"] == "Eve"


def test_values_of_one_request_are_microseconds_apart_and_the_last_sent_is_listed_first(send: Send) -> None:
    card = created(send, a("email", "one@example.org"), a("email", "two@example.org"))
    times = [one["created_at"] for one in card["attributes"]]
    assert times[1] - times[0] == pytest.approx(1e-6, abs=5e-7)
    assert card["emails"] == ["two@example.org", "one@example.org"]


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        (a("email", " Mixed@Example.ORG "), {"text": "mixed@example.org", "label": None}),
        (a("phone_number", "(415) 555-3695"), {"text": "(415) 555-3695"}),
        ({"attribute_type": "birthday", "date": 1_000_000}, {"date": 950_400}),
        ({"attribute_type": "birthday", "date": -1}, {"date": -86_400}),
        ({"attribute_type": "birthday", "date": 1_000_000.5}, {"date": 950_400}),
        ({"attribute_type": "birthday", "date": -11_541_484_800}, {"date": -11_541_484_800}),
        ({"attribute_type": "address", "address": {"city": "Rome", "state": ""}}, {"label": "Home"}),
        (a("email", "x@example.org", label="Home-Line1", index=0), {"label": "Home-Line1", "index": 0}),
    ],
)
def test_a_value_is_stored_by_the_rules_of_imports(send: Send, sent: Any, stored: Any) -> None:
    (one,) = created(send, sent)["attributes"]
    assert {key: one[key] for key in stored} == stored


def test_two_primaries_of_one_type_cancel_each_other_and_a_later_one_replaces_without_a_stamp(send: Send) -> None:
    card = created(
        send,
        a("email", "me@example.org", is_primary=True),
        a("email", "spouse@example.org", is_primary=True, is_partner=True),
        a("phone_number", "415-555-0111", is_primary=True),
    )
    assert [one["is_primary"] for one in card["attributes"]] == [False, False, True]
    send(
        "POST",
        f"/contacts/{card['id']}/attributes",
        {"attributes": [a("phone_number", "415-555-0112", is_primary=True)]},
    )
    old, new = attributes(send, card["id"], "phone_number")
    assert (old["is_primary"], old["updated_by"], old["updated_at"]) == (False, None, old["created_at"])
    assert new["is_primary"]


def test_a_second_value_of_a_singular_type_takes_the_place_of_the_first(send: Send) -> None:
    (before,) = [one for one in attributes(send, BJOERN, "first_name") if not one["is_partner"]]
    status, found = send("POST", f"/contacts/{BJOERN}/attributes", {"attributes": [a("first_name", "Bjarne")]})
    assert (status, found["data"][0]["id"], found["data"][0]["text"]) == (200, before["id"], "Bjarne")
    assert sorted(one["text"] for one in attributes(send, BJOERN, "first_name")) == ["Anna", "Bjarne"]
    two = [a("first_name", "A"), a("first_name", "B")]
    assert send("POST", "/contacts", {"contacts": [{"attributes": two}]})[0] == 422


def test_a_tag_a_contact_has_is_not_added_again(send: Send) -> None:
    send("POST", f"/contacts/{ADA}/attributes", {"attributes": [a("tag", "NEW"), a("tag", "fresh")]})
    assert sorted(one["text"] for one in attributes(send, ADA, "tag")) == ["NEW", "fresh", "friend"]


@pytest.mark.parametrize(
    ("stands", "edited", "left"),
    [
        (
            [a("first_name", "Bo"), a("first_name", "Anna", is_partner=True)],
            {"is_partner": False},
            [("Anna", False)],
        ),
        ([a("tag", "new"), a("tag", "Newer")], {"text": "New"}, [("New", False)]),
        ([a("tag", "new"), a("tag", "New", is_partner=True)], {"text": "NEW"}, [("new", False), ("NEW", True)]),
    ],
)
def test_an_attribute_that_comes_to_stand_where_another_stands_takes_its_place(
    db: Database, send: Send, stands: list[Any], edited: dict[str, Any], left: list[tuple[str, bool]]
) -> None:
    card = created(send, *stands)
    path = f"/contacts/{card['id']}/attributes/{card['attributes'][1]['id']}"
    assert send("PUT", path, edited)[1]["data"]["updated_by"] == str(USER)
    kind = stands[0]["attribute_type"]
    assert [(one["text"], one["is_partner"]) for one in attributes(send, card["id"], kind)] == left
    assert [finding.check for finding in check_database(db) if not finding.is_fine] == []


@pytest.mark.parametrize(
    ("named", "refused"),
    [
        (["attribute_type"], "attribute_type"),
        (["attribute_def"], "attribute_def"),
        (["attribute_def", "attribute_type"], "attribute_def"),
    ],
)
def test_an_attribute_cannot_become_one_of_another_definition(send: Send, named: list[str], refused: str) -> None:
    ids = {one["name"]: one["id"] for one in send("GET", "/contacts/attribute_defs")[1]["data"]}
    other = {"attribute_def": ids["last_name"], "attribute_type": "last_name"}
    card = created(send, a("phone_number", "+1 415 555 0123"), a("last_name", "Lovelace"))
    edited = {"id": card["attributes"][0]["id"], "text": "Gone"} | {name: other[name] for name in named}
    status, answered = send("PATCH", f"/contacts/{card['id']}", {"attributes": [edited]})
    assert (status, answered["path"]) == (422, f"attributes.0.{refused}")
    found = send("GET", f"/contacts/{card['id']}")[1]["data"]
    assert (found["phone_number"], found["last_name"]) == ("+1 415 555 0123", "Lovelace")


def test_an_attribute_may_be_sent_back_with_the_names_it_has(send: Send) -> None:
    card = created(send, a("nickname", "Ada"))
    same = {"id": card["attributes"][0]["id"], "attribute_def": None, "attribute_type": "nickname", "text": "Countess"}
    assert send("PATCH", f"/contacts/{card['id']}", {"attributes": [same]})[1]["data"]["nickname"] == "Countess"


def test_a_number_whose_country_the_import_knew_keeps_it_when_its_label_changes(db: Database, send: Send) -> None:
    british = {"key": "+442079460958"}
    contact = add_card(db, 9, ("phone_number", "020 7946 0958", british), ("first_name", "Kim"))
    (phone,) = attributes(send, contact, "phone_number")
    send("PATCH", f"/contacts/{contact}", {"attributes": [{"id": phone["id"], "label": "Work"}]})
    assert send("POST", "/contacts/filter", q="442079460958")[1]["info"]["total"] == 1
    send("PATCH", f"/contacts/{contact}", {"attributes": [{"id": phone["id"], "text": "415 555 0123"}]})
    assert send("POST", "/contacts/filter", q="+14155550123")[1]["info"]["total"] == 2


def test_attributes_that_are_added_are_answered_in_the_order_sent(send: Send) -> None:
    card = created(send, a("first_name", "Ann"), a("tag", "New"))
    sent = [a("note", "tall"), a("tag", "new"), a("first_name", "Anna")]
    status, found = send("POST", f"/contacts/{card['id']}/attributes", {"attributes": sent})
    assert (status, [one["text"] for one in found["data"]]) == (200, ["tall", "new", "Anna"])


def test_the_timeline_tells_of_each_contact_what_was_left_out_of_it(db: Database, send: Send) -> None:
    bodies = [[a("first_name", "Ann"), a("email", "bad")], [a("first_name", "Bo")], [a("email", "x"), a("tag", "New")]]
    made = send("POST", "/contacts", {"contacts": [{"attributes": one} for one in bodies]}, relax="true")[1]["data"]
    events = db.con.execute("SELECT contact::VARCHAR, details FROM events WHERE kind = 'created'").fetchall()
    told = {contact: json.loads(details)["skipped"] if details else [] for contact, details in events}
    places = [[fault.partition(":")[0] for fault in told[contact]] for contact in made]
    assert places == [["contacts.0.attributes.1"], [], ["contacts.2.attributes.0"]]


@pytest.mark.parametrize("contacts", [1, 12])
def test_of_those_sent_together_only_the_one_that_says_so_is_primary(send: Send, contacts: int) -> None:
    cards = [created(send, a("email", f"{n}@example.com", is_primary=True)) for n in range(contacts)]
    edited = [
        {"id": card["id"], "attributes": [
            {"id": card["attributes"][0]["id"], "text": f"changed{n}@example.com"},
            a("email", f"new{n}@example.com", is_primary=True),
        ]}
        for n, card in enumerate(cards)
    ]  # fmt: skip
    assert send("PATCH", "/contacts", {"contacts": edited})[0] == 204
    for n, card in enumerate(cards):
        primary = [one["text"] for one in attributes(send, card["id"], "email") if one["is_primary"]]
        assert primary == [f"new{n}@example.com"]


def test_what_is_searched_of_another_brand_is_still_found_after_a_change_without_a_brand(send: Send) -> None:
    definition = {"name": "foo", "data_type": "text", "label": "Foo", "section": "Details", "searchable": True}
    flags = ("singular", "show", "editable", "required", "filterable", "has_label")
    send("POST", "/contacts/attribute_defs", definition | dict.fromkeys(flags, False), brand=STRANGERS)
    sent = {"contacts": [{"attributes": [a("foo", "zebra")]}]}
    (contact,) = send("POST", "/contacts", sent, brand=STRANGERS)[1]["data"]
    assert send("PATCH", f"/contacts/{contact}", {"attributes": [a("last_name", "Lovelace")]})[0] == 200
    assert send("POST", "/contacts/filter", q="zebra", brand=STRANGERS)[1]["info"]["total"] == 1


@pytest.mark.parametrize(("stands", "sent", "left"), [("οδοσ", "ΟΔΟΣ", ["ΟΔΟΣ"]), ("οδος", "ΟΔΟΣ", ["οδος", "ΟΔΟΣ"])])
def test_tags_are_the_same_where_the_collection_says_so(send: Send, stands: str, sent: str, left: list[str]) -> None:
    card = created(send, a("tag", stands))
    send("POST", f"/contacts/{card['id']}/attributes", {"attributes": [a("tag", sent)]})
    assert [one["text"] for one in attributes(send, card["id"], "tag")] == left
    assert {tag["tag"] for tag in send("GET", "/contacts/tags")[1]["data"]} >= {stands}


def test_a_thousand_labels_of_one_kind_are_a_thousand_labels(send: Send) -> None:
    card = created(send, *(a("email", f"{n}@example.com", label=f"Label {n}") for n in range(1_000)))
    assert len(card["emails"]) == 1_000


def test_the_partner_s_e_mail_is_the_primary_one_else_the_latest(send: Send) -> None:
    one, other = (a("email", f"{name}@example.com", is_partner=True) for name in ("one", "other"))
    assert created(send, one, other)["partner_email"] == "other@example.com"
    card = created(send, one | {"is_primary": True}, other)
    assert card["partner_email"] == "one@example.com"
    edited = {"id": card["attributes"][1]["id"], "is_primary": True}
    found = send("PATCH", f"/contacts/{card['id']}", {"attributes": [edited]})[1]["data"]
    assert found["partner_email"] == "other@example.com"


def test_two_attributes_may_change_places(send: Send) -> None:
    card = created(send, a("first_name", "Bo"), a("first_name", "Anna", is_partner=True))
    swapped = [{"id": one["id"], "is_partner": not one["is_partner"]} for one in card["attributes"]]
    found = send("PATCH", f"/contacts/{card['id']}", {"attributes": swapped})[1]["data"]
    assert (found["first_name"], found["partner_first_name"]) == ("Anna", "Bo")


def test_a_tag_that_comes_of_editing_is_as_old_as_its_attribute(send: Send) -> None:
    card = created(send, a("tag", "PastClient"), a("tag", "Kept"))
    edited, later = {"id": card["attributes"][0]["id"], "text": "General"}, a("tag", "Later")
    found = send("PATCH", f"/contacts/{card['id']}", {"attributes": [edited, later]}, associations="contact.attributes")
    times = {one["text"]: one["created_at"] for one in found[1]["data"]["attributes"]}
    assert times["General"] < times["Later"]
    rows = {tag["tag"]: tag for tag in send("GET", "/contacts/tags")[1]["data"]}
    assert {name: rows[name]["created_at"] for name in times} == times
    assert "PastClient" in rows


def test_an_attribute_is_updated_in_place_and_keeps_what_was_not_sent(send: Send) -> None:
    email = next(one for one in attributes(send, ADA, "email") if one["label"] == "Work")
    path = f"/contacts/{ADA}/attributes/{email['id']}"
    status, found = send("PUT", path, {"text": "ada@work.example"})
    assert (status, found["data"]["label"], found["data"]["text"]) == (200, "Work", "ada@work.example")
    assert found["data"]["created_at"] == email["created_at"] < found["data"]["updated_at"]
    assert send("PUT", path, {"text": "no address"})[0] == 422
    blank = "there is no value, or it is that of another attribute sent"
    assert send("PUT", path, {"text": " "})[1]["message"] == blank
    assert send("PUT", path, {"attribute_type": "tag", "text": "x"})[0] == 422
    assert send("PUT", f"/contacts/{ZOE}/attributes/{email['id']}", {"text": "x@example.org"})[0] == 404


def test_an_updated_attribute_stays_the_partner_s(send: Send) -> None:
    card = created(send, a("first_name", "Bo"), a("email", "anna@example.org", is_partner=True, is_primary=True))
    path, email = f"/contacts/{card['id']}", card["attributes"][1]["id"]
    changed = send("PUT", f"{path}/attributes/{email}", {"text": "ann@example.org"})[1]["data"]
    assert (changed["is_partner"], changed["is_primary"]) == (True, True)
    changed = send("PATCH", path, {"attributes": [{"id": email, "label": "Work"}]})[1]["data"]
    assert (changed["partner_email"], changed["email"]) == ("ann@example.org", None)


def test_a_key_follows_its_text(db: Database, send: Send) -> None:
    card = created(send, a("phone_number", "415-555-0111"))
    identity = card["attributes"][0]["id"]
    send("PUT", f"/contacts/{card['id']}/attributes/{identity}", {"text": "(415) 555-0199"})
    keys = db.con.execute("SELECT key FROM contact_attributes WHERE id = ?", [identity]).fetchall()
    assert keys == [("+14155550199",)]


def test_a_bad_value_refuses_the_request_and_nothing_is_written_unless_it_is_relaxed(send: Send) -> None:
    bad = {"contacts": [{"attributes": [a("first_name", "Eve"), a("email", "nobody")]}, {"attributes": []}]}
    status, error = send("POST", "/contacts", bad)
    assert (status, error["path"]) == (422, "contacts.0.attributes.1")
    assert "nobody" not in error["message"]
    assert send("GET", "/contacts")[1]["info"]["total"] == 4
    _, found = send("POST", "/contacts", bad, relax="true", get="true")
    assert [one["display_name"] for one in found["data"]] == ["Eve", "Guest"]
    assert send("POST", "/contacts", {"contacts": [{"attributes": []}]})[1]["path"] == "contacts.0.attributes"


@pytest.mark.parametrize(
    "bad",
    [
        {"attribute_type": "birthday", "date": -30_610_224_001},
        {"attribute_type": "birthday", "date": 7_258_118_400},
        {"attribute_type": "birthday", "date": 1e300},
        a("note", "one\0two"),
        {"attribute_type": "address", "address": {"city": "#N/A"}},
        a("street_name", "Err:502"),
    ],
)
def test_a_value_that_no_import_would_take_costs_a_relaxed_request_that_value_only(send: Send, bad: Any) -> None:
    sent = {"contacts": [{"attributes": [a("first_name", "Eve"), bad]}]}
    status, error = send("POST", "/contacts", sent)
    assert (status, error["path"]) == (422, "contacts.0.attributes.1")
    card = created(send, *sent["contacts"][0]["attributes"], relax="true")
    assert [one["text"] for one in card["attributes"]] == ["Eve"]


def test_writes_are_in_the_timeline_unless_not_wanted(db: Database, send: Send) -> None:
    card = created(send, a("first_name", "Eve"))
    created(send, a("first_name", "Adam"), activity="false")
    send("PATCH", f"/contacts/{card['id']}", {"attributes": [a("tag", "x")]})
    send("DELETE", f"/contacts/{card['id']}")
    rows = db.con.execute("SELECT kind, contact::VARCHAR, created_by FROM events ORDER BY created_at").fetchall()
    assert rows == [(kind, card["id"], USER) for kind in ("created", "updated", "deleted")]


def test_a_filter_gives_attributes_to_all_it_chooses_and_only_to_them(send: Send) -> None:
    body = {"filters": [{"attribute_type": "tag", "value": "new"}], "attributes": [a("tag", "Bulk"), a("note", "n")]}
    status, found = send("POST", "/contacts/attributes", body)
    assert (status, found["data"]) == (200, [ADA, ZOE])
    _, tagged = send("POST", "/contacts/filter", {"filter": [{"attribute_type": "tag", "value": "bulk"}]})
    assert [one["id"] for one in tagged["data"]] == [ADA, ZOE]
    assert {one["updated_for"] for one in tagged["data"]} == {"direct_request"}


def test_a_new_owner_is_stamped(send: Send) -> None:
    _, found = send("PUT", f"/contacts/{ADA}/owner", {"user": str(STRANGERS)})
    assert (found["data"]["user_id"], found["data"]["updated_for"]) == (str(STRANGERS), "direct_request")


@pytest.mark.parametrize("none", ["", " ", None])
def test_an_id_of_an_address_book_is_never_blank_and_null_takes_it_away(send: Send, none: str | None) -> None:
    sent = {"attributes": [a("first_name", "Eve")], "ios_address_book_id": none, "android_address_book_id": "A 1"}
    (card,) = send("POST", "/contacts", {"contacts": [sent]}, get="true")[1]["data"]
    assert (card["ios_address_book_id"], card["android_address_book_id"]) == (None, "A 1")
    path, ios = f"/contacts/{card['id']}", {"ios_address_book_id": "I1"}
    assert send("PATCH", path, ios)[1]["data"]["android_address_book_id"] == "A 1"
    card = send("PATCH", path, {"android_address_book_id": none})[1]["data"]
    assert (card["ios_address_book_id"], card["android_address_book_id"]) == ("I1", None)


@pytest.mark.parametrize(
    ("method", "path", "body", "where"),
    [
        ("PATCH", "/contacts", {"contacts": [{"id": ADA}, {"id": contact_id(5)}]}, "contacts.1.id"),
        ("DELETE", "/contacts", {"ids": [ADA, contact_id(5)]}, "ids.1"),
        ("DELETE", "/contacts/attributes", {"ids": [ADA]}, "ids.0"),
        ("PATCH", f"/contacts/{contact_id(5)}", {}, None),
        ("DELETE", f"/contacts/{contact_id(5)}", None, None),
    ],
)
def test_what_is_not_there_is_named_by_its_place(
    send: Send, method: str, path: str, body: Any, where: str | None
) -> None:
    status, error = send(method, path, body)
    assert (status, error["path"]) == (404, where)


def test_a_value_that_an_attribute_cannot_take_has_no_place_in_the_body(send: Send) -> None:
    email = attributes(send, ADA, "email")[0]["id"]
    status, error = send("PUT", f"/contacts/{ADA}/attributes/{email}", {"text": "nobody"})
    assert (status, error["path"]) == (422, None)


def test_merging_what_was_merged_or_deleted_is_a_conflict(send: Send) -> None:
    assert send("POST", f"/contacts/{ADA}/merge", {"sub_contacts": [ZOE]})[0] == 200
    assert send("POST", f"/contacts/{ADA}/merge", {"sub_contacts": [ZOE]})[0] == 409
    assert send("POST", f"/contacts/{ADA}/merge", {"sub_contacts": [ADA]})[0] == 422
    assert send("POST", "/contacts/merge", {"clusters": [{"parent": ADA, "sub_contacts": [contact_id(99)]}]})[0] == 404


@pytest.fixture
def cluster(db: Database) -> None:
    """Ada and Zoë, found to be one person an hour ago."""
    db.con.execute("INSERT INTO duplicate_members VALUES (1, ?, 0.9), (1, ?, 0.9)", [ADA, ZOE])
    db.con.execute(
        "INSERT INTO jobs (id, kind, state, created_at) VALUES (uuidv7(), 'dedup', 'done', ?)",
        [START - timedelta(hours=1)],
    )


def clusters(send: Send) -> int:
    return len(send("GET", "/contacts/duplicates")[1]["data"])


@pytest.mark.usefixtures("cluster")
@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PATCH", f"/contacts/{ADA}/touch", {"touch_freq": 5}),
        ("PATCH", "/contacts/tags/friend/touch", {"touch_freq": 5}),
        ("PATCH", "/contacts/tags/friend", {"tag": "mate"}),
        ("DELETE", "/contacts/tags/friend", None),
        ("PATCH", f"/contacts/{ADA}", {}),
        ("POST", f"/contacts/{ADA}/attributes", {"attributes": [a("note", "n"), a("tag", "t")]}),
        ("POST", "/contacts/attributes", {"attributes": [a("tag", "t")]}),
    ],
)
def test_what_no_run_compares_leaves_a_cluster_as_it_is(send: Send, method: str, path: str, body: Any) -> None:
    send("POST", "/contacts/tags", {"tag": "friend"})
    assert send(method, path, body)[0] in (200, 204)
    assert clusters(send) == 1


@pytest.mark.usefixtures("cluster")
@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", f"/contacts/{ADA}/attributes", {"attributes": [a("email", "new@example.org")]}),
        ("POST", f"/contacts/{ZOE}/attributes", {"attributes": [{"attribute_type": "shoe_size", "number": 40}]}),
        ("PATCH", f"/contacts/{ADA}", {"attributes": [a("last_name", "King")]}),
        ("PUT", f"/contacts/{ADA}/owner", {"user": str(STRANGERS)}),
        ("PATCH", f"/contacts/{ADA}", {"ios_address_book_id": "other"}),
        ("POST", f"/contacts/{ADA}/merge", {"sub_contacts": [BJOERN]}),
        ("DELETE", f"/contacts/{ADA}", None),
    ],
)
def test_a_change_of_what_is_compared_dissolves_a_cluster(send: Send, method: str, path: str, body: Any) -> None:
    assert clusters(send) == 1
    assert send(method, path, body)[0] in (200, 204)
    assert clusters(send) == 0


@pytest.mark.usefixtures("cluster")
def test_an_e_mail_deleted_dissolves_a_cluster_and_a_custom_value_only_where_it_counts(
    db: Database, send: Send
) -> None:
    size = {"attribute_type": "shoe_size", "number": 40}
    db.con.execute(
        "INSERT INTO duplicate_weights (job, contacts, weights, rules) VALUES (uuidv7(), 2, '{}', ?)",
        [json.dumps({"custom": {"shoe_size": "ignore"}})],
    )
    send("POST", f"/contacts/{ZOE}/attributes", {"attributes": [size]})
    assert clusters(send) == 1
    send("DELETE", f"/contacts/{ADA}/attributes/{attributes(send, ADA, 'email')[0]['id']}")
    assert clusters(send) == 0


@pytest.mark.usefixtures("cluster")
def test_an_owner_who_stays_the_same_dissolves_nothing(db: Database, send: Send) -> None:
    send("PUT", f"/contacts/{ADA}/owner", {"user": str(db.user)})
    assert clusters(send) == 1


REQUESTS: dict[str, Any] = {
    "get_a_contact": None,
    "update_a_contact": {"attributes": []},
    "update_owner_of_a_contact": {"user": str(USER)},
    "deleting_a_contact": None,
    "add_attributes_to_a_contact": {"attributes": [a("tag", "x")]},
    "update_an_attribute": {"text": "x"},
    "deleting_an_attribute": None,
    "get_the_duplicate_cluster_for_a_contact": None,
    "merge_contacts": {"sub_contacts": [ZOE]},
    "update_multiple_contacts": {"contacts": [{"id": ADA, "attributes": []}]},
    "delete_multiple_contacts": {"ids": [ADA]},
    "merge_multiple_clusters_of_duplicate_contacts": {"clusters": [{"parent": ADA, "sub_contacts": [ZOE]}]},
}


@pytest.mark.parametrize("name", REQUESTS)
def test_another_brand_neither_sees_nor_changes_a_contact(db: Database, send: Send, name: str) -> None:
    (operation,) = [one for one in OPERATIONS if one.name == name]
    attribute = attributes(send, ADA, "email")[0]["id"]
    path = operation.path.replace("{id}", ADA).replace("{attribute_id}", attribute)
    before = db.con.sql("SELECT * FROM contacts ORDER BY id").pl()
    assert send(operation.method, path, REQUESTS[name], brand=STRANGERS)[0] == 404
    assert db.con.sql("SELECT * FROM contacts ORDER BY id").pl().equals(before)
    ids = {"ids": [attribute]}
    assert send("DELETE", "/contacts/attributes", ids, brand=STRANGERS)[0] == 404


def test_every_operation_on_one_contact_is_tried_with_another_brand() -> None:
    ours = [one.name for one in OPERATIONS if one.path.startswith("/contacts/{id}") and not one.path.endswith("/touch")]
    assert [name for name in ours if name not in REQUESTS] == []


KEYS = st.sampled_from(["contacts", "attributes", "filter", "ids", "text", "attribute_type", "unknown"])
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.just(ADA)
ANYTHING = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner), max_leaves=6)
PARAMETERS = st.dictionaries(st.text(max_size=6), st.text(max_size=6), max_size=2)


@pytest.fixture(scope="module")
def shared(written: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """One database for all that is made up."""
    with open_database(Path(shutil.copy(written, tmp_path_factory.mktemp("shared")))) as opened:
        yield opened


@settings(max_examples=200, deadline=None, database=None)
@given(operation=st.sampled_from(OPERATIONS), body=ANYTHING, query=PARAMETERS)
def test_whatever_comes_is_answered_or_refused(shared: Database, operation: Operation, body: Any, query: Any) -> None:
    path = operation.path.replace("{id}", ADA).replace("{attribute_id}", ADA).replace("{tag}", "%00")
    request = Request(operation.method, path, [*query.items()], json.dumps(body).encode())
    found = answer(shared, request, user=USER, brand=None, now=START)
    assert found.status in (200, 204) or 400 <= found.status < 500
