"""Name contacts in a statement, so that DuckDB reads only their part of a table.

Tables of what is said of contacts lie in the order of the contacts' ids; a range of ids is read without the rest. Of
one contact the range says all there is, and DuckDB has no join to plan, which would take longer than the reading.
"""

from dataclasses import dataclass

import polars as pl

__all__ = ["Among"]


@dataclass(frozen=True)
class Among:
    """Some contacts [contact: str, at least one]; statements made with `told` take `parameters`."""

    contacts: pl.DataFrame

    def told(self, column: str) -> str:
        """Return the condition that a column of ids names one of the contacts."""
        near = f"{column} BETWEEN $low::UUID AND $high::UUID"
        return f"{near} AND {column} IN (SELECT unnest($ids::UUID[]))" if self._are_several else near

    @property
    def parameters(self) -> dict[str, object]:
        """What the condition names."""
        ids = self.contacts["contact"]
        bounds: dict[str, object] = {"low": ids.min(), "high": ids.max()}
        return bounds | {"ids": ids.to_list()} if self._are_several else bounds

    @property
    def _are_several(self) -> bool:
        return self.contacts.height > 1
