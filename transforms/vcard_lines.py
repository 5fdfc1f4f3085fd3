"""The lines of one vCard: unfolded, freed of embedded files, and parted into name, parameters and value by vobject.

vobject is used for lines alone: its cards take nine times as long, and end the file at the first fault.
"""

import binascii
import io
import quopri
import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from vobject.base import ParseError, getLogicalLines, parseLine
from vobject.icalendar import stringToTextValues

__all__ = ["BINARY", "Property", "property_of", "unfolded"]

BINARY = ("PHOTO", "LOGO", "SOUND", "KEY")

# An embedded file, its folded lines, and lines of base64 that some programs do not indent.
_EMBEDDED = re.compile(
    rf"^(?:[\w-]+\.)?({'|'.join(BINARY)})(?![^:\n]*VALUE=UR)(?!:https?:)[;:].*"
    r"(?:\n[ \t].*|\n[A-Za-z0-9+/=]{30,}$)*\n?",
    re.IGNORECASE | re.MULTILINE,
)
# vobject takes time exponential in the commas before a colon that is not there; no line of a card has so many.
_MOST_COMMAS = 12
# What stands before the value, if there are quotes in it: up to a colon outside of them.
_QUOTED_HEAD = re.compile(r'(?:[^":]|"[^"]*")*(?=:)')
# What makes one line of several: white space in front, soft line breaks.
_FOLDED = re.compile(r"\n[ \t]|quoted-printable|\r|^[ \t]", re.IGNORECASE)
_TYPES = re.compile(r"[,\s]+")


class Property(NamedTuple):  # made a million times: several times as fast as a frozen dataclass
    """One property: its `name` in capitals, the `group` before it, parameters, and the value, still escaped.

    `types` are its TYPE values and the bare parameters of 2.1, in small letters; `parameters` the others by name.
    """

    name: str
    group: str | None
    types: frozenset[str]
    parameters: dict[str, str]
    value: str

    @property
    def text(self) -> str:
        """The value without its escapes."""
        return _unescaped(self.value).strip()

    @property
    def fields(self) -> list[str]:
        """The fields of a structured value, which semicolons part; several values of a field are joined by ", "."""
        if "\\" not in self.value:
            return [field.strip() for field in self.value.split(";")]
        fields = stringToTextValues(self.value, listSeparator=";", charList=";")
        return [_unescaped(field).strip() for field in fields]

    @property
    def values(self) -> list[str]:
        """The values of a list, which commas part."""
        return [value.strip() for value in stringToTextValues(self.value) if value.strip()]


def unfolded(card: str, left_out: Counter[str]) -> Iterator[str]:
    """Give the logical lines of a card, less embedded files, which are counted."""

    def count(found: re.Match[str]) -> str:
        left_out[found[1].upper()] += 1
        return ""

    plain = _EMBEDDED.sub(count, card) if any(name in card.upper() for name in BINARY) else card
    if not _FOLDED.search(plain):
        return (line for line in plain.split("\n") if line.strip())
    return (line for line, _ in getLogicalLines(io.StringIO(plain)))


def property_of(line: str) -> Property | None:
    """Read a logical line; None when it is not one of a vCard, or not in the encoding it claims."""
    head, colon, value = line.partition(":")
    if colon and '"' in head:  # a colon may stand in quotes
        quoted = _QUOTED_HEAD.match(line)
        head, value = (quoted[0], line[quoted.end() + 1 :]) if quoted else (head, value)
    found = _read_head(head) if colon else None
    if found is None:
        return None
    name, group, types, parameters = found
    decoded = _decoded(value, parameters, types) if types or parameters else value
    return None if decoded is None else Property(name, group, types, parameters, decoded)


@lru_cache(maxsize=10_000)
def _read_head(head: str) -> tuple[str, str | None, frozenset[str], dict[str, str]] | None:
    """Read what stands before the colon, as Property has it; None when it is none. Few lines have one of their own."""
    if re.sub(r'"[^"]*"', "", head).count(",") > _MOST_COMMAS:
        return None
    try:
        name, found, _, group = parseLine(f"{head}:")
    except ParseError:
        return None
    parameters = {one[0].upper(): ",".join(one[1:]) for one in found if len(one) > 1}
    bare = [one[0] for one in found if len(one) == 1]
    types = [kind for one in found if one[0].upper() == "TYPE" for part in one[1:] for kind in _TYPES.split(part)]
    return name.upper(), group, frozenset(kind.lower() for kind in (*types, *bare)), parameters


def _decoded(value: str, parameters: dict[str, str], types: frozenset[str]) -> str | None:
    """Undo quoted-printable and base64; None when the bytes are not of the charset named."""
    encoding = parameters.get("ENCODING", "").upper()
    charset = parameters.get("CHARSET") or "utf-8"
    try:
        if encoding == "QUOTED-PRINTABLE" or "quoted-printable" in types:
            return quopri.decodestring(value.encode("utf-8")).decode(charset).replace("\r\n", "\n")
        if encoding in ("B", "BASE64") or "base64" in types:
            return binascii.a2b_base64(value).decode(charset)
    except (UnicodeDecodeError, LookupError, binascii.Error):
        return None
    return value


def _unescaped(value: str) -> str:
    if "\\" not in value:
        return value
    return re.sub(r"\\(.)", lambda found: "\n" if found[1] in "nN" else found[1], value)
