"""Choose the pairs worth looking at: records that share a key, the smallest blocks first, within a budget.

A pass takes one key. Keys are hashed to whatever bits the record number leaves of 64, so that one sort of one array
finds a pass's blocks.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import product
from typing import TypeAlias

import numpy as np
import polars as pl
from numpy.typing import NDArray

from dedup.coding import MISSING, Codes, coded, coded_rows, looked_up
from dedup.names import aliases, soundex
from dedup.records import Records
from dedup.rules import Blocking

__all__ = ["Pairs", "block", "pairs_within", "sharing_email", "unpacked"]

Keys: TypeAlias = NDArray[np.uint64]
Pairs: TypeAlias = NDArray[np.int32]

ALIAS_SLOTS = 4
MIX = np.uint64(0x9E3779B97F4A7C15)


def block(records: Records, rules: Blocking) -> Pairs:
    """Return candidate pairs as (pairs, 2), each once, left < right, sorted.

    The budget is spent on new pairs: a telling key may use a third of what is left of it, a common one four times its
    even
    share.
    """
    if records.count * (records.count - 1) // 2 <= rules.least_pairs:
        return _all_pairs(records)
    left = max(rules.pairs_per_record * records.count, float(rules.least_pairs))
    parts = key_parts(records)
    telling, common = (_passes(keys, parts) for keys in (rules.telling_keys, rules.common_keys))
    shares = [1 / 3] * len(telling) + [4 / (len(common) - number) for number in range(len(common))]
    found = np.empty(0, np.uint64)
    for key, share in zip(telling + common, shares, strict=True):
        entries = _sorted_keys(records, parts, key)
        pairs = np.unique(_pairs_of_pass(entries, records.count, int(min(1, share) * left), rules.largest_block))
        new = _not_in(found, pairs)
        found = np.sort(np.concatenate([found, new]))
        left = max(0.0, left - len(new))
    return unpacked(found)


def _not_in(found: NDArray[np.uint64], pairs: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return the pairs not found yet; both sorted."""
    if not len(found):
        return pairs
    at = np.minimum(np.searchsorted(found, pairs), len(found) - 1)
    return np.asarray(pairs[found[at] != pairs])


def _all_pairs(records: Records) -> Pairs:
    """Return every pair of records of one owner."""
    pairs = np.column_stack(np.triu_indices(records.count, 1)).astype(np.int32)
    return np.asarray(pairs[records.owner[pairs[:, 0]] == records.owner[pairs[:, 1]]])


def _passes(keys: tuple[str, ...], parts: "KeyParts") -> list[str]:
    """List the passes: "custom" becomes one for each custom attribute worth it."""
    custom = [name for name in parts.makers if name.startswith("custom:")]
    return [name for key in keys for name in (custom if key == "custom" else [key])]


def _bits(records: int) -> np.uint64:
    """Return how many bits a record number takes."""
    return np.uint64(max(1, (records - 1).bit_length()))


def _sorted_keys(records: Records, parts: "KeyParts", key: str) -> Keys:
    """Return the sorted, distinct (hashed key << bits | record) of one pass."""
    entries = np.concatenate(list(_entries(records, parts.of(key.split("+")))))
    entries.sort()
    return np.asarray(entries[np.append(True, entries[1:] != entries[:-1])]) if len(entries) else entries


def _pairs_of_pass(entries: Keys, records: int, allowed: int, largest: int) -> NDArray[np.uint64]:
    """Pair up the records of one pass's blocks, packed as left << 32 | right."""
    bits = _bits(records)
    key, record = entries >> bits, (entries & ((np.uint64(1) << bits) - np.uint64(1))).astype(np.int32)
    starts = np.flatnonzero(np.append(True, key[1:] != key[:-1])) if len(key) else np.empty(0, np.intp)
    return pairs_within(record, starts, np.diff(np.append(starts, len(key))), allowed=allowed, largest=largest)


def _entries(records: Records, parts: list[Codes]) -> Iterator[Keys]:
    """Yield hashed key << bits | record, a slot of each part combined; records with a part missing are left out."""
    bits, number = _bits(records.count), np.arange(records.count, dtype=np.uint64)
    for columns in product(*[range(part.shape[1]) for part in parts]):
        present = np.ones(records.count, bool)
        key = records.owner.astype(np.uint64)
        for part, column in zip(parts, columns, strict=True):
            codes = part[:, column]
            present &= codes != MISSING
            key = (key ^ codes.astype(np.uint32).astype(np.uint64)) * MIX
            key ^= key >> np.uint64(29)
        yield (key[present] >> bits << bits) | number[present]


def pairs_within(
    record: Codes,
    starts: NDArray[np.intp],
    sizes: NDArray[np.intp],
    *,
    allowed: int = 2**62,
    largest: int = 3_000,
) -> NDArray[np.uint64]:
    """Pair the records of blocks, smallest blocks first, until `allowed` pairs; packed as left << 32 | right."""
    found = []
    for size in np.unique(sizes[(sizes > 1) & (sizes <= largest)]):
        pairs_each = int(size) * (int(size) - 1) // 2
        chosen = starts[sizes == size][: max(0, allowed) // pairs_each]
        if not len(chosen):
            break
        allowed -= len(chosen) * pairs_each
        left, right = np.triu_indices(int(size), 1)
        members = record[chosen[:, None] + np.arange(size)]
        found.append(_packed(members[:, left].ravel(), members[:, right].ravel()))
    return np.concatenate(found) if found else np.empty(0, np.uint64)


def sharing_email(records: Records) -> Pairs:
    """Return the pairs of records that share an e-mail address held by a hundred records at most."""
    return unpacked(
        np.unique(_pairs_of_pass(_sorted_keys(records, key_parts(records), "email"), records.count, 2**62, 100))
    )


def _packed(left: Codes, right: Codes) -> NDArray[np.uint64]:
    low, high = np.minimum(left, right).astype(np.uint64), np.maximum(left, right).astype(np.uint64)
    return (low << np.uint64(32)) | high


def unpacked(packed: NDArray[np.uint64]) -> Pairs:
    """Return packed pairs as (pairs, 2)."""
    pairs = np.empty((len(packed), 2), np.int32)
    pairs[:, 0], pairs[:, 1] = packed >> np.uint64(32), packed & np.uint64(0xFFFFFFFF)
    return pairs


@dataclass(frozen=True)
class KeyParts:
    """The parts keys are made of, each made when first asked for and kept: codes (records, slots)."""

    makers: dict[str, Callable[[], Codes]]
    made: dict[str, Codes]

    def of(self, names: list[str]) -> list[Codes]:
        """Return parts by name."""
        for name in names:
            if name not in self.made:
                self.made[name] = self.makers[name]()
        return [self.made[name] for name in names]


def key_parts(records: Records) -> KeyParts:
    """Return what keys over these records can be made of."""
    names, places = records.names, records.addresses
    by_name = partial(_by_name, records)
    parts: dict[str, Callable[[], Codes]] = {
        "email": partial(_column, records.email),
        "phone": partial(_column, records.phone),
        "full_name": partial(_full_name, records),
        "alias": partial(_aliases, records),
        "first_name": partial(_column, names.first),
        "last_name": partial(_column, names.last),
        "token": partial(_token, records),
        "local_part": partial(_local_part, records),
        "initial": partial(by_name, names.first, 1),
        "first2": partial(by_name, names.first, 2),
        "first3": partial(by_name, names.first, 3),
        "last2": partial(by_name, names.last, 2),
        "last4": partial(by_name, names.last, 4),
        "first_soundex": partial(_by_sound, records, names.first),
        "last_soundex": partial(_by_sound, records, names.last),
        "company": partial(_column, records.company),
        "company4": partial(_starts, records.companies, records.company, 4),
        "job_title": partial(_column, records.job),
        "address": partial(_column, places.whole),
        "house_number": partial(_column, places.number),
        "city": partial(_column, places.city),
        "postcode": partial(_column, places.postcode),
        "area": partial(_area, records),
        "birthday": partial(_column, records.birthday),
        **{part: partial(_birthday_part, records, part) for part in BIRTHDAY_PARTS},
    }
    for name, (codes, values) in records.custom.items():
        if len(values) > records.count / 20:
            parts[f"custom:{name}"] = partial(_column, codes)
    return KeyParts(parts, {})


BIRTHDAY_PARTS = ("year", "decade", "year_month", "month_day", "year_day")


def _column(codes: Codes) -> Codes:
    return codes.reshape(len(codes), -1)


def _by_name(records: Records, codes: Codes, length: int) -> Codes:
    return _starts(records.names.vocabulary, codes, length)


def _starts(texts: pl.Series, codes: Codes, length: int) -> Codes:
    """Code values by their first letters; a value shorter than that has none unless one letter is asked for."""
    starts = pl.select(pl.when(texts.str.len_chars() >= length).then(texts.str.slice(0, length))).to_series()
    table = starts.rank("dense").fill_null(0).cast(pl.Int32).to_numpy() - 1
    return looked_up(table, codes).reshape(-1, 1)


def _by_sound(records: Records, codes: Codes) -> Codes:
    table = soundex(records.names.vocabulary).rank("dense").cast(pl.Int32).to_numpy()
    return looked_up(table, codes).reshape(-1, 1)


def _token(records: Records) -> Codes:
    return np.column_stack([records.names.first, records.names.last])


def _full_name(records: Records) -> Codes:
    first, last = records.names.first, records.names.last
    return coded_rows(np.minimum(first, last), np.maximum(first, last))[0].reshape(-1, 1)


def _aliases(records: Records) -> Codes:
    """Code first names by the full names they may stand for; a name without any stands for itself."""
    vocabulary = records.names.vocabulary
    table = aliases(vocabulary.to_list(), slots=ALIAS_SLOTS)
    unknown = table[:, 0] == MISSING
    table[unknown, 0] = np.arange(len(table))[unknown] + 1_000_000
    first = records.names.first
    return np.column_stack([looked_up(table[:, slot], first) for slot in range(ALIAS_SLOTS)])


def _local_part(records: Records) -> Codes:
    local = records.emails.str.split("@").list.first()
    table, _ = coded(pl.select(pl.when(local.str.len_chars() > 4).then(local)).to_series())
    return looked_up(table, records.email)


def _area(records: Records) -> Codes:
    table = area(records.addresses.postcodes).rank("dense").fill_null(0).cast(pl.Int32).to_numpy() - 1
    return looked_up(table, records.addresses.postcode)


def area(postcodes: pl.Series) -> pl.Series:
    """Return the wider area of a postcode: its first three digits, or all but the last three signs of a British one."""
    outward = postcodes.str.extract(r"^([A-Z]{1,2}\d[A-Z\d]?)\d[A-Z]{2}$", 1)
    return pl.select(pl.coalesce(outward, postcodes.str.slice(0, 3))).to_series()


def _birthday_part(records: Records, part: str) -> Codes:
    """Code birthdays by some of their parts, written as one number."""
    days = pl.Series(records.dates).cast(pl.Date)
    year, month, day = (unit.to_numpy().astype(np.int32) for unit in (days.dt.year(), days.dt.month(), days.dt.day()))
    table = {
        "year": year,
        "decade": year // 10,
        "year_month": year * 12 + month,
        "month_day": month * 31 + day,
        "year_day": year * 31 + day,
    }[part]
    return looked_up(table, records.birthday).reshape(-1, 1)
