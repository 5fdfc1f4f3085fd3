"""Every row of the document's field tables is in the OpenAPI document, with what the row says of it."""

import csv
from pathlib import Path
from typing import Any

import pytest

from api_export.openapi import openapi

with (Path(__file__).parent / "documented_fields.csv").open(encoding="utf-8", newline="") as file:
    ROWS = [*csv.DictReader(file)]


@pytest.fixture(scope="module")
def schemas() -> dict[str, Any]:
    return openapi("1", with_tokens=False)["components"]["schemas"]


def _named(rows: str) -> Any:
    named = [row for row in ROWS if row["table"] == rows]
    return pytest.mark.parametrize("row", named, ids=lambda row: row["field"])


@pytest.mark.parametrize(
    "row", [row for row in ROWS if row["table"][0].isupper()], ids=lambda row: f"{row['table']}.{row['field']}"
)
def test_a_documented_field_is_described(row: dict[str, str], schemas: dict[str, Any]) -> None:
    field = schemas[row["table"]]["properties"][row["field"]]
    assert row["description"] in field.get("description", "")
    if row["association"]:
        assert field["description"].endswith(f"association: {row['association']}")


@_named("attribute_type")
def test_a_documented_attribute_type_is_described(row: dict[str, str], schemas: dict[str, Any]) -> None:
    choices = schemas["ContactAttribute"]["properties"]["attribute_type"]["anyOf"]
    (found,) = [choice["description"] for choice in choices if choice.get("const") == row["field"]]
    assert found.startswith(row["type"])
    assert row["description"] in found


@_named("source_type")
def test_a_documented_kind_of_source_is_named(row: dict[str, str], schemas: dict[str, Any]) -> None:
    choices = schemas["ContactAttribute"]["properties"]["attribute_type"]["anyOf"]
    (found,) = [choice["description"] for choice in choices if choice.get("const") == "source_type"]
    assert row["field"] in found


def test_a_printed_key_that_another_stands_for_is_described(schemas: dict[str, Any]) -> None:
    for body in ("FilterBody", "BulkBody"):
        assert schemas[body]["properties"]["filter"]["items"] == {"$ref": "#/components/schemas/FilterItem"}


def test_the_rows_are_those_of_the_document() -> None:
    counts = {table: len([row for row in ROWS if row["table"] == table]) for table in {row["table"] for row in ROWS}}
    expected = {"Contact": 16, "ContactAttribute": 13, "AttributeDef": 18, "attribute_type": 33, "source_type": 6}
    assert counts == expected
