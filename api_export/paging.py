"""Find one page of many contacts without putting the rest in order.

Where a page lies is guessed: from the ranks that all contacts had when the index was built and how many changed since,
from where they lie in the file, or from every 64th contact, the marks, with some to spare. How many contacts come
before is then counted, which is exact, and only those near the page are put in order. A guess that misses costs time
and never a wrong answer.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from api_export.conditions import INDEX, Condition, joined
from storage.rows import execute

if TYPE_CHECKING:
    import duckdb

__all__ = ["Order", "Page", "read_page", "read_page_of_words"]

FEW = 5_000
"""So few contacts, or in an order of their own the first so many, are found sooner by going through all of them."""
SPARE = 3.0
"""How many standard deviations of a mark's place are allowed for."""
MOVED = 2_000
"""So many contacts may lie elsewhere since they changed before the page is not where it lies."""
ADRIFT = 20_000
"""So many contacts may have come and gone since they were ranked before a page is found sooner by marks."""
ONCE = 51
"""To put fewer in order, DuckDB reads first what they are ordered by and then, anew, what they are."""
Mark = tuple[Any, UUID]
Place = tuple[UUID, int]
"""A contact and its row in the index, which names it until the transaction ends."""


@dataclass(frozen=True)
class Page:
    """The contacts of a page in order, and how many there are on all pages."""

    contacts: list[Place]
    total: int


class Guess(NamedTuple):
    """Contacts that all come before a page (None: there are none), and those among which it is."""

    before: Condition | None
    near: Condition


class Ranks(NamedTuple):
    """A column of ranks: how many contacts there are, how many of them have a rank, and how many ranks there were."""

    column: str
    contacts: int
    ranked: int
    given: int


@dataclass(frozen=True)
class Order:
    """What contacts `c` are ordered by, nulls last (contract RULES F6); ties, or without a key all, go by id.

    `rank` is the column of the index that says what place a contact had when it was built, if there is one.
    """

    key: str | None
    rank: str | None
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
    total, ranks = _counts(con, condition, order)
    wanted = max(0, min(limit, total - start))
    if wanted and total > FEW:
        by_rank = _by_rank(ranks, start=start, wanted=wanted) if ranks and ranks.contacts == total else ()
        for guess in chain(by_rank, _guesses(con, condition, order, start=start, wanted=wanted, total=total)):
            found = _near(con, condition, order, guess, start=start, wanted=wanted)
            if len(found) == wanted:
                return Page(found, total)
    return Page(_read(con, condition, order, wanted=wanted, skip=start) if wanted else [], total)


def read_page_of_words(
    con: "duckdb.DuckDBPyConnection", condition: Condition, order: Order, *, start: int, limit: int
) -> Page:
    """Do what `read_page` does for a condition that reads long texts: look into each of them only once."""
    keys = replace(order, key=order.key and "c.key").keys
    rows = execute(
        con,
        f"""
        WITH found AS MATERIALIZED (
            SELECT c.id, c.rowid AS place, {order.key or "NULL"} AS key FROM {INDEX.tables} WHERE {condition.sql}
        )
        SELECT counted.total, c.id, c.place FROM (SELECT count(*) AS total FROM found) counted
        LEFT JOIN (SELECT * FROM found c ORDER BY {keys} LIMIT ? OFFSET ?) c ON true ORDER BY {keys}
        """,
        [*condition.parameters, limit, start],
    ).fetchall()
    return Page([(identity, place) for _, identity, place in rows if identity is not None], int(rows[0][0]))


def _counts(con: "duckdb.DuckDBPyConnection", condition: Condition, order: Order) -> tuple[int, Ranks | None]:
    """Count the contacts of a condition, and all by whether they have a rank, where the order has ranks."""
    if order.rank is None:
        return _count(con, condition), None
    sql = f"SELECT count(*) FROM {INDEX.tables} WHERE {condition.sql}"
    ranks = f"count(*), count({order.rank}), coalesce(max({order.rank}) + 1, 0)"
    counts = execute(con, f"SELECT ({sql}), {ranks} FROM {INDEX.tables}", list(condition.parameters))
    ((total, *of_all),) = counts.fetchall()
    return int(total), Ranks(order.rank, *of_all)


def _by_rank(ranks: Ranks, *, start: int, wanted: int) -> Iterator[Guess]:
    """Guess where a page of all contacts is: none stands further from its rank than others came and went since.

    Contacts without a rank may be anywhere, so they are always near.
    """
    came, went = ranks.contacts - ranks.ranked, ranks.given - ranks.ranked
    if came + went > ADRIFT:
        return
    low, high = start - came, start + wanted + went
    near = f"({ranks.column} >= ? AND {ranks.column} < ? OR {ranks.column} IS NULL)"
    yield Guess(Condition(f"{ranks.column} < ?", (low,)), Condition(near, (low, high)))


def _guesses(
    con: "duckdb.DuckDBPyConnection", condition: Condition, order: Order, *, start: int, wanted: int, total: int
) -> Iterator[Guess]:
    """Guess where a page is, the cheapest guess first; none where going through all contacts is no dearer."""
    if order.key is None:
        before = _as_they_lie(con, condition, start - MOVED) if start > MOVED else None
        yield _between(order, before, _as_they_lie(con, condition, start + wanted))
    elif start + wanted <= FEW:
        return
    marks = _count(con, _both(condition, Condition("c.is_mark")))
    first = math.floor(marks * start / total - _spare(marks, start / total))
    last = math.ceil(marks * (start + wanted) / total + _spare(marks, (start + wanted) / total))
    rows = execute(
        con,
        f"""
        SELECT place, key, id FROM (
            SELECT {order.key or "NULL"} AS key, c.id, row_number() OVER (ORDER BY {order.keys}) AS place
            FROM contact_index c WHERE c.is_mark AND {condition.sql}
        ) WHERE place IN (?, ?)
        """,
        [*condition.parameters, first, last],
    ).fetchall()
    found = {place: (key, identity) for place, key, identity in rows}
    yield _between(order, found.get(first), found.get(last))


def _between(order: Order, first: Mark | None, last: Mark | None) -> Guess:
    """Guess that a page is after a contact and before another (None: there is none)."""
    near = ([] if first is None else [order.since(first)]) + ([] if last is None else [order.before(last)])
    return Guess(None if first is None else order.before(first), joined(near, " AND "))


def _as_they_lie(con: "duckdb.DuckDBPyConnection", condition: Condition, place: int) -> Mark | None:
    """The contact at a place in the file, where contacts lie by id but for those that changed."""
    sql = f"SELECT NULL, c.id FROM {INDEX.tables} WHERE {condition.sql} LIMIT 1 OFFSET ?"
    found: list[Mark] = execute(con, sql, [*condition.parameters, place]).fetchall()
    return found[0] if found else None


def _near(
    con: "duckdb.DuckDBPyConnection", condition: Condition, order: Order, guess: Guess, *, start: int, wanted: int
) -> list[Place]:
    """Find the page where it is guessed to be; fewer than wanted when it is not there."""
    skipped = 0 if guess.before is None else _count(con, _both(condition, guess.before))
    near = _both(condition, guess.near)
    return _read(con, near, order, wanted=wanted, skip=start - skipped) if skipped <= start else []


def _spare(marks: int, share: float) -> float:
    """How many marks to allow for, where the place of a share of all contacts is guessed among the marks."""
    return SPARE * math.sqrt(marks * share * (1 - share)) + 2


def _both(one: Condition, other: Condition) -> Condition:
    return Condition(f"{one.sql} AND {other.sql}", (*one.parameters, *other.parameters))


def _count(con: "duckdb.DuckDBPyConnection", condition: Condition) -> int:
    sql = f"SELECT count(*) FROM {INDEX.tables} WHERE {condition.sql}"
    return int(execute(con, sql, list(condition.parameters)).fetchall()[0][0])


def _read(
    con: "duckdb.DuckDBPyConnection", condition: Condition, order: Order, *, wanted: int, skip: int
) -> list[Place]:
    """Read so many of a condition's contacts in order, after leaving some out."""
    sql = f"SELECT c.id, c.rowid FROM {INDEX.tables} WHERE {condition.sql} ORDER BY {order.keys} LIMIT ? OFFSET ?"
    found: list[Place] = execute(con, sql, [*condition.parameters, max(wanted, ONCE), skip]).fetchall()
    return found[:wanted]
