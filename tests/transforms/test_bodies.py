"""Documented contact bodies cut into values: older types of address parts, and text nobody can keep."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from storage.errors import UsageError
from transforms.addresses import LEGACY_TYPES
from transforms.binding import Definition
from transforms.bodies import UNKNOWN_DEFINITION, cut_bodies
from transforms.dates import OUT_OF_RANGE
from transforms.pieces import Pieces
from transforms.reading import ContactBody, read_file
from transforms.sent import sent_attributes
from transforms.texts import HAS_NUL

DEFINITIONS = [
    Definition(id=f"00000000-0000-4000-8000-00000000000{number}", name=name, data_type=kind, singular=False)
    for number, (name, kind) in enumerate(
        [("address", "address"), ("nickname", "text"), ("email", "text"), ("phone_number", "text")]
    )
]
Cut = Callable[..., tuple[Pieces, pl.DataFrame]]


@pytest.fixture
def cut(tmp_path: Path) -> Cut:
    """Cut one contact's attributes."""

    def cut(*attributes: dict[str, Any], definitions: list[Definition] = DEFINITIONS) -> tuple[Pieces, pl.DataFrame]:
        path = tmp_path / "body.json"
        path.write_text(json.dumps({"contacts": [{"attributes": attributes}]}))
        body = read_file(path, sheet=None, encoding=None, workdir=tmp_path)
        assert isinstance(body, ContactBody)
        return cut_bodies(body.attributes, definitions, region="US")

    return cut


def addresses(pieces: Pieces) -> list[dict[str, str]]:
    found = pieces.addresses.get_column("address").to_list()
    return [{part: text for part, text in one.items() if text is not None} for one in found]


def old(kind: str, text: str, **more: Any) -> dict[str, Any]:
    return {"attribute_type": kind, "text": text, **more}


def test_every_older_type_is_a_part_of_one_address(cut: Cut) -> None:
    pieces, slots = cut(*(old(kind, f" {kind} ") for kind in LEGACY_TYPES))
    assert addresses(pieces) == [{part: kind for kind, part in LEGACY_TYPES.items()}]
    assert pieces.rejects.is_empty()
    assert slots.select("attribute_type", "label", "index").rows() == [("address", "Home", None)]


def test_a_label_loses_the_space_around_it_and_nothing_else(cut: Cut) -> None:
    said = (" Home\u3000", "\x1fMobile\x1f", "  ", None)
    _, slots = cut(*(old("nickname", f"{number}", label=label) for number, label in enumerate(said)))
    assert slots["label"].to_list() == ["Home", "\x1fMobile\x1f", None]


def test_parts_with_the_same_index_and_partner_are_one_address_where_the_first_stood(cut: Cut) -> None:
    pieces, slots = cut(
        old("nickname", "Kate"),
        old("street_name", "Main", index=1),
        old("city", "Oslo", index=2, label="Work"),
        old("city", "Rome", index=1, label="Cabin", is_primary=True),
        old("city", "Kiel", index=1, is_partner=True),
        old("country", " ", index=3),
    )
    assert addresses(pieces) == [{"name": "Main", "city": "Rome"}, {"city": "Oslo"}, {"city": "Kiel"}]
    assert pieces.addresses.get_column("position").to_list() == [2, 3, 5]
    assert pieces.rejects.is_empty()
    assert slots.select("label", "index", "is_partner").rows() == [
        (None, None, False), ("Cabin", 1, False), ("Work", 2, False), ("Home", 1, True)
    ]  # fmt: skip


def test_a_second_city_begins_a_second_address(cut: Cut) -> None:
    pieces, _ = cut(old("city", "Oslo"), old("state", "A"), old("city", "Rome"), old("state", "B"))
    assert addresses(pieces) == [{"city": "Oslo", "state": "A"}, {"city": "Rome", "state": "B"}]


def test_an_older_type_that_is_defined_is_itself_and_one_that_is_no_text_is_refused(cut: Cut) -> None:
    city = Definition(id="00000000-0000-4000-8000-000000000009", name="city", data_type="text", singular=False)
    pieces, _ = cut(old("city", "Oslo"), old("state", "A"), definitions=[*DEFINITIONS, city])
    assert pieces.values.get_column("text").to_list() == ["Oslo"]
    assert addresses(pieces) == [{"state": "A"}]
    pieces, _ = cut({"attribute_type": "city", "number": 5})
    assert pieces.rejects.get_column("reason").to_list() == [UNKNOWN_DEFINITION]


def test_a_nul_is_refused_in_any_text(cut: Cut) -> None:
    pieces, _ = cut(
        old("nickname", "Ka\0te"),
        old("email", "ka\0te@home.example"),
        old("phone_number", "+1 415 555\0 0123"),
        {"attribute_type": "address", "address": {"city": "Os\0lo", "state": "A"}},
    )
    assert pieces.values.is_empty()
    assert addresses(pieces) == [{"state": "A"}]
    assert pieces.rejects.get_column("reason").to_list() == [HAS_NUL] * 4
    assert "attributes[3].address.city" in pieces.rejects.get_column("column_name").to_list()


def test_dates_are_those_of_the_years_that_files_have_too(cut: Cut) -> None:
    when = Definition(id="00000000-0000-4000-8000-000000000009", name="when", data_type="date", singular=False)
    moments = [-30_610_224_001, -30_610_224_000, -1, 7_258_118_399, 7_258_118_400, 10**15]
    pieces, _ = cut(*({"attribute_type": "when", "date": moment} for moment in moments), definitions=[when])
    assert pieces.values["date"].to_list() == [-30_610_224_000, -86_400, 7_258_032_000]
    assert pieces.rejects.select("position", "reason").rows() == [(at, OUT_OF_RANGE) for at in (1, 5, 6)]


def test_more_kinds_than_can_be_numbered_are_refused() -> None:
    labels = [
        {"attribute_type": "nickname", "text": "Ann", "label": f"{n}", "is_partner": False} for n in range(65_537)
    ]
    with pytest.raises(UsageError, match="65,536 kinds of attributes"):
        cut_bodies(sent_attributes([labels]), DEFINITIONS, region="US")
