"""The pipeline as Prefect flows, for schedules and watched folders: the same functions the command line calls.

Each flow is one task that opens the database, does its work and leaves its report as an artifact. Tasks that write hold
the global concurrency limit `onecard-writer` of one; without a Prefect server of its own a run has a temporary one, the
limit reaches no other process, and the lock file beside the database alone keeps writers apart. A held lock is the one
error that passes with time, so it is the only one retried.
"""
# ruff: noqa: E402 - Prefect reads its settings when it is imported

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

# Before Prefect is imported: it reports on its use unless told not to, and gives a slow machine little time.
for _name, _value in {
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_CLIENT_SERVER_VERSION_CHECK_ENABLED": "false",
    "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "180",
}.items():
    os.environ.setdefault(_name, _value)

from prefect import flow, get_run_logger, tags, task
from prefect.artifacts import create_table_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.orchestration import get_client
from prefect.concurrency.sync import concurrency
from prefect.exceptions import ObjectAlreadyExists

from api_export.exporting import Kind, export
from dedup.rules import Rules, load_rules
from flows import pipeline
from flows.import_reports import report_json
from flows.options import DEFAULT_DATABASE, FILE_ERRORS, Settings, format_of, opened
from flows.pipeline import ImportSettings
from storage.errors import DatabaseLockedError, InputFileError
from storage.publishing import publish_database

__all__ = [
    "WRITER", "export_contacts", "find_duplicates", "import_contacts", "import_folder", "merge_duplicates", "nightly"
]  # fmt: skip

WRITER = "onecard-writer"
SURE = 0.99
MAPPING_SUFFIX = ".mapping.json"
# A file in a watched folder that was changed a moment ago may still be growing.
SETTLED_S = 10.0
DEFAULTS = ImportSettings()

Report = dict[str, Any]


def _is_transient(_task: object, _run: object, state: Any) -> bool:
    """Whether trying again can help: only when another process held the database."""
    return isinstance(state.result(raise_on_failure=False), DatabaseLockedError)


WRITING: dict[str, Any] = {
    "tags": ["onecard", "writes"],
    "cache_policy": NO_CACHE,
    "retries": 3,
    "retry_delay_seconds": [10, 60, 300],
    "retry_condition_fn": _is_transient,
}


@flow(name="import-contacts")
def import_contacts(files: list[Path], how: ImportSettings = DEFAULTS, db: Path | None = None) -> list[Report]:
    """Import files, and the files of folders; a bad one does not stop the others, but fails the run at its end.

    Args: how: as the options of `onecard import`; beside `leads.csv`, a file `leads.mapping.json` is its mapping;
    db: the database, else ONECARD_DB, else onecard.duckdb.
    """
    reports, failed = [], []
    for file in _listed(files):
        try:
            reports.append(_import_file(file, _with_own_mapping(file, how), db))
        except FILE_ERRORS as error:
            get_run_logger().error("%s", error)
            failed.append(file.name)
    if failed:
        names = ", ".join(failed)
        raise InputFileError(f"{len(failed)} of {len(failed) + len(reports)} files could not be imported: {names}")
    return reports


@flow(name="import-folder")
def import_folder(folder: Path, how: ImportSettings = DEFAULTS, db: Path | None = None) -> list[Report]:
    """Import what lies in a folder, and move it: to `imported`, or to `failed` beside a text that says why.

    Files changed in the last ten seconds are left for the next time, they may still be written to.
    """
    reports = []
    settled = time.time() - SETTLED_S
    for file in _listed([folder]):
        if file.stat().st_mtime > settled:
            continue
        try:
            reports.append(_import_file(file, _with_own_mapping(file, how), db))
            _move(file, "imported")
        except FILE_ERRORS as error:
            get_run_logger().error("%s", error)
            moved = _move(file, "failed")
            moved.with_name(f"{moved.name}.error.txt").write_text(f"{error}\n", "utf-8")
    return reports


@flow(name="find-duplicates")
def find_duplicates(rules: Path | None = None, db: Path | None = None) -> Report:
    """Find duplicate clusters among all contacts; `rules` is a rules file as of `onecard dedup --rules`."""
    return _find_duplicates(rules, db)


@flow(name="merge-duplicates")
def merge_duplicates(min_probability: float = SURE, dry_run: bool = False, db: Path | None = None) -> Report:
    """Merge the clusters of whose every member the last run was at least this sure."""
    return _merge_duplicates(min_probability, dry_run, db)


@flow(name="export-contacts")
def export_contacts(
    output: Path, what: Kind = "contacts", associations: tuple[str, ...] = (), db: Path | None = None
) -> Report:
    """Export in the documented shapes, in the format the file's name stands for."""
    return _export(output, what, associations, db)


@flow(name="nightly")
def nightly(
    files: list[Path],
    output: Path,
    *,
    how: ImportSettings = DEFAULTS,
    min_probability: float = SURE,
    publish: bool = True,
    db: Path | None = None,
) -> Report:
    """Import, find duplicates, merge the sure ones, export, and publish a copy for analysts.

    A file that cannot be imported fails the run, after everything else is done.
    """
    report: Report = {}
    complaint: InputFileError | None = None
    with tags("onecard", "nightly"):
        # Asked for its result, not its state: a state that comes back from the server has lost the error it held.
        try:
            report["import"] = import_contacts(files, how, db)
        except InputFileError as error:
            complaint = error
        report["dedup"] = find_duplicates(db=db)
        report["merge"] = merge_duplicates(min_probability, db=db)
        report["export"] = export_contacts(output, db=db)
        report["published"] = _publish(db) if publish else None
    if complaint is not None:
        raise complaint
    return report


@task(name="import-file", task_run_name="import {file.name}", **WRITING)
def _import_file(file: Path, how: ImportSettings, db: Path | None) -> Report:
    with _one_writer(), opened(_settings(db), create=True) as database:
        report = report_json(pipeline.import_file(database, file, how, now=datetime.now(UTC)))
    return _kept("onecard-import", report, f"Import of {file.name}")


@task(name="find-duplicates", **WRITING)
def _find_duplicates(rules: Path | None, db: Path | None) -> Report:
    chosen = Rules() if rules is None else load_rules(rules)
    with _one_writer(), opened(_settings(db)) as database:
        report = pipeline.find_duplicates(database, rules=chosen, now=datetime.now(UTC))
    return _kept("onecard-dedup", asdict(report), "Duplicates found")


@task(name="merge-duplicates", **WRITING)
def _merge_duplicates(min_probability: float, dry_run: bool, db: Path | None) -> Report:
    with _one_writer(), opened(_settings(db)) as database:
        clusters, left_out = pipeline.clusters_to_merge(database, min_probability=min_probability)
        now = datetime.now(UTC)
        report = pipeline.merge_contacts(
            database, clusters, by=database.user, now=now, dry_run=dry_run, left_out=left_out
        )
    return _kept("onecard-merge", asdict(report), f"Clusters merged from probability {min_probability}")


@task(name="export", **WRITING)
def _export(output: Path, what: Kind, associations: tuple[str, ...], db: Path | None) -> Report:
    # A reader keeps writers out, so it takes its turn with them.
    with _one_writer(), opened(_settings(db), read_only=True) as database:
        count = export(database.con, what, target=output, format=format_of(str(output)), associations=associations)
    return _kept("onecard-export", {"what": what, "count": count, "file": str(output)}, f"Export of {what}")


@task(name="publish", **WRITING)
def _publish(db: Path | None) -> str:
    with _one_writer():
        return str(publish_database(_settings(db).db))


@contextmanager
def _one_writer() -> Iterator[None]:
    """Hold the global concurrency limit of one writer, made at first use."""
    with get_client(sync_client=True) as client, suppress(ObjectAlreadyExists):
        client.upsert_global_concurrency_limit_by_name(WRITER, 1)
    with concurrency(WRITER, strict=True, raise_on_lease_renewal_failure=False):
        yield


def _settings(db: Path | None) -> Settings:
    """What the shared options are on the command line; here the environment says it."""
    user, brand = os.environ.get("ONECARD_USER"), os.environ.get("ONECARD_BRAND")
    return Settings(
        db=db or Path(os.environ.get("ONECARD_DB") or DEFAULT_DATABASE),
        user=UUID(user) if user else None,
        brand=UUID(brand) if brand else None,
        as_json=False,
        quiet=True,
    )


def _kept(key: str, report: Report, description: str) -> Report:
    """Keep a report with the run, as a table of one row, and pass it on as plain values."""
    plain = {name: str(value) if isinstance(value, UUID) else value for name, value in report.items()}
    shown = {name: value for name, value in plain.items() if isinstance(value, str | int | float)}
    create_table_artifact(key=key, table=[shown], description=description)
    get_run_logger().info("%s: %s", description, ", ".join(f"{name} {value}" for name, value in shown.items()))
    return plain


def _listed(places: list[Path]) -> Iterator[Path]:
    """The files named, and those lying in the folders named, by name; hidden files and mappings are not meant."""
    for place in places:
        if place.is_dir():
            yield from filter(_is_contact_file, sorted(place.iterdir()))
        else:
            yield place


def _is_contact_file(file: Path) -> bool:
    return file.is_file() and not file.name.startswith((".", "~")) and not file.name.endswith(MAPPING_SUFFIX)


def _with_own_mapping(file: Path, how: ImportSettings) -> ImportSettings:
    own = file.with_name(file.stem + MAPPING_SUFFIX)
    return replace(how, mapping=str(own)) if own.exists() else how


def _move(file: Path, folder: str) -> Path:
    """Move a file into a folder beside it, under a name that is free there."""
    target = file.parent / folder / file.name
    target.parent.mkdir(exist_ok=True)
    if target.exists():
        target = target.with_name(f"{file.stem}.{datetime.now(UTC):%Y%m%dT%H%M%S%f}{file.suffix}")
    return file.rename(target)
