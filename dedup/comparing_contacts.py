"""Compare how a person is reached and where they work: e-mail, phone, company, job title, and custom attributes."""

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from dedup.agreeing import LONGEST, agreement, closeness, leveled, shared, similarity
from dedup.coding import MISSING, Codes, Flags, looked_up
from dedup.comparer import Comparer
from dedup.mailboxes import is_made_of_names

__all__ = ["compare_companies", "compare_custom", "compare_emails", "compare_jobs", "compare_phones"]


def compare_emails(comparer: Comparer, left: Codes, right: Codes) -> NDArray[np.uint8]:
    """Compare e-mail addresses: any of one side with any of the other."""
    records, mailboxes = comparer.records, comparer.mailboxes
    bins, both = shared(records.email, left, right, comparer.rarities["email"])
    local = looked_up(mailboxes.local, records.email)
    same, typo, near = np.zeros((3, len(left)), bool)
    open_ = np.flatnonzero(both & (bins < 0))
    left, right = left[open_], right[open_]
    for i in range(local.shape[1]):
        for j in range(local.shape[1]):
            here = np.flatnonzero((local[left, i] != MISSING) & (local[right, j] != MISSING))
            one, other = local[left[here], i], local[right[here], j]
            equal = one == other
            same[open_[here]] |= equal & _tells(comparer, one, equal)
            score = similarity(mailboxes.texts, one, other, OSA.normalized_similarity, ~equal)
            emails = records.email[left[here], i], records.email[right[here], j]
            whole = similarity(records.emails, *emails, OSA.normalized_similarity, score >= 0.6) >= 0.8
            typo[open_[here]] |= whole & (score >= 0.8)
            near[open_[here]] |= whole
    return leveled(both, bins, [same, typo, near])


def _tells(comparer: Comparer, local: Codes, where: Flags) -> Flags:
    """Say where a local part tells a person: held by few, and more than a name any namesake may have elsewhere."""
    mailboxes = comparer.mailboxes
    codes = np.unique(local[where & mailboxes.telling[local]])
    telling = [not is_made_of_names(text, comparer.words) for text in mailboxes.texts.gather(codes).to_list()]
    return np.isin(local, codes[np.array(telling, bool)])


def compare_phones(comparer: Comparer, left: Codes, right: Codes) -> NDArray[np.uint8]:
    """Compare phone numbers: any of one side with any of the other."""
    bins, both = shared(comparer.records.phone, left, right, comparer.rarities["phone"])
    return leveled(both, bins, [])


def compare_companies(comparer: Comparer, left: Codes, right: Codes) -> NDArray[np.uint8]:
    """Compare company names by spelling and by words."""
    records = comparer.records
    one, other = records.company[left], records.company[right]
    present = (one != MISSING) & (other != MISSING)
    score = closeness(records.companies, one, other, present)
    words = similarity(records.companies, one, other, fuzz.token_set_ratio, present & (score < 0.93)) >= 95
    bins = agreement(one, other, comparer.rarities["company"])
    return leveled(present, bins, [score >= 0.93, words, score >= 0.82])


def compare_jobs(comparer: Comparer, left: Codes, right: Codes) -> NDArray[np.uint8]:
    """Compare job titles."""
    records = comparer.records
    one, other = records.job[left], records.job[right]
    present = (one != MISSING) & (other != MISSING)
    score = closeness(records.jobs, one, other, present)
    return leveled(present, agreement(one, other, comparer.rarities["job_title"]), [score >= 0.88])


def compare_custom(comparer: Comparer, field: str, left: Codes, right: Codes) -> NDArray[np.uint8]:
    """Compare an attribute of which nothing is known but its values: two typing errors in a long one are one value."""
    codes, values = comparer.records.custom[field.removeprefix("custom:")]
    one, other = codes[left], codes[right]
    present = (one != MISSING) & (other != MISSING)
    lengths = values.str.len_chars().to_numpy()
    longest = np.maximum(lengths[one], lengths[other])
    is_told = (longest >= 5) & (longest <= LONGEST)
    alike = similarity(values, one, other, OSA.normalized_similarity, present & (one != other) & is_told)
    bins = agreement(one, other, comparer.rarities[field])
    return leveled(present, bins, [is_told & (alike >= 1 - 2.01 / np.maximum(longest, 8))])
