"""Whatever is asked of the server, its answer is one of those the OpenAPI document names: schemathesis, all its checks.

A few requests for each operation here, the same every time; `make fuzz` sends thousands (FUZZ_EXAMPLES says how many
for each operation and mode). Those asked rightly name what there is, so that every operation gives its answer too.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any

import pytest
import schemathesis
from documented import add_documented_contacts
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.config import SchemathesisConfig
from starlette.testclient import TestClient

from api_export.access import Access
from api_export.http import Served, make_app
from api_export.operations.catalogue import OPERATIONS, Operation
from flows.web import running_jobs
from storage.database import open_database
from storage.sharing import shared_database

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "2"))
# A body may fit its schema and still not be possible (a second first name, a value no filter takes): 422 says so.
POSSIBLE = ["2xx", "404", "409", "422"]
CONFIG = SchemathesisConfig.from_dict({"checks": {"positive_data_acceptance": {"expected-statuses": POSSIBLE}}})
HEADERS = {"Host": "127.0.0.1"}
ATTRIBUTES: list[dict[str, Any]] = [
    {"attribute_type": "note", "text": "met in Oslo"},
    {"attribute_type": "tag", "text": "Generated"},
    {"attribute_type": "email", "text": "ada@example.org"},
    {"attribute_type": "phone_number", "text": "415-555-0123"},
    {"attribute_type": "birthday", "date": 1_000_000},
    {"attribute_type": "address", "address": {"city": "Rome"}},
]
NUMBERS = count()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The application as schemathesis sees it, on a database with the documented contacts."""
    path = tmp_path_factory.mktemp("served") / "onecard.duckdb"
    with open_database(path) as db:
        add_documented_contacts(db)
    told: list[str] = []
    with shared_database(path) as shared, running_jobs(shared, told=told.append) as wake:
        app = make_app(Served(shared, Access({}), written=wake, told=told.append), version="1")
        yield schemathesis.openapi.from_asgi("/openapi.json", app, config=CONFIG)
    assert [line for line in told if not line.endswith(" ms") or " 500 " in line] == []


@dataclass(frozen=True)
class Real:
    """What there is to be named: a contact, others to merge into it, its attributes, a tag, a definition, a file."""

    contact: str
    others: list[str]
    attributes: list[str]
    tag: str
    definition: str
    file: str


def _made(client: TestClient) -> Real:
    """Make them anew, for most operations leave less of them."""
    tag = f"made {next(NUMBERS)}"
    attributes = [{"attribute_type": "first_name", "text": tag}, {"attribute_type": "tag", "text": tag}]
    query = {"get": "true", "associations": "contact.attributes"}
    sent = {"contacts": [{"attributes": attributes}] * 3}
    first, *others = client.post("/contacts", params=query, json=sent).json()["data"]
    return Real(
        first["id"],
        [other["id"] for other in others],
        [attribute["id"] for attribute in first["attributes"]],
        tag,
        client.post("/contacts/attribute_defs", json={"name": tag, "data_type": "text"}).json()["data"]["id"],
        client.post("/contacts/upload", files={"file": ("c.csv", b"Name\nAda\n")}).json()["data"]["id"],
    )


@st.composite
def _naming(draw: Callable[[Any], Any], cases: Any, operation: Operation, real: Real) -> schemathesis.Case:
    """Let a case name what there is, in its path and all over its body."""
    case = draw(cases)
    is_definition = operation.path.endswith("/attribute_defs/{id}")
    there = {
        "id": real.definition if is_definition else real.contact,
        "attribute_id": real.attributes[0],
        "tag": real.tag,
    }
    if "{" in operation.path:
        case.path_parameters = {name: there[name] for name in case.path_parameters}
    if operation.body and isinstance(case.body, Mapping):
        named = {
            "ids": real.attributes if operation.path.endswith("/attributes") else real.others,
            "parent": real.contact,
            "sub_contacts": real.others,
            "file_id": real.file,
            "mappings": {"Name": {"attribute_type": "first_name"}},
        }
        case.body = _renamed(draw, case.body, named, real)
        if operation.name == "update_an_attribute":
            case.body = {"text": draw(st.text("abc", min_size=1))}
    return case


def _renamed(draw: Callable[[Any], Any], body: Mapping[str, Any], named: Mapping[str, Any], real: Real) -> Any:
    """Replace what a body names by what there is; its attributes and conditions become possible ones."""
    new = dict(body) | {key: named[key] for key in body.keys() & named.keys()}
    for key in new.keys() & {"filter", "filters"}:
        new[key] = [{"attribute_type": "tag", "value": real.tag} for _ in body[key]]
    if "attributes" in body:
        new["attributes"] = [
            {**{key: sent[key] for key in sent.keys() & {"label", "is_primary", "is_partner", "index"}}, **fitting}
            for sent in [*body["attributes"][:3], {}]
            for fitting in [draw(st.sampled_from(ATTRIBUTES))]
        ]
    if "contacts" in body:
        new["contacts"] = [_renamed(draw, contact, named, real) for contact in body["contacts"][:1]]
    if "clusters" in body:
        new["clusters"] = [_renamed(draw, cluster, named, real) for cluster in body["clusters"][:1]]
    if "id" in body:
        new["id"] = real.contact
    return new


def _ways() -> list[Any]:
    """Every operation, asked rightly and wrongly; one that takes nothing, or a tag, cannot be asked wrongly."""
    return [
        pytest.param(operation, mode, id=f"{operation.name}-{mode.value}")
        for operation in OPERATIONS
        for mode in GenerationMode
        if mode is GenerationMode.POSITIVE
        or "id}" in operation.path
        or operation.query.model_fields
        or operation.body
        or operation.takes_upload
    ]


@pytest.mark.parametrize(("operation", "mode"), _ways())
def test_every_answer_is_a_documented_one(served: Any, operation: Operation, mode: GenerationMode) -> None:
    cases = served[operation.path][operation.method].as_strategy(generation_mode=mode)
    if mode is GenerationMode.POSITIVE:
        cases = _naming(cases, operation, _made(TestClient(served.app, base_url="http://127.0.0.1")))
    statuses = set()

    @settings(max_examples=EXAMPLES, derandomize=True, suppress_health_check=[*HealthCheck])
    @given(case=cases)
    def every(case: schemathesis.Case) -> None:
        statuses.add(case.call_and_validate(headers=HEADERS).status_code)

    every()
    assert mode is GenerationMode.NEGATIVE or statuses & {200, 204}
