"""Create and delete a team's own attribute definitions by hand."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

import duckdb
import polars as pl

from storage.contacts import create_definitions
from storage.errors import ConflictError, NotFoundError

__all__ = ["create_definition", "delete_definition"]


def create_definition(
    con: duckdb.DuckDBPyConnection, definition: Mapping[str, object], *, brand: UUID, by: UUID, now: datetime
) -> UUID:
    """Create a definition in the documented shape (contract example 32); returns its id.

    Raises: ConflictError when a global definition or one of the brand has its name already, whatever the case.
    """
    if _named(con, definition, brand):
        raise ConflictError("an attribute definition has this name already", where="name", remedy="Choose another.")
    create_definitions(con, [definition], by=by, brand=brand, now=now)
    return _named(con, definition, brand)[0]


def _named(con: duckdb.DuckDBPyConnection, definition: Mapping[str, object], brand: UUID) -> list[UUID]:
    rows = con.execute(
        """
        SELECT id FROM attribute_defs
        WHERE deleted_at IS NULL AND (global OR brand = $brand::UUID) AND lower(name) = lower($name)
        """,
        {"name": str(definition["name"]), "brand": str(brand)},
    ).fetchall()
    return [UUID(str(identity)) for (identity,) in rows]


def delete_definition(
    con: duckdb.DuckDBPyConnection, definition: UUID, *, brand: UUID | None, by: UUID, now: datetime
) -> pl.DataFrame:
    """Delete a definition and its attributes softly; returns the contacts that had any [contact: str].

    Raises: NotFoundError when a brand (None: any) has no such definition; ConflictError for a global one.
    """
    meant = {"definition": str(definition)}
    found = con.execute(
        """
        SELECT global FROM attribute_defs
        WHERE deleted_at IS NULL AND id = $definition::UUID AND (global OR $brand IS NULL OR brand = $brand::UUID)
        """,
        meant | {"brand": brand and str(brand)},
    ).fetchall()
    if not found:
        raise NotFoundError(f"there is no attribute definition {definition}")
    if found[0][0]:
        raise ConflictError("a global attribute definition cannot be deleted")
    who = meant | {"by": str(by), "now": now}
    con.execute("UPDATE attribute_defs SET deleted_at = $now, updated_by = $by::UUID WHERE id = $definition::UUID", who)
    contacts: pl.DataFrame = con.sql(
        """
        SELECT DISTINCT a.contact::VARCHAR AS contact FROM contact_attributes a JOIN contacts c ON c.id = a.contact
        WHERE a.attribute_def = $definition::UUID AND a.deleted_at IS NULL AND c.deleted_at IS NULL
        """,
        params=meant,
    ).pl()
    con.execute(
        """
        UPDATE contact_attributes SET deleted_at = $now, updated_by = $by::UUID
        WHERE attribute_def = $definition::UUID AND deleted_at IS NULL
        """,
        who,
    )
    return contacts
