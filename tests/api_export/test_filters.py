"""Each documented way to choose contacts finds those it should; what is no filter is refused with the nearest name."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from cards import contact_id

from api_export.filters import read_filter, read_filter_file
from storage.database import Database
from storage.errors import UsageError
from storage.indexing import refresh_index

TAG = "5b3c994e-7569-4df8-b8db-f37421a684f7"


def item(**fields: Any) -> dict[str, Any]:
    return {"filter": [fields]}


FILTERS: list[tuple[Any, list[int]]] = [
    ({}, [1, 2, 3, 4]),
    (item(attribute_type="tag", value="New"), [1, 2]),
    (item(attribute_def=TAG, value="NEW "), [1, 2]),
    ([{"attribute_def": TAG, "attribute_type": "tag", "value": "friend"}], [1]),
    (item(attribute_type="tag", value="New", invert=True), [3, 4]),
    (item(attribute_type="tag"), [1, 2]),
    (item(attribute_type="tag", invert=True), [3, 4]),
    (item(attribute_type="tag", operator="any", value=["friend", "new"]), [1, 2]),
    (item(attribute_type="tag", operator="all", value=["friend", "new"]), [1]),
    (item(attribute_type="tag", operator="all", value=["friend", "new"], invert=True), [2, 3, 4]),
    ({"filters": [{"attribute_type": "tag", "value": "new"}, {"attribute_type": "company"}]}, []),
    (
        {"filters": [{"attribute_type": "tag", "value": "new"}, {"attribute_type": "company"}], "filter_type": "or"},
        [1, 2, 3],
    ),
    (item(attribute_type="company", value='Acme, Inc. "East"'), [3]),
    (item(attribute_type="company", value='acme, inc. "east"'), []),
    (item(attribute_type="email", value="ADA@example.com"), [1]),
    (item(attribute_type="email", value="anna@example.com"), []),
    (item(attribute_type="phone_number", value="+14155550123"), [1]),
    (item(attribute_type="phone_number", value="+1 415 555 0123"), [1]),
    (item(attribute_type="address", value="austin"), [1]),
    (item(attribute_type="shoe_size", operator="between", value=[38, 39]), [1]),
    (item(attribute_type="shoe_size", operator="gte", value=39), []),
    (item(attribute_type="shoe_size", value="38.5"), [1]),
    (item(attribute_type="birthday", operator="lte", value="1930-01-01"), [1]),
    (item(attribute_type="birthday", value=-4_868_294_400 + 86_400 * 40_000 + 3_600), [1]),
    (item(attribute_type="last_name", operator="gte", value="M"), [2]),
    (item(attribute_type="tag", operator="gte", value="NEWER"), []),
    (item(attribute_type="tag", operator="lte", value=" Friend "), [1]),
    (item(attribute_type="email", operator="between", value=["ADA@A", "ADA@G"]), [1]),
    ({"q": "ada"}, [1]),
    ({"q": "zoe aberg"}, [2]),
    ({"q": "ada zoe"}, []),
    ({"q": "ada", "query": "london"}, [1]),
    ({"q": "4155550123"}, [1]),
    ({"q": "anna"}, [4]),
    ({"q": "gone"}, []),
    ({"q": "Austin"}, []),
    ({"q": "%"}, []),
    ({"alphabet": "a"}, [2, 3]),
    ({"alphabet": "L"}, [1]),
    ({"ids": f"{contact_id(1)},{contact_id(5)}"}, [1]),
    ({"ids": []}, []),
    ({"excludes": [contact_id(1), contact_id(2)]}, [3, 4]),
    ({"users": "00000000-0000-0000-0000-000000000000"}, []),
    ({"created_gte": 1_700_000_002, "created_lte": 1_700_000_003.0}, [2, 3]),
    ({"updated_lte": "1700000001"}, [1]),
    ({"last_touch_lte": 1_700_000_500.123}, [1]),
    ({"last_touch_gte": 1_700_000_500.124}, []),
    ({"next_touch_gte": 0}, [1, 2]),
]


@pytest.mark.parametrize(("document", "numbers"), FILTERS)
def test_a_filter_finds_the_contacts_it_names(
    db: Database, body: Callable[..., Any], document: Any, numbers: list[int]
) -> None:
    answer = body(db, filter=read_filter(document))
    assert [contact["id"] for contact in answer["data"]] == [contact_id(number) for number in numbers]
    assert answer["info"] == {"count": len(numbers), "total": len(numbers)}


def test_users_and_creators_are_found_by_id(db: Database, body: Callable[..., Any]) -> None:
    assert body(db, filter=read_filter({"users": str(db.user)}))["info"]["count"] == 4
    db.con.execute("UPDATE contacts SET created_by = user_id, updated_by = user_id WHERE id = ?", [contact_id(2)])
    refresh_index(db.con, pl.DataFrame({"contact": [contact_id(2)]}))
    for name in ("created_by", "updated_by"):
        assert body(db, filter=read_filter({name: [str(db.user)]}))["info"]["count"] == 1


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ("x", "a filter is a JSON object"),
        ({"fliter": []}, '"fliter" is not part of a filter. Did you mean "filter"?'),
        (item(atribute_type="tag"), '"filter.0.atribute_type" is not part of a filter. Did you mean "attribute_type"?'),
        (item(value="x"), "filter.0: a filter names an attribute_type or an attribute_def"),
        (item(attribute_type="tags", value="x"), '"tags" is not an attribute type. Did you mean "tag"?'),
        (item(attribute_def=contact_id(1)), "there is no attribute definition"),
        (item(attribute_def=TAG, attribute_type="email"), "are different definitions"),
        (item(attribute_type="tag", operator="like", value="x"), '"filter.0.operator"'),
        (item(attribute_type="tag", value=[]), '"filter.0.value": it is an empty list'),
        (item(attribute_type="tag", value=[["x"]]), '"filter.0.value": it is a text, a number'),
        (item(attribute_type="birthday", operator="between", value=[1]), "between takes a list of two values"),
        (item(attribute_type="birthday", operator="gte"), "gte takes one value"),
        (item(attribute_type="birthday", value="May"), "a date is a number. Dates are unix seconds or YYYY-MM-DD."),
        (item(attribute_type="birthday", value="2000-13-40"), "a date is a number"),
        (item(attribute_type="birthday", value=10**400), "a date is a number"),
        (item(attribute_type="birthday", value=[0, True], operator="any"), "a date is a number"),
        (item(attribute_type="shoe_size", value="nan"), "a number is a number"),
        (item(attribute_type="shoe_size", value="-inf", operator="gte"), "a number is a number"),
        (item(attribute_type="shoe_size", value=float("inf")), "a number is a number"),
        (item(attribute_type="shoe_size", value="1_0"), "a number is a number"),
        (item(attribute_type="address", operator="gte", value="x"), "addresses have no order"),
        ({"ids": "1,2"}, '"ids.0"'),
        ({"created_gte": 1e300}, '"created_gte"'),
        ({"lists": ["x"]}, '"lists.0"'),
        ({"filter": [], "filters": []}, '"filter'),
    ],
)
def test_what_is_no_filter_is_refused_naming_the_field(
    db: Database, body: Callable[..., Any], document: Any, message: str
) -> None:
    with pytest.raises(UsageError) as refused:
        body(db, filter=read_filter(document))
    assert message in str(refused.value)


def test_a_filter_file_is_read_or_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "hot.json"
    with pytest.raises(UsageError, match="cannot be read"):
        read_filter_file(path)
    path.write_text("{")
    with pytest.raises(UsageError, match="is not JSON"):
        read_filter_file(path)
    path.write_text(json.dumps(item(attribute_type="tag", value="Hot")))
    assert read_filter_file(path).filters[0].value == "Hot"


def test_values_never_become_sql(db: Database, body: Callable[..., Any]) -> None:
    evil = "'; DROP TABLE contacts; --"
    for document in (item(attribute_type="tag", value=evil), {"q": evil}, {"alphabet": evil}):
        assert body(db, filter=read_filter(document))["data"] == []
    assert body(db)["info"]["total"] == 4
