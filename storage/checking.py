"""Check that a database is sound: what its keys would guarantee if it had any, and that derived rows are current.

There are no keys or constraints in the schema (they would triple the file), so what every write keeps true is written
down here once more, as queries that count violations.
"""

import shutil
from dataclasses import dataclass

from storage.database import Database
from storage.schema import newest_version

__all__ = ["Finding", "check_database"]

LEAST_FREE_SHARE = 0.5
REBUILD = "Import any file again or merge to have them rebuilt; if it stays, please report it."
REPORT = "Please report it; a published copy from before may help."


@dataclass(frozen=True)
class Finding:
    """One thing that was checked: whether it is fine, what was found, and what to do if not."""

    check: str
    is_fine: bool
    detail: str
    remedy: str = ""


# (what is checked, a query counting what is wrong, what to do)
CHECKS = (
    ("contact ids are unique", "SELECT count(*) - count(DISTINCT id) FROM contacts", REPORT),
    ("attribute ids are unique", "SELECT count(*) - count(DISTINCT id) FROM contact_attributes", REPORT),
    (
        "every attribute has its contact",
        "SELECT count(*) FROM contact_attributes a ANTI JOIN contacts c ON c.id = a.contact",
        REPORT,
    ),
    (
        "every attribute has its definition",
        "SELECT count(*) FROM contact_attributes a ANTI JOIN attribute_defs d "
        "ON d.id = a.attribute_def AND d.name = a.attribute_type",
        REPORT,
    ),
    (
        "at most one primary of a kind",
        """
        SELECT count(*) FROM (
            SELECT 1 FROM contact_attributes a SEMI JOIN contacts c ON c.id = a.contact AND c.deleted_at IS NULL
            WHERE a.is_primary AND a.deleted_at IS NULL GROUP BY a.contact, a.attribute_def HAVING count(*) > 1
        )
        """,
        REPORT,
    ),
    (
        "at most one value of what is singular",
        """
        SELECT count(*) FROM (
            SELECT 1 FROM contact_attributes a JOIN attribute_defs d ON d.id = a.attribute_def AND d.singular
            SEMI JOIN contacts c ON c.id = a.contact AND c.deleted_at IS NULL
            WHERE a.deleted_at IS NULL GROUP BY a.contact, a.attribute_def, a.is_partner HAVING count(*) > 1
        )
        """,
        REPORT,
    ),
    (
        "one summary a living contact",
        """
        SELECT count(*) FROM (SELECT id FROM contacts WHERE deleted_at IS NULL) c
        FULL JOIN (SELECT contact, count(*) AS summaries FROM contact_summaries GROUP BY contact) s ON s.contact = c.id
        WHERE c.id IS NULL OR s.summaries IS DISTINCT FROM 1
        """,
        REBUILD,
    ),
    (
        "summaries are current",
        """
        WITH living AS (
            SELECT a.contact, a.attribute_type, a.text FROM contact_attributes a
            SEMI JOIN contacts c ON c.id = a.contact AND c.deleted_at IS NULL
            WHERE a.deleted_at IS NULL AND NOT a.is_partner AND a.attribute_type IN ('email', 'phone_number', 'tag')
        ), counted AS (
            SELECT contact, count(*) FILTER (attribute_type = 'email') AS emails,
                   count(*) FILTER (attribute_type = 'phone_number') AS phones,
                   count(*) FILTER (attribute_type = 'tag') AS tags
            FROM living GROUP BY contact
        )
        SELECT count(*) FROM contact_summaries s LEFT JOIN counted n ON n.contact = s.contact
        WHERE coalesce(len(s.emails), 0) <> coalesce(n.emails, 0)
           OR coalesce(len(s.phone_numbers), 0) <> coalesce(n.phones, 0)
           OR coalesce(len(s.tags), 0) <> coalesce(n.tags, 0)
        """,
        REBUILD,
    ),
    (
        "every merge has its contacts",
        """
        SELECT count(*) FROM (SELECT unnest(sub_contacts) AS sub, parent FROM merges WHERE undone_at IS NULL) m
        LEFT JOIN contacts c ON c.id = m.sub
        WHERE c.id IS NULL OR c.merged_into IS NULL OR m.parent NOT IN (SELECT id FROM contacts)
        """,
        REPORT,
    ),
    (
        "one word in force on a pair",
        """
        SELECT count(*) FROM (
            SELECT 1 FROM judgements WHERE deleted_at IS NULL GROUP BY "left", "right" HAVING count(*) > 1
        )
        """,
        REPORT,
    ),
    (
        "every cluster member is a contact",
        "SELECT count(*) FROM duplicate_members m ANTI JOIN contacts c ON c.id = m.contact",
        "Run `onecard dedup`.",
    ),
    (
        "no job was cut short",  # whoever runs one holds the lock, and we have it now
        "SELECT count(*) FROM jobs WHERE state = 'running'",
        "Its changes were taken back; run it again.",
    ),
)


def check_database(db: Database) -> list[Finding]:
    """Check an open database; every finding is listed, the fine ones too."""
    return [_file(db), _schema(db), _room(db), *(_counted(db, *check) for check in CHECKS)]


def _file(db: Database) -> Finding:
    rows = db.con.execute("SELECT count(*), count(*) FILTER (deleted_at IS NULL) FROM contacts").fetchall()
    every, living = rows[0]
    megabytes = db.path.stat().st_size / 1e6
    return Finding("database opens", True, f"{living:,} contacts ({every - living:,} deleted), {megabytes:,.1f} MB")


def _schema(db: Database) -> Finding:
    rows = db.con.execute("SELECT max(version) FROM schema_migrations").fetchall()
    return Finding("schema is current", rows[0][0] == newest_version(), f"version {rows[0][0]}")


def _room(db: Database) -> Finding:
    """Whether the disk has room for the database to be written anew or published."""
    free, size = shutil.disk_usage(db.path.parent).free, db.path.stat().st_size
    fine = free > size * LEAST_FREE_SHARE
    return Finding("disk has room", fine, f"{free / 1e9:,.1f} GB free", "" if fine else "Free some space.")


def _counted(db: Database, check: str, query: str, remedy: str) -> Finding:
    wrong = int(db.con.execute(query).fetchall()[0][0])
    return Finding(check, wrong == 0, f"{wrong:,} are not" if wrong else "", remedy if wrong else "")
