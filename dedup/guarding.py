"""Pairs that are not one person whatever else agrees: parent and child, twins, a company and its employee, two cards
that could be anybody's, and what a person said.

Guards are exceptions to the weighing, so they are few and each can be stated in a sentence.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from dedup.blocking import Pairs
from dedup.coding import MISSING, Codes, Flags
from dedup.comparer import Comparer
from dedup.mailboxes import ROLES
from dedup.names import are_aliases
from dedup.records import CUSTOM_PREFIX, Records

__all__ = ["ALWAYS", "NEVER", "Said", "guarded", "judged", "overruled"]

# Log-odds no evidence can outweigh, even averaged over the largest cluster.
NEVER = -1e9
ALWAYS = 1e5

# Pairs below these log-odds do not match anyway.
LIKELY = -5.0

JUNIOR, SECOND = 1, 3
# Cards one person has, on average, at the most.
MOST_CARDS = 3
# Years between parent and child, at the least.
GENERATION = 15


def guarded(comparer: Comparer, pairs: Pairs, odds: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the odds with NEVER where a guard forbids the pair."""
    left, right = pairs[:, 0], pairs[:, 1]
    records = comparer.records
    forbidden = _conflicting_generations(records, left, right) | _company_and_person(records, left, right)
    nobody = _tells_nobody(comparer)
    forbidden |= nobody[left] & nobody[right]
    forbidden[_spelt_apart(records, left, right, odds)] = True
    forbidden[_parent_and_child(comparer, left, right, odds)] = True
    return np.where(forbidden, NEVER, odds)


def _conflicting_generations(records: Records, left: NDArray[np.int32], right: NDArray[np.int32]) -> Flags:
    """Say where both names carry a suffix and they differ: Jr. is not Sr. (but may call himself II)."""
    generation = np.where(records.names.generation == SECOND, JUNIOR, records.names.generation)
    one, two = generation[left], generation[right]
    return np.asarray((one != two) & (one > 0) & (two > 0))


def _tells_nobody(comparer: Comparer) -> Flags:
    """Say which records could be anybody's: Anna of London, A. B., a manager, one born on a day. Two are not joined."""
    records, names = comparer.records, comparer.records.names
    # MISSING, the last place, is none.
    last = np.where(np.append(comparer.is_initial, False)[names.last], MISSING, names.last)
    lists = (records.email, records.phone, records.addresses.street)
    identifiers = (codes for codes, values in records.custom.values() if _identifies(codes, values))
    telling = (last, records.company, *identifiers)
    tells = np.logical_or.reduce([codes != MISSING for codes in telling] + [(c != MISSING).any(axis=1) for c in lists])
    return np.asarray(~tells & ((names.first == MISSING) | (records.birthday == MISSING)))


def _identifies(codes: Codes, values: pl.Series) -> bool:
    """Say whether a custom attribute has about as many values as holders: a number of theirs, no status or campaign."""
    return bool(len(values) * MOST_CARDS >= np.count_nonzero(codes != MISSING))


def _company_and_person(records: Records, left: NDArray[np.int32], right: NDArray[np.int32]) -> Flags:
    """Say where one side is a company without a person, or nobody's own mailbox (info@), and the other a person.

    A nameless record with a personal mailbox has got its name from there already.
    """
    has_name = (records.names.first != MISSING) | (records.names.last != MISSING)
    is_role = np.append(records.emails.str.extract("^([^@]*)@").is_in(list(ROLES)).fill_null(False).to_numpy(), True)
    is_company = ~has_name & (
        (records.company != MISSING) | ((records.email[:, 0] != MISSING) & is_role[records.email].all(axis=1))
    )
    return np.asarray((is_company[left] & has_name[right]) | (has_name[left] & is_company[right]))


def _spelt_apart(
    records: Records, left: NDArray[np.int32], right: NDArray[np.int32], odds: NDArray[np.float64]
) -> NDArray[np.intp]:
    """Find pairs of one last name where each spells its own first name in its own mail address, and not the other's.

    Cosette with cosette.beaumont@ and Colette with colette.beaumont@ are twins: nobody mistypes a name the same way
    twice. Only pairs that may match are looked at. Returns their places.
    """
    names = records.names
    first, other, last = names.first[left], names.first[right], names.last
    apart = (first != other) & (first != MISSING) & (other != MISSING) & (last[left] == last[right])
    rows = np.flatnonzero(apart & (last[left] != MISSING) & (odds > LIKELY))
    left, right, first, other = left[rows], right[rows], first[rows], other[rows]
    spelt = _spells(records, left, first) & _spells(records, right, other)
    spelt &= ~_spells(records, left, other) & ~_spells(records, right, first)
    rows, first, other = rows[spelt], first[spelt], other[spelt]
    texts = names.vocabulary.gather(first).to_list(), names.vocabulary.gather(other).to_list()
    return np.asarray(rows[~np.fromiter(map(are_aliases, *texts), bool, len(rows))])


def _parent_and_child(
    comparer: Comparer, left: NDArray[np.int32], right: NDArray[np.int32], odds: NDArray[np.float64]
) -> NDArray[np.intp]:
    """Find pairs of one full name born 15 years apart or more on different days: father and son, or namesakes.

    Not where both have a custom attribute that identifies people, nor where a birthday is the first of January, which
    stands for a year. Only pairs that may match are looked at. Returns their places.
    """
    records = comparer.records
    names, born = records.names, records.birthday
    one_name = (names.first[left] == names.first[right]) & (names.last[left] == names.last[right])
    known = (names.first[left] != MISSING) & (names.last[left] != MISSING)
    rows = np.flatnonzero(one_name & known & (born[left] != MISSING) & (born[right] != MISSING) & (odds > LIKELY))
    left, right = left[rows], right[rows]
    one, other = (pl.Series(records.dates[born[side]]).cast(pl.Date).dt for side in (left, right))
    apart = (one.month() != other.month()) & (one.day() != other.day())
    apart &= (one.ordinal_day() > 1) & (other.ordinal_day() > 1)
    years = np.abs(records.dates[born[left]] - records.dates[born[right]]) / 365.25
    found = apart.to_numpy() & (years >= GENERATION)
    for name, (codes, _) in records.custom.items():
        if comparer.identifies(f"{CUSTOM_PREFIX}{name}"):
            found &= (codes[left] == MISSING) | (codes[right] == MISSING)
    return np.asarray(rows[found])


def _spells(records: Records, record: NDArray[np.int32], name: NDArray[np.int32]) -> Flags:
    """Say whether a name is a word of one of the record's mail addresses, before the @."""
    word = records.names.vocabulary.gather(name).alias("word")
    known = pl.col("word").str.len_chars() > 2
    words = " " + pl.col("local").str.replace_all(r"[^\p{L}]+", " ") + " "
    is_spelt = known & words.str.contains(" " + pl.col("word") + " ", literal=True)
    found = np.zeros(len(record), bool)
    if records.emails.is_empty():
        return found
    for slot in records.email.T:
        email = slot[record]
        local = records.emails.gather(np.maximum(email, 0)).str.split("@").list.first().alias("local")
        same = pl.DataFrame([word, local]).select(is_spelt.fill_null(False)).to_series()
        found |= same.to_numpy() & (email != MISSING)
    return found


@dataclass(frozen=True)
class Said:
    """A person's word on pairs: sorted pairs and the log-odds the word stands for."""

    pairs: Pairs
    odds: NDArray[np.float64]


def judged(records: Records, judgements: pl.DataFrame) -> Said:
    """Return the judgements on pairs of records of one owner.

    Args: judgements [left, right: contact ids, judgement: 'same' | 'different'], in any order.
    """
    position = pl.DataFrame({"contact": records.ids, "at": np.arange(records.count, dtype=np.int32)})
    rows = (
        judgements.select(pl.col("left", "right").cast(pl.String), "judgement")
        .join(position.rename({"contact": "left", "at": "one"}), on="left")
        .join(position.rename({"contact": "right", "at": "other"}), on="right")
        .select(low=pl.min_horizontal("one", "other"), high=pl.max_horizontal("one", "other"), judgement="judgement")
        .filter(pl.col("low") != pl.col("high"))
        .sort("low", "high")
    )
    pairs = rows.select("low", "high").to_numpy().astype(np.int32).reshape(-1, 2)
    odds = np.where((rows["judgement"] == "same").to_numpy(), ALWAYS, NEVER)
    mine = records.owner[pairs[:, 0]] == records.owner[pairs[:, 1]]
    return Said(pairs[mine], odds[mine])


def overruled(pairs: Pairs, odds: NDArray[np.float64], said: Said) -> NDArray[np.float64]:
    """Replace the odds of judged pairs; pairs must be sorted."""
    if not len(pairs) or not len(said.pairs):
        return odds
    keys, said_keys = (p[:, 0].astype(np.int64) << 32 | p[:, 1] for p in (pairs, said.pairs))
    at = np.minimum(np.searchsorted(keys, said_keys), len(keys) - 1)
    here = keys[at] == said_keys
    odds = odds.copy()
    odds[at[here]] = said.odds[here]
    return odds
