"""The tables for people and tools: which columns CSV, XLSX and Parquet have, and the SQL that fills them.

CSV and XLSX of contacts have one row a contact and the fixed headers of CONTACT_COLUMNS; the preset `onecard`
(data/mappings/onecard.json) reads them back. E-mails, phones and addresses come in their documented order (contract
RULES C8, C11); what does not fit the numbered columns is in "More Emails" and "More Phones", without labels. Parquet
has the documented fields as typed columns instead.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from api_export.batches import CHOSEN, CHOSEN_CLUSTERS
from api_export.conditions import LAST_TOUCH, NEXT_TOUCH
from transforms.addresses import PARTS

__all__ = ["CONTACT_COLUMNS", "Column", "columns_of", "flat_sql", "typed_sql"]

EMAILS, PHONES, ADDRESSES = 3, 4, 3
SEPARATOR = "; "
NOTE_SEPARATOR = " ::: "


@dataclass(frozen=True)
class Column:
    """A column: its header, the SQL of its values, and what they are (times are UTC)."""

    header: str
    sql: str
    kind: Literal["text", "date", "time", "number", "boolean"] = "text"


def _summary(**fields: str) -> tuple[Column, ...]:
    return tuple(Column(header.replace("_", " "), f"s.{name}") for header, name in fields.items())


def _numbered(name: str, values: str, count: int) -> Iterable[Column]:
    for at in range(1, count + 1):
        yield Column(f"{name} {at}", f"{values}[{at}].text")
        yield Column(f"{name} {at} Label", f"{values}[{at}].label")
    # The last written is listed first, so what is read back in reverse ends in this order (contract RULES C8).
    rest = f"list_reverse(list_transform({values}[{count + 1}:], lambda x: x.text))"
    yield Column(f"More {name}s", f"array_to_string({rest}, '{SEPARATOR}')")


def _addresses() -> Iterable[Column]:
    for at in range(1, ADDRESSES + 1):
        address, name = f"p.addresses[{at}].address", f"Address {at}"
        yield Column(f"{name} Label", f"p.addresses[{at}].label")
        yield Column(f"{name} Street", f"address_line1(struct_update({address}, unit := NULL))")
        yield Column(f"{name} Unit", f"{address}.unit")
        yield Column(f"{name} City", f"{address}.city")
        yield Column(f"{name} State", f"{address}.state")
        yield Column(f"{name} Postal Code", f"{address}.postcode")
        yield Column(f"{name} Country", f"{address}.country")


def _day(seconds: str) -> str:
    return f"make_timestamp({seconds} * 1000000)::DATE"


def _one(attribute_type: str) -> str:
    return f"p.{attribute_type}"


CONTACT_COLUMNS: tuple[Column, ...] = (
    *_summary(Display_Name="display_name", Title="title", First_Name="first_name", Middle_Name="middle_name"),
    *_summary(Last_Name="last_name", Nickname="nickname", Marketing_Name="marketing_name"),
    *_summary(Company="company", Job_Title="job_title"),
    *_numbered("Email", "p.emails", EMAILS),
    *_numbered("Phone", "p.phones", PHONES),
    *_addresses(),
    Column("Birthday", _day("s.birthday"), "date"),
    Column("Tags", f"array_to_string(s.summary_tags, '{SEPARATOR}')"),
    Column("Notes", f"array_to_string(p.notes, '{NOTE_SEPARATOR}')"),
    Column("Website", "s.website[1]"),
    *(Column(name, f"p.{name.lower()}") for name in ("Facebook", "Instagram", "LinkedIn")),
    *(
        Column(f"{name} Anniversary", _day(f"p.{name.lower()}_anniversary"), "date")
        for name in ("Wedding", "Home", "Work")
    ),
    Column("Child Birthdays", f"array_to_string(p.child_birthdays, '{SEPARATOR}')"),
    *_summary(Partner_First_Name="partner_first_name", Partner_Last_Name="partner_last_name"),
    Column("Partner Emails", f"array_to_string(p.partner_emails, '{SEPARATOR}')"),
    Column("Partner Phones", f"array_to_string(p.partner_phones, '{SEPARATOR}')"),
    Column("Partner Birthday", _day("p.partner_birthday"), "date"),
    *_summary(Source="source", Source_Type="source_type"),
    Column("Source ID", "p.source_id"),
    *_summary(Profile_Image_URL="profile_image_url", Cover_Image_URL="cover_image_url"),
    Column("Business Card URL", "p.business_card_url"),
    Column("Last Touch", LAST_TOUCH, "time"),
    Column("Next Touch", NEXT_TOUCH, "time"),
    Column("Touch Frequency", "c.touch_freq", "number"),
    Column("Created At", "c.created_at", "time"),
    Column("Updated At", "c.updated_at", "time"),
    Column("Contact ID", "c.id::VARCHAR"),
)
DUPLICATE_COLUMNS: tuple[Column, ...] = (
    Column("Cluster", "chosen.cluster", "number"),
    Column("Probability", "chosen.probability", "number"),
    *CONTACT_COLUMNS,
)
ATTRIBUTE_COLUMNS: tuple[Column, ...] = (
    Column("Contact ID", "a.contact::VARCHAR"),
    Column("Display Name", "s.display_name"),
    Column("Attribute Type", "a.attribute_type"),
    Column("Label", "a.label"),
    Column(
        "Text",
        "CASE WHEN a.attribute_type = 'email' THEN lower(a.text) ELSE coalesce(a.text, address_full(a.address)) END",
    ),
    Column("Number", "a.number", "number"),
    Column("Date", _day("a.date"), "date"),
    *(Column(part.replace("_", " ").title(), f"a.address.{part}") for part in PARTS),
    Column("Is Primary", "a.is_primary", "boolean"),
    Column("Is Partner", "a.is_partner", "boolean"),
    Column("Index", 'a."index"', "number"),
    Column("Created At", "a.created_at", "time"),
    Column("Updated At", "a.updated_at", "time"),
    Column("Attribute ID", "a.id::VARCHAR"),
)
TAG_COLUMNS: tuple[Column, ...] = (
    Column("Tag", "t.tag"),
    Column("Touch Frequency", "t.touch_freq", "number"),
    Column("Created At", "t.created_at", "time"),
    Column("Updated At", "t.updated_at", "time"),
    Column("Tag ID", "t.id::VARCHAR"),
)
DEFINITION_COLUMNS: tuple[Column, ...] = (
    *(Column(name.replace("_", " ").title(), f"d.{name}") for name in ("name", "data_type", "label", "section")),
    *(Column(name.title(), f'd."{name}"', "boolean") for name in ("required", "global", "singular", "show")),
    *(Column(name.title(), f"d.{name}", "boolean") for name in ("filterable", "editable", "searchable")),
    Column("Has Label", "d.has_label", "boolean"),
    Column("Labels", f"array_to_string(d.labels, '{SEPARATOR}')"),
    Column("Enum Values", f"array_to_string(d.enum_values, '{SEPARATOR}')"),
    Column("Definition ID", "d.id::VARCHAR"),
)

_CONTACTS = """chosen JOIN contacts c ON c.id = chosen.id LEFT JOIN contact_summaries s ON s.contact = c.id
    LEFT JOIN pivoted p ON p.contact = c.id WHERE c.id BETWEEN $first AND $last ORDER BY chosen.position, c.id"""
_ATTRIBUTES = """chosen JOIN contact_attributes a ON a.contact = chosen.id
    LEFT JOIN contact_summaries s ON s.contact = a.contact
    WHERE a.deleted_at IS NULL AND a.contact BETWEEN $first AND $last ORDER BY chosen.position, a.created_at, a.id"""
_SOURCES = {
    "contacts": _CONTACTS,
    "duplicates": _CONTACTS,
    "attributes": _ATTRIBUTES,
    "tags": "tags t WHERE t.deleted_at IS NULL ORDER BY t.tag, t.id",
    "attribute_defs": "attribute_defs d WHERE d.deleted_at IS NULL ORDER BY d.position, d.id",
}
_LATEST = "ORDER BY a.is_primary DESC, a.updated_at DESC, a.created_at"
_OWN = "NOT a.is_partner AND a.attribute_type ="
_LISTS = {
    "emails": f"list({{'text': lower(a.text), 'label': a.label}} {_LATEST}) FILTER ({_OWN} 'email')",
    "phones": f"list({{'text': a.text, 'label': a.label}} {_LATEST}) FILTER ({_OWN} 'phone_number')",
    "addresses": "list({'address': a.address, 'label': a.label} ORDER BY a.is_primary DESC, a.created_at) "
    f"FILTER ({_OWN} 'address')",
    "notes": f"list(a.text ORDER BY a.created_at) FILTER ({_OWN} 'note')",
    "child_birthdays": f"list({_day('a.date')}::VARCHAR ORDER BY a.created_at) FILTER ({_OWN} 'child_birthday')",
    "partner_emails": "list(lower(a.text) ORDER BY a.created_at) FILTER (a.is_partner AND a.attribute_type = 'email')",
    "partner_phones": "list(a.text ORDER BY a.created_at) FILTER (a.is_partner AND a.attribute_type = 'phone_number')",
    "partner_birthday": "min(a.date) FILTER (a.is_partner AND a.attribute_type = 'birthday')",
    **{
        name: f"arg_min(a.text, a.created_at) FILTER ({_OWN} '{name}')"
        for name in ("facebook", "instagram", "linkedin", "source_id", "business_card_url")
    },
    **{
        f"{name}_anniversary": f"arg_min(a.date, a.created_at) FILTER ({_OWN} '{name}_anniversary')"
        for name in ("wedding", "home", "work")
    },
}
_PIVOTED = f"""pivoted AS (
    SELECT a.contact, {", ".join(f"{sql} AS {name}" for name, sql in _LISTS.items())}
    FROM contact_attributes a WHERE a.deleted_at IS NULL AND a.contact BETWEEN $first AND $last
      AND a.contact IN (SELECT id FROM chosen) GROUP BY a.contact)"""


_COLUMNS = {
    "contacts": CONTACT_COLUMNS,
    "duplicates": DUPLICATE_COLUMNS,
    "attributes": ATTRIBUTE_COLUMNS,
    "tags": TAG_COLUMNS,
    "attribute_defs": DEFINITION_COLUMNS,
}


def columns_of(what: str) -> tuple[Column, ...]:
    """Return the columns CSV and XLSX of a kind of object have."""
    return _COLUMNS[what]


def flat_sql(what: str) -> str:
    """Return the statement that fills those columns, c0 … cN in order, for one batch."""
    columns = ", ".join(f"{column.sql} AS c{at}" for at, column in enumerate(columns_of(what)))
    return f"{_with(what)}SELECT {columns} FROM {_SOURCES[what]}"


def typed_sql(what: str) -> str:
    """Return the statement for Parquet: the documented fields by their names, as values rather than text."""
    return f"{_with(what)}SELECT {_TYPED[what]} FROM {_SOURCES[what]}"


def _with(what: str) -> str:
    if what in ("tags", "attribute_defs"):
        return ""
    pivoted = "" if what == "attributes" else f", {_PIVOTED}"
    return f"WITH {CHOSEN_CLUSTERS if what == 'duplicates' else CHOSEN}{pivoted} "


_TYPED_CONTACT = f"""
    c.id::VARCHAR AS id, s.display_name, s.partner_name, c.brand::VARCHAR AS brand, c.user_id::VARCHAR AS user_id,
    s.sort_field, {LAST_TOUCH} AS last_touch, c.last_touch_action, {NEXT_TOUCH} AS next_touch, c.touch_freq,
    c.ios_address_book_id, c.android_address_book_id, c.created_at, c.updated_at, c.created_for, c.updated_for,
    s.title, s.first_name, s.partner_first_name, s.middle_name, s.last_name, s.partner_last_name, s.marketing_name,
    s.nickname, s.email, s.emails, c.parked, s.partner_email, s.phone_number, s.phone_numbers, s.company,
    {_day("s.birthday")} AS birthday, s.profile_image_url, s.cover_image_url, s.job_title, s.source_type, s.source,
    s.website, s.tags, s.address"""
_TYPED = {
    "contacts": _TYPED_CONTACT,
    "duplicates": f"chosen.cluster, chosen.probability, {_TYPED_CONTACT}",
    "attributes": f"""a.id::VARCHAR AS id, a.contact::VARCHAR AS contact, a.attribute_type, a.label, a.is_primary,
        a.is_partner, a."index", CASE WHEN a.attribute_type = 'email' THEN lower(a.text) ELSE a.text END AS text,
        a.number, {_day("a.date")} AS date, a.address, a.created_at, a.updated_at, a.created_by::VARCHAR AS created_by,
        a.updated_by::VARCHAR AS updated_by""",
    "tags": "t.id::VARCHAR AS id, t.tag, t.touch_freq, t.created_at, t.updated_at",
    "attribute_defs": """d.id::VARCHAR AS id, d.name, d.data_type, d.label, d.section, d.required, d."global",
        d.singular, d."show", d.filterable, d.editable, d.searchable, d.has_label, d.labels, d.enum_values,
        d.created_at, d.updated_at""",
}
