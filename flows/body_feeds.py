"""Feed an import from documented contact bodies: JSON as the document prints it, and vCards."""

from collections.abc import Iterator
from uuid import UUID

import polars as pl

from flows.feeds import ACTION_TAKEN, Batch, Feed, definitions_of
from storage.database import Database
from storage.identity import scan_bodies
from transforms.bodies import cut_bodies
from transforms.mapping import Mapping as ColumnMapping
from transforms.mapping import digest
from transforms.pieces import Pieces
from transforms.reading import ContactBody

__all__ = ["body_feed"]

UNKNOWN_USER = "user is not a UUID"


def body_feed(db: Database, table: ContactBody, *, owner: UUID, region: str) -> Feed:
    """Cut documented contact bodies and fingerprint them; the body names each contact's user, else it is `owner`'s."""
    con = db.con
    contacts, bad_users = _with_valid_users(table.contacts)
    numbers = contacts.select(pl.col("row").alias("source_row")).with_row_index("row")
    # Row numbers alone are joined: a join of all columns would copy them, and addresses weigh more than the rest.
    sent = table.attributes.select(source_row="row")
    rows = sent.join(numbers.cast({"source_row": pl.UInt32}), on="source_row", how="left", maintain_order="left")["row"]
    kept = rows.is_not_null()
    attributes = table.attributes.with_columns(rows)
    attributes = attributes if kept.all() else attributes.filter(kept)
    pieces, slots = cut_bodies(attributes, definitions_of(db), region=region)
    keyed = contacts.with_columns(_source_ids(pieces.values, slots, contacts.height))
    scan_bodies(con, keyed, owner=owner)
    faults = (
        pl.concat([table.rejects, bad_users], how="diagonal_relaxed")
        .join(table.contacts.select("row", "body"), on="row", how="left", maintain_order="left")
        .with_columns(pl.coalesce("original", "body").alias("original"))
        .drop("body")
    )

    def batches(actions: pl.Series) -> Iterator[Batch]:
        rows = numbers.with_columns(pl.col("source_row").cast(pl.Int64), actions.alias("action"))
        taken = rows.filter(pl.col("action").is_in(ACTION_TAKEN))
        due = taken.filter(pl.col("action") != "rejected")

        def originals(wanted: pl.DataFrame) -> pl.DataFrame:
            bodies = numbers.with_columns(contacts["body"].alias("original")).select("row", "original")
            return wanted.join(bodies, on="row", how="left", maintain_order="left")

        yield Batch(taken, _only(pieces, due), originals, rows.height)

    return Feed(
        kind=table.kind,
        rows=contacts.height + faults.filter(pl.col("whole_row"))["row"].n_unique(),
        slots=slots,
        mapping=digest(ColumnMapping(mappings={}), {"region": region}),
        faults=faults.with_columns(pl.col("row").cast(pl.Int64)),
        encoding=table.encoding or None,
        delimiter=None,
        sheet=None,
        warnings=table.warnings,
        columns={},
        plan=None,
        date_orders={},
        proposal=None,
        ignored_columns=(),
        batches=batches,
    )


def _with_valid_users(contacts: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    uuid = r"^[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$"
    is_valid = pl.col("user").is_null() | pl.col("user").str.contains(uuid)
    bad = contacts.filter(~is_valid).select(
        "row",
        pl.lit("user").alias("column_name"),
        pl.col("user").alias("value"),
        pl.lit(UNKNOWN_USER).alias("reason"),
        pl.lit(True).alias("whole_row"),
        pl.col("body").alias("original"),
    )
    return contacts.filter(is_valid), bad


def _source_ids(values: pl.DataFrame, slots: pl.DataFrame, height: int) -> pl.Series:
    """The source_id attribute of each body, or null."""
    wanted = slots.filter((pl.col("attribute_type") == "source_id") & ~pl.col("is_partner"))["slot"].implode()
    found = values.filter(pl.col("slot").is_in(wanted)).select("row", pl.col("text").alias("source_id"))
    rows = pl.int_range(height, dtype=pl.UInt32, eager=True).alias("row").to_frame()
    return rows.join(found, on="row", how="left", maintain_order="left")["source_id"].cast(pl.String)


def _only(pieces: Pieces, rows: pl.DataFrame) -> Pieces:
    def due(frame: pl.DataFrame) -> pl.DataFrame:
        return frame.join(rows.select("row"), on="row", how="semi", maintain_order="left")

    return Pieces(due(pieces.values), due(pieces.addresses), due(pieces.rejects))
