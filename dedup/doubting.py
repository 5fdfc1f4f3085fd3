"""Pairs that a third card may join, but that what they share does not make one person by itself.

People share a home, a switchboard or a mailbox as easily as two cards of one person do. Where names leave open which it
is, the odds are even at the most: a reviewer sees the pair, and nobody merges it unseen.
"""

import numpy as np
from numpy.typing import NDArray

from dedup.agreeing import Levels, agreed
from dedup.coding import Flags
from dedup.comparer import Fields, at_level
from dedup.records import CUSTOM_PREFIX

__all__ = ["doubted"]

EVEN = 0.0
# Two birthdays that no slip of the pen makes one.
BORN_APART = ("within a year", "within ten years", "differ")
BORN_ALIKE = ("exact", "one digit", "two parts")
# The bins of what one or two people hold.
RARE = 2
NOT_THE_SAME = ("nickname", "typo", "close", "near", "differ")


def doubted(fields: Fields, levels: Levels, odds: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the odds, even at the most where names leave open whether two records are one person."""
    if not {"first_name", "last_name"} <= levels.keys():
        return odds
    doubt = (_half_named(fields, levels) | _others(fields, levels)) & ~_identified(fields, levels)
    return np.where(doubt | _siblings(fields, levels), np.minimum(odds, EVEN), odds)


def _half_named(fields: Fields, levels: Levels) -> Flags:
    """Say where the names that can be compared differ and the others cannot: Ann and Tom, or Ann and Wood, of one firm.

    Not where their birthdays agree.
    """
    first, last = levels["first_name"], levels["last_name"]
    differ = at_level(fields, levels, "first_name", "differ") & (last == 0)
    differ |= at_level(fields, levels, "last_name", "differ") & (first == 0)
    differ |= at_level(fields, levels, "alignment", "in place") & (first == 0) & (last == 0)
    return np.asarray(differ & ~at_level(fields, levels, "birthday", *BORN_ALIKE))


def _others(fields: Fields, levels: Levels) -> Flags:
    """Say where two of one home or firm have first names that differ: spouses, colleagues, twins of one birthday."""
    alike = at_level(fields, levels, "birthday", *BORN_ALIKE)
    twins = alike & agreed(levels["last_name"]) & _share(levels, "phone", "email")
    other = _share(levels, "phone", "email", "street") & ~alike
    return np.asarray(at_level(fields, levels, "first_name", "differ") & (other | twins))


def _siblings(fields: Fields, levels: Levels) -> Flags:
    """Say where two of one home, born on days that are not each other's slip, have other first names.

    Not where they share a mailbox, nor where both have a custom attribute, which may be an identifier.
    """
    apart = at_level(fields, levels, "first_name", *NOT_THE_SAME) & at_level(fields, levels, "birthday", *BORN_APART)
    for field, values in levels.items():
        if field.startswith(CUSTOM_PREFIX):
            apart &= values == 0
    return np.asarray(apart & _share(levels, "phone", "street") & ~_share(levels, "email"))


def _identified(fields: Fields, levels: Levels) -> Flags:
    """Say where a custom attribute agrees that hardly anybody shares, but for a typing error: an identifier."""
    found = np.zeros(len(levels["first_name"]), bool)
    for field, values in levels.items():
        if field.startswith(CUSTOM_PREFIX):
            found |= (agreed(values) & (values <= RARE)) | at_level(fields, levels, field, "typo")
    return found


def _share(levels: Levels, *fields: str) -> Flags:
    """Say where one of the fields agrees."""
    none = np.zeros(len(levels["first_name"]), bool)
    return np.asarray(np.logical_or.reduce([none, *(agreed(levels[field]) for field in fields if field in levels)]))
