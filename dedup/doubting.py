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
    return np.where(_half_named(fields, levels) | _siblings(fields, levels), np.minimum(odds, EVEN), odds)


def _half_named(fields: Fields, levels: Levels) -> Flags:
    """Say where the names that can be compared differ and the others cannot: Ann and Tom, or Ann and Wood, of one firm.

    Not where they agree in their birthday, or in a custom attribute that hardly anybody shares: an identifier.
    """
    first, last = levels["first_name"], levels["last_name"]
    differ = at_level(fields, levels, "first_name", "differ") & (last == 0)
    differ |= at_level(fields, levels, "last_name", "differ") & (first == 0)
    differ |= at_level(fields, levels, "alignment", "in place") & (first == 0) & (last == 0)
    for field, values in levels.items():
        if field.startswith(CUSTOM_PREFIX):
            differ &= ~agreed(values) | (values > RARE)
    return np.asarray(differ & ~at_level(fields, levels, "birthday", *BORN_ALIKE))


def _siblings(fields: Fields, levels: Levels) -> Flags:
    """Say where two of one home, born on days that are not each other's slip, have other first names.

    Not where they share a mailbox, nor where both have a custom attribute, which may be an identifier.
    """
    found = at_level(fields, levels, "first_name", *NOT_THE_SAME) & at_level(fields, levels, "birthday", *BORN_APART)
    home = np.zeros(len(found), bool)
    for field in ("phone", "street"):
        home |= agreed(levels[field]) if field in levels else False
    for field, values in levels.items():
        if field.startswith(CUSTOM_PREFIX):
            found &= values == 0
        elif field == "email":
            found &= ~agreed(values)
    return found & home
