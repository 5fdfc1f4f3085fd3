"""Read one contact's duplicate cluster as the documented object (contract RULES I1, S6)."""

from typing import TYPE_CHECKING
from uuid import UUID

from api_export.filters import ContactFilter
from api_export.models import DuplicateCluster
from api_export.selecting import Wanted, selected_clusters
from api_export.texts import cluster_texts
from storage.errors import UsageError

if TYPE_CHECKING:
    import duckdb

__all__ = ["read_cluster"]


def read_cluster(con: "duckdb.DuckDBPyConnection", contact: UUID) -> DuplicateCluster | None:
    """Return the cluster a contact is in, or None when it has no duplicates.

    Raises: UsageError when there is no such living contact.
    """
    found = con.execute("SELECT 1 FROM contacts WHERE id = ? AND deleted_at IS NULL", [str(contact)]).fetchall()
    if not found:
        raise UsageError(f"there is no contact {contact}", remedy="It may have been deleted or merged into another.")
    with selected_clusters(con, Wanted(ContactFilter(ids=(contact,)))) as selection:
        text = b"".join(cluster_texts(con, selection.start, selection.stop, separator=""))
    return DuplicateCluster.model_validate_json(text) if text else None
