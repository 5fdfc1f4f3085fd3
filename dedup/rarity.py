"""How many different people hold a value, and how likely two strangers share it.

Records of one person repeat their values, so holders are counted as people: two records are different people when their
contexts differ. The context is the pair of initials, and where that no longer tells enough, the start of the last name.
"""

from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from dedup.coding import MISSING, Codes, coded_rows
from dedup.records import Records

__all__ = ["BINS", "Contexts", "Known", "Rarity", "are_organisations", "contexts_of", "rarity_of"]

# The most people holding a value, bin by bin.
CEILINGS = tuple(2**power for power in range(15))
BINS = len(CEILINGS) + 1
NARROW_ENOUGH = 5


@dataclass(frozen=True)
class Contexts:
    """What tells holders of one value apart: a coarse code a record, and a finer one for values many hold."""

    coarse: Codes
    fine: Codes


@dataclass(frozen=True)
class Rarity:
    """Rarity of one field: the bin of each value, what each bin weighs, and how telling agreement in it is.

    `people`: people holding each value; `bins`: 0 to BINS - 1 for each value; `share`: share of held values in each
    bin;
    `chance`: probability that two strangers who have the field share a value of that bin; `nearest`: for each bin the
    commonest one no commoner that holds a value. Nothing is known of what agreement in an empty bin is worth.
    """

    people: NDArray[np.int32]
    bins: NDArray[np.uint8]
    share: NDArray[np.float64]
    chance: NDArray[np.float64]
    nearest: NDArray[np.int8]


@dataclass(frozen=True)
class Known:
    """What an earlier run over more records counted: [field: str, value: str, people: i32]; whether organisations."""

    values: pl.DataFrame
    organisations: bool

    def names(self, field: str) -> frozenset[str]:
        """Return the values of a field of names, which are all kept; letters are no names."""
        is_name = (pl.col("field") == field) & (pl.col("value").str.len_chars() > 1)
        return frozenset(self.values.filter(is_name)["value"])

    def raised(self, field: str, rarity: Rarity, texts: pl.Series) -> Rarity:
        """Return a rarity with each value (texts, by code) held by as many people as were known, or more."""
        known = self.values.filter(pl.col("field") == field).select("value", "people")
        counted = pl.DataFrame({"value": texts}).join(known, on="value", how="left", maintain_order="left")
        people = np.maximum(rarity.people, counted["people"].fill_null(0).to_numpy())
        held = np.append(_bins(known["people"].to_numpy()), np.uint8(0))
        nearest = _nearest(np.bincount(held, minlength=BINS))
        return replace(rarity, people=people, bins=nearest[_bins(people)].astype(np.uint8), nearest=nearest)


def are_organisations(records: Records) -> bool:
    """Say whether hardly any record has a person's name: then they are organisations and their sites."""
    full = (records.names.first != MISSING) & (records.names.last != MISSING)
    return bool(np.count_nonzero(full) < 0.05 * records.count)


def contexts_of(records: Records, organisations: bool) -> dict[str, Contexts]:
    """Return what tells people apart, by the field being counted: first_name, last_name, company and 'any' other."""
    if organisations:
        return _organisation_contexts(records)
    names = records.names
    initial = _prefix(names.vocabulary, 1)
    first, last = (np.where(c == MISSING, MISSING, initial[c]) for c in (names.first, names.last))
    four = _prefix(names.vocabulary, 4)
    last_four = np.where(names.last == MISSING, MISSING, four[names.last])
    pair, _ = coded_rows(np.minimum(first, last), np.maximum(first, last))
    fine, _ = coded_rows(last_four, first)
    people = Contexts(pair, fine)
    return {
        "any": people,
        "company": people,
        "first_name": Contexts(last, last_four),
        "last_name": Contexts(first, np.where(names.first == MISSING, MISSING, four[names.first])),
    }


def _organisation_contexts(records: Records) -> dict[str, Contexts]:
    """Tell organisations apart by the start of their name and house number; a company's sites by postcode, or city."""
    start = _prefix(records.companies, 5)
    name = np.where(records.company == MISSING, MISSING, start[records.company]) if len(start) else records.company
    number = records.addresses.number[:, 0]
    known = np.where(name == MISSING, 0, name + 1) * np.int64(number.max() + 2) + number + 1
    code, _ = coded_rows(np.unique(known, return_inverse=True)[1].astype(np.int32))
    code = np.where((name == MISSING) & (number == MISSING), MISSING, code).astype(np.int32)
    postcode, city = records.addresses.postcode[:, 0], records.addresses.city[:, 0]
    place = np.where((postcode == MISSING) & (city != MISSING), city + len(records.addresses.postcodes), postcode)
    anyone = Contexts(code, code)
    return {"any": anyone, "first_name": anyone, "last_name": anyone, "company": Contexts(place, place)}


def _prefix(texts: pl.Series, length: int) -> Codes:
    """Code each text by its first letters."""
    ranks = texts.str.slice(0, length).rank("dense").cast(pl.Int32)
    return ranks.to_numpy() if len(texts) else np.zeros(1, np.int32)


def rarity_of(codes: Codes, values: int, contexts: Contexts) -> Rarity:
    """Count who holds each value of a field.

    Args: codes (records,) or (records, slots); values is how many distinct ones there are.
    """
    record, held = _holdings(codes)
    holders = np.bincount(held, minlength=values)
    people, strangers = _people(held, contexts.coarse[record], values)
    many = people > NARROW_ENOUGH
    closer = many[held]
    finer, finer_strangers = _people(held[closer], contexts.fine[record[closer]], values)
    people = np.where(many, np.maximum(people, finer), people)
    strangers = np.where(many, finer_strangers, strangers)
    bins = _bins(people)
    present = max(1, _count_distinct(record))
    chance = np.bincount(bins, weights=strangers, minlength=BINS) / present**2
    # Values nobody else holds here still may be shared by chance: a tenth of a pair each.
    chance += 0.1 * np.bincount(bins, minlength=BINS) / max(1, people.sum()) ** 2
    share = np.bincount(bins, weights=holders, minlength=BINS) / max(1, len(held))
    return Rarity(people.astype(np.int32), bins, share, chance, _nearest(share))


def _bins(people: NDArray[np.integer]) -> NDArray[np.uint8]:
    return np.searchsorted(CEILINGS, people).astype(np.uint8)


def _nearest(weight: NDArray[np.number]) -> NDArray[np.int8]:
    """Return for each bin the commonest one no commoner that has any weight; the rarest with weight where none is."""
    held = weight > 0
    nearest = np.maximum.accumulate(np.where(held, np.arange(BINS), -1))
    return np.where(nearest < 0, held.argmax(), nearest).astype(np.int8)


def _count_distinct(ascending: NDArray[np.intp]) -> int:
    return int(np.count_nonzero(np.diff(ascending)) + 1) if len(ascending) else 0


def _holdings(codes: Codes) -> tuple[NDArray[np.intp], Codes]:
    """List (record, value) for every value held."""
    matrix = codes if codes.ndim == 2 else codes[:, None]
    record, slot = np.nonzero(matrix != MISSING)
    return record, matrix[record, slot]


def _people(held: Codes, context: Codes, values: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Count distinct contexts a value, and ordered pairs of its holders whose contexts differ.

    Holders without context count only where nobody has one, and then as one person.
    """
    known = context != MISSING
    size = np.uint64(int(context.max(initial=0)) + 1)
    key = held[known].astype(np.uint64) * size + context[known].astype(np.uint64)
    distinct, times = np.unique(key, return_counts=True)
    value = (distinct // size).astype(np.int64)
    people = np.maximum(1, np.bincount(value, minlength=values))
    total = np.bincount(value, weights=times, minlength=values)
    same = np.bincount(value, weights=times.astype(np.float64) ** 2, minlength=values)
    return people.astype(np.int64), (total**2 - same).astype(np.float64)
