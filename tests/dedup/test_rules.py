"""Rules files: what they may change, and what is said when they are wrong."""

from pathlib import Path

import pytest

from dedup.rules import Rules, load_rules
from storage.errors import MappingError


def test_printed_rules_read_back_as_the_same_rules(tmp_path: Path) -> None:
    file = tmp_path / "rules.json"
    file.write_text(Rules().model_dump_json(indent=2), encoding="utf-8")
    assert load_rules(file) == Rules()


def test_a_preset_is_known_by_its_name() -> None:
    assert load_rules(Path("exact-email")) == Rules(method="exact-email")


def test_a_file_changes_what_it_names_and_nothing_else(tmp_path: Path) -> None:
    file = tmp_path / "rules.json"
    file.write_text('{"threshold": 0.9, "scope": "all"}', encoding="utf-8")
    assert load_rules(file) == Rules(threshold=0.9, scope="all")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "Invalid JSON"),
        ('{"treshold": 0.9}', "treshold"),
        ('{"threshold": 2}', "less than 1"),
        ('{"fields": {"emial": []}}', 'Did you mean "email"'),
        ('{"fields": {"phone": []}}', "levels shared, differ"),
    ],
)
def test_wrong_rules_are_refused_with_the_place(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "rules.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(MappingError, match=message):
        load_rules(file)
