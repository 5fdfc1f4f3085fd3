"""Read what a person needs to judge duplicates: the cards of each cluster, names, and the word on a pair."""

from collections.abc import Iterable
from uuid import UUID

import duckdb
import polars as pl

from storage.duplicates import STANDING_MEMBERS

__all__ = ["read_cluster_cards", "read_judgement", "read_names"]


def read_cluster_cards(
    con: duckdb.DuckDBPyConnection, *, contact: UUID | None = None, limit: int | None = None
) -> pl.DataFrame:
    """Return the cards of every cluster, or of the one a contact is in; at most `limit` clusters.

    Returns: [cluster: i64, probability: f64, contact: str, name: str, email: str?, phone_number: str?, company: str?],
    by cluster, then contact.
    """
    cards: pl.DataFrame = con.sql(
        f"""
        WITH members AS ({STANDING_MEMBERS}), chosen AS (
            SELECT DISTINCT cluster FROM members
            WHERE $contact IS NULL OR cluster IN (SELECT cluster FROM members WHERE contact = $contact)
            ORDER BY cluster LIMIT $limit
        )
        SELECT m.cluster, m.probability, m.contact::VARCHAR AS contact, s.display_name AS name, s.email, s.phone_number,
               s.company
        FROM members m JOIN chosen USING (cluster) JOIN contact_summaries s ON s.contact = m.contact
        ORDER BY m.cluster, m.contact
        """,
        params={"contact": contact, "limit": limit},
    ).pl()
    return cards


def read_judgement(con: duckdb.DuckDBPyConnection, left: UUID, right: UUID) -> str | None:
    """Return a person's word on a pair: same, different, or None when nobody has said."""
    low, high = sorted((left, right), key=str)
    rows = con.execute(
        'SELECT judgement FROM judgements WHERE "left" = ? AND "right" = ? AND deleted_at IS NULL', [low, high]
    ).fetchall()
    return str(rows[0][0]) if rows else None


def read_names(con: duckdb.DuckDBPyConnection, contacts: Iterable[UUID]) -> dict[UUID, str]:
    """Return the display names of living contacts."""
    asked = [str(contact) for contact in contacts]
    query = "SELECT contact, display_name FROM contact_summaries WHERE contact IN (SELECT unnest(?::UUID[]))"
    return {UUID(str(contact)): name for contact, name in con.execute(query, [asked]).fetchall()}
