"""The documented objects as SQL: expressions that turn rows into their JSON text, key by key in the printed order.

An object is a tuple of (key, SQL of its JSON text), so a key that is absent (contract RULES S1, S2) is simply left out.
Text is built by concatenation rather than from nested structs: DuckDB then neither parses nor copies the parts again.
Everything here is constant text; values never enter it.
"""

from transforms.addresses import KEYS as ADDRESS_KEYS
from transforms.addresses import TYPE as ADDRESS_TYPE

__all__ = [
    "ASSOCIATIONS",
    "LAST_TOUCH",
    "NEXT_TOUCH",
    "address_json",
    "attribute_json",
    "contact_around_attributes",
    "contact_json",
    "definition_json",
    "tag_json",
]

# The documented associations, in the order of their keys in a contact.
ASSOCIATIONS = (
    *("contact.brand", "contact.user", "contact.created_by", "contact.updated_by", "contact.summary"),
    *("contact.lists", "contact.users", "contact.deals", "contact.flows", "contact.attributes"),
    "contact_attribute.attribute_def",
)

Fields = tuple[tuple[str, str], ...]


def contact_json(associations: frozenset[str]) -> str:
    """SQL of one contact's JSON without attributes over `contacts c` and `contact_summaries s`.

    Source: contract RULES A13, B2, B4, B5, S1; the order of lists (C8-C11) is that of the summaries.
    """
    return _object((*_contact_fields(associations), _type("contact")))


def contact_around_attributes(associations: frozenset[str]) -> tuple[str, str]:
    """SQL of what stands before and after the list of attributes in one contact's JSON."""
    return _object((*_contact_fields(associations), ("attributes", "'['")), end=""), """'],"type":"contact"}'"""


def _contact_fields(associations: frozenset[str]) -> Fields:
    # Asked for, brand is an object instead of an id.
    asked = {name.removeprefix("contact.") for name in associations}
    head = tuple((key, _BRAND if key == "brand" and "brand" in asked else value) for key, value in _HEAD)
    return (*head, *_only(_BESIDE_HEAD, asked), *_BODY, *_only(_BESIDE_BODY, asked))


def _only(fields: Fields, asked: set[str]) -> Fields:
    return tuple(field for field in fields if field[0] in asked)


def attribute_json(associations: frozenset[str]) -> str:
    """SQL of one attribute's JSON over `contact_attributes a` and, with its definition, `definitions d` (id, json).

    `number` is there for values of number definitions only (contract RULES A10).
    """
    definition = (("attribute_def", "d.json"),) if "contact_attribute.attribute_def" in associations else ()
    plain = _object((*_ATTRIBUTE_HEAD, *definition, *_ATTRIBUTE_BODY, *_ATTRIBUTE_TAIL))
    numbered = _object((*_ATTRIBUTE_HEAD, *definition, *_ATTRIBUTE_BODY, ("number", "a.number"), *_ATTRIBUTE_TAIL))
    return f"CASE WHEN a.number IS NULL THEN {plain} ELSE {numbered} END"


def definition_json() -> str:
    """SQL of one attribute definition's JSON over `attribute_defs d`."""
    return _object(_DEFINITION)


def tag_json() -> str:
    """SQL of one tag's JSON over `tags t`."""
    return _object(_TAG)


def _object(fields: Fields, *, end: str = "}") -> str:
    parts = [f"'{'{' if at == 0 else ','}\"{key}\":', {value}" for at, (key, value) in enumerate(fields)]
    return f"concat({', '.join(parts)}, '{end}')"


def _text(column: str) -> str:
    """JSON of a text; null when there is none."""
    return f"coalesce(to_json({column})::VARCHAR, 'null')"


def _list(column: str) -> str:
    """JSON of a list of texts; null rather than [] (contract RULES B5)."""
    return f"coalesce(CASE WHEN len({column}) > 0 THEN to_json({column})::VARCHAR END, 'null')"


def _number(column: str) -> str:
    """JSON of a whole number; null when there is none."""
    return f"coalesce({column}::VARCHAR, 'null')"


def _uuid(column: str) -> str:
    return f"coalesce('\"' || {column} || '\"', 'null')"


def _sure(column: str) -> str:
    """JSON of a UUID, date or plain name that is never null and needs no escaping."""
    return f"'\"' || {column} || '\"'"


def _seconds(column: str) -> str:
    """JSON of a time as seconds; dividing microseconds is exact where epoch() is off by a bit (contract RULES B4)."""
    return f"coalesce(to_json(epoch_us({column}) / 1e6)::VARCHAR, 'null')"


def _type(name: str) -> tuple[str, str]:
    return ("type", f"'\"{name}\"'")


def _texts(table: str, *names: str) -> Fields:
    return tuple((name, _text(f"{table}.{name}")) for name in names)


def address_json(address: str) -> str:
    """SQL of an address struct's JSON, absent and empty parts left out (contract RULES E1-E6)."""
    made = {
        "type": f"'{ADDRESS_TYPE}'",
        "full": f"address_full({address})",
        "line1": f"address_line1({address})",
        "line2": f"address_line2({address})",
    }
    values = {key: made.get(key, f"nullif({address}.{key}, '')") for key in ADDRESS_KEYS}
    # What is joined to NULL is NULL, and concat_ws leaves it out: that is how absent parts become absent keys.
    parts = [f"'\"{key}\":' || to_json({value})::VARCHAR" for key, value in values.items()]
    return f"concat('{{', concat_ws(',', {', '.join(parts)}), '}}')"


_ADDRESSES = (
    "CASE WHEN len(s.address) > 0 THEN "
    f"concat('[', array_to_string(list_transform(s.address, lambda x: {address_json('x')}), ','), ']') ELSE 'null' END"
)
_BIRTHDAY = "coalesce(strftime(make_timestamp(s.birthday * 1000000), '\"%Y-%m-%dT00:00:00.000Z\"'), 'null')"
# last_touch has milliseconds; next_touch counts from it, or from when the frequency was set (contract RULES B4, G9).
LAST_TOUCH = "date_trunc('milliseconds', c.last_touch)"
NEXT_TOUCH = f"next_touch(c.touch_freq, {LAST_TOUCH}, c.touch_set_at)"

_HEAD: Fields = (
    ("id", _sure("c.id")),
    *_texts("s", "display_name", "partner_name"),
    ("brand", _sure("c.brand")),
    ("brand_id", _sure("c.brand")),
    ("user_id", _sure("c.user_id")),
    ("sort_field", _text("s.sort_field")),
    ("last_touch", _seconds(LAST_TOUCH)),
    ("last_touch_action", _text("c.last_touch_action")),
    ("next_touch", _seconds(NEXT_TOUCH)),
    ("touch_freq", _number("c.touch_freq")),
)
_BODY: Fields = (
    *_texts("c", "ios_address_book_id", "android_address_book_id"),
    ("created_at", _seconds("c.created_at")),
    ("updated_at", _seconds("c.updated_at")),
    ("deleted_at", _seconds("c.deleted_at")),
    *_texts("c", "created_for", "updated_for", "deleted_for"),
    *_texts("s", "title", "first_name", "partner_first_name", "middle_name", "last_name", "partner_last_name"),
    *_texts("s", "marketing_name", "nickname", "email"),
    ("primary_email", _text("s.email")),
    ("emails", _list("s.emails")),
    ("parked", "c.parked"),
    *_texts("s", "partner_email", "phone_number"),
    ("primary_phone_number", _text("s.phone_number")),
    ("phone_numbers", _list("s.phone_numbers")),
    ("company", _text("s.company")),
    ("birthday", _BIRTHDAY),
    *_texts("s", "profile_image_url", "cover_image_url", "job_title", "source_type", "source"),
    ("website", _list("s.website")),
    ("tags", _list("s.tags")),
    ("address", _ADDRESSES),
)
_SUMMARY: Fields = (
    ("id", _sure("c.id")),
    ("is_partner", "'false'"),
    *_texts("s", "title", "first_name", "middle_name", "last_name", "marketing_name", "nickname"),
    *_texts("s", "email", "phone_number", "company"),
    ("birthday", _number("s.birthday")),
    *_texts("s", "profile_image_url", "cover_image_url", "job_title", "source_type", "source"),
    ("tags", _list("s.summary_tags")),
    ("display_name", _text("s.summary_display_name")),
    ("abbreviated_display_name", _text("s.abbreviated_display_name")),
    _type("contact_summary"),
)
_ATTRIBUTE_HEAD: Fields = (("id", _sure("a.id")), ("contact", _sure("a.contact")))
_ATTRIBUTE_BODY: Fields = (
    ("created_at", _seconds("a.created_at")),
    ("updated_at", _seconds("a.updated_at")),
    ("deleted_at", _seconds("a.deleted_at")),
    ("label", _text("a.label")),
    ("is_primary", "a.is_primary"),
    ("is_partner", "a.is_partner"),
    ("index", _number('a."index"')),
    ("created_by", _uuid("a.created_by")),
    ("updated_by", _uuid("a.updated_by")),
    ("attribute_type", _text("a.attribute_type")),
    # E-mails are kept as sent and shown in lower case (contract RULES D11).
    ("text", _text("CASE WHEN a.attribute_type = 'email' THEN lower(a.text) ELSE a.text END")),
)
_ATTRIBUTE_TAIL: Fields = (
    ("date", _number("a.date")),
    ("address", f"CASE WHEN a.address IS NULL THEN 'null' ELSE {address_json('a.address')} END"),
    _type("contact_attribute"),
)
_DEFINITION: Fields = (
    ("id", _sure("d.id")),
    ("created_at", _seconds("d.created_at")),
    ("updated_at", _seconds("d.updated_at")),
    ("deleted_at", _seconds("d.deleted_at")),
    ("created_by", _uuid("d.created_by")),
    ("updated_by", _uuid("d.updated_by")),
    *_texts("d", "name", "data_type", "label", "section"),
    *((name, f'd."{name}"') for name in ("required", "global", "singular", "show", "filterable", "editable")),
    *((name, f"d.{name}") for name in ("searchable", "has_label")),
    ("labels", "to_json(coalesce(d.labels, []))::VARCHAR"),
    ("enum_values", _list("d.enum_values")),
    ("user", _uuid('d."user"')),
    ("brand", _uuid("d.brand")),
    _type("contact_attribute_def"),
)
_TAG: Fields = (
    ("id", _sure("t.id")),
    ("created_at", _seconds("t.created_at")),
    ("updated_at", _seconds("t.updated_at")),
    ("created_by", _uuid("t.created_by")),
    ("updated_by", _uuid("t.updated_by")),
    ("tag", _text("t.tag")),
    ("text", _text("t.tag")),
    ("touch_freq", _number("t.touch_freq")),
    _type("crm_tag"),
    ("auto_enroll_in_super_campaigns", "'false'"),
)
_USER: Fields = (
    ("id", _sure("u.id")),
    ("created_at", _seconds("u.created_at")),
    ("updated_at", _seconds("u.updated_at")),
    *_texts("u", "email", "phone_number", "first_name", "last_name"),
    _type("user"),
)
_COLLECTION: Fields = (
    ("id", _sure("k.id")),
    ("created_at", _seconds("k.created_at")),
    ("updated_at", _seconds("k.updated_at")),
    ("created_by", _uuid("k.created_by")),
    ("name", _text("k.name")),
)


def _user(column: str) -> str:
    """JSON of the user a column names; of one that was not loaded only the id is known."""
    loaded = f"(SELECT {_object(_USER)} FROM users u WHERE u.id = {column})"
    bare = tuple((key, value if key == "type" else "'null'") for key, value in _USER[1:])
    return (
        f"CASE WHEN {column} IS NULL THEN 'null' ELSE coalesce({loaded}, {_object((('id', _sure(column)), *bare))}) END"
    )


def _gathered(json: str, source: str, order: str) -> str:
    """JSON of the objects found for a contact; null rather than [] (contract RULES B5)."""
    return f"coalesce((SELECT '[' || string_agg({json}, ',' ORDER BY {order}) || ']' FROM {source}), 'null')"


def _collections(kind: str, name: str) -> str:
    members = (
        f"collection_members m JOIN collections k ON k.id = m.collection WHERE m.contact = c.id AND k.kind = '{kind}'"
    )
    return _gathered(_object((*_COLLECTION, _type(name))), members, "k.name, k.id")


# Users matching an own e-mail address or phone number of the contact.
_MATCHING_USERS = _gathered(
    _object(_USER),
    """users u WHERE u.brand = c.brand AND u.id IN (
        SELECT x.id FROM users x JOIN contact_attributes a ON a.key IN (x.email_key, x.phone_key)
        WHERE a.contact = c.id AND a.deleted_at IS NULL AND NOT a.is_partner
          AND a.attribute_type IN ('email', 'phone_number')
    )""",
    "u.id",
)
_BESIDE_HEAD: Fields = (
    ("user", _user("c.user_id")),
    ("created_by", _user("c.created_by")),
    ("updated_by", _user("c.updated_by")),
    ("summary", _object(_SUMMARY)),
)
_BESIDE_BODY: Fields = (
    ("lists", _collections("list", "contact_list")),
    ("users", _MATCHING_USERS),
    ("deals", _collections("deal", "deal")),
    ("flows", _collections("flow", "flow")),
)
_BRAND = _object((("id", _sure("c.brand")), _type("brand")))
