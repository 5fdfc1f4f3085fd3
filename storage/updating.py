"""Bring contacts up to date from rows that were imported before and have changed: only what differs is written.

Values equal on both sides stay untouched. A changed singular value is updated in place; a list value that the row no
longer has is soft-deleted if an import wrote it, the attribute is mapped, and neither did it come from a merge nor does
a merged contact state it too; what people wrote by hand stays.
"""

import duckdb
import polars as pl

from storage.recording import Provenance

__all__ = ["apply_updates", "count_rows"]


def apply_updates(con: duckdb.DuckDBPyConnection, provenance: Provenance) -> pl.DataFrame:
    """Apply the values staged in `incoming`; returns the contacts that changed: [contact: str].

    A row that `fills_only` adds a value only where the contact has none of its kind, and is not taken as seen when
    anything of it was left. Rows whose contact has been merged away only add to its parent.
    """
    if not con.execute("SELECT 1 FROM incoming LIMIT 1").fetchall():
        con.execute("CREATE OR REPLACE TEMP TABLE changed_contacts (contact UUID)")
        return _changed_contacts(con)
    parameters = provenance.parameters()
    prepare = (_OFFERED, _STANDING, _SAME, _RELABELLED, _OFFERED_REST, _STANDING_REST, _MERGED_VALUES)
    for statement in prepare:
        con.execute(statement)
    con.execute(_DECIDED)
    con.execute(_CHANGED)
    keep = (_KEEP_CONTACTS, _KEEP_ATTRIBUTES)
    writes = (*keep, _RELABEL, _REPLACE, _CLEAR_PRIMARY, _ADD, _KEEP_NEWS, _REMOVE, _STAMP_CONTACTS, _STAMP_ROWS)
    for statement in writes:
        con.execute(statement, {name: value for name, value in parameters.items() if f"${name}" in statement})
    for table in (
        "offered",
        "standing",
        "same",
        "relabelled",
        "decided",
        "offered_rest",
        "standing_rest",
        "merged_values",
    ):
        con.execute(f"DROP TABLE {table}")
    return _changed_contacts(con)


def _changed_contacts(con: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    changed: pl.DataFrame = con.sql("SELECT contact::VARCHAR AS contact FROM changed_contacts").pl()
    return changed


def count_rows(con: duckdb.DuckDBPyConnection) -> tuple[int, int]:
    """Count the rows whose contact was changed by `apply_updates`, and those that changed nothing."""
    rows = con.execute(
        """
        SELECT count(*) FILTER (action = 'update' AND contact IN (SELECT contact FROM changed_contacts)),
               count(*) FILTER (action = 'unchanged'
                                OR action = 'update' AND contact NOT IN (SELECT contact FROM changed_contacts))
        FROM identity
        """
    ).fetchall()
    return int(rows[0][0]), int(rows[0][1])


# The joins name contact beside id, so that DuckDB looks at those contacts' part of the table only.

# What makes two values of different contacts one, as in a merge (dedup.merging, contract RULES H5, H12).
_COMPARABLE = """coalesce({value}.key, lower(trim({value}.text)), concat_ws(
           chr(31), coalesce({label}, ''), {value}.number, {value}.date, {value}.address)) AS comparable"""

# What the rows say now; `n` numbers equal values so that each pairs with one standing value.
_OFFERED = f"""
CREATE OR REPLACE TEMP TABLE offered AS
SELECT row_number() OVER () AS offer, i.contact, s.attribute_def, s.attribute_type, s.singular, s.label, s.is_partner,
       s."index", v.is_primary, v.text, v.number, v.date, v.key, v.address, v.position,
       CASE WHEN v.address IS NOT NULL THEN [v.address] END AS place,
       i.fills_only, i.matched, i.matched <> i.contact AS is_merged, {_COMPARABLE.format(value="v", label="s.label")},
       concat_ws(chr(31), v.text, v.number, v.date, v.address) AS value
FROM incoming v JOIN identity i ON i.row = v.row JOIN slots s ON s.slot = v.slot
WHERE i.action = 'update' ORDER BY v.row, v.position
"""

# What the contacts of those rows hold.
_STANDING = f"""
CREATE OR REPLACE TEMP TABLE standing AS
SELECT a.id, a.contact, a.attribute_def, a.attribute_type, a.label, a.is_partner, a.job IS NOT NULL AS is_imported,
       a.id IN (SELECT id FROM merge_attributes WHERE contact <> a.contact) AS is_moved,
       {_COMPARABLE.format(value="a", label="a.label")},
       concat_ws(chr(31), a.text, a.number, a.date, a.address) AS value
FROM contact_attributes a
WHERE a.deleted_at IS NULL AND a.contact IN (SELECT contact FROM identity WHERE action = 'update')
"""

_PAIRED = """
CREATE OR REPLACE TEMP TABLE {name} AS
SELECT o.offer, a.id
FROM (SELECT *, row_number() OVER (PARTITION BY {key} ORDER BY offer) AS n FROM offered {unpaired_offers}) o
JOIN (SELECT *, row_number() OVER (PARTITION BY {key} ORDER BY id) AS n FROM standing {unpaired_standing}) a
  ON o.n = a.n AND {join}
"""
_KEY = ("contact", "attribute_def", "is_partner", "value")
_SAME = _PAIRED.format(
    name="same",
    key=", ".join((*_KEY, "label")),
    join=" AND ".join(f"o.{column} IS NOT DISTINCT FROM a.{column}" for column in (*_KEY, "label")),
    unpaired_offers="",
    unpaired_standing="",
)
_RELABELLED = _PAIRED.format(
    name="relabelled",
    key=", ".join(_KEY),
    join=" AND ".join(f"o.{column} = a.{column}" for column in _KEY),
    unpaired_offers="WHERE NOT is_merged AND offer NOT IN (SELECT offer FROM same)",
    unpaired_standing="WHERE NOT is_moved AND id NOT IN (SELECT id FROM same)",
)
# Where several rows meet one contact, a value that stands or is offered already is not offered again.
_OFFERED_REST = """
CREATE OR REPLACE TEMP TABLE offered_rest AS
SELECT uuidv7() AS new_id, * FROM offered WHERE offer NOT IN (
    SELECT offer FROM same UNION ALL SELECT offer FROM relabelled
    UNION ALL
    SELECT o.offer FROM offered o JOIN standing a USING (contact, attribute_def, is_partner, comparable)
    WHERE o.is_merged OR a.is_moved
    UNION ALL
    SELECT o.offer FROM offered o JOIN offered e USING (contact, attribute_def, is_partner, comparable)
    WHERE o.is_merged AND (NOT e.is_merged OR e.offer < o.offer)
)
"""
# What the rows of contacts merged into these still say: values that lost to an equal one stay with the sub_contact.
_MERGED_VALUES = f"""
CREATE OR REPLACE TEMP TABLE merged_values AS
WITH RECURSIVE merged AS (
    SELECT id AS child, merged_into AS parent FROM contacts
    WHERE merged_into IN (SELECT contact FROM identity WHERE action = 'update')
    UNION ALL
    SELECT c.id, m.parent FROM merged m JOIN contacts c ON c.merged_into = m.child
)
SELECT DISTINCT m.parent AS contact, a.attribute_def, a.is_partner, {_COMPARABLE.format(value="a", label="a.label")}
FROM merged m JOIN contact_attributes a ON a.contact = m.child WHERE a.deleted_at IS NULL
"""
_STANDING_REST = """
CREATE OR REPLACE TEMP TABLE standing_rest AS
SELECT * FROM standing WHERE id NOT IN (SELECT id FROM same UNION ALL SELECT id FROM relabelled)
"""

# What becomes of each value without a pair: replaced (with the id it replaces), added, removed, or left.
_DECIDED = """
CREATE OR REPLACE TEMP TABLE decided AS
WITH offers AS (
    SELECT o.*, a.id AS held,
           row_number() OVER (PARTITION BY o.contact, o.attribute_def, o.is_partner ORDER BY o.offer) AS n
    FROM offered_rest o LEFT JOIN (
        SELECT contact, attribute_def, is_partner, min(id) AS id FROM standing GROUP BY ALL
    ) a USING (contact, attribute_def, is_partner)
)
SELECT offer, held AS id,
       CASE WHEN singular AND held IS NOT NULL AND (fills_only OR is_merged) THEN 'left'
            WHEN singular AND held IS NOT NULL THEN 'replaced'
            WHEN singular AND n > 1 THEN 'left'
            WHEN fills_only AND held IS NOT NULL THEN 'left'
            ELSE 'added' END AS decision
FROM offers
UNION ALL
SELECT NULL, a.id, CASE WHEN a.contact IN (SELECT contact FROM identity WHERE action = 'update' AND fills_only)
                        THEN 'left' ELSE 'removed' END FROM standing_rest a
WHERE a.is_imported AND NOT a.is_moved
  AND (a.contact, a.attribute_def, a.is_partner, a.comparable) NOT IN (
      SELECT (contact, attribute_def, is_partner, comparable) FROM merged_values
  )
  AND EXISTS (SELECT 1 FROM slots s WHERE s.attribute_def = a.attribute_def AND s.is_partner = a.is_partner)
  AND a.contact NOT IN (SELECT contact FROM identity WHERE action = 'update' AND matched <> contact)
  AND (a.contact, a.attribute_type) NOT IN (
      SELECT (i.contact, r.attribute_type) FROM refused r JOIN identity i ON i.row = r.row
  )
  AND NOT EXISTS (
      SELECT 1 FROM offers o WHERE o.singular AND o.contact = a.contact AND o.attribute_def = a.attribute_def
                               AND o.is_partner = a.is_partner
  )
"""

_CHANGED = """
CREATE OR REPLACE TEMP TABLE changed_contacts AS
SELECT DISTINCT contact FROM (
    SELECT contact FROM offered WHERE offer IN (SELECT offer FROM decided WHERE decision IN ('added', 'replaced')
                                                UNION ALL SELECT offer FROM relabelled)
    UNION ALL SELECT contact FROM standing WHERE id IN (SELECT id FROM decided WHERE decision = 'removed')
    UNION ALL SELECT id FROM contacts
    WHERE deleted_at IS NOT NULL AND id IN (SELECT contact FROM identity WHERE action = 'update')
)
"""

# What undoing the import takes (storage.undoing): every row that is about to be written, as it is.
_KEEP_CONTACTS = """
INSERT INTO import_contacts BY NAME
SELECT $job::UUID AS import, c.* FROM contacts c WHERE c.id IN (
    SELECT contact FROM changed_contacts UNION SELECT matched FROM identity WHERE action = 'update'
)
"""
_KEEP_ATTRIBUTES = """
INSERT INTO import_attributes BY NAME
SELECT $job::UUID AS import, a.* EXCLUDE (address) FROM contact_attributes a JOIN (
    SELECT contact, id FROM standing
    WHERE id IN (SELECT id FROM decided WHERE decision IN ('replaced', 'removed') UNION ALL SELECT id FROM relabelled)
       OR (contact, attribute_def) IN (
           SELECT (o.contact, o.attribute_def) FROM decided d JOIN offered o ON o.offer = d.offer
           WHERE d.decision = 'added' AND o.is_primary
       )
) s ON a.contact = s.contact AND a.id = s.id
"""

_RELABEL = """
UPDATE contact_attributes AS a
SET label = o.label, updated_at = $now, updated_by = $user::UUID
FROM relabelled r JOIN offered o ON o.offer = r.offer WHERE a.contact = o.contact AND a.id = r.id
"""

_REPLACE = """
UPDATE contact_attributes AS a
SET text = o.text, number = o.number, date = o.date, key = o.key, place = o.place, label = o.label,
    updated_at = $now + to_microseconds(o.position), updated_by = $user::UUID, job = $job::UUID
FROM decided d JOIN offered o ON o.offer = d.offer
WHERE d.decision = 'replaced' AND a.contact = o.contact AND a.id = d.id
"""

# contract RULES D3: a new primary clears the old one without touching its times.
_CLEAR_PRIMARY = """
UPDATE contact_attributes AS a SET is_primary = false
FROM decided d JOIN offered o ON o.offer = d.offer
WHERE d.decision = 'added' AND o.is_primary AND a.is_primary AND a.deleted_at IS NULL
  AND a.contact = o.contact AND a.attribute_def = o.attribute_def
"""

_ADD = """
INSERT INTO contact_attributes BY NAME
SELECT o.new_id AS id, o.contact, o.attribute_def, o.attribute_type, o.label, o.is_primary, o.is_partner, o."index",
       o.text, o.number, o.date, o.place, o.key, $now + to_microseconds(o.position) AS created_at,
       $now + to_microseconds(o.position) AS updated_at, $user::UUID AS created_by, $job::UUID AS job
FROM decided d JOIN offered_rest o ON o.offer = d.offer WHERE d.decision = 'added' ORDER BY o.offer
"""

# Undoing the merge hands them to the contact whose row brought them (storage.merges), step by step along a chain.
_KEEP_NEWS = """
INSERT INTO merge_attributes BY NAME
WITH RECURSIVE steps AS (
    SELECT o.new_id AS id, o.contact AS standing, c.id AS child, c.merged_into AS parent
    FROM decided d JOIN offered_rest o ON o.offer = d.offer JOIN contacts c ON c.id = o.matched
    WHERE d.decision = 'added' AND o.is_merged
    UNION ALL
    SELECT s.id, s.standing, c.id, c.merged_into FROM steps s JOIN contacts c ON c.id = s.parent
    WHERE c.merged_into IS NOT NULL
)
SELECT m.id AS merge, a.* EXCLUDE (place) REPLACE (s.child AS contact)
FROM steps s
JOIN merges m ON m.parent = s.parent AND list_contains(m.sub_contacts, s.child) AND m.undone_at IS NULL
JOIN contact_attributes a ON a.contact = s.standing AND a.id = s.id
"""

_REMOVE = """
UPDATE contact_attributes AS a SET deleted_at = $now, updated_by = $user::UUID
FROM decided d JOIN standing s ON s.id = d.id WHERE d.decision = 'removed' AND a.contact = s.contact AND a.id = d.id
"""

# A contact that a full export had lacked comes back with its row.
_STAMP_CONTACTS = """
UPDATE contacts AS c
SET updated_at = $now, updated_by = $user::UUID, updated_for = $created_for,
    deleted_at = NULL, deleted_by = NULL, deleted_for = NULL
FROM changed_contacts x WHERE c.id = x.contact
"""

# The row as it stands now is the one to recognise next time; corrected rejects keep answering to the original row.
# A row of which something was left because only gaps were filled is not: a later update has to see what it says.
_STAMP_ROWS = """
UPDATE contacts AS c
SET fingerprint = CASE WHEN i.origin IS NULL THEN i.fingerprint ELSE c.fingerprint END,
    occurrence = CASE WHEN i.origin IS NULL THEN i.occurrence ELSE c.occurrence END,
    corrected = CASE WHEN i.origin IS NULL THEN c.corrected ELSE i.fingerprint END,
    source_id = coalesce(c.source_id, i.source_id),
    source = CASE WHEN c.source_id IS NULL AND i.source_id IS NOT NULL THEN $source ELSE c.source END,
    mapping = $mapping::UHUGEINT
FROM identity i WHERE i.action = 'update' AND c.id = i.matched
  AND NOT (i.fills_only AND (
      i.matched IN (SELECT o.matched FROM decided d JOIN offered o ON o.offer = d.offer WHERE d.decision = 'left')
      OR i.matched IN (SELECT s.contact FROM decided d JOIN standing s ON s.id = d.id WHERE d.decision = 'left')
  ))
"""
