"""Recognise the columns no preset knows: by name, by likeness to a name, and by what they hold.

What a column holds can contradict its name, and stands in for one that says nothing ("Column 3", none at all). It is
believed only where the values are like nothing else; the rest is said as a reason, and left out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from transforms.contents import Content
from transforms.headings import (
    LISTED,
    WHOLE_NAME,
    Heading,
    guess_heading,
    read_heading,
    read_label_heading,
    says_kind,
    says_nothing,
    says_owner,
)
from transforms.mapping import GOOGLE_SEPARATOR

__all__ = ["BY_CONTENT", "SEEN", "STANDS", "Recognised", "recognised"]

BY_NAME, BY_LIKENESS, BY_CONTENT, ANYBODYS = 0.95, 0.65, 0.85, 0.5
# Content says something when this many values were seen; a header stands with this share of its kind, and a column
# without one is taken for what nearly all its values are.
SEEN, STANDS, NEARLY_ALL = 5, 0.5, 0.9
# An address that many rows share is somebody else's: an agent's, an office's.
OWN = 0.8
# Birthdays go back further than any record kept of contacts, and over more years.
BORN_BEFORE, BORN_WITHIN = 1956, 30
# So many different labels a sample has at most.
LABELS = 50
PEOPLE_NETWORKS = ("linkedin", "facebook", "instagram")
NETWORKS = (*PEOPLE_NETWORKS, "profile_image_url", "website")
# In a phone number a comma may stand before an extension.
COMMA_LISTS = ("tag", "email")
SEVERAL = ("tag", "email", "phone_number")
# These columns hold addresses of pages: "Photo: yes" is none.
LINKS = ("profile_image_url", "cover_image_url", "business_card_url")


@dataclass
class Recognised:
    """Headings of the columns recognised, how sure each is (0–1) and why, and why others are left out.

    `labels`: of columns with labels, what the column they label means; `guessed`: those only like a name that is known.
    """

    headings: list[Heading] = field(default_factory=list)
    reasons: dict[str, tuple[float, str]] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)
    labels: dict[str, Heading] = field(default_factory=dict)
    guessed: set[str] = field(default_factory=set)

    def add(self, heading: Heading, confidence: float, reason: str) -> None:
        """Take a column for what a heading says."""
        self.headings.append(heading)
        self.reasons[heading.column] = (confidence, reason)


def recognised(columns: Sequence[str], found: Mapping[str, Content], *, claimed: set[str], guess: bool) -> Recognised:
    """Recognise columns.

    Args: found, what they hold; claimed, the attributes a preset has columns for; guess, whether likeness to a name and
    values alone may decide, as they may not beside a preset.
    """
    seen = Recognised()
    for column in columns:
        heading = read_heading(column)
        if heading is not None:
            content = found.get(column)
            _take_by_name(seen, _with_separator(_as_list(heading, content), content), content)
        elif (labelled := read_label_heading(column)) and _are_labels(found.get(column)):
            seen.labels[column] = labelled
    seen.headings = _alone(seen.headings, found)
    if not guess:
        return seen
    named = claimed | {heading.attribute_type for heading in seen.headings}
    known = seen.reasons.keys() | seen.left_out.keys() | seen.labels.keys()
    rest = [column for column in columns if column not in known]
    for column in rest:
        guessed = guess_heading(column)
        if guessed is not None and guessed.attribute_type not in named:
            seen.guessed.add(column)
            seen.add(guessed, BY_LIKENESS, f"its name is like that of {guessed.attribute_type}")
        elif (content := found.get(column)) is not None and content.filled >= SEEN:
            _take_by_content(seen, column, content, named)
    return seen


def _take_by_name(seen: Recognised, heading: Heading, content: Content | None) -> None:
    """Take a column for what its name says, unless it holds what the name cannot mean."""
    if content is not None and heading.attribute_type == WHOLE_NAME and (kind := _contact_data(content)):
        seen.add(replace(heading, attribute_type=kind), BY_CONTENT, f"nearly all values are of the shape of {kind}")
    elif content is None or content.filled < SEEN:
        seen.add(heading, BY_NAME, "by its name")
    elif heading.attribute_type in LINKS and content.shares["website"] < STANDS:
        seen.left_out[heading.column] = "its values are no web addresses"
    elif heading.attribute_type == "website" and (network := _network(content)) is not None:
        seen.add(
            replace(heading, attribute_type=network), BY_NAME, f"by its name, and nearly all values are of {network}"
        )
    elif heading.attribute_type == "title" and content.shares["honorific"] < STANDS:
        seen.add(replace(heading, attribute_type="job_title"), BY_NAME, "by its name, and its values are no titles")
    elif heading.attribute_type == WHOLE_NAME and not heading.is_partner and content.shares["company"] >= STANDS:
        seen.add(replace(heading, attribute_type="company"), BY_NAME, "by its name, and most values are companies")
    else:
        seen.add(heading, BY_NAME, "by its name")


def _as_list(heading: Heading, content: Content | None) -> Heading:
    """Read a column of e-mail addresses or phone numbers as lists where some of its cells hold several."""
    if (
        content is None
        or heading.attribute_type not in LISTED
        or not content.shares[f"several_{heading.attribute_type}"]
    ):
        return heading
    return replace(heading, is_list=True)


def _with_separator(heading: Heading, content: Content | None) -> Heading:
    """Read a column as the list its values show: by Google's ":::", or by commas and none of the usual separators."""
    if content is not None and heading.attribute_type in SEVERAL and content.shares["colons"] > 0:
        return replace(heading, separator=GOOGLE_SEPARATOR)
    if content is None or not heading.is_list or heading.attribute_type not in COMMA_LISTS:
        return heading
    is_parted = content.shares["comma"] > 0 and content.shares["separator"] == 0
    return replace(heading, separator="," if is_parted else None)


def _are_labels(content: Content | None) -> bool:
    """Say whether a column can hold labels: few different texts, and not how mail is sent, which Outlook has there."""
    if content is None:
        return True
    return content.distinct * content.filled <= LABELS and content.shares["protocol"] < STANDS


def _alone(headings: list[Heading], found: Mapping[str, Content]) -> list[Heading]:
    """Read a first or last name as the whole one where nothing names the other and most values have two words.

    Beside a first name alone, a "Name" of single words is the last name.
    """
    own = {heading.attribute_type for heading in headings if not heading.is_partner}
    one = own & {"first_name", "last_name"}
    if len(one) != 1:
        return headings
    kept = []
    for heading in headings:
        meant = heading.attribute_type
        words = _share(found, heading, "words")
        if heading.is_partner or words is None:
            pass
        elif meant in one and WHOLE_NAME not in own and words >= STANDS:
            meant = WHOLE_NAME
        elif meant == WHOLE_NAME and one == {"first_name"} and words <= 1 - NEARLY_ALL:
            meant = "last_name"
        kept.append(replace(heading, attribute_type=meant))
    return kept


def _share(found: Mapping[str, Content], heading: Heading, shape: str) -> float | None:
    content = found.get(heading.column)
    return content.shares[shape] if content is not None and content.filled >= SEEN else None


def _take_by_content(seen: Recognised, column: str, content: Content, named: set[str]) -> None:
    """Take a column for what its values are like, if its name leaves that open."""
    if not says_nothing(column):
        # Such a name says something we do not know, such as "Manager": what it holds may be another person's.
        kind = _contact_data(content)
        if kind and kind not in named and not says_kind(column, kind):
            seen.add(Heading(column, kind), *_whose(column, f"nearly all values are of the shape of {kind}"))
        elif _are_people(content) and not named & {WHOLE_NAME, "first_name", "last_name"}:
            seen.add(Heading(column, WHOLE_NAME), *_whose(column, "its values are names of people"))
        return
    kind, reason = _kind_of(content, named)
    if kind is not None:
        seen.add(Heading(column, kind), BY_CONTENT, reason)
    elif reason:
        seen.left_out[column] = reason


def _whose(column: str, held: str) -> tuple[float, str]:
    """How sure it is that a column of names, e-mail addresses or phone numbers is the contact's own, and why."""
    return (BY_CONTENT, held) if says_owner(column) else (ANYBODYS, f"{held}, but it may be another person's")


def _contact_data(content: Content) -> str | None:
    """E-mail addresses and phone numbers of different people."""
    if content.distinct < OWN:
        return None
    shown = {"email": "email", "surely_phone": "phone_number"}
    return next((kind for shape, kind in shown.items() if content.shares[shape] >= NEARLY_ALL), None)


def _network(content: Content) -> str | None:
    """The network whose pages of people a column of web addresses has."""
    return next((kind for kind in PEOPLE_NETWORKS if content.shares[kind] >= NEARLY_ALL), None)


def _kind_of(content: Content, named: set[str]) -> tuple[str | None, str]:
    """What a column without a telling name holds: (attribute, why), or (None, what it might be)."""
    shares = content.shares
    network = next((kind for kind in NETWORKS if shares[kind] >= NEARLY_ALL), None)
    kind = _contact_data(content)
    if kind is not None:
        return kind, f"nearly all values are of the shape of {kind}"
    if network is not None and content.distinct >= STANDS:
        return network, "nearly all values are web addresses"
    if shares["postcode"] >= NEARLY_ALL:
        return "address.postcode", "nearly all values are postcodes"
    if shares["digits_postcode"] >= NEARLY_ALL and {"address.city", "address.state"} & named:
        if "address.postcode" not in named:
            return "address.postcode", "nearly all values are like postcodes, which the address lacks"
    elif shares["date"] >= NEARLY_ALL:
        return _kind_of_date(content)
    elif shares["company"] >= STANDS and shares["given"] < STANDS:
        return "company", "most values are companies"
    elif _are_people(content) and not named & {WHOLE_NAME, "first_name", "last_name"}:
        return WHOLE_NAME, "its values are names of people"
    return None, ""


def _kind_of_date(content: Content) -> tuple[str | None, str]:
    if (
        content.years is not None
        and content.years[0] < BORN_BEFORE
        and content.years[1] - content.years[0] >= BORN_WITHIN
    ):
        return "birthday", "its values are dates of births: many lie long ago and far apart"
    return None, "its values are dates, but nothing says which"


def _are_people(content: Content) -> bool:
    return content.shares["name"] >= NEARLY_ALL and content.shares["given"] >= STANDS and content.distinct >= OWN
