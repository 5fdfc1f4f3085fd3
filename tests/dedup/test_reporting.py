"""What a report shows adds up to what the run weighed."""

import polars as pl
import pytest

from dedup.finding import find_duplicates
from dedup.reporting import match_weights, waterfalls
from dedup.rules import Rules
from tests.dedup.people import NO_JUDGEMENTS, evidence_of
from tests.dedup.test_finding import CROWD, SAME

FOUND = find_duplicates(
    evidence_of(*SAME["a custom attribute nobody named"], *CROWD), rules=Rules(), judgements=NO_JUDGEMENTS
)
assert FOUND.weights is not None
WEIGHTS = FOUND.weights


def test_every_waterfall_ends_at_the_weight_of_its_pair() -> None:
    steps = waterfalls(FOUND.pairs, WEIGHTS)
    last = steps.group_by("pair", maintain_order=True).last()
    assert last["after"].to_list() == pytest.approx(FOUND.pairs["weight"].to_list(), abs=0.05)
    assert (steps["after"] - steps["before"]).to_list() == pytest.approx(steps["bits"].to_list())
    assert steps.filter(pl.col("step") == 0)["label"].unique().to_list() == ["before any evidence"]


def test_every_level_of_every_field_has_its_worth_custom_ones_too() -> None:
    table = match_weights(WEIGHTS, Rules())
    names = [field.removeprefix("custom:") for field in WEIGHTS.shares]
    assert table["field"].unique(maintain_order=True).to_list() == names
    assert len(table) == sum(shares.shape[1] - 1 for shares in WEIGHTS.shares.values())
    email = table.filter(field="email", level="shared")
    assert email["held_by"].to_list()[:3] == ["1", "2", "3–4"]
    assert email["bits"][0] > 0 > table.filter(field="email", level="differ")["bits"][0]


def test_shares_of_a_field_are_of_the_pairs_of_one_person() -> None:
    sums = match_weights(WEIGHTS, Rules()).filter(pl.col("field") == "email")["share"].sum()
    assert sums == pytest.approx(1, abs=1e-6)
