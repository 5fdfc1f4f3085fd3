"""`onecard export`: contacts and what belongs to them, in the documented shapes and as tables."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from flows.options import Settings, format_of, opened, target_of, with_settings
from flows.printing import counted, note
from storage.errors import UsageError

if TYPE_CHECKING:
    from api_export.exporting import Format, Kind
    from api_export.filters import ContactFilter

__all__ = ["export"]

KINDS = ("contacts", "duplicates", "tags", "attribute_defs", "attributes")
FORMATS = ("json", "ndjson", "csv", "xlsx", "parquet")
BINARY = ("xlsx", "parquet")
STDIN = STDOUT = "-"


@click.command("export")
@click.argument("what", type=click.Choice(KINDS))
@click.option("-o", "output", default=STDOUT, metavar="FILE", help="File to write; - is stdout, the default.")
@click.option("--format", type=click.Choice(FORMATS), help="Format; by the file's name when not given, else json.")
@click.option(
    "--associations",
    multiple=True,
    metavar="NAME",
    help="What to add: contact.attributes, contact.summary, contact_attribute.attribute_def; several by commas.",
)
@click.option("--filter", "filter_file", metavar="FILE", help="Documented filter (JSON): which contacts; - is stdin.")
@click.option("--order", metavar="KEY", help="Sort by display_name, sort_field, created_at …; -KEY is descending.")
@click.option("--start", type=click.IntRange(0), default=0, metavar="N", help="Leave out the first N.")
@click.option("--limit", type=click.IntRange(0), metavar="N", help="At most N; all when not given.")
@with_settings
def export(
    settings: Settings,
    *,
    what: "Kind",
    output: str,
    format: "Format | None",
    associations: tuple[str, ...],
    filter_file: str | None,
    order: str | None,
    start: int,
    limit: int | None,
) -> None:
    """Export in the documented shapes: JSON, NDJSON, CSV, XLSX, Parquet.

    A file appears whole or not at all.
    """
    from api_export.exporting import export as write
    from api_export.filters import ContactFilter
    from api_export.selecting import Wanted

    kind = format or format_of(output)
    if output == STDOUT and kind in BINARY and sys.stdout.isatty():
        raise UsageError(f"{kind} is not for a terminal", remedy=f"Write it to a file: -o {what}.{kind}.")
    chosen = ContactFilter() if filter_file is None else _read_filter(filter_file)
    wanted = Wanted(chosen, order=order, start=start, limit=limit)
    added = [name.strip() for names in associations for name in names.split(",") if name.strip()]
    with opened(settings, read_only=True) as db:
        count = write(db.con, what, wanted, target=target_of(output), format=kind, associations=added)
    if output != STDOUT:
        note(settings, f"{counted(count, what.removesuffix('s'))} {'is' if count == 1 else 'are'} in {output}")


def _read_filter(name: str) -> "ContactFilter":
    from api_export.filters import read_filter, read_filter_file

    if name != STDIN:
        return read_filter_file(Path(name))
    try:
        return read_filter(json.load(sys.stdin.buffer), where="stdin")
    except ValueError as cause:
        raise UsageError("the filter is not JSON", where="stdin") from cause
