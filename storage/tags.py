"""The tag collection and what changing it does to contacts: rename, remind, delete (contract RULES G).

A tag is found whatever its case. With a brand only that brand's collection and contacts are meant, else every brand's.
What changed is returned, for summaries and reminders to be refreshed.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import duckdb
import polars as pl

from storage.errors import ConflictError, NotFoundError

__all__ = ["Changed", "add_tag", "delete_tag", "rename_tag", "set_tag_touch"]


@dataclass(frozen=True)
class Changed:
    """The ids of the tags that were meant, and the contacts that were changed with them [contact: str]."""

    tags: list[str]
    contacts: pl.DataFrame


def add_tag(
    con: duckdb.DuckDBPyConnection, tag: str, *, touch_freq: int | None, brand: UUID, by: UUID, now: datetime
) -> UUID:
    """Add a tag to a brand's collection; returns its id.

    Raises: ConflictError when it is there (contract RULES G6).
    """
    if con.execute(_FIND, {"tag": tag, "brand": str(brand)}).fetchall():
        raise _taken(tag)
    added = con.execute(
        """
        INSERT INTO tags (id, brand, tag, touch_freq, created_at, updated_at, created_by)
        VALUES (uuidv7(), $brand, $tag, $touch_freq, $now, $now, $by) RETURNING id
        """,
        {"brand": str(brand), "tag": tag, "touch_freq": touch_freq, "now": now, "by": str(by)},
    )
    return UUID(str(added.fetchall()[0][0]))


def rename_tag(
    con: duckdb.DuckDBPyConnection, tag: str, name: str, *, brand: UUID | None, by: UUID, now: datetime
) -> Changed:
    """Rename a tag in the collection and on all contacts (contract RULES G5).

    Raises: NotFoundError when there is no such tag; ConflictError when another one has the name.
    """
    _stage(con, tag, brand)
    others = "SELECT 1 FROM tags t JOIN meant_tags m USING (brand) WHERE t.deleted_at IS NULL AND t.id <> m.id"
    if con.execute(f"{others} AND lower(t.tag) = lower($name)", {"name": name}).fetchall():
        raise _taken(name)
    who = {"by": str(by), "now": now}
    con.execute(
        """
        UPDATE tags AS t SET tag = $name, updated_at = $now, updated_by = $by
        FROM meant_tags m WHERE t.id = m.id
        """,
        who | {"name": name},
    )
    # As any value written by hand it is of no import job any more.
    con.execute(
        """
        UPDATE contact_attributes AS a SET text = $name, updated_at = $now, updated_by = $by, job = NULL
        FROM tagged t WHERE a.contact = t.contact AND a.id = t.id
        """,
        who | {"name": name},
    )
    return _stamped(con, who)


def set_tag_touch(
    con: duckdb.DuckDBPyConnection, tag: str, *, touch_freq: int | None, brand: UUID | None, by: UUID, now: datetime
) -> Changed:
    """Set how often contacts with a tag are to be touched.

    What was set on a contact itself before does not count while this does: the last word has it (contract RULES G11).
    Raises: NotFoundError when there is no such tag.
    """
    _stage(con, tag, brand)
    who = {"by": str(by), "now": now}
    con.execute(
        """
        UPDATE tags AS t SET touch_freq = $touch_freq, touch_set_at = $now, updated_at = $now, updated_by = $by
        FROM meant_tags m WHERE t.id = m.id
        """,
        who | {"touch_freq": touch_freq},
    )
    return _stamped(con, who)


def delete_tag(con: duckdb.DuckDBPyConnection, tag: str, *, brand: UUID | None, by: UUID, now: datetime) -> Changed:
    """Delete a tag from the collection and from all contacts, softly.

    Raises: NotFoundError when there is no such tag.
    """
    _stage(con, tag, brand)
    who = {"by": str(by), "now": now}
    con.execute(
        "UPDATE tags AS t SET deleted_at = $now, updated_by = $by FROM meant_tags m WHERE t.id = m.id",
        who,
    )
    con.execute(
        """
        UPDATE contact_attributes AS a SET deleted_at = $now, updated_by = $by
        FROM tagged t WHERE a.contact = t.contact AND a.id = t.id
        """,
        who,
    )
    return _stamped(con, who)


def _stage(con: duckdb.DuckDBPyConnection, tag: str, brand: UUID | None) -> None:
    """Find a tag: meant_tags [id, brand] and tagged [contact, id, is_partner], its attributes of living contacts."""
    con.execute(f"CREATE OR REPLACE TEMP TABLE meant_tags AS {_FIND}", {"tag": tag, "brand": brand and str(brand)})
    if not con.execute("SELECT 1 FROM meant_tags").fetchall():
        raise NotFoundError("there is no such tag")
    con.execute(
        """
        CREATE OR REPLACE TEMP TABLE tagged AS
        SELECT a.contact, a.id, a.is_partner FROM contact_attributes a JOIN contacts c ON c.id = a.contact
        WHERE a.attribute_type = 'tag' AND a.deleted_at IS NULL AND c.deleted_at IS NULL
          AND lower(trim(a.text)) = lower(trim($tag)) AND c.brand IN (SELECT brand FROM meant_tags)
        """,
        {"tag": tag},
    )


def _stamped(con: duckdb.DuckDBPyConnection, who: dict[str, object]) -> Changed:
    """Stamp the tagged contacts as changed (contract RULES S7)."""
    con.execute(
        """
        UPDATE contacts AS c SET updated_at = $now, updated_by = $by, updated_for = 'direct_request'
        WHERE c.id IN (SELECT contact FROM tagged)
        """,
        who,
    )
    contacts: pl.DataFrame = con.sql("SELECT DISTINCT contact::VARCHAR AS contact FROM tagged").pl()
    tags = [str(tag) for (tag,) in con.execute("SELECT id FROM meant_tags ORDER BY id").fetchall()]
    con.execute("DROP TABLE tagged; DROP TABLE meant_tags")
    return Changed(tags, contacts)


def _taken(tag: str) -> ConflictError:
    return ConflictError(f'there is a tag "{tag[:40]}" already', where="tag", remedy="Tags differ by more than case.")


_FIND = """
SELECT id, brand FROM tags
WHERE deleted_at IS NULL AND lower(tag) = lower(trim($tag)) AND ($brand IS NULL OR brand = $brand::UUID)
"""
