"""Compare the two records of each pair, field by field, into levels of agreement.

Levels are small numbers: 0 means missing on a side; then the levels of the rules' table in order, where a binned level
takes BINS numbers, one for each rarity of the shared value. Text is compared by rapidfuzz, once for each distinct pair
of values.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import polars as pl
from numpy.typing import NDArray
from rapidfuzz import fuzz
from rapidfuzz.distance import OSA, JaroWinkler
from rapidfuzz.process import cpdist

from dedup.blocking import Pairs, area
from dedup.coding import MISSING, Codes, Flags, looked_up
from dedup.mailboxes import is_made_of_names
from dedup.names import are_aliases
from dedup.rarity import BINS, Contexts, Rarity, contexts_of, rarity_of
from dedup.records import NO_DATE, Records
from dedup.rules import Level, Rules

__all__ = ["Comparer", "Levels", "compare", "comparer_of", "level_names"]

Levels: TypeAlias = dict[str, NDArray[np.uint8]]
Scores: TypeAlias = NDArray[np.float32]
Scorer: TypeAlias = Callable[..., Any]


@dataclass(frozen=True)
class Comparer:
    """The records with what comparing needs to know of their values.

    `fields`: the fields present in the data with their levels; `rarities`: by field, for place by 'postcode' and 'city'.
    """

    records: Records
    fields: dict[str, tuple[Level, ...]]
    rarities: dict[str, Rarity]
    local_codes: Codes
    locals_: pl.Series
    local_counts: Flags


def level_names(levels: tuple[Level, ...]) -> list[str]:
    """Spell out a field's numbers: position 0 is 'missing', binned levels take BINS positions of the same name."""
    return ["missing", *(level.name for level in levels for _ in range(BINS if level.binned else 1))]


def comparer_of(records: Records, rules: Rules) -> Comparer:
    """Prepare to compare: count rarities and code what several fields share."""
    contexts = contexts_of(records)
    names, places = records.names, records.addresses
    vocabulary = len(names.vocabulary)
    columns: dict[str, tuple[Codes, int]] = {
        "first_name": (names.first, vocabulary),
        "last_name": (names.last, vocabulary),
        "middle_name": (names.middle, vocabulary),
        "email": (records.email, len(records.emails)),
        "phone": (records.phone, len(records.phones)),
        "company": (records.company, len(records.companies)),
        "job_title": (records.job, len(records.jobs)),
        "street": (places.whole, int(places.whole.max(initial=MISSING)) + 1),
        "postcode": (places.postcode, len(places.postcodes)),
        "city": (places.city, len(places.cities)),
        "birthday": (_days(records.birthday), int(_days(records.birthday).max(initial=MISSING)) + 1),
        **{f"custom:{name}": (codes, len(values)) for name, (codes, values) in records.custom.items()},
    }
    rarities = {
        field: rarity_of(codes, size, contexts.get(field, contexts["any"])) for field, (codes, size) in columns.items()
    }
    local_codes, locals_ = _local_parts(records)
    return Comparer(
        records=records,
        fields=_fields(records, rules),
        rarities=rarities,
        local_codes=local_codes,
        locals_=locals_,
        local_counts=_telling_locals(records, local_codes, locals_, contexts["any"]),
    )


def _fields(records: Records, rules: Rules) -> dict[str, tuple[Level, ...]]:
    """Return the fields the data has, with their levels."""
    names, places = records.names, records.addresses
    present = {
        "first_name": names.first,
        "last_name": names.last,
        "alignment": names.last if (names.first != MISSING).any() else np.empty(0, np.int32),
        "middle_name": names.middle,
        "email": records.email,
        "phone": records.phone,
        "company": records.company,
        "job_title": records.job,
        "street": np.maximum(places.street, places.number),
        "place": np.maximum(places.city, places.postcode),
        "birthday": np.where(records.birthday == NO_DATE, MISSING, 0),
    }
    fields = {field: levels for field, levels in rules.fields.items() if (present[field] != MISSING).any()}
    custom = [name for name, (codes, _) in records.custom.items() if (codes != MISSING).any()]
    return fields | {f"custom:{name}": rules.custom_levels for name in custom if rules.custom.get(name) != "ignore"}


def _days(birthday: Codes) -> Codes:
    """Number the distinct birthdays."""
    present = birthday != NO_DATE
    codes = np.full(len(birthday), MISSING, np.int32)
    codes[present] = np.unique(birthday[present], return_inverse=True)[1]
    return codes


def _local_parts(records: Records) -> tuple[Codes, pl.Series]:
    """Code the part before the @ of each e-mail address."""
    local = records.emails.str.split("@").list.first()
    distinct = local.unique(maintain_order=True)
    ranks = pl.DataFrame({"local": local}).join(
        distinct.to_frame("local").with_row_index("code"), on="local", how="left", maintain_order="left"
    )
    return ranks["code"].cast(pl.Int32).to_numpy(), distinct


def _telling_locals(records: Records, local_codes: Codes, locals_: pl.Series, contexts: Contexts) -> Flags:
    """Say which local parts tell a person: long enough, held by at most three people, and more than a name."""
    people = rarity_of(looked_up(local_codes, records.email), len(locals_), contexts).people
    names = records.names
    known = {word for word in names.vocabulary.to_list() if len(word) > 1}
    maybe = (locals_.str.len_chars() > 4).to_numpy() & (people <= 3)
    return maybe & np.fromiter((not is_made_of_names(local, known) for local in locals_.to_list()), bool, len(locals_))


def compare(comparer: Comparer, pairs: Pairs) -> Levels:
    """Return the level of every field for every pair.

    Returns: one uint8 array of len(pairs) a field; symmetric in left and right.
    """
    left, right = pairs[:, 0], pairs[:, 1]
    records = comparer.records
    levels: Levels = {}
    if "first_name" in comparer.fields or "last_name" in comparer.fields:
        levels |= _compare_names(comparer, left, right)
    if "middle_name" in comparer.fields:
        levels["middle_name"] = _compare_middle(comparer, left, right)
    if "email" in comparer.fields:
        levels["email"] = _compare_emails(comparer, left, right)
    if "phone" in comparer.fields:
        shared, either = _shared(records.phone, left, right, comparer.rarities["phone"])
        levels["phone"] = _leveled(either, shared, 0, [], after=1)
    if "company" in comparer.fields:
        levels["company"] = _compare_companies(comparer, left, right)
    if "job_title" in comparer.fields:
        levels["job_title"] = _compare_jobs(comparer, left, right)
    if "street" in comparer.fields or "place" in comparer.fields:
        levels |= _compare_addresses(comparer, left, right)
    if "birthday" in comparer.fields:
        levels["birthday"] = _compare_birthdays(comparer, left, right)
    for field in comparer.fields:
        if field.startswith("custom:"):
            levels[field] = _compare_custom(comparer, field, left, right)
    return {field: levels[field] for field in comparer.fields}


# -- small tools ------------------------------------------------------------------------------------------------------


def similarity(texts: pl.Series, left: Codes, right: Codes, scorer: Scorer, where: Flags) -> Scores:
    """Compare texts by code where asked, each distinct pair once; 0 elsewhere. Symmetric."""
    scores = np.zeros(len(left), np.float32)
    index = np.flatnonzero(where)
    if len(index):
        low, high = np.minimum(left[index], right[index]), np.maximum(left[index], right[index])
        key = low.astype(np.uint64) << np.uint64(32) | high.astype(np.uint64)
        distinct, inverse = np.unique(key, return_inverse=True)
        ones, others = distinct >> np.uint64(32), distinct & np.uint64(0xFFFFFFFF)
        found = cpdist(
            texts.gather(ones).to_numpy(), texts.gather(others).to_numpy(), scorer=scorer, dtype=np.float32, workers=-1
        )
        scores[index] = found[inverse]
    return scores


def token_set(one: str, other: str, **_: Any) -> float:
    """Compare as sets of words, 0 to 1."""
    return fuzz.token_set_ratio(one, other) / 100


def _leveled(
    present: Flags, binned: NDArray[np.int16], exact: int, rest: list[tuple[int, Flags]], *, after: int
) -> NDArray[np.uint8]:
    """Number levels: the bin where values agree, else the first of `rest` that holds, else `after` (differ), 0 missing.

    Args: binned holds the rarity bin of the agreement or −1; exact is the first number of its level less one; `rest` and
    `after` count from 0 behind the binned levels.
    """
    last = exact + BINS + 1
    level = np.full(len(present), last + after - 1, np.uint8)
    for number, holds in reversed(rest):
        level[holds] = last + number
    agrees = binned >= 0
    level[agrees] = exact + 1 + binned[agrees]
    level[~present] = 0
    return level


def _agreement(one: Codes, other: Codes, rarity: Rarity) -> NDArray[np.int16]:
    """Return the rarity bin of the value both sides hold, −1 where they differ or one is missing."""
    same = (one == other) & (one != MISSING)
    bins = np.full(len(one), -1, np.int16)
    bins[same] = rarity.bins[one[same]]
    return bins


def _shared(codes: Codes, left: Codes, right: Codes, rarity: Rarity) -> tuple[NDArray[np.int16], Flags]:
    """Compare slotted values: (bin of the rarest value both hold or −1, whether both hold any)."""
    best = np.full(len(left), BINS, np.int16)
    for one in codes.T:
        for other in codes.T:
            bins = _agreement(one[left], other[right], rarity)
            best = np.where((bins >= 0) & (bins < best), bins, best)
    both = (codes[left, 0] != MISSING) & (codes[right, 0] != MISSING)
    return np.where(best == BINS, np.int16(-1), best), both


# -- names ------------------------------------------------------------------------------------------------------------


def _compare_names(comparer: Comparer, left: Codes, right: Codes) -> Levels:
    """Compare first and last names, straight or crossed, whichever fits."""
    names = comparer.records.names
    text = names.vocabulary
    one_first, one_last, two_first, two_last = (
        names.first[left],
        names.last[left],
        names.first[right],
        names.last[right],
    )
    has = [codes != MISSING for codes in (one_first, one_last, two_first, two_last)]
    straight_first = _closeness(text, one_first, two_first, has[0] & has[2])
    straight_last = _closeness(text, one_last, two_last, has[1] & has[3])
    full = has[0] & has[1] & has[2] & has[3]
    single = (has[0] ^ has[1]) | (has[2] ^ has[3])
    single &= (has[0] | has[1]) & (has[2] | has[3])
    doubtful = (full & (straight_first + straight_last < 1.7)) | (single & (straight_first + straight_last < 1))
    crossed_one = _closeness(text, one_first, two_last, doubtful & has[0] & has[3])
    crossed_two = _closeness(text, one_last, two_first, doubtful & has[1] & has[2])
    swapped = full & doubtful & (crossed_one > 0.6) & (crossed_two > 0.6)
    swapped &= crossed_one + crossed_two > straight_first + straight_last + 0.3
    moved_one = single & (crossed_one > 0.85) & (crossed_one > straight_first + straight_last)
    moved_two = single & (crossed_two > 0.85) & (crossed_two > straight_first + straight_last) & ~moved_one
    levels: Levels = {}
    alignment = np.zeros(len(left), np.uint8)
    alignment[full] = 1
    alignment[swapped] = 2
    alignment[single] = 3
    alignment[moved_one | moved_two] = 4
    # What is compared as first name and as last name once the alignment is chosen.
    gone = np.int32(MISSING)
    other_first = np.where(swapped, two_last, np.where(moved_one | moved_two, gone, two_first))
    first = (one_first, other_first, np.where(swapped, crossed_one, straight_first))
    last_one = np.where(moved_one, one_first, one_last)
    last_two = np.where(swapped | moved_two, two_first, two_last)
    last_one = np.where(moved_two, one_last, last_one)
    last_score = np.select([swapped | moved_two, moved_one], [crossed_two, crossed_one], straight_last)
    crossed = swapped | moved_one | moved_two
    levels["first_name"] = _first_level(comparer, *first, crossed, left, right)
    levels["last_name"] = _last_level(comparer, last_one, last_two, last_score, crossed)
    levels["alignment"] = alignment
    return levels


def _closeness(texts: pl.Series, one: Codes, two: Codes, where: Flags) -> Scores:
    """Compare names by Jaro-Winkler; equal ones without looking."""
    scores = similarity(texts, one, two, JaroWinkler.similarity, where & (one != two))
    scores[where & (one == two)] = 1
    return scores


def _name_bins(comparer: Comparer, field: str, other: str, one: Codes, two: Codes, crossed: Flags) -> NDArray[np.int16]:
    """Return the bin of an equal name; where names are crossed, the commoner of its two rarities."""
    bins = _agreement(one, two, comparer.rarities[field])
    across = _agreement(one, two, comparer.rarities[other])
    return np.where(crossed, np.maximum(bins, across), bins)


def _first_level(
    comparer: Comparer, one: Codes, two: Codes, score: Scores, crossed: Flags, left: Codes, right: Codes
) -> NDArray[np.uint8]:
    vocabulary, nickname = comparer.records.names.vocabulary, comparer.records.names.nickname
    present = (one != MISSING) & (two != MISSING)
    bins = _name_bins(comparer, "first_name", "last_name", one, two, crossed)
    differs = np.flatnonzero(present & (bins < 0))
    alias = np.zeros(len(one), bool)
    alias[differs] = _aliases(vocabulary, one[differs], two[differs])
    alias |= present & (((nickname[left] == two) | (nickname[right] == one)) & (bins < 0))
    close = score >= 0.9
    typo = close & _is_typo(comparer, "first_name", one, two)
    rest = [(0, alias), (1, _initials(vocabulary, one, two, present)), (2, typo), (3, close), (4, score >= 0.75)]
    return _leveled(present, bins, 0, rest, after=6)


def _is_typo(comparer: Comparer, field: str, one: Codes, two: Codes) -> Flags:
    """Say where one name is so rare beside the other that it is likely a misspelling, not a name of its own."""
    people = comparer.rarities[field].people
    a, b = people[one], people[two]
    return np.minimum(a, b) <= np.maximum(2, 0.02 * np.maximum(a, b))


def _aliases(vocabulary: pl.Series, one: Codes, two: Codes) -> Flags:
    """Say where one name may be short for the other; asked once for each distinct pair."""
    key = np.minimum(one, two).astype(np.uint64) << np.uint64(32) | np.maximum(one, two).astype(np.uint64)
    distinct, inverse = np.unique(key, return_inverse=True)
    ones, others = (
        vocabulary.gather(side).to_list() for side in (distinct >> np.uint64(32), distinct & np.uint64(0xFFFFFFFF))
    )
    found = np.fromiter(map(are_aliases, ones, others), bool, len(ones))
    return np.asarray(found[inverse])


def _initials(vocabulary: pl.Series, one: Codes, two: Codes, present: Flags) -> Flags:
    """Say where one name is just the initial of the other."""
    if not len(vocabulary):
        return np.zeros(len(one), bool)
    letter = vocabulary.str.slice(0, 1).rank("dense").to_numpy()
    short = (vocabulary.str.len_chars() == 1).to_numpy()
    return present & (letter[one] == letter[two]) & (short[one] | short[two])


def _last_level(comparer: Comparer, one: Codes, two: Codes, score: Scores, crossed: Flags) -> NDArray[np.uint8]:
    present = (one != MISSING) & (two != MISSING)
    bins = _name_bins(comparer, "last_name", "first_name", one, two, crossed)
    close = score >= 0.9
    typo = close & _is_typo(comparer, "last_name", one, two)
    return _leveled(present, bins, 0, [(0, typo), (1, close), (2, score >= 0.75)], after=4)


def _compare_middle(comparer: Comparer, left: Codes, right: Codes) -> NDArray[np.uint8]:
    names = comparer.records.names
    one, two = names.middle[left], names.middle[right]
    present = (one != MISSING) & (two != MISSING)
    score = _closeness(names.vocabulary, one, two, present)
    bins = _agreement(one, two, comparer.rarities["middle_name"])
    return _leveled(
        present, bins, 0, [(0, _initials(names.vocabulary, one, two, present)), (1, score >= 0.85)], after=3
    )


# -- contact fields ---------------------------------------------------------------------------------------------------


def _compare_emails(comparer: Comparer, left: Codes, right: Codes) -> NDArray[np.uint8]:
    records = comparer.records
    shared, both = _shared(records.email, left, right, comparer.rarities["email"])
    local = looked_up(comparer.local_codes, records.email)
    same_local, typo = np.zeros(len(left), bool), np.zeros(len(left), bool)
    open_ = both & (shared < 0)
    for i in range(records.email.shape[1]):
        for j in range(records.email.shape[1]):
            rows = np.flatnonzero(open_ & (records.email[left, i] != MISSING) & (records.email[right, j] != MISSING))
            one, two = local[left[rows], i], local[right[rows], j]
            same_local[rows] |= (one == two) & comparer.local_counts[one]
            close = similarity(comparer.locals_, one, two, OSA.normalized_similarity, one != two) >= 0.8
            close |= one == two
            emails = records.email[left[rows], i], records.email[right[rows], j]
            whole = similarity(records.emails, *emails, OSA.normalized_similarity, close) >= 0.8
            typo[rows] |= whole & (one != two)
    return _leveled(both, shared, 0, [(0, same_local), (1, typo)], after=3)


def _compare_companies(comparer: Comparer, left: Codes, right: Codes) -> NDArray[np.uint8]:
    records = comparer.records
    one, two = records.company[left], records.company[right]
    present = (one != MISSING) & (two != MISSING)
    score = _closeness(records.companies, one, two, present)
    words = similarity(records.companies, one, two, fuzz.token_set_ratio, present & (score < 0.93)) >= 95
    bins = _agreement(one, two, comparer.rarities["company"])
    return _leveled(present, bins, 0, [(0, score >= 0.93), (1, words), (2, score >= 0.82)], after=4)


def _compare_jobs(comparer: Comparer, left: Codes, right: Codes) -> NDArray[np.uint8]:
    records = comparer.records
    one, two = records.job[left], records.job[right]
    present = (one != MISSING) & (two != MISSING)
    score = _closeness(records.jobs, one, two, present)
    bins = _agreement(one, two, comparer.rarities["job_title"])
    return _leveled(present, bins, 0, [(0, score >= 0.88)], after=2)


def _compare_custom(comparer: Comparer, field: str, left: Codes, right: Codes) -> NDArray[np.uint8]:
    codes, values = comparer.records.custom[field.removeprefix("custom:")]
    one, two = codes[left], codes[right]
    present = (one != MISSING) & (two != MISSING)
    lengths = values.str.len_chars().to_numpy()
    longest = np.maximum(lengths[one], lengths[two])
    close = similarity(values, one, two, OSA.normalized_similarity, present & (one != two) & (longest >= 5))
    bins = _agreement(one, two, comparer.rarities[field])
    return _leveled(present, bins, 0, [(0, (longest >= 5) & (close >= 1 - 2.01 / np.maximum(longest, 8)))], after=2)


# -- places and dates -------------------------------------------------------------------------------------------------


def _compare_addresses(comparer: Comparer, left: Codes, right: Codes) -> Levels:
    """Compare every address of one side with every address of the other and keep the best, level by level."""
    slots = comparer.records.addresses.street.shape[1]
    street, place = np.zeros((2, len(left)), np.uint8)
    for i in range(slots):
        for j in range(slots):
            street = _better(street, _compare_streets(comparer, left, right, i, j))
            place = _better(place, _compare_places(comparer, left, right, i, j))
    # Agreement on the street implies the place: it must not count twice.
    place[(street > 0) & (street <= BINS + 1)] = 0
    return {"street": street, "place": place}


def _better(one: NDArray[np.uint8], two: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the lower level, where 0 (missing) loses to anything."""
    return np.minimum(one - np.uint8(1), two - np.uint8(1)) + np.uint8(1)


def _compare_streets(comparer: Comparer, left: Codes, right: Codes, i: int, j: int) -> NDArray[np.uint8]:
    places = comparer.records.addresses
    streets = [places.street[left, i], places.second[left, i], places.street[right, j], places.second[right, j]]
    one, one_second, two, two_second = streets
    one_number, two_number = places.number[left, i], places.number[right, j]
    has_number = (one_number != MISSING) & (two_number != MISSING)
    has_street = (one != MISSING) & (two != MISSING)
    same_number = has_number & (one_number == two_number)
    score = _closeness(places.streets, one, two, has_street)
    words = similarity(places.streets, one, two, fuzz.token_set_ratio, has_street & same_number & (score < 0.9)) >= 92
    across = np.zeros(len(left), bool)
    for a, b in ((one, two_second), (one_second, two)):
        where = has_street & (score < 0.9) & (a != MISSING) & (b != MISSING)
        across |= where & (_closeness(places.streets, a, b, where) >= 0.9)
    close = has_street & ((score >= 0.9) | (words & same_number) | across) & (same_number | ~has_number)
    half = (has_street & (score >= 0.9)) | same_number
    bins = _agreement(places.whole[left, i], places.whole[right, j], comparer.rarities["street"])
    return _leveled(has_street | has_number, bins, 0, [(0, close), (1, half)], after=3)


def _compare_places(comparer: Comparer, left: Codes, right: Codes, i: int, j: int) -> NDArray[np.uint8]:
    places = comparer.records.addresses
    one_code, two_code = places.postcode[left, i], places.postcode[right, j]
    one_city, two_city = places.city[left, i], places.city[right, j]
    has_code = (one_code != MISSING) & (two_code != MISSING)
    has_city = (one_city != MISSING) & (two_city != MISSING)
    by_code = _agreement(one_code, two_code, comparer.rarities["postcode"])
    by_city = _agreement(one_city, two_city, comparer.rarities["city"])
    city = _closeness(places.cities, one_city, two_city, has_city & (by_code < 0))
    open_ = has_code & (by_code < 0)
    edits = similarity(places.postcodes, one_code, two_code, OSA.distance, open_)
    typo = open_ & (edits == 1) & ((city >= 0.85) | ~has_city)
    areas = area(places.postcodes).rank("dense").fill_null(0).cast(pl.Int32).to_numpy()
    same_area = open_ & (areas[one_code] == areas[two_code]) if len(areas) else open_
    level = _leveled(
        has_code | has_city, by_city, BINS, [(0, typo), (1, same_area), (2, has_city & (city >= 0.85))], after=4
    )
    agrees = by_code >= 0
    level[agrees] = 1 + by_code[agrees]
    return level


def _compare_birthdays(comparer: Comparer, left: Codes, right: Codes) -> NDArray[np.uint8]:
    birthday = comparer.records.birthday
    one, two = birthday[left], birthday[right]
    present = (one != NO_DATE) & (two != NO_DATE)
    rows = np.flatnonzero(present)
    digits = _digits(birthday)
    a, b = digits[left[rows]], digits[right[rows]]
    unequal = a != b
    wrong = unequal.sum(axis=1)
    year, month, day = (~unequal[:, part].any(axis=1) for part in (slice(0, 4), slice(4, 6), slice(6, 8)))
    turned = year & (a[:, 4:6] == b[:, 6:8]).all(axis=1) & (a[:, 6:8] == b[:, 4:6]).all(axis=1)
    apart = np.abs(one[rows].astype(np.int64) - two[rows])
    found = [
        (wrong == 1) | turned,
        (year & month) | (year & day) | (month & day),
        wrong == 2,
        apart <= 400,
        apart <= 3660,
    ]
    rest = []
    for number, holds in enumerate(found):
        flags = np.zeros(len(left), bool)
        flags[rows] = holds
        rest.append((number, flags))
    codes = _days(birthday)
    bins = _agreement(codes[left], codes[right], comparer.rarities["birthday"])
    return _leveled(present, bins, 0, rest, after=6)


def _digits(birthday: Codes) -> NDArray[np.uint8]:
    """Write each date as the eight digits of YYYYMMDD, one column each."""
    dates = pl.Series(birthday).replace(NO_DATE, None).cast(pl.Date)
    parts = pl.select(dates.dt.year() * 10_000 + dates.dt.month().cast(pl.Int32) * 100 + dates.dt.day()).to_series()
    number = parts.fill_null(0).to_numpy().astype(np.int64)
    return np.stack([(number // 10**power % 10).astype(np.uint8) for power in range(7, -1, -1)], axis=1)
