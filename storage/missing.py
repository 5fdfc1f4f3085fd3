"""Find the contacts of a source that a full export of it no longer has, and delete them softly if asked to.

What such a contact was is kept for undoing the import; when its row is in a later export again, it comes back
(storage.identity, storage.updating).
"""

from dataclasses import dataclass

import duckdb
import polars as pl

from storage.recording import Provenance

__all__ = ["Missing", "delete_missing", "find_missing"]


@dataclass(frozen=True)
class Missing:
    """The contacts missing from a file, [contact: str, source_id: str?, is_parent: bool], of `known` of its source.

    A contact others were merged into speaks for those too and is never deleted for its own row.
    """

    contacts: pl.DataFrame
    known: int

    @property
    def to_delete(self) -> pl.DataFrame:
        """Those that may go."""
        return self.contacts.filter(~pl.col("is_parent"))


def find_missing(con: duckdb.DuckDBPyConnection, provenance: Provenance) -> Missing:
    """Compare the rows of a file (table `identity`) with the living contacts of its owners, source and brand."""
    parameters = {"brand": str(provenance.brand), "source": provenance.source, "job": str(provenance.job)}
    known: pl.DataFrame = con.sql(
        """
        SELECT c.id::VARCHAR AS contact, c.source_id,
               c.id IN (SELECT merged_into FROM contacts WHERE merged_into IS NOT NULL) AS is_parent,
               c.id IN (SELECT matched FROM identity WHERE matched IS NOT NULL UNION ALL SELECT contact FROM identity)
                   AS is_there
        FROM contacts c
        WHERE c.brand = $brand::UUID AND c.source = $source AND c.deleted_at IS NULL
          AND c.user_id IN (SELECT user_id FROM identity) AND c.job IS DISTINCT FROM $job::UUID
        ORDER BY c.id
        """,
        params=parameters,
    ).pl()
    return Missing(known.filter(~pl.col("is_there")).drop("is_there"), known.height)


def delete_missing(con: duckdb.DuckDBPyConnection, contacts: pl.DataFrame, provenance: Provenance) -> None:
    """Delete contacts [contact: str] softly in the name of the import, keeping what they were (storage.undoing)."""
    con.register("doomed", contacts)
    con.execute(
        """
        INSERT INTO import_contacts BY NAME
        SELECT $job::UUID AS import, c.* FROM contacts c WHERE c.id IN (SELECT contact::UUID FROM doomed)
        """,
        {"job": str(provenance.job)},
    )
    con.execute(
        """
        UPDATE contacts SET deleted_at = $now, deleted_by = $user::UUID, deleted_for = $created_for
        WHERE id IN (SELECT contact::UUID FROM doomed)
        """,
        {"now": provenance.now, "user": str(provenance.user), "created_for": provenance.created_for},
    )
    con.unregister("doomed")
