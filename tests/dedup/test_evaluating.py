"""Figures worked out by hand: five records of three people in two clusters."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.evaluating import evaluate_pairs, evaluate_people

# People: ab, cd, e. Clusters: abc, d alone, e alone. Kept pairs: a-b, b-c in a cluster, c-d below the threshold.
MEMBERS = pl.DataFrame({"cluster": [1, 1, 1], "contact": ["a", "b", "c"], "probability": [0.9, 0.9, 0.8]})
PAIRS = pl.DataFrame(
    {
        "left": ["a", "a", "b", "c"],
        "right": ["b", "c", "c", "d"],
        "probability": pl.Series([0.97, 0.75, 0.85, 0.3], dtype=pl.Float32),
    }
)
TRUTH = pl.DataFrame({"contact": ["a", "b", "c", "d", "e"], "person": ["ab", "ab", "cd", "cd", "e"]})


def test_pairs_count_within_clusters() -> None:
    found = evaluate_people(MEMBERS, PAIRS, TRUTH)
    assert (found.true, found.found, found.right) == (2, 3, 1)
    assert (found.precision, found.recall, found.f1) == pytest.approx((1 / 3, 1 / 2, 2 / 5))


def test_b_cubed_is_the_mean_over_records() -> None:
    precision, recall = (2 / 3 + 2 / 3 + 1 / 3 + 1 + 1) / 5, (1 + 1 + 1 / 2 + 1 / 2 + 1) / 5
    expected = 2 * precision * recall / (precision + recall)
    assert evaluate_people(MEMBERS, PAIRS, TRUTH).b_cubed == pytest.approx(expected)


def test_a_threshold_takes_kept_pairs_alone() -> None:
    rows = {row[0]: row[1:] for row in evaluate_people(MEMBERS, PAIRS, TRUTH).by_threshold.rows()}
    assert rows[0.2] == pytest.approx((2 / 4, 1, 2 / 3))
    assert rows[0.8] == pytest.approx((1 / 2, 1 / 2, 1 / 2))
    assert rows[0.99] == (0, 0, 0)


def test_mistakes_are_listed_the_surest_first_and_what_was_not_kept_last() -> None:
    truth = pl.concat([TRUTH, pl.DataFrame({"contact": ["f"], "person": ["e"]})])
    found = evaluate_people(MEMBERS, PAIRS, truth)
    assert found.false_merges.select("left", "right").rows() == [("b", "c"), ("a", "c")]
    assert found.misses.rows() == [("c", "d", pytest.approx(0.3)), ("e", "f", None)]
    assert found.not_kept == 1


def test_contacts_without_a_label_do_not_count() -> None:
    found = evaluate_people(MEMBERS, PAIRS, TRUTH.filter(pl.col("contact") != "c"))
    assert (found.true, found.found, found.right, found.not_kept) == (1, 1, 1, 0)


def test_one_person_in_many_clusters_is_not_paired_with_itself_over_and_over() -> None:
    truth = pl.DataFrame({"contact": [f"{n:04}" for n in range(3_000)], "person": "x"})
    found = evaluate_people(MEMBERS.clear(), PAIRS.clear(), truth)
    assert found.true == found.not_kept == 3_000 * 2_999 // 2
    assert found.misses["left"].to_list()[:2] == ["0000", "0001"]


def test_labelled_pairs_are_all_that_counts() -> None:
    said = pl.DataFrame(
        {"left": ["b", "c", "d", "d"], "right": ["a", "a", "c", "e"], "is_match": [True, False, True, True]}
    )
    found = evaluate_pairs(MEMBERS, PAIRS, said)
    assert (found.true, found.found, found.right, found.not_kept, found.b_cubed) == (3, 2, 1, 1, None)
    assert found.false_merges.rows() == [("a", "c", 0.75)]
    assert found.misses.rows() == [("c", "d", pytest.approx(0.3)), ("d", "e", None)]


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=8))
def test_labelled_people_and_all_their_labelled_pairs_give_the_same_figures(rows: list[tuple[int, int]]) -> None:
    ids = [f"{n}" for n in range(len(rows))]
    members = pl.DataFrame({"cluster": [cluster for cluster, _ in rows], "contact": ids})
    truth = pl.DataFrame({"contact": ids, "person": [str(person) for _, person in rows]})
    said = truth.join(truth, how="cross", suffix="_right").filter(pl.col("contact") < pl.col("contact_right"))
    said = said.select(left="contact", right="contact_right", is_match=pl.col("person") == pl.col("person_right"))
    one, other = evaluate_people(members, PAIRS.clear(), truth), evaluate_pairs(members, PAIRS.clear(), said)
    assert (one.true, one.found, one.right, one.not_kept) == (other.true, other.found, other.right, other.not_kept)
