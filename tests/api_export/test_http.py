"""Over HTTP an operation answers as it does without, and what cannot be answered is refused in the one shape."""

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from shutil import copy
from typing import Any
from uuid import UUID

import pytest
from cards import contact_id
from starlette.testclient import TestClient

from api_export import http
from api_export.access import Access, Caller, read_tokens
from api_export.answering import LONGEST_BODY
from api_export.http import Served, make_app
from api_export.models import Error
from api_export.operations.catalogue import OPERATIONS
from flows.jobs import run_queued
from storage.sharing import SharedDatabase, shared_database

HOST = "http://127.0.0.1:8000"
TOKEN, OTHER = "t" * 40, "o" * 40
Connect = Callable[..., TestClient]


@pytest.fixture
def shared(tmp_path: Path, written: Path) -> Iterator[SharedDatabase]:
    with shared_database(Path(copy(written, tmp_path)), wait_s=0.3) as opened:
        yield opened


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def connect(shared: SharedDatabase, told: list[str]) -> Connect:
    """Makes a client; of programs of this machine, or with tokens."""

    def make(tokens: str = "", **headers: str) -> TestClient:
        access = Access(read_tokens(tokens, where="tokens"), Caller())
        app = make_app(Served(shared, access, written=lambda: None, told=told.append), version="1")
        return TestClient(app, base_url=HOST, headers=headers, raise_server_exceptions=True)

    return make


@pytest.fixture
def client(connect: Connect) -> TestClient:
    return connect()


def refused(answer: Any, status: int) -> Error:
    """The one shape of what is refused."""
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/json")
    return Error.model_validate_json(answer.content)


def test_a_contact_is_answered_in_the_envelope(client: TestClient) -> None:
    answer = client.get(f"/contacts/{contact_id(1)}", params={"associations": "contact.summary"})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    assert answer.json()["data"]["summary"]["first_name"] == "Ada"


def test_a_body_filters_and_parameters_page(client: TestClient) -> None:
    answer = client.post("/contacts/filter", params={"limit": 1}, json={"filters": []})
    assert answer.json()["info"] == {"count": 1, "total": 4}
    assert client.post("/contacts/filter").json()["info"] == {"count": 4, "total": 4}


LISTS = ("users", "crm_task", "ids", "excludes", "created_by", "updated_by", "lists", "flows")


@pytest.mark.parametrize(
    ("method", "path", "sent", "status"),
    [
        ("GET", "/nothing", {}, 404),
        ("GET", "/", {}, 404),
        ("GET", f"/contacts/{UUID(int=5)}", {}, 404),
        ("GET", "/contacts/a%2Fb", {}, 422),
        ("GET", "/contacts/%FF", {}, 422),
        ("GET", "/contacts%0A", {}, 404),
        ("GET", "/%0A/contacts", {}, 404),
        ("GET", "/contacts/a%0Ab", {}, 422),
        ("GET", "/contacts?associations=", {}, 422),
        *[("POST", f"/contacts/filter?{name}=", {}, 422) for name in LISTS],
        ("POST", f"/contacts/filter?lists={UUID(int=1)},", {}, 422),
        ("GET", "/contacts?limit=%FF", {}, 422),
        ("GET", "/contacts?" + "&".join(["associations=contact.summary"] * 1001), {}, 422),
        ("GET", "/contacts?limit=100000", {}, 422),
        ("GET", "/contacts", {"content": b"{}"}, 422),
        ("POST", "/contacts/filter", {"content": b"{"}, 415),
        ("POST", "/contacts/filter", {"content": b"{}", "headers": {"content-type": "text/plain"}}, 415),
        ("POST", "/contacts/filter", {"content": b"{", "headers": {"content-type": "application/json"}}, 400),
        ("POST", "/contacts/filter", {"content": b"\xff", "headers": {"content-type": "application/json"}}, 400),
        ("POST", "/contacts/filter", {"json": []}, 422),
        ("GET", "/contacts", {"headers": {"host": "rebound.example.com"}}, 403),
        ("GET", "/contacts", {"headers": {"origin": "https://example.com"}}, 403),
    ],
)
def test_what_cannot_be_answered_is_refused(client: TestClient, method: str, path: str, sent: Any, status: int) -> None:
    refused(client.request(method, path, **sent), status)


@pytest.mark.parametrize("method", ["TRACE", "OPTIONS", "HEAD", "PROPFIND", "DELETE"])
def test_a_method_the_address_does_not_know_is_answered_with_those_it_does(client: TestClient, method: str) -> None:
    answer = client.request(method, "/contacts/filter")
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


def test_a_body_that_is_too_large_is_refused_whether_it_says_so_or_not(client: TestClient) -> None:
    pieces = (b" " * 2**20 for _ in range(LONGEST_BODY // 2**20 + 1))
    refused(client.post("/contacts/filter", content=pieces), 413)
    refused(client.post("/contacts/filter", headers={"content-length": str(LONGEST_BODY + 1)}, content=b"{}"), 413)


def test_a_database_that_stays_in_use_is_said_to_be_so(client: TestClient, shared: SharedDatabase) -> None:
    script = "import sys; from pathlib import Path; from storage.database import open_database\n"
    script += "with open_database(Path(sys.argv[1])): print('held', flush=True); sys.stdin.readline()"
    command = [sys.executable, "-c", script, str(shared._path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        answer = client.get("/contacts")
        refused(answer, 503)
        assert answer.headers["retry-after"] == "1"
        holder.communicate("\n")
    assert client.get("/contacts").status_code == 200


def test_a_fault_of_ours_shows_nothing_of_the_data(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, told: list[str]
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ValueError("ada@example.com")

    monkeypatch.setattr(http, "answer", fail)
    answer = client.get("/contacts")
    assert refused(answer, 500).message == "something went wrong inside onecard (ValueError)"
    assert "ada" not in answer.text + "".join(told)
    assert "test_http.py" in told[0]


def test_what_is_told_of_requests_has_no_values(client: TestClient, told: list[str]) -> None:
    client.get(f"/contacts/{contact_id(1)}", params={"associations": "contact.summary"})
    client.post("/contacts/filter", params={"q": "ada@example.com"})
    client.get("/ada@example.com")
    expected = ["GET /contacts/{id} 200", "POST /contacts/filter 200", "GET - 404"]
    assert [re.sub(r" \d+ ms$", "", line) for line in told] == expected


def test_with_tokens_nothing_is_answered_without_one(connect: Connect, shared: SharedDatabase) -> None:
    with shared.reading() as db:
        tokens = f"{TOKEN} {db.user} {db.brand}"
    answer = connect(tokens).get("/contacts")
    refused(answer, 401)
    assert answer.headers["www-authenticate"] == "Bearer"
    refused(connect(tokens, authorization=f"Bearer {OTHER}").get("/nothing"), 401)
    elsewhere = {"authorization": f"Bearer {TOKEN}", "host": "contacts.example.com"}
    assert connect(tokens, **elsewhere).get("/contacts").json()["info"]["total"] == 4


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


def test_the_document_names_every_operation_and_where_its_schemas_are(client: TestClient) -> None:
    document = client.get("/openapi.json").json()
    paths = {(path, method.upper()) for path, methods in document["paths"].items() for method in methods}
    assert paths == {(operation.path, operation.method) for operation in OPERATIONS}
    references = set(re.findall(r'"#/components/schemas/(\w+)"', json.dumps(document)))
    assert references == document["components"]["schemas"].keys()


def test_the_document_says_whether_requests_need_a_token(connect: Connect) -> None:
    token = f"{OTHER} {UUID(int=1)} {UUID(int=2)}"
    assert connect(token).get("/openapi.json").json()["security"] == [{"token": []}]
    assert "security" not in connect().get("/openapi.json").json()


def test_the_page_that_describes_it_needs_no_network(client: TestClient) -> None:
    page = client.get("/docs").text
    assert "//" not in re.sub(r"<!--.*?-->", "", page).replace(HOST, "")
    for address in re.findall(r'(?:src|href)="([^"]+)"', page):
        assert client.get(address).status_code == 200
