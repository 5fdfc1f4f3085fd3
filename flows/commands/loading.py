"""`onecard load`: what surrounds contacts comes in: users, lists, flows, deals, tasks."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import click

from flows.options import Settings, opened, with_settings
from flows.printing import counted, print_report, warn
from transforms.memberships import Loadable

if TYPE_CHECKING:
    from flows.loading import LoadReport

__all__ = ["load"]


@click.command("load")
@click.argument("what", type=click.Choice(get_args(Loadable)))
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--region", default="US", show_default=True, help="Country of phone numbers without a country code.")
@with_settings
def load(settings: Settings, what: Loadable, file: Path, region: str) -> None:
    """Load users, and who is in which list, flow, deal or task.

    A row of lists, flows, deals or crm_tasks has an id or name and who is in: a contact by id, or whoever has an email
    or phone_number. What the file names has its members and no others afterwards, so loading it again changes nothing.
    """
    from flows.loading import load_file

    with opened(settings, create=True) as db:
        report = load_file(db, what, file, region=region, now=datetime.now(UTC))
    for reason, count in report.reasons:
        warn(settings, f"{report.file}: {count} × {reason}")
    print_report(settings, _shown(report), title=f"{report.file}: {counted(report.rows, 'row')} of {what}")


def _shown(report: "LoadReport") -> dict[str, object]:
    return {name: value for name, value in vars(report).items() if name != "reasons"}
