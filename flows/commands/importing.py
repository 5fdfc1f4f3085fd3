"""`onecard import` and `onecard mapping`: contact files come in, and what their columns mean."""

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import click

from flows.options import FILE_ERRORS, Settings, is_interrupt, opened, with_settings
from flows.printing import as_text, counted, note, print_json, printable, progress, warn
from storage.errors import InputFileError, MappingError, OnecardError, did_you_mean

if TYPE_CHECKING:
    from flows.pipeline import ImportReport, ImportSettings
    from storage.database import Database
    from transforms.mapping import MappingEntry
    from transforms.proposing import Proposal

__all__ = ["REPORT_KEYS", "import_files", "mapping"]

STDIN = "-"
REPORT_KEYS = (
    "job_id", "state", "file", "rows", "created", "updated", "unchanged", "rejected", "attributes", "seconds",
    "encoding", "delimiter", "sheet",
)  # fmt: skip
MOST_REASONS = 5
DRY_RUN = "dry run"
CARD = {
    "emails": "e-mails", "phone_numbers": "phones", "company": "company", "job_title": "job title",
    "birthday": "birthday", "address": "addresses", "website": "websites", "partner_name": "partner", "tags": "tags",
}  # fmt: skip


@click.command("import")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--mapping", metavar="NAME|PATH", help="Preset or mapping file; found by itself when not given.")
@click.option("--accept-mapping", is_flag=True, help="Take the mapping found by itself even where it is not sure.")
@click.option("--owner", type=click.UUID, metavar="UUID", help="Who owns the contacts, when not the user.")
@click.option("--source", metavar="NAME", help="Where they come from; a source_id counts within owner and source.")
@click.option("--region", help="Country of phone numbers without a country code, such as GB; US when not given.")
@click.option("--dates", type=click.Choice(["mdy", "dmy", "ymd"]), help="Order of dates like 03/04/1975.")
@click.option("--sheet", metavar="NAME", help="Sheet of a workbook; the first with a table when not given.")
@click.option("--encoding", metavar="NAME", help="Encoding of a text file that is not UTF-8.")
@click.option(
    "--on-match", type=click.Choice(["update", "fill", "skip", "create"]), default="update", show_default=True,
    help="What to do with a row that is known already: change it, only fill gaps, leave it, or add it again.",
)  # fmt: skip
@click.option(
    "--max-rejects", metavar="N|P%",
    help="Import nothing of a file of which more rows than that have something rejected: a number, or a percentage.",
)  # fmt: skip
@click.option("--full", is_flag=True, help="The file is all of its --source: report the contacts missing from it.")
@click.option("--delete-missing", is_flag=True, help="With --full: delete those contacts, softly.")
@click.option(
    "--max-missing", metavar="N|P%", default="50%", show_default=True,
    help="With --delete-missing: import nothing when more of the source's contacts would go.",
)  # fmt: skip
@click.option("--dry-run", is_flag=True, help="Do it all and take it back: only the report remains.")
@with_settings
def import_files(settings: Settings, files: tuple[str, ...], **how: Any) -> None:
    """Import contact files: CSV, XLS, XLSX, JSON or vCard.

    What a file is shows in its content, not its name; "-" is stdin. Each file is one transaction: all of it is in, or
    nothing, and importing it again changes nothing. Rejected values and rows are listed by `onecard rejects`.
    """
    from flows.pipeline import ImportSettings

    _check_places(files)
    errors = _import_all(settings, files, ImportSettings(**how))
    if errors:
        raise click.exceptions.Exit(errors[0].exit_code)


def _check_places(files: tuple[str, ...]) -> None:
    """Refuse a misspelt file before anything is imported or a database made."""
    for name in files:
        place = Path(name)
        if name != STDIN and not place.exists():
            beside = [path.name for path in place.parent.iterdir()] if place.parent.is_dir() else []
            raise InputFileError("there is no such file", where=name, remedy=did_you_mean(place.name, beside))


def _import_all(settings: Settings, files: tuple[str, ...], how: "ImportSettings") -> list[OnecardError]:
    """Import one file after the other, reporting each; returns what stopped single files, which was said already."""
    errors: list[OnecardError] = []
    with _interrupted(len(files)) as done, _undone(settings, how) as place, opened(place, create=True) as db:
        for name in files:
            try:
                report = _import_one(settings, db, name, how)
                if not how.dry_run:
                    done.append(name)
                _print_import(settings, report, full=how.full)
            except FILE_ERRORS as error:
                click.echo(f"error: {error}", err=True)
                errors.append(error)
    return errors


@contextmanager
def _interrupted(files: int) -> Iterator[list[str]]:
    """Give a list for the files that are in, and let Ctrl-C say how many those were: closing may be cut short too."""
    done: list[str] = []
    try:
        yield done
    except (KeyboardInterrupt, Exception) as interrupt:
        if not is_interrupt(interrupt):
            raise
        rest = f"{len(done)} of {files} files imported, nothing of the others" if done else "nothing was changed"
        raise KeyboardInterrupt(f"interrupted, {rest}") from interrupt


@contextmanager
def _undone(settings: Settings, how: "ImportSettings") -> Iterator[Settings]:
    """Send a dry run that finds no database to one of its own, so that it leaves none behind."""
    if not how.dry_run or settings.db.exists() or not settings.db.parent.is_dir():
        yield settings
        return
    with TemporaryDirectory(prefix="onecard-") as folder:
        yield replace(settings, db=Path(folder) / settings.db.name)


def _import_one(settings: Settings, db: "Database", name: str, how: "ImportSettings") -> "ImportReport":
    from flows.pipeline import import_file

    with _as_file(name) as file, progress(settings) as show:
        return import_file(db, file, how, now=datetime.now(UTC), on_progress=show)


@contextmanager
def _as_file(name: str) -> Iterator[Path]:
    """The file of that name; what comes on stdin is put into one first, for a reader may go over it twice."""
    if name != STDIN:
        yield Path(name)
        return
    with TemporaryDirectory(prefix="onecard-") as folder:
        file = Path(folder) / "stdin"
        with file.open("wb") as copy:
            shutil.copyfileobj(sys.stdin.buffer, copy)
        yield file


def _print_import(settings: Settings, report: "ImportReport", *, full: bool) -> None:
    from flows.import_reports import proposal_json

    for warning in report.warnings:
        warn(settings, f"{report.file}: {warning}")
    if report.proposal is not None:
        _tell_proposal(settings, report.proposal)
    if settings.as_json:
        found = {} if report.proposal is None else {"mapping": proposal_json(report.proposal)}
        missing = {"missing": report.missing, "deleted": report.deleted} if full else {}
        preview = {"preview": report.preview} if report.state == DRY_RUN else {}
        print_json({key: getattr(report, key) for key in REPORT_KEYS} | found | missing | preview)
    elif not settings.quiet:
        click.echo("\n".join([*_lines(report), *_cards(report)]))
    _print_next_steps(settings, report)


def _tell_proposal(settings: Settings, proposal: "Proposal") -> None:
    """Say on stderr what every column was taken for, how sure that is, and what was left out and why."""
    known = f"columns of the preset {proposal.preset}" if proposal.preset else "columns read by name and content"
    note(settings, f"mapping found by itself: {known}")
    taken = [_taken_for(proposal.mapping.mappings.get(column.column)) for column in proposal.columns]
    width, wide = max(len(column.column) for column in proposal.columns), max(map(len, taken))
    for column, what in zip(proposal.columns, taken, strict=True):
        share = f"{column.confidence:4.0%}" if column.attribute_type else "    "
        note(settings, printable(f"  {column.column:<{width}}  {what:<{wide}}  {share}  {column.reason}"))


def _taken_for(entry: "MappingEntry | None") -> str:
    """Name what a column is taken for: "phone_number (Home)", "full_name (partner)"."""
    if entry is None:
        return "left out"
    words = [word for word in ("partner" if entry.is_partner else None, entry.label) if word]
    return f"{entry.attribute_type} ({', '.join(words)})" if words else entry.attribute_type


def _lines(report: "ImportReport") -> Iterator[str]:
    """Lay out a report for a person: counts, why things were rejected, what was left out."""
    undone = ", taken back" if report.state == DRY_RUN else ""
    encoding = f", read as {report.encoding}" if report.encoding not in (None, "utf-8") else ""
    yield f"{report.file}: {counted(report.rows, 'row')} in {report.seconds:.1f} s{encoding}{undone}"
    for name in ("created", "updated", "unchanged", "rejected"):
        yield f"  {name:<10} {as_text(getattr(report, name)):>10}"
    if report.rejected_values:
        values = "value" if report.rejected_values == 1 else "values"
        yield f"  {'and':<10} {as_text(report.rejected_values):>10} single {values} rejected in rows that were taken"
    for reason, count in report.reasons[:MOST_REASONS]:
        yield f"  {'':<10} {as_text(count):>10} × {as_text(reason)}"
    if len(report.reasons) > MOST_REASONS:
        yield f"  {'':<10} {'':>10}   and {counted(len(report.reasons) - MOST_REASONS, 'more reason')}"
    if report.missing:
        lacked = f"contacts of the source, {as_text(report.deleted)} of them deleted"
        yield f"  {'missing':<10} {as_text(len(report.missing)):>10} {lacked}"
    if report.ignored_columns and report.proposal is None:
        yield f"  columns the mapping leaves out: {as_text(report.ignored_columns)}"


def _cards(report: "ImportReport") -> Iterator[str]:
    """Lay out, for a person, how the first contacts of a dry run would look: a card each, what it has a line each."""
    for card in report.preview:
        yield f"\n  {as_text(card['display_name']) or '(no name)'} ({card['outcome']})"
        for name, called in CARD.items():
            values = card[name] if isinstance(card[name], list) else [card[name]]
            if any(values):
                yield f"    {called:<9}  {'; '.join(map(as_text, values))}"


def _print_next_steps(settings: Settings, report: "ImportReport") -> None:
    if settings.as_json or report.state == DRY_RUN:
        return
    if report.reasons:
        note(settings, f"next: onecard rejects {report.job_id} -o fix.csv    correct it and import it again")
    if report.created or report.updated:
        note(settings, "next: onecard dedup    find duplicates among all contacts")


@click.command("mapping")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--sheet", metavar="NAME", help="Sheet of a workbook; the first with a table when not given.")
@click.option("--encoding", metavar="NAME", help="Encoding of a text file that is not UTF-8.")
@with_settings
def mapping(settings: Settings, file: Path, sheet: str | None, encoding: str | None) -> None:
    """Propose a mapping for a file.

    The documented JSON goes to stdout, to be read over and given to `onecard import --mapping`; how sure each column
    is, and why others are left out, goes to stderr.
    """
    from flows.table_feeds import found_mapping
    from transforms.reading import ContactBody, read_file

    _check_places((str(file),))
    with TemporaryDirectory(prefix="onecard-") as workdir:
        table = read_file(file, sheet=sheet, encoding=encoding, workdir=Path(workdir))
        if isinstance(table, ContactBody):
            called = "vCards" if table.kind == "vcard" else "documented contacts"
            raise MappingError(f"these are {called}", where=str(file), remedy="They are imported without a mapping.")
        proposal = found_mapping(table, where=file.name)
    click.echo(proposal.mapping.model_dump_json(indent=2, exclude_defaults=True))
    _tell_proposal(settings, proposal)
