"""Pairs that are not one person whatever else agrees: father and son, a company and its employee, and what a person
said.

Guards are exceptions to the weighing, so they are few and each can be stated in a sentence.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from dedup.blocking import Pairs
from dedup.coding import MISSING, Flags
from dedup.comparer import Comparer
from dedup.records import Records

__all__ = ["ALWAYS", "NEVER", "Said", "guarded", "judged", "overruled"]

# Log-odds no evidence can outweigh, even averaged over the largest cluster.
NEVER = -1e9
ALWAYS = 1e5

JUNIOR, SECOND = 1, 3


def guarded(comparer: Comparer, pairs: Pairs, odds: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the odds with NEVER where a guard forbids the pair."""
    left, right = pairs[:, 0], pairs[:, 1]
    records = comparer.records
    forbidden = _conflicting_generations(records, left, right) | _company_and_person(records, left, right)
    return np.where(forbidden, NEVER, odds)


def _conflicting_generations(records: Records, left: NDArray[np.int32], right: NDArray[np.int32]) -> Flags:
    """Say where both names carry a suffix and they differ: Jr. is not Sr. (but may call himself II)."""
    generation = np.where(records.names.generation == SECOND, JUNIOR, records.names.generation)
    one, two = generation[left], generation[right]
    return np.asarray((one != two) & (one > 0) & (two > 0))


def _company_and_person(records: Records, left: NDArray[np.int32], right: NDArray[np.int32]) -> Flags:
    """Say where one side is a company without a person and the other a person.

    A nameless record with a personal mailbox has got its name from there already.
    """
    has_name = (records.names.first != MISSING) | (records.names.last != MISSING)
    is_company = ~has_name & (records.company != MISSING)
    return np.asarray((is_company[left] & has_name[right]) | (has_name[left] & is_company[right]))


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
