"""The index of contacts: what lists are filtered and ordered by, derived once so that a page need not read everything.

It is kept current by small writes, in their transaction. A large one (an import, a merge of thousands) only says that
it is stale, which costs nothing; then lists are made from the facts until `ensure_index` builds it anew.
"""

import re
from collections.abc import Iterator, Mapping

import duckdb
import polars as pl

from storage.among import Among, among
from storage.database import transaction
from storage.rows import execute, insert_rows

__all__ = ["OWN_TEXTS", "RANKED", "build_index", "ensure_index", "extend_index", "index_is_current", "refresh_index"]

OWN_TEXTS = ("last_touch_action", "ios_address_book_id", "android_address_book_id", "created_for", "updated_for")
"""What texts of the contact itself a card holds."""
RANKED = ("id", "display_name", "sort_field", "-created_at", "-updated_at")
"""The orders (minus: descending) in which contacts have a rank, a column each; with nothing to be ordered by, none."""
FEW = 5_000
"""Up to so many contacts are replaced one by one; more are quicker built anew, all together."""
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
        return _insert(named, summaries, searched)


def extend_index(con: duckdb.DuckDBPyConnection, summaries: pl.DataFrame, searched: pl.DataFrame) -> None:
    """Take new contacts into the index, as `refresh_index` does."""
    if _is_kept(con, summaries, is_given=True):
        with among(con, summaries) as named:
            _insert(named, summaries, searched)


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


def _insert(named: Among, summaries: pl.DataFrame | None, searched: pl.DataFrame | None) -> pl.DataFrame | None:
    if named.is_one and summaries is not None and searched is not None:
        return _insert_one(named, summaries, searched)
    rows = _rows(named.con, {name: named.told(column) for name, column in _NAMED.items()})
    execute(named.con, _INSERT.format(rows), named.bounds)
    return None


def _insert_one(named: Among, summary: pl.DataFrame, searched: pl.DataFrame) -> pl.DataFrame | None:
    """Insert the row of one contact as _INSERT does, in a third of the time: to plan that DuckDB takes long."""
    own = named.read(_OWN.format(contacts=named.told("c.id")))
    if own.is_empty():
        return None
    rest = (name for name in summary.columns if name not in ("contact", "display_name"))
    told, of_summary = own.select_seq(_SHOWN_OWN), summary[["display_name", *rest]]
    card = told.hstack([of_summary.to_struct("summary")]).to_struct("card").struct.json_encode().item()
    tags = BETWEEN.join(summary["tags"].explode().drop_nulls())
    same = {
        "is_mark": own["id"].item(),
        "tags": BETWEEN + tags + BETWEEN if tags else None,
        "search": BETWEEN.join(_searched(searched)) or None,
        "card": re.sub(_NULL, "", card),
    }
    row = own[_COLUMNS].hstack(summary[["display_name", "sort_field"]])
    insert_rows(named.con, "contact_index", row, same=same, made=_MADE)
    return pl.concat([own[_IDS], told, of_summary], how="horizontal")


def _searched(values: pl.DataFrame) -> Iterator[str]:
    """What is searched of one contact's values; a key that its text tells too is not repeated."""
    for text, key in values.drop_nulls("text")[["text", "key"]].iter_rows():
        yield text
        if key and key.lower() not in text.lower():
            yield key


_NAMED = {"contacts": "c.id", "summaries": "contact", "attributes": "a.contact"}
_IDS = ["id", "brand", "user_id", "created_by", "updated_by"]
_COLUMNS = [*_IDS, "created_at", "updated_at", "last_touch", "touch_freq", "touch_set_at"]
# last_touch is shown with milliseconds, and next_touch counts from that (contract RULES B4, G9).
_LAST_TOUCH = "date_trunc('milliseconds', c.last_touch)"
# What a card holds of the contact itself; its summary stands beside it. Of neither is the first value ever null, and
# what is null is left out.
_SHOWN = {
    "created_at": "epoch_us(c.created_at) / 1e6",
    "updated_at": "epoch_us(c.updated_at) / 1e6",
    "last_touch": f"epoch_us({_LAST_TOUCH}) / 1e6",
    "next_touch": f"epoch_us(next_touch(c.touch_freq, {_LAST_TOUCH}, c.touch_set_at)) / 1e6",
    **{name: f"c.{name}" for name in ("touch_freq", "parked", *OWN_TEXTS)},
}
# In JSON a text's own quotation marks are escaped, so what looks like a key of null is one.
_NULL = ',"[a-z_]+":null'
_OWN = f"""
SELECT {", ".join(f"c.{name}::VARCHAR AS {name}" for name in _IDS)}, c.created_at, c.updated_at, c.last_touch,
       c.touch_freq, c.touch_set_at, {_SHOWN["next_touch"]} AS next_touch, c.parked, {", ".join(OWN_TEXTS)}
FROM contacts c WHERE c.deleted_at IS NULL AND {{contacts}}
"""
# The same as _SHOWN, of a row of _OWN.
_SHOWN_OWN = [
    *(pl.col(name).dt.epoch("us") / 1e6 for name in ("created_at", "updated_at")),
    pl.col("last_touch").dt.truncate("1ms").dt.epoch("us") / 1e6,
    *(pl.col(name) for name in ("next_touch", "touch_freq", "parked", *OWN_TEXTS)),
]
_MADE = {
    "is_mark": "hash({}::UUID) % 64 = 0",
    **dict.fromkeys(("display_name", "sort_field", "search"), "strip_accents(lower({}))"),
    "tags": "lower({})",
}
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
    summary["address"] = f"regexp_replace({summary['address']}::VARCHAR, '{_NULL}', '', 'g')"
    return _object({name: f"to_json({sql})" for name, sql in _SHOWN.items()} | {"summary": _object(summary)})


def _object(texts: Mapping[str, str]) -> str:
    """The SQL of a JSON object of texts (the SQL of JSON, by key) without nulls; NULL when the first is null."""
    first, *others = (f"""'"{key}":' || {text}""" for key, text in texts.items())
    return f"""('{{' || {first} || concat({"".join(f"',' || {other}, " for other in others)}'}}'))"""
