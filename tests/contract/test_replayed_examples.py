"""Every documented request, sent on a state it fits, is answered as printed, whichever way it is sent.

What differs is listed in `api_export.deviations` and nothing else may; a listed difference that is none fails too. The
page is never replayed from top to bottom: its chapters are not in order of execution (contract RULES A9).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlwt
from comparing import allowed, differences
from documented import (
    JOHN,
    MASK,
    USER,
    Body,
    add_attribute,
    add_clusters,
    add_contact,
    add_documented_contacts,
    add_row,
    example,
    refresh,
)
from senders import Query, Send

from storage.database import Database, open_database
from storage.jobs import find_job

KATE = "faa570f5-1fc2-46bd-b575-fdc655a8f0da"
DANIEL = "1fbf7d67-3557-428b-ba11-687b8b05ce85"
APPLESEED = "7cd899ff-ce01-44e1-b895-f5c4550014f6"
TAG = "9f19961b-f745-43d3-b77a-884bd6c83a00"
PHONE = "78ac1853-77f4-4cfa-abe3-33d2aa2262bb"
EVERYTHING = "contact_attribute.attribute_def,contact.attributes,contact.summary"
CREATE = {"get": "true", "relax": "false", "activity": "true", "associations": EVERYTHING}
State = Callable[[Database], None]
ATTRIBUTES = {"associations": "contact.attributes"}


def printed_contact(number: str, changes: dict[str, Body] | None = None, *, more: Sequence[Body] = ()) -> State:
    """The one contact an example prints, with attributes changed (by id) and added back to what they were before."""

    def build(db: Database) -> None:
        body = example(number)["data"]
        attributes = [one | (changes or {}).get(one["id"], {}) for one in body["attributes"]]
        add_contact(db, body, [*attributes, *more])

    return build


def with_many_contacts(db: Database) -> None:
    """The twelve contacts, those to be merged tagged and touched as example 24 prints them."""
    printed = example("24")["data"]
    add_documented_contacts(db)
    tagged = [APPLESEED, KATE, DANIEL]
    for place, contact in enumerate(tagged):
        at = printed["attributes"][-1]["created_at"] - place / 1e6
        add_attribute(db, contact, tag("ManyContacts", at))
    touch = [printed[name] for name in ("last_touch", "last_touch_action", "touch_freq")]
    set_touch = "UPDATE contacts SET last_touch = to_timestamp(?), last_touch_action = ?, touch_freq = ?"
    db.con.execute(f"{set_touch} WHERE list_contains(?::UUID[], id)", [*touch, tagged])
    refresh(db, tagged)


def with_printed_tags(db: Database) -> None:
    """The tag collection as example 26 prints it, in another order."""
    db.con.execute("DELETE FROM tags")
    for printed in reversed(example("26")["data"]):
        names = ("id", "created_at", "updated_at", "created_by", "updated_by", "tag", "touch_freq")
        add_row(db, "tags", {name: printed[name] for name in names} | {"brand": db.brand})


def nothing(_: Database) -> None:
    """No contacts at all."""


def tag(text: str, at: float, identity: str | None = None) -> Body:
    """A tag attribute of a certain age."""
    return {"attribute_type": "tag", "text": text, "created_at": at, "id": identity}


def unmasked(body: Any) -> Any:
    """Give every masked e-mail of a request an address of its own."""
    count = iter(range(1000))

    def walk(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: walk(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [walk(inner) for inner in value]
        return f"sent-{next(count)}@example.com" if value == MASK else value

    return walk(body)


@dataclass(frozen=True)
class Replay:
    """A documented request and the state it is sent on."""

    example: str
    method: str
    path: str
    state: State = add_documented_contacts
    query: Query = field(default_factory=dict)
    has_body: bool = True


REPLAYS = (
    Replay("01", "GET", "/contacts", query={"order": "created_at"}, has_body=False),
    Replay("02", "POST", "/contacts", nothing, CREATE),
    Replay("05", "POST", "/contacts/filter", query={"q": "kate-bell@example.com"}, has_body=False),
    Replay("06", "POST", "/contacts/filter"),
    Replay("07", "POST", "/contacts/filter"),
    Replay("08", "POST", "/contacts/filter"),
    Replay("09", "GET", f"/contacts/{JOHN}", printed_contact("09"), {"associations": EVERYTHING}, has_body=False),
    Replay(
        "10",
        "PATCH",
        f"/contacts/{JOHN}",
        printed_contact("10", {TAG: {"text": "PastClient"}, PHONE: {"label": "Home-Line2", "text": "+989123456789"}}),
        ATTRIBUTES,
    ),
    Replay("11", "PUT", f"/contacts/{JOHN}/owner", printed_contact("10")),
    Replay(
        "17",
        "POST",
        f"/contacts/{JOHN}/attributes",
        printed_contact("09"),
        {"associations": "contact_attribute.attribute_def"},
    ),
    Replay("18", "PUT", f"/contacts/{JOHN}/attributes/{PHONE}", printed_contact("10")),
    Replay(
        "19",
        "DELETE",
        f"/contacts/{JOHN}/attributes/{TAG}",
        printed_contact("19", more=[tag("General", 1778872037.255739, TAG)]),
        ATTRIBUTES,
        has_body=False,
    ),
    Replay(
        "20",
        "POST",
        "/contacts/attributes",
        printed_contact("09", more=[tag("PastClient", 1778872037.2)]),
        {"get": "true", "associations": "contact.summary"},
    ),
    Replay("24", "POST", f"/contacts/{APPLESEED}/merge", with_many_contacts, ATTRIBUTES),
    Replay("26", "GET", "/contacts/tags", with_printed_tags, has_body=False),
    Replay(
        "30",
        "PATCH",
        f"/contacts/{JOHN}/touch",
        printed_contact("19", more=[tag("General", 1778872034.7), tag("foo", 1778872037.1), tag("poo", 1778872037.2)]),
    ),
    Replay("31", "GET", "/contacts/attribute_defs", nothing, has_body=False),
    Replay("32", "POST", "/contacts/attribute_defs", nothing),
)


@pytest.mark.parametrize("replay", REPLAYS, ids=lambda replay: replay.example)
def test_a_documented_request_is_answered_as_printed(send: Send, database: Path, replay: Replay) -> None:
    with open_database(database) as db:
        replay.state(db)
    body = unmasked(example(replay.example, "request")) if replay.has_body else None
    status, answer = send(replay.method, replay.path, body, query=replay.query)
    printed = example(replay.example)
    assert (status, [*answer], answer["code"]) == (200, [*printed], "OK")
    assert answer.get("info") == printed.get("info")
    assert differences(answer["data"], printed["data"]) == allowed(replay.example)


@pytest.fixture
def with_documented(database: Path) -> None:
    with open_database(database) as db:
        add_documented_contacts(db)


@pytest.mark.usefixtures("with_documented")
def test_several_contacts_are_updated_as_in_example_03_and_deleted_as_in_example_04(send: Send) -> None:
    changed = example("03", "request")
    assert send("PATCH", "/contacts", changed) == (204, None)
    ids = ",".join(contact["id"] for contact in changed["contacts"])
    _, answer = send("POST", "/contacts/filter", query={"ids": ids})
    assert [contact["tags"] for contact in answer["data"]] == [["ManyContacts"]] * 10
    assert {contact["updated_for"] for contact in answer["data"]} == {"direct_request"}
    assert send("DELETE", "/contacts", example("04", "request")) == (204, None)
    for identity in example("04", "request")["ids"]:
        assert send("GET", f"/contacts/{identity}")[0] == 404


@pytest.mark.usefixtures("with_documented")
def test_contacts_come_by_id_when_no_order_is_asked_for(send: Send) -> None:
    _, answer = send("GET", "/contacts")
    assert [contact["id"] for contact in answer["data"]] == sorted(c["id"] for c in example("01")["data"])


def test_an_upload_is_answered_as_in_example_12_and_imported_as_in_example_14(
    send: Send, database: Path, tmp_path: Path
) -> None:
    request = example("14", "request")
    file = tmp_path / "contacts.csv"
    file.write_text(_csv_of(request["mappings"]), encoding="utf-8")
    status, uploaded = send("POST", "/contacts/upload", upload=file)
    assert (status, [*uploaded["data"]]) == (200, [*example("12")["data"]])
    assert differences(uploaded["data"], example("12")["data"]) == allowed("12")
    status, answer = send("POST", "/contacts/import.csv", {**request, "file_id": uploaded["data"]["id"]})
    assert (status, differences(answer, example("14"))) == (200, set())
    _, found = send("GET", "/contacts")
    assert found["data"][0]["created_for"] == "import_csv"
    assert (found["data"][0]["display_name"], found["data"][0]["user_id"]) == ("First Name Last Name", USER)
    with open_database(database) as db:
        job = find_job(db.con, answer["data"]["job_id"])
    assert (job.state, job.report["created"], job.file) == ("done", 1, "contacts.csv")


@pytest.mark.parametrize(("number", "ext"), [("15", "xls"), ("16", "xlsx")])
def test_a_workbook_is_imported_as_in_examples_15_and_16(
    send: Send, database: Path, tmp_path: Path, number: str, ext: str
) -> None:
    request = example(number, "request")
    file = tmp_path / f"contacts.{ext}"
    rows = [line.split(",") for line in _csv_of(request["mappings"]).splitlines()]
    _write_workbook(file, rows)
    _, uploaded = send("POST", "/contacts/upload", upload=file)
    status, answer = send("POST", f"/contacts/import.{ext}", {**request, "file_id": uploaded["data"]["id"]})
    assert (status, differences(answer, example(number))) == (200, set())
    _, found = send("GET", "/contacts")
    assert [contact["created_for"] for contact in found["data"]] == [f"import_{ext}"]


def test_contacts_are_imported_as_in_example_13(send: Send) -> None:
    status, answer = send("POST", "/contacts/import.json", example("13", "unmasked.request"))
    assert (status, differences(answer, example("13"))) == (200, set())
    _, found = send("GET", "/contacts", query={"order": "created_at"})
    printed = example("01")["data"][2:]
    for imported, contact in zip(found["data"], printed, strict=True):
        assert differences(imported, contact) == set()


def test_attributes_are_deleted_as_in_example_21(send: Send, database: Path) -> None:
    with open_database(database) as db:
        printed_contact("09")(db)
    assert send("DELETE", "/contacts/attributes", example("21", "request")) == (204, None)
    before = example("09")["data"]["attributes"]
    assert send("DELETE", "/contacts/attributes", {"ids": [one["id"] for one in before[1:]]}) == (204, None)
    _, answer = send("GET", f"/contacts/{JOHN}", query=ATTRIBUTES)
    assert [one["id"] for one in answer["data"]["attributes"]] == [before[0]["id"]]


def test_clusters_are_read_as_in_examples_22_and_23_and_merged_as_in_example_25(send: Send, database: Path) -> None:
    with open_database(database) as db:
        add_clusters(db, example("23")["data"])
    one, every = example("22"), example("23")
    status, answer = send("GET", f"/contacts/{one['data']['contacts'][0]['id']}/duplicates")
    assert (status, differences(answer, one)) == (200, set())
    status, answer = send("GET", "/contacts/duplicates")
    assert (status, differences(answer, every)) == (200, set())
    clusters = example("25", "request")
    status, answer = send("POST", "/contacts/merge", clusters)
    assert (status, differences(answer, example("25"))) == (200, set())
    _, left = send("GET", "/contacts")
    assert {contact["id"] for contact in left["data"]} == {one["parent"] for one in clusters["clusters"]}
    with open_database(database) as db:
        job = find_job(db.con, answer["data"]["job_id"])
    assert (job.state, job.report["merged"]) == ("done", 2)


def test_a_contact_is_deleted_as_documented(send: Send, database: Path) -> None:
    with open_database(database) as db:
        printed_contact("09")(db)
    assert send("DELETE", f"/contacts/{JOHN}") == (204, None)
    assert send("GET", f"/contacts/{JOHN}")[0] == 404


def _csv_of(mappings: Body) -> str:
    """A file with the columns of a documented mapping and one row, every cell of the names and e-mails filled."""
    cells = {name: name for name in ("First Name", "Middle Name", "Last Name", "Title")}
    cells |= {"E-mail Address": "sent-1@example.com", "E-mail 2 Address": "sent-2@example.com"}
    return ",".join(mappings) + "\n" + ",".join(cells.get(name, "") for name in mappings) + "\n"


def _write_workbook(file: Path, rows: list[list[str]]) -> None:
    if file.suffix == ".xlsx":
        book = openpyxl.Workbook()
        for row in rows:
            book.worksheets[0].append(row)
        book.save(file)
        return
    old = xlwt.Workbook()
    sheet = old.add_sheet("contacts")
    for at, row in enumerate(rows):
        for column, cell in enumerate(row):
            sheet.write(at, column, cell)
    old.save(str(file))


def test_tags_are_added_renamed_and_given_a_reminder_as_in_examples_27_to_29(send: Send) -> None:
    assert send("POST", "/contacts/tags", example("27", "request")) == (204, None)
    assert send("POST", "/contacts/tags", {"tag": "foo"}) == (204, None)
    assert send("PATCH", "/contacts/tags/foo", example("28", "request")) == (204, None)
    assert send("PATCH", "/contacts/tags/bar/touch", example("29", "request")) == (204, None)
    _, answer = send("GET", "/contacts/tags")
    assert {("baz", 60), ("bar", 10)} <= {(tag["tag"], tag["touch_freq"]) for tag in answer["data"]}
    assert send("DELETE", "/contacts/tags/bar") == (204, None)


def test_a_definition_of_one_s_own_is_deleted(send: Send) -> None:
    _, answer = send("POST", "/contacts/attribute_defs", example("32", "request"))
    assert send("DELETE", f"/contacts/attribute_defs/{answer['data']['id']}") == (204, None)
