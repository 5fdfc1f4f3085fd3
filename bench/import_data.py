"""Make the table of the import measurements: 40 columns, about 10 filled cells a row, any number of rows.

Rows come in blocks of 100,000, each from its own seed, so a large table begins as a small one does. Names are skewed as
names are; a few values are placeholders, foreign numbers or not what their column says.
"""

import json
from pathlib import Path

import numpy as np
import polars as pl

__all__ = ["COLUMNS", "MAPPING", "make_table", "write_changed", "write_mapping", "write_table", "write_with_ids"]

SEED = 40
BLOCK = 100_000
# Column → what it is mapped to, and the share of rows that fill it.
COLUMNS: dict[str, tuple[dict[str, object], float]] = {
    "Title": ({"attribute_type": "title"}, 0.05),
    "First Name": ({"attribute_type": "first_name"}, 0.96),
    "Middle Name": ({"attribute_type": "middle_name"}, 0.1),
    "Last Name": ({"attribute_type": "last_name"}, 0.95),
    "Nickname": ({"attribute_type": "nickname"}, 0.03),
    "Company": ({"attribute_type": "company"}, 0.4),
    "Job Title": ({"attribute_type": "job_title"}, 0.3),
    "E-mail Address": ({"attribute_type": "email", "index": 0}, 0.75),
    "E-mail 2 Address": ({"attribute_type": "email", "index": 1}, 0.25),
    "E-mail 3 Address": ({"attribute_type": "email", "index": 2}, 0.08),
    "Mobile Phone": ({"attribute_type": "phone_number", "label": "Mobile", "index": 0, "is_primary": True}, 0.6),
    "Home Phone": ({"attribute_type": "phone_number", "label": "Home", "index": 1}, 0.35),
    "Business Phone": ({"attribute_type": "phone_number", "label": "Work", "index": 2}, 0.25),
    "Business Fax": ({"attribute_type": "phone_number", "label": "Fax", "index": 3}, 0.05),
    "Pager": ({"attribute_type": "phone_number", "label": "Pager", "index": 4}, 0.02),
    "Street Number": ({"attribute_type": "address.house_num", "index": 0}, 0.4),
    "Street Name": ({"attribute_type": "address.name", "index": 0}, 0.42),
    "Unit": ({"attribute_type": "address.unit", "index": 0}, 0.05),
    "City": ({"attribute_type": "address.city", "index": 0}, 0.42),
    "State": ({"attribute_type": "address.state", "index": 0}, 0.42),
    "Zip": ({"attribute_type": "address.postcode", "index": 0}, 0.42),
    "Country": ({"attribute_type": "address.country", "index": 0}, 0.1),
    "Business Address": ({"attribute_type": "address.name", "label": "Work", "index": 1}, 0.12),
    "Business City": ({"attribute_type": "address.city", "label": "Work", "index": 1}, 0.12),
    "Business State": ({"attribute_type": "address.state", "label": "Work", "index": 1}, 0.12),
    "Business Postal Code": ({"attribute_type": "address.postcode", "label": "Work", "index": 1}, 0.12),
    "Birthday": ({"attribute_type": "birthday"}, 0.35),
    "Anniversary": ({"attribute_type": "wedding_anniversary"}, 0.05),
    "Child's Birthday": ({"attribute_type": "child_birthday"}, 0.03),
    "Spouse First Name": ({"attribute_type": "first_name", "is_partner": True}, 0.1),
    "Spouse Last Name": ({"attribute_type": "last_name", "is_partner": True}, 0.08),
    "Spouse E-mail": ({"attribute_type": "email", "is_partner": True}, 0.04),
    "Web Page": ({"attribute_type": "website"}, 0.05),
    "LinkedIn": ({"attribute_type": "linkedin"}, 0.05),
    "Facebook": ({"attribute_type": "facebook"}, 0.03),
    "Categories": ({"attribute_type": "tag", "multivalued": True}, 0.5),
    "Notes": ({"attribute_type": "note"}, 0.15),
    "Source": ({"attribute_type": "source"}, 0.4),
    "Kind of Source": ({"attribute_type": "source_type"}, 0.2),
    "Modified": ({"attribute_type": "last_modified_on_source"}, 0.3),
}
MAPPING = {"mappings": {column: mapped for column, (mapped, _) in COLUMNS.items()}}

STARTS = "Al An Be Bri Ca Chri Da De El Em Fa Fre Ga Gre Ha Ho Is Jo Ju Ka Ki La Lu Ma Mi Na No Ol Pa Pe Ra Ro Sa Ste Ta Tho Ul Va Wi Ya Zo".split()  # noqa: E501, SIM905
MIDDLES = " l n r s t la le li na ne ni ra re ri sta tha ving den man ber".split(" ")  # noqa: SIM905
ENDS = "a an ard as beth der dra ella en ett ian in ina ine is ley lyn na on or ric sa son ton tte ward well win wood y".split()  # noqa: E501, SIM905
CITIES = [
    ("San Francisco", "CA", "94110"), ("Oakland", "CA", "94607"), ("Los Angeles", "CA", "90026"),
    ("Seattle", "WA", "98103"), ("Portland", "OR", "97209"), ("Denver", "CO", "80203"), ("Austin", "TX", "78704"),
    ("Dallas", "TX", "75208"),
    ("Chicago", "IL", "60614"), ("Boston", "MA", "02116"), ("Hoboken", "NJ", "07030"), ("Atlanta", "GA", "30307"),
    ("Miami", "FL", "33130"), ("Phoenix", "AZ", "85004"), ("Nashville", "TN", "37206"), ("Detroit", "MI", "48201"),
]  # fmt: skip
AREAS = "201 202 203 206 212 213 214 303 305 312 313 404 408 415 424 469 503 510 512 602 615 617 650 702 713 773 818 916 917 949"  # noqa: E501
SHAPES = ("({}) {}-{}", "{}-{}-{}", "{}.{}.{}", "{}{}{}", "+1 {} {} {}", "1-{}-{}-{}")
TAGS = (
    "Buyer",
    "Seller",
    "Hot",
    "Warm",
    "Past Client",
    "Agent",
    "Investor",
    "Holiday Card",
    "Open House",
    "Newsletter",
)
JOBS = ("Accountant", "Agent", "Analyst", "Attorney", "Broker", "Carpenter", "Designer", "Engineer", "Nurse", "Teacher")
STREETS = ("Street", "Avenue", "Road", "Lane", "Drive", "Court", "Place", "Way")


def write_table(path: Path, rows: int, *, seed: int = SEED) -> Path:
    """Write a CSV of `rows` rows to `path` unless it is there; return the path."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        with part.open("wb") as file:
            for start in range(0, rows, BLOCK):
                block = make_table(start // BLOCK, min(BLOCK, rows - start), seed=seed)
                block.write_csv(file, include_header=start == 0)
        part.rename(path)
    return path


def write_with_ids(path: Path, table: Path) -> Path:
    """Write a table again, with an id in every row, to `path` unless it is there; return the path."""
    rows = pl.scan_csv(table, infer_schema=False).with_row_index("Contact ID")
    return _written(path, rows)


def write_changed(path: Path, table: Path) -> Path:
    """Write a table again, with another note in one row of a hundred, to `path` unless it is there; return the path."""
    note = pl.when(pl.int_range(pl.len()) % 100 == 0).then(pl.lit("Changed since")).otherwise("Notes")
    rows = pl.scan_csv(table, infer_schema=False).with_columns(note.alias("Notes"))
    return _written(path, rows)


def _written(path: Path, rows: pl.LazyFrame) -> Path:
    if not path.exists():
        part = path.with_suffix(".part")
        rows.sink_csv(part)
        part.rename(path)
    return path


def write_mapping(path: Path) -> Path:
    """Write the mapping of the table to `path`; return the path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(MAPPING, indent=1) + "\n", encoding="utf-8")
    return path


def make_table(block: int, rows: int, *, seed: int = SEED) -> pl.DataFrame:
    """Make one block of at most 100,000 rows: a text column for each of COLUMNS, null where a cell is blank."""
    chance = np.random.default_rng([seed, block])
    names = _names(chance, BLOCK)
    values = {**names, **_contact_ways(chance, names), **_places(chance), **_the_rest(chance)}
    # The parts of one address are filled together, everything else by itself.
    draws = {column: mapped["index"] if "address" in str(mapped) else column for column, (mapped, _) in COLUMNS.items()}
    drawn = {draw: chance.random(BLOCK) for draw in dict.fromkeys(draws.values())}
    filled = [
        pl.when(pl.Series(drawn[draws[column]] < share)).then(values[column]).alias(column)
        for column, (_, share) in COLUMNS.items()
    ]
    return pl.DataFrame(values).select(filled).head(rows)


def _names(chance: np.random.Generator, rows: int) -> dict[str, pl.Series]:
    """First, middle and last names with a long tail, and the partner's."""
    short = [start + end for start in STARTS for end in ENDS]
    long = [start + middle + end for middle in MIDDLES for start in STARTS for end in ENDS]
    first, middle, spouse = (_skewed(chance, short, rows) for _ in range(3))
    last = _skewed(chance, long, rows)
    title = _any(chance, ("Mr.", "Mrs.", "Dr.", "Miss"), rows)
    return {
        "First Name": first, "Middle Name": middle, "Last Name": last, "Nickname": first.str.slice(0, 4),
        "Spouse First Name": spouse, "Spouse Last Name": last, "Title": title,
    }  # fmt: skip


def _contact_ways(chance: np.random.Generator, names: dict[str, pl.Series]) -> dict[str, pl.Series]:
    """E-mail addresses made of the names, and phone numbers of several shapes."""
    numbers = pl.Series(chance.integers(0, 1000, BLOCK)).cast(pl.String)
    first, last = (names[name].str.to_lowercase() for name in ("First Name", "Last Name"))
    domains = [_any(chance, tuple(f"{kind}{n}.example" for n in range(400)), BLOCK) for kind in ("mail", "firm")]
    private = first + "." + last + numbers + "@" + _any(chance, ("example.com", "example.org", "example.net"), BLOCK)
    work = first.str.slice(0, 1) + last + numbers.str.slice(0, 1) + "@" + domains[1]
    odd = pl.Series(chance.random(BLOCK))
    private = pl.select(
        pl.when(odd < 0.01).then(pl.lit("none@none.com")).when(odd < 0.013).then(last + " at home").otherwise(private)
    ).to_series()
    phones = ("Mobile Phone", "Home Phone", "Business Phone", "Business Fax", "Pager")
    return {
        "E-mail Address": private, "E-mail 2 Address": work, "E-mail 3 Address": last + numbers + "@" + domains[0],
        "Spouse E-mail": names["Spouse First Name"].str.to_lowercase() + numbers + "@" + domains[0],
        **{phone: _phones(chance) for phone in phones},
    }  # fmt: skip


def _phones(chance: np.random.Generator) -> pl.Series:
    """American numbers in six shapes, one in thirty British, one in a hundred a placeholder."""
    area = _any(chance, tuple(AREAS.split()), BLOCK)
    exchange = pl.Series(chance.integers(200, 1000, BLOCK)).cast(pl.String)
    line = pl.Series(chance.integers(10_000, 20_000, BLOCK)).cast(pl.String).str.slice(1)
    kind = pl.Series(chance.integers(0, 300, BLOCK))
    number = pl.format(SHAPES[0], area, exchange, line)
    for n, shape in enumerate(SHAPES[1:], start=1):
        number = pl.when(kind % len(SHAPES) == n).then(pl.format(shape, area, exchange, line)).otherwise(number)
    number = pl.when(kind >= 290).then(pl.format("+44 20 7946 {}", line)).otherwise(number)
    return pl.select(pl.when(kind < 3).then(pl.lit("000-000-0000")).otherwise(number)).to_series()


def _places(chance: np.random.Generator) -> dict[str, pl.Series]:
    """A home and a business address."""
    names = [start + middle + end for start in STARTS for middle in MIDDLES[:6] for end in ENDS[:8]]
    home, work = (pl.Series(chance.integers(0, len(CITIES), BLOCK)) for _ in range(2))
    city, state, postcode = (pl.Series(column) for column in zip(*CITIES, strict=True))
    street = _any(chance, names, BLOCK) + " " + _any(chance, STREETS, BLOCK)
    number = pl.Series(chance.integers(1, 9000, BLOCK)).cast(pl.String)
    return {
        "Street Number": number, "Street Name": street, "Unit": "Apt " + number.str.slice(0, 2),
        "City": city.gather(home), "State": state.gather(home), "Zip": postcode.gather(home),
        "Country": pl.Series(["USA"] * BLOCK), "Business Address": number + " " + street.reverse(),
        "Business City": city.gather(work), "Business State": state.gather(work),
        "Business Postal Code": postcode.gather(work),
    }  # fmt: skip


def _the_rest(chance: np.random.Generator) -> dict[str, pl.Series]:
    """Company and work, dates, web addresses, tags and notes."""
    companies = tuple(f"{start}{end} {kind}" for start in STARTS for end in ENDS for kind in ("Inc.", "LLC", "& Sons"))
    tags = _any(chance, TAGS, BLOCK)
    more = pl.Series(chance.random(BLOCK)) < 0.4
    several = pl.select(pl.when(more).then(tags + "; " + _any(chance, TAGS, BLOCK)).otherwise(tags)).to_series()
    note = "Spoke about " + _any(chance, STREETS, BLOCK)
    handle = pl.Series(chance.integers(0, 10**9, BLOCK)).cast(pl.String)
    return {
        "Company": _skewed(chance, companies, BLOCK), "Job Title": _any(chance, JOBS, BLOCK),
        "Birthday": _dates(chance, 1930, 2005), "Anniversary": _dates(chance, 1970, 2025),
        "Child's Birthday": _dates(chance, 2000, 2025), "Modified": _dates(chance, 2020, 2025),
        "Web Page": "https://" + handle + ".example", "LinkedIn": "in/" + handle, "Facebook": "fb/" + handle.reverse(),
        "Categories": several, "Notes": note + ", call again in " + handle.str.slice(0, 2) + " days",
        "Source": _any(chance, ("Open House", "Referral", "Website", "Mailer"), BLOCK),
        "Kind of Source": _any(chance, ("CSV", "Outlook", "Google"), BLOCK),
    }  # fmt: skip


def _dates(chance: np.random.Generator, first_year: int, last_year: int) -> pl.Series:
    """Dates written month/day/year."""
    days = chance.integers((first_year - 1970) * 365, (last_year - 1970) * 365, BLOCK)
    return pl.Series(days.astype("datetime64[D]")).dt.strftime("%m/%d/%Y")


def _any(chance: np.random.Generator, values: "tuple[str, ...] | list[str]", rows: int) -> pl.Series:
    """Pick values evenly."""
    return pl.Series(values).gather(pl.Series(chance.integers(0, len(values), rows)))


def _skewed(chance: np.random.Generator, values: "tuple[str, ...] | list[str]", rows: int) -> pl.Series:
    """Pick values so that few are common and many rare, as names are."""
    places = (len(values) * chance.random(rows) ** 2.5).astype(np.int64)
    return pl.Series(values).gather(pl.Series(places))
