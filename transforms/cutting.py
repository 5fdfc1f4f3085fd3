"""Cut cells that hold several things: a whole name or address becomes columns of its parts, a suffix joins a last name.

Names are cut by transforms.full_names, addresses by transforms.full_addresses, each over the distinct values alone.
"""

from collections.abc import Iterable

import polars as pl

from transforms.mapping import Slot

__all__ = ["with_cut_cells"]


def with_cut_cells(batch: pl.DataFrame, slots: Iterable[Slot]) -> pl.DataFrame:
    """Add the columns that slots read beside those of the file; nothing is loaded or done when there are none."""
    slots = [slot for slot in slots if slot.column is not None]
    for place, is_name in sorted({(slot.position, not slot.part) for slot in slots if slot.taken}):
        batch = _cut(batch, f"c{place}", is_name=is_name)
    joined = {slot.cell: slot for slot in slots if slot.suffix is not None}
    return batch.with_columns(
        pl.when(pl.any_horizontal(pl.col(f"c{slot.position}", f"c{slot.suffix}").is_not_null()))
        .then(pl.concat_str(f"c{slot.position}", f"c{slot.suffix}", separator=" ", ignore_nulls=True))
        .alias(cell)
        for cell, slot in joined.items()
    )


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
