"""Read one contact's duplicate cluster as the documented object (contract RULES I1, S6)."""

from typing import TYPE_CHECKING
from uuid import UUID

from api_export.filters import ContactFilter
from api_export.selecting import Wanted, selected_clusters
from api_export.texts import cluster_texts

if TYPE_CHECKING:
    import duckdb

__all__ = ["cluster_text"]


def cluster_text(con: "duckdb.DuckDBPyConnection", contact: UUID, *, brand: UUID | None = None) -> bytes:
    """Return the JSON of the cluster a contact is in, nothing when it has no duplicates within the brand."""
    with selected_clusters(con, Wanted(ContactFilter(ids=(contact,)), brand)) as found:
        return b"".join(cluster_texts(con, found.start, found.stop, separator=""))
