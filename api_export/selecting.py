"""Choose contacts: those a filter chooses, in an order, become a temporary table of positions and ids.

What a filter means is in `conditions`, how a page is found without the rest in `paging`.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from uuid import UUID

from api_export.conditions import FACTS, INDEX, LAST_TOUCH, NEXT_TOUCH, Condition, Source, condition_of, joined
from api_export.filters import ContactFilter
from api_export.paging import Order, Page, read_page, read_page_of_words
from storage.duplicates import STANDING_MEMBERS
from storage.errors import UsageError, did_you_mean
from storage.indexing import RANKED, index_is_current
from storage.rows import execute

if TYPE_CHECKING:
    import duckdb

__all__ = [
    "ORDERS",
    "Selection",
    "Wanted",
    "indexed_page",
    "living_contacts",
    "selected",
    "selected_clusters",
    "selected_ids",
]

EVERYTHING = ContactFilter()
ORDERS = ("display_name", "sort_field", "last_touch", "next_touch", "created_at", "updated_at")


@dataclass(frozen=True)
class Wanted:
    """Which contacts are asked for: those of a brand (None: of all) that a filter chooses, in order, from start on.

    Without a limit it is all of them (contract RULES A4).
    """

    filter: ContactFilter = EVERYTHING
    brand: UUID | None = None
    order: str | None = None
    start: int = 0
    limit: int | None = None


@dataclass(frozen=True)
class Selection:
    """The chosen contacts: the temporary table selected_contacts [position, id], of which start to stop are wanted."""

    start: int
    stop: int
    total: int

    @property
    def count(self) -> int:
        """How many contacts are wanted."""
        return self.stop - self.start


@contextmanager
def selected(con: "duckdb.DuckDBPyConnection", wanted: Wanted) -> Iterator[Selection]:
    """Hold the living contacts that are wanted in the temporary table selected_contacts while the block runs.

    Without an order they come by id (contract RULES F7), which is also how they lie in the file.
    Raises: UsageError for an unknown order, an unknown definition, a value of the wrong kind, or a negative number.
    """
    source = INDEX if index_is_current(con) else FACTS
    condition, order = _asked(con, wanted, source)
    made = con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE selected_contacts AS
        SELECT row_number() OVER (ORDER BY {order.keys}) - 1 AS position, c.id
        FROM {source.tables} WHERE {condition.sql} ORDER BY position
        """,
        list(condition.parameters),
    )
    ((total,),) = made.fetchall()
    yield _slice(total, wanted)
    con.execute("DROP TABLE IF EXISTS selected_contacts")


def indexed_page(con: "duckdb.DuckDBPyConnection", wanted: Wanted) -> Page | None:
    """Find a page without putting the rest in order; None without a limit, or when the index is stale.

    Raises: UsageError as `selected` does.
    """
    if wanted.limit is None or not index_is_current(con):
        return None
    condition, order = _asked(con, wanted, INDEX)
    if wanted.filter != EVERYTHING:  # ranks are among all, so there is no need to count them
        order = replace(order, rank=None)
    read = read_page_of_words if wanted.filter.q or wanted.filter.query else read_page
    return read(con, condition, order, start=wanted.start, limit=wanted.limit)


def _asked(con: "duckdb.DuckDBPyConnection", wanted: Wanted, source: Source) -> tuple[Condition, Order]:
    """What contacts of a source must be to be wanted, and their order."""
    _slice(0, wanted)
    chosen = condition_of(con, wanted.filter, source, brand=wanted.brand)
    return joined([_living(wanted.brand, source), chosen], " AND "), _order_of(wanted.order, source)


@contextmanager
def selected_ids(
    con: "duckdb.DuckDBPyConnection", contacts: Sequence[UUID], *, brand: UUID | None
) -> Iterator[Selection]:
    """Hold those of the named contacts that live and belong to the brand in selected_contacts, in the order named."""
    condition = _living(brand)
    made = con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE selected_contacts AS
        SELECT row_number() OVER (ORDER BY named.place) - 1 AS position, c.id
        FROM (SELECT DISTINCT ON (id) unnest($1::UUID[]) AS id, generate_subscripts($1::UUID[], 1) AS place) named
        JOIN contacts c ON c.id = named.id
        WHERE c.id BETWEEN $2::UUID AND $3::UUID AND {condition.sql}
        ORDER BY position
        """,
        [[str(contact) for contact in contacts], min(contacts), max(contacts), *condition.parameters],
    )
    ((total,),) = made.fetchall()
    yield Selection(0, total, total)
    con.execute("DROP TABLE IF EXISTS selected_contacts")


def living_contacts(con: "duckdb.DuckDBPyConnection", contacts: Sequence[UUID], *, brand: UUID | None) -> set[UUID]:
    """Return those of the named contacts that live and belong to the brand."""
    condition = _living(brand)
    named = "c.id BETWEEN ?::UUID AND ?::UUID"
    ids: list[object] = [min(contacts), max(contacts)]
    if len(contacts) > 1:  # of one the range says all there is
        named += " AND c.id IN (SELECT unnest(?::UUID[]))"
        ids.append([str(contact) for contact in contacts])
    rows = execute(
        con, f"SELECT c.id FROM contacts c WHERE {named} AND {condition.sql}", [*ids, *condition.parameters]
    ).fetchall()
    return {UUID(str(identity)) for (identity,) in rows}


def _living(brand: UUID | None, source: Source = FACTS) -> Condition:
    if brand is None:
        return Condition(source.living)
    return Condition(f"{source.living} AND c.brand = ?::UUID", (str(brand),))


@contextmanager
def selected_clusters(con: "duckdb.DuckDBPyConnection", wanted: Wanted) -> Iterator[Selection]:
    """Hold the duplicate clusters a wanted contact is in while the block runs; start and limit count clusters.

    The temporary table is selected_clusters [position: of the cluster, cluster, id, probability].
    Clusters come by id; those that were disturbed since they were found are left out (storage.duplicates).
    """
    seen = _living(wanted.brand)
    with selected(con, Wanted(wanted.filter, wanted.brand)):
        con.execute(
            f"""
            CREATE OR REPLACE TEMP TABLE selected_clusters AS
            WITH living AS (
                SELECT m.cluster, m.contact AS id, m.probability
                FROM ({STANDING_MEMBERS}) m JOIN contacts c ON c.id = m.contact WHERE {seen.sql}
                QUALIFY count(*) OVER (PARTITION BY m.cluster) > 1
            ), wanted AS (
                SELECT cluster FROM living GROUP BY cluster HAVING bool_or(id IN (SELECT id FROM selected_contacts))
            )
            SELECT dense_rank() OVER (ORDER BY cluster) - 1 AS position, cluster, id, probability
            FROM living WHERE cluster IN (SELECT cluster FROM wanted) ORDER BY position, id
            """,
            list(seen.parameters),
        )
    total = int(con.execute("SELECT count(DISTINCT cluster) FROM selected_clusters").fetchall()[0][0])
    yield _slice(total, wanted)
    con.execute("DROP TABLE IF EXISTS selected_clusters")


def _slice(total: int, wanted: Wanted) -> Selection:
    """Which positions are wanted.

    Raises: UsageError for a negative number.
    """
    start, limit = wanted.start, wanted.limit
    if start < 0 or (limit is not None and limit < 0):
        raise UsageError("start and limit count from 0", where="start" if start < 0 else "limit")
    first = min(start, total)
    return Selection(first, total if limit is None else min(first + limit, total), total)


def _order_of(order: str | None, source: Source) -> Order:
    """Return a documented order, minus for descending; ties and no order go by id.

    Raises: UsageError for a key that is not documented (contract RULES F6).
    """
    if order is None:
        return Order(None, "c.id_rank")
    key = order.removeprefix("-")
    if key not in ORDERS:
        hint = did_you_mean(key, [*ORDERS])
        raise UsageError(f'"{key}" is not an order', where="order", remedy=hint or f"Known: {', '.join(ORDERS)}.")
    keys = {"display_name": source.display_name, "sort_field": source.sort_field}
    keys |= {"last_touch": LAST_TOUCH, "next_touch": NEXT_TOUCH}
    rank = f"c.{key}_rank" if order in RANKED else None
    return Order(keys.get(key, f"c.{key}"), rank, descends=order.startswith("-"))
