"""Turn the evidence frame into records: one coded column a field, one position a contact.

Cleaning happens once a distinct value. Records are what every later step works on; nothing after this module sees a
person's text except the comparers, which look up the distinct values.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
import polars as pl
from numpy.typing import NDArray

from dedup.coding import MISSING, Codes, Flags, coded, coded_rows, looked_up, slotted
from dedup.mailboxes import names_in_mailbox
from dedup.names import clean_companies, clean_names, folded

__all__ = ["CUSTOM_PREFIX", "Addresses", "Names", "Records", "code_records", "in_order"]

CUSTOM_PREFIX = "custom:"
SLOTS = {"emails": 4, "phones": 4, "addresses": 2}

Bytes: TypeAlias = NDArray[np.uint8]

STREET_WORDS = (
    "street|st|avenue|ave|av|road|rd|drive|dr|lane|ln|court|ct|place|pl|boulevard|blvd|way|circle|cir|terrace|ter|tce|"
    "parkway|pkwy|square|sq|highway|hwy|crescent|cres|close|cl|trail|trl"
)
COMPASS = {"north": "n", "south": "s", "east": "e", "west": "w"}


@dataclass(frozen=True)
class Names:
    """Personal names over one vocabulary, so that a first name can be compared with a last name."""

    vocabulary: pl.Series
    first: Codes
    middle: Codes
    last: Codes
    nickname: Codes
    generation: Bytes


@dataclass(frozen=True)
class Addresses:
    """Addresses in slots: every array has the shape (records, slots)."""

    streets: pl.Series
    street: Codes
    second: Codes
    numbers: pl.Series
    number: Codes
    cities: pl.Series
    city: Codes
    postcodes: pl.Series
    postcode: Codes
    whole: Codes


@dataclass(frozen=True)
class Records:
    """The records to be matched. Codes are positions in the series of distinct values beside them."""

    ids: pl.Series
    owner: NDArray[np.uint64]
    names: Names
    emails: pl.Series
    email: Codes
    phones: pl.Series
    phone: Codes
    companies: pl.Series
    company: Codes
    jobs: pl.Series
    job: Codes
    dates: Codes
    birthday: Codes
    addresses: Addresses
    custom: dict[str, tuple[Codes, pl.Series]]

    @property
    def count(self) -> int:
        """How many records there are."""
        return len(self.ids)


def in_order(evidence: pl.DataFrame) -> pl.DataFrame:
    """Return evidence in order of contact id, which read_evidence gives already: a copy would be large."""
    return evidence if evidence["contact"].is_sorted() else evidence.sort("contact")


NO_NAMES: frozenset[str] = frozenset()


def code_records(
    evidence: pl.DataFrame, *, firsts: frozenset[str] = NO_NAMES, lasts: frozenset[str] = NO_NAMES
) -> Records:
    """Code an evidence frame, one record a row, in its order.

    Args: evidence as storage.evidence.read_evidence returns it; firsts and lasts are names known beside those in it.
    """
    email, emails = _listed(evidence["emails"], slots=SLOTS["emails"])
    phones_ = evidence["phones"].list.eval(_number(pl.element()))
    phone, phones = _listed(phones_, slots=SLOTS["phones"])
    company, companies = _cleaned(evidence["company"], clean_companies)
    job, jobs = _cleaned(evidence["job_title"], folded)
    birthday, dates = _dated(evidence["birthday"])
    return Records(
        ids=evidence["contact"],
        owner=evidence["owner"].cast(pl.UInt64).to_numpy(),
        names=_with_mailboxes(_code_names(evidence), email, emails, firsts, lasts),
        emails=emails,
        email=email,
        phones=phones,
        phone=phone,
        companies=companies,
        company=company,
        jobs=jobs,
        job=job,
        dates=dates,
        birthday=birthday,
        addresses=_code_addresses(evidence["addresses"]),
        custom={
            name.removeprefix(CUSTOM_PREFIX): _cleaned(evidence[name], folded)
            for name in evidence.columns
            if name.startswith(CUSTOM_PREFIX)
        },
    )


def _number(phone: pl.Expr) -> pl.Expr:
    """The digits of a phone number without those of its country, which not every card has: nine, in America ten."""
    return pl.when(phone.str.starts_with("+1")).then(phone.str.tail(10)).otherwise(phone.str.tail(9))


def _dated(birthdays: pl.Series) -> tuple[Codes, Codes]:
    """Code birthdays: (code of each, the distinct ones as days since 1970, ascending)."""
    present = birthdays.is_not_null().to_numpy()
    dates, inverse = np.unique(birthdays.drop_nulls().to_numpy(), return_inverse=True)
    codes = np.full(len(birthdays), MISSING, np.int32)
    codes[present] = inverse
    return codes, dates.astype(np.int32)


def _cleaned(texts: pl.Series, clean: Callable[[pl.Series], pl.Series]) -> tuple[Codes, pl.Series]:
    """Code texts by what is left of them after cleaning."""
    raw, distinct = coded(texts)
    table, values = coded(clean(distinct))
    return looked_up(table, raw), values


def _listed(lists: pl.Series, *, slots: int) -> tuple[Codes, pl.Series]:
    """Code a column of lists into slots, each value once a record."""
    rows = (
        pl.DataFrame({"value": lists})
        .with_row_index("record")
        .explode("value", empty_as_null=True, keep_nulls=True)
        .filter(pl.col("value").is_not_null() & (pl.col("value") != ""))
    )
    codes, values = coded(rows["value"])
    return slotted(rows["record"].to_numpy(), codes, records=len(lists), slots=slots), values


def _code_names(evidence: pl.DataFrame) -> Names:
    """Clean and code the four name columns over one vocabulary, and put misplaced parts where they belong."""
    columns = ("first_name", "middle_name", "last_name", "nickname")
    raw = {column: coded(evidence[column]) for column in columns}
    tables = {column: clean_names(values) for column, (_, values) in raw.items()}
    texts = pl.concat([tables[c][part] for c in columns for part in ("whole", "head", "tail")])
    codes, vocabulary = coded(texts)
    parts: dict[tuple[str, str], Codes] = {}
    start = 0
    for column in columns:
        for part in ("whole", "head", "tail"):
            size = len(tables[column])
            parts[column, part] = looked_up(codes[start : start + size], raw[column][0])
            start += size
    words = {c: looked_up(tables[c]["words"].cast(pl.Int32).to_numpy(), raw[c][0]) for c in columns}
    generation = np.zeros(len(evidence), np.uint8)
    for column in ("first_name", "last_name"):
        found = looked_up(tables[column]["generation"].cast(pl.Int32).to_numpy(), raw[column][0])
        generation = np.maximum(generation, np.maximum(found, 0).astype(np.uint8))
    first, middle, last, nickname = (parts[column, "whole"].copy() for column in columns)
    is_letter = (vocabulary.str.len_chars() == 1).to_numpy()
    _split_full_names(first, last, parts, words)
    _split_initials(first, middle, parts, words, is_letter)
    first = np.where(first == MISSING, nickname, first)
    return Names(vocabulary, first, middle, last, nickname, generation)


def _with_mailboxes(
    names: Names, email: Codes, emails: pl.Series, known_firsts: frozenset[str], known_lasts: frozenset[str]
) -> Names:
    """Fill in missing names from the first e-mail address that tells them."""
    first, last = names.first.copy(), names.last.copy()
    words = [*names.vocabulary.to_list()]
    full = (first != MISSING) & (last != MISSING)
    firsts = known_firsts.union(words[code] for code in np.unique(first[full]) if len(words[code]) > 1)
    lasts = known_lasts.union(words[code] for code in np.unique(last[full]) if len(words[code]) > 1)
    numbers = {word: code for code, word in enumerate(words)} | {"": MISSING}
    local = emails.str.split("@").list.first()
    for slot in email.T:
        rows = np.flatnonzero(((first == MISSING) | (last == MISSING)) & (slot != MISSING))
        found = [
            names_in_mailbox(box, words[one] if one >= 0 else "", words[two] if two >= 0 else "", firsts, lasts)
            for box, one, two in zip(
                local.gather(slot[rows]).to_list(), first[rows].tolist(), last[rows].tolist(), strict=True
            )
        ]
        for column, part in ((first, 0), (last, 1)):
            column[rows] = [numbers.setdefault(pair[part], len(numbers) - 1) for pair in found]
    vocabulary = pl.Series([word for word in numbers if word], dtype=pl.String)
    return replace(names, vocabulary=vocabulary, first=first, last=last)


def _split_full_names(first: Codes, last: Codes, parts: dict[tuple[str, str], Codes], words: dict[str, Codes]) -> None:
    """Take a full name in one column apart, in place, when the other column is empty."""
    for column, own, other in (("first_name", first, last), ("last_name", last, first)):
        whole = (words[column] >= 2) & (other == MISSING)
        if column == "last_name":
            whole &= words[column] == 2
        head, tail = parts[column, "head"], parts[column, "tail"]
        own[whole] = (head if column == "first_name" else tail)[whole]
        other[whole] = (tail if column == "first_name" else head)[whole]


def _split_initials(
    first: Codes, middle: Codes, parts: dict[tuple[str, str], Codes], words: dict[str, Codes], is_letter: Flags
) -> None:
    """Move the initial of "John D" to the middle name, in place."""
    tail = parts["first_name", "tail"]
    initial = (words["first_name"] == 2) & (tail != MISSING)
    initial[initial] = is_letter[tail[initial]]
    initial &= first == parts["first_name", "whole"]
    first[initial] = parts["first_name", "head"][initial]
    empty = initial & (middle == MISSING)
    middle[empty] = tail[empty]


def _code_addresses(lists: pl.Series) -> Addresses:
    """Code the addresses of each record into slots."""
    rows = (
        pl.DataFrame({"address": lists})
        .with_row_index("record")
        .explode("address", empty_as_null=True, keep_nulls=True)
        .drop_nulls("address")
        .unnest("address")
    )
    record = rows["record"].to_numpy()
    place = {"records": len(lists), "slots": SLOTS["addresses"]}
    raw, lines = coded(rows["street"])
    street_parts = _clean_streets(lines)
    street_codes, streets = coded(pl.concat([street_parts["street"], _clean_streets(rows["extra"])["street"]]))
    street = looked_up(street_codes[: len(lines)], raw)
    second = street_codes[len(lines) :]
    number_codes, numbers = coded(pl.concat([street_parts["number"], folded(rows["house_num"])]))
    number = number_codes[len(lines) :]
    number = np.where(number == MISSING, looked_up(number_codes[: len(lines)], raw), number)
    city, cities = _cleaned(rows["city"], folded)
    postcode, postcodes = _cleaned(rows["postcode"], _clean_postcodes)
    whole, _ = coded_rows(number, street)
    return Addresses(
        streets,
        slotted(record, street, **place),
        slotted(record, second, **place),
        numbers,
        slotted(record, number, **place),
        cities,
        slotted(record, city, **place),
        postcodes,
        slotted(record, postcode, **place),
        slotted(record, whole, **place),
    )


def _clean_streets(texts: pl.Series) -> pl.DataFrame:
    """Take street lines apart: [number, street: str]; suffix words go, unless nothing else is left."""
    plain = folded(texts)
    number = plain.str.extract(r"^(\d+\w?)\s", 1)
    name = plain.str.replace(r"^\d+\w?\s+", "")
    for word, letter in COMPASS.items():
        name = name.str.replace_all(rf"\b{word}\b", letter)
    short = name.str.replace_all(rf"\b(?:{STREET_WORDS})\b", "").str.replace_all(r"\s+", " ").str.strip_chars()
    street = pl.select(pl.when(short == "").then(name).otherwise(short)).to_series()
    return pl.DataFrame({"number": number, "street": street})


def _clean_postcodes(texts: pl.Series) -> pl.Series:
    """Drop spaces, case and the four digits after a ZIP code."""
    return texts.str.to_uppercase().str.replace_all(r"[^\p{L}\p{N}-]", "").str.replace(r"^(\d{5})-?\d{4}$", "$1")
