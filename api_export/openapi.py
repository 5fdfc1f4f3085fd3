"""The OpenAPI document, read off the catalogue.

Its parameters, bodies and answers are the models that `answering` holds requests to and tests hold answers to.
"""

import re
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from api_export.models import Envelope, Error
from api_export.operations.catalogue import OPERATIONS, Operation

__all__ = ["openapi"]

Json = dict[str, Any]
REFERENCE = "#/components/schemas/{model}"
DESCRIPTION = """
Contacts with their attributes, tags and duplicates. A list comes as `{"code": "OK", "data": [...], "info": {"count",
"total"}}`, an object without `info`; what is refused as `{"code", "message", "path"}`. A list in a parameter is sent
with commas, or as the parameter several times.
"""
REFUSED = {
    400: "The body is not JSON.",
    401: "No token, or a wrong one.",
    403: "Without tokens: the request is for another host, or from a web page of elsewhere.",
    404: "There is no such object.",
    408: "The body or the file did not come in time.",
    409: "Not possible as things stand.",
    413: "The body or the file is too large.",
    415: "The body is of another kind.",
    422: "A parameter or a field of the body is not what it should be; `path` says which.",
    503: "The database is in use for longer than 30 seconds, or cannot be used.",
}
PATH_VALUES: Mapping[str, Json] = {
    "id": {"type": "string", "format": "uuid"},
    "attribute_id": {"type": "string", "format": "uuid"},
    "tag": {"type": "string", "minLength": 1},
}
FILE = {"type": "object", "properties": {"file": {"type": "string", "format": "binary"}}, "required": ["file"]}


def openapi(version: str, *, with_tokens: bool) -> Json:
    """Return the document; `with_tokens` says whether requests need one."""
    shapes, components = _schemas()
    paths: dict[str, Json] = {}
    for operation in OPERATIONS:
        parameters = _query_parameters(components[operation.query.__name__])
        described = _operation(operation, shapes, parameters, with_tokens=with_tokens)
        paths.setdefault(operation.path, {})[operation.method.lower()] = described
    for operation in OPERATIONS:
        components.pop(operation.query.__name__, None)
    secured: Json = {"security": [{"token": []}]} if with_tokens else {}
    schemes = {"token": {"type": "http", "scheme": "bearer"}} if with_tokens else {}
    return {
        "openapi": "3.1.0",
        "info": {"title": "onecard", "version": version, "description": DESCRIPTION.strip()},
        "paths": paths,
        "components": {"schemas": components, "securitySchemes": schemes},
        **secured,
    }


def _schemas() -> tuple[dict[Any, Json], Json]:
    """Return how to refer to each model, and the components: every model of a request, an answer or a refusal."""
    taken = [(model, "validation") for operation in OPERATIONS for model in (operation.query, operation.body) if model]
    given = [(_envelope(operation), "serialization") for operation in OPERATIONS if operation.answer is not None]
    wanted: Any = dict.fromkeys([*taken, *given, (Error, "serialization")])
    shapes, top = models_json_schema([*wanted], ref_template=REFERENCE)
    return {model: shape for (model, _), shape in shapes.items()}, top["$defs"]


def _envelope(operation: Operation) -> type[BaseModel]:
    return Envelope[operation.answer]  # type: ignore[name-defined]


def _operation(operation: Operation, shapes: Mapping[Any, Json], parameters: list[Json], *, with_tokens: bool) -> Json:
    described: Json = {
        "operationId": operation.name,
        "summary": operation.summary,
        "tags": [_noun(operation.path)],
        "parameters": [*_path_parameters(operation), *parameters],
        "responses": {
            **_answers(operation, shapes),
            **_refusals(operation, shapes, with_tokens=with_tokens),
        },
    }
    if operation.takes_upload:
        described["requestBody"] = {"required": True, "content": {"multipart/form-data": {"schema": FILE}}}
    elif operation.body is not None:
        content = {"application/json": {"schema": shapes[operation.body]}}
        described["requestBody"] = {"required": not operation.is_body_optional, "content": content}
    return described


def _noun(path: str) -> str:
    found = re.search(r"tags|attribute_defs|attributes|duplicates|merge|import|upload", path)
    return found.group() if found else "contacts"


def _path_parameters(operation: Operation) -> list[Json]:
    names = re.findall(r"{(\w+)}", operation.path)
    return [{"name": name, "in": "path", "required": True, "schema": PATH_VALUES[name]} for name in names]


def _query_parameters(shape: Json) -> list[Json]:
    """Return what a model says of each name; absent is how a parameter says null."""
    parameters = []
    for name, described in shape["properties"].items():
        left_out = ("description", "title", "anyOf", "uniqueItems")
        schema = {key: value for key, value in described.items() if key not in left_out}
        choices = [choice for choice in described.get("anyOf", ()) if choice != {"type": "null"}]
        if choices:
            schema |= choices[0] if len(choices) == 1 else {"anyOf": choices}
        if schema.get("default", ...) in (None, []):
            del schema["default"]
        parameter = {"name": name, "in": "query", "required": name in shape.get("required", ()), "schema": schema}
        if schema.get("type") == "array":
            schema["minItems"] = 1
            parameter |= {"style": "form", "explode": False}
        parameters.append(parameter | {"description": described.get("description", "")})
    return parameters


def _answers(operation: Operation, shapes: Mapping[Any, Json]) -> Json:
    """Return the answers by status: 204 never has a body, 200 always has."""
    done: Json = {"204": {"description": "Done."}} if operation.status == 204 else {}
    if operation.answer is None:
        return done
    content = {"application/json": {"schema": shapes[_envelope(operation)]}}
    return {"200": {"description": "The answer.", "content": content}, **done}


def _refusals(operation: Operation, shapes: Mapping[Any, Json], *, with_tokens: bool) -> Json:
    statuses = [401 if with_tokens else 403, 422, 503]
    statuses += [400, 408, 413, 415] if operation.body or operation.takes_upload else []
    statuses += [404] if "{" in operation.path or operation.is_write else []
    statuses += [409] if operation.is_write else []
    content = {"application/json": {"schema": shapes[Error]}}
    return {str(status): {"description": REFUSED[status], "content": content} for status in sorted(statuses)}
