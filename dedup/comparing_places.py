"""Compare addresses and birthdays."""

import numpy as np
import polars as pl
from numpy.typing import NDArray
from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from dedup.agreeing import Levels, agreement, closeness, leveled, similarity
from dedup.coding import MISSING, Codes
from dedup.comparer import Comparer
from dedup.keys import area
from dedup.rarity import BINS

__all__ = ["compare_addresses", "compare_birthdays"]

DAYS_IN_A_YEAR = 400
DAYS_IN_TEN_YEARS = 3_660


def compare_addresses(comparer: Comparer, left: Codes, right: Codes) -> Levels:
    """Compare every address of one side with every address of the other and keep the best: streets and places."""
    slots = comparer.records.addresses.street.shape[1]
    street, place = np.zeros((2, len(left)), np.uint8)
    for i in range(slots):
        for j in range(slots):
            street = _better(street, _compare_streets(comparer, left, right, i, j))
            place = _better(place, _compare_places(comparer, left, right, i, j))
    # Agreement on the street implies the place: it must not count twice.
    place[(street > 0) & (street <= BINS + 1)] = 0
    return {"street": street, "place": place}


def _better(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the lower level, where 0 (missing) loses to anything."""
    least = np.uint8(1)
    return np.asarray(np.minimum(one - least, other - least) + least)


def _compare_streets(comparer: Comparer, left: Codes, right: Codes, i: int, j: int) -> NDArray[np.uint8]:
    """Compare street and house number; a second address line may hold the other side's street."""
    places = comparer.records.addresses
    one, other = places.street[left, i], places.street[right, j]
    number, other_number = places.number[left, i], places.number[right, j]
    has_number = (number != MISSING) & (other_number != MISSING)
    has_street = (one != MISSING) & (other != MISSING)
    same_number = has_number & (number == other_number)
    score = closeness(places.streets, one, other, has_street)
    words = similarity(places.streets, one, other, fuzz.token_set_ratio, has_street & same_number & (score < 0.9)) >= 92
    across = np.zeros(len(left), bool)
    for a, b in ((one, places.second[right, j]), (places.second[left, i], other)):
        where = has_street & (score < 0.9) & (a != MISSING) & (b != MISSING)
        across |= closeness(places.streets, a, b, where) >= 0.9
    alike = (score >= 0.9) | words | across
    bins = agreement(places.whole[left, i], places.whole[right, j], comparer.rarities["street"])
    present = has_street | has_number
    return leveled(present, bins, [alike & (same_number | ~has_number), (score >= 0.9) | same_number])


def _compare_places(comparer: Comparer, left: Codes, right: Codes, i: int, j: int) -> NDArray[np.uint8]:
    """Compare postcode and city."""
    places = comparer.records.addresses
    code, other_code = places.postcode[left, i], places.postcode[right, j]
    city, other_city = places.city[left, i], places.city[right, j]
    has_code = (code != MISSING) & (other_code != MISSING)
    has_city = (city != MISSING) & (other_city != MISSING)
    by_code = agreement(code, other_code, comparer.rarities["postcode"])
    by_city = agreement(city, other_city, comparer.rarities["city"])
    open_ = has_code & (by_code < 0)
    same_city = closeness(places.cities, city, other_city, has_city & (by_code < 0)) >= 0.85
    typo = similarity(places.postcodes, code, other_code, OSA.distance, open_) == 1
    areas = np.append(area(places.postcodes).rank("dense").fill_null(0).cast(pl.Int32).to_numpy(), MISSING)
    same_area = open_ & (areas[code] == areas[other_code])
    level = leveled(
        has_code | has_city, by_city, [typo & (same_city | ~has_city), same_area, same_city], first=1 + BINS
    )
    agrees = by_code >= 0
    level[agrees] = 1 + by_code[agrees].astype(np.uint8)
    return level


def compare_birthdays(comparer: Comparer, left: Codes, right: Codes) -> NDArray[np.uint8]:
    """Compare birthdays by digits, parts and distance."""
    records = comparer.records
    one, other = records.birthday[left], records.birthday[right]
    present = (one != MISSING) & (other != MISSING)
    rows = np.flatnonzero(present & (one != other))
    digits = _digits(records.dates)
    a, b = digits[one[rows]], digits[other[rows]]
    wrong = (a != b).sum(axis=1)
    year, month, day = ((a[:, part] == b[:, part]).all(axis=1) for part in (slice(4), slice(4, 6), slice(6, 8)))
    turned = year & (a[:, 4:6] == b[:, 6:8]).all(axis=1) & (a[:, 6:8] == b[:, 4:6]).all(axis=1)
    two_parts = year.astype(np.int8) + month + day == 2
    apart = np.abs(records.dates[one[rows]].astype(np.int64) - records.dates[other[rows]])
    found = [(wrong == 1) | turned, two_parts, wrong == 2, apart <= DAYS_IN_A_YEAR, apart <= DAYS_IN_TEN_YEARS]
    rest = np.zeros((len(found), len(left)), bool)
    rest[:, rows] = found
    return leveled(present, agreement(one, other, comparer.rarities["birthday"]), list(rest))


def _digits(dates: Codes) -> NDArray[np.uint8]:
    """Write dates (days since 1970) as the eight digits of YYYYMMDD, one column each."""
    days = pl.Series(dates).cast(pl.Date)
    number = (days.dt.year() * 10_000 + days.dt.month().cast(pl.Int32) * 100 + days.dt.day()).to_numpy()
    return np.stack([(number // 10**power % 10).astype(np.uint8) for power in range(7, -1, -1)], axis=1)
