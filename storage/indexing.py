"""The index of contacts: what lists are filtered and ordered by, derived once so that a page need not read everything.

It is kept current by small writes, in their transaction. A large one (an import, a merge of thousands) only says that
it is stale, which costs nothing; then lists are made from the facts until `ensure_index` builds it anew.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import duckdb
import polars as pl

from storage.among import Among, among
from storage.database import transaction
from storage.rows import epoch_us, execute

__all__ = [
    "NULL_KEY",
    "OWN_TEXTS",
    "RANKED",
    "build_index",
    "ensure_index",
    "extend_index",
    "index_is_current",
    "refresh_index",
]

OWN_TEXTS = ("last_touch_action", "ios_address_book_id", "android_address_book_id", "created_for", "updated_for")
"""What texts of the contact itself a card holds."""
RANKED = ("id", "display_name", "sort_field", "-created_at", "-updated_at")
"""The orders (minus: descending) in which contacts have a rank, a column each; with nothing to be ordered by, none."""
FEW = 5_000
"""Up to so many contacts are replaced one by one; more are quicker built anew, all together."""
NULL_KEY = '"[a-z_12]+":null,|,"[a-z_12]+":null'
"""A key of null in the JSON of an address: in texts quotation marks are escaped, so what looks like one is one."""
BETWEEN = "\x1f"
"""The control character between the tags and between the searched values of a contact."""


def index_is_current(con: duckdb.DuckDBPyConnection) -> bool:
    """Say whether the index agrees with the facts."""
    return bool(execute(con, "SELECT 1 FROM settings WHERE name = 'contact_index'").fetchall())


def ensure_index(con: duckdb.DuckDBPyConnection) -> bool:
    """Build the index if it is stale, in a transaction of its own; says whether it was.

    Who goes on with many requests opens the database anew then: until it is, DuckDB takes thrice as long to read the
    cards that it packed itself, and has to make room in memory for every small write.
    """
    if index_is_current(con):
        return False
    with transaction(con):
        build_index(con)
    return True


def build_index(con: duckdb.DuckDBPyConnection) -> None:
    """Build the index of all living contacts, inside the caller's transaction."""
    _forget(con)
    con.execute("DELETE FROM contact_index")
    rows, ranks = _rows(con, dict.fromkeys(_NAMED, "true")), ", ".join(_rank(order) for order in RANKED)
    con.execute(_INSERT.format(_RANKED_ROWS.format(rows=rows, ranks=ranks)))
    con.execute("INSERT INTO settings VALUES ('contact_index', 'current')")


def refresh_index(
    con: duckdb.DuckDBPyConnection,
    contacts: pl.DataFrame,
    *,
    summaries: pl.DataFrame | None = None,
    searched: pl.DataFrame | None = None,
) -> pl.DataFrame | None:
    """Bring the index up to date for contacts [contact: str] that were changed or deleted, or may have been.

    To be called when everything of them is written. Too many of them make it stale, and then nothing more is done.
    Args: what spares the reading for one contact: summaries [contact: str, …columns of contact_summaries] and searched
    [contact, text, key: str], the values of searchable definitions.
    Returns: where they were given, how the contact is shown now: [id, brand, user_id, created_by, updated_by: str, …all
    that a card holds].
    """
    if not _is_kept(con, contacts, is_given=summaries is not None and searched is not None):
        return None
    with among(con, contacts) as named:
        execute(con, f"DELETE FROM contact_index WHERE {named.told('id')}", named.bounds)
        shown = _insert(named, summaries, searched)
    if summaries is None or shown is None:
        return None
    of_summary = summaries[[name for name in summaries.columns if name != "contact"]]
    return pl.DataFrame([shown], schema=_TYPES).hstack(of_summary)


def extend_index(
    con: duckdb.DuckDBPyConnection,
    summaries: pl.DataFrame,
    searched: pl.DataFrame,
    *,
    own: Mapping[str, Any] | None = None,
) -> None:
    """Take new contacts into the index, as `refresh_index` does.

    Args: own, the row of the only one in `contacts`, by column, what is null left out: as it is now, or None.
    """
    if _is_kept(con, summaries, is_given=True):
        with among(con, summaries) as named:
            _insert(named, summaries, searched, own)


def _is_kept(con: duckdb.DuckDBPyConnection, contacts: pl.DataFrame, *, is_given: bool) -> bool:
    """Say whether the index is to be kept current for these contacts; so many that it is not make it stale.

    Where one contact's row takes no reading (`is_given`) it is written to a stale index too: asking takes as long.
    """
    if contacts.is_empty():
        return False
    if contacts.height > FEW:
        _forget(con)
        return False
    return (contacts.height == 1 and is_given) or index_is_current(con)


def _forget(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("DELETE FROM settings WHERE name = 'contact_index'")


def _insert(
    named: Among,
    summaries: pl.DataFrame | None,
    searched: pl.DataFrame | None,
    own: Mapping[str, Any] | None = None,
) -> dict[str, Any] | None:
    """Insert the rows of contacts; returns how the only one is shown, without its summary, where that is known."""
    if named.is_one and summaries is not None and searched is not None:
        own = own or _read_own(named)
        return _insert_one(named.con, own, summaries.row(0, named=True), searched) if own else None
    rows = _rows(named.con, {name: named.told(column) for name, column in _NAMED.items()})
    execute(named.con, _INSERT.format(rows), named.bounds)
    return None


def _read_own(named: Among) -> dict[str, Any] | None:
    """The row of one contact in `contacts`, if it lives."""
    contacts = named.told("c.id")
    rows = execute(named.con, _OWN.format(contacts=contacts), named.bounds).fetchall()
    if not rows:
        return None
    own = dict(zip(_OWN_COLUMNS, rows[0], strict=True))
    if own["touch_freq"] is not None:  # else there is none, and to plan it takes a quarter of a millisecond
        ((own["next_touch"],),) = execute(named.con, _NEXT_TOUCH.format(contacts=contacts), named.bounds).fetchall()
    return own


def _insert_one(
    con: duckdb.DuckDBPyConnection, own: Mapping[str, Any], summary: Mapping[str, Any], searched: pl.DataFrame
) -> dict[str, Any]:
    """Insert the row of one contact as _INSERT does, which DuckDB takes long to plan."""
    shown, tags = _shown(own), BETWEEN.join(summary["tags"] or ())
    made = {
        **{name: summary[name] for name in ("display_name", "sort_field")},
        "is_mark": own["id"],
        "tags": BETWEEN + tags + BETWEEN if tags else None,
        "search": BETWEEN.join(_searched(searched)) or None,
        "card": _card_of(shown, summary),
    }
    row = {name: own.get(name) for name in _COLUMNS} | made
    execute(con, _INSERT_ONE, row)
    return {name: row[name] for name in _IDS} | shown


def _searched(values: pl.DataFrame) -> Iterator[str]:
    """What is searched of one contact's values; a key that its text tells too is not repeated."""
    for text, key in values[["text", "key"]].iter_rows():
        if text is not None:
            yield text
            if key and key.lower() not in text.lower():
                yield key


def _shown(own: Mapping[str, Any]) -> dict[str, Any]:
    """What a card shows of a contact itself, as _SHOWN says it, from its row in `contacts`."""
    last_touch = own.get("last_touch")
    return {
        "created_at": _seconds(own["created_at"]),
        "updated_at": _seconds(own["updated_at"]),
        "last_touch": last_touch and _seconds(last_touch.replace(microsecond=last_touch.microsecond // 1000 * 1000)),
        **{name: own.get(name) for name in ("next_touch", "touch_freq", "parked", *OWN_TEXTS)},
    }


def _card_of(shown: Mapping[str, Any], summary: Mapping[str, Any]) -> str:
    """The card of one contact, as `_card` makes it, from what it shows of the contact itself and its summary."""
    addresses = summary["address"] and [address and _without_nulls(address) for address in summary["address"]]
    of_summary = _without_nulls({**summary, "address": addresses, "contact": None})
    return json.dumps(_without_nulls(shown) | {"summary": of_summary}, ensure_ascii=False, separators=(",", ":"))


def _without_nulls(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _seconds(moment: datetime) -> float:
    return epoch_us(moment) / 1e6


_NAMED = {"contacts": "c.id", "summaries": "contact", "attributes": "a.contact"}
_IDS = ["id", "brand", "user_id", "created_by", "updated_by"]
_COLUMNS = [*_IDS, "created_at", "updated_at", "last_touch", "touch_freq", "touch_set_at"]
# last_touch is shown with milliseconds, and next_touch counts from that (contract RULES B4, G9).
_LAST_TOUCH = "date_trunc('milliseconds', c.last_touch)"
# What a card holds of the contact itself, what is null left out; its summary stands beside it. The first value is never
# null. For one contact `_shown` and `_TYPES` say the same, and `api_export.records` reads it.
_SHOWN = {
    "created_at": "epoch_us(c.created_at) / 1e6",
    "updated_at": "epoch_us(c.updated_at) / 1e6",
    "last_touch": f"epoch_us({_LAST_TOUCH}) / 1e6",
    "next_touch": f"epoch_us(next_touch(c.touch_freq, {_LAST_TOUCH}, c.touch_set_at)) / 1e6",
    **{name: f"c.{name}" for name in ("touch_freq", "parked", *OWN_TEXTS)},
}
# What is to be known of one contact in `contacts`.
_OWN_COLUMNS = (*_COLUMNS, "parked", *OWN_TEXTS)
_OWN = f"""
SELECT {", ".join(f"c.{name}::VARCHAR" if name in _IDS else f"c.{name}" for name in _OWN_COLUMNS)}
FROM contacts c WHERE c.deleted_at IS NULL AND {{contacts}}
"""
_NEXT_TOUCH = f"SELECT {_SHOWN['next_touch']} FROM contacts c WHERE {{contacts}}"
_TYPES: Mapping[str, type[pl.DataType]] = {
    **dict.fromkeys(_IDS, pl.String),
    **dict.fromkeys(("created_at", "updated_at", "last_touch", "next_touch"), pl.Float64),
    "touch_freq": pl.Int32,
    "parked": pl.Boolean,
    **dict.fromkeys(OWN_TEXTS, pl.String),
}
_MADE = {
    **dict.fromkeys(_COLUMNS, "{}"),
    "is_mark": "hash({}::UUID) % 64 = 0",
    **dict.fromkeys(("display_name", "sort_field", "search"), "strip_accents(lower({}))"),
    "tags": "lower({})",
    "card": "{}",
}
_GIVEN = ", ".join(sql.format(f"${name}") for name, sql in _MADE.items())
_INSERT_ONE = f"INSERT INTO contact_index ({', '.join(_MADE)}) VALUES ({_GIVEN})"
_INSERT = "INSERT INTO contact_index BY NAME {} ORDER BY id"
# Shared by what builds the index and what refreshes it: a row a living contact, without its ranks.
_ROWS = """
WITH searched AS (
    SELECT contact,
           string_agg(concat_ws(chr(31), text, CASE WHEN NOT contains(text, key) THEN key END), chr(31)) AS search
    FROM (
        SELECT a.contact, strip_accents(lower(a.text)) AS text, strip_accents(lower(a.key)) AS key
        FROM contact_attributes a
        WHERE a.deleted_at IS NULL AND {attributes}
          AND a.attribute_def IN (SELECT d.id FROM attribute_defs d WHERE d.searchable AND d.deleted_at IS NULL)
    ) GROUP BY contact
)
SELECT {columns}, hash(c.id) % 64 = 0 AS is_mark,
       strip_accents(lower(s.display_name)) AS display_name, strip_accents(lower(s.sort_field)) AS sort_field,
       chr(31) || nullif(lower(array_to_string(s.tags, chr(31))), '') || chr(31) AS tags, x.search, {card} AS card
FROM contacts c LEFT JOIN (SELECT * FROM contact_summaries WHERE {summaries}) s ON s.contact = c.id
LEFT JOIN searched x ON x.contact = c.id
WHERE c.deleted_at IS NULL AND {contacts}
"""
# A sort each, of what is narrow: the rest is joined to it.
_RANKED_ROWS = """
WITH ranked AS (
    SELECT id, {ranks} FROM (
        SELECT c.id, c.created_at, c.updated_at, strip_accents(lower(s.display_name)) AS display_name,
               strip_accents(lower(s.sort_field)) AS sort_field
        FROM contacts c LEFT JOIN contact_summaries s ON s.contact = c.id WHERE c.deleted_at IS NULL
    )
)
SELECT * FROM ({rows}) JOIN ranked USING (id)
"""


def _rank(order: str) -> str:
    """The SQL of a rank: ties go by id."""
    key, direction = order.removeprefix("-"), "DESC" if order.startswith("-") else "ASC"
    place = f"row_number() OVER (ORDER BY {key} {direction} NULLS LAST, id) - 1"
    return f"CASE WHEN {key} IS NOT NULL THEN {place} END AS {key}_rank"


def _rows(con: duckdb.DuckDBPyConnection, named: Mapping[str, str]) -> str:
    """The query of rows without ranks, of the contacts that are named."""
    return _ROWS.format(columns=", ".join(f"c.{name}" for name in _COLUMNS), card=_card(con), **named)


def _card(con: duckdb.DuckDBPyConnection) -> str:
    """The SQL of a card, put together by hand: to take nulls out of JSON takes thrice as long as to make it."""
    described = con.execute("DESCRIBE contact_summaries").fetchall()
    summary = {name: f"to_json(s.{name})" for name, *_ in described if name != "contact"}
    summary["address"] = f"regexp_replace({summary['address']}::VARCHAR, '{NULL_KEY}', '', 'g')"
    return _object({name: f"to_json({sql})" for name, sql in _SHOWN.items()} | {"summary": _object(summary)})


def _object(texts: Mapping[str, str]) -> str:
    """The SQL of a JSON object of texts (the SQL of JSON, by key) without nulls; NULL when the first is null."""
    first, *others = (f"""'"{key}":' || {text}""" for key, text in texts.items())
    return f"""('{{' || {first} || concat({"".join(f"',' || {other}, " for other in others)}'}}'))"""
