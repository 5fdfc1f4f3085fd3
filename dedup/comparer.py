"""What comparing needs to know beforehand: the fields the data has, how rare values are, what several fields share."""

from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

import numpy as np
import polars as pl

from dedup.coding import MISSING, Codes, Flags, coded, looked_up
from dedup.names import known_names
from dedup.parallel import in_parallel
from dedup.rarity import BINS, Contexts, Rarity, contexts_of, rarity_of
from dedup.records import Records
from dedup.rules import Level, Rules

__all__ = ["Comparer", "Mailboxes", "comparer_of", "level_names"]

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
    'city'; `has_alias`, `initials`, `is_initial`: of the names' vocabulary, which have short forms or are one, what
    letter they begin with, which are just a letter.
    """

    records: Records
    fields: dict[str, tuple[Level, ...]]
    rarities: dict[str, Rarity]
    mailboxes: Mailboxes
    has_alias: Flags
    initials: Codes
    is_initial: Flags


def level_names(levels: tuple[Level, ...]) -> list[str]:
    """Spell out a field's numbers: position 0 is 'missing', binned levels take BINS positions of the same name."""
    return ["missing", *(level.name for level in levels for _ in range(BINS if level.binned else 1))]


def comparer_of(records: Records, rules: Rules) -> Comparer:
    """Prepare to compare: count rarities and code what several fields share."""
    contexts = contexts_of(records)
    columns = _columns(records)
    rarities = in_parallel(
        {
            field: partial(rarity_of, codes, size, contexts.get(field, contexts["any"]))
            for field, (codes, size) in columns.items()
        }
    )
    return Comparer(
        records=records,
        fields=_fields(columns, rules),
        rarities=rarities,
        mailboxes=_mailboxes(records, contexts["any"]),
        initials=records.names.vocabulary.str.slice(0, 1).rank("dense").cast(pl.Int32).to_numpy(),
        is_initial=(records.names.vocabulary.str.len_chars() == 1).to_numpy(),
        has_alias=records.names.vocabulary.is_in(known_names().implode()).to_numpy(),
    )


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
        **{f"custom:{name}": (codes, len(values)) for name, (codes, values) in records.custom.items()},
    }


# What must be there for a field to be compared, where that is not the field itself.
NEEDS = {"alignment": ("last_name",), "place": ("postcode", "city")}


def _fields(columns: Columns, rules: Rules) -> dict[str, tuple[Level, ...]]:
    """Return the fields the data has, with their levels."""
    used = {field for field, (_, values) in columns.items() if values}
    known = {field: levels for field, levels in rules.fields.items() if used.intersection(NEEDS.get(field, (field,)))}
    custom = [field for field in used if field.startswith("custom:")]
    weighed = [field for field in sorted(custom) if rules.custom.get(field.removeprefix("custom:")) != "ignore"]
    return known | dict.fromkeys(weighed, rules.custom_levels)


def _mailboxes(records: Records, contexts: Contexts) -> Mailboxes:
    """Code the part before the @ of each e-mail address and count who holds it."""
    local, texts = coded(records.emails.str.split("@").list.first())
    people = rarity_of(looked_up(local, records.email), len(texts), contexts).people
    return Mailboxes(texts, local, np.asarray((texts.str.len_chars() > 4).to_numpy() & (people <= TELLING)))
