"""Measure a run against labels: precision, recall, F1 and B³, by threshold, with the worst mistakes to look at.

Pairs count as found when a run put both contacts into one cluster. What a threshold would do is read off the pairs the
run kept; of a pair it did not keep nothing is known but that it is not there.
"""

from dataclasses import dataclass

import polars as pl

__all__ = ["Evaluation", "evaluate_pairs", "evaluate_people"]

THRESHOLDS = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99)
WORST = 20


@dataclass(frozen=True)
class Evaluation:
    """How well clusters fit the labels.

    `true` pairs are one person by the labels, `found` ones share a cluster, `right` ones do both. `b_cubed` is the F1
    over records, None when only pairs are labelled; `not_kept` counts true pairs the run kept no evidence of.
    `by_threshold` [threshold, precision, recall, f1] takes each kept pair alone, before clustering. `false_merges` and
    `misses` [left, right, probability]: the surest mistakes first, pairs that were not kept (no probability) last.
    """

    true: int
    found: int
    right: int
    b_cubed: float | None
    not_kept: int
    by_threshold: pl.DataFrame
    false_merges: pl.DataFrame
    misses: pl.DataFrame

    @property
    def precision(self) -> float:
        """The share of the pairs found that are right."""
        return self.right / max(1, self.found)

    @property
    def recall(self) -> float:
        """The share of the true pairs that were found."""
        return self.right / max(1, self.true)

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall."""
        return _f1(self.precision, self.recall)


def evaluate_people(members: pl.DataFrame, pairs: pl.DataFrame, truth: pl.DataFrame) -> Evaluation:
    """Compare a run with labels that say whose record each is.

    Args: members, pairs as dedup.results.Found; truth [contact, person]: contacts with equal person are one. Contacts
    without a label are left out.
    """
    joined = truth.join(members.select("contact", "cluster"), on="contact", how="left", maintain_order="left")
    joined = joined.with_columns(pl.col("cluster").fill_null(-pl.int_range(pl.len()) - 1))
    kept = _sided(pairs.select("left", "right", "probability"), joined)
    weighed = kept.with_columns(
        is_match=pl.col("person") == pl.col("person_right"), is_found=pl.col("cluster") == pl.col("cluster_right")
    )
    true = _pair_count(joined, "person")
    return Evaluation(
        true=true,
        found=_pair_count(joined, "cluster"),
        right=_pair_count(joined, "person", "cluster"),
        b_cubed=_b_cubed(joined),
        not_kept=true - int(weighed["is_match"].sum()),
        by_threshold=_by_threshold(weighed, true),
        false_merges=_false_merges(weighed),
        misses=_misses(weighed, _split_people(joined)),
    )


def evaluate_pairs(members: pl.DataFrame, pairs: pl.DataFrame, said: pl.DataFrame) -> Evaluation:
    """Compare a run with labelled pairs; all other pairs are left out.

    Args: members, pairs as dedup.results.Found; said [left, right: contact ids, is_match: bool], each pair once.
    """
    ordered = said.select(
        pl.min_horizontal("left", "right").alias("left"), pl.max_horizontal("left", "right").alias("right"), "is_match"
    )
    kept = ordered.join(pairs.select("left", "right", "probability"), on=["left", "right"], how="left")
    sides = [
        members.select(pl.col("contact").alias(side), pl.col("cluster").alias(f"{side}_cluster")) for side in SIDES
    ]
    weighed = kept.join(sides[0], on="left", how="left").join(sides[1], on="right", how="left")
    weighed = weighed.with_columns(is_found=(pl.col("left_cluster") == pl.col("right_cluster")).fill_null(False))
    true = weighed.filter("is_match")
    return Evaluation(
        true=true.height,
        found=int(weighed["is_found"].sum()),
        right=int(true["is_found"].sum()),
        b_cubed=None,
        not_kept=true["probability"].null_count(),
        by_threshold=_by_threshold(weighed, true.height),
        false_merges=_false_merges(weighed),
        misses=_misses(weighed, weighed.clear()),
    )


SIDES = ("left", "right")


def _sided(pairs: pl.DataFrame, joined: pl.DataFrame) -> pl.DataFrame:
    """Add person and cluster of both contacts, the right one's as person_right and cluster_right."""
    return pairs.join(joined, left_on="left", right_on="contact").join(joined, left_on="right", right_on="contact")


def _pair_count(joined: pl.DataFrame, *by: str) -> int:
    sizes = joined.group_by(by).len()["len"].cast(pl.Int64)
    return int((sizes * (sizes - 1) // 2).sum())


def _f1(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def _b_cubed(joined: pl.DataFrame) -> float:
    """Return the B³ F1 (Bagga & Baldwin 1998)."""
    sizes = joined.with_columns(
        right=pl.len().over("person", "cluster"), found=pl.len().over("cluster"), true=pl.len().over("person")
    )
    shares = sizes.select(
        precision=(pl.col("right") / pl.col("found")).mean(), recall=(pl.col("right") / pl.col("true")).mean()
    )
    precision, recall = shares.row(0) if len(joined) else (0.0, 0.0)
    return _f1(precision, recall)


def _by_threshold(weighed: pl.DataFrame, true: int) -> pl.DataFrame:
    rows = []
    for threshold in THRESHOLDS:
        linked = weighed.filter(pl.col("probability") >= threshold)["is_match"]
        right = int(linked.sum())
        precision, recall = right / max(1, len(linked)), right / max(1, true)
        rows.append((threshold, precision, recall, _f1(precision, recall)))
    return pl.DataFrame(rows, schema=["threshold", "precision", "recall", "f1"], orient="row")


def _false_merges(weighed: pl.DataFrame) -> pl.DataFrame:
    """List pairs that share a cluster and are two people."""
    wrong = weighed.filter("is_found", ~pl.col("is_match")).select("left", "right", "probability")
    return wrong.sort("probability", "left", "right", descending=[True, False, False], nulls_last=True).head(WORST)


def _misses(weighed: pl.DataFrame, not_kept: pl.DataFrame) -> pl.DataFrame:
    """List pairs that are one person and do not share a cluster."""
    missed = weighed.filter("is_match", ~pl.col("is_found")).select("left", "right", "probability")
    unseen = not_kept.select("left", "right", pl.lit(None, pl.Float32).alias("probability"))
    every = pl.concat([missed, unseen.join(missed, on=["left", "right"], how="anti")])
    return every.sort("probability", "left", "right", nulls_last=True).head(WORST)


def _split_people(joined: pl.DataFrame) -> pl.DataFrame:
    """Give one pair [left, right] for each two neighbouring clusters a person is spread over."""
    firsts = joined.group_by("person", "cluster").agg(pl.col("contact").min()).sort("person", "contact")
    return firsts.select(left=pl.col("contact").shift(1).over("person"), right="contact").drop_nulls()
