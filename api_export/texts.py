"""Read objects as JSON texts, a batch at a time: one statement shapes thousands of rows inside DuckDB.

Each batch is one block of bytes, every object followed by the same separator, so Python moves blocks and never rows.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from api_export.batches import CHOSEN, CHOSEN_CLUSTERS, batches, rows
from api_export.shapes import attribute_json, contact_json, definition_json, tag_json

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

__all__ = ["Texts", "attribute_texts", "block_of", "cluster_texts", "contact_texts", "definition_texts", "tag_texts"]

NO_ASSOCIATIONS: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Texts:
    """A block of JSON objects in UTF-8, each followed by the separator, and how many they are."""

    count: int
    block: memoryview


def contact_texts(
    con: "duckdb.DuckDBPyConnection", start: int, stop: int, *, associations: frozenset[str], separator: str
) -> Iterator[Texts]:
    """Read the contacts of selected_contacts [position, id] from start to stop, in order of position."""
    sql = f"""
        WITH {CHOSEN}{_definitions(associations)}{_attributes_of(associations)}
        SELECT concat({contact_json(associations)}, $separator) AS json
        FROM {_contacts(associations)} ORDER BY chosen.position
        """
    return _texts(batches(con, sql, start, stop, {"separator": separator}))


def cluster_texts(con: "duckdb.DuckDBPyConnection", start: int, stop: int, *, separator: str) -> Iterator[Texts]:
    """Read the duplicate clusters of selected_clusters [position, cluster, id] from start to stop.

    Source: contract RULES I1: clusters by id, their contacts by contact id and without associations.
    """
    json = contact_json(NO_ASSOCIATIONS)
    sql = f"""
        WITH {CHOSEN_CLUSTERS},
        members AS (SELECT chosen.position, chosen.cluster, c.id, {json} AS json FROM {_contacts(NO_ASSOCIATIONS)})
        SELECT concat('{{"id":', cluster, ',"contacts":[', string_agg(json, ',' ORDER BY id),
                      '],"type":"contact_duplicate"}}', $separator) AS json
        FROM members GROUP BY position, cluster ORDER BY position
        """
    return _texts(batches(con, sql, start, stop, {"separator": separator}, table="selected_clusters"))


def attribute_texts(
    con: "duckdb.DuckDBPyConnection", start: int, stop: int, *, associations: frozenset[str], separator: str
) -> Iterator[Texts]:
    """Read the attributes of the contacts of selected_contacts, contact by contact, as created."""
    sql = f"""
        WITH {CHOSEN}{_definitions(associations)}
        SELECT concat({attribute_json(associations)}, $separator) AS json
        FROM {_attributes(associations)} ORDER BY chosen.position, a.created_at, a.id
        """
    return _texts(batches(con, sql, start, stop, {"separator": separator}))


def tag_texts(con: "duckdb.DuckDBPyConnection", *, separator: str) -> Iterator[Texts]:
    """Read the tag collection in byte order (contract RULES G4)."""
    sql = f"SELECT concat({tag_json()}, $separator) AS json FROM tags t WHERE t.deleted_at IS NULL ORDER BY t.tag, t.id"
    return _texts(rows(con, sql, {"separator": separator}))


def definition_texts(con: "duckdb.DuckDBPyConnection", *, separator: str) -> Iterator[Texts]:
    """Read the attribute definitions in the documented order, a team's own after them."""
    sql = f"""
        SELECT concat({definition_json()}, $separator) AS json
        FROM attribute_defs d WHERE d.deleted_at IS NULL ORDER BY d.position, d.id
        """
    return _texts(rows(con, sql, {"separator": separator}))


def _definitions(associations: frozenset[str]) -> str:
    """The JSON of every definition once, to be put into each attribute."""
    if "contact_attribute.attribute_def" not in associations:
        return ""
    return f", definitions AS MATERIALIZED (SELECT d.id, {definition_json()} AS json FROM attribute_defs d)"


def _attributes_of(associations: frozenset[str]) -> str:
    """The list of attributes of each contact, as created (contract RULES C12)."""
    if "contact.attributes" not in associations:
        return ""
    # list() with array_to_string() sorts cheaper than string_agg().
    return f""", attributes_of AS (
        SELECT contact, concat('[', array_to_string(list(json ORDER BY created_at, id), ','), ']') AS attributes FROM (
            SELECT a.contact, a.created_at, a.id, {attribute_json(associations)} AS json
            FROM {_attributes(associations)}
        ) GROUP BY contact)"""


def _attributes(associations: frozenset[str]) -> str:
    definitions = "contact_attribute.attribute_def" in associations
    return f"""chosen JOIN contact_attributes a ON a.contact = chosen.id
        {"LEFT JOIN definitions d ON d.id = a.attribute_def" if definitions else ""}
        WHERE a.deleted_at IS NULL AND a.contact BETWEEN $first AND $last"""


def _contacts(associations: frozenset[str]) -> str:
    return f"""chosen JOIN contacts c ON c.id = chosen.id LEFT JOIN contact_summaries s ON s.contact = c.id
        {"LEFT JOIN attributes_of l ON l.contact = c.id" if "contact.attributes" in associations else ""}
        WHERE c.id BETWEEN $first AND $last"""


def _texts(found: "Iterator[pa.RecordBatch]") -> Iterator[Texts]:
    for batch in found:
        yield Texts(batch.num_rows, block_of(batch.column(0)))


def block_of(texts: "pa.Array") -> memoryview:
    """The bytes of consecutive texts, which Arrow keeps side by side: no copy, no loop."""
    _, offsets, data = texts.buffers()
    places = memoryview(offsets).cast("q" if str(texts.type) == "large_string" else "i")
    return memoryview(data)[places[texts.offset] : places[texts.offset + len(texts)]]
