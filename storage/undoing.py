"""Take a whole import back: what it created goes, what it changed is put back from the images it kept.

Nothing of it stays but its job. Work that was built on it since (imports, merges, edits) is refused rather than lost.
What the import added and others use by now (a tag, a definition) stays and is theirs from then on.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import duckdb
import polars as pl

from storage.errors import ConflictError, UsageError
from storage.jobs import Job

__all__ = ["UndoOutcome", "keep_additions", "undo_import"]


@dataclass(frozen=True)
class UndoOutcome:
    """How many contacts were removed and restored, how many judgements lapsed, and whom [contact: str] to summarise."""

    removed: int
    restored: int
    judgements: int
    contacts: pl.DataFrame


def keep_additions(
    con: duckdb.DuckDBPyConnection, job: UUID, *, now: datetime, file: UUID, tags: Sequence[UUID]
) -> None:
    """Remember what an import added that is not told by its job: `file` and the definitions of its mapping if new, the
    tags it used first, and contacts made from corrected rejects, which carry the job of the row they come from.
    """
    con.execute(
        """
        INSERT INTO import_additions
        SELECT $job::UUID, kind, id FROM (
            SELECT 'file' AS kind, id FROM files WHERE id = $file::UUID AND created_at = $now AND path IS NULL
            UNION ALL SELECT 'attribute_def', id FROM attribute_defs WHERE created_at = $now AND NOT global
            UNION ALL SELECT 'tag', unnest($tags::UUID[])
            UNION ALL SELECT 'contact', contact FROM identity WHERE action = 'create' AND origin IS NOT NULL
        ) added
        WHERE id NOT IN (SELECT id FROM import_additions WHERE id IS NOT NULL)
        """,
        {"job": str(job), "now": now, "file": str(file), "tags": [str(tag) for tag in tags]},
    )


def undo_import(con: duckdb.DuckDBPyConnection, job: Job, *, now: datetime) -> UndoOutcome:
    """Take an import back inside the caller's transaction.

    Raises: UsageError when the job is no import that changed anything; ConflictError when it was undone already, or
    when later work depends on it. Nothing is changed then.
    """
    _check_job(job)
    (at,) = con.execute("SELECT started_at FROM jobs WHERE id = ?", [job.id]).fetchall()[0]
    parameters = {"job": str(job.id), "at": at, "now": now}
    for statement in _CONCERNED:
        _run(con, statement, parameters)
    _refuse_later_work(con, parameters)
    for statement in (*_TAKE_BACK, *_FORGET):
        _run(con, statement, parameters)
    (judgements,) = con.execute(_LAPSE_JUDGEMENTS, {"now": now}).fetchall()[0]
    removed, restored = (
        con.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0] for table in ("created", "changed")
    )
    contacts = con.sql("SELECT id::VARCHAR AS contact FROM changed").pl()
    con.execute("DROP TABLE created; DROP TABLE changed; DROP TABLE affected; DROP TABLE heirs")
    return UndoOutcome(removed, restored, judgements, contacts)


def _check_job(job: Job) -> None:
    if job.kind == "merge":
        raise UsageError(f"{job.id} is a merge", remedy=f"`onecard unmerge {job.id}` takes it back.")
    if job.kind != "import":
        raise UsageError(f"{job.id} is no import but {job.kind}", remedy="`onecard jobs` lists the imports.")
    if job.state == "undone":
        raise ConflictError(
            "it was undone already", where=f"import {job.id}", remedy="Import the file again to redo it."
        )
    if job.state != "done":
        raise UsageError(f"import {job.id} is {job.state}: it changed nothing, so there is nothing to undo")


def _refuse_later_work(con: duckdb.DuckDBPyConnection, parameters: dict[str, object]) -> None:
    """Raise ConflictError naming what was built on the import and has to be undone first."""
    for query, what, remedy in _OBSTACLES:
        rows = _run(con, query, parameters).fetchall()
        if rows:
            other, count = rows[0]
            more = f"; {len(rows) - 1} more such jobs came before that" if len(rows) > 1 else ""
            raise ConflictError(
                what.format(other=other, count=count) + more,
                where=f"import {parameters['job']}",
                remedy=remedy.format(other=other),
            )


def _run(con: duckdb.DuckDBPyConnection, statement: str, parameters: dict[str, object]) -> duckdb.DuckDBPyConnection:
    """Execute a statement with those of the parameters that it names."""
    return con.execute(statement, {name: value for name, value in parameters.items() if f"${name}" in statement})


# A contact made from a corrected reject carries the job of the row it comes from.
_CREATED = """
CREATE OR REPLACE TEMP TABLE created AS
SELECT id FROM contacts
WHERE id IN (SELECT id FROM import_additions WHERE import = $job::UUID AND kind = 'contact')
   OR job = $job::UUID AND id NOT IN (SELECT id FROM import_additions WHERE kind = 'contact')
"""
_CONCERNED = (
    _CREATED,
    "CREATE OR REPLACE TEMP TABLE changed AS SELECT id FROM import_contacts WHERE import = $job::UUID",
    "CREATE OR REPLACE TEMP TABLE affected AS SELECT id FROM created UNION ALL SELECT id FROM changed",
)

_NOT_KEPT = "SELECT import, 1 FROM import_additions WHERE import = $job::UUID AND kind = 'unknown'"

_CORRECTIONS = """
SELECT a.import AS other, count(*) FROM import_additions a JOIN contacts c ON c.id = a.id
WHERE a.kind = 'contact' AND a.import <> $job::UUID AND c.job = $job::UUID
GROUP BY other ORDER BY other DESC
"""

# Images are kept in the order of the imports, so a later row is a later import.
_LATER_IMPORTS = """
SELECT i.import, count(*) FROM import_contacts i
WHERE i.import <> $job::UUID AND (
    i.id IN (SELECT id FROM created)
    OR i.id IN (SELECT id FROM changed) AND i.rowid > (SELECT max(rowid) FROM import_contacts WHERE import = $job::UUID)
)
GROUP BY i.import ORDER BY max(i.rowid) DESC
"""

_LATER_MERGES = """
SELECT m.job, count(*) FROM merges m JOIN merge_contacts c ON c.merge = m.id
WHERE m.undone_at IS NULL
  AND (c.id IN (SELECT id FROM created) OR c.id IN (SELECT id FROM changed) AND m.created_at > $at)
GROUP BY m.job ORDER BY max(m.rowid) DESC
"""

# What the import gave to a merged contact was handed out again when the merge was undone.
_UNDONE_MERGES = """
SELECT m.job, count(*) FROM merges m JOIN merge_contacts c ON c.merge = m.id
WHERE m.created_at <= $at AND m.undone_at > $at AND c.id IN (SELECT id FROM changed)
GROUP BY m.job ORDER BY max(m.rowid) DESC
"""

# The import left every contact it wrote stamped with its own time, or, where it only took note of the row, as it was.
_EDITS = """
SELECT NULL, count(DISTINCT id) FROM (
    SELECT c.id FROM contacts c JOIN created USING (id)
    WHERE c.updated_at <> $at OR c.deleted_at IS NOT NULL OR c.last_touch IS NOT NULL
    UNION ALL
    SELECT c.id FROM contacts c JOIN import_contacts b ON b.id = c.id AND b.import = $job::UUID
    WHERE c.updated_at NOT IN ($at, b.updated_at)
       OR c.deleted_at IS DISTINCT FROM b.deleted_at AND c.deleted_at IS DISTINCT FROM $at
          AND NOT (c.deleted_at IS NULL AND starts_with(b.deleted_for, 'import'))
       OR c.last_touch IS DISTINCT FROM b.last_touch
    UNION ALL
    SELECT a.contact FROM contact_attributes a JOIN created n ON n.id = a.contact
    WHERE a.job IS DISTINCT FROM $job::UUID OR a.deleted_at IS NOT NULL OR a.updated_by IS NOT NULL
    UNION ALL
    SELECT m.contact FROM memberships m JOIN created n ON n.id = m.contact
) HAVING count(*) > 0
"""

_OBSTACLES = (
    (
        _NOT_KEPT,
        "it was made before imports kept what undoing them takes",
        "Delete its contacts by hand if they are not wanted.",
    ),
    (
        _CORRECTIONS,
        "import {other} brought in {count} of its rejected rows, corrected",
        "Undo that first: `onecard undo {other}`.",
    ),
    (
        _LATER_IMPORTS,
        "import {other} changed {count} of its contacts later",
        "Undo that first: `onecard undo {other}`.",
    ),
    (_LATER_MERGES, "merge {other} took in {count} of its contacts", "Undo that first: `onecard unmerge {other}`."),
    (
        _UNDONE_MERGES,
        "merge {other}, which stood when it was made, was undone since with {count} of its contacts",
        "What it brought was handed out to them; correct them by hand.",
    ),
    (
        _EDITS,
        "{count} of its contacts were edited, touched, deleted or put into a list since",
        "Undoing would lose that work; nothing was changed.",
    ),
)

_LAPSE_JUDGEMENTS = """
UPDATE judgements SET deleted_at = $now
WHERE deleted_at IS NULL AND ("left" IN (SELECT id FROM created) OR "right" IN (SELECT id FROM created))
"""

_TAKE_BACK = (
    """
    DELETE FROM merge_attributes
    WHERE job = $job::UUID AND id NOT IN (SELECT id FROM import_attributes WHERE import = $job::UUID)
    """,
    """
    DELETE FROM contact_attributes
    WHERE job = $job::UUID AND id NOT IN (SELECT id FROM import_attributes WHERE import = $job::UUID)
    """,
    """
    UPDATE contact_attributes a SET
        label = b.label, is_primary = b.is_primary, text = b.text, number = b.number, date = b.date,
        place = b.place, key = b.key, updated_at = b.updated_at, updated_by = b.updated_by,
        deleted_at = b.deleted_at, job = b.job
    FROM (SELECT * FROM import_attributes WHERE import = $job::UUID) b
    WHERE a.contact = b.contact AND a.id = b.id
    """,
    "DELETE FROM contacts WHERE id IN (SELECT id FROM created)",
    "DELETE FROM contact_index WHERE id IN (SELECT id FROM created)",
    """
    UPDATE contacts c SET
        updated_at = b.updated_at, updated_by = b.updated_by, updated_for = b.updated_for,
        deleted_at = b.deleted_at, deleted_by = b.deleted_by, deleted_for = b.deleted_for,
        touch_freq = b.touch_freq, touch_source = b.touch_source, touch_set_at = b.touch_set_at,
        own_touch_freq = b.own_touch_freq, own_touch_set_at = b.own_touch_set_at,
        source = b.source, source_id = b.source_id, fingerprint = b.fingerprint, occurrence = b.occurrence,
        corrected = b.corrected, mapping = b.mapping
    FROM (SELECT * FROM import_contacts WHERE import = $job::UUID) b
    WHERE c.id = b.id
    """,
    "DELETE FROM contact_summaries WHERE contact IN (SELECT id FROM created)",
    """
    DELETE FROM duplicate_members
    WHERE cluster IN (SELECT cluster FROM duplicate_members WHERE contact IN (SELECT id FROM affected))
    """,
    """
    DELETE FROM duplicate_pairs
    WHERE "left" IN (SELECT id FROM affected) OR "right" IN (SELECT id FROM affected)
    """,
)

# Who uses by now what the import added, the first import if it was one; `job` is NULL for what people use.
_HEIRS = """
CREATE OR REPLACE TEMP TABLE heirs AS
WITH added AS (SELECT id FROM import_additions WHERE import = $job::UUID)
SELECT t.id, min(a.job) AS job FROM tags t
LEFT JOIN contact_attributes a ON a.attribute_type = 'tag' AND a.deleted_at IS NULL AND lower(a.text) = lower(t.tag)
WHERE t.id IN (FROM added) GROUP BY t.id, t.updated_at, t.created_at
HAVING count(a.id) > 0 OR t.updated_at > t.created_at
UNION ALL
SELECT attribute_def, min(job) FROM contact_attributes WHERE attribute_def IN (FROM added) GROUP BY attribute_def
UNION ALL
SELECT file, min(id) FROM jobs WHERE file IN (FROM added) AND id <> $job::UUID AND state <> 'undone' GROUP BY file
"""

_FORGET = (
    _HEIRS,
    *(
        f"DELETE FROM {table} WHERE id IN (SELECT id FROM import_additions WHERE import = $job::UUID) "
        "AND id NOT IN (SELECT id FROM heirs)"
        for table in ("tags", "attribute_defs", "files")
    ),
    "UPDATE import_additions a SET import = h.job FROM heirs h WHERE a.id = h.id AND h.job IS NOT NULL",
    "DELETE FROM import_additions WHERE import = $job::UUID",
    "DELETE FROM import_contacts WHERE import = $job::UUID",
    "DELETE FROM import_attributes WHERE import = $job::UUID",
    "DELETE FROM import_rejects WHERE job = $job::UUID",
    "UPDATE jobs SET state = 'undone' WHERE id = $job::UUID",
)
