"""The index of contacts: what lists are filtered and ordered by, derived once so that a page need not read everything.

It is kept current by small writes, in their transaction. A large one (an import, a merge of thousands) only says that
it is stale, which costs nothing; then lists are made from the facts until `ensure_index` builds it anew.
"""

import duckdb
import polars as pl

from storage.among import Among, among, bounds_of
from storage.rows import insert_rows

__all__ = [
    "OWN_TEXTS",
    "SUMMARY_LISTS",
    "SUMMARY_TEXTS",
    "build_index",
    "ensure_index",
    "index_is_current",
    "refresh_index",
    "search_texts",
]

FEW = 5_000
"""Up to so many contacts are replaced one by one; more are quicker built anew, all together."""
AT_ONCE = 100_000
BETWEEN = "\x1f"
"""The control character between the tags and between the searched values of a contact."""


def index_is_current(con: duckdb.DuckDBPyConnection) -> bool:
    """Say whether the index agrees with the facts."""
    return bool(con.execute("SELECT 1 FROM settings WHERE name = 'contact_index'").fetchall())


def ensure_index(con: duckdb.DuckDBPyConnection) -> None:
    """Build the index if it is stale, inside the caller's transaction."""
    if not index_is_current(con):
        build_index(con)


def build_index(con: duckdb.DuckDBPyConnection) -> None:
    """Build the index of all living contacts, inside the caller's transaction."""
    _forget(con)
    con.execute("TRUNCATE contact_index")
    living = con.sql("SELECT id::VARCHAR AS contact FROM contacts WHERE deleted_at IS NULL ORDER BY id").pl()
    for start in range(0, living.height, AT_ONCE):
        _index(Among(con, bounds_of(living.slice(start, AT_ONCE)), is_range=True, is_one=False))
    con.execute("INSERT INTO settings VALUES ('contact_index', 'current')")


def refresh_index(
    con: duckdb.DuckDBPyConnection,
    contacts: pl.DataFrame,
    *,
    summaries: pl.DataFrame | None = None,
    searched: pl.DataFrame | None = None,
) -> None:
    """Bring the index up to date for contacts [contact: str] that were created, changed or deleted.

    To be called when everything of them is written. Nothing is done for a stale index; too many make it stale.
    Args: what is known of them already: summaries [contact: str, …columns of contact_summaries] and searched, as
    `search_texts` returns it.
    """
    if contacts.is_empty() or not index_is_current(con):
        return
    if contacts.height > FEW:
        _forget(con)
        return
    with among(con, contacts) as named:
        con.execute(f"DELETE FROM contact_index WHERE {named.told('id')}", named.bounds)
        _index(named, summaries=summaries, searched=searched)


def search_texts(values: pl.DataFrame) -> pl.DataFrame:
    """Join what is searched of each contact.

    Args: values [contact: str, text: str, key: str] of searchable definitions.
    Returns: [contact, search], a control character between values; a key stands beside its text unless it is in it.
    """
    key, text = pl.col("key"), pl.col("text")
    is_told = text.str.to_lowercase().str.contains(key.str.to_lowercase(), literal=True)
    said = pl.concat_str(text, pl.when(~is_told).then(key), separator=BETWEEN, ignore_nulls=True)
    return values.with_columns(said.alias("search")).group_by("contact").agg(pl.col("search").str.join(BETWEEN))


def _forget(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("DELETE FROM settings WHERE name = 'contact_index'")


def _index(named: Among, *, summaries: pl.DataFrame | None = None, searched: pl.DataFrame | None = None) -> None:
    """Insert the rows of those of some contacts that live."""
    rows = named.read(_OWN_ROWS.format(among=named.told("c.id")))
    if summaries is None:
        summaries = named.read(_SUMMARIES.format(among=named.told("s.contact")))
    if searched is None:
        searched = search_texts(named.read(_SEARCHED.format(among=named.told("a.contact"))))
    for frame in (summaries, searched):
        rows = rows.join(frame, left_on="id", right_on="contact", how="left", maintain_order="left")
    insert_rows(named.con, "contact_index", rows.select(*_COLUMNS, _CARD.alias("card")), made=_MADE)


_IDS = ("id", "brand", "user_id", "created_by", "updated_by")
_TIMES = ("created_at", "updated_at", "last_touch", "touch_set_at")
OWN_TEXTS = ("last_touch_action", "ios_address_book_id", "android_address_book_id", "created_for", "updated_for")
SUMMARY_TEXTS = (
    *("display_name", "sort_field", "partner_name", "title", "first_name", "partner_first_name", "middle_name"),
    *("last_name", "partner_last_name", "marketing_name", "nickname", "email", "partner_email", "phone_number"),
    *("company", "profile_image_url", "cover_image_url", "job_title", "source_type", "source"),
    *("summary_display_name", "abbreviated_display_name"),
)
SUMMARY_LISTS = ("emails", "phone_numbers", "website", "tags", "summary_tags")
# Times in seconds, divided here because polars does it less exactly. last_touch is shown with milliseconds, and
# next_touch counts from that (contract RULES B4, G9).
_OWN_ROWS = f"""
SELECT {", ".join(f"c.{name}::VARCHAR AS {name}" for name in _IDS)},
       {", ".join(f"epoch_us(c.{name}) / 1e6 AS {name}" for name in _TIMES)},
       epoch_us(date_trunc('milliseconds', c.last_touch)) / 1e6 AS last_touch_shown,
       epoch_us(next_touch(c.touch_freq, date_trunc('milliseconds', c.last_touch), c.touch_set_at)) / 1e6 AS next_touch,
       c.touch_freq, {", ".join(f"c.{name}" for name in OWN_TEXTS)}, c.parked
FROM contacts c WHERE c.deleted_at IS NULL AND {{among}} ORDER BY c.id
"""
_SUMMARIES = "SELECT s.* REPLACE (s.contact::VARCHAR AS contact) FROM contact_summaries s WHERE {among}"
_SEARCHED = """
SELECT a.contact::VARCHAR AS contact, a.text, a.key FROM contact_attributes a
WHERE a.deleted_at IS NULL AND {among}
  AND a.attribute_def IN (SELECT d.id FROM attribute_defs d WHERE d.searchable AND d.deleted_at IS NULL)
"""
_TAGS = pl.col("tags").list.join(BETWEEN)
_COLUMNS = (
    *_IDS,
    *_TIMES,
    "touch_freq",
    pl.col("id").alias("is_mark"),
    "display_name",
    "sort_field",
    pl.when(_TAGS != "").then(pl.concat_str(pl.lit(BETWEEN), _TAGS, pl.lit(BETWEEN))).alias("tags"),
    "search",
)
_MADE = {
    **dict.fromkeys(_TIMES, "make_timestamptz(round({} * 1e6)::BIGINT)"),
    "is_mark": "hash({}::UUID) % 64 = 0",
    **dict.fromkeys(("display_name", "sort_field", "search"), "strip_accents(lower({}))"),
    "tags": "lower({})",
}
# In JSON a text's own quotation marks are escaped, so what looks like a key of null is one; the last
# value is never null.
_CARD = (
    pl.struct(
        "created_at",
        "updated_at",
        pl.col("last_touch_shown").alias("last_touch"),
        "next_touch",
        "touch_freq",
        *OWN_TEXTS,
        *SUMMARY_TEXTS,
        *SUMMARY_LISTS,
        "birthday",
        "address",
        "parked",
    )
    .struct.json_encode()
    .str.replace_all('"[a-z_]+":null,', "")
)
