"""What leaves the database is the documented JSON, whole or not at all, whatever the size of the batches."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from cards import add_card, contact_id, wanted_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api_export import batches
from api_export.clusters import cluster_text
from api_export.exporting import FORMATS, KINDS, Format, Kind, export
from api_export.filters import read_filter
from api_export.models import AttributeDef, Contact, ContactAttribute, DuplicateCluster, Envelope, Tag
from storage.database import Database
from storage.errors import UsageError

Read = Callable[..., Any]
ALL = ("contact.attributes", "contact.summary", "contact_attribute.attribute_def")
MODELS: dict[Kind, Any] = {
    "contacts": Contact,
    "duplicates": DuplicateCluster,
    "tags": Tag,
    "attribute_defs": AttributeDef,
    "attributes": ContactAttribute,
}


def add_clusters(db: Database) -> None:
    members = [(7, 1), (7, 2), (9, 3), (9, 5), (8, 4), (8, 1)]
    for cluster, number in members:
        db.con.execute("INSERT INTO duplicate_members VALUES (?, ?, 0.9)", [cluster, contact_id(number)])


@pytest.mark.parametrize("what", KINDS)
def test_what_is_exported_fits_the_documented_model(db: Database, tmp_path: Path, what: Kind) -> None:
    add_clusters(db)
    associations = ALL if what in ("contacts", "attributes") else ()
    count = export(db.con, what, target=tmp_path / "out.json", associations=associations)
    text = (tmp_path / "out.json").read_text("utf-8")
    answer = Envelope[list[MODELS[what]]].model_validate_json(text)  # type: ignore[misc]
    assert json.loads(answer.model_dump_json(exclude_unset=True, by_alias=True)) == json.loads(text)
    assert len(answer.data) == answer.info.count == count > 0


@pytest.mark.parametrize("what", KINDS)
def test_an_empty_database_gives_an_empty_list(empty: Database, body: Read, what: Kind) -> None:
    answer = body(empty, what)
    if what in ("contacts", "duplicates", "attributes"):
        assert answer == {"code": "OK", "data": [], "info": {"count": 0, "total": "0" if what == "duplicates" else 0}}


@pytest.mark.parametrize("what", KINDS)
def test_ndjson_has_the_objects_of_json_one_a_line(db: Database, body: Read, tmp_path: Path, what: Kind) -> None:
    add_clusters(db)
    export(db.con, what, target=tmp_path / "out.ndjson", format="ndjson")
    lines = (tmp_path / "out.ndjson").read_text("utf-8").splitlines()
    assert [json.loads(line) for line in lines] == body(db, what)["data"]


@pytest.mark.parametrize("format", ["json", "ndjson", "csv"])
@pytest.mark.parametrize("what", ["contacts", "duplicates", "attributes"])
def test_batches_of_any_size_give_the_same_file(
    db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: Kind, format: Format
) -> None:
    add_clusters(db)
    export(db.con, what, target=tmp_path / "whole", format=format)
    for size in (1, 2, 3):
        monkeypatch.setattr(batches, "BATCH", size)
        export(db.con, what, target=tmp_path / "pieces", format=format)
        assert (tmp_path / "pieces").read_bytes() == (tmp_path / "whole").read_bytes()


def test_times_have_the_documented_precision(db: Database, tmp_path: Path) -> None:
    export(db.con, "contacts", target=tmp_path / "out.json")
    first, second = (tmp_path / "out.json").read_text("utf-8").splitlines()[1:3]
    assert '"created_at":1700000001.0,' in first
    assert '"last_touch":1700000500.123,' in first
    assert f'"next_touch":{1_700_000_500.123 + 7 * 86_400:.3f},' in first
    assert f'"next_touch":{1_700_000_000.654321 + 30 * 86_400:.6f},' in second
    assert '"last_touch":null,' in second


def test_numbers_are_there_for_number_definitions_only(db: Database, body: Read) -> None:
    found = {
        attribute["attribute_type"]: attribute.get("number", "absent") for attribute in body(db, "attributes")["data"]
    }
    assert found["shoe_size"] == 38.5
    assert {value for name, value in found.items() if name != "shoe_size"} == {"absent"}


def test_an_address_has_its_lines_and_only_the_parts_it_was_given(db: Database, body: Read) -> None:
    (address,) = body(db, limit=1)["data"][0]["address"]
    assert address == {
        "city": "Austin",
        "full": "12 Oak Rd Suite 850, Austin 01234",
        "name": "Oak",
        "type": "stdaddr",
        "unit": "Suite 850",
        "line1": "12 Oak Rd Suite 850",
        "line2": "Austin 01234",
        "suftype": "Rd",
        "postcode": "01234",
        "house_num": "12",
    }
    assert list(address) == sorted(address, key=lambda key: (len(key), key))


def test_emails_are_lower_case_and_deleted_or_partner_values_stay_out(db: Database, body: Read) -> None:
    ada, _, _, bjorn = body(db, associations=["contact.attributes"])["data"]
    assert ada["emails"] == ["ada@home.example", "ada@example.com"]
    assert [attribute["text"] for attribute in ada["attributes"] if attribute["attribute_type"] == "email"] == [
        "ada@example.com",
        "ada@home.example",
    ]
    assert bjorn["emails"] is None
    assert bjorn["partner_email"] == "anna@example.com"
    assert "gone@example.com" not in json.dumps(bjorn)


def test_associations_add_their_keys_and_nothing_else(db: Database, body: Read) -> None:
    plain = body(db)["data"][0]
    with_all = body(db, associations=ALL)["data"][0]
    assert set(with_all) - set(plain) == {"summary", "attributes"}
    assert {key: with_all[key] for key in plain} == plain
    assert "attribute_def" not in body(db, associations=["contact.attributes"])["data"][0]["attributes"][0]


def test_start_and_limit_cut_the_list_and_leave_the_total(db: Database, body: Read) -> None:
    names = [contact["id"] for contact in body(db)["data"]]
    answer = body(db, start=1, limit=2)
    assert [contact["id"] for contact in answer["data"]] == names[1:3]
    assert answer["info"] == {"count": 2, "total": 4}
    assert body(db, start=9)["info"] == {"count": 0, "total": 4}


@pytest.mark.parametrize(
    ("order", "numbers"),
    [
        (None, [1, 2, 3, 4]),
        ("sort_field", [4, 2, 3, 1]),  # "=cmd…" < "Åberg Zoë" < "Acme" < "Lovelace Ada": accents do not count
        ("-sort_field", [1, 3, 2, 4]),
        ("created_at", [1, 2, 3, 4]),
        ("-created_at", [4, 3, 2, 1]),
        ("next_touch", [1, 2, 3, 4]),
        ("-next_touch", [2, 1, 3, 4]),
        ("-last_touch", [1, 2, 3, 4]),
    ],
)
def test_order_sorts_with_nulls_last(db: Database, body: Read, order: str | None, numbers: list[int]) -> None:
    assert [contact["id"] for contact in body(db, order=order)["data"]] == [contact_id(number) for number in numbers]


def test_clusters_have_living_contacts_only_and_need_two(db: Database, body: Read) -> None:
    add_clusters(db)
    answer = body(db, "duplicates")
    assert [cluster["id"] for cluster in answer["data"]] == [7, 8]
    assert [contact["id"] for contact in answer["data"][1]["contacts"]] == [contact_id(1), contact_id(4)]
    assert answer["info"] == {"count": 2, "total": "2"}
    assert body(db, "duplicates", start=1)["info"] == {"count": 1, "total": "2"}
    chosen = body(db, "duplicates", filter=read_filter({"ids": contact_id(2)}))
    assert [len(cluster["contacts"]) for cluster in chosen["data"]] == [2]


def test_one_contacts_cluster_is_found_or_nothing(db: Database) -> None:
    add_clusters(db)
    cluster = json.loads(cluster_text(db.con, UUID(contact_id(2))))
    assert [contact["id"] for contact in cluster["contacts"]] == [contact_id(1), contact_id(2)]
    assert cluster_text(db.con, UUID(contact_id(3))) == b""


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"what": "contact"}, 'there is no "contact". Did you mean "contacts"?'),
        ({"format": "exel"}, 'there is no "exel"'),
        ({"associations": ["contact.attribute"]}, 'Did you mean "contact.attributes"?'),
        ({"associations": ["contact.summary"], "format": "csv"}, "associations shape JSON only"),
        ({"associations": ["contact.summary"], "what": "duplicates"}, "duplicates have no associations"),
        ({"order": "createdat"}, 'Did you mean "created_at"?'),
        ({"start": -1}, "start and limit count from 0"),
        ({"what": "tags", "limit": 3}, "always exported whole"),
        ({"what": "duplicates", "order": "created_at"}, "clusters always come by id"),
    ],
)
def test_what_cannot_be_asked_for_is_refused(
    db: Database, tmp_path: Path, options: dict[str, Any], message: str
) -> None:
    wanted = wanted_of(options)
    with pytest.raises(UsageError) as refused:
        export(db.con, options.pop("what", "contacts"), wanted, target=tmp_path / "out.json", **options)
    assert message in str(refused.value)
    assert not (tmp_path / "out.json").exists()


def test_a_failed_export_leaves_the_old_file_and_no_other(
    db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "reports"
    folder.mkdir()
    (folder / "out.json").write_text("before")
    monkeypatch.setattr("api_export.exporting._write_envelope", lambda out, *_: out.write(b"half") and 1 / 0)
    with pytest.raises(ZeroDivisionError):
        export(db.con, "contacts", target=folder / "out.json")
    assert os.listdir(folder) == ["out.json"]
    assert (folder / "out.json").read_text() == "before"


@pytest.mark.parametrize("format", FORMATS)
def test_standard_output_gets_the_bytes_of_the_file(
    db: Database, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes], format: Format
) -> None:
    export(db.con, "tags", target="-", format=format)
    written = capfdbinary.readouterr().out
    export(db.con, "tags", target=tmp_path / "out", format=format)
    if format != "xlsx":  # which carries the time of writing
        assert written == (tmp_path / "out").read_bytes()
    assert written


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), min_size=1, max_size=8))
def test_any_text_survives_json(empty: Database, tmp_path: Path, texts: list[str]) -> None:
    empty.con.execute("DELETE FROM contacts; DELETE FROM contact_attributes; DELETE FROM contact_summaries")
    add_card(empty, 1, *(("note", text) for text in texts))
    export(empty.con, "attributes", target=tmp_path / "out.json")
    found = json.loads((tmp_path / "out.json").read_bytes())["data"]
    assert [attribute["text"] for attribute in found] == texts
