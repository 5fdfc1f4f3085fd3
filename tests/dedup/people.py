"""Evidence frames for tests: contacts written as short dicts."""

from typing import Any

import polars as pl

ADDRESS = ("house_num", "street", "extra", "city", "state", "country", "postcode")
TEXTS = ("first_name", "middle_name", "last_name", "nickname", "company", "job_title")

NO_JUDGEMENTS = pl.DataFrame(schema={"left": pl.String, "right": pl.String, "judgement": pl.String})


def contact_id(number: int) -> str:
    return f"00000000-0000-0000-0000-{number:012d}"


def evidence_of(*people: dict[str, Any]) -> pl.DataFrame:
    """One row a person; keys: columns of evidence, `name` ("First Last"), `email`, `phone`, address parts.

    Several e-mails or phones are separated by spaces.
    """
    custom = sorted({key for person in people for key in person if key.startswith("custom:")})
    rows = [_row(number, person, custom) for number, person in enumerate(people)]
    address = pl.Struct(dict.fromkeys(ADDRESS, pl.String))
    schema = {"contact": pl.String, "owner": pl.UInt32, **dict.fromkeys(TEXTS, pl.String)}
    schema |= {"emails": pl.List(pl.String), "phones": pl.List(pl.String), "birthday": pl.Int32}
    schema |= {"addresses": pl.List(address), **dict.fromkeys(custom, pl.String)}
    return pl.DataFrame(rows, schema=schema)


def _row(number: int, person: dict[str, Any], custom: list[str]) -> dict[str, Any]:
    first, _, last = person.get("name", "").partition(" ")
    parts = {part: person.get(part) for part in ADDRESS}
    return {
        "contact": contact_id(person.get("number", number)),
        "owner": person.get("owner", 1),
        **{text: person.get(text) for text in TEXTS},
        "first_name": person.get("first_name", first or None),
        "last_name": person.get("last_name", last or None),
        "emails": person["email"].split() if "email" in person else None,
        "phones": person["phone"].split() if "phone" in person else None,
        "birthday": person.get("birthday"),
        "addresses": [parts] if any(parts.values()) else None,
        **{name: person.get(name) for name in custom},
    }
