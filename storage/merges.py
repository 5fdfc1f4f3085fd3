"""Carry out a planned merge and take it back: the `merges` rows and the before-images they are undone from.

A merge writes only what its plan says and keeps every row it changes as it was, so undoing it is putting those rows
back. What was changed since is refused rather than overwritten; what was added since stays with the parent.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import duckdb
import polars as pl

from storage.errors import ConflictError, UsageError

__all__ = [
    "Clusters",
    "MergeOutcome",
    "MergePlan",
    "apply_merge",
    "read_merge_contacts",
    "read_merge_inputs",
    "unmerge",
]

Clusters = Sequence[tuple[UUID, Sequence[UUID]]]


@dataclass(frozen=True)
class MergePlan:
    """What a merge will change; times are given by whoever carries it out.

    clusters: [parent: str, sub_contacts: list[str] in the order of the request, not_before: datetime?]; the merge is
        not stamped earlier than `not_before`, when the latest of the surviving values was created.
    contacts: [contact: str, parent: str, last_touch: datetime?, last_touch_action: str?, touch_freq: i32?,
        touch_source: str?, touch_set_at: datetime?, own_touch_freq: i32?, own_touch_set_at: datetime?], parents and
        sub_contacts; touch columns are the parent's new ones.
    attributes: [id: str, contact: str (as before), parent: str, is_primary: bool, index: i32?, step: i64,
        is_dropped: bool], the rows that change. A kept row belongs to `parent` afterwards, stamped `step` microseconds
        after the merge; a dropped one, an exact duplicate within the parent, is soft-deleted where it is.
    """

    clusters: pl.DataFrame
    contacts: pl.DataFrame
    attributes: pl.DataFrame


@dataclass(frozen=True)
class MergeOutcome:
    """How many clusters and sub_contacts were merged or undone, and the contacts [contact: str] to summarise anew."""

    clusters: int
    sub_contacts: int
    contacts: pl.DataFrame


def read_merge_inputs(con: duckdb.DuckDBPyConnection, clusters: Clusters) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Read what a merge is planned from: the contacts named (deleted ones too) and their living attributes.

    Returns: contacts and attributes as `dedup.merging.plan_merge` takes them; unknown contacts are absent.
    """
    contacts = read_merge_contacts(con, clusters)
    with _registered(con, merge_named=contacts.select("contact")):
        return contacts, con.sql(_ATTRIBUTES_TO_MERGE).pl()


def read_merge_contacts(con: duckdb.DuckDBPyConnection, clusters: Clusters) -> pl.DataFrame:
    """Read the contacts of clusters alone, as `read_merge_inputs` does."""
    named = [str(contact) for parent, subs in clusters for contact in (parent, *subs)]
    frame = pl.DataFrame({"contact": named}, schema={"contact": pl.String}).unique()
    with _registered(con, merge_named=frame):
        contacts: pl.DataFrame = con.sql(_CONTACTS_TO_MERGE).pl()
        return contacts


def apply_merge(con: duckdb.DuckDBPyConnection, plan: MergePlan, *, job: UUID, by: UUID, now: datetime) -> MergeOutcome:
    """Write a planned merge inside the caller's transaction, in which its inputs were read.

    Keeps before-images of the changed rows, moves the surviving attributes, soft-deletes the sub_contacts (contract
    RULES H13) and stamps everything with `now` and `by` (H4). `job` is this merge's own: clusters are undone by it.
    """
    frames = {"plan_clusters": plan.clusters, "plan_contacts": plan.contacts, "plan_attributes": plan.attributes}
    with _registered(con, **frames):
        con.execute(_RECORD_MERGES, {"job": job, "by": by, "now": now})
        for statement in (_KEEP_CONTACTS, _KEEP_ATTRIBUTES, _MERGE_CONTACTS, _MERGE_ATTRIBUTES):
            con.execute(statement, {"job": job})
    with _registered(con, listed=con.sql(_MERGES_OF_JOB, params={"job": job}).pl()):
        con.execute(_RECORD_EVENTS, {"kind": "merged", "by": by, "now": now, "job": job})
        return _outcome(con)


def unmerge(
    con: duckdb.DuckDBPyConnection, job_or_parent: UUID, *, by: UUID, now: datetime, job: UUID | None = None
) -> MergeOutcome:
    """Undo every merge of a job, or the latest one into a parent, inside the caller's transaction.

    Every row the merge changed is put back from its before-image; the parent keeps what was added since, a touch and a
    primary chosen since among it, and what an import made of its own values. What a sub_contact's row added to the
    parent since goes to the sub_contact. `job` is the undo's own job.

    Raises: UsageError when nothing was merged by that id; ConflictError when it was undone already, or when a merge, an
    edit or a deletion since stands in the way. Nothing is changed then.
    """
    with _registered(con, listed=_merges_to_undo(con, job_or_parent)):
        _refuse_later_changes(con)
        for statement in (
            *(_RESTORE_ATTRIBUTES, _HAND_OVER_NEWS, _KEEP_LATER_PRIMARIES),
            *(_RESTORE_PARENTS, _RESTORE_SUB_CONTACTS),
        ):
            con.execute(statement)
        con.execute(_RECORD_UNDO, {"by": by, "now": now})
        con.execute(_RECORD_EVENTS, {"kind": "unmerged", "by": by, "now": now, "job": job})
        return _outcome(con)


@contextmanager
def _registered(con: duckdb.DuckDBPyConnection, **frames: pl.DataFrame) -> Iterator[None]:
    """Let SQL of the block read the frames by their names."""
    for name, frame in frames.items():
        con.register(name, frame)
    try:
        yield
    finally:
        for name in frames:
            con.unregister(name)


def _outcome(con: duckdb.DuckDBPyConnection) -> MergeOutcome:
    contacts = con.sql("SELECT c.id AS contact FROM merge_contacts c JOIN listed l ON c.merge = l.id::UUID").pl()
    clusters = con.sql("SELECT id FROM listed").pl().height
    return MergeOutcome(clusters, contacts.height - clusters, contacts)


def _merges_to_undo(con: duckdb.DuckDBPyConnection, job_or_parent: UUID) -> pl.DataFrame:
    """Find the standing merges meant by an id: [id, parent, created_at, place (in order of merging)]."""
    found: pl.DataFrame = con.sql(_MERGES_MEANT, params={"meant": job_or_parent}).pl()
    standing = found.filter(~pl.col("is_undone"))
    if not standing.is_empty():
        of_job = standing.filter("is_job")
        return standing.tail(1) if of_job.is_empty() else of_job
    if not found.is_empty():
        raise ConflictError(f"the merge {job_or_parent} was undone already")
    query = "SELECT merged_into FROM contacts WHERE id = ? AND merged_into IS NOT NULL"
    for (into,) in con.execute(query, [job_or_parent]).fetchall():
        raise UsageError(f"{job_or_parent} was merged into {into}", remedy=f"Undo that: `onecard unmerge {into}`.")
    raise UsageError(
        f"no merge has the job or parent {job_or_parent}",
        remedy='`onecard sql "SELECT * FROM merge_history"` lists them.',
    )


def _refuse_later_changes(con: duckdb.DuckDBPyConnection) -> None:
    """Raise ConflictError naming the first thing that was changed since and so cannot be put back."""
    for query, what, remedy in _OBSTACLES:
        rows = con.execute(query).fetchall()
        if rows:
            parent, thing, other = rows[0]
            more = f" (and {len(rows) - 1} more)" if len(rows) > 1 else ""
            (merges,) = con.execute("SELECT count(*) FROM listed").fetchall()[0]
            raise ConflictError(
                what.format(thing=thing, other=other) + more,
                where=f"merge into {parent}",
                remedy=remedy.format(thing=thing, other=other) + (_ONE_BY_ONE if merges > 1 else ""),
            )


_CONTACTS_TO_MERGE = """
SELECT id AS contact, brand, updated_at, deleted_at, merged_into,
       last_touch, last_touch_action, touch_freq, touch_source, touch_set_at, own_touch_freq, own_touch_set_at
FROM contacts WHERE id IN (SELECT contact::UUID FROM merge_named)
"""

_ATTRIBUTES_TO_MERGE = """
SELECT a.id, a.contact, a.attribute_def, d.singular, a.label, a.is_primary, a.is_partner, a."index", a.text, a.number,
       a.date, a.address, a.key, a.created_at, a.updated_at
FROM contact_attributes a JOIN attribute_defs d ON d.id = a.attribute_def
WHERE a.deleted_at IS NULL AND a.contact IN (SELECT contact::UUID FROM merge_named)
"""

_RECORD_MERGES = """
INSERT INTO merges BY NAME
SELECT uuidv7() AS id, $job AS job, parent::UUID AS parent, sub_contacts::UUID[] AS sub_contacts,
       greatest($now::TIMESTAMPTZ, not_before) AS created_at, $by AS created_by
FROM plan_clusters
"""

_KEEP_CONTACTS = """
INSERT INTO merge_contacts BY NAME
SELECT m.id AS merge, c.* FROM contacts c
JOIN (SELECT contact::UUID AS contact, parent::UUID AS parent FROM plan_contacts) p ON p.contact = c.id
JOIN merges m ON m.job = $job AND m.parent = p.parent
"""

_KEEP_ATTRIBUTES = """
INSERT INTO merge_attributes BY NAME
SELECT m.id AS merge, a.* EXCLUDE (place) FROM contact_attributes a
JOIN (SELECT id::UUID AS id, contact::UUID AS contact, parent::UUID AS parent FROM plan_attributes) p
    ON p.contact = a.contact AND p.id = a.id
JOIN merges m ON m.job = $job AND m.parent = p.parent
"""

_MERGE_CONTACTS = """
UPDATE contacts SET
    updated_at = CASE WHEN is_parent THEN p.merged_at ELSE contacts.updated_at END,
    updated_by = CASE WHEN is_parent THEN p.merged_by ELSE contacts.updated_by END,
    updated_for = CASE WHEN is_parent THEN 'merge' ELSE contacts.updated_for END,
    last_touch = CASE WHEN is_parent THEN p.last_touch ELSE contacts.last_touch END,
    last_touch_action = CASE WHEN is_parent THEN p.last_touch_action ELSE contacts.last_touch_action END,
    touch_freq = CASE WHEN is_parent THEN p.touch_freq ELSE contacts.touch_freq END,
    touch_source = CASE WHEN is_parent THEN p.touch_source ELSE contacts.touch_source END,
    touch_set_at = CASE WHEN is_parent THEN p.touch_set_at ELSE contacts.touch_set_at END,
    own_touch_freq = CASE WHEN is_parent THEN p.own_touch_freq ELSE contacts.own_touch_freq END,
    own_touch_set_at = CASE WHEN is_parent THEN p.own_touch_set_at ELSE contacts.own_touch_set_at END,
    deleted_at = CASE WHEN NOT is_parent THEN p.merged_at END,
    deleted_by = CASE WHEN NOT is_parent THEN p.merged_by END,
    deleted_for = CASE WHEN NOT is_parent THEN 'merge' END,
    merged_into = CASE WHEN NOT is_parent THEN p.parent END
FROM (
    SELECT plan.* REPLACE (contact::UUID AS contact, plan.parent::UUID AS parent),
           contact::UUID = m.parent AS is_parent, m.created_at AS merged_at, m.created_by AS merged_by
    FROM plan_contacts plan JOIN merges m ON m.job = $job AND m.parent = plan.parent::UUID
) p
WHERE contacts.id = p.contact
"""

_MERGE_ATTRIBUTES = """
UPDATE contact_attributes a SET
    contact = p.parent,
    is_primary = p.is_primary,
    "index" = p."index",
    updated_at = CASE WHEN p.is_dropped THEN a.updated_at ELSE p.merged_at + to_microseconds(p.step) END,
    updated_by = CASE WHEN p.is_dropped THEN a.updated_by ELSE p.merged_by END,
    deleted_at = CASE WHEN p.is_dropped THEN p.merged_at END
FROM (
    SELECT plan.* REPLACE (plan.id::UUID AS id, contact::UUID AS contact, plan.parent::UUID AS parent),
           m.created_at AS merged_at, m.created_by AS merged_by
    FROM plan_attributes plan JOIN merges m ON m.job = $job AND m.parent = plan.parent::UUID
) p
WHERE a.contact = p.contact AND a.id = p.id
"""

_MERGES_OF_JOB = "SELECT id, parent FROM merges WHERE job = $job"

_RECORD_EVENTS = """
INSERT INTO events BY NAME
SELECT uuidv7() AS id, m.parent AS contact, $kind AS kind, $now AS created_at, $by AS created_by, $job AS job,
       json_object('merge', m.id, 'sub_contacts', m.sub_contacts) AS details
FROM merges m JOIN listed l ON m.id = l.id::UUID
"""

# place tells merges of one instant apart: rows of merges are never deleted, so their order is the order of merging.
_MERGES_MEANT = """
SELECT id, parent, created_at, rowid AS place, job = $meant AS is_job, undone_at IS NOT NULL AS is_undone
FROM merges WHERE job = $meant OR parent = $meant ORDER BY created_at, place
"""

_LATER_MERGES = """
SELECT l.parent, later.parent, NULL
FROM listed l JOIN merges later ON later.parent = l.parent::UUID
WHERE later.undone_at IS NULL AND (later.created_at, later.rowid) > (l.created_at, l.place)
"""

_MERGED_PARENTS = """
SELECT l.parent, c.id, c.merged_into FROM listed l JOIN contacts c ON c.id = l.parent::UUID
WHERE c.merged_into IS NOT NULL
"""

_DELETED_PARENTS = """
SELECT l.parent, l.parent, NULL FROM listed l LEFT JOIN contacts c ON c.id = l.parent::UUID
WHERE c.id IS NULL OR c.deleted_at IS NOT NULL
"""

_CHANGED_SUB_CONTACTS = """
SELECT l.parent, b.id, NULL
FROM listed l
JOIN merge_contacts b ON b.merge = l.id::UUID AND b.id <> l.parent::UUID
LEFT JOIN contacts c ON c.id = b.id
WHERE c.deleted_at IS DISTINCT FROM l.created_at OR c.merged_into IS DISTINCT FROM l.parent::UUID
"""

# The parent's own values that an import changed or removed since: that is news of the parent's own row, which stands.
_IMPORTED_SINCE = """
SELECT i.id
FROM merge_attributes i
JOIN listed l ON i.merge = l.id::UUID AND i.contact = l.parent::UUID
JOIN contact_attributes a ON a.contact = i.contact AND a.id = i.id
JOIN jobs j ON j.kind = 'import' AND j.started_at > l.created_at
    AND (a.deleted_at = j.started_at OR a.deleted_at IS NULL AND a.updated_at = j.started_at
         OR a.job = j.id AND a.job IS DISTINCT FROM i.job)
"""

# What a merge leaves behind is known without an image of it: values as before, owned by the parent, stamped within as
# many microseconds of the merge as it changed rows; or, an exact duplicate of the parent, only deleted at that time.
# is_primary is left out: choosing another primary clears it without leaving a time (contract RULES D3).
_CHANGED_ATTRIBUTES = (
    """
WITH images AS (
    SELECT b.*, l.parent::UUID AS parent, l.created_at AS merged_at, count(*) OVER (PARTITION BY b.merge) AS size
    FROM merge_attributes b JOIN listed l ON b.merge = l.id::UUID
    WHERE b.contact = l.parent::UUID OR b.created_at <= l.created_at
)
SELECT b.parent, b.id, b.attribute_type
FROM images b LEFT JOIN contact_attributes a ON a.contact = b.parent AND a.id = b.id
WHERE (a.id IS NULL
   OR (a.attribute_def, a.label, a.is_partner, a.text, a.number, a.date, a.address)
      IS DISTINCT FROM (b.attribute_def, b.label, b.is_partner, b.text, b.number, b.date, b.address)
   OR NOT CASE WHEN a.deleted_at IS NOT NULL THEN a.deleted_at = merged_at AND a.updated_at = b.updated_at
               ELSE a.updated_at > merged_at AND a.updated_at <= merged_at + to_microseconds(size) END)
  AND b.id NOT IN ("""
    + _IMPORTED_SINCE
    + """)
ORDER BY b.parent, b.id
"""
)

_OBSTACLES = (
    (_LATER_MERGES, "more was merged into {thing} later", "Undo that first: `onecard unmerge {thing}`."),
    (_MERGED_PARENTS, "{thing} was itself merged into {other} later", "Undo that first: `onecard unmerge {other}`."),
    (_DELETED_PARENTS, "contact {thing} was deleted since", "What it was given went with it."),
    (_CHANGED_SUB_CONTACTS, "sub_contact {thing} was changed since", "It no longer is what the merge left."),
    (
        _CHANGED_ATTRIBUTES,
        "the {other} with id {thing} was changed or deleted since",
        "Undoing would overwrite that; correct the contact by hand.",
    ),
)

# Values that a sub_contact's row added to the parent since (storage.updating keeps an image of each) go to the
# sub_contact as they stand now. One of a kind it has already stays where it is (contract RULES D5).
_HAND_OVER_NEWS = """
UPDATE contact_attributes a SET contact = b.contact, is_primary = false
FROM (
    SELECT i.id, i.contact, l.parent::UUID AS parent FROM merge_attributes i
    JOIN listed l ON i.merge = l.id::UUID AND i.contact <> l.parent::UUID AND i.created_at > l.created_at
    JOIN attribute_defs d ON d.id = i.attribute_def
    WHERE NOT d.singular OR NOT EXISTS (
        SELECT 1 FROM contact_attributes own
        WHERE own.contact = i.contact AND own.attribute_def = i.attribute_def AND own.is_partner = i.is_partner
          AND own.deleted_at IS NULL
    )
) b
WHERE a.contact = b.parent AND a.id = b.id
"""

_ONE_BY_ONE = " Other merges of the job can be undone one by one, by their parents."

_RESTORE_ATTRIBUTES = (
    """
UPDATE contact_attributes a SET
    contact = b.contact, is_primary = b.is_primary, "index" = b."index",
    updated_at = b.updated_at, updated_by = b.updated_by, deleted_at = b.deleted_at
FROM (
    SELECT i.*, l.parent::UUID AS parent FROM merge_attributes i
    JOIN listed l ON i.merge = l.id::UUID AND (i.contact = l.parent::UUID OR i.created_at <= l.created_at)
    WHERE i.id NOT IN ("""
    + _IMPORTED_SINCE
    + """)
) b
WHERE a.contact = b.parent AND a.id = b.id
"""
)

# A primary chosen since stays the only one (contract RULES D4).
_KEEP_LATER_PRIMARIES = """
UPDATE contact_attributes a SET is_primary = false
FROM (
    SELECT DISTINCT n.contact, n.attribute_def, l.id::UUID AS merge
    FROM contact_attributes n JOIN listed l ON n.contact = l.parent::UUID
    WHERE n.is_primary AND n.deleted_at IS NULL
      AND NOT EXISTS (SELECT 1 FROM merge_attributes i WHERE i.id = n.id AND i.merge = l.id::UUID)
) later
WHERE a.contact = later.contact AND a.attribute_def = later.attribute_def AND a.is_primary
  AND EXISTS (SELECT 1 FROM merge_attributes i WHERE i.id = a.id AND i.merge = later.merge)
"""

# Each of the three things a merge does to a parent is put back unless it was done again since.
_RESTORE_PARENTS = """
UPDATE contacts c SET
    updated_at = CASE WHEN is_as_merged THEN b.updated_at ELSE c.updated_at END,
    updated_by = CASE WHEN is_as_merged THEN b.updated_by ELSE c.updated_by END,
    updated_for = CASE WHEN is_as_merged THEN b.updated_for ELSE c.updated_for END,
    last_touch = CASE WHEN is_untouched THEN b.last_touch ELSE c.last_touch END,
    last_touch_action = CASE WHEN is_untouched THEN b.last_touch_action ELSE c.last_touch_action END,
    touch_freq = CASE WHEN is_same_freq THEN b.touch_freq ELSE c.touch_freq END,
    touch_source = CASE WHEN is_same_freq THEN b.touch_source ELSE c.touch_source END,
    touch_set_at = CASE WHEN is_same_freq THEN b.touch_set_at ELSE c.touch_set_at END,
    own_touch_freq = CASE WHEN is_same_freq THEN b.own_touch_freq ELSE c.own_touch_freq END,
    own_touch_set_at = CASE WHEN is_same_freq THEN b.own_touch_set_at ELSE c.own_touch_set_at END
FROM (
    SELECT i.*, n.updated_at = l.created_at AS is_as_merged,
           n.last_touch IS NOT DISTINCT FROM t.last_touch AS is_untouched,
           n.touch_freq IS NOT DISTINCT FROM coalesce(i.touch_freq, t.touch_freq)
               AND coalesce(n.touch_set_at <= l.created_at, true) AS is_same_freq
    FROM listed l
    JOIN merge_contacts i ON i.merge = l.id::UUID AND i.id = l.parent::UUID
    JOIN contacts n ON n.id = i.id
    JOIN (
        SELECT merge, max(last_touch) AS last_touch, min(touch_freq) FILTER (touch_freq > 0) AS touch_freq
        FROM merge_contacts GROUP BY merge
    ) t ON t.merge = i.merge
) b
WHERE c.id = b.id
"""

# What the row was recognised by comes back too: its news since went to the parent, so the next import has to bring them
# to the sub_contact.
_RESTORE_SUB_CONTACTS = """
UPDATE contacts c SET
    deleted_at = b.deleted_at, deleted_by = b.deleted_by, deleted_for = b.deleted_for, merged_into = b.merged_into,
    fingerprint = b.fingerprint, occurrence = b.occurrence, corrected = b.corrected, mapping = b.mapping
FROM (SELECT i.* FROM merge_contacts i JOIN listed l ON i.merge = l.id::UUID AND i.id <> l.parent::UUID) b
WHERE c.id = b.id
"""

_RECORD_UNDO = """
UPDATE merges m SET undone_at = $now, undone_by = $by FROM listed l WHERE m.id = l.id::UUID
"""
