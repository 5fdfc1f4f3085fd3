"""The tools comparing is made of: how close two texts are, whether two values agree, which level that makes.

Text is compared by rapidfuzz, once for each distinct pair of values.
"""

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
import polars as pl
from numpy.typing import NDArray
from rapidfuzz.distance import JaroWinkler
from rapidfuzz.process import cpdist

from dedup.coding import MISSING, Codes, Flags
from dedup.rarity import BINS, Rarity

__all__ = [
    "LONGEST",
    "Bins",
    "Levels",
    "Scores",
    "agreed",
    "agreement",
    "closeness",
    "distinct_pairs",
    "leveled",
    "shared",
    "similarity",
]

Levels: TypeAlias = dict[str, NDArray[np.uint8]]
Scores: TypeAlias = NDArray[np.float32]
Bins: TypeAlias = NDArray[np.int8]
Scorer: TypeAlias = Callable[..., Any]

# Characters compared of a text; longer ones are no names.
LONGEST = 250


def similarity(texts: pl.Series, left: Codes, right: Codes, scorer: Scorer, where: Flags) -> Scores:
    """Compare texts by code where asked, each distinct pair once; 0 elsewhere. Symmetric.

    Only how texts begin is compared: the time a pair takes grows with the square of their lengths.
    """
    scores = np.zeros(len(left), np.float32)
    rows = np.flatnonzero(where)
    if len(rows):
        low, high, inverse = distinct_pairs(left[rows], right[rows])
        ones, others = (texts.gather(side).str.slice(0, LONGEST).to_numpy() for side in (low, high))
        found = cpdist(ones, others, scorer=scorer, dtype=np.float32, workers=-1)
        scores[rows] = found[inverse]
    return scores


def distinct_pairs(left: Codes, right: Codes) -> tuple[Codes, Codes, NDArray[np.intp]]:
    """Return the distinct unordered pairs: (smaller code, larger code, position of each given pair among them)."""
    low, high = np.minimum(left, right), np.maximum(left, right)
    keys, inverse = np.unique(low.astype(np.int64) << 32 | high, return_inverse=True)
    return (keys >> 32).astype(np.int32), (keys & 0xFFFFFFFF).astype(np.int32), inverse


def closeness(texts: pl.Series, left: Codes, right: Codes, where: Flags) -> Scores:
    """Compare by Jaro-Winkler (Winkler 1990) where asked; equal ones without looking."""
    same = left == right
    scores = similarity(texts, left, right, JaroWinkler.similarity, where & ~same)
    scores[where & same] = 1
    return scores


def agreement(left: Codes, right: Codes, rarity: Rarity) -> Bins:
    """Return the rarity bin of the value both sides hold, −1 where they differ or one is missing."""
    bins = np.full(len(left), -1, np.int8)
    rows = np.flatnonzero((left == right) & (left != MISSING))
    bins[rows] = rarity.bins[left[rows]]
    return bins


def agreed(levels: NDArray[np.uint8]) -> Flags:
    """Say where a field's levels are those of one value that both sides hold, however rare."""
    return (levels > 0) & (levels <= BINS)


def shared(codes: Codes, left: Codes, right: Codes, rarity: Rarity) -> tuple[Bins, Flags]:
    """Compare slotted values: (bin of the rarest value both hold or −1, whether both hold any)."""
    best = np.full(len(left), BINS, np.int8)
    ones, others = codes[left], codes[right]
    for one in ones.T:
        for other in others.T:
            bins = agreement(one, other, rarity)
            np.minimum(best, np.where(bins < 0, np.int8(BINS), bins), out=best)
    both = (ones[:, 0] != MISSING) & (others[:, 0] != MISSING)
    best[best == BINS] = -1
    return best, both


def leveled(present: Flags, bins: Bins, rest: list[Flags], *, first: int = 1) -> NDArray[np.uint8]:
    """Number levels: the bin where values agree, else the first of `rest` that holds, else the one behind; 0 is
    missing.

    Args: bins as agreement returns them; first is the number of the field's first bin, BINS + 1 for its second binned
    level.
    """
    behind = first + BINS
    level = np.full(len(present), behind + len(rest), np.uint8)
    for number in reversed(range(len(rest))):
        level[rest[number]] = behind + number
    agrees = bins >= 0
    level[agrees] = first + bins[agrees].astype(np.uint8)
    level[~present] = 0
    return level
