"""Whole names and addresses in one cell."""

import polars as pl
import pytest

from transforms.full_addresses import cut_addresses
from transforms.full_names import cut_names


def parts_of(frame: pl.DataFrame) -> dict[str, str]:
    return {name: text for name, text in frame.row(0, named=True).items() if text is not None and name != "value"}


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("Ada Lovelace", {"first_name": "Ada", "last_name": "Lovelace"}),
        ("John Q. Public", {"first_name": "John", "middle_name": "Q.", "last_name": "Public"}),
        ("van der Berg, Anna", {"first_name": "Anna", "last_name": "van der Berg"}),
        ("Dr. Juan de la Vega III", {"title": "Dr.", "first_name": "Juan", "last_name": "de la Vega III"}),
        ("John Smith, MD", {"title": "MD", "first_name": "John", "last_name": "Smith"}),
        ("Madonna", {"first_name": "Madonna"}),
        ("毛 泽东", {"first_name": "毛 泽东"}),
        ("Acme Widgets GmbH", {"company": "Acme Widgets GmbH"}),
        ("Smith & Co.", {"company": "Smith & Co."}),
    ],
)
def test_a_whole_name_is_cut_into_its_parts(name: str, parts: dict[str, str]) -> None:
    assert parts_of(cut_names(pl.Series([name]))) == parts


def test_an_american_address_is_cut_and_any_other_is_kept_whole() -> None:
    cut = parts_of(cut_addresses(pl.Series(["12 Oak Road Suite 850, Boston MA 02116"])))
    assert cut == {
        "house_num": "12", "name": "Oak", "suftype": "Road", "unit": "Suite 850",
        "city": "Boston", "state": "MA", "postcode": "02116",
    }  # fmt: skip
    for whole in ("10 Downing Street, London SW1A 2AA", "Hauptstr. 5, 10115 Berlin"):
        assert parts_of(cut_addresses(pl.Series([whole]))) == {"name": whole}
