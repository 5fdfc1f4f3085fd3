"""Keys of addresses by contract rule E1."""

from transforms.addresses import KEYS


def test_keys_are_in_the_order_of_the_documented_bodies() -> None:
    printed = ["city", "full", "name", "type", "extra", "line1", "line2", "state", "country", "postcode"]
    assert [key for key in KEYS if key in printed] == printed
    printed = ["city", "full", "name", "type", "line1", "line2", "state", "suftype", "postcode", "house_num"]
    assert [key for key in KEYS if key in printed] == printed
