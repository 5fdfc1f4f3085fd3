"""`onecard dedup`, `duplicates`, `explain` and `judge`: find duplicates, look at them, have the last word."""

import sys
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from uuid import UUID

import click

from flows.options import Settings, opened, with_settings
from flows.printing import note, print_json, print_report, print_table, printable, progress
from storage.errors import UsageError

if TYPE_CHECKING:
    from dedup.rules import Rules
    from storage.database import Database

__all__ = ["dedup", "duplicates", "explain", "judge"]


@click.command("dedup")
@click.option(
    "--threshold",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    metavar="P",
    help="Probability from which two contacts are held for one person.",
)
@click.option(
    "--scope",
    type=click.Choice(["user", "brand", "all"]),
    help="Whose contacts may be one person: one user's (the default), one brand's, or all.",
)
@click.option("--rules", type=click.Path(path_type=Path), metavar="FILE", help="Rules file (JSON); or exact-email.")
@click.option("--full", is_flag=True, help="Compare everything anew, not only what changed since the last run.")
@click.option("--print-rules", is_flag=True, help="Print the rules in force, to start a rules file from, and stop.")
@click.option(
    "--report",
    "page",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write a report of the run, with charts and sample pairs, as one HTML file. It names people.",
)
@with_settings
def dedup(
    settings: Settings,
    threshold: float | None,
    scope: str | None,
    rules: Path | None,
    full: bool,
    print_rules: bool,
    page: Path | None,
) -> None:
    """Find duplicate clusters.

    Among all contacts, and without settings: what a match looks like is learned from the contacts themselves. A later
    run with the same rules compares only the contacts that changed in between, while those are few. Judgements stay.
    """
    from api_export.targets import open_target
    from flows.pipeline import find_all_duplicates, find_duplicates

    chosen = _rules(rules, threshold, scope)
    if print_rules:
        click.echo(chosen.model_dump_json(indent=2))
        return
    with opened(settings) as db, progress(settings) as show, open_target(page) if page else nullcontext() as out:
        find = find_all_duplicates if full else find_duplicates
        report = find(db, rules=chosen, now=datetime.now(UTC), on_progress=show)
        if out is not None:
            from flows.reporting import report_run

            show("writing the report", None)
            report_run(db, out)
    print_report(settings, vars(report))
    if report.clusters and not settings.as_json:
        note(settings, "next: onecard duplicates    look at them")
        note(settings, "next: onecard merge --auto --dry-run    see what merging the sure ones would do")


def _rules(file: Path | None, threshold: float | None, scope: str | None) -> "Rules":
    from dedup.rules import Rules, load_rules

    rules = Rules() if file is None else load_rules(file)
    given = {"threshold": threshold, "scope": scope}
    return rules.model_copy(update={name: value for name, value in given.items() if value is not None})


@click.command("duplicates")
@click.argument("contact", type=click.UUID, required=False)
@click.option("--limit", type=click.IntRange(1), metavar="N", help="At most so many clusters.")
@with_settings
def duplicates(settings: Settings, contact: UUID | None, limit: int | None) -> None:
    """Show the clusters, or the one a contact is in.

    In the documented JSON with --json or when stdout is no terminal, else side by side.
    """
    with opened(settings, read_only=True) as db:
        if contact is not None:
            _check_contact(db, contact)
        if settings.as_json or not sys.stdout.isatty():
            _print_documented(db, contact, limit)
        else:
            _print_side_by_side(settings, db, contact, limit)


def _check_contact(db: "Database", contact: UUID) -> None:
    if not db.con.execute("SELECT 1 FROM contacts WHERE id = ? AND deleted_at IS NULL", [contact]).fetchall():
        raise UsageError(f"there is no contact {contact}", remedy="`onecard duplicates` lists contacts by id.")


def _print_documented(db: "Database", contact: UUID | None, limit: int | None) -> None:
    """Print the envelope: a list of clusters with its info, or one contact's cluster alone (contract RULES S6)."""
    from api_export.clusters import cluster_text
    from api_export.exporting import export
    from api_export.selecting import Wanted

    if contact is None:
        export(db.con, "duplicates", Wanted(limit=limit), target="-")
        return
    cluster = cluster_text(db.con, contact).decode()
    click.echo(f'{{"code":"OK","data":{cluster or "null"}}}')


def _print_side_by_side(settings: Settings, db: "Database", contact: UUID | None, limit: int | None) -> None:
    from storage.reviewing import read_cluster_cards

    cards = read_cluster_cards(db.con, contact=contact, limit=limit)
    if cards.is_empty():
        note(settings, "no duplicates" if contact else "no duplicates are known; `onecard dedup` looks for them")
        return
    columns = ("cluster", "probability", "contact", "name", "e-mail", "phone", "company")
    print_table(columns, cards.rows())
    first = cards.filter(cards["cluster"] == cards["cluster"][0])["contact"]
    note(settings, f"next: onecard explain {first[0]} {first[1]}    why they are held for one person")
    note(settings, f"next: onecard merge {' '.join(first)}    the first named lives on")


@click.command("explain")
@click.argument("left", metavar="A", type=click.UUID)
@click.argument("right", metavar="B", type=click.UUID)
@with_settings
def explain(settings: Settings, left: UUID, right: UUID) -> None:
    """Show why two contacts are held for one person, or not.

    Field by field what agrees, how many people hold it, and what that is worth in bits, with what the last run learned:
    one bit doubles the odds. Then what would change the verdict.
    """
    from flows.pipeline import explain_pair
    from storage.reviewing import read_judgement

    if left == right:
        raise UsageError("a contact is always one person with itself", remedy="Name two contacts.")
    with opened(settings, read_only=True) as db:
        judgement = read_judgement(db.con, left, right)
        explanation = explain_pair(db, left, right)
    if settings.as_json:
        print_json({**explanation.as_dict(), "judgement": judgement}, indent=2)
        return
    click.echo(printable(explanation.as_text()))
    click.echo(f"a person said: {judgement or 'nothing yet'}")


@click.command("judge")
@click.argument("left", metavar="A", type=click.UUID)
@click.argument("right", metavar="B", type=click.UUID)
@click.argument("judgement", type=click.Choice(["same", "different"]))
@with_settings
def judge(settings: Settings, left: UUID, right: UUID, judgement: Literal["same", "different"]) -> None:
    """Say that two contacts are the same person or different ones.

    A person's word is obeyed by every later run; a later word replaces it.
    """
    from flows import pipeline

    with opened(settings) as db:
        pipeline.judge(db, left, right, judgement, by=db.user, now=datetime.now(UTC))
    print_report(settings, {"left": str(left), "right": str(right), "judgement": judgement})
    if not settings.as_json:
        note(settings, "next: onecard dedup    let the clusters follow")
