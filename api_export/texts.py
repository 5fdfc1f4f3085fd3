"""Write objects as JSON texts, a batch at a time: `records` reads the rows, `shapes` says what stands where.

Each batch is one block of bytes, every object followed by the same separator; Python moves blocks and never rows.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING
from uuid import UUID

import polars as pl

from api_export.batches import Chosen, chosen_batches, chosen_page
from api_export.paging import Page
from api_export.records import (
    read_attributes,
    read_collections,
    read_contact,
    read_contacts,
    read_definitions,
    read_every_definition,
    read_matching_users,
    read_named_attributes,
    read_tags,
    read_users,
    shown_contact,
)
from api_export.shapes import (
    attribute_json,
    cluster_json,
    collection_json,
    contact_json,
    definition_json,
    tag_json,
    user_json,
    with_address_json,
)
from storage.frames import with_column

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
    "page_texts",
    "tag_texts",
]

NO_ASSOCIATIONS: frozenset[str] = frozenset()
# Association → kind and type of what contacts are members of.
COLLECTIONS = {"lists": ("list", "contact_list"), "deals": ("deal", "deal"), "flows": ("flow", "flow")}
# Association → the column that names the user.
USERS = {"user": "user_id", "created_by": "created_by", "updated_by": "updated_by"}


def contact_texts(
    con: "duckdb.DuckDBPyConnection", start: int, stop: int, *, associations: frozenset[str], separator: str
) -> Iterator[memoryview]:
    """Write the contacts of selected_contacts [position, id] from start to stop, in order of position."""
    for chosen in chosen_batches(con, start, stop):
        yield _block(_contacts(con, chosen, associations), separator)


def page_texts(
    con: "duckdb.DuckDBPyConnection", page: Page, *, associations: frozenset[str], separator: str
) -> Iterator[memoryview]:
    """Write the contacts of a page of the index, in order."""
    for chosen in chosen_page(page):
        yield _block(_contacts(con, chosen, associations), separator)


def contact_text(
    con: "duckdb.DuckDBPyConnection",
    contact: UUID,
    *,
    brand: UUID | None,
    associations: frozenset[str],
    shown: pl.DataFrame | None = None,
) -> bytes:
    """Write one contact; nothing when it is not there, deleted, or of another brand (None: any).

    Args: shown, how it is shown now, where that is known.
    """
    contacts = read_contact(con, contact, brand=brand) if shown is None else shown_contact(shown)
    if contacts.is_empty():
        return b""
    alone = Chosen("chosen AS (SELECT 0 AS position, $first::UUID AS id)", contact, contact, 1)
    return str(_shaped(con, contacts, alone, associations)["json"].item()).encode()


def _contacts(con: "duckdb.DuckDBPyConnection", chosen: Chosen, associations: frozenset[str]) -> pl.DataFrame:
    """[all of chosen, json], in order of position."""
    return _shaped(con, read_contacts(con, chosen), chosen, associations)


def _shaped(
    con: "duckdb.DuckDBPyConnection", contacts: pl.DataFrame, chosen: Chosen, associations: frozenset[str]
) -> pl.DataFrame:
    """Add what is asked for of contacts, and their JSON."""
    asked = {name.removeprefix("contact.") for name in associations}
    for name, (kind, type_) in COLLECTIONS.items():
        if name in asked:
            contacts = _beside(contacts, name, read_collections(con, chosen, kind), collection_json(type_))
    if "users" in asked:
        contacts = _beside(contacts, "users", read_matching_users(con, chosen), user_json())
    if "attributes" in asked:
        contacts = _beside(contacts, "attributes", _attributes(con, chosen, associations), pl.col("json"))
    if not asked.isdisjoint(USERS):
        users = read_users(con).select("id", "brand", user_json().alias("json"))
        for column in USERS.values():
            known = users.rename({"id": column, "json": f"{column}.json"})
            contacts = contacts.join(known, on=[column, "brand"], how="left", maintain_order="left")
    return with_column(with_address_json(contacts, "address"), contact_json(associations).alias("json"))


def _beside(contacts: pl.DataFrame, name: str, rows: pl.DataFrame, json: pl.Expr) -> pl.DataFrame:
    """Put the JSON of rows [contact, …] beside their contacts, as a list in the order they have."""
    if contacts.height == 1 and rows.height and (rows["contact"] == contacts["id"][0]).all():
        return contacts.hstack([pl.Series(name, [rows.select_seq(json.alias(name)).to_series()])])
    lists = rows.group_by("contact", maintain_order=True).agg(json.alias(name))
    return contacts.join(lists, left_on="id", right_on="contact", how="left", maintain_order="left")


def _attributes(con: "duckdb.DuckDBPyConnection", chosen: Chosen, associations: frozenset[str]) -> pl.DataFrame:
    """[contact, json]."""
    return _attribute_json(con, read_attributes(con, chosen), associations)


def _attribute_json(
    con: "duckdb.DuckDBPyConnection", attributes: pl.DataFrame, associations: frozenset[str]
) -> pl.DataFrame:
    if "contact_attribute.attribute_def" in associations:
        definitions = read_every_definition(con).select("id", definition_json().alias("definition"))
        attributes = attributes.join(
            definitions, left_on="attribute_def", right_on="id", how="left", maintain_order="left"
        )
    told = with_column(with_address_json(attributes, "place"), attribute_json(associations).alias("json"))
    return told[["contact", "json"]]


def cluster_texts(con: "duckdb.DuckDBPyConnection", start: int, stop: int, *, separator: str) -> Iterator[memoryview]:
    """Write the duplicate clusters of selected_clusters [position, cluster, id] from start to stop.

    Source: contract RULES I1: clusters by id, their contacts by contact id and without associations.
    """
    for chosen in chosen_batches(con, start, stop, table="selected_clusters"):
        members = _contacts(con, chosen, NO_ASSOCIATIONS)
        clusters = members.group_by("position", "cluster", maintain_order=True).agg(pl.col("json").alias("contacts"))
        yield _block(clusters.select(cluster_json().alias("json")), separator)


def attribute_texts(
    con: "duckdb.DuckDBPyConnection", start: int, stop: int, *, associations: frozenset[str], separator: str
) -> Iterator[memoryview]:
    """Write the attributes of the contacts of selected_contacts, contact by contact, as created."""
    for chosen in chosen_batches(con, start, stop):
        yield _block(_attributes(con, chosen, associations), separator)


def named_attribute_texts(
    con: "duckdb.DuckDBPyConnection",
    contact: UUID,
    attributes: Sequence[UUID],
    *,
    associations: frozenset[str],
    separator: str,
) -> Iterator[memoryview]:
    """Write some attributes of one contact, in the order named."""
    yield _block(_attribute_json(con, read_named_attributes(con, contact, attributes), associations), separator)


def tag_texts(con: "duckdb.DuckDBPyConnection", *, separator: str, brand: UUID | None = None) -> Iterator[memoryview]:
    """Write the tag collection of a brand, or of all, in byte order (contract RULES G4)."""
    yield _block(read_tags(con, brand=brand).select(tag_json().alias("json")), separator)


def definition_texts(
    con: "duckdb.DuckDBPyConnection", *, separator: str, brand: UUID | None = None, only: UUID | None = None
) -> Iterator[memoryview]:
    """Write the attribute definitions in the documented order, those of a brand (None: of all) after them; or one."""
    found = read_definitions(con, brand=brand, only=only)
    yield _block(found.select(definition_json().alias("json")), separator)


def _block(objects: pl.DataFrame, separator: str) -> memoryview:
    texts = with_column(objects[["json"]], pl.concat_str("json", pl.lit(separator)).alias("json"))["json"]
    return block_of(texts.to_arrow(compat_level=pl.CompatLevel.oldest()))


def block_of(texts: "pa.Array") -> memoryview:
    """The bytes of consecutive texts, which Arrow keeps side by side: no copy, no loop."""
    _, offsets, data = texts.buffers()
    places = memoryview(offsets).cast("q" if str(texts.type) == "large_string" else "i")
    return memoryview(data)[places[texts.offset] : places[texts.offset + len(texts)]]
