"""`onecard undo`: a whole import is taken back."""

from datetime import UTC, datetime

import click

from flows.options import Settings, opened, with_settings
from flows.printing import print_report, progress

__all__ = ["undo"]


@click.command("undo")
@click.argument("job")
@click.option("--dry-run", is_flag=True, help="Do it and take that back: only the report remains.")
@with_settings
def undo(settings: Settings, job: str, *, dry_run: bool) -> None:
    """Take a whole import back, exactly.

    JOB is the import's job id or its beginning. Contacts it created are removed for good, those it changed are as they
    were, and its rejects, tags and file are forgotten; importing the file again works as the first time. Refused when
    later work depends on it: another import, a merge, an edit.
    """
    from flows.undoing import undo_import

    with opened(settings) as db, progress(settings) as show:
        report = undo_import(db, job, by=db.user, now=datetime.now(UTC), dry_run=dry_run, on_progress=show)
    print_report(settings, vars(report), title="dry run, taken back" if dry_run else "")
