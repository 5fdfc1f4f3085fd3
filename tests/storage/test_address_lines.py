"""Address lines by contract rules E1–E8."""

import json
from collections.abc import Iterator

import pytest

from storage.database import Database, open_database
from transforms.addresses import PARTS


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    with open_database(tmp_path_factory.mktemp("lines") / "onecard.duckdb") as database:
        yield database


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        (
            {
                "house_num": "165",
                "name": "Davis",
                "suftype": "Street",
                "city": "Novato",
                "state": "CA",
                "postcode": "94010",
            },
            ("165 Davis Street", "Novato CA 94010", "165 Davis Street, Novato CA 94010"),
        ),
        (
            {
                "name": "Street",
                "extra": "Office",
                "city": "Dallas",
                "state": "Texas",
                "country": "US",
                "postcode": "72890",
            },
            ("Street", "Dallas Texas 72890", "Street, Dallas Texas 72890"),
        ),
        ({"name": "50 Park", "city": "Union", "state": "33333"}, ("50 Park", "Union 33333", "50 Park, Union 33333")),
        (
            {"house_num": "12", "name": "Oak", "suftype": "Rd", "unit": "Suite 850"},
            ("12 Oak Rd Suite 850", None, "12 Oak Rd Suite 850"),
        ),
        ({"city": "Union"}, (None, "Union", "Union")),
        ({"country": "US"}, (None, None, None)),
    ],
)
def test_lines_are_made_as_the_documented_bodies_print_them(
    db: Database, parts: dict[str, str], expected: tuple[str | None, str | None, str | None]
) -> None:
    made = db.con.execute(
        "SELECT address_line1(a), address_line2(a), address_full(a) "
        "FROM (SELECT from_json($parts, $shape)::address AS a)",
        {"parts": json.dumps(parts), "shape": json.dumps(dict.fromkeys(PARTS, "VARCHAR"))},
    ).fetchall()
    assert made == [expected]
