"""What the matcher reads from the database and what it leaves there."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import polars as pl
import pytest

from dedup.finding import find_duplicates
from dedup.rules import Rules
from storage.database import Database, open_database
from storage.duplicates import (
    read_clusters,
    read_judgements,
    read_weights,
    write_duplicates,
    write_judgement,
)
from storage.errors import UsageError
from storage.evidence import read_evidence
from storage.runs import name_pairs

NOW = datetime(2026, 1, 2, tzinfo=UTC)
JOB = UUID(int=7)


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    with open_database(tmp_path / "test.duckdb") as database:
        yield database


def add(db: Database, number: int, *, partner: bool = False, user: UUID | None = None, **values: str) -> UUID:
    """Add a contact, or values to it; keys of e-mails and phones are the values themselves, '' standing for no key."""
    contact = UUID(int=number)
    if not db.con.execute("SELECT 1 FROM contacts WHERE id = $1", [contact]).fetchall():
        db.con.execute(
            """
            INSERT INTO contacts (id, user_id, brand, created_at, updated_at, created_for, updated_for, parked)
            VALUES ($1, $2, $3, $4, $4, 'direct_request', 'direct_request', false)
            """,
            [contact, user or db.user, db.brand, NOW],
        )
    for name, text in values.items():
        key = (text.lower() or None) if name in ("email", "phone_number") else None
        db.con.execute(
            """
            INSERT INTO contact_attributes
                (id, contact, attribute_def, attribute_type, is_primary, is_partner, text, key, created_at, updated_at)
            SELECT $1, $2, id, name, false, $3, $4, $5, $6, $6 FROM attribute_defs WHERE name = $7
            """,
            [uuid4(), contact, partner, text, key, NOW, name],
        )
    return contact


def run(db: Database, **rules: str) -> None:
    chosen = Rules.model_validate(rules)
    evidence = read_evidence(db.con, scope=chosen.scope)
    write_duplicates(db.con, find_duplicates(evidence, rules=chosen, judgements=read_judgements(db.con)), JOB)


CARD = {"first_name": "Octavia", "last_name": "Penhaligon", "email": "octavia@penhaligon.example"}


def test_partner_values_and_values_without_key_are_no_evidence(db: Database) -> None:
    add(db, 1, first_name="Ada", email="Ada@Lund.example")
    add(db, 1, partner=True, first_name="Vera", email="vera@moss.example")
    add(db, 2, first_name="Vera", email="")
    evidence = read_evidence(db.con, scope="user")
    assert evidence["first_name"].to_list() == ["Ada", "Vera"]
    assert evidence["emails"].to_list() == [["ada@lund.example"], None]


def test_custom_attributes_and_identifiers_are_columns_of_their_own(db: Database) -> None:
    db.con.execute(
        """
        INSERT INTO attribute_defs
        SELECT * REPLACE ($1 AS id, 'member "no"' AS name, false AS global) FROM attribute_defs WHERE name = 'nickname'
        """,
        [uuid4()],
    )
    add(db, 1, first_name="Ada", linkedin="in/ada", **{'member "no"': "A-1"})
    evidence = read_evidence(db.con, scope="user")
    assert evidence.select(r"^custom:.*$").row(0, named=True) == {
        "custom:linkedin": "in/ada",
        'custom:member "no"': "A-1",
    }


def test_owners_differ_by_scope(db: Database) -> None:
    add(db, 1, first_name="Ada")
    add(db, 2, first_name="Ada", user=UUID(int=99))
    assert read_evidence(db.con, scope="user")["owner"].n_unique() == 2
    assert read_evidence(db.con, scope="brand")["owner"].n_unique() == 1
    assert read_evidence(db.con, scope="all")["owner"].n_unique() == 1


def cluster_of(db: Database, contact: UUID) -> pl.DataFrame:
    """The cluster a contact is in, as read_clusters gives it."""
    clusters = read_clusters(db.con)
    mine = clusters.filter(pl.col("contact") == str(contact))["cluster"]
    return clusters.filter(pl.col("cluster").is_in(mine.implode()))


def test_an_empty_database_has_no_duplicates(db: Database) -> None:
    run(db)
    assert read_clusters(db.con).is_empty()
    with pytest.raises(UsageError, match="Run `onecard dedup` first"):
        read_weights(db.con)


def test_a_run_leaves_clusters_pairs_with_reasons_and_weights(db: Database) -> None:
    one, other = add(db, 1, **CARD), add(db, 2, **CARD)
    add(db, 3, first_name="Ada", last_name="Lund")
    run(db)
    assert cluster_of(db, other)["contact"].to_list() == [str(one), str(other)]
    pairs = db.con.sql('SELECT "left", "right", evidence FROM duplicate_pairs').fetchall()
    ((left, right, evidence),) = pairs
    assert (left, right) == (one, other)
    assert {item["field"] for item in evidence} >= {"first_name", "last_name", "email"}
    assert read_weights(db.con).startswith("{")


def test_cluster_ids_stay_while_members_overlap_and_are_not_given_twice(db: Database) -> None:
    card = {"first_name": "Boris", "last_name": "Kuznetsov", "email": "boris@kuznetsov.example"}
    add(db, 11, **CARD), add(db, 12, **CARD)
    run(db)
    first = cluster_of(db, UUID(int=11))["cluster"][0]
    add(db, 1, **card), add(db, 2, **card), add(db, 13, **CARD)
    run(db)
    assert set(cluster_of(db, UUID(int=13))["cluster"]) == {first}
    second = cluster_of(db, UUID(int=1))["cluster"][0]
    assert second != first
    db.con.execute("UPDATE contacts SET deleted_at = $1 WHERE id = $2", [NOW, UUID(int=2)])
    run(db)
    assert read_clusters(db.con)["cluster"].unique().to_list() == [first]
    db.con.execute("UPDATE contacts SET deleted_at = NULL")
    run(db)
    assert cluster_of(db, UUID(int=1))["cluster"][0] not in (first, second)


def test_a_later_judgement_takes_the_place_of_an_earlier_one(db: Database) -> None:
    one, other = add(db, 1, **CARD), add(db, 2, **CARD)
    write_judgement(db.con, other, one, "same", db.user, NOW)
    write_judgement(db.con, one, other, "different", db.user, NOW)
    assert read_judgements(db.con).rows() == [(str(one), str(other), "different")]
    run(db)
    assert read_clusters(db.con).is_empty()


@pytest.mark.parametrize(
    ("left", "right", "word", "message"),
    [(1, 1, "same", "against itself"), (1, 5, "same", "no contact"), (1, 2, "maybe", "no judgement")],
)
def test_judgements_that_make_no_sense_are_refused(
    db: Database, left: int, right: int, word: str, message: str
) -> None:
    add(db, 1, **CARD), add(db, 2, **CARD)
    with pytest.raises(UsageError, match=message):
        write_judgement(db.con, UUID(int=left), UUID(int=right), word, db.user, NOW)  # type: ignore[arg-type]


def test_named_pairs_have_the_four_strongest_reasons_of_the_review_view(db: Database) -> None:
    card = CARD | {"phone_number": "+12025550123", "company": "Penhaligon Pianos", "job_title": "Tuner"}
    one, other = add(db, 1, **card), add(db, 2, **card)
    run(db)
    db.con.execute(
        """
        INSERT INTO contact_summaries
            (contact, display_name, sort_field, summary_display_name, abbreviated_display_name)
        SELECT id, 'Octavia Penhaligon', 'x', 'x', 'x' FROM contacts
        """
    )
    ((listed,),) = db.con.sql("SELECT reasons FROM duplicates_to_review").fetchall()
    named = name_pairs(db.con, pl.DataFrame({"left": [str(one)], "right": [str(other)]}))
    assert named["left_name"].to_list() == named["right_name"].to_list() == ["Octavia Penhaligon"]
    assert len(listed.split(", ")) > 4
    assert named["reasons"].to_list() == [", ".join(listed.split(", ")[:4])]


def test_the_review_view_names_people_and_reasons_until_somebody_has_judged(db: Database) -> None:
    one, other = add(db, 1, **CARD), add(db, 2, **CARD)
    run(db)
    for contact in (one, other):
        db.con.execute(
            """
            INSERT INTO contact_summaries
                (contact, display_name, sort_field, summary_display_name, abbreviated_display_name)
            VALUES ($1, 'Octavia Penhaligon', 'x', 'x', 'x')
            """,
            [contact],
        )
    rows: pl.DataFrame = db.con.sql("SELECT name, other_name, reasons, cluster FROM duplicates_to_review").pl()
    assert rows.height == 1
    assert "email shared (+" in rows["reasons"][0]
    write_judgement(db.con, one, other, "same", db.user, NOW)
    assert db.con.sql("SELECT count(*) FROM duplicates_to_review").fetchall() == [(0,)]
