"""Compare the two records of each pair, field by field, into levels of agreement.

Levels are small numbers: 0 means missing on a side; then the levels of the rules' table in order, where a binned level
takes BINS numbers, one for each rarity of the shared value.
"""

from collections.abc import Callable
from functools import partial

import numpy as np

from dedup.agreeing import Levels, agreed
from dedup.blocking import Pairs
from dedup.coding import Codes
from dedup.comparer import Comparer, at_level
from dedup.comparing_contacts import compare_companies, compare_custom, compare_emails, compare_jobs, compare_phones
from dedup.comparing_names import compare_middle_names, compare_names
from dedup.comparing_places import compare_addresses, compare_birthdays
from dedup.parallel import in_parallel
from dedup.records import CUSTOM_PREFIX

__all__ = ["compare"]

SHARED_BY_TWO = frozenset(("email", "phone", "street"))
# A custom value agreed on at this level or below is held by four people at the most.
RARE = 3
MOST = np.uint8(255)
COMPARERS = {
    "middle_name": compare_middle_names,
    "email": compare_emails,
    "phone": compare_phones,
    "company": compare_companies,
    "job_title": compare_jobs,
    "birthday": compare_birthdays,
}


def compare(comparer: Comparer, pairs: Pairs) -> Levels:
    """Return the level of every field for every pair.

    Returns: one uint8 array of len(pairs) a field; symmetric in left and right.
    """
    left, right = pairs[:, 0].copy(), pairs[:, 1].copy()
    fields = comparer.fields
    jobs: dict[str, Callable[[], Levels]] = {}
    if "first_name" in fields or "last_name" in fields:
        jobs["names"] = partial(compare_names, comparer, left, right)
    if "street" in fields or "place" in fields:
        jobs["addresses"] = partial(compare_addresses, comparer, left, right)
    jobs |= {field: partial(_compare_field, comparer, field, left, right) for field in fields if field in COMPARERS}
    jobs |= {
        field: partial(_compare_custom, comparer, field, left, right)
        for field in fields
        if field.startswith(CUSTOM_PREFIX)
    }
    levels: Levels = {}
    for found in in_parallel(jobs).values():
        levels |= found
    _held_by_two(comparer, levels)
    _counted_once(levels)
    return {field: levels[field] for field in fields}


def _held_by_two(comparer: Comparer, levels: Levels) -> None:
    """Count a value as two people's, in place, where two of different first names share it.

    Holders are told apart by their initials, which a family or colleagues may have in common.
    """
    if "first_name" not in levels or "last_name" not in levels:
        return
    two = at_level(comparer.fields, levels, "first_name", "close", "differ") & (levels["last_name"] > 0)
    for field in SHARED_BY_TWO.intersection(levels):
        levels[field][two & (levels[field] == 1)] = 2


def _counted_once(levels: Levels) -> None:
    """Leave of the custom values a pair shares with several others only the rarest, in place.

    Such attributes tell one another: a campaign has its day, its region and its owner.
    """
    fields = [field for field in levels if field.startswith(CUSTOM_PREFIX)]
    if len(fields) < 2:
        return
    found = np.stack([levels[field] for field in fields])
    common = agreed(found) & (found > RARE)
    rarest = np.where(common, found, MOST).argmin(axis=0)
    for number, field in enumerate(fields):
        levels[field][common[number] & (rarest != number)] = 0


def _compare_field(comparer: Comparer, field: str, left: Codes, right: Codes) -> Levels:
    return {field: COMPARERS[field](comparer, left, right)}


def _compare_custom(comparer: Comparer, field: str, left: Codes, right: Codes) -> Levels:
    return {field: compare_custom(comparer, field, left, right)}
