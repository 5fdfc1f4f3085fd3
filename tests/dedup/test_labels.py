"""Labels are understood in either form, and what cannot be meant is refused."""

import polars as pl
import pytest

from dedup.labels import labels_in
from storage.errors import InputFileError


def table(text: str) -> pl.DataFrame:
    return pl.read_csv(text.replace("; ", "\n").encode(), infer_schema=False)


@pytest.mark.parametrize("header", ["contact,person", "source_id,cluster", "Record_ID,gold", "id,person_id"])
def test_a_line_a_record_says_whose_it_is(header: str) -> None:
    labels = labels_in(table(f"{header}; a,1; b, 1 ; c,2; d,; a,1"), where="labels.csv")
    assert labels.kind == "people"
    assert labels.table.rows() == [("a", "1"), ("b", "1"), ("c", "2")]
    assert labels.records.to_list() == ["a", "b", "c"]


def test_a_line_a_pair_has_a_word_whatever_the_order() -> None:
    labels = labels_in(table("Left,right,judgement; b,a,Same; a,b,same; a,c,different; d,d,same; e,f,"), where="l.csv")
    assert labels.kind == "pairs"
    assert labels.table.rows() == [("a", "b", True), ("a", "c", False)]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("contact,persn; a,1", 'no column "person".*Did you mean "person"'),
        ("contct,person; a,1", 'no column "contact".*Did you mean "contact"'),
        ("name,who; a,1", 'it has: "name", "who".*--help'),
        ("left,right; a,b", 'no column "judgement"'),
        ("left,right,label; a,b,perhaps", "1 values .* neither same nor different"),
        ("left,right,label; a,b,same; b,a,different", "1 pairs are called same and different"),
        ("contact,person; a,1; a,2", "1 records are labelled as more than one person"),
        ("contact,person; a,; ,1", "no row has a whole label"),
    ],
)
def test_labels_that_cannot_be_meant_are_refused(text: str, message: str) -> None:
    with pytest.raises(InputFileError, match=message):
        labels_in(table(text), where="labels.csv")
