"""Pairs that are not one person whatever else agrees: father and son, a company and its employee, and what a person said.

Guards are exceptions to the weighing, so they are few and each can be stated in a sentence.
"""

import numpy as np
from numpy.typing import NDArray

from dedup.blocking import Pairs
from dedup.coding import MISSING, Flags
from dedup.comparing import Comparer
from dedup.records import Records

__all__ = ["ALWAYS", "NEVER", "guarded"]

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
    return (one != two) & (one > 0) & (two > 0)


def _company_and_person(records: Records, left: NDArray[np.int32], right: NDArray[np.int32]) -> Flags:
    """Say where one side is a company without a person and the other a person.

    A nameless record with a personal mailbox has got its name from there already.
    """
    has_name = (records.names.first != MISSING) | (records.names.last != MISSING)
    is_company = ~has_name & (records.company != MISSING)
    return (is_company[left] & has_name[right]) | (has_name[left] & is_company[right])
