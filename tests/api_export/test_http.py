"""Over HTTP an operation answers as it does without, and what cannot be answered is refused in the one shape."""

import json
import re
import subprocess
import sys
from typing import Any
from uuid import UUID

import anyio
import httpx
import pytest
from asking import HOST, OTHER, TOKEN, Connect, refused
from cards import contact_id
from starlette.testclient import TestClient

from api_export import http
from api_export.http import LONGEST_BODY
from api_export.operations.catalogue import OPERATIONS
from storage.sharing import SharedDatabase


def test_a_contact_is_answered_in_the_envelope(client: TestClient) -> None:
    answer = client.get(f"/contacts/{contact_id(1)}", params={"associations": "contact.summary"})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    assert answer.json()["data"]["summary"]["first_name"] == "Ada"


def test_a_body_filters_and_parameters_page(client: TestClient) -> None:
    answer = client.post("/contacts/filter", params={"limit": 1}, json={"filters": []})
    assert answer.json()["info"] == {"count": 1, "total": 4}
    assert client.post("/contacts/filter").json()["info"] == {"count": 4, "total": 4}


TAGS = {"attribute_type": "tag"}
LISTS = ("users", "crm_task", "ids", "excludes", "created_by", "updated_by", "lists", "flows")


@pytest.mark.parametrize(
    ("method", "path", "sent", "status"),
    [
        ("GET", "/nothing", {}, 404),
        ("GET", "/", {}, 404),
        ("GET", f"/contacts/{UUID(int=5)}", {}, 404),
        ("GET", "/contacts/a%2Fb", {}, 422),
        ("GET", "/contacts/%FF", {}, 422),
        ("DELETE", "/contacts/tags/%FF", {}, 422),
        ("GET", "/docs/static/nothing.js", {}, 404),
        ("GET", "/docs/static/../http.py", {}, 404),
        ("DELETE", "/docs/static/nothing.js", {}, 405),
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
        ("POST", "/contacts/filter?q=" + "+".join(["a"] * 101), {}, 422),
        ("POST", "/contacts/filter", {"json": {"filters": [{"attribute_type": "tag"}] * 101}}, 422),
        ("POST", "/contacts/filter", {"json": {"filters": [{**TAGS, "operator": "all", "value": ["a"] * 101}]}}, 422),
        (
            "POST",
            "/contacts/filter",
            {"json": {"filters": [{**TAGS, "operator": "any", "value": ["a"] * 501}] * 2}},
            422,
        ),
        ("GET", "/contacts", {"headers": {"host": "rebound.example.com"}}, 403),
        ("GET", "/contacts", {"headers": {"origin": "https://example.com"}}, 403),
    ],
)
def test_what_cannot_be_answered_is_refused(client: TestClient, method: str, path: str, sent: Any, status: int) -> None:
    refused(client.request(method, path, **sent), status)


@pytest.mark.parametrize(
    ("path", "body", "where"),
    [
        (f"/contacts/{contact_id(1)}/merge", {"sub_contacts": [contact_id(1)]}, "sub_contacts"),
        ("/contacts/merge", {"clusters": [{"parent": contact_id(1), "sub_contacts": [contact_id(9)]}]}, "clusters"),
    ],
)
def test_what_cannot_be_merged_is_refused_with_its_place_in_the_body(
    client: TestClient, path: str, body: Any, where: str
) -> None:
    answer = client.post(path, json=body)
    assert refused(answer, answer.status_code).path == where
    assert answer.is_client_error


@pytest.mark.parametrize("method", ["TRACE", "OPTIONS", "HEAD", "PROPFIND", "DELETE"])
def test_a_method_the_address_does_not_know_is_answered_with_those_it_does(client: TestClient, method: str) -> None:
    answer = client.request(method, "/contacts/filter")
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


def test_a_body_that_is_too_large_is_refused_whether_it_says_so_or_not(client: TestClient) -> None:
    pieces = (b" " * 2**20 for _ in range(LONGEST_BODY // 2**20 + 1))
    refused(client.post("/contacts/filter", content=pieces), 413)
    refused(client.post("/contacts/filter", headers={"content-length": str(LONGEST_BODY + 1)}, content=b"{}"), 413)


def test_an_upload_that_is_too_large_is_refused_and_not_kept(
    client: TestClient, shared: SharedDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "LARGEST_UPLOAD", 1_000)
    refused(client.post("/contacts/upload", files={"file": ("a.csv", b"x" * 1_001)}), 413)
    headers = {"content-type": "multipart/form-data; boundary=b"}
    start = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
    pieces = (start, *[b"x" * 100] * 10, b"\r\n--b--\r\n")
    refused(client.post("/contacts/upload", headers=headers, content=iter(pieces)), 413)
    assert client.post("/contacts/upload", headers=headers, content=iter(pieces[:2] + pieces[-1:])).is_success
    with shared.reading() as db:
        assert db.con.execute("SELECT bytes FROM files").fetchall() == [(100,)]


@pytest.mark.parametrize(
    ("path", "kind", "patience"),
    [
        ("/contacts/filter", b"application/json", "BODY_S"),
        ("/contacts/upload", b"multipart/form-data; boundary=b", "UPLOAD_S"),
    ],
)
def test_a_body_that_does_not_come_is_not_waited_for(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, path: str, kind: bytes, patience: str
) -> None:
    monkeypatch.setattr(http, patience, 0.01)
    headers = [(b"host", HOST.partition("//")[2].encode()), (b"content-type", kind), (b"content-length", b"9")]
    scope = {"type": "http", "method": "POST", "path": path, "query_string": b"", "headers": headers}
    sent: list[dict[str, Any]] = []

    async def receive() -> None:
        await anyio.sleep_forever()

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    anyio.run(client.app, scope, receive, send)
    assert sent[0]["status"] == 408
    assert json.loads(sent[1]["body"])["code"] == "RequestTimeout"


def test_what_an_uploaded_file_is_comes_from_its_content(client: TestClient) -> None:
    for name, content, mime in (
        ("contacts.xlsx", b"First,Last\nAda,Lovelace\n", "text/csv"),
        ("contacts.csv", b'{"contacts": []}', "application/json"),
        ("contacts.csv", b"%PDF-1.7", "application/octet-stream"),
    ):
        assert client.post("/contacts/upload", files={"file": (name, content)}).json()["data"]["mime"] == mime


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


def test_reads_are_answered_however_many_writes_wait(client: TestClient, shared: SharedDatabase) -> None:
    written: list[int] = []

    async def write(asking: httpx.AsyncClient) -> None:
        written.append((await asking.post("/contacts/tags", json={"tag": "New"})).status_code)

    async def ask() -> None:
        async with (
            httpx.AsyncClient(transport=httpx.ASGITransport(client.app), base_url=HOST) as asking,
            anyio.create_task_group() as tasks,
        ):
            with shared.writing():
                for _ in range(50):
                    tasks.start_soon(write, asking)
                await anyio.wait_all_tasks_blocked()
                assert (await asking.get("/contacts/tags")).status_code == 200
                assert written == []

    anyio.run(ask)


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


def test_the_document_names_every_operation_and_where_its_schemas_are(client: TestClient) -> None:
    document = client.get("/openapi.json").json()
    paths = {(path, method.upper()) for path, methods in document["paths"].items() for method in methods}
    assert paths == {(operation.path, operation.method) for operation in OPERATIONS}
    references = set(re.findall(r'"#/components/schemas/(\w+)"', json.dumps(document)))
    assert references == document["components"]["schemas"].keys()


def test_the_document_gives_a_body_to_each_answer_but_204(client: TestClient) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    for operation in OPERATIONS:
        answers = paths[operation.path][operation.method.lower()]["responses"]
        assert [status for status, one in answers.items() if "content" not in one] == ["204"] * (
            operation.status == 204
        )
        assert ("200" in answers) == (operation.answer is not None)


def test_the_document_says_whether_requests_need_a_token(connect: Connect) -> None:
    token = f"{OTHER} {UUID(int=1)} {UUID(int=2)}"
    assert connect(token).get("/openapi.json").json()["security"] == [{"token": []}]
    assert "security" not in connect().get("/openapi.json").json()


def test_the_page_that_describes_it_needs_no_network(client: TestClient) -> None:
    page = client.get("/docs").text
    assert "//" not in re.sub(r"<!--.*?-->", "", page).replace(HOST, "")
    for address in re.findall(r'(?:src|href)="([^"]+)"', page):
        assert client.get(address).status_code == 200
