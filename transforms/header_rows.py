"""Find the row of column names below a title, notes or a date of export: LinkedIn and people's workbooks have them."""

from collections.abc import Sequence

from transforms.headings import read_heading

__all__ = ["LOOKED_AT", "header_place", "passed_over"]

LOOKED_AT = 20
"""Rows with anything in them among which the column names are looked for."""


def header_place(rows: Sequence[Sequence[str | None]]) -> int:
    """Return the place of the column names among the first rows: the first, unless a later one has far better claims.

    That one is wider than all above it, has no name twice, and half of its names, two at least, are known column names,
    more than in any row above.
    """
    filled = [[name for cell in row if (name := (cell or "").strip())] for row in rows[:LOOKED_AT]]
    widest = 0
    for place, names in enumerate(filled):
        if place and len(names) > widest and len(set(names)) == len(names):
            known = _known(names)
            if known >= max(2, len(names) / 2) and known > max(map(_known, filled[:place])):
                return place
        widest = max(widest, len(names))
    return 0


def _known(names: Sequence[str]) -> int:
    return sum(read_heading(name) is not None for name in names)


def passed_over(rows: int) -> tuple[str, ...]:
    """Say how many rows above the column names were passed over, if any were."""
    if not rows:
        return ()
    called = "1 row above the column names was" if rows == 1 else f"{rows} rows above the column names were"
    return (f"{called} passed over",)
