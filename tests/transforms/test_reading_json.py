"""JSON files: flat objects become a table, the documented body comes apart, what is malformed is named by its path."""

import json
from pathlib import Path
from typing import Any

import pytest

from storage.errors import InputFileError
from storage.staging import Sheet
from transforms.addresses import PARTS
from transforms.reading import ContactBody, read_file


def read(tmp_path: Path, document: Any) -> Sheet | ContactBody:
    path = tmp_path / "leads.json"
    path.write_text(
        document if isinstance(document, str) else json.dumps(document, ensure_ascii=False), encoding="utf-8"
    )
    table = read_file(path, sheet=None, encoding=None, workdir=tmp_path)
    assert not hasattr(table, "delimiter")
    return table  # type: ignore[return-value]


TABLES = {
    "an array": '[{"a": "x", "b": 1}, {"b": 2, "c": true}]',
    "an object a line": '{"a": "x", "b": 1}\n\n{"b": 2, "c": true}\r\n',
}


@pytest.mark.parametrize("document", TABLES.values(), ids=TABLES)
def test_flat_objects_become_a_table_under_all_keys(tmp_path: Path, document: str) -> None:
    table = read(tmp_path, document)
    assert isinstance(table, Sheet)
    assert (table.kind, table.columns) == ("json", ("a", "b", "c"))
    assert table.frame.rows() == [("x", "1", None), (None, "2", "true")]
    assert table.faults.is_empty()


VALUES = [
    ("Zoë \"quoted\" \n", 'Zoë "quoted" \n'), (94010, "94010"), (4155551234.0, "4155551234"), (1.5, "1.5"),
    (True, "true"), (None, None), ("", ""), (["a", "b [c]", 3], "a ::: b [c] ::: 3"), ([], ""), ({"x": 1}, '{"x":1}'),
    ([{"x": 1}], '[{"x":1}]'), (12345678901234567890, "12345678901234567890"), ("null", "null"), ("[x", "[x"),
]  # fmt: skip


def test_values_become_text(tmp_path: Path) -> None:
    table = read(tmp_path, [{"v": value, "filled": "x"} for value, _ in VALUES])
    assert isinstance(table, Sheet)
    assert table.frame.get_column("v").to_list() == [text for _, text in VALUES]


def test_any_key_can_be_a_column(tmp_path: Path) -> None:
    keys = ["row", "", "a.b", "a/b", "~", 'say "hi"', "$", "a  b", "é", "0"]
    table = read(tmp_path, [dict.fromkeys(keys, "x")])
    assert isinstance(table, Sheet)
    assert table.columns == ("row", "column 2", "a.b", "a/b", "~", 'say "hi"', "$", "a b", "é", "0")
    assert table.frame.rows() == [("x",) * len(keys)]


def test_one_flat_object_is_one_row(tmp_path: Path) -> None:
    table = read(tmp_path, {"a": 1, "tags": ["x", "y"]})
    assert isinstance(table, Sheet)
    assert table.frame.rows() == [("1", "x ::: y")]


def test_what_is_no_object_is_a_fault_with_its_row(tmp_path: Path) -> None:
    array = read(tmp_path, '[{"a": 1}, 5, null, {"a": 2}]')
    assert isinstance(array, Sheet)
    assert array.frame.rows() == [("1",), ("2",)]
    assert [row for row, _, _ in array.faults.rows()] == [2, 3]
    lines = read(tmp_path, '{"a": 1}\n{"a": \n{"a": 2}\n')
    assert isinstance(lines, Sheet)
    assert lines.frame.rows() == [("1",), ("2",)]
    assert lines.faults.rows() == [(2, "the line is not valid JSON", '{"a":')]


@pytest.mark.parametrize("blank", ["{}", '{"a": null}', '{"a": " ", "b": []}', '{"a": ""}'])
def test_objects_without_a_value_are_blank_rows_and_do_not_count(tmp_path: Path, blank: str) -> None:
    for document in (f'[{blank}, {{"a": 1}}, {blank}, 5, {{"a": 2}}]', f'{{"a": 1}}\n{blank}\n{{"a": \n{{"a": 2}}\n'):
        table = read(tmp_path, document)
        assert isinstance(table, Sheet)
        assert table.frame["a"].to_list() == ["1", "2"]
        assert [row for row, _, _ in table.faults.rows()] == [2]


BAD = {
    "cut short": ('{"contacts": [\n  {"attributes": [', r"ends too early.*line 2, column"),
    "a missing comma": ('[{"a": 1}\n {"a": 2}]', r"not valid.*line 2, column 2"),
    "more after the end": ('[{"a": 1}] x', r"not valid.*line 1, column 12"),
    "half a character": ('[{"a": "\\ud800"}]', "half a character"),
    "a bottomless array": ("[" * 5_000, "nested deeper"),
    "a bottomless object": ('{"a":' * 5_000 + "1" + "}" * 5_000, "nested deeper"),
    "a bottomless line": ('{"a": ' + "[" * 5_000 + "]" * 5_000 + '}\n{"a": 1}', "nested deeper"),
    "no contacts": ('{"data": [{"a": 1}]}', "holds no contacts"),
    "an empty array": ("[]", "holds no contacts"),
    "an array of blank objects": ('[{}, {"a": null}]', "holds no contacts"),
    "an array of numbers": ("[1, 2]", "holds no contacts"),
    "an empty list of contacts": ('{"contacts": []}', "is empty"),
}


@pytest.mark.parametrize(("document", "words"), BAD.values(), ids=BAD)
def test_a_file_that_is_not_json_or_has_no_contacts_is_an_error(tmp_path: Path, document: str, words: str) -> None:
    with pytest.raises(InputFileError, match=words) as caught:
        read(tmp_path, document)
    assert "leads.json" in str(caught.value)
    assert caught.value.remedy


def body(tmp_path: Path, *contacts: Any) -> ContactBody:
    found = read(tmp_path, {"contacts": list(contacts)})
    assert isinstance(found, ContactBody)
    return found


def test_the_documented_body_comes_apart(tmp_path: Path) -> None:
    address = {"house_num": "165", "name": "Davis", "city": "Hillsborough", "postcode": 94010}
    first = {
        "user": "80a227b2-29a0-11e7-b636-e4a7a08e15d4",
        "ios_address_book_id": "177C",
        "attributes": [
            {"text": "Kate", "attribute_def": "36fd9fd2"},
            {"date": 253497600, "attribute_type": "birthday", "label": "Home", "index": 2, "is_partner": True},
            {"address": address, "attribute_type": "address", "is_primary": True, "index": 0},
        ],
    }
    second = {"attributes": [{"number": 2.5, "attribute_type": "children"}], "android_address_book_id": " "}
    found = body(tmp_path, first, second)
    assert found.contacts.drop("body").rows() == [
        (1, "80a227b2-29a0-11e7-b636-e4a7a08e15d4", "177C", None),
        (2, None, None, None),
    ]
    assert json.loads(found.contacts.get_column("body")[0]) == first
    attributes = found.attributes.to_dicts()
    assert [(one["row"], one["position"]) for one in attributes] == [(1, 1), (1, 2), (1, 3), (2, 1)]
    assert attributes[0]["text"] == "Kate"
    assert attributes[1] == {
        "row": 1, "position": 2, "attribute_def": None, "attribute_type": "birthday", "label": "Home", "text": None,
        "number": None, "date": 253497600, "index": 2, "is_primary": False, "is_partner": True, "address": None,
    }  # fmt: skip
    assert {name: part for name, part in attributes[2]["address"].items() if part} == address | {"postcode": "94010"}
    assert set(attributes[2]["address"]) == set(PARTS)
    assert attributes[3]["number"] == 2.5
    assert found.rejects.is_empty()


MALFORMED = {
    "a number": (5, "contacts[0] is not an object"),
    "null": (None, "contacts[0] is not an object"),
    "no attributes": ({"user": "x"}, "contacts[0] has no attributes"),
    "attributes of another kind": ({"attributes": {}}, "contacts[0].attributes is not a list"),
    "a user that is a number": ({"attributes": [], "user": 5}, "contacts[0].user is not text"),
}


@pytest.mark.parametrize(("contact", "reason"), MALFORMED.values(), ids=MALFORMED)
def test_a_malformed_contact_is_rejected_whole_and_the_rest_lives(tmp_path: Path, contact: Any, reason: str) -> None:
    found = body(tmp_path, contact, {"attributes": [{"text": "Kate", "attribute_type": "first_name"}]})
    assert found.contacts.get_column("row").to_list() == [2]
    assert found.attributes.get_column("row").to_list() == [2]
    (reject,) = found.rejects.to_dicts()
    assert (reject["row"], reject["reason"], reject["whole_row"]) == (1, reason, True)
    assert json.loads(reject["original"]) == contact


FIELDS = {
    "not an object": (3, "attributes[1]", "it is not an object"),
    "text": ({"text": ["x"]}, "attributes[1].text", "it is not text"),
    "a type": ({"attribute_type": 4}, "attributes[1].attribute_type", "it is not text"),
    "a number": ({"number": "x"}, "attributes[1].number", "it is not a number"),
    "a date": ({"date": "soon"}, "attributes[1].date", "it is not a date"),
    "an index": ({"index": [1]}, "attributes[1].index", "it is not a number"),
    "a flag": ({"is_primary": "yes"}, "attributes[1].is_primary", "it is not true or false"),
    "an address": ({"address": "Main St"}, "attributes[1].address", "it is not an object"),
}


@pytest.mark.parametrize(("attribute", "path", "reason"), FIELDS.values(), ids=FIELDS)
def test_a_malformed_attribute_is_rejected_alone(tmp_path: Path, attribute: Any, path: str, reason: str) -> None:
    found = body(tmp_path, {"attributes": [{"text": "Kate"}, attribute, {"text": "Bell"}]})
    assert found.attributes.get_column("position").to_list() == [1, 3]
    (reject,) = found.rejects.to_dicts()
    assert (reject["row"], reject["column_name"], reject["reason"]) == (1, path, reason)
    assert json.loads(reject["value"]) == attribute
    assert not reject["whole_row"]


def test_an_unknown_or_malformed_part_of_an_address_is_rejected_alone(tmp_path: Path) -> None:
    found = body(tmp_path, {"attributes": [{"address": {"city": "A", "zip": "1", "state": ["x"], "unit": None}}]})
    assert found.attributes.get_column("address").to_list()[0]["city"] == "A"
    rejects = {(one["column_name"], one["value"]) for one in found.rejects.to_dicts()}
    assert rejects == {("attributes[0].address.zip", "1"), ("attributes[0].address.state", '["x"]')}


DATES = [
    (253497600, 253497600),
    (1.7, 1),
    (-1.5, -2),
    ("2018-01-02", 1514851200),
    ("253497600", 253497600),
    (None, None),
]


def test_dates_are_seconds_or_iso_dates(tmp_path: Path) -> None:
    found = body(tmp_path, {"attributes": [{"date": date} for date, _ in DATES]})
    assert found.attributes.get_column("date").to_list() == [seconds for _, seconds in DATES]
    assert found.rejects.is_empty()
