"""Record a feed batch by batch: its contacts and their values, what it changes of known ones, and its rejects.

While one batch is written the next is being cleaned on another thread.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from uuid import UUID

import polars as pl

from api_export.summarising import Progress
from flows.feeds import Batch, Feed
from storage.corrections import NOTHING_LEFT, NOTHING_MAPPED
from storage.database import Database
from storage.identity import drop_empty_updates, read_actions, read_matched, read_rejected
from storage.recording import (
    Provenance,
    in_order,
    insert_batch,
    insert_rejects,
    open_slots,
    read_tag_frequencies,
    stage_updates,
)
from transforms.summaries import summarise_pieces

__all__ = ["Counts", "record_feed"]


@dataclass
class Counts:
    """What came of the rows so far; rejected counts rows, rejected_values the values refused of rows that were kept.

    phones counts those that can be compared; foreign_phones those of them without a country code.
    """

    created: int = 0
    rejected: int = 0
    rejected_values: int = 0
    attributes: int = 0
    phones: int = 0
    foreign_phones: int = 0


@dataclass(frozen=True)
class _Cut:
    """A batch ready to be written: which rows have any value, and what the new contacts among them are made of."""

    batch: Batch
    filled: pl.DataFrame
    rows: pl.DataFrame
    values: pl.DataFrame
    addresses: pl.DataFrame
    summaries: pl.DataFrame
    phones: pl.Series


def record_feed(db: Database, feed: Feed, provenance: Provenance, *, on_progress: Progress) -> Counts:
    """Write every batch of a feed; the next batch is cut on a second thread meanwhile."""
    con = db.con
    open_slots(con, feed.slots)
    counts = Counts()
    actions, rejected = read_actions(con), read_rejected(con)
    frequencies = read_tag_frequencies(con, db.brand)
    on_progress("recording", (0, feed.rows))
    _record_reading_faults(db, feed, counts, provenance.job)
    cuts = (_cut(batch, feed, frequencies) for batch in feed.batches(actions))
    with in_order(con), ThreadPoolExecutor(1) as cutter:
        pending = cutter.submit(next, cuts, None)
        while (cut := pending.result()) is not None:
            pending = cutter.submit(next, cuts, None)
            _record_cut(db, cut, rejected, provenance, counts)
            on_progress("recording", (cut.batch.done, feed.rows))
    drop_empty_updates(con)
    return counts


def _record_reading_faults(db: Database, feed: Feed, counts: Counts, job: UUID) -> None:
    insert_rejects(db.con, feed.faults, job=job)
    counts.rejected += feed.faults.filter(pl.col("whole_row"))["row"].n_unique()
    counts.rejected_values += feed.faults.filter(~pl.col("whole_row")).height


def _cut(batch: Batch, feed: Feed, frequencies: pl.DataFrame) -> _Cut:
    """Work out all that a batch writes, so that writing is all that is left."""
    pieces = batch.pieces
    filled = pl.concat([pieces.values.select("row"), pieces.addresses.select("row")]).unique().sort("row")
    creates = batch.rows.filter(pl.col("action") == "create").join(filled, on="row", how="semi", maintain_order="left")
    values = pieces.values.join(creates, on="row", how="semi", maintain_order="left")
    addresses = pieces.addresses.join(creates, on="row", how="semi", maintain_order="left")
    rows = creates.select("row", "source_row").join(
        _frequency(values, feed.slots, frequencies), on="row", how="left", maintain_order="left"
    )
    phones = pieces.values.filter(pl.col("slot").is_in(_slots_of("phone_number", feed.slots)))["key"].drop_nulls()
    return _Cut(batch, filled, rows, values, addresses, summarise_pieces(rows, values, addresses, feed.slots), phones)


def _frequency(values: pl.DataFrame, slots: pl.DataFrame, frequencies: pl.DataFrame) -> pl.DataFrame:
    """How often to be in touch with each row's contact, by its tags: [row, touch_freq]."""
    tags = _slots_of("tag", slots.filter(~pl.col("is_partner")))
    tagged = values.filter(pl.col("slot").is_in(tags)).select("row", pl.col("text").str.to_lowercase().alias("tag"))
    return tagged.join(frequencies, on="tag").group_by("row").agg(pl.col("touch_freq").min())


def _slots_of(attribute_type: str, slots: pl.DataFrame) -> pl.Series:
    return slots.filter(pl.col("attribute_type") == attribute_type)["slot"].implode()


def _record_cut(db: Database, cut: _Cut, rejected: pl.DataFrame, provenance: Provenance, counts: Counts) -> None:
    created, attributes = insert_batch(
        db.con,
        rows=cut.rows,
        values=cut.values,
        addresses=cut.addresses,
        summaries=cut.summaries,
        provenance=provenance,
    )
    counts.created += created
    counts.attributes += attributes
    counts.phones += cut.phones.len()
    counts.foreign_phones += int((~cut.phones.str.starts_with("+")).sum())
    pieces = cut.batch.pieces
    known = cut.batch.rows.filter(pl.col("action") == "update").select("row")
    stage_updates(
        db.con,
        pieces.values.join(known, on="row", how="semi", maintain_order="left"),
        pieces.addresses.join(known, on="row", how="semi", maintain_order="left"),
        pieces.rejects.join(known, on="row", how="semi", maintain_order="left"),
    )
    _record_rejects(db, cut, rejected, provenance.job, counts)


def _record_rejects(db: Database, cut: _Cut, rejected: pl.DataFrame, job: UUID, counts: Counts) -> None:
    """Record refused values, and the rows that were rejected whole or have nothing left."""
    batch, filled = cut.batch, cut.filled
    refused = batch.pieces.rejects
    due = batch.rows.filter(pl.col("action").is_in(["create", "update"]))
    empty = due.join(filled, on="row", how="anti").select("row")
    had_values = pl.col("row").is_in(refused["row"].implode())
    whole = pl.concat(
        [
            empty.with_columns(
                pl.when(had_values).then(pl.lit(NOTHING_LEFT)).otherwise(pl.lit(NOTHING_MAPPED)).alias("reason")
            ),
            rejected.join(batch.rows, on="row", how="semi"),
        ]
    )
    counts.rejected += whole.height
    counts.rejected_values += refused.join(filled, on="row", how="semi").height
    if not whole.height and not refused.height:
        return
    rejects = pl.concat(
        [refused.with_columns(pl.lit(False).alias("whole_row")), whole.with_columns(pl.lit(True).alias("whole_row"))],
        how="diagonal",
    ).sort("row", maintain_order=True)
    originals = batch.originals(rejects.select("row").unique())
    numbered = rejects.join(batch.rows.select("row", "source_row"), on="row", how="left", maintain_order="left").join(
        read_matched(db.con, rejects.select("row")), on="row", how="left", maintain_order="left"
    )
    insert_rejects(
        db.con,
        numbered.join(originals, on="row", how="left", maintain_order="left").select(
            pl.col("source_row").alias("row"),
            "column_name",
            "attribute_type",
            "value",
            "reason",
            "whole_row",
            "original",
            "contact",
        ),
        job=job,
    )
