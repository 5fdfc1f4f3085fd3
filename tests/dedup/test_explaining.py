"""An explanation adds up, reads well, and says what would change the verdict."""

import json

import polars as pl
import pytest

from bench.labelled import evidence_of_table
from dedup.evaluating import evaluate_people
from dedup.explaining import explain
from dedup.finding import find_duplicates
from dedup.rules import Rules
from dedup.weighing import weights_as_json, weights_from_json
from storage.errors import UsageError
from tests.dedup.people import NO_JUDGEMENTS, contact_id, evidence_of
from tests.dedup.test_finding import CROWD, DIFFERENT, of_one_firm

PAIR = (
    {"name": "Robert Halvorsen", "phone": "+14155550123", "city": "Springfield"},
    {"name": "Bob Halvorsen", "phone": "+14155550123"},
)
EVIDENCE = evidence_of(*PAIR, *DIFFERENT["father and son"], *CROWD)
FOUND = find_duplicates(EVIDENCE, rules=Rules(), judgements=NO_JUDGEMENTS)
assert FOUND.weights is not None
WEIGHTS = FOUND.weights


def test_the_fields_and_the_prior_add_up_to_the_running_total() -> None:
    told = explain(EVIDENCE, rules=Rules(), weights=WEIGHTS, left=contact_id(0), right=contact_id(1))
    total = told.prior[told.otherwise] + sum(item.bits[told.otherwise] for item in told.evidence)
    assert told.evidence[-1].total == pytest.approx(total)
    assert total >= told.weight
    assert {item.field: item.level for item in told.evidence}["first_name"] == "nickname"


def test_both_directions_are_explained_alike_and_as_the_run_weighed_them() -> None:
    one = explain(EVIDENCE, rules=Rules(), weights=WEIGHTS, left=contact_id(0), right=contact_id(1))
    other = explain(EVIDENCE, rules=Rules(), weights=WEIGHTS, left=contact_id(1), right=contact_id(0))
    kept = FOUND.pairs.row(by_predicate=pl.col("left") == contact_id(0), named=True)
    assert one == other
    assert one.probability == pytest.approx(kept["probability"], abs=1e-4)


def test_an_explanation_is_plain_data_and_plain_text() -> None:
    told = explain(EVIDENCE, rules=Rules(), weights=WEIGHTS, left=contact_id(0), right=contact_id(1))
    assert json.loads(json.dumps(told.as_dict()))["otherwise"] == told.otherwise
    assert "place missing" in told.as_text()


def test_a_guard_is_named() -> None:
    told = explain(EVIDENCE, rules=Rules(), weights=WEIGHTS, left=contact_id(2), right=contact_id(3))
    assert told.guard
    assert told.probability < 1e-9
    assert "never joined" in told.as_text()


def test_a_doubt_is_named() -> None:
    firm = evidence_of_table(of_one_firm()[1])
    weights = find_duplicates(firm, rules=Rules(), judgements=NO_JUDGEMENTS).weights
    assert weights is not None
    told = explain(firm, rules=Rules(), weights=weights, left=contact_id(0), right=contact_id(1))
    assert told.doubt
    assert told.probability == 0.5
    assert "not joined by this alone" in told.as_text()


def test_an_unknown_contact_is_refused() -> None:
    with pytest.raises(UsageError, match="no living contact"):
        explain(EVIDENCE, rules=Rules(), weights=WEIGHTS, left=contact_id(0), right=contact_id(999_999))


def test_weights_survive_being_written_down() -> None:
    again = weights_from_json(weights_as_json(WEIGHTS))
    assert again.mass == pytest.approx(WEIGHTS.mass, abs=1e-5)
    assert all(again.shares[field] == pytest.approx(table, abs=1e-9) for field, table in WEIGHTS.shares.items())


def test_labels_that_agree_with_the_clusters_score_one() -> None:
    joined = EVIDENCE.select("contact").join(FOUND.members, on="contact", how="left", maintain_order="left")
    truth = joined.select("contact", person=joined["cluster"].cast(str).fill_null(joined["contact"]))
    measured = evaluate_people(FOUND.members, FOUND.pairs, truth)
    assert (measured.precision, measured.recall, measured.f1) == (1, 1, 1)
    assert measured.b_cubed == pytest.approx(1)
    assert measured.false_merges.is_empty()
    assert measured.misses.is_empty()
