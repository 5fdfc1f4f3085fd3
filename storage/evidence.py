"""Read what is known of every living contact, as evidence for matching: one wide row a contact.

Partner values, deleted values and values without a key (placeholders, masked text) are no evidence and are left out.
What a value means is for the matcher; here it is only laid out.
"""

from typing import TYPE_CHECKING, Literal

import polars as pl

if TYPE_CHECKING:
    import duckdb

__all__ = ["read_evidence"]

# Documented attributes that identify a person on some service: evidence of the same kind as a team's own definitions.
IDENTIFIERS = ("facebook", "instagram", "linkedin")
TEXTS = ("first_name", "middle_name", "last_name", "nickname", "company", "job_title")
ADDRESS = """
    {
        house_num: address.house_num,
        street: nullif(
            concat_ws(' ', address.predir, address.pretype, address.name, address.suftype, address.sufdir), ''
        ),
        extra: nullif(concat_ws(' ', address.building, address.extra, address.ruralroute), ''),
        city: address.city, state: address.state, country: address.country, postcode: address.postcode
    }
"""
OWNERS = {"user": "user_id", "brand": "brand", "all": "NULL"}


def read_evidence(con: "duckdb.DuckDBPyConnection", *, scope: Literal["user", "brand", "all"]) -> pl.DataFrame:
    """Read the evidence of every living contact, in order of contact id.

    Args: scope says whose contacts may be one person: those of one user, of one brand, or all.
    Returns: [contact: str, owner: u32 (equal within scope), first_name, middle_name, last_name, nickname, company,
    job_title: str, emails, phones: list of keys, birthday: i32 (days since 1970), addresses: list of {house_num,
    street, extra, city, state, country, postcode}] and a str column "custom:<name>" for each custom attribute in use.
    """
    custom = _custom_attributes(con)
    columns = [f"min(text) FILTER (attribute_type = '{name}') AS {name}" for name in TEXTS]
    columns += [
        f"min(coalesce(text, number::VARCHAR, date::VARCHAR)) FILTER (attribute_type = ${number}) AS custom_{number}"
        for number in range(1, len(custom) + 1)
    ]
    wide = con.sql(
        f"""
        SELECT
            c.id::VARCHAR AS contact,
            coalesce(o.owner, 0)::UINTEGER AS owner,
            a.* EXCLUDE (contact),
            c.ios_address_book_id, c.android_address_book_id
        FROM contacts AS c
        LEFT JOIN (
            SELECT
                contact,
                {", ".join(columns)},
                list_sort(list(key) FILTER (attribute_type = 'email' AND key IS NOT NULL)) AS emails,
                list_sort(list(key) FILTER (attribute_type = 'phone_number' AND key IS NOT NULL)) AS phones,
                min(date // 86400) FILTER (attribute_type = 'birthday')::INTEGER AS birthday,
                list_sort(list({ADDRESS}) FILTER (address IS NOT NULL)) AS addresses
            FROM contact_attributes
            WHERE deleted_at IS NULL AND NOT is_partner
            GROUP BY contact
        ) AS a ON a.contact = c.id
        LEFT JOIN (
            SELECT name, row_number() OVER (ORDER BY name) AS owner
            FROM (SELECT DISTINCT {OWNERS[scope]} AS name FROM contacts)
        ) AS o ON o.name = {"c." + OWNERS[scope] if scope != "all" else "NULL"}
        WHERE c.deleted_at IS NULL
        ORDER BY c.id
        """,
        params=custom,
    ).pl()
    return _named(wide, custom)


def _custom_attributes(con: "duckdb.DuckDBPyConnection") -> list[str]:
    """Name the attributes beyond the documented ones, and the documented identifiers, that are in use."""
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
