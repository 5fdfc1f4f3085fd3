"""What tests that ask over HTTP share: where, with which tokens, and the one shape of what is refused."""

from collections.abc import Callable
from typing import Any

from starlette.testclient import TestClient

from api_export.models import Error

Connect = Callable[..., TestClient]

HOST = "http://127.0.0.1:8000"
TOKEN, OTHER = "t" * 40, "o" * 40


def refused(answer: Any, status: int) -> Error:
    """The one shape of what is refused."""
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/json")
    return Error.model_validate_json(answer.content)
