"""Read how the first rows of an import would look as contacts, while its transaction is still open.

The temporary tables of the import say which row is which contact; the contacts are read as the views show them.
"""

from typing import Any

import duckdb

__all__ = ["read_preview"]


def read_preview(con: duckdb.DuckDBPyConnection, *, contacts: int) -> list[dict[str, Any]]:
    """Return the first contacts of the file as they would be: those the import changes, then those it leaves.

    Returns: objects of outcome (created, updated or unchanged) and the columns of `contacts_wide` by their names;
    birthday as YYYY-MM-DD, addresses written out, None where there is nothing.
    """
    preview: list[dict[str, Any]] = con.sql(_PREVIEW, params={"contacts": contacts}).pl().to_dicts()
    return preview


_PREVIEW = """
WITH outcomes AS (
    SELECT row, contact, CASE
        WHEN action = 'create' THEN 'created'
        WHEN action = 'update' AND contact IN (SELECT contact FROM changed_contacts) THEN 'updated'
        ELSE 'unchanged' END AS outcome
    FROM identity WHERE action IN ('create', 'update', 'unchanged')
), first_rows AS (
    SELECT contact, min(row) AS row, arg_min(outcome, row) AS outcome FROM outcomes
    WHERE contact IN (SELECT id FROM contacts WHERE deleted_at IS NULL)
    GROUP BY contact ORDER BY arg_min(outcome, row) = 'unchanged', min(row) LIMIT $contacts
)
SELECT f.outcome, w.display_name, w.first_name, w.last_name, w.emails, w.phone_numbers, w.company, w.job_title,
       strftime(make_timestamp(w.birthday * 1000000), '%Y-%m-%d') AS birthday,
       list_transform(w.address, lambda place: address_full(place)) AS address, w.website, w.partner_name, w.tags
FROM first_rows f JOIN contacts_wide w ON w.id = f.contact
ORDER BY f.outcome = 'unchanged', f.row
"""
