"""Runs over what changed: they end where a full run would, at a cost that follows the change."""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

import polars as pl
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from bench.people import make_people
from dedup.finding import find_duplicates as find
from dedup.rules import Blocking, Rules
from flows import deduplicating
from flows.importing import ImportSettings, import_file
from flows.pipeline import (
    DedupReport,
    explain_pair,
    find_all_duplicates,
    find_duplicates,
    judge,
    merge_contacts,
    unmerge,
)
from storage.database import Database, open_database
from storage.duplicates import read_clusters, read_judgements
from storage.errors import ConflictError
from storage.evidence import read_evidence
from tests.dedup.test_storage import add

START = datetime(2026, 3, 1, tzinfo=UTC)
# Keys are used at any size, so that small books can be compared anew in part.
RULES = Rules(blocking=Blocking(least_pairs=0, pairs_per_record=20))
NAMES = ("Octavia Penhaligon", "Boris Kuznetsov", "Wanda Quimby", "Ulrich Baumann", "Ines Valverde")
CROWD = [f"{first} {last}" for first in ("Anna", "Farid", "Greta", "Hugo") for last in ("Abel", "Brandt", "Conti")]


@dataclass
class Book:
    """A small address book and the clock of what happens to it."""

    db: Database
    now: datetime = START
    last: int = 0
    merges: list[UUID] = field(default_factory=list)

    def tick(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now

    def add(self, name: str) -> None:
        self.last += 1
        first, last = name.split()
        mail = f"{first}.{last}@{last}.example".lower()
        add(self.db, self.last, first_name=first, last_name=last, email=mail, phone_number=f"+1415{hash_of(name):07}")

    def living(self) -> list[UUID]:
        rows = self.db.con.execute("SELECT id FROM contacts WHERE deleted_at IS NULL ORDER BY id").fetchall()
        return [contact for (contact,) in rows]

    def clusters(self) -> set[frozenset[str]]:
        rows = self.db.con.execute("SELECT list(contact::VARCHAR) FROM duplicate_members GROUP BY cluster").fetchall()
        return {frozenset(contacts) for (contacts,) in rows}

    def run(self) -> DedupReport:
        return find_duplicates(self.db, rules=RULES, now=self.tick())

    def run_full(self) -> DedupReport:
        return find_all_duplicates(self.db, rules=RULES, now=self.tick())


def hash_of(name: str) -> int:
    return sum(ord(letter) * 31**place for place, letter in enumerate(name)) % 10_000_000


@contextmanager
def book() -> Iterator[Book]:
    with TemporaryDirectory() as folder, open_database(Path(folder) / "book.duckdb") as db:
        filled = Book(db)
        for name in (*NAMES, *NAMES[:3], *CROWD):
            filled.add(name)
        filled.run_full()
        yield filled


@pytest.fixture(autouse=True)
def any_change_is_little(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deduplicating, "LITTLE", 100.0)


def add_one(to: Book, one: int, other: int) -> None:
    to.add(NAMES[one % len(NAMES)])


def rename(in_: Book, one: int, other: int) -> None:
    """Make a contact another person, as an update of its values would."""
    contact = in_.living()[one % len(in_.living())]
    in_.db.con.execute("UPDATE contact_attributes SET deleted_at = $1 WHERE contact = $2", [in_.tick(), contact])
    first, last = NAMES[other % len(NAMES)].split()
    mail = f"{first}.{last}@{last}.example".lower()
    phone = f"+1415{hash_of(f'{first} {last}'):07}"
    add(in_.db, contact.int, first_name=first, last_name=last, email=mail, phone_number=phone)


def delete(from_: Book, one: int, other: int) -> None:
    contact = from_.living()[one % len(from_.living())]
    from_.db.con.execute("UPDATE contacts SET deleted_at = $1 WHERE id = $2", [from_.tick(), contact])


def restore(in_: Book, one: int, other: int) -> None:
    in_.db.con.execute("UPDATE contacts SET deleted_at = NULL WHERE deleted_for IS NULL")


def say_same(in_: Book, one: int, other: int) -> None:
    _say(in_, one, other, "same")


def say_different(in_: Book, one: int, other: int) -> None:
    _say(in_, one, other, "different")


def _say(in_: Book, one: int, other: int, word: str) -> None:
    left, right = in_.living()[one % len(in_.living())], in_.living()[other % len(in_.living())]
    if left != right:
        judge(in_.db, left, right, word, by=in_.db.user, now=in_.tick())  # type: ignore[arg-type]


def merge(in_: Book, one: int, other: int) -> None:
    left, right = in_.living()[one % len(in_.living())], in_.living()[other % len(in_.living())]
    if left != right:
        in_.merges.append(merge_contacts(in_.db, [(left, (right,))], by=in_.db.user, now=in_.tick()).job_id)


def undo(in_: Book, one: int, other: int) -> None:
    """Undo the last merge, unless its contacts were changed since."""
    if in_.merges:
        with suppress(ConflictError):
            unmerge(in_.db, in_.merges.pop(), by=in_.db.user, now=in_.tick())


ACTS: tuple[Callable[[Book, int, int], None], ...] = (
    add_one,
    rename,
    delete,
    restore,
    say_same,
    say_different,
    merge,
    undo,
)
number = st.integers(0, 30)
rounds = st.lists(st.lists(st.tuples(st.sampled_from(ACTS), number, number), max_size=3), min_size=1, max_size=3)


@settings(max_examples=12, derandomize=True, phases=[Phase.explicit, Phase.generate])
@given(rounds)
def test_whatever_happens_a_run_over_the_changes_ends_where_a_full_run_does(
    happened: list[list[tuple[Callable[[Book, int, int], None], int, int]]],
) -> None:
    with book() as changing:
        for acts in happened:
            for act, one, other in acts:
                act(changing, one, other)
            assert changing.run().run == "incremental"
        found = changing.clusters()
        assert changing.run().changed == 0
        assert changing.run_full().run == "full"
        assert found == changing.clusters()


@pytest.fixture
def small() -> Iterator[Book]:
    with book() as filled:
        yield filled


@pytest.mark.parametrize("act", ACTS[1:3], ids=["edited", "deleted"])
def test_a_cluster_dissolves_when_a_member_is_changed_or_gone(
    small: Book, act: Callable[[Book, int, int], None]
) -> None:
    before = small.clusters()
    act(small, 0, 4)
    assert small.run().changed == 1
    assert len(before - small.clusters()) == 1


def test_cluster_ids_stay_while_members_overlap(small: Book) -> None:
    before = dict(small.db.con.execute("SELECT contact, cluster FROM duplicate_members").fetchall())
    small.add(NAMES[0])
    small.add(NAMES[4])
    small.run()
    after = dict(small.db.con.execute("SELECT contact, cluster FROM duplicate_members").fetchall())
    assert {contact: after[contact] for contact in before} == before
    assert after[UUID(int=small.last - 1)] == before[UUID(int=1)]
    assert after[UUID(int=small.last)] not in before.values()


@pytest.mark.parametrize("run", [Book.run, Book.run_full], ids=["incremental", "full"])
def test_a_word_on_a_contact_holds_for_what_it_was_merged_into(small: Book, run: Callable[[Book], DedupReport]) -> None:
    """Two say they are different; one of them goes into a third card, and that into a fourth."""
    small.add(NAMES[0])
    small.add(NAMES[0])
    one, other, third, fourth = (UUID(int=number) for number in (1, 6, small.last - 1, small.last))
    judge(small.db, one, other, "different", by=small.db.user, now=small.tick())
    for parent, sub in ((third, other), (fourth, third)):
        small.merges.append(merge_contacts(small.db, [(parent, (sub,))], by=small.db.user, now=small.tick()).job_id)
    run(small)
    pair = frozenset((str(one), str(fourth)))
    assert not any(pair <= cluster for cluster in small.clusters())
    judge(small.db, fourth, one, "same", by=small.db.user, now=small.tick())
    run(small)
    assert pair in small.clusters()
    judge(small.db, fourth, one, "different", by=small.db.user, now=small.tick())
    undo(small, 0, 0)
    run(small)
    assert not any(pair <= cluster for cluster in small.clusters())


def test_an_unmerge_that_puts_an_older_time_back_is_seen(small: Book) -> None:
    merge(small, 0, 5)
    small.run()
    undo(small, 0, 0)
    assert small.run().changed == 2
    assert any({str(UUID(int=1)), str(UUID(int=6))} <= cluster for cluster in small.clusters())


def test_other_rules_or_many_changes_call_for_a_full_run(small: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    stricter = RULES.model_copy(update={"threshold": 0.9})
    assert find_duplicates(small.db, rules=stricter, now=small.tick()).run == "full"
    assert find_duplicates(small.db, rules=stricter, now=small.tick()).run == "incremental"
    monkeypatch.setattr(deduplicating, "LITTLE", 0.1)
    for name in NAMES:
        small.add(name)
    assert find_duplicates(small.db, rules=stricter, now=small.tick()).run == "full"


def test_a_few_nameless_contacts_among_people_are_weighed_as_among_people(small: Book) -> None:
    """Whether a book is of organisations was decided when it was read whole: two nameless cards do not change it."""
    shared = {"email": "desk@harlow.example", "phone_number": "+14155550100"}
    for number, company in ((50, "Harlow Dental"), (51, "Dental Harlow")):
        add(small.db, number, company=company, **shared)
    assert small.run().run == "incremental"
    kept = small.db.con.execute('SELECT probability FROM duplicate_pairs WHERE "left" = $1', [UUID(int=50)]).fetchall()
    told = explain_pair(small.db, UUID(int=50), UUID(int=51))
    assert kept == [(pytest.approx(told.probability, abs=1e-4),)], told.as_text()


@pytest.fixture
def crowded(tmp_path: Path) -> Iterator[Callable[[slice], Database]]:
    """A database and a way to import more of 3,000 generated people into it."""
    people = make_people(3_000, seed=5).drop("person_id", "source").sample(fraction=1, shuffle=True, seed=1)
    columns = {"emails": "email", "phone_numbers": "phone_number", "record_id": "source_id"}
    places = {"house_num": "house_num", "street": "name", "city": "city", "state": "state", "postcode": "postcode"}
    mapping = {name: {"attribute_type": columns.get(name, name)} for name in people.columns if name not in places}
    mapping |= {name: {"attribute_type": f"address.{part}", "index": 0} for name, part in places.items()}
    mapping["emails"]["multivalued"] = mapping["phone_numbers"]["multivalued"] = ";"
    (tmp_path / "mapping.json").write_text(json.dumps({"mappings": mapping}))
    with open_database(tmp_path / "crowd.duckdb") as db:

        def bring(some: slice) -> Database:
            people[some].write_csv(tmp_path / "people.csv")
            chosen = ImportSettings(mapping=str(tmp_path / "mapping.json"), source="crowd", dates="ymd")
            import_file(db, tmp_path / "people.csv", chosen, now=START)
            return db

        yield bring


def test_few_new_contacts_cost_few_comparisons_and_find_what_a_full_run_finds(
    crowded: Callable[[slice], Database],
) -> None:
    db = crowded(slice(0, 2_950))
    full = find_duplicates(db, rules=Rules(), now=START)
    crowded(slice(2_950, 3_000))
    some = find_duplicates(db, rules=Rules(), now=START)
    assert (full.run, some.run, some.changed) == ("full", "incremental", 50)
    assert some.pairs < full.pairs / 20
    clusters = clusters_of(db)
    find_all_duplicates(db, rules=Rules(), now=START)
    assert len(clusters ^ clusters_of(db)) <= 0.02 * len(clusters)


def clusters_of(db: Database) -> set[frozenset[str]]:
    return {frozenset(cluster) for cluster in read_clusters(db.con).group_by("cluster").agg("contact")["contact"]}


def test_threads_change_nothing(crowded: Callable[[slice], Database], monkeypatch: pytest.MonkeyPatch) -> None:
    db = crowded(slice(0, 2_000))
    results = []
    for threads in (1, 4):
        db.con.execute(f"SET threads = {threads}")
        monkeypatch.setattr(os, "cpu_count", lambda count=threads: count)
        found = find(read_evidence(db.con, scope="user"), rules=Rules(), judgements=read_judgements(db.con))
        assert found.kept
        results.append((found.pairs, found.members, found.kept.keys, found.kept.values, found.learned))
    for one, other in zip(*results, strict=True):
        if isinstance(one, pl.DataFrame) and isinstance(other, pl.DataFrame):
            assert_frame_equal(one, other)
        else:
            assert one == other
