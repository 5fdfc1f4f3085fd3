"""Whatever is asked of the server, its answer is one of those the OpenAPI document names: schemathesis, all its checks.

A few requests for each operation here, the same every time; `make fuzz` sends thousands (FUZZ_EXAMPLES says how many
for each operation and mode).
"""

import os
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from documented import add_documented_contacts
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.config import SchemathesisConfig

from api_export.access import Access
from api_export.http import Served, make_app
from api_export.operations.catalogue import OPERATIONS, Operation
from flows.web import running_jobs
from storage.database import open_database
from storage.sharing import shared_database

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "2"))
# A body may fit its schema and still not be possible (a text where a date belongs, an unknown definition): 422 says so.
POSSIBLE = ["2xx", "404", "409", "422"]
CONFIG = SchemathesisConfig.from_dict({"checks": {"positive_data_acceptance": {"expected-statuses": POSSIBLE}}})


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

    @settings(max_examples=EXAMPLES, derandomize=True, suppress_health_check=[*HealthCheck])
    @given(case=cases)
    def every(case: schemathesis.Case) -> None:
        case.call_and_validate(headers={"Host": "127.0.0.1"})

    every()
