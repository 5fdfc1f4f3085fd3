"""`onecard sql`, `publish` and `doctor`: look into the database, hand out a copy, see that it is sound."""

import csv
import json
import sys
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from flows.options import Settings, opened, with_settings
from flows.printing import note, print_json, print_report, print_table
from storage.errors import DatabaseError, OnecardError, UsageError

if TYPE_CHECKING:
    from storage.checking import Finding
    from storage.queries import Answer

__all__ = ["doctor", "publish", "sql"]

STDIN = "-"
ON_SCREEN = 1_000


@click.command("sql")
@click.argument("query")
@click.option("--csv", "as_csv", is_flag=True, help="Answer in CSV.")
@with_settings
def sql(settings: Settings, query: str, as_csv: bool) -> None:
    """Ask the database a read-only query.

    "-" reads it from stdin. The views contacts_wide, emails, phone_numbers, addresses, contact_tags, tag_counts,
    touch_due, collection_members, import_history, import_errors, duplicates_to_review, merge_history, completeness and
    data_quality are made for it.
    """
    from storage.queries import ask

    if as_csv and settings.as_json:
        raise UsageError("--csv and --json at once")
    text = sys.stdin.read() if query == STDIN else query
    with opened(settings, read_only=True) as db:
        answer = ask(db.con, text)
        if settings.as_json:
            _print_objects(answer)
        elif as_csv:
            _print_csv(answer)
        else:
            _print_rows(settings, answer)


def _print_objects(answer: "Answer") -> None:
    """Print an array of objects, a row a line, as the rows come."""
    separator = "[\n"
    for row in answer.rows:
        sys.stdout.write(separator + json.dumps(dict(zip(answer.columns, row, strict=True)), ensure_ascii=False))
        separator = ",\n"
    sys.stdout.write("[]\n" if separator == "[\n" else "\n]\n")


def _print_csv(answer: "Answer") -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(answer.columns)
    writer.writerows([_cell(value) for value in row] for row in answer.rows)


def _cell(value: Any) -> Any:
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    return str(value).lower() if isinstance(value, bool) else value


def _print_rows(settings: Settings, answer: "Answer") -> None:
    rows: Iterator[tuple[Any, ...]] = answer.rows
    shown = list(islice(rows, ON_SCREEN)) if sys.stdout.isatty() else list(rows)
    print_table(answer.columns, shown)
    if next(rows, None) is not None:
        note(settings, f"the first {ON_SCREEN:,} rows; --csv or --json give all of them")


@click.command("publish")
@click.argument("path", type=click.Path(path_type=Path), required=False)
@with_settings
def publish(settings: Settings, path: Path | None) -> None:
    """Publish a copy for analysts to read while others write.

    The copy replaces the one before in one step; PATH is beside the database when not given (onecard.published.duckdb).
    """
    from storage.publishing import publish_database

    started = time.perf_counter()
    target = publish_database(settings.db, path)
    seconds = round(time.perf_counter() - started, 3)
    print_report(settings, {"path": str(target), "bytes": target.stat().st_size, "seconds": seconds})


@click.command("doctor")
@with_settings
def doctor(settings: Settings) -> None:
    """Check the database.

    File, lock and schema, and that facts, decisions and derived rows agree. Changes nothing. Exit code 0 when all is
    well, 6 when not.
    """
    findings = _findings(settings)
    sound = all(finding.is_fine for finding in findings)
    if settings.as_json:
        print_json({"ok": sound, "findings": [vars(finding) for finding in findings]}, indent=2)
    elif not (settings.quiet and sound):
        rows = [("ok" if one.is_fine else "WRONG", one.check, one.detail, one.remedy) for one in findings]
        print_table(("", "check", "found", "remedy"), rows)
    if not sound:
        raise click.exceptions.Exit(DatabaseError.exit_code)


def _findings(settings: Settings) -> list["Finding"]:
    """Check what can be checked; a database that does not even open is a finding too."""
    from storage.checking import Finding, check_database

    try:
        with opened(settings, read_only=True) as db:
            return check_database(db)
    except OnecardError as error:
        return [Finding("database opens", is_fine=False, detail=error.what, remedy=error.remedy)]
