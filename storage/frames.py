"""Put frames together, as often as not of one row each.

polars takes a quarter of a millisecond to join two frames however small they are. Where both have the same keys in the
same order, as of one contact and often of a million, there is nothing to look up.
"""

import polars as pl

__all__ = ["beside", "only"]


def beside(frame: pl.DataFrame, part: pl.DataFrame, *, on: str) -> pl.DataFrame:
    """Put a part beside the rows of a frame that it has the key of; it has each key once at most, and none is null."""
    if part[on].equals(frame[on]):
        return frame.hstack(part[[name for name in part.columns if name != on]])
    return frame.join(part, on=on, how="left", maintain_order="left")


def only(frame: pl.DataFrame, those: pl.DataFrame, *, on: str) -> pl.DataFrame:
    """Keep the rows of a frame whose key is among those."""
    if those[on].equals(frame[on]):
        return frame
    return frame.join(those, on=on, how="semi", maintain_order="left")
