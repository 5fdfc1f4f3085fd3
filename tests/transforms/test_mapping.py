"""Mappings: read from presets and files, bound to a file's columns, refused with a remedy."""

import json
from pathlib import Path

import pytest

from storage.errors import MappingError
from transforms.binding import Definition, Slot, bind, unmapped
from transforms.mapping import ANY_SEPARATOR, Mapping, digest, load_mapping, parse_mapping, presets

DEFINITIONS = [
    Definition("d1", "email", "text", singular=False),
    Definition("d2", "phone_number", "text", singular=False),
    Definition("d3", "address", "address", singular=False),
    Definition("d4", "first_name", "text", singular=True),
    Definition("d5", "tag", "text", singular=False),
    Definition("d6", "source_type", "text", singular=True),
]


def mapped(**columns: object) -> Mapping:
    return parse_mapping(json.dumps(columns), where="m.json")


def slots_of(body: dict[str, object], *columns: str) -> tuple[Slot, ...]:
    return bind(parse_mapping(json.dumps(body), where="m.json"), columns, DEFINITIONS, where="leads.csv")


def test_the_whole_documented_body_and_its_inner_object_are_one_mapping() -> None:
    inner = {"E-mail": {"attribute_type": "email", "label": "Work", "index": 0}}
    whole = {"mappings": inner, "file_id": "fe5fbe6e-2b6b-40bf-a9ff-c09cdc599a91", "owner": "80a227b2"}
    one, other = (parse_mapping(json.dumps(body), where="m.json") for body in (whole, inner))
    assert one.mappings == other.mappings
    assert one.owner == "80a227b2"


def test_a_column_may_be_called_mappings() -> None:
    assert list(mapped(mappings={"attribute_type": "email"}).mappings) == ["mappings"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"a": ', "m.json:1:7: not JSON"),
        ("[]", "a mapping is a JSON object"),
        ("{}", "the mapping names no column"),
        ('{"mappings": {}}', "the mapping names no column"),
        ('{"a": "email"}', 'column "a": an object is wanted'),
        ('{"a": {"attribute_type": "email"}, "a": {"attribute_type": "tag"}}', '"a" is written twice'),
        ('{"a": {"attribute_typ": "email"}}', 'Did you mean "attribute_type"?'),
        ('{"a": {"attribute_type": "email", "is_parter": true}}', 'Did you mean "is_partner"?'),
        ('{"a": {"attribute_type": "email", "index": "1"}}', 'column "a": index: Input should be a valid integer'),
        ('{"a": {"attribute_type": "email", "index": -1}}', "greater than or equal to 0"),
        ('{"a": {"label": "Work"}}', 'column "a": attribute_type: Field required'),
        ('{"mapping": {"a": {"attribute_type": "email"}}}', 'Did you mean "mappings"?'),
        ('{"mappings": {"a": {"attribute_type": "email"}}, "constant": {}}', 'Did you mean "constants"?'),
        (
            '{"mappings": {"a": {"attribute_type": "x"}}, "attribute_defs": [{"name": "x", "typ": "text"}]}',
            '"typ" is not',
        ),
    ],
)
def test_a_wrong_mapping_is_refused_with_its_place(text: str, message: str) -> None:
    with pytest.raises(MappingError) as refused:
        parse_mapping(text, where="m.json")
    assert message in str(refused.value)
    assert str(refused.value).startswith("m.json")


@pytest.mark.parametrize(
    ("name", "message"),
    [("outlok", 'Did you mean "outlook"?'), ("nowhere.json", "Give a preset (apple, "), (".", "cannot be read")],
)
def test_an_unknown_preset_or_path_is_refused_with_advice(name: str, message: str) -> None:
    with pytest.raises(MappingError, match="^" + name.replace(".", r"\.") + ": ") as refused:
        load_mapping(name)
    assert message in str(refused.value)


def test_a_mapping_file_may_open_with_a_byte_order_mark_but_must_be_utf_8(tmp_path: Path) -> None:
    path = tmp_path / "m.json"
    path.write_bytes(b'\xef\xbb\xbf{"Pr\xc3\xa9nom": {"attribute_type": "first_name"}}')
    assert list(load_mapping(str(path)).mappings) == ["Prénom"]
    path.write_bytes(b'{"Pr\xe9nom": {"attribute_type": "first_name"}}')
    with pytest.raises(MappingError, match="UTF-8"):
        load_mapping(str(path))


def test_slots_follow_the_mapping_and_know_their_columns() -> None:
    body: dict[str, object] = {
        "mappings": {
            "Mail": {"attribute_type": "email", "label": "Work", "index": 1, "is_primary": True},
            "Tags": {"attribute_type": "tag", "multivalued": True},
            "Spouse": {"attribute_type": "first_name", "is_partner": True},
            "Labels": {"attribute_type": "tag", "multivalued": ","},
            "City": {"attribute_type": "address.city", "index": 0},
        },
        "constants": {"source_type": "CSV", "tag": ["Imported", "2024"]},
    }
    slots = slots_of(body, "City", "Labels", "Tags", "Mail", "Spouse", "Other")
    assert [slot.number for slot in slots] == list(range(8))
    assert [slot.column for slot in slots] == ["Mail", "Tags", "Spouse", "Labels", "City", None, None, None]
    assert [slot.position for slot in slots] == [3, 2, 4, 1, 0, -1, -1, -1]
    assert [slot.separator for slot in slots[:4]] == [None, ANY_SEPARATOR, None, ","]
    assert (slots[0].label, slots[0].index, slots[0].is_primary, slots[2].is_partner) == ("Work", 1, True, True)
    assert (slots[4].definition.name, slots[4].part) == ("address", "city")
    assert [slot.constant for slot in slots[5:]] == ["CSV", "Imported", "2024"]
    assert unmapped(slots, ["City", "Labels", "Tags", "Mail", "Spouse", "Other"]) == ("Other",)


def test_white_space_in_a_column_name_does_not_matter() -> None:
    assert slots_of({"E-mail  Address ": {"attribute_type": "email"}}, "E-mail Address")[0].column == "E-mail Address"


@pytest.mark.parametrize(
    ("attribute_type", "part"),
    [
        ("address.postcode", "postcode"), ("street_prefix", "predir"), ("street_name", "name"),
        ("street_suffix", "suftype"), ("unit_number", "unit"), ("city", "city"), ("state", "state"),
        ("country", "country"), ("postal_code", "postcode"),
    ],
)  # fmt: skip
def test_parts_of_an_address_go_by_new_and_old_names(attribute_type: str, part: str) -> None:
    slot = slots_of({"a": {"attribute_type": attribute_type, "index": 2}}, "a")[0]
    assert (slot.definition.name, slot.part, slot.index) == ("address", part, 2)


def test_a_custom_definition_beats_an_old_name() -> None:
    definitions = [*DEFINITIONS, Definition("d9", "city", "text", singular=True)]
    slot = bind(mapped(a={"attribute_type": "city"}), ["a"], definitions, where="leads.csv")[0]
    assert (slot.definition.id, slot.part) == ("d9", None)


@pytest.mark.parametrize(
    ("attribute_type", "message"),
    [
        ("emial", 'Did you mean "email"?'),
        ("E-mail", 'Did you mean "email"?'),
        ("address.ctiy", 'Did you mean "city"?'),
        ("address", "Name one of its parts: house_num"),
        ("shoe_size", "bring its definition in attribute_defs"),
        ("email.work", 'Did you mean "email"?'),
    ],
)
def test_an_unknown_attribute_type_is_refused_with_advice(attribute_type: str, message: str) -> None:
    with pytest.raises(MappingError, match=r'^leads\.csv: column "a": ') as refused:
        slots_of({"a": {"attribute_type": attribute_type}}, "a")
    assert message in str(refused.value)


def test_absent_columns_are_named_with_what_they_may_have_meant() -> None:
    with pytest.raises(MappingError) as refused:
        slots_of({"E-mail": {"attribute_type": "email"}, "Phone": {"attribute_type": "phone_number"}}, "Email", "Phone")
    assert str(refused.value) == (
        'leads.csv: column "E-mail" is not in the file (it has: "Email", "Phone"). Did you mean "Email"?'
    )


def test_a_partial_mapping_needs_only_one_of_its_columns() -> None:
    body = {"partial": True, "mappings": {"Mail": {"attribute_type": "email"}, "Tag": {"attribute_type": "tag"}}}
    assert [slot.column for slot in slots_of(body, "Tag", "x")] == ["Tag"]
    with pytest.raises(MappingError, match="none of the mapping's columns"):
        slots_of(body, "x")


def test_the_digest_changes_with_what_changes_a_row_and_with_nothing_else() -> None:
    email, tag = {"attribute_type": "email"}, {"attribute_type": "tag"}
    plain = digest(mapped(a=email, b=tag), {"region": "US", "dates": None})
    assert plain == digest(mapped(a=email | {"label": None}, b=tag), {"dates": None, "region": "US"})
    assert 0 <= plain < 2**128
    others = [
        digest(mapped(a=email | {"label": "Work"}, b=tag), {"region": "US", "dates": None}),
        digest(mapped(b=tag, a=email), {"region": "US", "dates": None}),
        digest(mapped(a=email, b=tag), {"region": "GB", "dates": None}),
    ]
    assert len({plain, *others}) == 4
    owned = parse_mapping(
        json.dumps({"mappings": {"a": email, "b": tag}, "owner": "x", "file_id": "y"}), where="m.json"
    )
    assert digest(owned, {"region": "US", "dates": None}) == plain


def test_every_preset_binds_to_the_shipped_definitions() -> None:
    shipped = json.loads((Path(__file__).parents[2] / "data" / "attribute_defs.json").read_text(encoding="utf-8"))
    definitions = [Definition(d["id"], d["name"], d["data_type"], d["singular"]) for d in shipped]
    assert {"outlook", "google"} <= set(presets())
    for name in presets():
        mapping = load_mapping(name)
        columns = list(mapping.mappings)
        slots = bind(mapping, columns, definitions, where=name)
        # Of two names for one thing the first is read.
        assert unmapped(slots, columns) == (("Birthday",) if name == "thunderbird" else ())


def test_a_part_of_a_date_without_its_others_is_refused_where_columns_must_be_there() -> None:
    birthday = [Definition("b", "birthday", "date", True)]
    entry = {"mappings": {"Year": {"attribute_type": "birthday.year"}, "Day": {"attribute_type": "birthday.day"}}}
    with pytest.raises(MappingError, match='column "Year" is a part of a date that has no month'):
        bind(Mapping.model_validate(entry), ["Year", "Day"], birthday, where="x.csv")
    assert bind(Mapping.model_validate({**entry, "partial": True}), ["Year", "Day"], birthday, where="x.csv") == ()


def test_the_outlook_preset_is_the_documented_mapping_of_39_columns() -> None:
    mapping = load_mapping("outlook").mappings
    assert len(mapping) == 39
    assert mapping["Car Phone"].model_dump(exclude_defaults=True) == {
        "attribute_type": "phone_number",
        "label": "Car",
        "index": 13,
    }
