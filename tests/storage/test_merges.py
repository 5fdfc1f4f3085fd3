"""Merging in the database and taking it back (contract RULES H), from before-images."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dedup.merging import plan_merge
from storage.database import Database, open_database, transaction
from storage.errors import ConflictError, UsageError
from storage.merges import MergeOutcome, apply_merge, read_merge_inputs, unmerge

EXAMPLES = Path(__file__).parent / "examples"
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
MUCH_LATER = NOW + timedelta(days=1)
BY = UUID("80a227b2-29a0-11e7-b636-e4a7a08e15d4")
A, B, C, D = (UUID(f"0000000{digit}-0000-7000-8000-000000000000") for digit in (1, 2, 3, 4))
ADDRESS = dict.fromkeys(
    [
        *("house_num", "predir", "qual", "pretype", "name", "suftype", "sufdir", "building"),
        *("unit", "box", "extra", "ruralroute", "city", "state", "country", "postcode"),
    ]
)
KATE = UUID("faa570f5-1fc2-46bd-b575-fdc655a8f0da")
DANIEL = UUID("1fbf7d67-3557-428b-ba11-687b8b05ce85")
JOHN = UUID("7cd899ff-ce01-44e1-b895-f5c4550014f6")


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    with open_database(tmp_path_factory.mktemp("merges") / "people.duckdb") as db:
        yield db


@pytest.fixture
def db(shared: Database) -> Iterator[Database]:
    with rolled_back(shared):
        yield shared


@contextmanager
def rolled_back(db: Database) -> Iterator[None]:
    db.con.execute("BEGIN TRANSACTION")
    try:
        yield
    finally:
        db.con.execute("ROLLBACK")


def add_contact(db: Database, id: UUID, **fields: Any) -> UUID:
    insert(db, "contacts", [contact_row(db, id, **fields)])
    return id


def add(db: Database, contact: UUID, kind: str, text: str | None = None, **fields: Any) -> UUID:
    """Add an attribute, a microsecond after every one before it."""
    (number,) = db.con.execute("SELECT count(*) FROM contact_attributes").fetchall()[0]
    row = attribute_row(db, contact, kind, number, text=text, **fields)
    insert(db, "contact_attributes", [row])
    return UUID(str(row["id"]))


def contact_row(db: Database, id: UUID, **fields: Any) -> dict[str, Any]:
    whose = {"user_id": db.user, "brand": db.brand, "created_by": db.user}
    made = {"created_at": NOW, "updated_at": NOW, "created_for": "import_json", "updated_for": "import_json"}
    return {"id": id, "parked": False, **whose, **made, **fields}


def attribute_row(db: Database, contact: UUID, kind: str, number: int, **fields: Any) -> dict[str, Any]:
    written = NOW + timedelta(microseconds=number)
    return {
        "id": uuid4(),
        "contact": contact,
        "attribute_def": definitions(db)[kind],
        "attribute_type": kind,
        "is_primary": False,
        "is_partner": False,
        "created_at": written,
        "updated_at": written,
        "created_by": db.user,
        **fields,
    }


def definitions(db: Database) -> dict[str, str]:
    return dict(db.con.execute("SELECT name, id::VARCHAR FROM attribute_defs").fetchall())


def insert(db: Database, table: str, rows: Sequence[dict[str, Any]]) -> None:
    names = list(dict.fromkeys(name for row in rows for name in row))
    place = ", ".join(
        "list_filter([?::JSON::address], lambda x: x IS NOT NULL)" if name == "address" else "?" for name in names
    )
    values = [
        json.dumps(ADDRESS | item) if isinstance(item, dict) else item for row in rows for item in map(row.get, names)
    ]
    quoted = ", ".join("place" if name == "address" else f'"{name}"' for name in names)
    db.con.execute(f"INSERT INTO {table} ({quoted}) VALUES {', '.join([f'({place})'] * len(rows))}", values)


def merge(db: Database, *clusters: tuple[UUID, Sequence[UUID]], now: datetime = LATER) -> tuple[UUID, MergeOutcome]:
    job = uuid4()
    plan = plan_merge(*read_merge_inputs(db.con, clusters), clusters)
    return job, apply_merge(db.con, plan, job=job, by=BY, now=now)


def undo(db: Database, job_or_parent: UUID) -> MergeOutcome:
    return unmerge(db.con, job_or_parent, by=BY, now=MUCH_LATER)


def dump(db: Database) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    tables = ("contacts", "contact_attributes")
    return tuple(db.con.execute(f"SELECT * FROM {table} ORDER BY id").fetchall() for table in tables)  # type: ignore


def listed(db: Database, contact: UUID, kind: str) -> list[str]:
    """The contact's values of a kind in the order of contract RULES C8, the primary starred."""
    rows = db.con.execute(
        """
        SELECT text, is_primary FROM contact_attributes
        WHERE contact = ? AND attribute_type = ? AND deleted_at IS NULL ORDER BY is_primary DESC, updated_at DESC
        """,
        [contact, kind],
    ).fetchall()
    return [f"{text}*" if is_primary else text for text, is_primary in rows]


def contact(db: Database, id: UUID, *columns: str) -> tuple[Any, ...]:
    return db.con.execute(f"SELECT {', '.join(columns)} FROM contacts WHERE id = ?", [id]).fetchall()[0]


def change(db: Database, attribute: UUID, assignment: str, now: datetime = MUCH_LATER) -> None:
    db.con.execute(f"UPDATE contact_attributes SET {assignment}, updated_at = ? WHERE id = ?", [now, attribute])


@pytest.fixture
def pair(db: Database) -> tuple[UUID, UUID]:
    """Two contacts to merge, B into A; returns the e-mail of each."""
    add_contact(db, A)
    add_contact(db, B)
    add(db, A, "first_name", "Ann")
    add(db, B, "first_name", "Anne")
    return add(db, A, "email", "a@x.org", key="a@x.org"), add(db, B, "email", "b@x.org", key="b@x.org")


def test_moved_values_keep_their_id_and_creation_and_carry_the_merges_stamp(
    db: Database, pair: tuple[UUID, UUID]
) -> None:
    merge(db, (A, [B]))
    rows = db.con.execute(
        "SELECT contact, created_at < ?, updated_at - ?, updated_by FROM contact_attributes WHERE id = ?",
        [LATER, LATER, pair[1]],
    ).fetchall()
    assert rows == [(A, True, timedelta(microseconds=1), BY)]
    assert listed(db, A, "email") == ["a@x.org", "b@x.org"]


@pytest.mark.usefixtures("pair")
def test_the_parent_stays_itself_and_the_sub_contact_is_soft_deleted_for_the_merge(db: Database) -> None:
    merge(db, (A, [B]))
    scalars = ("created_for", "updated_for", "updated_at", "updated_by", "deleted_at", "merged_into")
    assert contact(db, A, *scalars) == ("import_json", "merge", LATER, BY, None, None)
    gone = ("deleted_at", "deleted_by", "deleted_for", "merged_into", "updated_for")
    assert contact(db, B, *gone) == (LATER, BY, "merge", A, "import_json")


@pytest.mark.usefixtures("pair")
def test_a_value_that_loses_stays_with_the_deleted_sub_contact(db: Database) -> None:
    merge(db, (A, [B]))
    assert (listed(db, A, "first_name"), listed(db, B, "first_name")) == (["Ann"], ["Anne"])


@pytest.mark.usefixtures("pair")
def test_an_exact_duplicate_within_the_parent_is_soft_deleted_and_comes_back(db: Database) -> None:
    add(db, A, "email", "A@x.org", key="a@x.org")
    before = dump(db)
    job, _ = merge(db, (A, [B]))
    assert listed(db, A, "email") == ["a@x.org", "b@x.org"]
    undo(db, job)
    assert dump(db) == before


@pytest.mark.usefixtures("pair")
def test_a_merge_says_whose_summaries_are_stale(db: Database) -> None:
    add_contact(db, C)
    job, merged = merge(db, (A, [C, B]))
    undone = undo(db, job)
    for outcome in (merged, undone):
        assert (outcome.clusters, outcome.sub_contacts) == (1, 2)
        assert sorted(outcome.contacts["contact"]) == sorted([str(A), str(B), str(C)])


@pytest.mark.usefixtures("pair")
def test_merges_and_events_tell_what_was_done(db: Database) -> None:
    job, _ = merge(db, (A, [B]))
    undo(db, job)
    columns = "job, parent, sub_contacts, created_at, created_by, undone_at, undone_by"
    assert db.con.execute(f"SELECT {columns} FROM merges").fetchall() == [(job, A, [B], LATER, BY, MUCH_LATER, BY)]
    events = db.con.execute("SELECT kind, contact, details ->> '$.sub_contacts[0]' FROM events").fetchall()
    assert events == [("merged", A, str(B)), ("unmerged", A, str(B))]


def test_a_merge_within_the_microseconds_of_an_import_is_stamped_after_it(db: Database) -> None:
    for id in (A, B):
        add_contact(db, id)
        add(db, id, "tag", f"tag of {id}")
    merge(db, (A, [B]), now=NOW)
    query = "SELECT count(*) FROM contact_attributes WHERE contact = ? AND updated_at >= created_at"
    assert db.con.execute(query, [A]).fetchall() == [(2,)]
    assert listed(db, A, "tag") == [f"tag of {A}", f"tag of {B}"]


@pytest.mark.usefixtures("pair")
def test_touch_moves_to_the_parent_and_back(db: Database) -> None:
    touch = {"last_touch": NOW, "last_touch_action": "phone", "touch_freq": 9, "touch_source": "contact"}
    own = {"touch_set_at": NOW, "own_touch_freq": 9, "own_touch_set_at": NOW}
    add_contact(db, C, **touch, **own)
    before = dump(db)
    merge(db, (A, [B, C]))
    assert contact(db, A, *touch, *own) == (NOW, "phone", 9, "contact", NOW, 9, NOW)
    undo(db, A)
    assert dump(db) == before


@pytest.mark.usefixtures("pair")
def test_merging_again_after_undoing_gives_the_same_again(db: Database) -> None:
    merge(db, (A, [B]))
    merged = dump(db)
    undo(db, A)
    merge(db, (A, [B]))
    assert dump(db) == merged
    undo(db, A)
    merge(db, (B, [A]))
    assert listed(db, B, "email") == ["b@x.org", "a@x.org"]


@pytest.mark.parametrize("moments", [(LATER, MUCH_LATER), (LATER, LATER)], ids=["apart", "at one instant"])
@pytest.mark.usefixtures("pair")
def test_a_chain_is_undone_in_reverse_order(db: Database, moments: tuple[datetime, datetime]) -> None:
    add(db, add_contact(db, C), "email", "c@x.org", is_primary=True)
    before = dump(db)
    first, _ = merge(db, (A, [B]), now=moments[0])
    between = dump(db)
    second, _ = merge(db, (C, [A]), now=moments[1])
    assert listed(db, C, "email") == ["c@x.org*", "a@x.org", "b@x.org"]
    with pytest.raises(ConflictError, match=f"merged into {C} later") as caught:
        undo(db, first)
    assert str(C) in caught.value.remedy
    undo(db, second)
    assert dump(db) == between
    undo(db, first)
    assert dump(db) == before


@pytest.mark.usefixtures("pair")
def test_two_merges_into_one_parent_are_undone_latest_first(db: Database) -> None:
    add(db, add_contact(db, C), "email", "c@x.org")
    before = dump(db)
    first, _ = merge(db, (A, [B]))
    merge(db, (A, [C]))
    with pytest.raises(ConflictError, match=f"more was merged into {A} later"):
        undo(db, first)
    undo(db, A)
    assert listed(db, A, "email") == ["a@x.org", "b@x.org"]
    undo(db, A)
    assert dump(db) == before


@pytest.mark.usefixtures("pair")
def test_a_job_undoes_all_its_clusters_and_a_parent_only_its_own(db: Database) -> None:
    add(db, add_contact(db, C), "email", "c@x.org")
    add(db, add_contact(db, D), "email", "d@x.org")
    before = dump(db)
    job, _ = merge(db, (A, [B]), (C, [D]))
    assert undo(db, C).clusters == 1
    assert undo(db, job).clusters == 1
    assert dump(db) == before
    job, _ = merge(db, (A, [B]), (C, [D]))
    assert undo(db, job).clusters == 2
    assert dump(db) == before


@pytest.mark.usefixtures("pair")
def test_a_job_of_which_one_cluster_cannot_be_undone_points_to_undoing_the_others_alone(db: Database) -> None:
    moved = add(db, add_contact(db, C), "email", "c@x.org")
    add_contact(db, D)
    job, _ = merge(db, (A, [B]), (C, [D]))
    change(db, moved, "text = 'other'")
    with pytest.raises(ConflictError, match="one by one, by their parents"):
        undo(db, job)
    assert undo(db, A).clusters == 1


@pytest.mark.parametrize(
    ("assignment", "whose"),
    [
        ("text = 'other'", "parent"),
        ("text = 'other'", "sub_contact"),
        ("label = 'Work'", "sub_contact"),
        ("is_primary = true", "sub_contact"),
        (f"deleted_at = '{MUCH_LATER}'", "parent"),
        (f"deleted_at = '{MUCH_LATER}'", "sub_contact"),
    ],
)
def test_undoing_refuses_to_overwrite_a_later_edit_or_deletion(
    db: Database, pair: tuple[UUID, UUID], assignment: str, whose: str
) -> None:
    job, _ = merge(db, (A, [B]))
    attribute = pair[0] if whose == "parent" else pair[1]
    change(db, attribute, assignment)
    edited = dump(db)
    with pytest.raises(ConflictError, match=f"the email with id {attribute} was changed or deleted since") as caught:
        undo(db, job)
    assert caught.value.exit_code == 7
    assert "x.org" not in str(caught.value)
    assert dump(db) == edited


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        (
            f"UPDATE contacts SET deleted_at = now(), deleted_for = 'direct_request' WHERE id = '{A}'",
            "was deleted since",
        ),
        (f"UPDATE contacts SET deleted_at = NULL, merged_into = NULL WHERE id = '{B}'", f"sub_contact {B} was changed"),
        (
            f"DELETE FROM contact_attributes WHERE contact = '{A}' AND attribute_type = 'first_name'",
            "the first_name with",
        ),
    ],
)
@pytest.mark.usefixtures("pair")
def test_undoing_refuses_when_contacts_are_not_as_the_merge_left_them(
    db: Database, statement: str, message: str
) -> None:
    merge(db, (A, [B]))
    db.con.execute(statement)
    with pytest.raises(ConflictError, match=message):
        undo(db, A)


@pytest.mark.usefixtures("pair")
def test_what_was_added_since_stays_with_the_parent(db: Database) -> None:
    merge(db, (A, [B]))
    add(db, A, "tag", "New", created_at=MUCH_LATER, updated_at=MUCH_LATER)
    undo(db, A)
    assert (listed(db, A, "tag"), listed(db, A, "email"), listed(db, B, "email")) == (["New"], ["a@x.org"], ["b@x.org"])


def test_a_primary_chosen_since_stays_the_only_one(db: Database) -> None:
    add(db, add_contact(db, A), "email", "a@x.org", is_primary=True)
    add(db, add_contact(db, B), "email", "b@x.org", is_primary=True)
    merge(db, (A, [B]))
    # Choosing another clears the old one and leaves its times alone (contract RULES D3).
    db.con.execute("UPDATE contact_attributes SET is_primary = false WHERE contact = ?", [A])
    add(db, A, "email", "new@x.org", is_primary=True, created_at=MUCH_LATER, updated_at=MUCH_LATER)
    undo(db, A)
    assert (listed(db, A, "email"), listed(db, B, "email")) == (["new@x.org*", "a@x.org"], ["b@x.org*"])


@pytest.mark.usefixtures("pair")
def test_touches_and_changes_of_the_parent_since_stay(db: Database) -> None:
    add_contact(db, C, last_touch=NOW, last_touch_action="phone", touch_freq=9, touch_set_at=NOW)
    merge(db, (A, [B, C]))
    db.con.execute(
        """
        UPDATE contacts SET last_touch = $now, last_touch_action = 'email', updated_at = $now, updated_for = 'x'
        WHERE id = $a
        """,
        {"now": MUCH_LATER, "a": A},
    )
    undo(db, A)
    columns = ("last_touch", "last_touch_action", "touch_freq", "touch_set_at", "updated_at", "updated_for")
    assert contact(db, A, *columns) == (MUCH_LATER, "email", None, None, MUCH_LATER, "x")
    assert contact(db, C, "last_touch", "touch_freq", "deleted_at") == (NOW, 9, None)


@pytest.mark.usefixtures("pair")
def test_an_id_that_merged_nothing_is_refused_with_a_way_on(db: Database) -> None:
    with pytest.raises(UsageError, match="no merge has the job or parent"):
        undo(db, A)
    job, _ = merge(db, (A, [B]))
    with pytest.raises(UsageError, match=f"{B} was merged into {A}") as caught:
        undo(db, B)
    assert f"onecard unmerge {A}" in str(caught.value)
    undo(db, job)
    for again in (job, A):
        with pytest.raises(ConflictError, match="undone already"):
            undo(db, again)


@pytest.mark.usefixtures("pair")
def test_a_contact_merged_away_cannot_be_merged_again(db: Database) -> None:
    add_contact(db, C)
    merge(db, (A, [B]))
    with pytest.raises(ConflictError, match=f"contact {B} was merged into {A} already"):
        merge(db, (C, [B]))
    with pytest.raises(UsageError, match=f"there is no contact {D}"):
        merge(db, (C, [D]))


@pytest.mark.usefixtures("pair")
def test_deleted_values_neither_move_nor_come_back(db: Database) -> None:
    add(db, B, "email", "old@x.org", deleted_at=NOW)
    before = dump(db)
    merge(db, (A, [B]))
    assert listed(db, A, "email") == ["a@x.org", "b@x.org"]
    undo(db, A)
    assert dump(db) == before


def test_a_failed_call_leaves_nothing_when_its_transaction_ends(tmp_path: Path) -> None:
    with open_database(tmp_path / "people.duckdb") as db:
        for id in (A, B, C):
            add(db, add_contact(db, id), "email", f"{id}@x.org")
        before = dump(db)
        with pytest.raises(UsageError):
            merge_twice(db)
        assert dump(db) == before
        assert db.con.execute("SELECT count(*) FROM merges").fetchall() == [(0,)]


def merge_twice(db: Database) -> None:
    with transaction(db.con):
        merge(db, (A, [B]))
        merge(db, (C, [D]))


@pytest.fixture
def imported(db: Database) -> Database:
    """The documented import of ten contacts, tagged and touched as the documented merge found them."""
    bodies = json.loads((EXAMPLES / "import-contacts.request.json").read_text("utf-8"))["contacts"]
    ids = [KATE, DANIEL, JOHN, *(uuid4() for _ in bodies[3:])]
    kinds = {id: name for name, id in definitions(db).items()}
    touch = {"last_touch": NOW, "last_touch_action": "email", "touch_freq": 7, "touch_set_at": NOW}
    contacts, values = [], []
    for id, body in zip(ids, bodies, strict=True):
        contacts.append(contact_row(db, id, ios_address_book_id=body.get("ios_address_book_id"), **touch))
        for sent in [*body["attributes"], {"text": "ManyContacts", "attribute_def": definitions(db)["tag"]}]:
            kind = kinds[sent["attribute_def"]]
            label = "Home" if kind == "address" else None
            values.append(attribute_row(db, id, kind, len(values), label=label, **sent))
    insert(db, "contacts", contacts)
    insert(db, "contact_attributes", values)
    return db


def documented() -> dict[str, Any]:
    body = json.loads((EXAMPLES / "merge-contacts.response.json").read_text("utf-8"))
    return dict(body["data"])


def test_the_documented_merge_gives_the_documented_contact(imported: Database) -> None:
    merge(imported, (JOHN, [KATE, DANIEL]))
    printed = documented()
    scalars = ("ios_address_book_id", "last_touch_action", "touch_freq", "created_for", "updated_for", "deleted_at")
    assert contact(imported, JOHN, *scalars) == tuple(printed[name] for name in scalars)
    columns = 'attribute_type, "index", label, is_primary, is_partner, text, date, address'
    rows = imported.con.sql(f"SELECT {columns} FROM contact_attributes WHERE contact = '{JOHN}'").pl().to_dicts()
    assert sorted(map(comparable, rows)) == sorted(map(comparable, printed["attributes"]))


def test_the_documented_merge_lists_addresses_as_documented_and_phones_by_our_order(imported: Database) -> None:
    merge(imported, (JOHN, [KATE, DANIEL]))
    streets = imported.con.execute(
        """
        SELECT address.name FROM contact_attributes WHERE contact = ? AND attribute_type = 'address'
        ORDER BY is_primary DESC, created_at
        """,
        [JOHN],
    ).fetchall()
    assert [name for (name,) in streets] == [place["name"] for place in documented()["address"]]
    # The document's own order is arbitrary here (contract RULES H10): the parent's stand first, then by child id.
    phones = listed(imported, JOHN, "phone_number")
    assert sorted(phones) == sorted(documented()["phone_numbers"])
    assert phones[:2] == ["888-555-1212", "888-555-5512"]
    assert phones[2:5] == ["(408) 555-3514", "(408) 555-5270", "555-478-7672"]
    assert phones[5:] == ["(415) 555-3695", "(555) 564-8583"]
    assert listed(imported, JOHN, "tag") == documented()["tags"]


def test_the_tag_collection_is_left_alone(imported: Database) -> None:
    before = imported.con.execute("SELECT * FROM tags ORDER BY id").fetchall()
    merge(imported, (JOHN, [KATE, DANIEL]))
    assert imported.con.execute("SELECT * FROM tags ORDER BY id").fetchall() == before


def test_the_documented_merge_can_be_undone(imported: Database) -> None:
    before = dump(imported)
    job, _ = merge(imported, (JOHN, [KATE, DANIEL]))
    undo(imported, job)
    assert dump(imported) == before


def comparable(attribute: dict[str, Any]) -> str:
    """An attribute without ids and times; e-mails are masked in the document, and line1 and the like are computed."""
    kept = {name: attribute[name] for name in ("index", "label", "is_primary", "is_partner", "date")}
    kept["text"] = "masked" if attribute["attribute_type"] == "email" else attribute["text"]
    computed = ("type", "line1", "line2", "full")
    parts = sorted((part, text) for part, text in (attribute["address"] or {}).items() if text and part not in computed)
    return json.dumps([attribute["attribute_type"], kept, parts])


KINDS = ("first_name", "email", "phone_number", "tag", "birthday", "child_birthday", "address", "website")
MOMENTS = st.integers(0, 5).map(lambda number: NOW + timedelta(microseconds=number))
PLACES = st.fixed_dictionaries({"name": st.sampled_from(["Oak", "Elm"]), "city": st.sampled_from([None, "Union"])})


@st.composite
def attributes(draw: st.DrawFn, people: int) -> dict[str, Any]:
    kind = draw(st.sampled_from(KINDS))
    moment = draw(MOMENTS)
    row: dict[str, Any] = {
        "contact": draw(st.integers(0, people - 1)),
        "kind": kind,
        "label": draw(st.sampled_from([None, "Home"])),
        "is_primary": draw(st.booleans()),
        "is_partner": draw(st.integers(0, 3)) == 0,
        "index": draw(st.sampled_from([None, 0, 1])),
        "created_at": moment,
        "updated_at": moment + timedelta(microseconds=draw(st.integers(0, 3))),
        "deleted_at": draw(st.sampled_from([None, None, None, NOW])),
    }
    if kind == "address":
        return row | {"address": draw(PLACES)}
    if kind.endswith("birthday"):
        return row | {"date": draw(st.sampled_from([0, 86400]))}
    return row | {"text": draw(st.sampled_from(["x", "X", " y ", "z"])), "key": draw(st.sampled_from([None, "k"]))}


@st.composite
def address_books(draw: st.DrawFn) -> tuple[list[dict[str, Any]], list[dict[str, Any]], list[list[int]]]:
    """Contacts, their attributes, and disjoint groups of contacts to merge, parent first."""
    touches = st.fixed_dictionaries(
        {
            "updated_at": MOMENTS,
            "last_touch": st.none() | MOMENTS,
            "touch_freq": st.sampled_from([None, 0, 7, 30]),
            "touch_set_at": st.none() | MOMENTS,
        }
    )
    people = draw(st.lists(touches, min_size=2, max_size=7))
    values = draw(st.lists(attributes(len(people)), min_size=1, max_size=25))
    order = draw(st.permutations(range(len(people))))
    size = draw(st.integers(2, len(people)))
    return people, values, [list(order[:size]), *([list(order[size:])] if len(people) - size > 1 else [])]


@given(book=address_books())
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_merging_and_undoing_restores_every_byte(
    shared: Database, book: tuple[list[dict[str, Any]], list[dict[str, Any]], list[list[int]]]
) -> None:
    people, values, groups = book
    with rolled_back(shared):
        ids = [UUID(int=number + 1) for number in range(len(people))]
        insert(shared, "contacts", [contact_row(shared, id, **person) for id, person in zip(ids, people, strict=True)])
        rows = [value | {"contact": ids[value["contact"]]} for value in values]
        insert(shared, "contact_attributes", [attribute_row(shared, number=0, **row) for row in rows])
        before = dump(shared)
        job, _ = merge(shared, *((ids[parent], [ids[sub] for sub in subs]) for parent, *subs in groups))
        check_merged(shared, [ids[parent] for parent, *_ in groups])
        undo(shared, job)
        assert dump(shared) == before


def check_merged(db: Database, parents: list[UUID]) -> None:
    """What holds of every merged contact, whatever it was merged from."""
    living = pl.DataFrame({"contact": [str(parent) for parent in parents]})
    db.con.register("parents", living)
    of_parents = (
        "FROM contact_attributes WHERE deleted_at IS NULL AND contact::VARCHAR IN (SELECT contact FROM parents)"
    )
    doubled = [
        f"SELECT 1 {of_parents} AND is_primary GROUP BY contact, attribute_def HAVING count(*) > 1",
        f"SELECT 1 {of_parents} AND text IS NOT NULL"
        " GROUP BY contact, attribute_def, is_partner, coalesce(key, lower(trim(text))) HAVING count(*) > 1",
        f"SELECT 1 {of_parents} AND text IS NULL"
        " GROUP BY contact, attribute_def, is_partner, label, date, address HAVING count(*) > 1",
        f"SELECT 1 {of_parents} GROUP BY contact, updated_at HAVING count(*) > 1",
    ]
    for query in doubled:
        assert db.con.execute(query).fetchall() == []
    db.con.unregister("parents")
