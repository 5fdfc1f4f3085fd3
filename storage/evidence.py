"""Read what is known of every living contact, as evidence for matching: one wide row a contact.

Partner values, deleted values and values without a key (placeholders, masked text) are no evidence and are left out.
What a value means is for the matcher; here it is only laid out.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import polars as pl
import pyarrow as pa

if TYPE_CHECKING:
    import duckdb

__all__ = ["COMPARED", "read_evidence"]

# Documented attributes that identify a person on some service: evidence of the same kind as a team's own definitions.
IDENTIFIERS = ("facebook", "instagram", "linkedin")
TEXTS = ("first_name", "middle_name", "last_name", "nickname", "company", "job_title")
COMPARED = (*TEXTS, *IDENTIFIERS, "email", "phone_number", "birthday", "address")
"""The documented attributes that are evidence at all; a team's own are too, unless the rules ignore them."""
OWNERS = {"user": "user_id", "brand": "brand", "all": "NULL::UUID"}

_CONTACTS = """
    CREATE OR REPLACE TEMP TABLE evidence_contacts AS
    SELECT
        (row_number() OVER (ORDER BY id) - 1)::UINTEGER AS n, id, hash({owner}) AS owner,
        ios_address_book_id, android_address_book_id
    FROM contacts WHERE deleted_at IS NULL AND {chosen}
"""
# For some contacts: their values are taken out once, to be read several times.
_CHOSEN = "id IN (SELECT contact::UUID FROM chosen)"
_CHOSEN_VALUES = """
    CREATE OR REPLACE TEMP TABLE evidence_values AS
    SELECT * FROM contact_attributes WHERE deleted_at IS NULL AND contact IN (SELECT id FROM evidence_contacts)
"""
# One narrow aggregate after another is far lighter than all of them in one.
_VALUES = """
    SELECT c.n, {columns}
    FROM {source} AS a JOIN evidence_contacts AS c ON c.id = a.contact
    WHERE a.deleted_at IS NULL AND NOT a.is_partner AND {where}
    GROUP BY c.n
"""
# Values of which a contact may have several: rows in order, to be cut into lists, for DuckDB's own lists cost five
# times as much.
_SEVERAL = """
    SELECT c.n, {value} AS value
    FROM {source} AS a JOIN evidence_contacts AS c ON c.id = a.contact
    WHERE a.deleted_at IS NULL AND NOT a.is_partner AND {where}
    ORDER BY c.n, value
"""
_ADDRESS = """
    {
        house_num: a.address.house_num,
        street: nullif(concat_ws(' ', a.address.predir, a.address.pretype, a.address.name, a.address.suftype,
            a.address.sufdir), ''),
        extra: nullif(concat_ws(' ', a.address.building, a.address.extra, a.address.ruralroute), ''),
        city: a.address.city, state: a.address.state, country: a.address.country, postcode: a.address.postcode
    }
"""
LISTS = {
    "emails": ("a.key", "a.attribute_type = 'email' AND a.key IS NOT NULL"),
    "phones": ("a.key", "a.attribute_type = 'phone_number' AND a.key IS NOT NULL"),
    "addresses": (_ADDRESS, "a.address IS NOT NULL"),
}


def read_evidence(
    con: "duckdb.DuckDBPyConnection", *, scope: Literal["user", "brand", "all"], contacts: pl.DataFrame | None = None
) -> pl.DataFrame:
    """Read the evidence of living contacts, in order of contact id.

    Args: scope says whose contacts may be one person: those of one user, of one brand, or all; contacts [contact: str],
    when only theirs is wanted.
    Returns: [contact: str, owner: u64 (equal within scope, the same in every run), first_name, middle_name, last_name,
    nickname, company, job_title: str, emails, phones: list of keys, birthday: i32 (days since 1970), addresses: list of
    {house_num, street, extra, city, state, country, postcode}] and a str column "custom:<name>" for each custom
    attribute in use.
    """
    custom = _custom_attributes(con)
    source = "contact_attributes"
    if contacts is None:
        con.execute(_CONTACTS.format(owner=OWNERS[scope], chosen=True))
    else:
        con.register("chosen", contacts)
        con.execute(_CONTACTS.format(owner=OWNERS[scope], chosen=_CHOSEN))
        con.execute(_CHOSEN_VALUES)
        con.unregister("chosen")
        source = "evidence_values"
    parts = [con.sql("SELECT * REPLACE (id::VARCHAR AS id) FROM evidence_contacts ORDER BY n").pl()]
    numbers = parts[0].select("n")
    for columns, where, params in _reads(custom):
        values = con.sql(_VALUES.format(columns=columns, source=source, where=where), params=params).pl()
        parts.append(numbers.join(values, on="n", how="left", maintain_order="left").drop("n"))
    for name, (value, where) in LISTS.items():
        rows = con.sql(_SEVERAL.format(value=value, source=source, where=where)).pl()
        parts.append(_listed(rows, len(numbers)).to_frame(name))
        del rows
    con.execute("DROP TABLE evidence_contacts")
    _release_memory(con)
    wide = pl.concat(parts, how="horizontal").drop("n").rename({"id": "contact"})
    return _named(wide, custom)


def _listed(rows: pl.DataFrame, contacts: int) -> pl.Series:
    """Cut rows [n, value], in order of n, into one list a contact, None for those without any; nothing is copied."""
    sizes = np.bincount(rows["n"].to_numpy(), minlength=contacts)
    ends = np.concatenate([[0], np.cumsum(sizes)])
    return pl.Series(pa.LargeListArray.from_arrays(ends, rows["value"].to_arrow(), mask=pa.array(sizes == 0)))


def _release_memory(con: "duckdb.DuckDBPyConnection") -> None:
    """Have DuckDB let go of the pages it keeps, for the matcher needs the memory now."""
    limit = con.execute("SELECT current_setting('memory_limit')").fetchall()[0][0]
    con.execute("SET memory_limit = '100MB'")
    con.execute(f"SET memory_limit = '{limit}'")


def _reads(custom: list[str]) -> Iterator[tuple[str, str, list[Any]]]:
    """Yield what is read in one go: (columns, condition, parameters)."""
    texts = [f"min(a.text) FILTER (a.attribute_type = '{name}') AS {name}" for name in TEXTS]
    yield ", ".join(texts), f"a.attribute_type IN {TEXTS}", []
    # 1900-01-01 is what programs write for no date.
    yield "min(a.date // 86400)::INTEGER AS birthday", "a.attribute_type = 'birthday' AND a.date <> -2208988800", []
    for number, name in enumerate(custom, 1):
        value = f"min(coalesce(a.text, a.number::VARCHAR, a.date::VARCHAR)) AS custom_{number}"
        yield value, "a.attribute_type = $1", [name]


def _custom_attributes(con: "duckdb.DuckDBPyConnection") -> list[str]:
    """Name the attributes beyond the documented ones, and the documented identifiers, that are in use.

    Brands that share a name share its column; only scope "all" compares their contacts at all.
    """
    rows = con.execute(
        """
        SELECT DISTINCT d.name FROM attribute_defs AS d
        WHERE d.deleted_at IS NULL AND d.data_type <> 'address' AND (NOT d.global OR list_contains($1, d.name))
        ORDER BY d.name
        """,
        [list(IDENTIFIERS)],
    ).fetchall()
    return [name for (name,) in rows]


def _named(wide: pl.DataFrame, custom: list[str]) -> pl.DataFrame:
    """Give custom columns their names and leave out those without any value."""
    names = {f"custom_{number}": f"custom:{name}" for number, name in enumerate(custom, 1)}
    names |= {name: f"custom:{name}" for name in ("ios_address_book_id", "android_address_book_id")}
    named = wide.rename(names)
    return named.drop(column for column in names.values() if named[column].null_count() == len(named))
