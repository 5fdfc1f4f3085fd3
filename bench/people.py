"""Make labelled contacts: people with households, employers and namesakes, told of by five kinds of source.

Everything a contact base is known to hold is in here in known amounts, so that deduplication can be measured:
nicknames,
typing errors, partial records, swapped and moved names, families on one mailbox, Jr. and Sr., switchboards, info@
boxes,
placeholders and masked addresses. One million records take a few seconds.
"""

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
import polars as pl
from numpy.typing import NDArray

from bench import people_words as words

__all__ = ["make_people"]

Texts: TypeAlias = NDArray[np.object_]
Where: TypeAlias = NDArray[np.bool_]
Draw: TypeAlias = np.random.Generator
Happens: TypeAlias = Callable[..., Where]
Rarely: TypeAlias = Callable[[float], Where]

PLACEHOLDER_EMAILS = ["none@none.com", "noemail@noemail.com", "test@test.com", "[email protected]", "na@na.com"]
PLACEHOLDER_PHONES = ["000-000-0000", "(555) 555-5555", "9999999999", "123-456-7890", "000 000 0000"]


@dataclass(frozen=True)
class Source:
    """One kind of source: its share of the records, how often it fills each group of fields, how carelessly."""

    share: float
    first: float = 1.0
    last: float = 1.0
    middle: float = 0.1
    company: float = 0.0
    email: float = 0.0
    phone: float = 0.0
    address: float = 0.0
    birthday: float = 0.0
    typo: float = 0.03
    nickname: float = 0.1


SOURCES = {
    "crm": Source(0.30, middle=0.15, company=0.85, email=0.85, phone=0.7, address=0.55, birthday=0.15),
    "phone": Source(0.25, last=0.8, company=0.2, email=0.35, phone=0.95, address=0.05, birthday=0.1, nickname=0.25),
    "newsletter": Source(0.20, first=0.9, last=0.75, email=0.95, typo=0.05),
    "event": Source(0.15, company=0.95, email=0.6, phone=0.2, typo=0.05),
    "form": Source(0.10, email=0.6, phone=0.6, address=0.6, birthday=0.5, typo=0.06),
}
COPIES = (0.83, 0.10, 0.04, 0.02, 0.01)


def make_people(records: int, *, seed: int = 0) -> pl.DataFrame:
    """Make `records` contacts, shuffled.

    Returns: [record_id, person_id, source, first_name, middle_name, last_name, nickname, company, job_title, emails,
    phone_numbers, house_num, street, city, state, postcode, country, birthday], all str; emails and phone_numbers hold
    several values separated by "; "; equal person_id means one person.
    """
    draw = np.random.default_rng(seed)
    copies = 1 + draw.choice(len(COPIES), records, p=COPIES)
    people = int(np.searchsorted(np.cumsum(copies), records)) + 1
    person = np.repeat(np.arange(people), copies[:people])[:records]
    known = _people(people, draw)
    order = draw.permutation(records)
    told = _told(known, person[order], draw)
    return told.with_columns(record_id=pl.int_range(records).cast(pl.String)).select(
        "record_id", pl.exclude("record_id")
    )


def _people(count: int, draw: Draw) -> dict[str, Texts]:
    """Invent people: what is true of each."""
    first = _zipf(np.array(words.FIRST_NAMES, object), count, draw, 0.75)
    first = np.where(draw.random(count) < 0.25, _rare_first_names(900, draw)[draw.integers(0, 900, count)], first)
    household = np.repeat(np.arange(count), 1 + draw.choice(4, count, p=[0.72, 0.18, 0.06, 0.04]))[:count]
    last = _zipf(_last_names(max(400, count // 25), draw), count, draw, 0.85)[household]
    last = np.where(draw.random(count) < 0.05, _zipf(_last_names(400, draw), count, draw, 0.85), last)
    suffix = np.full(count, "", object)
    junior = np.flatnonzero((household[1:] == household[:-1]) & (draw.random(count - 1) < 0.02)) + 1
    first[junior], last[junior] = first[junior - 1], last[junior - 1]
    suffix[junior], suffix[junior - 1] = "Jr", "Sr"
    middle = np.array(words.FIRST_NAMES, object)[draw.integers(0, len(words.FIRST_NAMES), count)]
    birthday = np.datetime64("1940-01-01") + draw.integers(0, 24_000, count).astype("timedelta64[D]")
    birthday[junior] = birthday[junior - 1] + np.timedelta64(9_500, "D")
    employer = (draw.random(count) ** 3 * max(20, count // 12)).astype(np.int64)
    company, domain = _companies(int(employer.max()) + 1, draw)
    number = draw.integers(0, 10_000, count).astype(str).astype(object)
    style = draw.integers(0, 4, count)
    low_first, low_last = _lower(first), _lower(last)
    local = np.select(
        [style == 0, style == 1, style == 2],
        [low_first + "." + low_last, low_first.astype("U1").astype(object) + low_last, low_last + "." + low_first],
        low_first + low_last,
    ).astype(object)
    host = np.array(words.MAIL_HOSTS, object)[draw.integers(0, len(words.MAIL_HOSTS), count)]
    digits = np.where(draw.random(count) < 0.5, "", number)
    family = household[np.arange(count)]
    place = _places(int(family.max()) + 1, draw)
    return {
        "first": first,
        "last": last,
        "middle": middle,
        "suffix": suffix,
        "birthday": birthday.astype(str).astype(object),
        "company": company[employer],
        "job": np.array(words.JOBS, object)[draw.integers(0, len(words.JOBS), count)],
        "email": _unique(local + digits + "@" + host, number),
        "work_email": _unique(np.where(draw.random(count) < 0.5, low_first, local) + "@" + domain[employer], number),
        "family_email": low_last + "family" + family.astype(str).astype(object) + "@gmail.com",
        "info_email": _choice(["info", "office", "contact", "sales"], count, draw) + "@" + domain[employer],
        "mobile": _phones(count, draw),
        "home_phone": _phones(int(family.max()) + 1, draw)[family],
        "switchboard": _phones(len(company), draw)[employer],
        **{part: column[family] for part, column in place.items()},
    }


def _zipf(values: Texts, count: int, draw: Draw, power: float) -> Texts:
    """Draw values, the early ones far more often."""
    weights = 1 / np.arange(1, len(values) + 1) ** power
    return np.asarray(draw.choice(values, count, p=weights / weights.sum()))


def _last_names(count: int, draw: Draw) -> Texts:
    """Return the common last names first, then invented ones."""
    parts = np.array(words.SYLLABLES, object)[draw.integers(0, len(words.SYLLABLES), (count, 3))]
    invented = parts[:, 0] + parts[:, 1] + np.where(draw.random(count) < 0.6, parts[:, 2], "")
    return np.concatenate([np.array(words.LAST_NAMES, object), np.array([name.title() for name in invented], object)])


def _rare_first_names(count: int, draw: Draw) -> Texts:
    """Invent first names few people have."""
    parts = np.array(words.SYLLABLES, object)[draw.integers(0, len(words.SYLLABLES), (count, 2))]
    return np.array(
        [name.title() for name in parts[:, 0] + parts[:, 1] + _choice(["a", "o", "y", ""], count, draw)], object
    )


def _unique(addresses: Texts, number: Texts) -> Texts:
    """Give an address that is taken a number, as providers do."""
    local, host = (pl.Series(addresses, dtype=pl.String).str.split("@").list.get(part) for part in (0, 1))
    taken = ~pl.Series(addresses, dtype=pl.String).is_first_distinct()
    return (
        pl.select(pl.when(taken).then(local + pl.Series(number, dtype=pl.String)).otherwise(local) + "@" + host)
        .to_series()
        .to_numpy()
        .astype(object)
    )


def _lower(names: Texts) -> Texts:
    """Write names as mail addresses do."""
    plain = pl.Series(names, dtype=pl.String).str.normalize("NFKD").str.to_lowercase().str.replace_all(r"[^a-z]", "")
    return plain.to_numpy().astype(object)


def _choice(values: list[str], count: int, draw: Draw) -> Texts:
    return np.array(values, object)[draw.integers(0, len(values), count)]


def _companies(count: int, draw: Draw) -> tuple[Texts, Texts]:
    """Invent companies: (names, mail domains)."""
    names = _last_names(max(count, 400), draw)[draw.permutation(max(count, 400))[:count]]
    trade = _choice(words.TRADES, count, draw)
    form = _choice(["", " Inc", " LLC", " Group", " Ltd", " Corp", " & Sons"], count, draw)
    domain = _lower(names) + _lower(trade) + _choice([".com", ".net", ".org", ".io"], count, draw)
    return names + " " + trade + form, domain


def _phones(count: int, draw: Draw) -> Texts:
    """Invent ten-digit numbers whose area and exchange codes are possible."""
    number = draw.integers(2_010_000_000, 9_899_999_999, count)
    exchange = number // 10_000 % 1_000
    return np.asarray((number + np.where(exchange < 200, 3_000_000, 0)).astype(str).astype(object))


def _places(count: int, draw: Draw) -> dict[str, Texts]:
    """Invent addresses."""
    table = [np.array(column, object) for column in zip(*words.CITIES, strict=True)]
    big = np.minimum((draw.exponential(3.5, count)).astype(np.int64), len(words.CITIES) - 1)
    small = draw.random(count) < 0.4
    village = _last_names(800, draw)[200 + draw.integers(0, 600, count)] + _choice(
        ["ville", "ton", " Park"], count, draw
    )
    street = _last_names(2_000, draw)[draw.integers(0, 2_000, count)]
    ordinary = draw.random(count) < 0.3
    street = np.where(ordinary, draw.integers(4, 99, count).astype(str).astype(object) + "th", street)
    return {
        "house_num": draw.integers(1, 9_999, count).astype(str).astype(object),
        "street": street + " " + _choice(words.STREETS, count, draw),
        "city": np.where(small, village, table[0][big]),
        "state": table[1][big],
        "postcode": table[2][big] + np.char.zfill(draw.integers(0, 100, count).astype(str), 2).astype(object),
    }


def _told(known: dict[str, Texts], person: NDArray[np.intp], draw: Draw) -> pl.DataFrame:
    """Tell of people the way sources do: parts left out, worn and mistaken."""
    count = len(person)
    kinds = list(SOURCES.values())
    kind = draw.choice(len(kinds), count, p=[source.share for source in kinds])
    truth = {name: column[person] for name, column in known.items()}

    def happens(rate: str, factor: float = 1.0) -> Where:
        return np.asarray(draw.random(count) < np.array([getattr(source, rate) for source in kinds])[kind] * factor)

    def rarely(rate: float) -> Where:
        return np.asarray(draw.random(count) < rate)

    first, last = _called(truth, happens, rarely, draw)
    has_company, has_address = happens("company"), happens("address") & ~rarely(0.03)
    moved = rarely(0.06)
    other = draw.integers(0, len(known["first"]), count)
    address = {part: np.where(moved, known[part][other], truth[part]) for part in PLACE}
    has_city = has_address | rarely(0.08)
    company = np.where(rarely(0.08), known["company"][other], truth["company"])
    company = _mistyped(company, rarely(0.02), draw)
    nickname = np.where(rarely(0.02), [words.SHORT_FORMS.get(name, [None])[0] for name in truth["first"]], None)
    columns = {
        "person_id": person.astype(str).astype(object),
        "source": np.array(list(SOURCES), object)[kind],
        "first_name": np.where(happens("first"), first, None),
        "middle_name": np.where(
            happens("middle"), np.where(rarely(0.6), _initial(truth["middle"]), truth["middle"]), None
        ),
        "last_name": np.where(happens("last"), last, None),
        "nickname": nickname,
        "company": np.where(has_company, company, None),
        "job_title": np.where(has_company & rarely(0.8), truth["job"], None),
        "emails": _emails(truth, happens("email"), has_company, rarely, draw),
        "phone_numbers": _numbers(truth, happens("phone"), has_company, rarely, draw),
        "house_num": np.where(has_address, address["house_num"], None),
        "street": np.where(has_address, _mistyped(address["street"], rarely(0.03), draw), None),
        "city": np.where(has_city, _mistyped(address["city"], rarely(0.02), draw), None),
        "state": np.where(has_city, address["state"], None),
        "postcode": np.where(has_address & rarely(0.95), address["postcode"], None),
        "country": np.where(has_city, "USA", None),
        "birthday": np.where(happens("birthday"), _misdated(truth["birthday"], rarely(0.06), draw), None),
    }
    return pl.DataFrame({name: pl.Series(column.tolist(), dtype=pl.String) for name, column in columns.items()})


PLACE = ("house_num", "street", "city", "state", "postcode")


def _called(truth: dict[str, Texts], happens: Happens, rarely: Rarely, draw: Draw) -> tuple[Texts, Texts]:
    """Say a person's names as a source has them."""
    first, last = truth["first"].copy(), truth["last"].copy()
    for row in np.flatnonzero(happens("nickname")):
        short = words.SHORT_FORMS.get(first[row])
        if short:
            first[row] = short[draw.integers(len(short))]
    initial = rarely(0.03)
    first = np.where(initial, _initial(first), first)
    first = _mistyped(first, happens("typo") & ~initial, draw)
    last = _mistyped(last, happens("typo"), draw)
    suffixed = (truth["suffix"] != "") & rarely(0.6)
    last = np.where(suffixed, last + " " + truth["suffix"], last)
    first = np.where(rarely(0.02), _choice(["Dr. ", "Mr. ", "Mrs. "], len(first), draw) + first, first)
    swapped = rarely(0.02)
    first, last = np.where(swapped, last, first), np.where(swapped, first, last)
    case = draw.random(len(first))
    for number, change in ((0.04, str.upper), (0.08, str.lower)):
        rows = np.flatnonzero((case < number) & (case >= number - 0.04))
        first[rows], last[rows] = [change(t) for t in first[rows]], [change(t) for t in last[rows]]
    return first, last


def _initial(names: Texts) -> Texts:
    return names.astype("U1").astype(object)


def _mistyped(texts: Texts, where: Where, draw: Draw) -> Texts:
    """Make one typing error in the texts asked for: a letter dropped, doubled, replaced or swapped with the next."""
    out = texts.copy()
    for row in np.flatnonzero(where):
        text = out[row]
        if len(text) < 4:
            continue
        at, error = int(draw.integers(1, len(text) - 1)), int(draw.integers(4))
        middle = ("", text[at] * 2, chr(97 + int(draw.integers(26))), text[at + 1] + text[at])[error]
        out[row] = text[:at] + middle + text[at + 1 + (error == 3) :]
    return out


def _misdated(dates: Texts, where: Where, draw: Draw) -> Texts:
    """Get a digit of the day or year wrong, or swap day and month where that makes a date."""
    out = dates.copy()
    for row in np.flatnonzero(where):
        year, month, day = out[row].split("-")
        if draw.random() < 0.4 and int(day) <= 12:
            out[row] = f"{year}-{day}-{month}"
        else:
            out[row] = f"{year[:3]}{draw.integers(10)}-{month}-{day}"
    return out


def _emails(truth: dict[str, Texts], has: Where, has_company: Where, rarely: Rarely, draw: Draw) -> Texts:
    """List a record's mail addresses."""
    work = has_company & rarely(0.6)
    main = np.where(work, truth["work_email"], truth["email"])
    main = np.where(rarely(0.03), truth["family_email"], main)
    main = np.where(work & rarely(0.06), truth["info_email"], main)
    main = _mistyped(main, rarely(0.02), draw)
    for row in np.flatnonzero(rarely(0.03)):
        main[row] = main[row].upper()
    main = np.where(rarely(0.025), _choice(PLACEHOLDER_EMAILS, len(main), draw), main)
    second = np.where(work, truth["email"], truth["work_email"])
    main = np.where(rarely(0.15), main + "; " + second, main)
    return np.where(has, main, None)


def _numbers(truth: dict[str, Texts], has: Where, has_company: Where, rarely: Rarely, draw: Draw) -> Texts:
    """List a record's phone numbers, written in several ways."""
    main = np.where(rarely(0.2), truth["home_phone"], truth["mobile"])
    main = np.where(has_company & rarely(0.2), truth["switchboard"], main)
    main = _written(main, draw)
    main = np.where(rarely(0.02), _choice(PLACEHOLDER_PHONES, len(main), draw), main)
    main = np.where(rarely(0.2), main + "; " + _written(truth["home_phone"], draw), main)
    return np.where(has, main, None)


def _written(numbers: Texts, draw: Draw) -> Texts:
    """Write ten digits the way people do."""
    digits = pl.Series(numbers, dtype=pl.String)
    area, exchange, line = digits.str.slice(0, 3), digits.str.slice(3, 3), digits.str.slice(6)
    ways = pl.select(
        pl.format("({}) {}-{}", area, exchange, line).alias("0"),
        pl.format("{}-{}-{}", area, exchange, line).alias("1"),
        digits.alias("2"),
        pl.format("+1 {} {} {}", area, exchange, line).alias("3"),
        pl.format("{}.{}.{}", area, exchange, line).alias("4"),
    )
    table = np.stack([column.to_numpy() for column in ways], axis=1)
    return np.asarray(table[np.arange(len(table)), draw.integers(0, 5, len(table))])


def main() -> None:
    """Write a labelled CSV."""
    parser = argparse.ArgumentParser(description="Make labelled contacts to measure deduplication with.")
    parser.add_argument("records", type=int)
    parser.add_argument("file", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    make_people(args.records, seed=args.seed).write_csv(args.file)


if __name__ == "__main__":
    main()
