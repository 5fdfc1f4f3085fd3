"""Keep what deduplication found and what people said about it.

Pairs, clusters and learned weights are derived and replaced by every run; judgements are decisions and are only ever
superseded.
"""

from datetime import datetime
from typing import TYPE_CHECKING, Literal, Protocol
from uuid import UUID

import polars as pl

from storage.contact_rows import OWN
from storage.errors import UsageError
from storage.evidence import COMPARED

if TYPE_CHECKING:
    import duckdb

__all__ = [
    "NEW_CLUSTER_IDS",
    "STANDING_MEMBERS",
    "Findings",
    "count_duplicates",
    "read_clusters",
    "read_judgements",
    "read_weights",
    "write_duplicates",
    "write_judgement",
]

JUDGEMENTS = ("same", "different")


class Findings(Protocol):
    """What a dedup run found (see dedup.results.Found)."""

    @property
    def pairs(self) -> pl.DataFrame:
        """[left, right, probability, weight, otherwise, evidence]."""

    @property
    def members(self) -> pl.DataFrame:
        """[cluster, contact, probability]."""

    @property
    def contacts(self) -> int:
        """How many contacts were read."""

    @property
    def learned(self) -> str | None:
        """The learned weights as JSON, None when there was nothing to learn from."""


def read_judgements(con: "duckdb.DuckDBPyConnection") -> pl.DataFrame:
    """Return the judgements in force: [left, right: str, judgement: str], left < right.

    What was said of a contact that was merged since holds for the one it is part of now. Where several words meet in
    one pair it is different, unless somebody said same of that very pair after that.
    """
    judgements: pl.DataFrame = con.sql(_JUDGEMENTS_IN_FORCE).pl()
    return judgements


_JUDGEMENTS_IN_FORCE = """
    WITH RECURSIVE part_of (contact, whole) AS (
        SELECT id, merged_into FROM contacts WHERE merged_into IS NOT NULL
        UNION
        SELECT p.contact, c.merged_into FROM part_of AS p JOIN contacts AS c ON c.id = p.whole
        WHERE c.merged_into IS NOT NULL
    ),
    living AS (SELECT p.* FROM part_of AS p JOIN contacts AS c ON c.id = p.whole AND c.merged_into IS NULL),
    said AS (
        SELECT coalesce(l.whole, j."left") AS one, coalesce(r.whole, j."right") AS other, judgement, j.created_at,
            l.whole IS NULL AND r.whole IS NULL AS is_own
        FROM judgements AS j
        LEFT JOIN living AS l ON l.contact = j."left" LEFT JOIN living AS r ON r.contact = j."right"
        WHERE j.deleted_at IS NULL
    )
    SELECT least(one, other)::VARCHAR AS "left", greatest(one, other)::VARCHAR AS "right",
        CASE WHEN max(created_at) FILTER (judgement = 'different')
                >= coalesce(max(created_at) FILTER (judgement = 'same' AND is_own), '-infinity')
            THEN 'different' ELSE 'same' END AS judgement
    FROM said WHERE one <> other GROUP BY ALL ORDER BY ALL
"""


def write_judgement(
    con: "duckdb.DuckDBPyConnection",
    left: UUID,
    right: UUID,
    judgement: Literal["same", "different"],
    by: UUID,
    at: datetime,
) -> None:
    """Record a person's word on a pair, in place of an earlier one.

    Raises: UsageError when the word is neither same nor different, or a contact is paired with itself or not there.
    """
    if judgement not in JUDGEMENTS:
        raise UsageError(f'"{judgement}" is no judgement', remedy="Say same or different.")
    if left == right:
        raise UsageError("a contact cannot be judged against itself", remedy="Name two contacts.")
    low, high = sorted((left, right), key=str)
    _check_contacts(con, low, high)
    con.execute(
        'UPDATE judgements SET deleted_at = $1 WHERE "left" = $2 AND "right" = $3 AND deleted_at IS NULL',
        [at, low, high],
    )
    con.execute("INSERT INTO judgements VALUES ($1, $2, $3, $4, $5, NULL)", [low, high, judgement, at, by])


def _check_contacts(con: "duckdb.DuckDBPyConnection", *contacts: UUID) -> None:
    for contact in contacts:
        if not con.execute("SELECT 1 FROM contacts WHERE id = $1", [contact]).fetchall():
            raise UsageError(f"there is no contact {contact}", remedy="`onecard duplicates` lists contacts by id.")


def write_duplicates(con: "duckdb.DuckDBPyConnection", found: Findings, job: UUID) -> None:
    """Replace pairs and clusters by what a run found.

    A cluster keeps its id while each is the other's largest overlap with the run before; a new one takes the next id.
    """
    con.register("found_pairs", found.pairs)
    con.register("found_members", found.members)
    con.execute("CREATE OR REPLACE TEMP TABLE cluster_ids AS " + NEW_CLUSTER_IDS)
    con.execute("TRUNCATE duplicate_pairs")
    con.execute(
        """
        INSERT INTO duplicate_pairs
        SELECT "left"::UUID, "right"::UUID, probability, weight, otherwise, evidence, $1 FROM found_pairs
        """,
        [job],
    )
    con.execute("TRUNCATE duplicate_members")
    con.execute(
        """
        INSERT INTO duplicate_members
        SELECT i.id, m.contact::UUID, m.probability
        FROM found_members AS m JOIN cluster_ids AS i USING (cluster)
        ORDER BY i.id, m.contact::UUID
        """
    )
    con.execute("TRUNCATE duplicate_weights")
    if found.learned:
        con.execute(
            "INSERT INTO duplicate_weights (job, contacts, weights) VALUES ($1, $2, $3)",
            [job, found.contacts, found.learned],
        )
    con.execute("DROP TABLE cluster_ids")
    con.unregister("found_pairs")
    con.unregister("found_members")


def count_duplicates(con: "duckdb.DuckDBPyConnection", *, threshold: float) -> tuple[int, int]:
    """Count the pairs at or above the threshold and the clusters."""
    rows = con.execute(
        """
        SELECT (SELECT count(*) FROM duplicate_pairs WHERE probability >= $1),
            (SELECT count(DISTINCT cluster) FROM duplicate_members)
        """,
        [threshold],
    ).fetchall()
    return rows[0][0], rows[0][1]


def read_weights(con: "duckdb.DuckDBPyConnection") -> str:
    """Return the weights the last run learned, as JSON.

    Raises: UsageError when there has been no run yet.
    """
    rows = con.execute("SELECT weights FROM duplicate_weights").fetchall()
    if not rows:
        raise UsageError("nothing has been learned about these contacts yet", remedy="Run `onecard dedup` first.")
    return str(rows[0][0])


# The ids of found clusters: that of the former cluster each shares most members with, or the next one.
NEW_CLUSTER_IDS = """
    WITH common AS (
        SELECT n.cluster, o.cluster AS id, count(*) AS members
        FROM found_members AS n JOIN duplicate_members AS o ON o.contact = n.contact::UUID
        GROUP BY ALL
    ),
    kept AS (
        SELECT cluster, id FROM common
        QUALIFY row_number() OVER (PARTITION BY cluster ORDER BY members DESC, id) = 1
            AND row_number() OVER (PARTITION BY id ORDER BY members DESC, cluster) = 1
    ),
    clusters AS (SELECT DISTINCT cluster FROM found_members ORDER BY cluster)
    SELECT c.cluster, CASE WHEN k.id IS NULL THEN nextval('duplicate_cluster_ids') ELSE k.id END AS id
    FROM clusters AS c LEFT JOIN kept AS k USING (cluster) ORDER BY c.cluster
"""


# Contacts of which something that is compared has changed since the last run, as far as it leaves a trace: a value of a
# kind that is evidence, the owner, an id of an address book, a merge or its undoing. They are few rows, found by their
# time alone.
_DISTURBED = f"""
    WITH run AS (SELECT max(created_at) AS began FROM jobs WHERE kind = 'dedup' AND state = 'done'),
    ignored AS (
        SELECT unnest(map_keys(custom)) AS name, unnest(map_values(custom)) AS use
        FROM (SELECT json_extract(rules, '$.custom')::MAP(VARCHAR, VARCHAR) AS custom FROM duplicate_weights)
    )
    SELECT v.contact
    FROM (
        SELECT contact, attribute_def FROM contact_attributes WHERE updated_at > (SELECT began FROM run)
        UNION ALL
        SELECT contact, attribute_def FROM contact_attributes WHERE deleted_at > (SELECT began FROM run)
    ) AS v JOIN attribute_defs AS d ON d.id = v.attribute_def
    WHERE (NOT d.global OR d.name IN {COMPARED}) AND d.name NOT IN (SELECT name FROM ignored WHERE use = 'ignore')
    UNION ALL
    SELECT contact FROM events
    WHERE created_at > (SELECT began FROM run)
      AND (kind = 'owner changed' OR list_has_any(details->>'$.attribute_types[*]', {[*OWN]}))
    UNION ALL
    SELECT unnest(list_append(sub_contacts, parent)) FROM merges
    WHERE greatest(created_at, undone_at) > (SELECT began FROM run)
"""

# Members of the clusters that still stand: a change of what is compared of a member dissolves its cluster (contract
# RULES I8), and so does a person's word, given since, that two of its members are different. One member left alone is
# no cluster (I1).
STANDING_MEMBERS = f"""
    SELECT m.cluster, m.contact, m.probability
    FROM duplicate_members AS m JOIN contacts AS c ON c.id = m.contact AND c.deleted_at IS NULL
    WHERE m.cluster NOT IN (
        SELECT o.cluster FROM duplicate_members AS o JOIN contacts AS oc ON oc.id = o.contact
        WHERE oc.deleted_at IS NULL AND o.contact IN ({_DISTURBED})
        UNION ALL
        SELECT l.cluster
        FROM judgements AS j
        JOIN duplicate_members AS l ON l.contact = j."left"
        JOIN duplicate_members AS r ON r.contact = j."right" AND r.cluster = l.cluster
        JOIN contacts AS lc ON lc.id = l.contact AND lc.deleted_at IS NULL
        JOIN contacts AS rc ON rc.id = r.contact AND rc.deleted_at IS NULL
        WHERE j.deleted_at IS NULL AND j.judgement = 'different'
    )
    QUALIFY count(*) OVER (PARTITION BY m.cluster) > 1
"""


def read_clusters(con: "duckdb.DuckDBPyConnection") -> pl.DataFrame:
    """Return the clusters of living contacts: [cluster: i64, contact: str, probability: f64], by cluster, then contact.

    Left out are clusters with fewer than two living members, with a pair judged different, or with a member of
    which what is compared was changed since the run: the next run decides on those anew.
    """
    clusters: pl.DataFrame = con.sql(
        f"""
        SELECT s.cluster, s.contact::VARCHAR AS contact, s.probability FROM ({STANDING_MEMBERS}) AS s
        ORDER BY s.cluster, s.contact
        """
    ).pl()
    return clusters
