"""`onecard flows`: the pipeline on a schedule, with Prefect."""

from pathlib import Path
from typing import Any

import click

from flows.options import Settings, with_settings
from flows.printing import note

__all__ = ["flows"]


@click.group("flows")
def flows() -> None:
    """Run on a schedule, with Prefect."""


@flows.command("serve")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path), metavar="[FILE|FOLDER...]")
@click.option(
    "-o",
    "output",
    type=click.Path(path_type=Path),
    default=Path("contacts.json"),
    show_default=True,
    metavar="FILE",
    help="Where the nightly run exports the contacts; by its name JSON, NDJSON, CSV, XLSX …",
)
@click.option("--cron", default="0 2 * * *", show_default=True, help="When the nightly run starts.")
@click.option(
    "--mapping", metavar="NAME|PATH", help="Mapping of files that have none beside them (leads.mapping.json)."
)
@click.option(
    "--min-probability",
    type=click.FloatRange(0, 1),
    default=0.99,
    show_default=True,
    metavar="P",
    help="How sure the nightly run has to be of a cluster to merge it.",
)
@click.option(
    "--watch",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    metavar="FOLDER",
    help="Import what is put into this folder.",
)
@click.option(
    "--every",
    "every_s",
    type=click.FloatRange(1),
    default=60,
    show_default=True,
    metavar="SECONDS",
    help="How often the folder is looked into.",
)
@click.option(
    "--port",
    type=click.IntRange(1, 65535),
    default=4200,
    show_default=True,
    help="Port of the Prefect server that is started here when PREFECT_API_URL names none.",
)
@with_settings
def serve(settings: Settings, *, port: int, **planned: Any) -> None:
    """Serve the nightly run and a watched folder until interrupted.

    Every night the FILEs are imported, duplicates found, the sure ones merged, contacts exported and a copy published.
    Files put into the watched folder are moved to its folders imported or failed. Schedules and reports are shown at
    the address of the Prefect server.
    """
    from flows.serving import Plan, serve_flows

    note(settings, f"serving; schedules and reports: http://127.0.0.1:{port} (or PREFECT_API_URL); Ctrl-C ends it")
    serve_flows(Plan(db=settings.db, **planned), port=port)
