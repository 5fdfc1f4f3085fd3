"""The JSON of addresses, of one contact and of many."""

import json

import polars as pl
import pytest

from api_export.shapes import FEW, with_address_json
from transforms.addresses import KEYS, PARTS

MAIN = {"house_num": "12", "name": "Main St", "unit": "4", "city": "Bonn", "postcode": "1"}
QUOTED = {"name": '"city":null,', "country": "DE"}
LISTS = ([MAIN], None, [QUOTED, MAIN], [{"city": "Ulm"}], [MAIN, MAIN, QUOTED])
SHOWN = {
    "Main St": {"type": "stdaddr", "line1": "12 Main St 4", "line2": "Bonn 1", "full": "12 Main St 4, Bonn 1"} | MAIN,
    '"city":null,': {"type": "stdaddr", "line1": '"city":null,', "full": '"city":null,'} | QUOTED,
    None: {"type": "stdaddr", "line2": "Ulm", "full": "Ulm", "city": "Ulm"},
}


@pytest.mark.parametrize("times", [0, 1, FEW])
@pytest.mark.parametrize("lists", [LISTS, LISTS[:1], LISTS[1:2], LISTS[3:]])
def test_addresses_are_shown_with_what_they_have(lists: tuple[list[dict[str, str]] | None, ...], times: int) -> None:
    kind = pl.List(pl.Struct(dict.fromkeys(PARTS, pl.String)))
    rows = pl.DataFrame(
        {"id": [*range(len(lists) * times)], "address": [*lists] * times}, schema_overrides={"address": kind}
    )
    shown = with_address_json(rows, "address")
    assert shown["id"].equals(rows["id"])
    for text, addresses in zip(shown["address"], [*lists] * times, strict=True):
        if addresses is None:
            assert text is None
            continue
        objects = json.loads(f"[{text}]")
        assert objects == [SHOWN[address.get("name")] for address in addresses]
        assert all([*one] == [key for key in KEYS if key in one] for one in objects)
