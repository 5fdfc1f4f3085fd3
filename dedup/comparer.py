"""What comparing needs to know beforehand: the fields the data has, how rare values are, what several fields share."""

from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

import numpy as np
import polars as pl
from numpy.typing import NDArray

from dedup.agreeing import Levels
from dedup.coding import MISSING, Codes, Flags, coded, looked_up
from dedup.names import known_names
from dedup.parallel import in_parallel
from dedup.rarity import BINS, Known, Rarity, are_organisations, contexts_of, rarity_of
from dedup.records import CUSTOM_PREFIX, Addresses, Records
from dedup.rules import Level, Rules

__all__ = ["Comparer", "Fields", "Mailboxes", "at_level", "comparer_of", "counted_values", "level_names"]

Fields: TypeAlias = dict[str, tuple[Level, ...]]
"""The fields that are compared, with their levels."""

# A local part more people hold than this tells nobody: info, office.
TELLING = 3


@dataclass(frozen=True)
class Mailboxes:
    """The parts before the @: `local` codes each address, `telling` says which are long and held by few people."""

    texts: pl.Series
    local: Codes
    telling: Flags


@dataclass(frozen=True)
class Comparer:
    """The records with what comparing needs to know of their values.

    `fields`: the fields present in the data with their levels; `rarities`: by field, for place by 'postcode' and
    'city', for parts before the @ by 'local_part'; `words`: every personal name known; `has_alias`, `initials`,
    `is_initial`: of the names' vocabulary, which have short forms or are one, what letter they begin with, which are
    just a letter; `organisations`: the records are organisations, not people.
    """

    records: Records
    fields: Fields
    rarities: dict[str, Rarity]
    mailboxes: Mailboxes
    words: frozenset[str]
    has_alias: Flags
    initials: Codes
    is_initial: Flags
    organisations: bool

    def identifies(self, custom: str) -> bool:
        """Say whether most values of a custom attribute are one person's: a number of theirs, no status or campaign."""
        codes = self.records.custom[custom.removeprefix(CUSTOM_PREFIX)][0]
        people = self.rarities[custom].people[codes[codes != MISSING]]
        return bool(np.count_nonzero(people == 1) * 2 >= len(people))


def level_names(levels: tuple[Level, ...]) -> list[str]:
    """Spell out a field's numbers: position 0 is 'missing', binned levels take BINS positions of the same name."""
    return ["missing", *(level.name for level in levels for _ in range(BINS if level.binned else 1))]


def at_level(fields: Fields, levels: Levels, field: str, *names: str) -> Flags:
    """Say where a field, if it was compared, is at one of these levels."""
    if field not in levels:
        return np.zeros(len(next(iter(levels.values()))), bool)
    return np.asarray(np.isin(level_names(fields[field]), names)[levels[field]])


def comparer_of(records: Records, rules: Rules, known: Known | None = None) -> Comparer:
    """Prepare to compare: count rarities and code what several fields share.

    Args: known is what an earlier run counted, where the records are only some of all.
    """
    organisations = are_organisations(records) if known is None else known.organisations
    contexts = contexts_of(records, organisations)
    local, texts = coded(records.emails.str.split("@").list.first())
    columns = _columns(records) | {"local_part": (looked_up(local, records.email), len(texts))}
    rarities = in_parallel(
        {
            field: partial(rarity_of, codes, size, contexts.get(field, contexts["any"]))
            for field, (codes, size) in columns.items()
        }
    )
    words = frozenset(records.names.vocabulary)
    if known is not None:
        rarities = {
            field: known.raised(field, rarity, _written(records, texts, field, np.arange(len(rarity.people))))
            for field, rarity in rarities.items()
        }
        words = words.union(known.names("first_name"), known.names("last_name"))
    telling = (texts.str.len_chars() > 4).to_numpy() & (rarities["local_part"].people <= TELLING)
    return Comparer(
        records=records,
        fields=_fields(columns, rules),
        rarities=rarities,
        mailboxes=Mailboxes(texts, local, np.asarray(telling)),
        words=words,
        initials=records.names.vocabulary.str.slice(0, 1).rank("dense").cast(pl.Int32).to_numpy(),
        is_initial=(records.names.vocabulary.str.len_chars() == 1).to_numpy(),
        has_alias=records.names.vocabulary.is_in(known_names().implode()).to_numpy(),
        organisations=organisations,
    )


def counted_values(comparer: Comparer) -> pl.DataFrame:
    """List the values several people hold, and all first and last names: [field: str, value: str, people: i32]."""
    names, parts = comparer.records.names, []
    for field, rarity in comparer.rarities.items():
        if field in ("first_name", "last_name"):
            held = np.unique(names.first if field == "first_name" else names.last)
            codes = held[held != MISSING].astype(np.intp)
        else:
            codes = np.flatnonzero(rarity.people > 1)
        texts = _written(comparer.records, comparer.mailboxes.texts, field, codes)
        parts.append(pl.DataFrame({"value": texts, "people": rarity.people[codes]}).insert_column(0, _named(field)))
    return pl.concat(parts)


def _named(field: str) -> pl.Expr:
    return pl.lit(field).alias("field")


def _written(records: Records, local_parts: pl.Series, field: str, codes: NDArray[np.integer]) -> pl.Series:
    """Write out values of a field by their codes, as text."""
    names, places = records.names, records.addresses
    if field == "street":
        return _written_addresses(places, codes)
    if field == "birthday":
        return pl.Series(records.dates[codes]).cast(pl.Date).cast(pl.String)
    texts = {
        "first_name": names.vocabulary,
        "last_name": names.vocabulary,
        "middle_name": names.vocabulary,
        "email": records.emails,
        "phone": records.phones,
        "company": records.companies,
        "job_title": records.jobs,
        "postcode": places.postcodes,
        "city": places.cities,
        "local_part": local_parts,
        **{f"{CUSTOM_PREFIX}{name}": values for name, (_, values) in records.custom.items()},
    }
    return texts[field].gather(codes)


def _written_addresses(places: Addresses, codes: NDArray[np.integer]) -> pl.Series:
    """Write out house number and street."""
    at = np.zeros(int(places.whole.max(initial=MISSING)) + 2, np.intp)
    at[places.whole.ravel()] = np.arange(places.whole.size)
    number, street = (part.ravel()[at[codes]] for part in (places.number, places.street))
    return pl.select(pl.format("{} {}", places.numbers.gather(number), places.streets.gather(street))).to_series()


Columns: TypeAlias = dict[str, tuple[Codes, int]]


def _columns(records: Records) -> Columns:
    """List what is counted: by field, the coded column and how many distinct values it has."""
    names, places = records.names, records.addresses
    vocabulary = len(names.vocabulary)
    return {
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
        "birthday": (records.birthday, len(records.dates)),
        **{f"{CUSTOM_PREFIX}{name}": (codes, len(values)) for name, (codes, values) in records.custom.items()},
    }


# What must be there for a field to be compared, where that is not the field itself.
NEEDS = {"alignment": ("last_name",), "place": ("postcode", "city")}


def _fields(columns: Columns, rules: Rules) -> Fields:
    """Return the fields the data has, with their levels."""
    used = {field for field, (_, values) in columns.items() if values}
    known = {field: levels for field, levels in rules.fields.items() if used.intersection(NEEDS.get(field, (field,)))}
    custom = [field for field in used if field.startswith(CUSTOM_PREFIX)]
    weighed = [field for field in sorted(custom) if rules.custom.get(field.removeprefix(CUSTOM_PREFIX)) != "ignore"]
    return known | dict.fromkeys(weighed, rules.custom_levels)
