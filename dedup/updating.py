"""Find the duplicates of the contacts that changed, with what an earlier run over all of them learned and kept.

    changed contacts ─ keys ─▶ contacts sharing one ─ with their clusters ─▶ compare, weigh, cluster as ever

Only pairs with a changed contact are compared, and the pairs inside the clusters they touch: the work grows with what
changed, not with what there is.
"""

from dataclasses import replace

import numpy as np
import polars as pl

from dedup.blocking import Pairs
from dedup.coding import Flags
from dedup.comparer import Comparer, comparer_of
from dedup.comparing import compare
from dedup.finding import group, odds_of
from dedup.guarding import judged
from dedup.keys import HALF, entries, key_parts
from dedup.rarity import Known
from dedup.records import CUSTOM_PREFIX, Records, code_records, in_order
from dedup.results import Found, Grouped, Weighed, found_in, found_nothing
from dedup.rules import Rules
from dedup.weighing import Weights

__all__ = ["find_changes", "keys_of", "pairs_sharing_keys"]


def keys_of(evidence: pl.DataFrame, *, known: Known, reach: dict[str, int]) -> pl.DataFrame:
    """Return the keys of some contacts, in the passes of the run before.

    Args: reach as the run before kept it.
    Returns: [contact: str, key: u32, reach: i32].
    """
    records = _records(evidence, known)
    parts = key_parts(records)
    frames = [pl.DataFrame(schema={"record": pl.UInt32, "key": pl.UInt32, "reach": pl.Int32})]
    for name, size in reach.items():
        if name.startswith(CUSTOM_PREFIX) and name not in parts.makers:
            continue
        found = np.unique(np.concatenate(list(entries(records, parts, name, bits=HALF))))
        rows = {"record": found.astype(np.uint32), "key": (found >> HALF).astype(np.uint32)}
        frames.append(pl.DataFrame(rows).with_columns(reach=pl.lit(size, dtype=pl.Int32)))
    every = pl.concat(frames)
    return every.select(records.ids.gather(every["record"]).alias("contact"), "key", "reach")


def pairs_sharing_keys(mine: pl.DataFrame, others: pl.DataFrame) -> pl.DataFrame:
    """Pair changed contacts with those that share a key, unless more do than the run before looked at.

    Args: mine as keys_of returns it; others [contact: str, key: u32], contacts that did not change.
    Returns: [left, right: contact ids], each pair once.
    """
    known = others.join(mine.group_by("key").agg(pl.max("reach")), on="key").select("contact", "key", "reach")
    blocks = pl.concat([mine, known]).filter(pl.len().over("key") <= pl.col("reach"))
    pairs = mine.select("contact", "key").join(blocks.select("contact", "key"), on="key")
    low, high = pl.min_horizontal("contact", "contact_right"), pl.max_horizontal("contact", "contact_right")
    return pairs.select(left=low, right=high).filter(pl.col("left") != pl.col("right")).unique()


def find_changes(
    evidence: pl.DataFrame,
    *,
    pairs: pl.DataFrame,
    changed: pl.Series,
    affected: pl.Series,
    rules: Rules,
    weights: Weights,
    known: Known,
    judgements: pl.DataFrame,
) -> tuple[Found, pl.Series]:
    """Find the duplicates of changed contacts and cluster anew whatever they touch.

    Args: evidence of the changed contacts, of all they are paired with, and of everybody in a component with any of
    them; pairs [left, right: contact ids] to weigh: those of changed contacts, and the likely ones known among the
    others; changed and affected: contact ids, affected being those in a component that had or has a changed contact.
    Returns: what find_duplicates does, of changed and affected contacts only, and the ids of these: affected ones are
    now also those in a component with a changed one since this run.
    """
    records = _records(evidence, known)
    comparer = comparer_of(records, rules, known)
    fields = {field: levels for field, levels in comparer.fields.items() if field in weights.shares}
    comparer = replace(comparer, fields=fields)
    if not fields:
        return found_nothing(records.count), affected
    looked_at = _positions(records, pairs)
    levels = compare(comparer, looked_at)
    weighed = Weighed(looked_at, levels, odds_of(comparer, weights, looked_at, levels, rules))
    grouped = group(comparer, weights, weighed, judged(records, judgements), rules)
    concerned, is_affected = _concerned(comparer, grouped, changed, affected)
    found = found_in(comparer, weights, concerned, kept=None, rules=rules)
    return found, records.ids.filter(pl.Series(is_affected))


def _records(evidence: pl.DataFrame, known: Known) -> Records:
    return code_records(in_order(evidence), firsts=known.names("first_name"), lasts=known.names("last_name"))


def _positions(records: Records, pairs: pl.DataFrame) -> Pairs:
    """Turn pairs of contact ids into sorted pairs of records, of one owner each."""
    at = pl.DataFrame({"contact": records.ids, "at": np.arange(records.count, dtype=np.int32)})
    rows = (
        pairs.join(at.rename({"contact": "left", "at": "one"}), on="left")
        .join(at.rename({"contact": "right", "at": "other"}), on="right")
        .select("one", "other")
        .unique()
        .sort("one", "other")
    )
    found = rows.to_numpy().astype(np.int32).reshape(-1, 2)
    return np.asarray(found[records.owner[found[:, 0]] == records.owner[found[:, 1]]])


def _concerned(comparer: Comparer, grouped: Grouped, changed: pl.Series, affected: pl.Series) -> tuple[Grouped, Flags]:
    """Keep what concerns changed contacts and components that had or have one, and say which those are."""
    ids, component, label = comparer.records.ids, grouped.component, grouped.label
    is_changed = ids.is_in(changed.implode()).to_numpy()
    touched = component[is_changed | ids.is_in(affected.implode()).to_numpy()]
    is_affected = np.isin(component, touched)

    def kept(weighed: Weighed) -> Weighed:
        left, right = weighed.pairs.T
        return weighed.where(is_changed[left] | is_changed[right] | (is_affected[left] & is_affected[right]))

    alone = np.where(is_affected, label, np.arange(len(label), dtype=label.dtype))
    return Grouped(kept(grouped.looked_at), kept(grouped.inner), component, alone), is_affected
