"""Read objects as JSON texts, a batch at a time: one statement shapes thousands of rows inside DuckDB.

Each batch is one block of bytes, every object followed by the same separator, so Python moves blocks and never rows.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from api_export.batches import CHOSEN, CHOSEN_CLUSTERS, batches, rows
from api_export.shapes import attribute_json, contact_around_attributes, contact_json, definition_json, tag_json

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

__all__ = [
    "attribute_texts",
    "block_of",
    "cluster_texts",
    "contact_text",
    "contact_texts",
    "definition_texts",
    "named_attribute_texts",
    "tag_texts",
]

NO_ASSOCIATIONS: frozenset[str] = frozenset()


def contact_texts(
    con: "duckdb.DuckDBPyConnection", start: int, stop: int, *, associations: frozenset[str], separator: str
) -> Iterator[memoryview]:
    """Read the contacts of selected_contacts [position, id] from start to stop, in order of position."""
    return _blocks(batches(con, _contacts(CHOSEN, associations), start, stop, {"separator": separator}))


def contact_text(
    con: "duckdb.DuckDBPyConnection", contact: UUID, *, brand: UUID | None, associations: frozenset[str]
) -> bytes:
    """Read one contact in one statement; nothing when it is not there, deleted, or of another brand (None: any)."""
    ends = {"first": contact, "last": contact, "brand": brand, "separator": ""}
    return "".join(text for (text,) in con.execute(_contacts(_ALONE, associations), ends).fetchall()).encode()


_ALONE = """chosen AS MATERIALIZED (
    SELECT 0 AS position, id FROM contacts
    WHERE id = $first AND deleted_at IS NULL AND ($brand IS NULL OR brand = $brand::UUID)
)"""


def _contacts(chosen: str, associations: frozenset[str]) -> str:
    """SQL of the contacts of `chosen` [position, id] in order of position."""
    if "contact.attributes" in associations:
        return _contacts_with_attributes(chosen, associations)
    return f"""
        WITH {chosen} SELECT concat({contact_json(associations)}, $separator) AS json
        FROM {_CONTACTS} ORDER BY chosen.position
        """


def _contacts_with_attributes(chosen: str, associations: frozenset[str]) -> str:
    """SQL of contacts in pieces that follow each other: what is before the attributes, each of them, what is after.

    Sorting pieces costs half of what it costs to gather them in a list and the list in its contact. Attributes come as
    created (contract RULES C12); all but the first bring a comma.
    """
    before, after = contact_around_attributes(associations)
    return f"""
        WITH {chosen}{_definitions(associations)}, firsts AS (
            SELECT a.contact, arg_min(a.id, {{'at': a.created_at, 'id': a.id}}) AS id
            FROM {_attributes(NO_ASSOCIATIONS)} GROUP BY a.contact
        ), pieces AS (
            SELECT chosen.position, 0 AS part, NULL AS created_at, NULL AS id, {before} AS json FROM {_CONTACTS}
            UNION ALL
            SELECT chosen.position, 1, a.created_at, a.id,
                   concat(CASE WHEN firsts.id = a.id THEN '' ELSE ',' END, {attribute_json(associations)})
            FROM {_attributes(associations, "JOIN firsts ON firsts.contact = a.contact")}
            UNION ALL
            SELECT chosen.position, 2, NULL, NULL, concat({after}, $separator) FROM chosen
        )
        SELECT json FROM pieces ORDER BY position, part, created_at, id
        """


def cluster_texts(con: "duckdb.DuckDBPyConnection", start: int, stop: int, *, separator: str) -> Iterator[memoryview]:
    """Read the duplicate clusters of selected_clusters [position, cluster, id] from start to stop.

    Source: contract RULES I1: clusters by id, their contacts by contact id and without associations.
    """
    json = contact_json(NO_ASSOCIATIONS)
    sql = f"""
        WITH {CHOSEN_CLUSTERS},
        members AS (SELECT chosen.position, chosen.cluster, c.id, {json} AS json FROM {_CONTACTS})
        SELECT concat('{{"id":', cluster, ',"contacts":[', string_agg(json, ',' ORDER BY id),
                      '],"type":"contact_duplicate"}}', $separator) AS json
        FROM members GROUP BY position, cluster ORDER BY position
        """
    return _blocks(batches(con, sql, start, stop, {"separator": separator}, table="selected_clusters"))


def attribute_texts(
    con: "duckdb.DuckDBPyConnection", start: int, stop: int, *, associations: frozenset[str], separator: str
) -> Iterator[memoryview]:
    """Read the attributes of the contacts of selected_contacts, contact by contact, as created."""
    sql = f"""
        WITH {CHOSEN}{_definitions(associations)}
        SELECT concat({attribute_json(associations)}, $separator) AS json
        FROM {_attributes(associations)} ORDER BY chosen.position, a.created_at, a.id
        """
    return _blocks(batches(con, sql, start, stop, {"separator": separator}))


def named_attribute_texts(
    con: "duckdb.DuckDBPyConnection",
    contact: UUID,
    attributes: Sequence[UUID],
    *,
    associations: frozenset[str],
    separator: str,
) -> Iterator[memoryview]:
    """Read some attributes of one contact, as created."""
    sql = f"""
        WITH chosen AS (SELECT $contact::UUID AS id){_definitions(associations)}
        SELECT concat({attribute_json(associations)}, $separator) AS json
        FROM {_attributes(associations)} AND list_contains($attributes::UUID[], a.id) ORDER BY a.created_at, a.id
        """
    ids = [str(attribute) for attribute in attributes]
    ends = {"first": contact, "last": contact}
    return _blocks(rows(con, sql, {"contact": contact, "attributes": ids, "separator": separator, **ends}))


def tag_texts(con: "duckdb.DuckDBPyConnection", *, separator: str, brand: UUID | None = None) -> Iterator[memoryview]:
    """Read the tag collection of a brand, or of all, in byte order (contract RULES G4)."""
    sql = f"""
        SELECT concat({tag_json()}, $separator) AS json
        FROM tags t WHERE t.deleted_at IS NULL AND ($brand IS NULL OR t.brand = $brand::UUID) ORDER BY t.tag, t.id
        """
    return _blocks(rows(con, sql, {"separator": separator, "brand": brand and str(brand)}))


def definition_texts(
    con: "duckdb.DuckDBPyConnection", *, separator: str, brand: UUID | None = None, only: UUID | None = None
) -> Iterator[memoryview]:
    """Read the attribute definitions in the documented order, those of a brand (None: of all) after them; or one."""
    sql = f"""
        SELECT concat({definition_json()}, $separator) AS json
        FROM attribute_defs d
        WHERE d.deleted_at IS NULL AND (d."global" OR $brand IS NULL OR d.brand = $brand::UUID)
          AND ($only IS NULL OR d.id = $only::UUID)
        ORDER BY d.position, d.id
        """
    return _blocks(rows(con, sql, {"separator": separator, "brand": brand and str(brand), "only": only and str(only)}))


def _definitions(associations: frozenset[str]) -> str:
    """The JSON of every definition once, to be put into each attribute."""
    if "contact_attribute.attribute_def" not in associations:
        return ""
    return f", definitions AS MATERIALIZED (SELECT d.id, {definition_json()} AS json FROM attribute_defs d)"


def _attributes(associations: frozenset[str], join: str = "") -> str:
    definitions = "contact_attribute.attribute_def" in associations
    return f"""chosen JOIN contact_attributes a ON a.contact = chosen.id {join}
        {"LEFT JOIN definitions d ON d.id = a.attribute_def" if definitions else ""}
        WHERE a.deleted_at IS NULL AND a.contact BETWEEN $first AND $last"""


# The range is said of both tables: DuckDB would not carry it over, and read all summaries for one.
_CONTACTS = """chosen JOIN contacts c ON c.id = chosen.id
    LEFT JOIN (SELECT * FROM contact_summaries WHERE contact BETWEEN $first AND $last) s ON s.contact = c.id
    WHERE c.id BETWEEN $first AND $last"""


def _blocks(found: "Iterator[pa.RecordBatch]") -> Iterator[memoryview]:
    return (block_of(batch.column(0)) for batch in found)


def block_of(texts: "pa.Array") -> memoryview:
    """The bytes of consecutive texts, which Arrow keeps side by side: no copy, no loop."""
    _, offsets, data = texts.buffers()
    places = memoryview(offsets).cast("q" if str(texts.type) == "large_string" else "i")
    return memoryview(data)[places[texts.offset] : places[texts.offset + len(texts)]]
