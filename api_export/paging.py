"""Find one page of many contacts without putting the rest in order.

Every 64th contact of the index is a mark. Where a page begins and ends is guessed from the marks, with some to spare,
or from where contacts lie in the file; how many contacts come before is then counted, which is exact, and only those
between are put in order. A guess that misses costs time and never a wrong answer.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

from api_export.conditions import INDEX, Condition

if TYPE_CHECKING:
    import duckdb

__all__ = ["Order", "Page", "read_page", "read_page_of_words"]

FEW = 5_000
"""So few contacts, or in an order of their own the first so many, are found sooner by going through all of them."""
SPARE = 3.0
"""How many standard deviations of a mark's place are allowed for."""
MOVED = 2_000
"""So many contacts may lie elsewhere since they changed before the page is not where it lies."""
EVERYTHING = Condition("true")
Mark = tuple[Any, UUID]
Place = tuple[UUID, int]
"""A contact and its row in the index, which names it until the transaction ends."""


@dataclass(frozen=True)
class Page:
    """The contacts of a page in order, and how many there are on all pages."""

    contacts: list[Place]
    total: int


@dataclass(frozen=True)
class Order:
    """What contacts `c` are ordered by, nulls last (contract RULES F6); ties, or without a key all, go by id."""

    key: str | None
    descends: bool = False

    @property
    def keys(self) -> str:
        """The keys of ORDER BY."""
        return "c.id" if self.key is None else f"{self.key} {'DESC' if self.descends else 'ASC'} NULLS LAST, c.id"

    def before(self, mark: Mark) -> Condition:
        """Those that come before a mark (key, id)."""
        value, identity = mark
        if self.key is None:
            return Condition("c.id < ?", (identity,))
        if value is None:
            return Condition(f"({self.key} IS NOT NULL OR c.id < ?)", (identity,))
        sql = f"({self.key} {'>=' if self.descends else '<='} ? AND ({self.key} != ? OR c.id < ?))"
        return Condition(sql, (value, value, identity))

    def since(self, mark: Mark) -> Condition:
        """The mark and those that come after it."""
        value, identity = mark
        if self.key is None:
            return Condition("c.id >= ?", (identity,))
        if value is None:
            return Condition(f"({self.key} IS NULL AND c.id >= ?)", (identity,))
        sql = f"({self.key} {'<=' if self.descends else '>='} ? AND ({self.key} != ? OR c.id >= ?)"
        return Condition(f"{sql} OR {self.key} IS NULL)", (value, value, identity))


def read_page(con: "duckdb.DuckDBPyConnection", condition: Condition, order: Order, *, start: int, limit: int) -> Page:
    """Find a page of the indexed contacts of a condition."""
    total = _count(con, condition)
    wanted = max(0, min(limit, total - start))
    if wanted and total > FEW and (order.key is None or start + wanted > FEW):
        for ends in _guesses(con, condition, order, start=start, wanted=wanted, total=total):
            found = _between(con, condition, order, *ends, start=start, wanted=wanted)
            if len(found) == wanted:
                return Page(found, total)
    return Page(_read(con, condition, order, wanted=wanted, skip=start) if wanted else [], total)


def read_page_of_words(
    con: "duckdb.DuckDBPyConnection", condition: Condition, order: Order, *, start: int, limit: int
) -> Page:
    """Do what `read_page` does for a condition that reads long texts: look into each of them only once."""
    made = con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE found_contacts AS
        SELECT c.id, c.rowid AS place, {order.key or "NULL"} AS key FROM {INDEX.tables} WHERE {condition.sql}
        """,
        list(condition.parameters),
    )
    ((total,),) = made.fetchall()
    kept = replace(order, key=order.key and "c.key")
    found = _read(con, EVERYTHING, kept, wanted=limit, skip=start, of="c.id, c.place FROM found_contacts c")
    con.execute("DROP TABLE found_contacts")
    return Page(found, int(total))


def _guesses(
    con: "duckdb.DuckDBPyConnection", condition: Condition, order: Order, *, start: int, wanted: int, total: int
) -> Iterator[tuple[Mark | None, Mark | None]]:
    """Guess a contact before the page and one after it (None: there is none), the cheaper guess first."""
    if order.key is None:
        before = _as_they_lie(con, condition, start - MOVED) if start > MOVED else None
        yield before, _as_they_lie(con, condition, start + wanted)
    marks = _count(con, _both(condition, Condition("c.is_mark")))
    first = math.floor(marks * start / total - _spare(marks, start / total))
    last = math.ceil(marks * (start + wanted) / total + _spare(marks, (start + wanted) / total))
    rows = con.execute(
        f"""
        SELECT place, key, id FROM (
            SELECT {order.key or "NULL"} AS key, c.id, row_number() OVER (ORDER BY {order.keys}) AS place
            FROM contact_index c WHERE c.is_mark AND {condition.sql}
        ) WHERE place IN (?, ?)
        """,
        [*condition.parameters, first, last],
    ).fetchall()
    found = {place: (key, identity) for place, key, identity in rows}
    yield found.get(first), found.get(last)


def _as_they_lie(con: "duckdb.DuckDBPyConnection", condition: Condition, place: int) -> Mark | None:
    """The contact at a place in the file, where contacts lie by id but for those that changed."""
    sql = f"SELECT NULL, c.id FROM {INDEX.tables} WHERE {condition.sql} LIMIT 1 OFFSET ?"
    found: list[Mark] = con.execute(sql, [*condition.parameters, place]).fetchall()
    return found[0] if found else None


def _between(
    con: "duckdb.DuckDBPyConnection",
    condition: Condition,
    order: Order,
    first: Mark | None,
    last: Mark | None,
    *,
    start: int,
    wanted: int,
) -> list[Place]:
    """Find the page between two contacts; fewer than wanted when it is not between them."""
    narrowed, skipped = condition, 0
    if first is not None:
        skipped = _count(con, _both(condition, order.before(first)))
        narrowed = _both(narrowed, order.since(first))
    if last is not None:
        narrowed = _both(narrowed, order.before(last))
    return _read(con, narrowed, order, wanted=wanted, skip=start - skipped) if skipped <= start else []


def _spare(marks: int, share: float) -> float:
    """How many marks to allow for, where the place of a share of all contacts is guessed among the marks."""
    return SPARE * math.sqrt(marks * share * (1 - share)) + 2


def _both(one: Condition, other: Condition) -> Condition:
    return Condition(f"{one.sql} AND {other.sql}", (*one.parameters, *other.parameters))


def _count(con: "duckdb.DuckDBPyConnection", condition: Condition) -> int:
    sql = f"SELECT count(*) FROM {INDEX.tables} WHERE {condition.sql}"
    return int(con.execute(sql, list(condition.parameters)).fetchall()[0][0])


def _read(
    con: "duckdb.DuckDBPyConnection",
    condition: Condition,
    order: Order,
    *,
    wanted: int,
    skip: int,
    of: str = f"c.id, c.rowid FROM {INDEX.tables}",
) -> list[Place]:
    """Read so many of a condition's contacts in order, after leaving some out."""
    sql = f"SELECT {of} WHERE {condition.sql} ORDER BY {order.keys} LIMIT ? OFFSET ?"
    found: list[Place] = con.execute(sql, [*condition.parameters, wanted, skip]).fetchall()
    return found
