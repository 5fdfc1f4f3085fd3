"""Measure the last dedup run against a file of labels: read it, find its contacts, compare, name the worst mistakes."""

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from dedup.evaluating import Evaluation, evaluate_pairs, evaluate_people
from dedup.labels import Labels, labels_in
from dedup.rules import Rules
from storage.database import Database
from storage.errors import InputFileError
from storage.jobs import Job
from storage.runs import last_run, match_records, name_pairs, read_run_members, read_run_pairs
from storage.staging import stage
from transforms.reading import ContactBody, read_file

__all__ = ["EvaluationReport", "evaluate_run"]


@dataclass(frozen=True)
class EvaluationReport:
    """An evaluation with what it was of: the run, its threshold, records labelled and not among its contacts.

    `false_merges` and `misses` are those of the evaluation with left_name, right_name and reasons.
    """

    run: Job
    threshold: float
    labelled: int
    unknown: int
    evaluation: Evaluation
    false_merges: pl.DataFrame
    misses: pl.DataFrame

    def as_dict(self) -> dict[str, object]:
        """Return it as plain data, for JSON."""
        evaluation = self.evaluation
        return self.figures() | {
            "by_threshold": evaluation.by_threshold.to_dicts(),
            "false_merges": self.false_merges.to_dicts(),
            "misses": self.misses.to_dicts(),
        }

    def figures(self) -> dict[str, object]:
        """Return the figures alone."""
        found = self.evaluation
        return {
            "job_id": str(self.run.id),
            "threshold": self.threshold,
            "labelled_contacts": self.labelled,
            "unknown_records": self.unknown,
            "true_pairs": found.true,
            "found_pairs": found.found,
            "right_pairs": found.right,
            "true_pairs_not_kept": found.not_kept,
            "precision": found.precision,
            "recall": found.recall,
            "f1": found.f1,
            "b_cubed": found.b_cubed,
        }


def evaluate_run(db: Database, file: Path) -> EvaluationReport:
    """Compare the clusters and pairs of the last dedup run with labels.

    Raises: UsageError when there was no run; InputFileError when the file has no labels, or none of its contacts.
    """
    run = last_run(db.con)
    labels = _read_labels(db, file)
    contacts = _contacts_of(db, labels, run, where=file.name)
    measure = evaluate_people if labels.kind == "people" else evaluate_pairs
    evaluation = measure(read_run_members(db.con), read_run_pairs(db.con), _renamed(labels, contacts))
    return EvaluationReport(
        run=run,
        threshold=Rules.model_validate(run.arguments["rules"]).threshold,
        labelled=contacts.height,
        unknown=len(labels.records) - contacts.height,
        evaluation=evaluation,
        false_merges=name_pairs(db.con, evaluation.false_merges),
        misses=name_pairs(db.con, evaluation.misses),
    )


def _read_labels(db: Database, file: Path) -> Labels:
    with TemporaryDirectory(prefix="onecard-") as workdir:
        table = read_file(file, sheet=None, encoding=None, workdir=Path(workdir))
        if isinstance(table, ContactBody):
            raise InputFileError("these are contacts, not labels", where=file.name, remedy="Give a table of labels.")
        source = stage(db.con, table)
        text = db.con.sql(source.sql).pl()
    return labels_in(text.rename(dict(zip(text.columns, source.columns, strict=True))), where=file.name)


def _contacts_of(db: Database, labels: Labels, run: Job, *, where: str) -> pl.DataFrame:
    """Return [record, contact] of the labelled records that are contacts of the run."""
    contacts = match_records(db.con, labels.records, run)
    if contacts.is_empty():
        remedy = 'Name them by contact id or source_id: `onecard sql --csv "SELECT id, source_id FROM contacts_wide"`.'
        raise InputFileError("the labels name no contact of the last dedup run", where=where, remedy=remedy)
    if several := contacts.filter(pl.col("record").is_duplicated())["record"].n_unique():
        what = f"{several} of the records named are several contacts, of different sources or owners"
        raise InputFileError(what, where=where, remedy="Name contacts by their own ids.")
    return contacts


def _renamed(labels: Labels, contacts: pl.DataFrame) -> pl.DataFrame:
    """Return the labels with contact ids for records; what the run did not have is left out."""
    if labels.kind == "people":
        return labels.table.join(contacts, on="record").select("contact", "person")
    sides = [contacts.rename({"record": side, "contact": f"{side}_contact"}) for side in ("left", "right")]
    named = labels.table.join(sides[0], on="left").join(sides[1], on="right")
    return named.select(left="left_contact", right="right_contact", is_match="is_match")
