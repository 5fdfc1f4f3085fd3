"""Every printed body is accepted by the models and comes out again as it was, key by key and in order."""

import json
from typing import Any

import pytest
from documented import example
from pydantic import ValidationError

from api_export.models import (
    AttributeDef,
    Contact,
    ContactAttribute,
    DuplicateCluster,
    Envelope,
    File,
    Job,
    Tag,
)

BODIES: list[tuple[str, Any]] = [
    ("01", list[Contact]),
    ("02", list[Contact]),
    ("05", list[Contact]),
    ("06", list[Contact]),
    ("07", list[Contact]),
    ("08", list[Contact]),
    ("09", Contact),
    ("10", Contact),
    ("11", Contact),
    ("12", File),
    ("13", Job),
    ("17", list[ContactAttribute]),
    ("18", ContactAttribute),
    ("19", Contact),
    ("20", list[Contact]),
    ("22", DuplicateCluster),
    ("23", list[DuplicateCluster]),
    ("24", Contact),
    ("25", Job),
    ("26", list[Tag]),
    ("30", Contact),
    ("31", list[AttributeDef]),
    ("32", AttributeDef),
]


@pytest.mark.parametrize(("number", "data"), BODIES)
def test_a_printed_body_survives_its_model(number: str, data: Any) -> None:
    printed = example(number)
    answer = Envelope[data].model_validate_json(json.dumps(printed))
    assert answer.model_dump_json(exclude_unset=True, by_alias=True) == _compact(printed)


@pytest.mark.parametrize("key", sorted(example("01")["data"][0]))
def test_a_contact_without_one_of_the_46_keys_is_refused(key: str) -> None:
    body = example("01")["data"][0]
    del body[key]
    with pytest.raises(ValidationError):
        Contact.model_validate_json(json.dumps(body))


@pytest.mark.parametrize(
    ("key", "value"),
    [("emails", []), ("tags", []), ("birthday", 950400), ("touch_freq", "7"), ("parked", "false"), ("number", 1)],
)
def test_a_contact_with_an_undocumented_value_is_refused(key: str, value: Any) -> None:
    body = example("01")["data"][0] | {key: value}
    with pytest.raises(ValidationError):
        Contact.model_validate_json(json.dumps(body))


def _compact(body: Any) -> str:
    return json.dumps(body, separators=(",", ":"), ensure_ascii=False)
