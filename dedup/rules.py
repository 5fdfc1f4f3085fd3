"""What the matcher believes before it has seen any data: fields, levels, classes, blocking keys and clustering.

Every number of the method is here, as tables a person can read, change in a rules file and hand to `onecard dedup`.
The model learns from the data how far to trust them; on ten contacts they decide alone.
"""

from math import log
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from storage.errors import MappingError, did_you_mean

__all__ = ["Blocking", "Clustering", "Learning", "Level", "Rules", "load_rules"]

Share = Annotated[float, Field(ge=0, le=1)]
Scope = Literal["user", "brand", "all"]


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Level(_Table):
    """One degree of agreement of a field: its name and its share among true matches (the prior of m).

    A `binned` level splits by how many different people hold the shared value.
    """

    name: str
    share: Share
    binned: bool = False


def _levels(*rows: tuple[str, float]) -> tuple[Level, ...]:
    """Read a table of (name, share); a name in capitals is a binned level."""
    return tuple(Level(name=name.lower(), share=share, binned=name.isupper()) for name, share in rows)


FIELDS: dict[str, tuple[Level, ...]] = {
    "first_name": _levels(
        ("EXACT", 0.66),
        ("nickname", 0.08),
        ("initial", 0.06),
        ("typo", 0.08),
        ("close", 0.01),
        ("near", 0.04),
        ("differ", 0.07),
    ),
    "last_name": _levels(("EXACT", 0.80), ("typo", 0.09), ("close", 0.01), ("near", 0.03), ("differ", 0.07)),
    "alignment": _levels(("straight", 0.97), ("swapped", 0.03), ("in place", 0.93), ("moved", 0.07)),
    "middle_name": _levels(("EXACT", 0.60), ("initial", 0.20), ("close", 0.05), ("differ", 0.15)),
    "email": _levels(("SHARED", 0.50), ("same local part", 0.08), ("typo", 0.06), ("near", 0.02), ("differ", 0.34)),
    "phone": _levels(("SHARED", 0.55), ("differ", 0.45)),
    "company": _levels(("EXACT", 0.60), ("close", 0.10), ("same words", 0.05), ("near", 0.03), ("differ", 0.22)),
    "job_title": _levels(("EXACT", 0.55), ("close", 0.10), ("differ", 0.35)),
    "street": _levels(("EXACT", 0.55), ("close", 0.20), ("half", 0.05), ("differ", 0.20)),
    "place": _levels(
        ("POSTCODE", 0.45),
        ("CITY", 0.17),
        ("postcode typo", 0.06),
        ("same area", 0.04),
        ("city close", 0.06),
        ("differ", 0.22),
    ),
    "birthday": _levels(
        ("EXACT", 0.72),
        ("one digit", 0.10),
        ("two parts", 0.04),
        ("two digits", 0.04),
        ("within a year", 0.03),
        ("within ten years", 0.03),
        ("differ", 0.04),
    ),
}

CUSTOM: tuple[Level, ...] = _levels(("EXACT", 0.65), ("typo", 0.12), ("differ", 0.23))

# A key is one or several parts joined by "+"; a record with a part missing is left out of that pass. Telling keys find
# most duplicates among few pairs, the others those that lack them.
TELLING_KEYS: tuple[str, ...] = (
    "email",
    "phone",
    "custom",
    "full_name",
    "alias+last_name",
    "token+birthday",
    "token+address",
    "token+company",
    "token+postcode",
    "local_part",
)
COMMON_KEYS: tuple[str, ...] = (
    "last4+initial+company",
    "alias+last4+company",
    "first3+last4+city",
    "birthday+postcode",
    "birthday+city",
    "address",
    "first3+last4",
    "last_soundex+initial+area",
    "last_soundex+initial+year",
    "token+city",
    "token+area",
    "birthday+area",
    "token+year_month",
    "token+month_day",
    "token+year_day",
    "first2+last2+year",
    "first_soundex+last_soundex",
    "token+job_title",
    "birthday+job_title",
    "birthday",
    "token",
    "company",
    "postcode+house_number",
    "token+decade",
    "postcode",
    "postcode+company4",
)


class Blocking(_Table):
    """Which pairs are looked at: records sharing a key, small blocks first, within a budget."""

    telling_keys: tuple[str, ...] = TELLING_KEYS
    common_keys: tuple[str, ...] = COMMON_KEYS
    largest_block: int = Field(default=100, ge=2)
    pairs_per_record: float = Field(default=1.8, gt=0)
    least_pairs: int = Field(default=1_000_000, ge=0)


class Learning(_Table):
    """How far the data may move the tables: prior strength in pseudo-counts per pair of the class, rounds of EM.

    `organisation_strength` is the match's where records have no person's name: sister sites would pass for matches.
    `most_differing`: how much oftener than the tables say matches may be seen at a level that is not agreement. Where
    there are no duplicates the pairs most alike are families, and would be learned to be matches. `first_mass`: the
    share of the pairs that each class is believed to have at first, of which `first_matches` are the match's: doubt
    until the data shows them.
    """

    rounds: int = Field(default=12, ge=0)
    match_strength: float = Field(default=0.1, gt=0)
    organisation_strength: float = Field(default=0.4, gt=0)
    other_strength: float = Field(default=1.0, gt=0)
    least_count: float = Field(default=50, gt=0)
    most_differing: float = Field(default=2.5, gt=0)
    first_mass: Share = 0.01
    first_matches: Share = 0.1
    random_pairs: int = Field(default=250_000, ge=1_000)


class Clustering(_Table):
    """When pairs become clusters: average linkage over clipped log-odds (natural logarithm).

    `unknown`: two records that share no field are hardly ever one person, but where others join them nothing speaks
    against it. Pairs whose evidence, without regard to how rare matches are, is not below this count this at the least.
    """

    lowest: float = -12.0
    highest: float = 8.0
    unknown: Annotated[float, Field(le=0)] = -2.0
    least_mean: float = -0.5
    largest_component: int = Field(default=200, ge=2)


class Rules(_Table):
    """Everything that decides what a duplicate is.

    `scope`: contacts of one user, of one brand, or all may be the same person. `method`: weigh all evidence, or only
    take
    a shared e-mail address. `threshold`: probability from which two contacts are linked. `custom`: extra attributes as
    evidence: 'weigh' (the default for every one) or 'ignore'.
    """

    scope: Scope = "user"
    method: Literal["evidence", "exact-email"] = "evidence"
    threshold: Annotated[float, Field(gt=0, lt=1)] = 0.7
    fields: dict[str, tuple[Level, ...]] = FIELDS
    custom: dict[str, Literal["weigh", "ignore"]] = {}
    custom_levels: tuple[Level, ...] = CUSTOM
    blocking: Blocking = Blocking()
    learning: Learning = Learning()
    clustering: Clustering = Clustering()

    @property
    def least_odds(self) -> float:
        """The threshold as log-odds (natural logarithm)."""
        return log(self.threshold / (1 - self.threshold))

    @model_validator(mode="after")
    def _names_are_known(self) -> Self:
        for field, levels in self.fields.items():
            if field not in FIELDS:
                raise ValueError(f'unknown field "{field}". {did_you_mean(field, list(FIELDS))}')
            names, known = [level.name for level in levels], [level.name for level in FIELDS[field]]
            if names != known:
                raise ValueError(f"field {field} has the levels {', '.join(known)}, in this order")
        return self


# Rules with a name of their own.
PRESETS = {"exact-email": Rules(method="exact-email")}


def load_rules(path: Path) -> Rules:
    """Read a rules file (JSON), or a preset by its name; what a file leaves out keeps its default.

    Raises: MappingError when it is not JSON, names something unknown or holds a number out of range.
    """
    if str(path) in PRESETS and not path.exists():
        return PRESETS[str(path)]
    try:
        return Rules.model_validate_json(path.read_bytes())
    except OSError as cause:
        what = f"the rules cannot be read ({cause.strerror})"
        remedy = "Name a JSON file with --rules; `onecard dedup --print-rules` writes one."
        raise MappingError(what, where=str(path), remedy=remedy) from cause
    except ValidationError as cause:
        first: Any = cause.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise MappingError(
            f"{place}: {first['msg']}" if place else str(first["msg"]),
            where=str(path),
            remedy="`onecard dedup --print-rules` prints a complete file to start from.",
        ) from cause
