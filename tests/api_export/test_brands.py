"""A token sees and changes what is of its brand, and learns nothing of what another brand has."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import polars as pl
import pytest
from asking import OTHER, Connect, refused
from cards import contact_id
from starlette.testclient import TestClient

from api_export.answering import Request, answer
from flows.jobs import run_queued
from storage.database import Database
from storage.memberships import write_users
from storage.sharing import SharedDatabase


def test_a_token_sees_nothing_of_another_brand(connect: Connect) -> None:
    other = connect(f"{OTHER} {UUID(int=1)} {UUID(int=2)}", authorization=f"Bearer {OTHER}")
    refused(other.get(f"/contacts/{contact_id(1)}"), 404)
    assert other.get("/contacts").json()["data"] == []
    assert other.post("/contacts/filter", params={"ids": contact_id(1)}).json()["data"] == []


ADA = contact_id(1)
TAGGED = {"attributes": [{"attribute_type": "tag", "text": "Mine"}]}
OF_ADA = [
    ("GET", f"/contacts/{ADA}", None),
    ("PATCH", f"/contacts/{ADA}", TAGGED),
    ("PATCH", "/contacts", {"contacts": [{"id": ADA, **TAGGED}]}),
    ("PUT", f"/contacts/{ADA}/owner", {"user": str(UUID(int=1))}),
    ("DELETE", f"/contacts/{ADA}", None),
    ("DELETE", "/contacts", {"ids": [ADA]}),
    ("POST", f"/contacts/{ADA}/attributes", TAGGED),
    ("POST", "/contacts/attributes", {"filters": [{"attribute_type": "first_name", "value": "Ada"}], **TAGGED}),
    ("GET", f"/contacts/{ADA}/duplicates", None),
    ("GET", "/contacts/duplicates", None),
    ("POST", f"/contacts/{ADA}/merge", {"sub_contacts": [contact_id(2)]}),
    ("POST", "/contacts/merge", {"clusters": [{"parent": ADA, "sub_contacts": [contact_id(2)]}]}),
]


@pytest.mark.parametrize(("method", "path", "body"), OF_ADA)
def test_a_token_neither_sees_nor_changes_a_contact_of_another_brand(
    connect: Connect, shared: SharedDatabase, method: str, path: str, body: Any
) -> None:
    other = connect(f"{OTHER} {UUID(int=1)} {UUID(int=2)}", authorization=f"Bearer {OTHER}")
    before = _facts(shared)
    answer = other.request(method, path, json=body)
    assert answer.status_code in (200, 204, 404), answer.text
    assert "Ada" not in answer.text
    with shared.writing() as db:
        run_queued(db, now=datetime.now(UTC))
    assert _facts(shared) == before


def test_an_attribute_of_another_brand_is_as_unknown_as_one_that_never_was(connect: Connect) -> None:
    asked = {"associations": "contact.attributes"}
    attribute = connect().get(f"/contacts/{ADA}", params=asked).json()["data"]["attributes"][0]["id"]
    other = connect(f"{OTHER} {UUID(int=1)} {UUID(int=2)}", authorization=f"Bearer {OTHER}")
    for identity in (attribute, str(UUID(int=9))):
        said = refused(other.request("DELETE", "/contacts/attributes", json={"ids": [identity]}), 404)
        assert (said.message, said.path) == (f"there is no attribute {identity}", "ids.0")


@pytest.mark.parametrize("user", [UUID(int=7), UUID(int=9)])
def test_of_the_user_of_another_team_only_the_id_is_known(connect: Connect, shared: SharedDatabase, user: UUID) -> None:
    names = ("id", "email", "email_key", "phone_number", "phone_key", "first_name", "last_name")
    with shared.writing() as db:
        theirs = pl.DataFrame([{**dict.fromkeys(names, "Ann"), "id": str(UUID(int=7))}])
        write_users(db.con, theirs, brand=db.brand, now=datetime.now(UTC))
    other = connect(f"{OTHER} {UUID(int=1)} {UUID(int=2)}", authorization=f"Bearer {OTHER}")
    asked = {"get": "true", "associations": "contact.user"}
    sent = {"contacts": [{"user": str(user), "attributes": [{"attribute_type": "first_name", "text": "Bo"}]}]}
    (created,) = other.post("/contacts", json=sent, params=asked).json()["data"]
    assert created["user"] == {**dict.fromkeys(created["user"]), "id": str(user), "type": "user"}


@pytest.fixture
def of_home(connect: Connect, shared: SharedDatabase, tmp_path: Path) -> dict[str, str]:
    """A tag, a definition and an uploaded file of the brand of the cards."""
    home = connect()
    assert home.post("/contacts/tags", json={"tag": "Ada's own"}).status_code == 204
    assert home.patch(
        f"/contacts/{ADA}", json={"attributes": [{"attribute_type": "tag", "text": "Ada's own"}]}
    ).is_success
    sent = {"name": "ada_size", "data_type": "number", "label": "Ada's size"}
    definition = home.post("/contacts/attribute_defs", json=sent).json()["data"]["id"]
    file = home.post("/contacts/upload", files={"file": ("a.csv", b"First\nAda\n")}).json()["data"]["id"]
    return {"definition": definition, "file": file}


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/contacts/tags", None, 200),
        ("PATCH", "/contacts/tags/Ada's own", {"tag": "Taken"}, 404),
        ("PATCH", "/contacts/tags/Ada's own/touch", {"touch_freq": 3}, 404),
        ("DELETE", "/contacts/tags/Ada's own", None, 404),
        ("POST", "/contacts/tags", {"tag": "Ada's own"}, 204),
        ("PATCH", f"/contacts/{ADA}/touch", {"touch_freq": 3}, 404),
        ("GET", "/contacts/attribute_defs", None, 200),
        ("DELETE", "/contacts/attribute_defs/{definition}", None, 404),
        ("POST", "/contacts/filter", {"filters": [{"attribute_def": "{definition}"}]}, None),
        ("POST", "/contacts", {"contacts": [{"attributes": [{"attribute_type": "ada_size", "number": 3}]}]}, 422),
        ("POST", "/contacts", {"contacts": [{"attributes": [{"attribute_def": "{definition}", "number": 3}]}]}, 422),
        ("PUT", f"/contacts/{ADA}/attributes/{UUID(int=9)}", {"text": "x"}, 404),
        ("DELETE", f"/contacts/{ADA}/attributes/{UUID(int=9)}", None, 404),
        *[
            (
                "POST",
                f"/contacts/import.{ext}",
                {"file_id": "{file}", "mappings": {"First": {"attribute_type": "first_name"}}},
                404,
            )
            for ext in ("csv", "xls", "xlsx")
        ],
    ],
)
def test_a_token_neither_sees_nor_changes_what_another_brand_has_beside_contacts(
    connect: Connect, shared: SharedDatabase, of_home: dict[str, str], method: str, path: str, body: Any, status: int
) -> None:
    other = connect(f"{OTHER} {UUID(int=1)} {UUID(int=2)}", authorization=f"Bearer {OTHER}")
    sent = json.dumps(body)
    for name, value in of_home.items():
        path, sent = path.replace(f"{{{name}}}", value), sent.replace(f"{{{name}}}", value)
    before = _facts(shared)
    answer = other.request(method, path, json=json.loads(sent))
    assert answer.status_code in ((200, 422) if status is None else (status,)), answer.text
    if method == "GET":
        assert "Ada" not in answer.text
    with shared.writing() as db:
        run_queued(db, now=datetime.now(UTC))
    assert _facts(shared) == before


def _facts(shared: SharedDatabase) -> list[Any]:
    """What there is of contacts, and of tags, definitions and imports of any brand but the other."""
    tables = ("contacts", "contact_attributes", "contact_summaries", "files", "import_contacts")
    tables += tuple(
        f"(FROM {table} WHERE brand IS DISTINCT FROM '{UUID(int=2)}')" for table in ("tags", "attribute_defs")
    )
    with shared.reading() as db:
        return [db.con.execute(f"SELECT t::VARCHAR FROM {table} t ORDER BY 1").fetchall() for table in tables]


@pytest.fixture
def teams(connect: Connect) -> dict[str, TestClient]:
    """Clients of two brands, each of which has defined a "member" of its own: a text and a number."""
    lines = "\n".join(f"{letter * 40} {UUID(int=at)} {UUID(int=at + 7)}" for at, letter in enumerate("ab", 1))
    clients = {letter: connect(lines, authorization=f"Bearer {letter * 40}") for letter in "ab"}
    for letter, kind in (("a", "text"), ("b", "number")):
        answered = clients[letter].post("/contacts/attribute_defs", json=_definition(kind))
        assert answered.status_code == 200, answered.text
    return clients


def _definition(kind: str, name: str = "member") -> dict[str, Any]:
    return {"name": name, "data_type": kind, "label": "Member"}


def _created(team: TestClient, **value: Any) -> str:
    sent = {"contacts": [{"attributes": [{"attribute_type": "member", **value}]}]}
    answered = team.post("/contacts", json=sent)
    assert answered.status_code == 200, answered.text
    return str(answered.json()["data"][0])


def _found(team: TestClient, **item: Any) -> Any:
    return team.post("/contacts/filter", json={"filters": [{"attribute_type": "member", **item}]})


def test_a_name_is_taken_within_a_brand_only(teams: dict[str, TestClient]) -> None:
    own = {
        name: [one["id"] for one in team.get("/contacts/attribute_defs").json()["data"] if one["name"] == "member"]
        for name, team in teams.items()
    }
    assert len({*own["a"], *own["b"]}) == len(own["a"]) + len(own["b"]) == 2
    for team in teams.values():
        refused(team.post("/contacts/attribute_defs", json=_definition("date", "Member")), 409)
        refused(team.post("/contacts/attribute_defs", json=_definition("date", "EMAIL")), 409)


def test_each_brand_writes_and_filters_by_its_own_definition(teams: dict[str, TestClient]) -> None:
    a, b = _created(teams["a"], text="gold"), _created(teams["b"], number=7)
    refused(
        teams["b"].post(
            "/contacts", json={"contacts": [{"attributes": [{"attribute_type": "member", "text": "gold"}]}]}
        ),
        422,
    )
    for name, mine, value in (("a", a, "gold"), ("b", b, 7)):
        assert [one["id"] for one in _found(teams[name], value=value).json()["data"]] == [mine]
        assert _found(teams[name], invert=True).json()["data"] == []
    refused(_found(teams["b"], value="gold"), 422)
    chosen = {"filters": [{"attribute_type": "member"}], "attributes": [{"attribute_type": "member", "text": "silver"}]}
    assert teams["a"].post("/contacts/attributes", json=chosen).json()["data"] == [a]


def test_the_definition_of_another_brand_is_not_known_to_filters(teams: dict[str, TestClient]) -> None:
    (theirs,) = [one["id"] for one in teams["a"].get("/contacts/attribute_defs").json()["data"] if not one["global"]]
    said = refused(teams["b"].post("/contacts/filter", json={"filters": [{"attribute_def": theirs}]}), 422)
    unknown = {"filters": [{"attribute_def": str(UUID(int=1))}]}
    assert (
        said.message.replace(theirs, str(UUID(int=1)))
        == refused(teams["b"].post("/contacts/filter", json=unknown), 422).message
    )


def test_each_brand_imports_by_its_own_definition(teams: dict[str, TestClient], shared: SharedDatabase) -> None:
    values = {"a": "gold", "b": "7"}
    for name, team in teams.items():
        file = team.post("/contacts/upload", files={"file": ("m.csv", f"Member\n{values[name]}\n".encode())})
        sent = {"file_id": file.json()["data"]["id"], "mappings": {"Member": {"attribute_type": "member"}}}
        assert team.post("/contacts/import.csv", json=sent).is_success
        key, value = ("text", "silver") if name == "a" else ("number", 8)
        attributes = [{"attribute_type": "member", key: value}]
        assert team.post("/contacts/import.json", json={"contacts": [{"attributes": attributes}]}).is_success
    with shared.writing() as db:
        assert run_queued(db, now=datetime.now(UTC)) == []
    for name, team in teams.items():
        listed = team.get("/contacts", params={"associations": "contact.attributes,contact_attribute.attribute_def"})
        own = team.get("/contacts/attribute_defs").json()["data"][-1]
        found = [attribute for one in listed.json()["data"] for attribute in one["attributes"]]
        assert [one["attribute_def"] for one in found if one["attribute_type"] == "member"] == [own, own], name
        assert sorted(str(one.get("number") or one["text"]) for one in found) == (
            ["gold", "silver"] if name == "a" else ["7.0", "8.0"]
        )


def test_a_name_that_brands_share_is_counted_once(teams: dict[str, TestClient], shared: SharedDatabase) -> None:
    _created(teams["a"], text="gold")
    with shared.reading() as db:
        counted = "SELECT count(*) FROM completeness WHERE attribute_type = 'member' GROUP BY source"
        assert db.con.execute(counted).fetchall() == [(1,)]


def test_a_definition_deleted_in_one_brand_stays_in_the_other(teams: dict[str, TestClient]) -> None:
    contact = _created(teams["b"], number=7)
    (theirs,) = [one["id"] for one in teams["a"].get("/contacts/attribute_defs").json()["data"] if not one["global"]]
    assert teams["a"].delete(f"/contacts/attribute_defs/{theirs}").status_code == 204
    assert [one["id"] for one in _found(teams["b"], value=7).json()["data"]] == [contact]
    refused(_found(teams["a"]), 422)
    assert teams["a"].post("/contacts/attribute_defs", json=_definition("date")).is_success


def test_whoever_sees_every_brand_finds_by_a_name_they_share_and_writes_its_own_brands(
    teams: dict[str, TestClient], shared: SharedDatabase
) -> None:
    a, b = _created(teams["a"], text="7"), _created(teams["b"], number=7)
    with shared.writing() as db:
        assert [
            one["id"]
            for one in _asked(
                db, "POST", "/contacts/filter", {"filters": [{"attribute_type": "member", "value": "7"}]}, 200
            )["data"]
        ] == sorted((a, b))
        sent = {"attributes": [{"attribute_type": "member", "text": "gold"}]}
        assert _asked(db, "PATCH", f"/contacts/{a}", sent, 422)["path"] == "attributes.0"
        assert _asked(db, "POST", "/contacts/attribute_defs", _definition("text"), 200)["code"] == "OK"
        assert "another brand" in _asked(db, "PATCH", f"/contacts/{a}", sent, 409)["message"]
        assert _asked(db, "PATCH", f"/contacts/{ADA}", sent, 200)["code"] == "OK"


def _asked(db: Database, method: str, path: str, body: Any, status: int) -> Any:
    request = Request(method, path, body=json.dumps(body).encode())
    answered = answer(db, request, user=db.user, brand=None, now=datetime.now(UTC))
    assert answered.status == status, answered.body
    return json.loads(answered.body)
