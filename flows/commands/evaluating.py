"""`onecard evaluate`: measure the last dedup run against what somebody knows of who is who."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from flows.options import Settings, opened, with_settings
from flows.printing import note, print_json, print_report, print_table

if TYPE_CHECKING:
    import polars as pl

    from flows.evaluating import EvaluationReport

__all__ = ["evaluate"]

PAIR_COLUMNS = ("probability", "left", "name", "right", "name", "reasons")


@click.command("evaluate")
@click.option(
    "--labels",
    type=click.Path(path_type=Path),
    metavar="FILE",
    required=True,
    help="Who is who: CSV, XLS, XLSX or JSON.",
)
@with_settings
def evaluate(settings: Settings, labels: Path) -> None:
    """Measure the last dedup run against labels.

    The file has a line a record, columns contact (or source_id, record_id, id) and person (or person_id, cluster,
    gold): records of one person are duplicates. Or a line a pair, columns left, right and judgement (or label, match):
    same or different. Records are named by contact id or source_id; contacts without a label do not count.

    Precision, recall and F1 are over pairs of contacts, B³ over contacts.
    """
    from flows.evaluating import evaluate_run

    with opened(settings, read_only=True) as db:
        report = evaluate_run(db, labels)
    if settings.as_json:
        print_json(report.as_dict(), indent=2)
    elif not settings.quiet:
        _print(settings, report)


def _print(settings: Settings, report: "EvaluationReport") -> None:
    print_report(settings, report.figures())
    table = report.evaluation.by_threshold
    rows = ((f"{threshold:.2f}", *(f"{value:.4f}" for value in values)) for threshold, *values in table.rows())
    print_table(table.columns, rows, title="Single pairs, by threshold")
    _print_pairs("False merges: two people in one cluster, the surest first", report.false_merges)
    _print_pairs("Misses: one person in two clusters, the surest first", report.misses)
    if report.evaluation.not_kept:
        note(settings, "true pairs not kept were unlikely (below 0.05) or never compared: no threshold finds them")


def _print_pairs(title: str, pairs: "pl.DataFrame") -> None:
    if pairs.is_empty():
        return
    rows = pairs.select("probability", "left", "left_name", "right", "right_name", "reasons").rows()
    shown = (("not kept" if row[0] is None else f"{row[0]:.4f}", *row[1:]) for row in rows)
    print_table(PAIR_COLUMNS, shown, title=title)
