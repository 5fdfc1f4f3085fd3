"""Choose the pairs worth looking at: records that share a key, the smallest blocks first, within a budget.

A pass takes one key. Keys are hashed to whatever bits the record number leaves of 64, so that one sort of one array
finds a pass's blocks.
"""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from dedup.coding import Codes
from dedup.keys import HALF, KeyParts, Keys, entries, key_parts
from dedup.records import CUSTOM_PREFIX, Records
from dedup.rules import Blocking

__all__ = ["Blocked", "Pairs", "block", "pairs_within", "sharing_email", "unpacked"]

Pairs: TypeAlias = NDArray[np.int32]


@dataclass(frozen=True)
class Blocked:
    """Candidate pairs, and what a later run needs to find those of a new record.

    `pairs`: (pairs, 2), each once, left < right, sorted. `reach`: by pass the size of the largest blocks it took, empty
    when every pair was looked at. `keys`: the upper half of a key << 32 | record, for every block a pass would still
    take with one record more.
    """

    pairs: Pairs
    reach: dict[str, int]
    keys: Keys


def block(records: Records, rules: Blocking) -> Blocked:
    """Return candidate pairs.

    The budget is spent on new pairs: a telling key may use a third of what is left of it, a common one four times its
    even share.
    """
    if records.count * (records.count - 1) // 2 <= rules.least_pairs:
        return Blocked(_all_pairs(records), {}, np.empty(0, np.uint64))
    left = max(rules.pairs_per_record * records.count, float(rules.least_pairs))
    parts = key_parts(records)
    telling, common = (_passes(keys, records) for keys in (rules.telling_keys, rules.common_keys))
    shares = [1 / 3] * len(telling) + [4 / (len(common) - number) for number in range(len(common))]
    found = np.empty(0, np.uint64)
    reach, keys = {}, []
    for key, share in zip(telling + common, shares, strict=True):
        blocks = _blocks(records, parts, key)
        allowed = int(min(1, share) * left)
        reach[key] = blocks.reach(allowed, rules.largest_block)
        keys.append(blocks.keys_below(reach[key]))
        pairs = _sorted_once(pairs_within(*blocks.grouped, allowed=allowed, largest=rules.largest_block))
        new = _not_in(found, pairs)
        found = np.sort(np.concatenate([found, new]))
        left = max(0.0, left - len(new))
    return Blocked(unpacked(found), reach, np.concatenate(keys))


def sharing_email(records: Records, rules: Blocking) -> Blocked:
    """Return the pairs of records that share an e-mail address not too many hold."""
    blocks = _blocks(records, key_parts(records), "email")
    pairs = _sorted_once(pairs_within(*blocks.grouped, largest=rules.largest_block))
    return Blocked(unpacked(pairs), {"email": rules.largest_block}, blocks.keys_below(rules.largest_block))


def _sorted_once(numbers: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Sort numbers and drop doubles, in place: half the time of np.unique."""
    numbers.sort()
    return np.asarray(numbers[np.append(True, numbers[1:] != numbers[:-1])]) if len(numbers) else numbers


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


def _passes(keys: tuple[str, ...], records: Records) -> list[str]:
    """List the passes: "custom" becomes one for each custom attribute with many distinct values."""
    telling = [name for name, (_, values) in records.custom.items() if len(values) > records.count / 20]
    custom = [f"{CUSTOM_PREFIX}{name}" for name in telling]
    return [name for key in keys for name in (custom if key == "custom" else [key])]


@dataclass(frozen=True)
class _Blocks:
    """The blocks of one pass: sorted key << bits | record, where each block starts, and its size."""

    entries: Keys
    bits: np.uint64
    starts: NDArray[np.intp]
    sizes: NDArray[np.intp]

    @property
    def grouped(self) -> tuple[Codes, NDArray[np.intp], NDArray[np.intp]]:
        """The records in order of their blocks, with starts and sizes."""
        return self._records().astype(np.int32), self.starts, self.sizes

    def reach(self, allowed: int, largest: int) -> int:
        """Return the size up to which most blocks are taken when `allowed` pairs are, smallest blocks first."""
        size = np.arange(largest + 1)
        pairs = np.bincount(np.minimum(self.sizes, largest + 1), minlength=largest + 2)[:-1] * (size * (size - 1) // 2)
        return int(np.count_nonzero(np.cumsum(pairs) - pairs / 2 <= allowed)) - 1

    def keys_below(self, size: int) -> Keys:
        """Return upper half of the key << 32 | record for the blocks smaller than `size`."""
        small = np.repeat(self.sizes < size, self.sizes)
        return np.asarray((self.entries[small] >> HALF << HALF) | self._records()[small])

    def _records(self) -> Keys:
        return np.asarray(self.entries & ((np.uint64(1) << self.bits) - np.uint64(1)))


def _blocks(records: Records, parts: KeyParts, key: str) -> _Blocks:
    """Sort the records by their keys."""
    bits = np.uint64(max(1, (records.count - 1).bit_length()))
    keyed = _sorted_once(np.concatenate(list(entries(records, parts, key, bits=bits))))
    hashed = keyed >> bits
    starts = np.flatnonzero(np.append(True, hashed[1:] != hashed[:-1])) if len(hashed) else np.empty(0, np.intp)
    return _Blocks(keyed, bits, starts, np.diff(np.append(starts, len(hashed))))


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


def _packed(left: Codes, right: Codes) -> NDArray[np.uint64]:
    low, high = np.minimum(left, right).astype(np.uint64), np.maximum(left, right).astype(np.uint64)
    return (low << np.uint64(32)) | high


def unpacked(packed: NDArray[np.uint64]) -> Pairs:
    """Return packed pairs as (pairs, 2)."""
    pairs = np.empty((len(packed), 2), np.int32)
    pairs[:, 0], pairs[:, 1] = packed >> np.uint64(32), packed & np.uint64(0xFFFFFFFF)
    return pairs
