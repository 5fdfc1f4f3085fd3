"""What the properties of a vCard mean: each becomes a documented attribute, or is counted as left out.

A name, an organisation and the like are singular, so the first of a kind counts and a second is judged like any second
value. Labels are those of the attribute definitions; a label of the owner's own (item1.X-ABLabel) is kept as it is.
"""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from transforms.full_names import GENERATION
from transforms.mapping import FULL_NAME
from transforms.vcard_lines import Property

__all__ = ["DATE", "Contact", "contact_of"]

Attribute = dict[str, Any]

DATE = "written_date"
"""Key of an attribute that holds a date as written, until all dates of the file are read together."""

# The kinds of phone a label says, the most telling first: a work fax is a fax.
_PHONES = {"fax": "Fax", "pager": "Pager", "whatsapp": "WhatsApp", "cell": "Mobile", "mobile": "Mobile",
           "iphone": "Mobile", "home": "Home", "work": "Work", "main": "Main", "car": "Car",
           "other": "Other"}  # fmt: skip
_EMAILS = {"work": "Work", "home": "Personal", "other": "Other"}
_ADDRESSES = {"home": "Home", "work": "Work", "other": "Other"}
_ADDRESS_PARTS = ("box", "unit", "name", "city", "state", "postcode", "country")
_LISTED = ("EMAIL", "TEL")
_NETWORKS = ("linkedin", "facebook", "instagram")
_PARTNERS = frozenset({"spouse", "partner", "wife", "husband"})
_PARTNER_PROPERTIES = ("X-SPOUSE", "X-MS-SPOUSE", "X-EVOLUTION-SPOUSE", "X-KADDRESSBOOK-X-SPOUSESNAME")
_ANDROID = "vnd.android.cursor.item/"
_ANDROID_ANNIVERSARY, _ANDROID_SPOUSE, _ANDROID_PARTNER = "1", "14", "10"
# About the card, not the person, or the same again in another form.
_ABOUT_THE_CARD = frozenset({"VERSION", "PRODID", "PROFILE", "CLASS", "NAME", "SOURCE", "SORT-STRING", "LABEL", "FN",
    "MAILER", "CLIENTPIDMAP", "KIND", "X-ABLABEL", "X-ABADR", "X-ABSHOWAS", "X-ABUID", "X-ADDRESSBOOKSERVER-KIND",
    "X-IMAGEHASH", "X-IMAGETYPE", "X-SHARED-PHOTO-DISPLAY-PREF", "X-EVOLUTION-FILE-AS", "N"})  # fmt: skip


@dataclass(frozen=True)
class Contact:
    """One card: its number in the file from 1, its documented attributes, and whether it is a group's."""

    row: int
    attributes: list[Attribute]
    is_group: bool


def contact_of(row: int, properties: Sequence[Property], left_out: Counter[str]) -> Contact:
    """Turn the properties of one card into attributes; those without a place are counted by name."""
    first = {one.name: one for one in reversed(properties)}
    labels = {one.group: _own_label(one.text) for one in properties if one.name == "X-ABLABEL" and one.group}
    attributes = _names(first)
    # The card lists the last written first (contract RULES C8), so of these the first of the card is written last.
    listed = [one for one in reversed(properties) if one.name in _LISTED]
    for one in (*(one for one in properties if one.name not in _LISTED), *listed):
        read = _READERS.get(one.name)
        found = read(one, labels.get(one.group or "")) if read is not None else []
        attributes += [
            attribute for attribute in found if attribute.get("text") or attribute.get("address") or attribute.get(DATE)
        ]
        if not found and one.name not in _ABOUT_THE_CARD and one.value.strip(" ;"):
            left_out[one.name] += 1
        if one.name == "ORG" and any(one.fields[1:]):
            left_out["department of ORG"] += 1
    return Contact(row, attributes, _is_group(first))


def _is_group(first: Mapping[str, Property]) -> bool:
    kinds = (first[name] for name in ("KIND", "X-ADDRESSBOOKSERVER-KIND") if name in first)
    return any(one.text.lower() == "group" for one in kinds)


def _names(first: Mapping[str, Property]) -> list[Attribute]:
    """Read N; where it is empty, FN is the name of a company or a whole name, to be cut with those of all cards."""
    fields = first["N"].fields if "N" in first else []
    last, given, middle, prefix, suffix = (*(field.replace(",", " ") for field in fields), *[""] * 5)[:5]
    if not (last or given or middle) and "FN" in first:
        is_company = any(
            first[name].text.lower() in ("org", "company") for name in ("KIND", "X-ABSHOWAS") if name in first
        )
        if "ORG" in first and (is_company or first["ORG"].fields[0] == first["FN"].text):
            return []
        return _text("company" if is_company else FULL_NAME, first["FN"].text)
    # A generational suffix stays behind the last name, where matching reads it, as in whole names.
    title = [prefix, *(word for word in suffix.split() if not GENERATION.match(word))]
    lasts = [last, *filter(GENERATION.match, suffix.split())]
    parts = {"title": _joined(title), "first_name": given, "middle_name": middle, "last_name": _joined(lasts)}
    return [attribute for kind, text in parts.items() if text for attribute in _text(kind, text)]


def _joined(words: list[str]) -> str:
    return " ".join(word for word in words if word)


def _text(kind: str, text: str, **more: Any) -> list[Attribute]:
    return [{"attribute_type": kind, "text": text, **more}]


def _as_text(kind: str) -> Callable[[Property, str | None], list[Attribute]]:
    return lambda one, _label: _text(kind, one.text)


def _as_date(kind: str) -> Callable[[Property, str | None], list[Attribute]]:
    return lambda one, _label: [{"attribute_type": kind, DATE: _written_date(one)}]


def _written_date(one: Property) -> str:
    """Return a date as written, less the year Apple says to omit."""
    omitted = one.parameters.get("X-APPLE-OMIT-YEAR")
    return f"--{one.text[5:]}" if omitted and one.text.startswith(f"{omitted}-") else one.text


def _as_list(kind: str) -> Callable[[Property, str | None], list[Attribute]]:
    return lambda one, _label: [attribute for value in one.values for attribute in _text(kind, value)]


def _labelled(kind: str, known: dict[str, str]) -> Callable[[Property, str | None], list[Attribute]]:
    def read(one: Property, label: str | None) -> list[Attribute]:
        said = next((known[word] for word in known if word in one.types), None)
        text = re.sub(r"^(?:mailto|tel):", "", one.text, flags=re.IGNORECASE)
        return _text(kind, text, label=label or said, is_primary=_is_preferred(one))

    return read


def _address(one: Property, label: str | None) -> list[Attribute]:
    lines = [", ".join(field.split("\n")) for field in one.fields]
    address = {part: line for part, line in zip(_ADDRESS_PARTS, lines, strict=False) if line}
    said = next((_ADDRESSES[word] for word in _ADDRESSES if word in one.types), None)
    more = {"label": label or said, "is_primary": _is_preferred(one)}
    return [{"attribute_type": "address", "address": address, **more}]


def _company(one: Property, _label: str | None) -> list[Attribute]:
    return _text("company", one.fields[0])


def _website(one: Property, _label: str | None) -> list[Attribute]:
    network = next((name for name in _NETWORKS if f"{name}.com" in one.text.lower()), None)
    return _text(network or "website", one.text)


def _social_profile(one: Property, _label: str | None) -> list[Attribute]:
    network = next((name for name in _NETWORKS if name in one.types or f"{name}.com" in one.text.lower()), None)
    return _text(network, one.text) if network else []


def _picture(one: Property, _label: str | None) -> list[Attribute]:
    return _text("profile_image_url", one.text) if re.match("https?:", one.text, re.IGNORECASE) else []


def _dated(one: Property, label: str | None) -> list[Attribute]:
    is_anniversary = (label or "").casefold() == "anniversary"
    return [{"attribute_type": "wedding_anniversary", DATE: one.text}] if is_anniversary else []


def _related(one: Property, label: str | None) -> list[Attribute]:
    is_partner = bool(_PARTNERS & (one.types | {(label or "").casefold()}))
    return _partner(one, label) if is_partner and not one.text.lower().startswith("urn:") else []


def _partner(one: Property, _label: str | None) -> list[Attribute]:
    return _partner_named(one.text)


def _partner_named(name: str) -> list[Attribute]:
    *given, last = name.split() if len(name.split()) > 1 else [name, ""]
    parts = {"first_name": " ".join(given), "last_name": last}
    return [attribute for kind, text in parts.items() if text for attribute in _text(kind, text, is_partner=True)]


def _android(one: Property, _label: str | None) -> list[Attribute]:
    """Read what Android keeps under its own name: kind;value;type;…"""
    kind, value, code = (*one.fields, "", "", "")[:3]
    match kind.removeprefix(_ANDROID):
        case "nickname":
            return _text("nickname", value)
        case "contact_event" if code == _ANDROID_ANNIVERSARY:
            return [{"attribute_type": "wedding_anniversary", DATE: value}]
        case "relation" if code in (_ANDROID_SPOUSE, _ANDROID_PARTNER):
            return _partner_named(value)
        case _:
            return []


def _is_preferred(one: Property) -> bool:
    return "pref" in one.types or one.parameters.get("PREF") == "1"


def _own_label(text: str) -> str:
    r"""Return a label without the brackets Apple puts round its own: `_$!<Spouse>!$_`."""
    return re.sub(r"^_\$!<(.*)>!\$_$", r"\1", text)


_READERS: dict[str, Callable[[Property, str | None], list[Attribute]]] = {
    "NICKNAME": lambda one, _label: _text("nickname", one.values[0]) if one.values else [],
    "ORG": _company,
    "TITLE": _as_text("job_title"),
    "ROLE": _as_text("job_title"),
    "EMAIL": _labelled("email", _EMAILS),
    "TEL": _labelled("phone_number", _PHONES),
    "ADR": _address,
    "URL": _website,
    "X-SOCIALPROFILE": _social_profile,
    "PHOTO": _picture,
    "BDAY": _as_date("birthday"),
    "ANNIVERSARY": _as_date("wedding_anniversary"),
    "X-ANNIVERSARY": _as_date("wedding_anniversary"),
    "X-EVOLUTION-ANNIVERSARY": _as_date("wedding_anniversary"),
    "X-ABDATE": _dated,
    "NOTE": _as_text("note"),
    "CATEGORIES": _as_list("tag"),
    "UID": _as_text("source_id"),
    "REV": _as_date("last_modified_on_source"),
    "RELATED": _related,
    "X-ABRELATEDNAMES": _related,
    "X-ANDROID-CUSTOM": _android,
    **dict.fromkeys(_PARTNER_PROPERTIES, _partner),
}
