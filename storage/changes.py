"""Keep what a full dedup run leaves for the runs after it, and tell which contacts have changed since.

A contact has changed when its state differs from the one the last run saw: whoever wrote, in whatever order, and
whatever the clock said. Nothing has to be told of a change, so none can be missed.
"""

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol
from uuid import UUID

import polars as pl

from storage.duplicates import NEW_CLUSTER_IDS, Findings

if TYPE_CHECKING:
    import duckdb

__all__ = [
    "Changes",
    "KeptRun",
    "read_changes",
    "read_entangled",
    "read_kept_run",
    "read_sharing",
    "read_values",
    "write_changes",
    "write_kept",
]


class Kept(Protocol):
    """What a full run leaves for later ones (see dedup.results.Kept)."""

    @property
    def keys(self) -> pl.DataFrame:
        """[key: u32, record: u32]."""

    @property
    def values(self) -> pl.DataFrame:
        """[field, value: str, people: i32]."""

    @property
    def reach(self) -> dict[str, int]:
        """By blocking key, the most contacts sharing it that were still compared."""

    @property
    def hashing(self) -> str:
        """How keys were made."""


@dataclass(frozen=True)
class KeptRun:
    """The last full run: contacts it read, how many were compared anew since, its rules, what it learned."""

    contacts: int
    changed: int
    rules: dict[str, Any]
    weights: str
    reach: dict[str, int]
    hashing: str


@dataclass(frozen=True)
class Changes:
    """Contacts that changed since the last run: `living` were added or edited, `gone` deleted or merged away."""

    contacts: int
    living: pl.DataFrame
    gone: pl.DataFrame

    @property
    def count(self) -> int:
        """How many contacts changed."""
        return self.living.height + self.gone.height

    @property
    def all(self) -> pl.DataFrame:
        """All of them: [contact: str]."""
        return pl.concat([self.living, self.gone])


# A value that was edited, deleted or moved elsewhere, another owner, a new word on the contact: each changes the state.
_STATES = """
    SELECT c.id AS contact, xor(xor(
        hash(c.user_id, c.brand, c.ios_address_book_id, c.android_address_book_id),
        coalesce(a.state, 0)), coalesce(j.state, 0)) AS state
    FROM contacts AS c
    LEFT JOIN (
        SELECT contact, bit_xor(hash(id, updated_at)) AS state FROM contact_attributes
        WHERE deleted_at IS NULL AND attribute_def IN (SELECT id FROM attribute_defs WHERE deleted_at IS NULL)
        GROUP BY contact
    ) AS a ON a.contact = c.id
    LEFT JOIN (
        SELECT contact, bit_xor(hash("left", "right", judgement)) AS state
        FROM (SELECT *, unnest(["left", "right"]) AS contact FROM judgements WHERE deleted_at IS NULL) GROUP BY contact
    ) AS j ON j.contact = c.id
    WHERE c.deleted_at IS NULL
"""


def write_kept(con: "duckdb.DuckDBPyConnection", kept: Kept | None, rules: dict[str, Any]) -> None:
    """Keep what later runs need beside the learned weights, in place of what was kept before."""
    for table in ("duplicate_records", "duplicate_keys", "duplicate_values"):
        con.execute(f"TRUNCATE {table}")
    con.execute("UPDATE duplicate_weights SET rules = $1, changed = 0", [json.dumps(rules)])
    if kept is None:
        return
    numbers = "SELECT row_number() OVER (ORDER BY contact) - 1, contact, state"
    con.execute(f"INSERT INTO duplicate_records {numbers} FROM ({_STATES})")
    for table, frame in (("duplicate_keys", kept.keys), ("duplicate_values", kept.values)):
        con.register("kept_rows", frame)
        con.execute(f"INSERT INTO {table} SELECT * FROM kept_rows")
        con.unregister("kept_rows")
    con.execute("UPDATE duplicate_weights SET reach = $1, hashing = $2", [json.dumps(kept.reach), kept.hashing])


def read_kept_run(con: "duckdb.DuckDBPyConnection") -> KeptRun | None:
    """Return the last full run, None when there was none or it kept nothing for later ones."""
    rows = con.execute(
        "SELECT contacts, changed, rules, weights, reach, hashing FROM duplicate_weights WHERE reach IS NOT NULL"
    ).fetchall()
    if not rows:
        return None
    contacts, changed, rules, weights, reach, hashing = rows[0]
    return KeptRun(contacts, changed, json.loads(rules), str(weights), json.loads(reach), hashing)


def read_changes(con: "duckdb.DuckDBPyConnection") -> Changes:
    """Return the contacts whose state is not the one the last run saw."""
    con.execute(f"CREATE OR REPLACE TEMP TABLE contact_states AS {_STATES}")
    rows: pl.DataFrame = con.sql(
        """
        SELECT coalesce(s.contact, r.contact)::VARCHAR AS contact, s.contact IS NULL AS is_gone
        FROM contact_states AS s FULL JOIN duplicate_records AS r ON r.contact = s.contact
        WHERE s.state IS DISTINCT FROM r.state ORDER BY contact
        """
    ).pl()
    contacts = con.execute("SELECT count(*) FROM contact_states").fetchall()[0][0]
    is_gone = pl.col("is_gone")
    return Changes(contacts, rows.filter(~is_gone).select("contact"), rows.filter(is_gone).select("contact"))


def read_values(con: "duckdb.DuckDBPyConnection") -> pl.DataFrame:
    """Return what the last full run counted: [field, value: str, people: i32]."""
    values: pl.DataFrame = con.sql("SELECT field, value, people FROM duplicate_values").pl()
    return values


def read_sharing(con: "duckdb.DuckDBPyConnection", keys: pl.DataFrame, changes: Changes) -> pl.DataFrame:
    """Return the contacts that have any of the keys [key: u32] and did not change: [contact: str, key: u32]."""
    con.register("asked", keys.select("key").unique())
    con.register("changed", changes.all)
    sharing: pl.DataFrame = con.sql(
        """
        SELECT r.contact::VARCHAR AS contact, k.key
        FROM duplicate_keys AS k JOIN asked USING (key) JOIN duplicate_records AS r USING (record)
        WHERE r.contact NOT IN (SELECT contact::UUID FROM changed)
        """
    ).pl()
    con.unregister("asked")
    con.unregister("changed")
    return sharing


def read_entangled(
    con: "duckdb.DuckDBPyConnection", changes: Changes, paired: pl.Series, *, threshold: float
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return who stands or falls with the changed contacts and those they are paired with.

    Returns: [contact: str, is_affected: bool], every contact in a component with any of them, is_affected where with a
    changed one; and [left, right: contact ids], the pairs the last runs kept of those that did not change.
    """
    con.execute("CREATE OR REPLACE TEMP TABLE entangled (contact UUID, is_affected BOOLEAN)")
    for contacts, is_affected in ((changes.all["contact"], True), (paired, False)):
        con.register("reached", pl.DataFrame({"contact": contacts.cast(pl.String)}))
        con.execute(
            """
            CREATE OR REPLACE TEMP TABLE frontier AS
            SELECT contact::UUID AS contact FROM reached WHERE contact::UUID NOT IN (SELECT contact FROM entangled)
            """
        )
        con.unregister("reached")
        while con.execute("INSERT INTO entangled SELECT contact, $1 FROM frontier", [is_affected]).fetchall()[0][0]:
            con.execute(_NEXT_FRONTIER, [threshold])
    con.register("changed", changes.all)
    con.execute("DELETE FROM entangled WHERE contact NOT IN (SELECT id FROM contacts WHERE deleted_at IS NULL)")
    contacts_: pl.DataFrame = con.sql("SELECT contact::VARCHAR AS contact, is_affected FROM entangled").pl()
    pairs: pl.DataFrame = con.sql(
        """
        SELECT p."left"::VARCHAR AS "left", p."right"::VARCHAR AS "right"
        FROM duplicate_pairs AS p
        SEMI JOIN entangled AS l ON l.contact = p."left"
        SEMI JOIN entangled AS r ON r.contact = p."right"
        ANTI JOIN (SELECT contact::UUID AS contact FROM changed) AS x ON x.contact = p."left"
        ANTI JOIN (SELECT contact::UUID AS contact FROM changed) AS y ON y.contact = p."right"
        """
    ).pl()
    con.unregister("changed")
    return contacts_, pairs


_NEXT_FRONTIER = """
    CREATE OR REPLACE TEMP TABLE frontier AS
    WITH linked AS (
        SELECT "left", "right" FROM duplicate_pairs WHERE probability >= $1
        UNION ALL
        SELECT "left", "right" FROM judgements WHERE deleted_at IS NULL AND judgement = 'same'
    )
    SELECT "right" AS contact FROM linked SEMI JOIN frontier ON frontier.contact = "left"
    UNION
    SELECT "left" FROM linked SEMI JOIN frontier ON frontier.contact = "right"
    EXCEPT
    SELECT contact FROM entangled
"""


def write_changes(
    con: "duckdb.DuckDBPyConnection",
    found: Findings,
    changes: Changes,
    *,
    affected: pl.Series,
    keys: pl.DataFrame,
    job: UUID,
) -> None:
    """Replace what was known of changed and affected contacts by what a run found of them.

    Args: keys [contact: str, key: u32] of the changed contacts that live. read_changes must have been called.
    """
    con.register("changed", changes.all)
    con.register("affected", pl.DataFrame({"contact": pl.concat([changes.all["contact"], affected]).unique()}))
    con.register("found_pairs", found.pairs)
    con.register("found_members", found.members)
    con.register("changed_keys", keys)
    con.execute("CREATE OR REPLACE TEMP TABLE cluster_ids AS " + NEW_CLUSTER_IDS)
    for statement in _REPLACE:
        con.execute(statement)
    con.execute(
        """
        INSERT INTO duplicate_pairs
        SELECT "left"::UUID, "right"::UUID, probability, weight, otherwise, evidence, $1 FROM found_pairs
        """,
        [job],
    )
    con.execute("UPDATE duplicate_weights SET changed = changed + $1", [changes.count])
    for table in ("cluster_ids", "contact_states", "entangled", "frontier"):
        con.execute(f"DROP TABLE IF EXISTS {table}")
    for name in ("changed", "affected", "found_pairs", "found_members", "changed_keys"):
        con.unregister(name)


_REPLACE = (
    """
    DELETE FROM duplicate_pairs WHERE "left" IN (SELECT contact::UUID FROM changed)
        OR "right" IN (SELECT contact::UUID FROM changed)
        OR "left" IN (SELECT contact::UUID FROM affected) AND "right" IN (SELECT contact::UUID FROM affected)
    """,
    "DELETE FROM duplicate_members WHERE contact IN (SELECT contact::UUID FROM affected)",
    """
    INSERT INTO duplicate_members
    SELECT i.id, m.contact::UUID, m.probability FROM found_members AS m JOIN cluster_ids AS i USING (cluster)
    ORDER BY i.id, m.contact::UUID
    """,
    """
    DELETE FROM duplicate_keys WHERE record IN (
        SELECT record FROM duplicate_records WHERE contact IN (SELECT contact::UUID FROM changed)
    )
    """,
    "DELETE FROM duplicate_records WHERE contact IN (SELECT contact::UUID FROM changed)",
    """
    INSERT INTO duplicate_records
    SELECT (SELECT coalesce(max(record) + 1, 0) FROM duplicate_records) + row_number() OVER (ORDER BY contact) - 1,
        contact, state
    FROM contact_states WHERE contact IN (SELECT contact::UUID FROM changed)
    """,
    """
    INSERT INTO duplicate_keys
    SELECT DISTINCT k.key, r.record FROM changed_keys AS k JOIN duplicate_records AS r ON r.contact = k.contact::UUID
    """,
)
