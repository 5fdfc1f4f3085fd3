"""What an import is fed from, whatever file it was: rows and slots at once, batches of pieces on demand.

Making a feed fingerprints every row (storage.identity), so that rows which are known and unchanged are never cut.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import polars as pl

from storage.contacts import read_definitions, read_labels
from storage.database import Database
from transforms.binding import Definition
from transforms.mapping import Mapping as ColumnMapping
from transforms.pieces import Pieces
from transforms.proposing import Proposal

__all__ = ["ACTION_TAKEN", "Batch", "Feed", "definitions_of"]

ACTION_TAKEN = ["create", "update", "rejected"]
"""What has to be cut of a row: those left as they are need not be."""


@dataclass(frozen=True)
class Batch:
    """Some rows of a feed: rows [row: u32, source_row: i64, action], their pieces, and the originals of asked-for rows.

    `originals` takes [row] and gives [row, original: JSON text of the row as it stood]; `done` counts rows so far.
    """

    rows: pl.DataFrame
    pieces: Pieces
    originals: Callable[[pl.DataFrame], pl.DataFrame]
    done: int


@dataclass(frozen=True)
class Feed:
    """A file ready to be recorded. `rows` counts its data rows, those the reader refused (`faults`) included.

    slots: as `transforms.pieces.slot_frame`; faults: [row, column_name, attribute_type, value, reason, whole_row,
    original]; mapping: digest of what a row becomes; encoding, delimiter, sheet: where the file has one; batches: cuts
    the rows, given every row's action; plan: the mapping of a table; date_orders: the order of dates in each column
    that has one; proposal: how the mapping was found, if by itself.
    """

    kind: str
    rows: int
    slots: pl.DataFrame
    mapping: int
    faults: pl.DataFrame
    warnings: tuple[str, ...]
    encoding: str | None
    delimiter: str | None
    sheet: str | None
    columns: dict[str, str]
    plan: ColumnMapping | None
    date_orders: dict[str, str]
    ignored_columns: tuple[str, ...]
    proposal: Proposal | None
    batches: Callable[[pl.Series], Iterator[Batch]]


def definitions_of(db: Database) -> list[Definition]:
    """The attribute definitions that rows are cut by."""
    labels = read_labels(db.con, brand=db.brand)
    return [
        Definition(id=row.id, name=row.name, data_type=row.data_type, singular=row.singular, labels=labels[row.id])
        for row in read_definitions(db.con, brand=db.brand)
    ]
