"""Measure a run against labels: precision, recall, F1 and B³, by threshold, with the worst mistakes to look at."""

from dataclasses import dataclass

import polars as pl

__all__ = ["Evaluation", "evaluate"]

THRESHOLDS = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99)
WORST = 20


@dataclass(frozen=True)
class Evaluation:
    """How well clusters fit the labels.

    Pairs count within clusters; `b_cubed` is the F1 over records. `by_threshold` [threshold, precision, recall, f1]
    counts
    single pairs by probability, before clustering. `false_merges` and `misses` [left, right, probability], the surest
    mistakes first; a missed pair that was not kept has no probability.
    """

    precision: float
    recall: float
    f1: float
    b_cubed: float
    by_threshold: pl.DataFrame
    false_merges: pl.DataFrame
    misses: pl.DataFrame


def evaluate(members: pl.DataFrame, pairs: pl.DataFrame, truth: pl.DataFrame) -> Evaluation:
    """Compare a run with labels.

    Args: members, pairs as dedup.results.Found; truth [contact, person]: contacts with equal person are one. Contacts
    without a label are left out.
    """
    joined = _joined(members, truth)
    right = _pair_count(joined, "person", "cluster")
    precision = right / max(1, _pair_count(joined, "cluster"))
    recall = right / max(1, _pair_count(joined, "person"))
    judged = _labelled(pairs, truth)
    return Evaluation(
        precision=precision,
        recall=recall,
        f1=_f1(precision, recall),
        b_cubed=_b_cubed(joined),
        by_threshold=_by_threshold(judged, _pair_count(joined, "person")),
        false_merges=_false_merges(joined, judged),
        misses=_misses(joined, judged),
    )


def _joined(members: pl.DataFrame, truth: pl.DataFrame) -> pl.DataFrame:
    """Put truth and clusters side by side: [contact, person, cluster]; a contact in no cluster is its own."""
    joined = truth.join(members.select("contact", "cluster"), on="contact", how="left", maintain_order="left")
    return joined.with_columns(pl.col("cluster").fill_null(-pl.int_range(pl.len()) - 1))


def _pair_count(joined: pl.DataFrame, *by: str) -> int:
    sizes = joined.group_by(by).len()["len"].cast(pl.Int64)
    return int((sizes * (sizes - 1) // 2).sum())


def _f1(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def _b_cubed(joined: pl.DataFrame) -> float:
    """Return the B³ F1 (Bagga & Baldwin 1998)."""
    sizes = joined.with_columns(
        right=pl.len().over("person", "cluster"), claimed=pl.len().over("cluster"), true=pl.len().over("person")
    )
    shares = sizes.select(
        precision=(pl.col("right") / pl.col("claimed")).mean(), recall=(pl.col("right") / pl.col("true")).mean()
    )
    precision, recall = shares.row(0) if len(joined) else (0.0, 0.0)
    return _f1(precision, recall)


def _labelled(pairs: pl.DataFrame, truth: pl.DataFrame) -> pl.DataFrame:
    """Add to weighed pairs whether they are right: [left, right, probability, is_match]."""
    labels = truth.select("contact", "person")
    return (
        pairs.select("left", "right", "probability")
        .join(labels.rename({"contact": "left", "person": "one"}), on="left")
        .join(labels.rename({"contact": "right", "person": "other"}), on="right")
        .select("left", "right", "probability", is_match=pl.col("one") == pl.col("other"))
    )


def _by_threshold(judged: pl.DataFrame, true: int) -> pl.DataFrame:
    rows = []
    for threshold in THRESHOLDS:
        claimed = judged.filter(pl.col("probability") >= threshold)["is_match"]
        precision, recall = float(claimed.mean() or 0.0), int(claimed.sum()) / max(1, true)  # type: ignore[arg-type]
        rows.append((threshold, precision, recall, _f1(precision, recall)))
    return pl.DataFrame(rows, schema=["threshold", "precision", "recall", "f1"], orient="row")


def _false_merges(joined: pl.DataFrame, judged: pl.DataFrame) -> pl.DataFrame:
    """List pairs that share a cluster and are two people."""
    cluster = joined.select("contact", "cluster")
    wrong = (
        judged.filter(~pl.col("is_match"))
        .join(cluster.rename({"contact": "left", "cluster": "one"}), on="left")
        .join(cluster.rename({"contact": "right", "cluster": "other"}), on="right")
        .filter(pl.col("one") == pl.col("other"))
    )
    return (
        wrong.sort("probability", "left", "right", descending=[True, False, False])
        .head(WORST)
        .drop("one", "other", "is_match")
    )


def _misses(joined: pl.DataFrame, judged: pl.DataFrame) -> pl.DataFrame:
    """List pairs that are one person and do not share a cluster."""
    labelled = joined.select("contact", "person", "cluster")
    missed = (
        labelled.rename({"contact": "left", "cluster": "one"})
        .join(labelled.rename({"contact": "right", "cluster": "other"}), on="person")
        .filter((pl.col("left") < pl.col("right")) & (pl.col("one") != pl.col("other")))
        .join(judged.select("left", "right", "probability"), on=["left", "right"], how="left")
    )
    return (
        missed.select("left", "right", "probability").sort("probability", "left", "right", nulls_last=False).head(WORST)
    )
