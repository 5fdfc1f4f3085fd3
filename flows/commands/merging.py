"""`onecard merge` and `onecard unmerge`: several contacts become one, and can become several again."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import UUID

import click
from pydantic import BaseModel, ConfigDict, ValidationError

from flows.options import Settings, opened, read_input, with_settings
from flows.printing import note, print_report, printable, progress
from storage.errors import UsageError

if TYPE_CHECKING:
    from storage.database import Database
    from storage.merges import Clusters

__all__ = ["merge", "unmerge"]

SURE = 0.99
MOST_SHOWN = 20
BODY = 'Write {"clusters": [{"parent": "<contact id>", "sub_contacts": ["<contact id>"]}]}.'


class _Cluster(BaseModel):
    """One cluster to merge: the contact that lives on and those that go into it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    parent: UUID
    sub_contacts: tuple[UUID, ...]


class _Body(BaseModel):
    """The documented body of merging several clusters."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    clusters: tuple[_Cluster, ...]


@click.command("merge")
@click.argument("contacts", nargs=-1, type=click.UUID, metavar="[PARENT SUB...]")
@click.option("--clusters", "body", metavar="FILE", help="Merge the clusters of a documented body; - is stdin.")
@click.option("--auto", is_flag=True, help="Merge every cluster the last dedup run is sure of.")
@click.option(
    "--min-probability",
    type=click.FloatRange(0, 1),
    metavar="P",
    help=f"How sure --auto has to be of every member of a cluster; others are left out [default: {SURE}].",
)
@click.option("--dry-run", is_flag=True, help="Do it and take it back: only the report remains.")
@with_settings
def merge(
    settings: Settings,
    *,
    contacts: tuple[UUID, ...],
    body: str | None,
    auto: bool,
    min_probability: float | None,
    dry_run: bool,
) -> None:
    """Merge contacts into one.

    PARENT lives on; what the others have and it lacks moves to it. Name the contacts, or a file of clusters, or let
    --auto choose. All of it happens or nothing, and `onecard unmerge` takes it back.
    """
    from flows.pipeline import clusters_to_merge, merge_contacts

    _check_one_way(contacts, body, auto, min_probability)
    read = None if body is None else _read_body(body)
    left_out: int | None = None
    with opened(settings) as db, progress(settings) as show:
        if auto:
            at_least = SURE if min_probability is None else min_probability
            clusters, left_out = clusters_to_merge(db, min_probability=at_least)
        else:
            clusters = [(contacts[0], contacts[1:])] if read is None else read
        merges = list(_named(db, clusters))
        report = merge_contacts(
            db, clusters, by=db.user, now=datetime.now(UTC), dry_run=dry_run, left_out=left_out, on_progress=show
        )
    print_report(settings, report.told(), title="dry run, taken back" if dry_run else "")
    if merges and not settings.as_json and not settings.quiet:
        click.echo("\n".join(["", *merges]))
    if settings.as_json:
        return
    if left_out:
        note(settings, "next: onecard duplicates    look at those left out, which are less sure")
    if report.merged and not dry_run:
        note(settings, f"next: onecard unmerge {report.job_id}    take it back")


def _check_one_way(contacts: tuple[UUID, ...], body: str | None, auto: bool, min_probability: float | None) -> None:
    if bool(contacts) + (body is not None) + auto != 1:
        raise UsageError("name PARENT and SUB contacts, or --clusters FILE, or --auto: one of them")
    if min_probability is not None and not auto:
        raise UsageError("--min-probability goes with --auto")
    if len(contacts) == 1:
        raise UsageError("one contact alone cannot be merged", remedy="Name the PARENT and at least one SUB contact.")


def _named(db: "Database", clusters: "Clusters") -> Iterator[str]:
    """Say by their names which contacts go into which, of the first clusters."""
    from storage.reviewing import read_names

    shown = clusters[:MOST_SHOWN]
    names = read_names(db.con, [contact for parent, subs in shown for contact in (parent, *subs)])
    for parent, subs in shown:
        into, *others = (names.get(contact) or "(no name)" for contact in (parent, *subs))
        yield printable(f"  {into} ← {', '.join(others)}")
    if len(clusters) > MOST_SHOWN:
        yield f"  and {len(clusters) - MOST_SHOWN:,} clusters more"


def _read_body(name: str) -> "Clusters":
    """Read the documented body of merging several clusters. Raises: UsageError."""
    text = read_input(name, what="the clusters", remedy="Name a JSON file with --clusters.")
    try:
        return [(cluster.parent, cluster.sub_contacts) for cluster in _Body.model_validate_json(text).clusters]
    except ValidationError as cause:
        first = cause.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(step) for step in first["loc"])
        raise UsageError(f"{place}: {first['msg']}" if place else str(first["msg"]), where=name, remedy=BODY) from cause


@click.command("unmerge")
@click.argument("job_or_parent", type=click.UUID)
@with_settings
def unmerge(settings: Settings, job_or_parent: UUID) -> None:
    """Undo a merge, exactly.

    By the merge's job id, all it merged comes apart; by a parent's id, the latest merge into it. What was added to the
    parent since stays with it.
    """
    from flows import pipeline

    with opened(settings) as db, progress(settings) as show:
        report = pipeline.unmerge(db, job_or_parent, by=db.user, now=datetime.now(UTC), on_progress=show)
    print_report(settings, vars(report))
