"""The walk, on one page: import, find duplicates, judge, merge, unmerge. Plain functions over an open database.

Prefect flows and the command line call these and nothing else. Each is one transaction and leaves a job behind that
says what was asked and what came of it.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

import polars as pl

from api_export.merging import MergeReport, merge_clusters
from api_export.summarising import Progress, refresh_summaries, silent
from dedup.explaining import Explanation, explain
from dedup.merging import fallen_clusters
from dedup.rules import Rules
from dedup.weighing import weights_from_json
from flows.deduplicating import DedupReport, find_all_duplicates, find_duplicates
from flows.import_reports import ImportReport
from flows.importing import ImportSettings, import_file
from storage.database import Database, rolled_back, transaction
from storage.duplicates import read_clusters, read_judgements, read_weights, write_judgement
from storage.errors import ConflictError
from storage.evidence import read_evidence
from storage.jobs import finish_job, list_jobs, start_job
from storage.merges import Clusters, MergeOutcome, read_merge_contacts
from storage.merges import unmerge as restore

__all__ = [
    "DedupReport",
    "ImportReport",
    "ImportSettings",
    "MergeReport",
    "UnmergeReport",
    "clusters_that_stand",
    "clusters_to_merge",
    "explain_pair",
    "find_all_duplicates",
    "find_duplicates",
    "import_file",
    "judge",
    "merge_contacts",
    "unmerge",
]


@dataclass(frozen=True)
class UnmergeReport:
    """How many merges were undone, and how many contacts came back."""

    job_id: UUID
    undone: int
    sub_contacts: int


def explain_pair(db: Database, left: UUID, right: UUID) -> Explanation:
    """Explain a pair with the rules and weights of the last dedup run.

    Raises: UsageError when there was none yet, or a contact is not there.
    """
    weights = weights_from_json(read_weights(db.con))
    last = next(job for job in list_jobs(db.con) if job.kind == "dedup" and job.state == "done")
    rules = Rules.model_validate(last.arguments["rules"])
    evidence = read_evidence(db.con, scope=rules.scope)
    return explain(evidence, rules=rules, weights=weights, left=str(left), right=str(right))


def judge(
    db: Database, left: UUID, right: UUID, judgement: Literal["same", "different"], *, by: UUID, now: datetime
) -> None:
    """Record a person's word on a pair; every later dedup run obeys it."""
    with transaction(db.con):
        write_judgement(db.con, left, right, judgement, by, now)


def clusters_to_merge(db: Database, *, min_probability: float) -> tuple[Clusters, int]:
    """Return the clusters whose every member belongs with at least this probability, and how many are less sure.

    A cluster is (parent, sub_contacts); the parent is its first contact (contract RULES H15). Clusters with a member
    that was changed since, or a pair that somebody judged different since, are in neither: nobody has weighed them as
    they stand now.
    """
    members = read_clusters(db.con)
    sure = members.group_by("cluster", maintain_order=True).agg("contact", pl.col("probability").min())
    chosen = sure.filter(pl.col("probability") >= min_probability)["contact"]
    clusters = [(UUID(first), tuple(UUID(contact) for contact in rest)) for first, *rest in chosen]
    return clusters, sure.height - len(clusters)


def clusters_that_stand(db: Database, clusters: Clusters) -> tuple[Clusters, int]:
    """Return those of some clusters that can be merged as things are now, and how many cannot (contract RULES H15)."""
    fallen = fallen_clusters(read_merge_contacts(db.con, clusters), clusters)
    fallen |= {*_judged_apart(db, clusters)["cluster"]}
    return [cluster for place, cluster in enumerate(clusters) if place not in fallen], len(fallen)


def merge_contacts(
    db: Database,
    clusters: Clusters,
    *,
    by: UUID,
    now: datetime,
    dry_run: bool = False,
    queued: UUID | None = None,
    left_out: int | None = None,
    on_progress: Progress = silent,
) -> MergeReport:
    """Merge each cluster's sub_contacts into its parent (contract RULES H); `dry_run` does it and takes it all back.

    Args: queued: the job that asked for it before; left_out: how many clusters were left out, for the report.
    Raises: UsageError; ConflictError, also for two that somebody judged to be different. Nothing is written then.
    """
    with (rolled_back if dry_run else transaction)(db.con):
        on_progress("merging", None)
        _refuse_judged(db, clusters)
        return merge_clusters(db, clusters, by=by, now=now, queued=queued, left_out=left_out, on_progress=on_progress)


def _refuse_judged(db: Database, clusters: Clusters) -> None:
    """Refuse to merge two contacts that somebody judged to be different."""
    apart = _judged_apart(db, clusters)
    if apart.height:
        left, right = apart.select("left", "right").row(0)
        remedy = f"If it is one person, say so first: onecard judge {left} {right} same."
        raise ConflictError("somebody judged two of these contacts to be different people", remedy=remedy)


def _judged_apart(db: Database, clusters: Clusters) -> pl.DataFrame:
    """Return the pairs of each cluster that somebody judged to be different: [left, right, cluster: its place]."""
    members = [(str(contact), at) for at, (parent, subs) in enumerate(clusters) for contact in (parent, *subs)]
    placed = pl.DataFrame(members, schema={"left": pl.String, "cluster": pl.Int64}, orient="row")
    apart = read_judgements(db.con).filter(judgement="different").join(placed, on="left")
    return apart.join(placed.rename({"left": "right"}), on=["right", "cluster"])


def unmerge(
    db: Database, job_or_parent: UUID, *, by: UUID, now: datetime, on_progress: Progress = silent
) -> UnmergeReport:
    """Undo every merge of a job, or the latest into a parent, exactly.

    Raises: UsageError when there is none; ConflictError when later changes stand in the way.
    """
    with transaction(db.con):
        on_progress("undoing", None)
        job = _start(db, "unmerge", {"job_or_parent": str(job_or_parent)}, by=by, now=now)
        outcome = restore(db.con, job_or_parent, by=by, now=now, job=job)
        _resummarise(db, outcome, on_progress=on_progress)
        report = UnmergeReport(job, outcome.clusters, outcome.sub_contacts)
        finish_job(db.con, job, vars(report))
    return report


def _start(db: Database, kind: str, arguments: dict[str, object], *, by: UUID, now: datetime) -> UUID:
    return start_job(db.con, kind, by=by, brand=db.brand, arguments=arguments, file=None, now=now)


def _resummarise(db: Database, outcome: MergeOutcome, *, on_progress: Progress) -> None:
    contacts = outcome.contacts.select(pl.col("contact").cast(pl.String))
    refresh_summaries(db, contacts, on_progress=on_progress)
