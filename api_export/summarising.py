"""Rebuild what is derived from the attributes of contacts that changed: their summaries."""

from collections.abc import Callable

import polars as pl

from storage.contacts import read_attributes, write_summaries
from storage.database import Database
from transforms.summaries import summarise_attributes

__all__ = ["AT_ONCE", "Progress", "refresh_summaries", "silent"]

Progress = Callable[[str, tuple[int, int] | None], None]
"""Told the step under way, and how many rows or contacts of how many are done, or None where that is not known."""

AT_ONCE = 100_000
"""Of so many contacts the attributes are held in memory."""


def silent(_step: str, _done: tuple[int, int] | None) -> None:
    """Report progress to nobody."""


def refresh_summaries(
    db: Database, contacts: pl.DataFrame, *, living: pl.DataFrame | None = None, on_progress: Progress = silent
) -> None:
    """Recompute the summaries of some contacts [contact: str], inside the caller's transaction.

    Args: living, those of them that live, where that is known.
    """
    ordered = contacts.select("contact").unique().sort("contact")
    for start in range(0, ordered.height, AT_ONCE):
        on_progress("summarising", (start, ordered.height))
        some = ordered.slice(start, AT_ONCE)
        attributes = read_attributes(db.con, some)
        write_summaries(db.con, summarise_attributes(some, attributes), attributes, living=living)
