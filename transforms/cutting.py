"""Cut cells that hold several things, and join those that hold parts of one.

A whole name or address becomes columns of its parts; a suffix joins a last name; year, month and day become a date.

Names are cut by transforms.full_names, addresses by transforms.full_addresses, each over the distinct values alone.
"""

from collections.abc import Iterable

import polars as pl

from transforms.binding import Slot

__all__ = ["with_cut_cells"]


def with_cut_cells(batch: pl.DataFrame, slots: Iterable[Slot]) -> pl.DataFrame:
    """Add the columns that slots read beside those of the file; nothing is loaded or done when there are none."""
    slots = [slot for slot in slots if slot.column is not None]
    for place, is_name in sorted({(slot.position, not slot.part) for slot in slots if slot.taken}):
        batch = _cut(batch, f"c{place}", is_name=is_name)
    dated = {slot.cell: _written_date(slot) for slot in slots if slot.date_places}
    batch = batch.with_columns(date.alias(cell) for cell, date in dated.items())
    joined = {slot.cell: slot for slot in slots if slot.suffix is not None}
    return batch.with_columns(
        pl.when(pl.any_horizontal(pl.col(f"c{slot.position}", f"c{slot.suffix}").is_not_null()))
        .then(pl.concat_str(f"c{slot.position}", f"c{slot.suffix}", separator=" ", ignore_nulls=True))
        .alias(cell)
        for cell, slot in joined.items()
    )


def _written_date(slot: Slot) -> pl.Expr:
    """Write year, month and day as one date, without a year as "--04-12"; null where all are empty."""
    year, month, day = (pl.lit(None, pl.String) if place is None else pl.col(f"c{place}") for place in slot.date_places)
    full = pl.concat_str(year.fill_null("-"), month.str.zfill(2), day.str.zfill(2), separator="-")
    part = pl.concat_str(year, month, day, separator="-", ignore_nulls=True).replace("", None)
    return pl.coalesce(full, part)


def _cut(batch: pl.DataFrame, cell: str, *, is_name: bool) -> pl.DataFrame:
    values = batch[cell].drop_nulls().unique()
    # Their libraries take a while to load.
    if is_name:
        from transforms.full_names import cut_names

        parts = cut_names(values)
    else:
        from transforms.full_addresses import cut_addresses

        parts = cut_addresses(values)
    named = parts.select(pl.col("value").alias(cell), pl.exclude("value").name.prefix(f"{cell}."))
    return batch.join(named, on=cell, how="left", maintain_order="left")
