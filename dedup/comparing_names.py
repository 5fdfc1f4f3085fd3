"""Compare personal names: first, middle and last, also when a source swapped them or has only one."""

import numpy as np
from numpy.typing import NDArray

from dedup.agreeing import Bins, Levels, Scores, agreement, closeness, distinct_pairs, leveled
from dedup.coding import MISSING, Codes, Flags
from dedup.comparer import Comparer
from dedup.names import are_aliases

__all__ = ["compare_middle_names", "compare_names"]

STRAIGHT, SWAPPED, IN_PLACE, MOVED = 1, 2, 3, 4


def compare_names(comparer: Comparer, left: Codes, right: Codes) -> Levels:
    """Compare first and last names, straight or crossed, whichever fits.

    Two names are swapped when that agrees clearly better; a lone name has moved when it is the other side's other name.
    """
    names = comparer.records.names
    text = names.vocabulary
    first, last, other_first, other_last = names.first[left], names.last[left], names.first[right], names.last[right]
    f, m, g, n = (codes != MISSING for codes in (first, last, other_first, other_last))
    by_first, by_last = closeness(text, first, other_first, f & g), closeness(text, last, other_last, m & n)
    full = f & m & g & n
    single = ((f ^ m) & (g | n)) | ((g ^ n) & (f | m))
    straight = by_first + by_last
    doubtful = (full & (straight < 1.7)) | (single & (straight < 1))
    first_to_last = closeness(text, first, other_last, doubtful & f & n)
    last_to_first = closeness(text, last, other_first, doubtful & m & g)
    swapped = full & doubtful & (np.minimum(first_to_last, last_to_first) > 0.6)
    swapped &= first_to_last + last_to_first > straight + 0.3
    forth = single & (first_to_last > np.maximum(0.85, straight))
    back = single & (last_to_first > np.maximum(0.85, straight)) & ~forth
    alignment = np.select([swapped, forth | back, full, single], [SWAPPED, MOVED, STRAIGHT, IN_PLACE], 0)
    moved, crossed = forth | back, swapped | forth | back
    return {
        "first_name": _compare_first(
            comparer,
            first,
            np.where(swapped, other_last, np.where(moved, MISSING, other_first)),
            np.where(swapped, first_to_last, by_first),
            crossed,
            _nicknames_match(comparer, left, right),
        ),
        "last_name": _compare_last(
            comparer,
            np.where(forth, first, last),
            np.where(swapped | back, other_first, other_last),
            np.select([swapped | back, forth], [last_to_first, first_to_last], by_last),
            crossed,
        ),
        "alignment": alignment.astype(np.uint8),
    }


def _compare_first(
    comparer: Comparer, one: Codes, other: Codes, score: Scores, crossed: Flags, nicknames: Flags
) -> NDArray[np.uint8]:
    present = (one != MISSING) & (other != MISSING)
    bins = _name_bins(comparer, "first_name", "last_name", one, other, crossed)
    open_ = present & (bins < 0)
    alias = open_ & (nicknames | _aliases(comparer, one, other, open_))
    close = score >= 0.9
    typo = close & _is_typo(comparer, "first_name", one, other)
    return leveled(present, bins, [alias, _initials(comparer, one, other), typo, close, score >= 0.75])


def _compare_last(comparer: Comparer, one: Codes, other: Codes, score: Scores, crossed: Flags) -> NDArray[np.uint8]:
    present = (one != MISSING) & (other != MISSING)
    bins = _name_bins(comparer, "last_name", "first_name", one, other, crossed)
    close = score >= 0.9
    return leveled(present, bins, [close & _is_typo(comparer, "last_name", one, other), close, score >= 0.75])


def compare_middle_names(comparer: Comparer, left: Codes, right: Codes) -> NDArray[np.uint8]:
    """Compare middle names, of which one is often an initial."""
    names = comparer.records.names
    one, other = names.middle[left], names.middle[right]
    present = (one != MISSING) & (other != MISSING)
    score = closeness(names.vocabulary, one, other, present)
    bins = agreement(one, other, comparer.rarities["middle_name"])
    return leveled(present, bins, [_initials(comparer, one, other), score >= 0.85])


def _name_bins(comparer: Comparer, field: str, across: str, one: Codes, other: Codes, crossed: Flags) -> Bins:
    """Return the bin of an equal name; where names are crossed, the commoner of its two rarities, as far as known."""
    rarity = comparer.rarities[field]
    bins = agreement(one, other, rarity)
    commoner = np.maximum(bins, agreement(one, other, comparer.rarities[across]))
    return np.where(crossed & (bins >= 0), rarity.nearest[commoner], bins)


def _is_typo(comparer: Comparer, field: str, one: Codes, other: Codes) -> Flags:
    """Say where one name is so rare beside the other that it is likely a misspelling, not a name of its own."""
    people, known = comparer.rarities[field].people, comparer.has_alias
    a, b = people[one], people[other]
    two_names = known[one] & known[other] if field == "first_name" else np.zeros(len(one), bool)
    return np.asarray((np.minimum(a, b) <= np.maximum(2, 0.02 * np.maximum(a, b))) & ~two_names)


def _nicknames_match(comparer: Comparer, left: Codes, right: Codes) -> Flags:
    """Say where one side's nickname, or the middle name somebody goes by, is the other's first name."""
    names = comparer.records.names
    found = np.zeros(len(left), bool)
    for called in (names.nickname, names.middle):
        one, other = called[left], called[right]
        found |= (one == names.first[right]) & (one != MISSING)
        found |= (other == names.first[left]) & (other != MISSING)
    return found


def _aliases(comparer: Comparer, one: Codes, other: Codes, where: Flags) -> Flags:
    """Say where one name may be short for the other; asked once for each distinct pair."""
    vocabulary = comparer.records.names.vocabulary
    found = np.zeros(len(one), bool)
    rows = np.flatnonzero(where & comparer.has_alias[one] & comparer.has_alias[other])
    low, high, inverse = distinct_pairs(one[rows], other[rows])
    ones, others = (vocabulary.gather(side).to_list() for side in (low, high))
    found[rows] = np.fromiter(map(are_aliases, ones, others), bool, len(ones))[inverse]
    return found


def _initials(comparer: Comparer, one: Codes, other: Codes) -> Flags:
    """Say where one name is just the initial of the other."""
    letter, short = comparer.initials, comparer.is_initial
    return np.asarray((letter[one] == letter[other]) & (short[one] | short[other]))
