"""Merge contacts: plan, carry out, summarise anew. One path for the command line, jobs and operations."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import polars as pl

from api_export.summarising import Progress, refresh_summaries, silent
from dedup.merging import plan_merge
from storage.database import Database
from storage.errors import NotFoundError
from storage.jobs import finish_job, start_job
from storage.merges import Clusters, apply_merge, read_merge_inputs

__all__ = ["MergeReport", "check_clusters", "merge_clusters"]


@dataclass(frozen=True)
class MergeReport:
    """How many clusters were merged, how many contacts went into them, how many clusters that were looked at did not.

    left_out: None where none could be, for all that were named had to be merged.
    """

    job_id: UUID
    merged: int
    sub_contacts: int
    left_out: int | None = None

    def told(self) -> dict[str, object]:
        """Return what there is to tell."""
        return {name: value for name, value in vars(self).items() if value is not None}


def merge_clusters(
    db: Database,
    clusters: Clusters,
    *,
    by: UUID,
    now: datetime,
    queued: UUID | None = None,
    left_out: int | None = None,
    on_progress: Progress = silent,
) -> MergeReport:
    """Merge each cluster's sub_contacts into its parent (contract RULES H), inside the caller's transaction.

    Args: queued: the job that asked for it before; without one it is a job of its own, which undoes it. left_out: how
    many clusters the caller left out, for the report.
    Raises: UsageError, ConflictError.
    """
    asked = {"clusters": len(clusters)}
    job = start_job(db.con, "merge", by=by, brand=db.brand, arguments=asked, file=None, now=now, queued=queued)
    plan = plan_merge(*read_merge_inputs(db.con, clusters), clusters)
    outcome = apply_merge(db.con, plan, job=job, by=by, now=now)
    refresh_summaries(db, outcome.contacts.select(pl.col("contact").cast(pl.String)), on_progress=on_progress)
    report = MergeReport(job, outcome.clusters, outcome.sub_contacts, left_out)
    finish_job(db.con, job, report.told())
    return report


def check_clusters(db: Database, clusters: Clusters, *, brand: UUID | None) -> None:
    """Refuse clusters that cannot be merged, or that name contacts of another brand (None: any).

    Raises: NotFoundError, UsageError, ConflictError.
    """
    contacts, attributes = read_merge_inputs(db.con, clusters)
    seen = contacts if brand is None else contacts.filter(pl.col("brand").cast(pl.String) == str(brand))
    known = {*seen["contact"].cast(pl.String)}
    for parent, subs in clusters:
        for contact in (parent, *subs):
            if str(contact) not in known:
                raise NotFoundError(f"there is no contact {contact}", where=f"cluster of {parent}")
    plan_merge(contacts, attributes, clusters)
