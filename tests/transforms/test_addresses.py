"""Address lines by contract rules E1–E8."""

import polars as pl
import pytest

from transforms.addresses import KEYS, PARTS, full, line1, line2


def lines(**parts: str | None) -> tuple[str | None, str | None, str | None]:
    frame = pl.DataFrame({"address": [dict.fromkeys(PARTS) | parts]}, schema={"address": SHAPE})
    address = pl.col("address")
    return frame.select(line1(address).alias("1"), line2(address).alias("2"), full(address).alias("3")).row(0)


SHAPE = pl.Struct(dict.fromkeys(PARTS, pl.String))


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
        ({"name": "50 Park", "city": "Union", "postcode": ""}, ("50 Park", "Union", "50 Park, Union")),
        (
            {"house_num": "12", "name": "Oak", "suftype": "Rd", "unit": "Suite 850"},
            ("12 Oak Rd Suite 850", None, "12 Oak Rd Suite 850"),
        ),
        ({"city": "Union"}, (None, "Union", "Union")),
        ({"country": "US"}, (None, None, None)),
    ],
)
def test_lines_are_made_as_the_documented_bodies_print_them(
    parts: dict[str, str | None], expected: tuple[str | None, str | None, str | None]
) -> None:
    assert lines(**parts) == expected


def test_keys_are_in_the_order_of_the_documented_bodies() -> None:
    printed = ["city", "full", "name", "type", "extra", "line1", "line2", "state", "country", "postcode"]
    assert [key for key in KEYS if key in printed] == printed
    printed = ["city", "full", "name", "type", "line1", "line2", "state", "suftype", "postcode", "house_num"]
    assert [key for key in KEYS if key in printed] == printed
