"""Read the last dedup run back: what it was asked, its pairs and clusters, and the people its contacts are.

A run is judged as it was: contacts merged or deleted since still count, those that came later do not.
"""

from typing import TYPE_CHECKING

import polars as pl

from storage.errors import UsageError
from storage.jobs import Job, list_jobs

if TYPE_CHECKING:
    import duckdb

__all__ = [
    "count_sizes",
    "count_weights",
    "last_run",
    "match_records",
    "name_pairs",
    "read_run_members",
    "read_run_pairs",
    "sample_pairs",
]


def last_run(con: "duckdb.DuckDBPyConnection") -> Job:
    """Return the job of the last dedup run.

    Raises: UsageError when there has been none.
    """
    runs = (job for job in list_jobs(con) if job.kind == "dedup" and job.state == "done")
    if run := next(runs, None):
        return run
    raise UsageError("there has been no dedup run yet", remedy="Run `onecard dedup` first.")


def read_run_members(con: "duckdb.DuckDBPyConnection") -> pl.DataFrame:
    """Return the clusters as the last run left them: [cluster: i64, contact: str]."""
    members: pl.DataFrame = con.sql("SELECT cluster, contact::VARCHAR AS contact FROM duplicate_members").pl()
    return members


def read_run_pairs(con: "duckdb.DuckDBPyConnection") -> pl.DataFrame:
    """Return the pairs the last run kept: [left, right: str, probability: f32]."""
    pairs: pl.DataFrame = con.sql(
        'SELECT "left"::VARCHAR AS "left", "right"::VARCHAR AS "right", probability FROM duplicate_pairs'
    ).pl()
    return pairs


def match_records(con: "duckdb.DuckDBPyConnection", records: pl.Series, run: Job) -> pl.DataFrame:
    """Find the contacts of a run that records name, by contact id or by the id of their source.

    Returns: [record: str, contact: str]; a record nobody has is left out, one that several contacts have is there
    several times.
    """
    con.register("named_records", records.alias("record").to_frame())
    found: pl.DataFrame = con.sql(
        """
        WITH those AS (
            SELECT id::VARCHAR AS contact, source_id FROM contacts
            WHERE created_at <= $at AND (deleted_at IS NULL OR deleted_at > $at)
        )
        SELECT n.record, t.contact FROM named_records n JOIN those t ON t.contact = lower(n.record)
        UNION
        SELECT n.record, t.contact FROM named_records n JOIN those t ON t.source_id = n.record
        ORDER BY ALL
        """,
        params={"at": run.created_at},
    ).pl()
    con.unregister("named_records")
    return found


def name_pairs(con: "duckdb.DuckDBPyConnection", pairs: pl.DataFrame) -> pl.DataFrame:
    """Add to pairs [left, right: str, …] who the two are and what the run kept of why.

    Returns: the pairs in their order with left_name, right_name: str? and reasons: str?, the four strongest of
    those that duplicates_to_review lists.
    """
    con.register("chosen_pairs", pairs.with_row_index("at"))
    named: pl.DataFrame = con.sql(
        """
        SELECT c.* EXCLUDE ("at"), l.display_name AS left_name, r.display_name AS right_name,
            array_to_string(list_transform(
                list_filter(p.evidence, lambda e: abs(e.bits) >= 0.05)[:4],
                lambda e: replace(e.field, '_', ' ') || ' ' || e."level" || ' (' || printf('%+.1f', e.bits) || ')'
            ), ', ') AS reasons
        FROM chosen_pairs AS c
        LEFT JOIN duplicate_pairs AS p ON p."left" = c."left"::UUID AND p."right" = c."right"::UUID
        LEFT JOIN contact_summaries AS l ON l.contact = c."left"::UUID
        LEFT JOIN contact_summaries AS r ON r.contact = c."right"::UUID
        ORDER BY c."at"
        """
    ).pl()
    con.unregister("chosen_pairs")
    return named


def count_weights(con: "duckdb.DuckDBPyConnection") -> pl.DataFrame:
    """Count the kept pairs by weight: [bits: i64 (whole bits, −20 to 40), clustered: bool, pairs: i64]."""
    counts: pl.DataFrame = con.sql(
        """
        SELECT greatest(least(floor(p.weight), 40), -20)::BIGINT AS bits,
            coalesce(l.cluster = r.cluster, false) AS clustered, count(*) AS pairs
        FROM duplicate_pairs AS p
        LEFT JOIN duplicate_members AS l ON l.contact = p."left"
        LEFT JOIN duplicate_members AS r ON r.contact = p."right"
        GROUP BY ALL ORDER BY ALL
        """
    ).pl()
    return counts


def count_sizes(con: "duckdb.DuckDBPyConnection") -> pl.DataFrame:
    """Count the clusters by how many contacts they have: [contacts: i64, clusters: i64]."""
    counts: pl.DataFrame = con.sql(
        """
        SELECT contacts, count(*) AS clusters
        FROM (SELECT count(*) AS contacts FROM duplicate_members GROUP BY cluster) GROUP BY ALL ORDER BY ALL
        """
    ).pl()
    return counts


def sample_pairs(con: "duckdb.DuckDBPyConnection", *, threshold: float, each: int) -> pl.DataFrame:
    """Choose pairs to look at: `each` spread over those above the threshold, just above it, and just below it.

    Pairs decided by a guard or a person are left out: their weight is not evidence.
    Returns: [left, right: str, left_name, right_name: str?, probability, weight: f32, otherwise: str, evidence: list of
    {field, level, bits}], the heaviest first.
    """
    pairs: pl.DataFrame = con.sql(
        """
        WITH placed AS (
            SELECT *, row_number() OVER (upwards) AS up, row_number() OVER (downwards) AS down,
                count(*) OVER (PARTITION BY above) AS among
            FROM (
                SELECT *, probability >= $threshold AS above FROM duplicate_pairs
                WHERE abs(weight) < 100 AND len(evidence) > 0
            )
            WINDOW upwards AS (PARTITION BY above ORDER BY weight, "left", "right"),
                downwards AS (PARTITION BY above ORDER BY weight DESC, "left", "right")
        )
        SELECT p."left"::VARCHAR AS "left", p."right"::VARCHAR AS "right", l.display_name AS left_name,
            r.display_name AS right_name, p.probability, p.weight, p.otherwise, p.evidence
        FROM placed AS p
        LEFT JOIN contact_summaries AS l ON l.contact = p."left"
        LEFT JOIN contact_summaries AS r ON r.contact = p."right"
        WHERE NOT p.above AND p.down <= $each
            OR p.above AND (p.up <= $each OR (p.down - 1) % greatest(1, p.among // $each + 1) = 0)
        ORDER BY p.weight DESC, p."left", p."right"
        LIMIT 3 * $each
        """,
        params={"threshold": threshold, "each": each},
    ).pl()
    return pairs
