"""Find duplicates: among all contacts, or only those of contacts that changed since the last run.

A run is incremental when a full one with the same rules has left what that takes and little has changed since. What was
learned then is used as it is; a full run learns anew.
"""

import time
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

import polars as pl

from api_export.summarising import Progress, silent
from dedup.finding import find_duplicates as find
from dedup.keys import HASHING
from dedup.rarity import Known
from dedup.rules import Rules
from dedup.updating import find_changes, keys_of, pairs_sharing_keys
from dedup.weighing import weights_from_json
from storage.changes import (
    Changes,
    KeptRun,
    read_changes,
    read_entangled,
    read_kept_run,
    read_sharing,
    read_values,
    write_changes,
    write_kept,
)
from storage.database import Database, transaction
from storage.duplicates import count_duplicates, read_judgements, write_duplicates
from storage.evidence import read_evidence
from storage.jobs import finish_job, start_job

__all__ = ["DedupReport", "find_all_duplicates", "find_duplicates"]

# With more than this share of contacts changed since it was learned, what was learned is learned anew.
LITTLE = 0.1


@dataclass(frozen=True)
class DedupReport:
    """What a dedup run did: whether it looked at all contacts or at what changed, living contacts, those that changed
    since the run before, pairs compared, and pairs at or above the threshold and clusters as they stand now.
    """

    job_id: UUID
    run: Literal["full", "incremental"]
    contacts: int
    changed: int
    pairs: int
    matches: int
    clusters: int
    seconds: float


def find_duplicates(db: Database, *, rules: Rules, now: datetime, on_progress: Progress = silent) -> DedupReport:
    """Bring duplicate clusters up to date with the contacts, with as little work as that takes."""
    last = read_kept_run(db.con)
    if last is None or last.hashing != HASHING or last.rules != rules.model_dump(mode="json"):
        return find_all_duplicates(db, rules=rules, now=now, on_progress=on_progress)
    started = time.perf_counter()
    on_progress("looking for changes", None)
    changes = read_changes(db.con)
    if changes.count + last.changed > LITTLE * last.contacts:
        return find_all_duplicates(db, rules=rules, now=now, on_progress=on_progress)
    return _find_changes(db, rules, last, changes, started, now, on_progress)


def find_all_duplicates(db: Database, *, rules: Rules, now: datetime, on_progress: Progress = silent) -> DedupReport:
    """Find duplicate clusters among all living contacts and keep them, with their evidence, for the last run's."""
    started = time.perf_counter()
    on_progress("reading contacts", None)
    judgements = read_judgements(db.con)
    # Nobody but the matcher holds on to the evidence, so that it can let go of it.
    found = find(read_evidence(db.con, scope=rules.scope), rules=rules, judgements=judgements)
    on_progress("writing clusters", None)
    with transaction(db.con):
        job = _start(db, rules, now)
        write_duplicates(db.con, found, job)
        write_kept(db.con, found.kept, rules.model_dump(mode="json"))
        seconds = round(time.perf_counter() - started, 3)
        report = DedupReport(
            job, "full", found.contacts, found.contacts, found.compared, found.matches, found.clusters, seconds
        )
        finish_job(db.con, job, vars(report))
    return report


def _find_changes(
    db: Database, rules: Rules, last: KeptRun, changes: Changes, started: float, now: datetime, on_progress: Progress
) -> DedupReport:
    """Compare the contacts that changed with those they share a key with, and cluster anew what that touches."""
    on_progress("reading contacts", None)
    weights = weights_from_json(last.weights)
    known = Known(read_values(db.con), weights.organisations)
    keys = keys_of(read_evidence(db.con, scope=rules.scope, contacts=changes.living), known=known, reach=last.reach)
    pairs = pairs_sharing_keys(keys, read_sharing(db.con, keys, changes))
    paired = pl.concat([pairs["left"], pairs["right"]]).unique()
    concerned, known_pairs = read_entangled(db.con, changes, paired, threshold=rules.threshold)
    on_progress("comparing", None)
    found, affected = find_changes(
        read_evidence(db.con, scope=rules.scope, contacts=concerned.select("contact")),
        pairs=pl.concat([pairs, known_pairs]),
        changed=changes.living["contact"],
        affected=concerned.filter("is_affected")["contact"],
        rules=rules,
        weights=weights,
        known=known,
        judgements=read_judgements(db.con),
    )
    on_progress("writing clusters", None)
    with transaction(db.con):
        job = _start(db, rules, now)
        write_changes(db.con, found, changes, affected=affected, keys=keys, job=job)
        matches, clusters = count_duplicates(db.con, threshold=rules.threshold)
        seconds = round(time.perf_counter() - started, 3)
        report = DedupReport(
            job, "incremental", changes.contacts, changes.count, pairs.height, matches, clusters, seconds
        )
        finish_job(db.con, job, vars(report))
    return report


def _start(db: Database, rules: Rules, now: datetime) -> UUID:
    arguments = {"rules": rules.model_dump(mode="json")}
    return start_job(db.con, "dedup", by=db.user, brand=db.brand, arguments=arguments, file=None, now=now)
