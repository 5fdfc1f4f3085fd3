"""What a filter means in SQL: every documented way to choose contacts as one parameterised condition.

A condition reads a source: the facts, or the index derived from them, which gives the same answer sooner. Values only
ever travel as parameters. Source: contract RULES F1-F9, with the choices the document leaves open said at each
function.
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from api_export.filters import ContactFilter, FilterItem, Scalar
from storage.contacts import DefinitionRow, read_definitions
from storage.errors import UsageError, did_you_mean
from transforms.addresses import PARTS

if TYPE_CHECKING:
    import duckdb

__all__ = ["FACTS", "INDEX", "LAST_TOUCH", "NEXT_TOUCH", "Condition", "Source", "condition_of", "joined"]

DAY_S = 86_400
MOST_CONDITIONS, MOST_VALUES = 100, 1_000
"""What a filter may ask for: beyond it the time DuckDB takes to plan grows with the square and worse."""
RAREST = "jqzx"
RARE = RAREST + "vkwy"
"""Letters that at most every second text has in books of contacts, the rarest first; the rarest, one in ten."""
NUMBER = re.compile(r"\s*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?\s*")
# last_touch has milliseconds; next_touch counts from it, or from when the frequency was set (contract RULES B4, G9).
LAST_TOUCH = "date_trunc('milliseconds', c.last_touch)"
NEXT_TOUCH = f"next_touch(c.touch_freq, {LAST_TOUCH}, c.touch_set_at)"


@dataclass(frozen=True)
class Source:
    """Where contacts are looked up, as `c`, the living ones among them, and what their names are compared by.

    Names sort as in a telephone book: case and accents do not count.
    """

    tables: str
    living: str
    display_name: str
    sort_field: str


FACTS = Source(
    "contacts c LEFT JOIN contact_summaries s ON s.contact = c.id",
    "c.deleted_at IS NULL",
    "strip_accents(lower(s.display_name))",
    "strip_accents(lower(s.sort_field))",
)
INDEX = Source("contact_index c", "true", "c.display_name", "c.sort_field")
_TIMES = {
    "created": "c.created_at",
    "updated": "c.updated_at",
    "last_touch": LAST_TOUCH,
    "next_touch": NEXT_TOUCH,
}
_IDS = {"users": "c.user_id", "ids": "c.id", "created_by": "c.created_by", "updated_by": "c.updated_by"}


@dataclass(frozen=True)
class Condition:
    """A condition over a source, and the values of its question marks in order."""

    sql: str
    parameters: tuple[Any, ...] = ()


def condition_of(
    con: "duckdb.DuckDBPyConnection", chosen: ContactFilter, source: Source, *, brand: UUID | None
) -> Condition:
    """Return everything a filter asks for as one condition.

    The definitions it may name are read from the database: those of a brand, or (None) of all.
    Raises: UsageError when it asks for too much.
    """
    _refuse_too_much(chosen)
    parts = [*_words(chosen, source), *_letters(chosen, source), *_owners(chosen), *_members(chosen), *_moments(chosen)]
    if chosen.filters:
        definitions = read_definitions(con, brand=brand)
        items = [_item(item, definitions, at, source) for at, item in enumerate(chosen.filters)]
        parts.append(joined(items, " OR " if chosen.filter_type == "or" else " AND "))
    return joined(parts, " AND ")


def _refuse_too_much(chosen: ContactFilter) -> None:
    """Count a word, an item, or a value that must be there beside others as a condition."""
    values = [len(item.value) if isinstance(item.value, tuple) else 1 for item in chosen.filters]
    tests = [count if item.operator == "all" else 1 for item, count in zip(chosen.filters, values, strict=True)]
    if len(_words_of(chosen)) + sum(tests) > MOST_CONDITIONS:
        raise UsageError(f"a filter has at most {MOST_CONDITIONS} conditions and words", where="filters")
    if sum(values) > MOST_VALUES:
        raise UsageError(f"a filter names at most {MOST_VALUES:,} values", where="filters")


def joined(parts: list[Condition], word: str) -> Condition:
    """Join conditions by AND or OR; none at all is true."""
    sql = word.join(f"({part.sql})" for part in parts) or "true"
    return Condition(f"({sql})", tuple(value for part in parts for value in part.parameters))


def _words(chosen: ContactFilter, source: Source) -> Iterator[Condition]:
    """Every word of q and query must occur in a searchable value of the contact or its partner (contract RULES F4).

    Case and accents do not count; a phone number is found in its normalised form too.
    """
    for word in _words_of(chosen):
        if source is INDEX:
            looked_for = dict.fromkeys((_from_its_rarest_letter(word), word))
            yield joined(
                [Condition("contains(c.search, strip_accents(lower(?)))", (text,)) for text in looked_for], " AND "
            )
        else:
            yield Condition(
                """c.id IN (
                    SELECT a.contact FROM contact_attributes a, (SELECT strip_accents(lower(?)) AS folded) word
                    WHERE a.deleted_at IS NULL AND a.attribute_def IN (
                        SELECT d.id FROM attribute_defs d WHERE d.searchable AND d.deleted_at IS NULL
                    ) AND (
                        contains(strip_accents(lower(a.text)), word.folded)
                        OR contains(strip_accents(lower(a.key)), word.folded)
                    )
                )""",
                (word,),
            )


def _from_its_rarest_letter(word: str) -> str:
    """Of a word that begins with a letter most texts have, the part from its rarest on, or the word.

    DuckDB looks for the first letter, and goes through the text from there: with a rare one, in half the time. A letter
    that is not of the rarest says too little when it is the last.
    """
    lowered = word.lower()
    if not word.isascii() or lowered[0] in RARE:
        return word
    for letter in RARE:
        place = lowered.find(letter)
        if place > 0 and (letter in RAREST or place < len(word) - 1):
            return word[place:]
    return word


def _words_of(chosen: ContactFilter) -> list[str]:
    return f"{chosen.q or ''} {chosen.query or ''}".split()


def _letters(chosen: ContactFilter, source: Source) -> Iterator[Condition]:
    """The first letter (or letters) of sort_field, whatever its case and accent (contract RULES F5)."""
    if chosen.alphabet:
        yield Condition(f"starts_with({source.sort_field}, strip_accents(lower(?)))", (chosen.alphabet,))


def _owners(chosen: ContactFilter) -> Iterator[Condition]:
    """Ids of contacts, owners, creators; `ids: []` chooses nothing."""
    for name, column in _IDS.items():
        values = getattr(chosen, name)
        if values or (name == "ids" and values is not None):
            yield Condition(f"list_contains(?::UUID[], {column})", ([str(value) for value in values],))
    if chosen.excludes:
        yield Condition("NOT list_contains(?::UUID[], c.id)", ([str(value) for value in chosen.excludes],))


def _members(chosen: ContactFilter) -> Iterator[Condition]:
    """Contacts in any of the lists named, in any of the flows, in any of the tasks."""
    for kind, named in (("list", chosen.lists), ("flow", chosen.flows), ("crm_task", chosen.crm_task)):
        if named:
            yield Condition(
                """c.id IN (SELECT m.contact FROM collection_members m
                    WHERE m.kind = ? AND list_contains(?::UUID[], m.collection))""",
                (kind, [str(value) for value in named]),
            )


def _moments(chosen: ContactFilter) -> Iterator[Condition]:
    """Bounds on times, both ends included (contract RULES F8); compared in microseconds, as exported."""
    for name, column in _TIMES.items():
        for end, sign in (("gte", ">="), ("lte", "<=")):
            value = getattr(chosen, f"{name}_{end}")
            if value is not None:
                yield Condition(f"epoch_us({column}) {sign} ?::BIGINT", (round(value * 1_000_000),))


def _item(item: FilterItem, definitions: list[DefinitionRow], at: int, source: Source) -> Condition:
    """One filter item: contacts of which an own value fits; inverted, those having no such value (RULES F2)."""
    where = f"filter.{at}"
    having = joined([_having_any(item, one, where, source) for one in _meant(item, definitions, where)], " OR ")
    return Condition(f"NOT {having.sql}", having.parameters) if item.invert else having


def _having_any(item: FilterItem, definition: DefinitionRow, where: str, source: Source) -> Condition:
    identity, name, kind = definition.id, definition.name, definition.data_type
    wanted = _values(item, where)
    tests = [_fits(name, kind, value, where) for value in wanted] if wanted else [Condition("true")]
    if item.operator in ("gte", "lte", "between"):
        tests = [_bounds(item, name, kind, wanted, where)]
    elif item.operator != "all":
        tests = [joined(tests, " OR ")]
    if source is INDEX and name == "tag" and wanted and item.operator in ("eq", "any", "all"):
        return joined([_tagged(value) for value in wanted], " AND " if item.operator == "all" else " OR ")
    return joined([_having(identity, test) for test in tests], " AND ")


def _tagged(value: Scalar) -> Condition:
    return Condition("coalesce(contains(c.tags, concat(chr(31), lower(trim(?)), chr(31))), false)", (str(value),))


def _having(identity: str, test: Condition) -> Condition:
    return Condition(
        f"""c.id IN (SELECT a.contact FROM contact_attributes a
            WHERE a.deleted_at IS NULL AND NOT a.is_partner AND a.attribute_def = ?::UUID AND {test.sql})""",
        (identity, *test.parameters),
    )


def _meant(item: FilterItem, definitions: list[DefinitionRow], where: str) -> list[DefinitionRow]:
    """Find the definition an item names by id, name or both (contract RULES D7, F9); brands may share a name."""
    if item.attribute_type is None and item.attribute_def is None:
        raise UsageError("a filter names an attribute_type or an attribute_def", where=where)
    identity = None if item.attribute_def is None else str(item.attribute_def)
    named = [one for one in definitions if one.name == item.attribute_type]
    known = [one for one in definitions if one.id == identity]
    if item.attribute_type is not None and not named:
        hint = did_you_mean(item.attribute_type, [one.name for one in definitions])
        raise UsageError(f'"{item.attribute_type}" is not an attribute type', where=where, remedy=hint)
    if identity is not None and not known:
        raise UsageError(f"there is no attribute definition {identity}", where=where)
    if named and known and known[0] not in named:
        raise UsageError("attribute_type and attribute_def are different definitions", where=where)
    return known or named


def _values(item: FilterItem, where: str) -> tuple[Scalar, ...]:
    """The values asked for: one, several, or none at all ("has any")."""
    values = item.value if isinstance(item.value, tuple) else () if item.value is None else (item.value,)
    if item.operator == "between" and len(values) != 2:
        raise UsageError("between takes a list of two values", where=where)
    if item.operator in ("gte", "lte") and len(values) != 1:
        raise UsageError(f"{item.operator} takes one value", where=where)
    return values


def _fits(name: str, kind: str, value: Scalar, where: str) -> Condition:
    """Equality by kind of value: tags and e-mails whatever their case (F3), phones in any spelling of the number."""
    if kind in ("date", "number"):
        return Condition(f"a.{kind} = ?", (_amount(kind, value, where),))
    text = str(value)
    if kind == "address":
        parts = ", ".join(f"a.address.{part}" for part in PARTS)
        whole = "address_full(a.address), address_line1(a.address), address_line2(a.address)"
        return Condition(f"list_contains(list_transform([{whole}, {parts}], lambda x: lower(x)), lower(?))", (text,))
    if name in ("tag", "email"):
        return Condition("lower(a.text) = lower(trim(?))", (text,))
    if name == "phone_number":
        return Condition("(a.text = ? OR a.key = ?)", (text, text))
    return Condition("a.text = ?", (text,))


def _bounds(item: FilterItem, name: str, kind: str, values: tuple[Scalar, ...], where: str) -> Condition:
    """Both ends included; texts by code point, those of tags and e-mails whatever their case (F3)."""
    if kind == "address":
        raise UsageError("addresses have no order", where=where, remedy='Use the operator "eq".')
    column = f"a.{kind}" if kind in ("date", "number") else "a.text"
    column, end = ("lower(a.text)", "lower(trim(?))") if name in ("tag", "email") else (column, "?")
    ends = tuple(
        _amount(kind, value, where, floor=False) if kind in ("date", "number") else str(value) for value in values
    )
    signs = {"gte": (">=",), "lte": ("<=",), "between": (">=", "<=")}[item.operator]
    return Condition(" AND ".join(f"{column} {sign} {end}" for sign in signs), ends)


def _amount(kind: str, value: Scalar, where: str, *, floor: bool = True) -> float:
    """A number, or a day as unix seconds or ISO text; a day is meant by any moment of it (contract RULES B1)."""
    try:
        if kind == "date" and isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
            return int(datetime.fromisoformat(value).replace(tzinfo=UTC).timestamp())
        amount = _finite(value)
    except ValueError as cause:
        raise UsageError(
            f"a {kind} is a number", where=where, remedy="Dates are unix seconds or YYYY-MM-DD."
        ) from cause
    return amount // DAY_S * DAY_S if kind == "date" and floor else amount


def _finite(value: Scalar) -> float:
    """A number as JSON writes it, or as text.

    Raises: ValueError for what only Python takes for one: true, "nan", "1_0", or more digits than fit.
    """
    text = str(value)
    amount = float(text) if NUMBER.fullmatch(text) else math.nan
    if not math.isfinite(amount):
        raise ValueError("not a number")
    return amount
