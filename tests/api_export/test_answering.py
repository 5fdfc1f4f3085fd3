"""Requests find their operation, are validated and answered in the documented envelope, or refused in one shape."""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from cards import contact_id

from api_export.answering import CODES, Answer, Request, answer
from api_export.models import Error
from storage.database import Database

NOW = datetime(2026, 5, 15, tzinfo=UTC)
NOBODY = UUID(int=7)


def send(
    db: Database, method: str, path: str, *, query: Any = (), body: Any = b"", brand: UUID | None = None
) -> Answer:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return answer(db, Request(method, path, [*query], raw), user=db.user, brand=brand, now=NOW)


def test_a_contact_is_read_by_its_id(db: Database) -> None:
    found = send(
        db, "GET", f"/contacts/{contact_id(1)}", query=[("associations", "contact.attributes,contact.summary")]
    )
    body = json.loads(found.body)
    assert (found.status, body["code"], body["data"]["first_name"]) == (200, "OK", "Ada")
    assert {"attributes", "summary"} <= body["data"].keys()
    assert "info" not in body


def test_a_page_knows_how_many_there_are(db: Database) -> None:
    page = json.loads(
        send(db, "GET", "/contacts", query=[("start", "1"), ("limit", "2"), ("order", "-sort_field")]).body
    )
    assert page["info"] == {"count": 2, "total": 4}
    assert len(page["data"]) == 2


def test_a_filter_takes_parameters_and_body(db: Database) -> None:
    body = {"filter": [{"attribute_type": "tag", "value": "new"}]}
    assert json.loads(send(db, "POST", "/contacts/filter", body=body).body)["info"]["total"] == 2
    narrowed = send(db, "POST", "/contacts/filter", query=[("q", "lovelace")], body=body)
    assert [contact["id"] for contact in json.loads(narrowed.body)["data"]] == [contact_id(1)]
    assert json.loads(send(db, "POST", "/contacts/filter", query=[("alphabet", "a")]).body)["info"]["total"] == 2


def test_another_brand_sees_nothing(db: Database) -> None:
    assert send(db, "GET", f"/contacts/{contact_id(1)}", brand=NOBODY).status == 404
    assert json.loads(send(db, "GET", "/contacts", brand=NOBODY).body)["info"] == {"count": 0, "total": 0}
    assert json.loads(send(db, "POST", "/contacts/filter", brand=NOBODY).body)["data"] == []


@pytest.mark.parametrize(
    ("method", "path", "more", "status", "where"),
    [
        ("GET", "/nowhere", {}, 404, None),
        ("GET", "/contacts/", {}, 404, None),
        ("PUT", "/contacts", {}, 405, None),
        ("GET", "/contacts/not-a-uuid", {}, 422, "id"),
        ("GET", "/contacts/%FF", {}, 422, "id"),
        ("GET", f"/contacts/{contact_id(5)}", {}, 404, None),
        ("GET", "/contacts", {"query": [("limit", "-1")]}, 422, "limit"),
        ("GET", "/contacts", {"query": [("limit", "ten")]}, 422, "limit"),
        ("GET", "/contacts", {"query": [("order", "shoe")]}, 422, "order"),
        ("GET", "/contacts", {"query": [("lmit", "1")]}, 422, "lmit"),
        ("GET", "/contacts", {"query": [("associations", "contact.nothing")]}, 422, "associations.0"),
        ("GET", "/contacts", {"body": {}}, 422, None),
        ("POST", "/contacts/filter", {"body": b"{"}, 400, None),
        ("POST", "/contacts/filter", {"body": b"\xff"}, 400, None),
        ("POST", "/contacts/filter", {"body": b'{"filters": [{"attribute_type": "x", "value": NaN}]}'}, 400, None),
        ("POST", "/contacts/filter", {"body": []}, 422, None),
        ("POST", "/contacts/filter", {"body": {"filter": [{"value": "New"}]}}, 422, "filter.0"),
        ("POST", "/contacts/filter", {"body": {"filter": [{"attribute_type": "tagg"}]}}, 422, "filter.0"),
        ("POST", "/contacts/filter", {"query": [("created_gte", "nan")]}, 422, "created_gte"),
    ],
)
def test_a_refusal_says_what_and_where(
    db: Database, method: str, path: str, more: dict[str, Any], status: int, where: str | None
) -> None:
    refused = send(db, method, path, **more)
    error = Error.model_validate_json(refused.body)
    assert (refused.status, error.code, error.path) == (status, CODES[status], where)
    assert error.message


@pytest.mark.parametrize(
    ("method", "path", "more", "said"),
    [
        ("GET", "contacts", {}, 'there is no such address. Did you mean "/contacts"?'),
        ("GET", "/somewhere/else/altogether/far", {}, "there is no such address"),
        ("PATCH", "/contacts", {}, "this operation takes a JSON body"),
        ("GET", "/contacts", {"query": [("associations", "contact.tags")]}, "there is no such association (known: "),
        ("POST", "/contacts/filter", {"body": {"filter": [], "filters": []}}, '"filter" and "filters" are the same'),
        ("POST", "/contacts/tags", {"body": {"tag": " "}}, "it is blank, or has a NUL character in it"),
    ],
)
def test_a_refusal_is_said_in_words_that_help(
    db: Database, method: str, path: str, more: dict[str, Any], said: str
) -> None:
    assert Error.model_validate_json(send(db, method, path, **more).body).message.startswith(said)


def test_a_wrong_method_is_told_the_right_ones(db: Database) -> None:
    assert send(db, "DELETE", "/contacts/filter").allow == ("POST",)
