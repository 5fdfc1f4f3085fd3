"""Addresses: the documented components and their order in JSON (contract RULES E1–E8).

Components are plain cleaned text (see texts.py) and are never validated: a state "33333" stays (E5). The lines made of
them are the database's: storage/views/10_contacts.sql.
"""

__all__ = ["KEYS", "LEGACY_TYPES", "PARTS", "TYPE"]

PARTS = (
    "house_num", "predir", "qual", "pretype", "name", "suftype", "sufdir", "building",
    "unit", "box", "extra", "ruralroute", "city", "state", "country", "postcode",
)  # fmt: skip
# The printed bodies order keys as PostgreSQL's jsonb does: by length, then by alphabet.
KEYS = tuple(sorted((*PARTS, "type", "full", "line1", "line2"), key=lambda key: (len(key), key)))
TYPE = "stdaddr"
# Attribute types of an older interface that are parts of one address today (contract RULES A11).
LEGACY_TYPES = {
    "street_prefix": "predir",
    "street_name": "name",
    "street_suffix": "suftype",
    "unit_number": "unit",
    "city": "city",
    "state": "state",
    "country": "country",
    "postal_code": "postcode",
}
