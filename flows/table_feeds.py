"""Feed an import from a table and its mapping: CSV, a sheet, or JSON objects of one kind."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

import numpy as np
import polars as pl

from flows.feeds import ACTION_TAKEN, Batch, Feed, definitions_of
from storage.contacts import create_definitions
from storage.corrections import ORIGIN_COLUMN, added_columns, mark_uncorrected
from storage.database import Connection, Database
from storage.identity import read_column, scan_rows
from storage.staging import CsvFile, Sheet, Source, row_of, sample_rows, stage
from transforms.binding import Slot, bind, unmapped
from transforms.csv_files import split_record
from transforms.dates import AMBIGUOUS, WRONG_ORDER, Numerals, decide_order, parse_dates
from transforms.labelling import label_places, labels_left_out, with_labels
from transforms.mapping import Mapping as ColumnMapping
from transforms.mapping import MappingEntry, digest
from transforms.pieces import cut_rows, slot_frame
from transforms.proposing import Proposal, propose

__all__ = ["Reading", "found_mapping", "table_feed"]

SAMPLE_ROWS = 5_000
NAMES = {"first_name", "last_name", "middle_name", "nickname", "company", "marketing_name"}
BATCH_ROWS = 50_000


@dataclass(frozen=True)
class Reading:
    """How a table is read: whose its contacts are, the region of its numbers, the order of its dates.

    dates: the order of dates that leave it open; date_orders: the orders that are known for columns.
    """

    owner: UUID
    region: str
    dates: str | None
    date_orders: Mapping[str, str]


def table_feed(
    db: Database,
    table: CsvFile | Sheet,
    plan: ColumnMapping,
    reading: Reading,
    *,
    proposal: Proposal | None,
    file: Path,
    now: datetime,
) -> Feed:
    """Bind a table to its mapping and fingerprint its rows.

    Args: proposal: how the mapping was found, if by itself.
    Raises: MappingError when the mapping does not fit the columns or the definitions.
    """
    con = db.con
    brought = [definition.model_dump() for definition in plan.attribute_defs]
    create_definitions(con, brought, by=db.user, brand=db.brand, now=now)
    slots = bind(plan, table.columns, definitions_of(db), where=file.name)
    source = stage(con, table)
    added = added_columns(table.columns)
    scan_rows(
        con,
        source.sql,
        {place: name for place, name in enumerate(table.columns) if name not in added},
        owner=reading.owner,
        source_id=_place_of_source_id(slots),
        origin=table.columns.index(ORIGIN_COLUMN) if added else None,
        kept=sorted({*(slot.position for slot in _date_slots(slots)), *label_places(slots)}),
    )
    if added:
        mark_uncorrected(con, source.sql, table.columns, brand=db.brand)
    said = {place: sorted(read_column(con, place)) for place in label_places(slots)}
    left = labels_left_out(slots, said)
    slots = with_labels(slots, said, where=file.name)
    date_slots = _date_slots(slots)
    orders = _date_orders(con, date_slots, reading)
    warnings = _name_warning(slots) + _label_warnings(left, table.columns)
    cut = _Cut(con, table, slots, reading.region, orders)
    return Feed(
        kind=table.kind,
        rows=table.rows + table.faults.height,
        slots=slot_frame(slots),
        mapping=digest(plan, {"region": reading.region, "dates": reading.dates}),
        faults=_reading_faults(table),
        encoding=table.encoding or None,
        delimiter=table.delimiter if isinstance(table, CsvFile) else None,
        sheet=table.sheet or None if isinstance(table, Sheet) else None,
        warnings=table.warnings + warnings + _order_warnings(con, date_slots, orders, reading),
        columns=_columns(plan, slots, table.columns),
        plan=plan,
        date_orders={str(slot.column): order for slot in date_slots if (order := orders[slot.number])},
        proposal=proposal,
        ignored_columns=tuple(name for name in unmapped(slots, table.columns) if name not in added),
        batches=cut.batches,
    )


def found_mapping(table: CsvFile | Sheet, *, where: str) -> Proposal:
    """Find a mapping for a table from its columns and a sample of its rows. Raises MappingError when there is none."""
    added = added_columns(table.columns)
    names = tuple(name for name in table.columns if name not in added)
    return propose(names, sample_rows(table, rows=SAMPLE_ROWS).select(names), where=where)


@dataclass(frozen=True)
class _Cut:
    """Streams a table in file order and cuts the rows that are due."""

    con: Connection
    table: CsvFile | Sheet
    slots: tuple[Slot, ...]
    region: str
    orders: Mapping[int, str | None]

    def batches(self, actions: pl.Series) -> Iterator[Batch]:
        if not actions.is_in(ACTION_TAKEN).any():
            return
        cursor = self.con.cursor()
        source = stage(cursor, self.table)
        done = 0
        for chunk in cursor.sql(source.sql).to_arrow_reader(BATCH_ROWS):
            frame = pl.DataFrame(pl.from_arrow(chunk))
            yield self._batch(frame, actions.slice(done, frame.height), source, done)
            done += frame.height
        cursor.close()

    def _batch(self, frame: pl.DataFrame, actions: pl.Series, source: Source, done: int) -> Batch:
        places = np.arange(done + 1, done + frame.height + 1, dtype=np.int64)
        numbered = frame.with_columns(
            pl.int_range(done, done + frame.height, dtype=pl.UInt32, eager=True).alias("row"),
            pl.Series("source_row", row_of(places, source.faults)),
            actions.alias("action"),
        ).filter(pl.col("action").is_in(ACTION_TAKEN))
        due = numbered.filter(pl.col("action") != "rejected")
        is_1904 = isinstance(self.table, Sheet) and self.table.counts_from_1904
        numerals: Numerals = "unix" if self.table.kind == "json" else "serial_1904" if is_1904 else "serial"
        pieces = cut_rows(due, self.slots, region=self.region, date_orders=self.orders, numerals=numerals)

        def originals(wanted: pl.DataFrame) -> pl.DataFrame:
            cells = [pl.col(f"c{place}").alias(name) for place, name in enumerate(self.table.columns)]
            rows = numbered.join(wanted, on="row", how="semi", maintain_order="left")
            return rows.select("row", pl.struct(cells).struct.json_encode().alias("original"))

        return Batch(numbered.select("row", "source_row", "action"), pieces, originals, done + frame.height)


def _date_slots(slots: tuple[Slot, ...]) -> list[Slot]:
    return [slot for slot in slots if slot.definition.data_type == "date" and slot.column is not None]


def _place_of_source_id(slots: tuple[Slot, ...]) -> int | None:
    places = [slot.position for slot in slots if slot.definition.name == "source_id" and slot.column is not None]
    return places[0] if places else None


def _columns(plan: ColumnMapping, slots: tuple[Slot, ...], columns: Sequence[str]) -> dict[str, str]:
    """What each column became, in the words of the mapping."""
    entries = {" ".join(column.split()): entry for column, entry in plan.mappings.items()}
    read = dict.fromkeys(columns[place] for slot in slots for place in slot.places)
    return {column: _target(entry) for column in read if (entry := entries.get(" ".join(column.split())))}


def _target(entry: MappingEntry) -> str:
    return f"partner's {entry.attribute_type}" if entry.is_partner else entry.attribute_type


def _date_orders(con: Connection, date_slots: list[Slot], reading: Reading) -> dict[int, str | None]:
    """The order of each column of dates: as it was, as its values say, or as was asked; by the number of its slot."""
    return {
        slot.number: reading.date_orders.get(str(slot.column))
        or decide_order(read_column(con, slot.position))
        or reading.dates
        for slot in date_slots
    }


def _name_warning(slots: tuple[Slot, ...]) -> tuple[str, ...]:
    own = {slot.definition.name for slot in slots if not slot.is_partner}
    return () if own & NAMES else ("no column of names is mapped: contacts are known by their other values alone",)


def _label_warnings(left: Mapping[int, list[str]], columns: Sequence[str]) -> tuple[str, ...]:
    return tuple(
        f'column "{columns[place]}": values labelled {", ".join(labels[:5])} are left out'
        for place, labels in left.items()
    )


def _order_warnings(
    con: Connection, date_slots: list[Slot], orders: Mapping[int, str | None], reading: Reading
) -> tuple[str, ...]:
    warnings = []
    for slot in date_slots:
        order, asked = orders[slot.number], reading.dates
        if order is None:
            warnings.append(f'column "{slot.column}": {AMBIGUOUS}')
        elif asked not in (None, order):
            read = parse_dates(read_column(con, slot.position), asked)
            if (read["reason"] == WRONG_ORDER).any():
                warnings.append(f'column "{slot.column}": its dates are {order}, whatever --dates says')
    return tuple(warnings)


def _reading_faults(table: CsvFile | Sheet) -> pl.DataFrame:
    """Lay the records that are no rows out as rejects: those of delimited files split, to be corrected as rows."""
    text = pl.lit(None, pl.String)
    return table.faults.select(
        "row",
        text.alias("column_name"),
        text.alias("attribute_type"),
        text.alias("value"),
        "reason",
        pl.lit(True).alias("whole_row"),
        pl.col("original")
        .map_elements(lambda record: _original_of(record, table), return_dtype=pl.String)
        .alias("original"),
    )


def _original_of(record: str, table: CsvFile | Sheet) -> str:
    return json.dumps(split_record(record, table) if isinstance(table, CsvFile) else record, ensure_ascii=False)
