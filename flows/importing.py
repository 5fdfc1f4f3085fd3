"""Import one file: read it, recognise its rows, cut them into values, record them. One transaction, all or nothing.

Two kinds of file meet here, tables with a mapping and documented contact bodies; each becomes a `Feed`, and from there
the walk is the same; `flows.recording` writes it.
"""

import time
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

import polars as pl

from api_export.summarising import Progress, refresh_summaries, silent
from flows.body_feeds import body_feed
from flows.corrections import corrected_job
from flows.feeds import Feed
from flows.import_reports import ImportReport, check_sum, report_json
from flows.limits import allowed, check_missing, check_people, check_rejects
from flows.recording import Counts, record_feed
from flows.table_feeds import Reading, found_mapping, table_feed
from storage.contacts import refresh_touch
from storage.database import Database, rolled_back, transaction
from storage.errors import OnecardError, TooManyRejectsError, UsageError
from storage.files import record_file
from storage.identity import Identity, match_rows, updated_by_id
from storage.jobs import Job, count_reasons, fail_job, finish_job, start_job
from storage.missing import Missing, delete_missing, find_missing
from storage.mixing import count_replaced, remember_people
from storage.previewing import read_preview
from storage.recording import Provenance, add_used_tags, insert_rejects
from storage.undoing import keep_additions
from storage.updating import apply_updates, count_rows
from transforms.mapping import Mapping, load_mapping
from transforms.proposing import Proposal, require_sure
from transforms.reading import ContactBody, CsvFile, Sheet, read_file

__all__ = ["ImportSettings", "import_file"]

INHERITED = ("mapping", "owner", "source", "region", "dates", "on_match")
ONE_SOURCE = (
    "contacts were updated by their source_id alone; if files of several systems come in, "
    "name each with --source, or their ids mix"
)
PREVIEWED = 5
REGION = "US"
# So many phone numbers, and this share of all, that are no numbers of the region speak for another one.
FOREIGN, FOREIGN_SHARE = 3, 0.2


@dataclass(frozen=True)
class ImportSettings:
    """How a file is to be imported; None means: find out, or the default."""

    mapping: str | None = None
    accept_mapping: bool = False
    owner: UUID | None = None
    source: str | None = None
    region: str | None = None
    dates: str | None = None
    sheet: str | None = None
    encoding: str | None = None
    on_match: str = "update"
    max_rejects: str | None = None
    full: bool = False
    delete_missing: bool = False
    max_missing: str = "50%"
    dry_run: bool = False


def import_file(
    db: Database,
    file: Path,
    settings: ImportSettings,
    *,
    now: datetime,
    queued: UUID | None = None,
    on_progress: Progress = silent,
) -> ImportReport:
    """Import a contact file into the database.

    Args: queued: the job that asked for it before.
    Nothing is written when it raises, but the failed job; with `dry_run` nothing is written at all.
    Raises: InputFileError, MappingError, TooManyRejectsError, UsageError, DatabaseError.
    """
    _check_settings(settings)
    within = rolled_back if settings.dry_run else transaction
    try:
        with TemporaryDirectory(prefix="onecard-") as workdir, within(db.con):
            return _import(db, file, settings, workdir=Path(workdir), now=now, queued=queued, on_progress=on_progress)
    except OnecardError as error:
        if not settings.dry_run:
            job = _record_failure(db, file, settings, error, now=now, queued=queued)
            if isinstance(error, TooManyRejectsError):
                error.remedy += f" `onecard rejects {job}` lists them."
        raise


def _check_settings(settings: ImportSettings) -> None:
    """Refuse settings that do not go together, before anything is read."""
    for limit in (settings.max_rejects, settings.max_missing):
        if limit is not None:
            allowed(limit, 0)
    if settings.full and settings.source is None:
        raise UsageError("a full export is one of a source", remedy="Name the source with --source.")
    if settings.delete_missing and not settings.full:
        raise UsageError("--delete-missing goes with --full", remedy="Say --full if the file is all of its source.")


def _import(
    db: Database,
    file: Path,
    settings: ImportSettings,
    *,
    workdir: Path,
    now: datetime,
    queued: UUID | None,
    on_progress: Progress,
) -> ImportReport:
    started = time.perf_counter()
    on_progress("reading", None)
    table = read_file(file, sheet=settings.sheet, encoding=settings.encoding, workdir=workdir, dates=settings.dates)
    corrected = corrected_job(db.con, table, brand=db.brand)
    if corrected is not None:
        settings = _as_before(settings, corrected)
    owner = settings.owner or db.user
    on_progress("recognising rows", None)
    if isinstance(table, ContactBody):
        feed = body_feed(db, table, owner=owner, region=settings.region or REGION)
    else:
        plan, proposal = _mapping_for(table, settings, corrected, file=file)
        date_orders = corrected.report.get("date_orders", {}) if corrected else {}
        reading = Reading(owner, settings.region or REGION, settings.dates, date_orders)
        feed = table_feed(db, table, plan, reading, proposal=proposal, file=file, now=now)
    match_rows(db.con, Identity(db.brand, settings.source, settings.on_match, feed.mapping))
    stored = record_file(db.con, file, feed.kind, by=db.user, now=now)
    arguments = _arguments(settings)
    job = start_job(
        db.con, "import", by=db.user, brand=db.brand, arguments=arguments, file=stored, now=now, queued=queued
    )
    provenance = Provenance(job, db.user, db.brand, settings.source, f"import_{feed.kind}", feed.mapping, now)
    counts = record_feed(db, feed, provenance, on_progress=on_progress)
    on_progress("finishing", None)
    check_rejects(db.con, job, rows=feed.rows, limit=settings.max_rejects, file=file.name)
    changed = apply_updates(db.con, provenance)
    refresh_touch(db.con, changed, now=now)
    if settings.source is None:
        remember_people(db.con)
    refresh_summaries(db, changed, on_progress=on_progress)
    if settings.source is None:
        check_people(*count_replaced(db.con), file=file.name)
    keep_additions(db.con, job, now=now, file=stored, tags=add_used_tags(db.con, provenance))
    missing = _missing(db, feed, provenance, settings, file=file) if settings.full else None
    report = _report(db, feed, counts, job=job, file=file, settings=settings, seconds=time.perf_counter() - started)
    if missing is not None:
        report = replace(
            report,
            missing=tuple(missing.contacts.select("contact", "source_id").to_dicts()),
            deleted=missing.to_delete.height if settings.delete_missing else 0,
        )
    finish_job(db.con, job, report_json(report))
    return report


def _as_before(settings: ImportSettings, corrected: Job) -> ImportSettings:
    """Read corrected rejects with the settings of the import they come from, where no others are given."""
    untold = [name for name in INHERITED if getattr(settings, name) == getattr(ImportSettings(), name)]
    told = {name: value for name, value in corrected.arguments.items() if name in untold and value}
    if "owner" in told:
        told["owner"] = UUID(told["owner"])
    if told.get("on_match") != "fill":  # what is corrected is to change the contact, and make no second one
        told.pop("on_match", None)
    if "mapping" in corrected.report:
        told.pop("mapping", None)
    return replace(settings, **told)


def _mapping_for(
    table: CsvFile | Sheet, settings: ImportSettings, corrected: Job | None, *, file: Path
) -> tuple[Mapping, Proposal | None]:
    """Choose the mapping: the one named, that of the import whose rejects these are, or one found by itself."""
    if settings.mapping is not None:
        return load_mapping(settings.mapping), None
    if corrected is not None and corrected.report.get("mapping"):
        return Mapping.model_validate(corrected.report["mapping"]), None
    found = found_mapping(table, where=file.name)
    if not settings.accept_mapping:
        require_sure(found, where=file.name)
    return found.mapping, found


def _missing(db: Database, feed: Feed, provenance: Provenance, settings: ImportSettings, *, file: Path) -> Missing:
    """Find the contacts of the source that the file lacks, and delete them if that was asked for."""
    missing = find_missing(db.con, provenance)
    if settings.delete_missing:
        unread = feed.faults.filter(pl.col("whole_row"))["row"].n_unique()
        check_missing(missing, limit=settings.max_missing, unread=unread, file=file.name)
        delete_missing(db.con, missing.to_delete, provenance)
        refresh_summaries(db, missing.to_delete)
    return missing


def _region_warnings(counts: Counts, region: str | None) -> tuple[str, ...]:
    """Say that many phone numbers are none of the region that nobody named."""
    if region is not None or counts.foreign_phones < max(FOREIGN, counts.phones * FOREIGN_SHARE):
        return ()
    what = f"{counts.foreign_phones:,} of {counts.phones:,} phone numbers have no country code and are not American"
    return (f"{what}: they are kept as they stand; name their country, such as --region GB, to have them compared",)


def _report(
    db: Database, feed: Feed, counts: Counts, *, job: UUID, file: Path, settings: ImportSettings, seconds: float
) -> ImportReport:
    """Sum up what came of the import."""
    updated, left = count_rows(db.con)
    report = ImportReport(
        job_id=job,
        state="dry run" if settings.dry_run else "done",
        file=file.name,
        rows=feed.rows,
        created=counts.created,
        updated=updated,
        unchanged=left,
        rejected=counts.rejected,
        rejected_values=counts.rejected_values,
        attributes=counts.attributes,
        seconds=round(seconds, 3),
        encoding=feed.encoding,
        delimiter=feed.delimiter,
        sheet=feed.sheet,
        warnings=(
            *feed.warnings,
            *_region_warnings(counts, settings.region),
            *((ONE_SOURCE,) if settings.source is None and updated_by_id(db.con) else ()),
        ),
        columns=feed.columns,
        ignored_columns=feed.ignored_columns,
        mapping=feed.plan,
        date_orders=feed.date_orders,
        proposal=feed.proposal,
        reasons=tuple(count_reasons(db.con, job)),
        preview=tuple(read_preview(db.con, contacts=PREVIEWED)) if settings.dry_run else (),
    )
    check_sum(report)
    return report


def _arguments(settings: ImportSettings) -> dict[str, object]:
    return {name: str(value) for name, value in vars(settings).items() if value is not None}


def _record_failure(
    db: Database, file: Path, settings: ImportSettings, error: OnecardError, *, now: datetime, queued: UUID | None
) -> UUID:
    with transaction(db.con):
        arguments = _arguments(settings) | {"file": file.name}
        job = start_job(
            db.con, "import", by=db.user, brand=db.brand, arguments=arguments, file=None, now=now, queued=queued
        )
        fail_job(db.con, job, str(error), now=now)
        if isinstance(error, TooManyRejectsError) and error.rejects is not None:
            insert_rejects(db.con, error.rejects, job=job)
    return job
