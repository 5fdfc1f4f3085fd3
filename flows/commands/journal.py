"""`onecard jobs` and `onecard rejects`: what was done, and what an import would not take.

Rejects go to a file with their original columns, the row they came from and the reason; corrected, the file can be
imported, and each row takes the place of the one it came from.
"""

import csv
import json
from collections.abc import Iterable, Mapping
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from flows.options import Settings, opened, target_of, with_settings
from flows.printing import as_text, counted, note, print_json, print_table
from storage.errors import UsageError

if TYPE_CHECKING:
    from storage.jobs import Job

__all__ = ["jobs", "rejects"]

STDOUT = "-"
RECORD = "record"
COUNTED = ("rows", "created", "updated", "unchanged", "rejected", "contacts", "pairs", "clusters", "merged", "undone",
           "sub_contacts", "removed", "restored")  # fmt: skip


@click.command("jobs")
@click.argument("job", required=False)
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True, help="How many, the latest first.")
@with_settings
def jobs(settings: Settings, job: str | None, limit: int) -> None:
    """List what was done, or show one job.

    JOB is a job id or its beginning; of it is shown what was asked and what came of it.
    """
    from storage.jobs import find_job, list_jobs, seen_from_outside

    with opened(settings, read_only=True) as db:
        listed = [find_job(db.con, job)] if job else list_jobs(db.con, limit=limit)
    found = [seen_from_outside(one) for one in listed]
    if settings.as_json:
        described = [_described(one) for one in found]
        print_json(described[0] if job else {"jobs": described})
    elif job:
        print_table(("", ""), [(name.replace("_", " "), value) for name, value in _described(found[0]).items()])
    else:
        rows = [(str(one.id), one.kind, one.state, one.created_at, one.file, _outcome(one)) for one in found]
        print_table(("job", "kind", "state", "when", "file", "outcome"), rows)


def _described(job: "Job") -> dict[str, Any]:
    moments = {name: moment and moment.isoformat() for name, moment in _moments(job).items()}
    return {"job_id": str(job.id), "kind": job.kind, "state": job.state, **moments,
            "created_by": job.created_by and str(job.created_by), "file": job.file,
            "arguments": job.arguments, "report": job.report, "error": job.error}  # fmt: skip


def _moments(job: "Job") -> dict[str, Any]:
    return {"created_at": job.created_at, "finished_at": job.finished_at}


def _outcome(job: "Job") -> str:
    counts = [(job.report[name], name.replace("_", " ")) for name in COUNTED if job.report.get(name)]
    return job.error or ", ".join(
        f"{as_text(count)} {what.removesuffix('s') if count == 1 else what}" for count, what in counts
    )


@click.command("rejects")
@click.argument("job")
@click.option("-o", "output", metavar="FILE", help="Write them to a CSV or JSON file to correct; - is stdout.")
@with_settings
def rejects(settings: Settings, job: str, output: str | None) -> None:
    """List what an import rejected, or write it to a file to correct.

    JOB is the import's job id or its beginning. The file has the original columns, the reason, and onecard_row, which
    says what a corrected row replaces: leave that column in and import the file. It is read as the first one was.
    """
    from storage.jobs import find_job, read_reject_originals, read_rejects

    with opened(settings, read_only=True) as db:
        found = find_job(db.con, job)
        if output is not None:
            originals = read_reject_originals(db.con, found.id).select("row", "original", "reason").rows()
        else:
            listed = read_rejects(db.con, found.id)
    if output is not None:
        _write(settings, output, [_to_correct(str(found.id), *row) for row in originals])
    elif settings.as_json:
        print_json({"job_id": str(found.id), "file": found.file, "rejects": listed.to_dicts()})
    else:
        columns = ("row", "column", "value", "reason")
        print_table(columns, listed.select("row", "column_name", "value", "reason").rows())
        note(settings, f"next: onecard rejects {found.id} -o fix.csv    correct it and import it again")


def _to_correct(job: str, row: int, original: str, reason: str) -> dict[str, Any]:
    """Put an original row beside where it came from and why it was rejected."""
    from storage.corrections import ORIGIN_COLUMN, added_columns, reason_column

    cells = json.loads(original)
    if not isinstance(cells, dict):
        cells = {RECORD: cells}  # a line or element that is no object
    origin = f"{job}:{row}"
    added = added_columns(cells)  # there are some when the file imported was a file of rejects itself
    if added:
        origin = cells[ORIGIN_COLUMN] or origin
    cells = {name: cell for name, cell in cells.items() if name not in added}
    return {**cells, reason_column(cells): reason, ORIGIN_COLUMN: origin}


def _write(settings: Settings, output: str, rows: list[dict[str, Any]]) -> None:
    """Write rows to correct, as CSV, or as JSON when the file is called so."""
    from api_export.targets import open_target

    kind = Path(output).suffix.lower()
    if kind not in ("", ".csv", ".json"):
        raise UsageError(
            "rejects are written as CSV or JSON", where=output, remedy="Call the file fix.csv or fix.json."
        )
    text = _json_text(rows) if kind == ".json" else _csv_text(rows)
    with open_target(target_of(output)) as file:
        file.write(text.encode())
    if output != STDOUT:
        are, them = ("is", "it") if len(rows) == 1 else ("are", "them")
        note(settings, f"{counted(len(rows), 'row')} to correct {are} in {output}; correct {them} and import the file")


def _csv_text(rows: Iterable[Mapping[str, Any]]) -> str:
    columns = list(dict.fromkeys(name for row in rows for name in row))
    text = StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([_cell(row.get(name)) for name in columns] for row in rows)
    return text.getvalue()


def _cell(value: object) -> object:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value


def _json_text(rows: list[dict[str, Any]]) -> str:
    """Contacts go into the documented body, flat rows into an array."""
    bodies = any("attributes" in row for row in rows)
    return json.dumps({"contacts": rows} if bodies else rows, ensure_ascii=False, indent=1) + "\n"
