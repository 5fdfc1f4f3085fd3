"""Load what surrounds contacts from a file: users, and who is in which list, flow, deal or task. One transaction."""

import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from storage.database import Database, transaction
from storage.errors import InputFileError
from storage.memberships import known_contacts, write_memberships, write_users
from storage.staging import stage
from transforms.memberships import COLLECTIONS, Loadable, clean_members, clean_users, known_columns
from transforms.reading import ContactBody, read_file

__all__ = ["LoadReport", "load_file"]

UNKNOWN_CONTACT = "there is no contact with this id"


@dataclass(frozen=True)
class LoadReport:
    """What came of it: rows read and rejected, collections (or users) named, members added and removed.

    `reasons` say why rows were rejected, with how often. For users `added` counts those added or changed.
    """

    what: str
    file: str
    rows: int
    rejected: int
    collections: int
    added: int
    removed: int
    seconds: float
    reasons: tuple[tuple[str, int], ...]


def load_file(db: Database, what: Loadable, file: Path, *, region: str, now: datetime) -> LoadReport:
    """Load a file of users, lists, flows, deals or crm_tasks; loading it again changes nothing.

    Raises: InputFileError when it cannot be read as such; nothing is written then.
    """
    started = time.perf_counter()
    table = _read(db, what, file)
    if what == "users":
        rows = clean_users(table, region=region)
    else:
        rows = _only_known(db, clean_members(table, region=region))
    good, bad = rows.filter(pl.col("reason").is_null()), rows.filter(pl.col("reason").is_not_null())
    with transaction(db.con):
        if what == "users":
            collections, added, removed = good.height, write_users(db.con, good, brand=db.brand, now=now), 0
        else:
            collections, added, removed = write_memberships(
                db.con, COLLECTIONS[what], good, brand=db.brand, by=db.user, now=now
            )
    reasons = bad.group_by("reason").len().sort("len", "reason", descending=[True, False])
    seconds = round(time.perf_counter() - started, 3)
    return LoadReport(
        what, file.name, rows.height, bad.height, collections, added, removed, seconds, tuple(reasons.rows())
    )


def _read(db: Database, what: Loadable, file: Path) -> pl.DataFrame:
    with TemporaryDirectory(prefix="onecard-") as workdir:
        table = read_file(file, sheet=None, encoding=None, workdir=Path(workdir))
        if isinstance(table, ContactBody):
            remedy = "Give a table, or an array of flat objects."
            raise InputFileError(f"the file holds contacts, not {what}", where=file.name, remedy=remedy)
        source = stage(db.con, table)
        frame: pl.DataFrame = db.con.sql(source.sql).pl()
    if source.faults.height:
        row, reason, _ = source.faults.row(0)
        raise InputFileError(f"row {row}: {reason}", where=file.name, remedy="Correct it and load the file again.")
    return known_columns(what, frame.rename(dict(zip(frame.columns, table.columns, strict=True))), where=file.name)


def _only_known(db: Database, rows: pl.DataFrame) -> pl.DataFrame:
    """Refuse rows that name a contact this team does not have."""
    named = rows.filter(pl.col("reason").is_null() & pl.col("contact").is_not_null())["contact"].unique()
    known = known_contacts(db.con, named, brand=db.brand)
    is_unknown = pl.col("reason").is_null() & ~pl.col("contact").str.to_lowercase().is_in(known.implode())
    return rows.with_columns(
        pl.when(pl.col("contact").is_not_null() & is_unknown)
        .then(pl.lit(UNKNOWN_CONTACT))
        .otherwise("reason")
        .alias("reason")
    )
