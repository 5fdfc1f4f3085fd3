"""Hash the parts of a record that blocking keys are made of: a mail address, the sound of a name, an area.

Hashes of what is written, not positions among the distinct values of one run: the same contact has the same keys in
every run, so that a later run finds its contacts among those of an earlier one. A hash of 0 means there is nothing.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import product
from typing import TypeAlias
from zlib import crc32

import numpy as np
import polars as pl
from numpy.typing import NDArray

from dedup.coding import MISSING, Codes
from dedup.names import aliases, known_names, soundex
from dedup.records import CUSTOM_PREFIX, Records

__all__ = ["HALF", "HASHING", "KeyParts", "Keys", "area", "entries", "key_parts"]

Hashes: TypeAlias = NDArray[np.uint32]
Keys: TypeAlias = NDArray[np.uint64]

ALIAS_SLOTS = 4
MIX = np.uint64(0x9E3779B97F4A7C15)
HALF = np.uint64(32)
HASHING = f"3 (polars {pl.__version__})"
"""Names how keys are hashed: keys of two runs compare only where it is the same."""


@dataclass(frozen=True)
class KeyParts:
    """The parts keys are made of, each made when first asked for and kept: hashes (records, slots)."""

    makers: dict[str, Callable[[], Hashes]]
    made: dict[str, Hashes]

    def of(self, key: str) -> list[Hashes]:
        """Return the parts of a key by its name, such as "token+birthday"."""
        names = [key] if key.startswith(CUSTOM_PREFIX) else key.split("+")
        for name in names:
            if name not in self.made:
                self.made[name] = self.makers[name]()
        return [self.made[name] for name in names]


def entries(records: Records, parts: KeyParts, key: str, *, bits: np.uint64) -> Iterator[Keys]:
    """Yield hashed key << bits | record, a slot of each part combined; records with a part missing are left out."""
    salt = records.owner ^ np.uint64(crc32(key.encode()) << 32)
    columns = parts.of(key)
    for slots in product(*[range(part.shape[1]) for part in columns]):
        chosen = [part[:, slot] for part, slot in zip(columns, slots, strict=True)]
        rows = np.flatnonzero(np.logical_and.reduce([hashes != 0 for hashes in chosen]))
        hashed = salt[rows]
        for hashes in chosen:
            hashed = _mixed(hashed, hashes[rows])
        yield (hashed >> bits << bits) | rows.astype(np.uint64)


def _mixed(hashed: Keys, hashes: Hashes) -> Keys:
    mixed = (hashed ^ hashes) * MIX
    return np.asarray(mixed ^ (mixed >> np.uint64(29)))


def key_parts(records: Records) -> KeyParts:
    """Return what keys over these records can be made of."""
    names, places = records.names, records.addresses
    by_name = partial(_starts, names.vocabulary)
    parts: dict[str, Callable[[], Hashes]] = {
        "email": partial(_column, records.emails, records.email),
        "phone": partial(_column, records.phones, records.phone),
        "full_name": partial(_full_name, records),
        "alias": partial(_aliases, records),
        "first_name": partial(_column, names.vocabulary, names.first),
        "last_name": partial(_column, names.vocabulary, names.last),
        "token": partial(_column, names.vocabulary, np.column_stack([names.first, names.last])),
        "local_part": partial(_local_part, records),
        "initial": partial(by_name, names.first, 1),
        "first2": partial(by_name, names.first, 2),
        "first3": partial(by_name, names.first, 3),
        "last2": partial(by_name, names.last, 2),
        "last4": partial(by_name, names.last, 4),
        "first_soundex": partial(_by_sound, records, names.first),
        "last_soundex": partial(_by_sound, records, names.last),
        "company": partial(_column, records.companies, records.company),
        "company4": partial(_starts, records.companies, records.company, 4),
        "job_title": partial(_column, records.jobs, records.job),
        "address": partial(_address, records),
        "house_number": partial(_column, places.numbers, places.number),
        "city": partial(_column, places.cities, places.city),
        "postcode": partial(_column, places.postcodes, places.postcode),
        "area": partial(_area, records),
        "birthday": partial(_birthday, records),
        **{part: partial(_birthday_part, records, part) for part in BIRTHDAY_PARTS},
        **{
            f"{CUSTOM_PREFIX}{name}": partial(_column, values, codes)
            for name, (codes, values) in records.custom.items()
        },
    }
    return KeyParts(parts, {})


BIRTHDAY_PARTS = ("year", "decade", "year_month", "month_day", "year_day")


def _hashed(values: pl.Series) -> Hashes:
    """Hash distinct values to 32 bits; 0 for none."""
    hashes = (values.hash(seed=0).to_numpy() >> HALF).astype(np.uint32)
    return np.where(values.is_null().to_numpy(), np.uint32(0), np.maximum(hashes, np.uint32(1)))


def _looked_up(table: Hashes, codes: Codes) -> Hashes:
    """Look up a hash for each code, 0 for MISSING, as (records, slots)."""
    return np.append(table, np.uint32(0))[codes if codes.ndim == 2 else codes[:, None]]


def _joined(one: Hashes, other: Hashes) -> Hashes:
    """Hash two parts into one; 0 where either is missing."""
    mixed = (_mixed(one.astype(np.uint64), other) >> HALF).astype(np.uint32)
    return np.where((one == 0) | (other == 0), np.uint32(0), np.maximum(mixed, np.uint32(1)))


def _column(values: pl.Series, codes: Codes) -> Hashes:
    return _looked_up(_hashed(values), codes)


def _starts(texts: pl.Series, codes: Codes, length: int) -> Hashes:
    """Hash values by their first letters; a value shorter than that has none."""
    starts = pl.select(pl.when(texts.str.len_chars() >= length).then(texts.str.slice(0, length))).to_series()
    return _column(starts, codes)


def _by_sound(records: Records, codes: Codes) -> Hashes:
    return _column(soundex(records.names.vocabulary), codes)


def _full_name(records: Records) -> Hashes:
    first, last = (_column(records.names.vocabulary, codes) for codes in (records.names.first, records.names.last))
    return _joined(np.minimum(first, last), np.maximum(first, last))


def _aliases(records: Records) -> Hashes:
    """Hash first names by the full names they may stand for; a name without any stands for itself."""
    vocabulary, known = records.names.vocabulary, known_names()
    full_names = aliases(vocabulary.to_list(), slots=ALIAS_SLOTS)
    table = _looked_up(_hashed(known), full_names)
    table[:, 0] = np.where(full_names[:, 0] == MISSING, _hashed(vocabulary), table[:, 0])
    return np.column_stack([_looked_up(slot, records.names.first) for slot in table.T])


def _local_part(records: Records) -> Hashes:
    local = records.emails.str.split("@").list.first()
    return _column(pl.select(pl.when(local.str.len_chars() > 4).then(local)).to_series(), records.email)


def _address(records: Records) -> Hashes:
    places = records.addresses
    return _joined(_column(places.numbers, places.number), _column(places.streets, places.street))


def _area(records: Records) -> Hashes:
    return _column(area(records.addresses.postcodes), records.addresses.postcode)


def area(postcodes: pl.Series) -> pl.Series:
    """Return the wider area of a postcode: its first three digits, or all but the last three signs of a British one."""
    outward = postcodes.str.extract(r"^([A-Z]{1,2}\d[A-Z\d]?)\d[A-Z]{2}$", 1)
    return pl.select(pl.coalesce(outward, postcodes.str.slice(0, 3))).to_series()


def _birthday(records: Records) -> Hashes:
    return _column(pl.Series(records.dates), records.birthday)


def _birthday_part(records: Records, part: str) -> Hashes:
    """Hash birthdays by some of their parts, written as one number."""
    days = pl.Series(records.dates).cast(pl.Date)
    year, month, day = (unit.cast(pl.Int32) for unit in (days.dt.year(), days.dt.month(), days.dt.day()))
    number = {
        "year": year,
        "decade": year // 10,
        "year_month": year * 12 + month,
        "month_day": month * 31 + day,
        "year_day": year * 31 + day,
    }[part]
    return _column(number, records.birthday)
