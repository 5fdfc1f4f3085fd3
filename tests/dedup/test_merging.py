"""What a merge decides, rule by rule (contract RULES H)."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

import polars as pl
import pytest

from dedup.merging import plan_merge
from storage.errors import ConflictError, OnecardError, UsageError
from storage.merges import MergePlan

T0 = datetime(2026, 3, 1, 12, tzinfo=UTC)
BRAND = "20dd2b4a-9e0e-4ad6-b32f-1aabfefd78ae"
# The parent's id is between those of its children: order is the children's, never the parent's.
P, A, B, C = (f"0000000{digit}-0000-7000-8000-000000000000" for digit in (5, 1, 8, 9))
SINGULAR = {"first_name", "last_name", "birthday", "company", "website"}
PARTS = ("house_num", "name", "city", "postcode")

CONTACTS = {
    "contact": pl.String,
    "brand": pl.String,
    "updated_at": pl.Datetime("us", "UTC"),
    "deleted_at": pl.Datetime("us", "UTC"),
    "merged_into": pl.String,
    "last_touch": pl.Datetime("us", "UTC"),
    "last_touch_action": pl.String,
    "touch_freq": pl.Int32,
    "touch_source": pl.String,
    "touch_set_at": pl.Datetime("us", "UTC"),
    "own_touch_freq": pl.Int32,
    "own_touch_set_at": pl.Datetime("us", "UTC"),
}
ATTRIBUTES = {
    "id": pl.String,
    "contact": pl.String,
    "attribute_def": pl.String,
    "singular": pl.Boolean,
    "label": pl.String,
    "is_primary": pl.Boolean,
    "is_partner": pl.Boolean,
    "index": pl.Int32,
    "text": pl.String,
    "number": pl.Float64,
    "date": pl.Int64,
    "address": pl.Struct(dict.fromkeys(PARTS, pl.String)),
    "key": pl.String,
    "created_at": pl.Datetime("us", "UTC"),
    "updated_at": pl.Datetime("us", "UTC"),
}

numbers = count(1)


def at(seconds: float) -> datetime:
    return T0 + timedelta(seconds=seconds)


def contact(id: str, **fields: Any) -> dict[str, Any]:
    return {"contact": id, "brand": BRAND, "updated_at": T0, **fields}


def value(owner: str, kind: str, text: str | None = None, **fields: Any) -> dict[str, Any]:
    """One attribute, written a microsecond after the one before it."""
    number = next(numbers)
    written = T0 + timedelta(microseconds=number)
    return {
        "id": f"{number:08x}-0000-7000-8000-00000000aaaa",
        "contact": owner,
        "attribute_def": kind,
        "singular": kind in SINGULAR,
        "is_primary": False,
        "is_partner": False,
        "text": text,
        "created_at": written,
        "updated_at": written,
        **fields,
    }


def place(owner: str, *parts: str | None, **fields: Any) -> dict[str, Any]:
    padded = [*parts, None, None, None, None][: len(PARTS)]
    return value(owner, "address", address=dict(zip(PARTS, padded, strict=True)), **fields)


def plan(
    values: Sequence[dict[str, Any]],
    contacts: Sequence[dict[str, Any]] = (),
    clusters: Sequence[tuple[str, Sequence[str]]] = ((P, (A, B)),),
) -> MergePlan:
    people = {row["contact"]: row for row in [contact(P), contact(A), contact(B), *contacts]}
    return plan_merge(
        pl.DataFrame(list(people.values()), schema=CONTACTS, orient="row"),
        pl.DataFrame(list(values), schema=ATTRIBUTES, orient="row"),
        [(UUID(parent), tuple(UUID(sub) for sub in subs)) for parent, subs in clusters],
    )


def listed(values: Sequence[dict[str, Any]], kind: str, shown: Callable[[dict[str, Any]], Any]) -> list[Any]:
    """What the merged parent lists of a kind, in the order of contract RULES C8: primary first, then latest first."""
    was = {row["id"]: row for row in values}
    kept = plan(values).attributes.filter(~pl.col("is_dropped")).to_dicts()
    rows = [{**was[row["id"]], **row} for row in kept if was[row["id"]]["attribute_def"] == kind]
    rows.sort(key=lambda row: (not row["is_primary"], -row["step"]))
    return [shown(row) for row in rows]


def texts(row: dict[str, Any]) -> str:
    return str(row["text"])


def starred(row: dict[str, Any]) -> str:
    return f"{row['text'] or row['address']['name']}{'*' if row['is_primary'] else ''}"


def placed(row: dict[str, Any]) -> tuple[str, int | None]:
    return row["address"]["name"], row["index"]


@pytest.mark.parametrize(
    ("rule", "values", "kind", "expected"),
    [
        (
            "H2: the parent's value of a singular definition wins",
            [value(A, "first_name", "Kate"), value(P, "first_name", "John"), value(B, "first_name", "Dan")],
            "first_name",
            ["John"],
        ),
        (
            "H3: a missing one is filled from one child",
            [value(B, "company", "Acme"), value(A, "company", "Initech")],
            "company",
            ["Initech"],
        ),
        (
            "H2: an older value of the parent wins over a newer one of a child",
            [value(P, "company", "Acme", updated_at=at(1)), value(A, "company", "Initech", updated_at=at(9))],
            "company",
            ["Acme"],
        ),
        (
            "H4: values of the children move to the parent",
            [value(A, "email", "a@x.org"), value(B, "email", "b@x.org")],
            "email",
            ["a@x.org", "b@x.org"],
        ),
        (
            "H5: equal values are kept once, whatever their case and surrounding space",
            [value(A, "tag", " MANYCONTACTS "), value(P, "tag", "ManyContacts"), value(B, "tag", "manycontacts")],
            "tag",
            ["ManyContacts"],
        ),
        (
            "H5: values of one key are equal however they are written",
            [
                value(P, "phone_number", "(415) 555-0123", key="+14155550123"),
                value(A, "phone_number", "415.555.0123", key="+14155550123"),
                value(B, "phone_number", "415 555 0199", key="+14155550199"),
            ],
            "phone_number",
            ["(415) 555-0123", "415 555 0199"],
        ),
        (
            "H5: equal values of two children are kept as the first child wrote them",
            [value(B, "email", "Kate@x.org", key="kate@x.org"), value(A, "email", "kate@X.org", key="kate@x.org")],
            "email",
            ["kate@X.org"],
        ),
        (
            "H5: two masked e-mails are equal to each other only as text",
            [value(P, "email", "none@none.com"), value(A, "email", "NONE@none.com"), value(B, "email", "na@na.com")],
            "email",
            ["none@none.com", "na@na.com"],
        ),
        (
            "H6: an exact duplicate within the parent goes too, the first written stays",
            [value(P, "email", "j@x.org"), value(P, "email", "J@X.org"), value(P, "email", "k@x.org")],
            "email",
            ["k@x.org", "j@x.org"],
        ),
        (
            "H10: the parent's values stand first in their old order, then the children's in theirs, by child id",
            [
                value(B, "phone_number", "b1"),
                value(B, "phone_number", "b2"),
                value(P, "phone_number", "p1"),
                value(P, "phone_number", "p2"),
                value(A, "phone_number", "a1"),
                value(A, "phone_number", "a2"),
                value(P, "phone_number", "p0", updated_at=at(-9)),
            ],
            "phone_number",
            ["p2", "p1", "p0", "a2", "a1", "b2", "b1"],
        ),
        (
            "H10: tags as well",
            [value(A, "tag", "New"), value(P, "tag", "Warm"), value(P, "tag", "Buyer"), value(B, "tag", "Seller")],
            "tag",
            ["Buyer", "Warm", "New", "Seller"],
        ),
    ],
    ids=lambda case: case if isinstance(case, str) and case.startswith("H") else "",
)
def test_which_values_survive(rule: str, values: list[dict[str, Any]], kind: str, expected: list[str]) -> None:
    assert listed(values, kind, texts) == expected, rule


@pytest.mark.parametrize(
    ("rule", "values", "kind", "expected"),
    [
        (
            "H8: a child's primary survives when the parent has none, and so stands first",
            [value(P, "email", "p"), value(A, "email", "a"), value(B, "email", "b", is_primary=True)],
            "email",
            ["b*", "p", "a"],
        ),
        (
            "H9: the parent's primary stays, others are cleared",
            [
                value(P, "email", "p1", is_primary=True),
                value(P, "email", "p2"),
                value(A, "email", "a", is_primary=True),
                value(B, "email", "b", is_primary=True),
            ],
            "email",
            ["p1*", "p2", "a", "b"],
        ),
        (
            "H9: of the children's primaries the first child's stays",
            [value(B, "email", "b", is_primary=True), value(A, "email", "a", is_primary=True)],
            "email",
            ["a*", "b"],
        ),
        (
            "H8: a value that was primary only at a child stays primary in the parent's row",
            [
                value(P, "email", "p"),
                value(P, "email", "same"),
                value(A, "email", "Same", is_primary=True),
            ],
            "email",
            ["same*", "p"],
        ),
        (
            "D1: one primary a definition, the partner's included",
            [
                value(P, "email", "p", is_primary=True),
                value(A, "email", "partner", is_primary=True, is_partner=True),
            ],
            "email",
            ["p*", "partner"],
        ),
        (
            "D1: two values of which neither is primary stay so",
            [value(P, "email", "p"), value(A, "email", "a")],
            "email",
            ["p", "a"],
        ),
        (
            "H8: one type's primary does not touch another's",
            [value(P, "email", "p", is_primary=True), place(A, "165", "Davis", is_primary=True)],
            "address",
            ["Davis*"],
        ),
    ],
    ids=lambda case: case if isinstance(case, str) and case[0] in "HD" else "",
)
def test_which_value_is_primary(rule: str, values: list[dict[str, Any]], kind: str, expected: list[str]) -> None:
    assert listed(values, kind, starred) == expected, rule


@pytest.mark.parametrize(
    ("rule", "values", "expected"),
    [
        (
            "H7: the parent keeps its index, children take the next ones by their id",
            [place(B, "165", "Davis", index=0), place(A, "322", "Laguna", index=0), place(P, "3494", "Kuhl", index=0)],
            {("Kuhl", 0), ("Laguna", 1), ("Davis", 2)},
        ),
        (
            "H7: an index nobody else has is kept",
            [place(P, "1", "P", index=0), place(A, "2", "A", index=3), place(B, "3", "B", index=0)],
            {("P", 0), ("A", 3), ("B", 4)},
        ),
        (
            "H7: no index stays none",
            [place(P, "1", "P"), place(A, "2", "A"), place(B, "3", "B", index=0)],
            {("P", None), ("A", None), ("B", 0)},
        ),
        (
            "H7: addresses of the partner are numbered apart",
            [place(P, "1", "P", index=0), place(A, "2", "A", index=0, is_partner=True)],
            {("P", 0), ("A", 0)},
        ),
        (
            "H12: equal addresses collapse, and the one that goes takes no index",
            [place(P, "1", "Oak", label="Home", index=0), place(A, "1", "Oak", label="Home", index=0)],
            {("Oak", 0)},
        ),
        (
            "H12: a missing component and an empty one are the same",
            [place(P, "1", "Oak", "Union", ""), place(A, "1", "Oak", "Union", None)],
            {("Oak", None)},
        ),
        (
            "H12: one differing component keeps both",
            [place(P, "1", "Oak", "Union", index=0), place(A, "1", "Oak", "Reno", index=0)],
            {("Oak", 0), ("Oak", 1)},
        ),
        (
            "H12: another label keeps both",
            [place(P, "1", "Oak", label="Home", index=0), place(A, "1", "Oak", label="Work", index=0)],
            {("Oak", 0), ("Oak", 1)},
        ),
    ],
    ids=lambda case: case if isinstance(case, str) else "",
)
def test_where_addresses_stand(rule: str, values: list[dict[str, Any]], expected: set[tuple[str, int | None]]) -> None:
    assert set(listed(values, "address", placed)) == expected, rule


def test_a_missing_value_comes_from_the_child_updated_last() -> None:
    values = [value(A, "company", "Acme"), value(B, "company", "Initech")]
    kept = plan(values, [contact(A, updated_at=at(1)), contact(B, updated_at=at(2))]).attributes
    assert kept["id"].to_list() == [values[1]["id"]]


def test_singular_values_of_the_contact_and_of_its_partner_are_apart() -> None:
    values = [value(P, "first_name", "John"), value(A, "first_name", "Ann", is_partner=True)]
    assert listed(values, "first_name", texts) == ["John", "Ann"]


def test_equal_values_of_the_contact_and_of_its_partner_both_stay() -> None:
    values = [value(P, "email", "home@x.org"), value(A, "email", "home@x.org", is_partner=True)]
    assert listed(values, "email", texts) == ["home@x.org", "home@x.org"]


def test_twins_born_on_one_day_both_stay() -> None:
    twins = [value(P, "child_birthday", date=86400, label="Ann"), value(A, "child_birthday", date=86400, label="Bob")]
    again = value(B, "child_birthday", date=86400, label="Bob")
    assert listed([*twins, again], "child_birthday", lambda row: row["label"]) == ["Ann", "Bob"]


def test_equal_numbers_are_kept_once() -> None:
    values = [value(P, "lot", number=2.5), value(A, "lot", number=2.5), value(B, "lot", number=3.0)]
    assert listed(values, "lot", lambda row: row["number"]) == [2.5, 3.0]


def test_values_that_lose_at_a_child_are_left_alone_and_the_parents_own_duplicate_is_dropped() -> None:
    values = [
        value(P, "first_name", "John"),
        value(A, "first_name", "Jon"),
        value(P, "email", "j@x.org"),
        value(P, "email", "J@x.org"),
        value(B, "email", "j@x.org"),
    ]
    changed = plan(values).attributes
    assert set(changed["id"]) == {values[0]["id"], values[2]["id"], values[3]["id"]}
    assert changed.filter("is_dropped")["id"].to_list() == [values[3]["id"]]


def test_every_surviving_value_gets_a_stamp_of_its_own_from_one_up() -> None:
    values = [value(owner, kind, f"{owner}{kind}") for owner in (P, A, B) for kind in ("email", "tag", "note")]
    assert sorted(plan(values).attributes["step"]) == list(range(1, 10))


def test_a_merge_is_not_stamped_before_its_values_were_created() -> None:
    values = [value(P, "email", "p"), value(A, "email", "a", created_at=at(99))]
    assert plan(values).clusters["not_before"].to_list() == [at(99)]


TOUCHED = {"last_touch": at(50), "last_touch_action": "email"}
WEEKLY = {"touch_freq": 7, "touch_source": "contact", "touch_set_at": at(3)}
WEEKLY |= {"own_touch_freq": 7, "own_touch_set_at": at(3)}
MONTHLY = {"touch_freq": 30, "touch_source": "tag", "touch_set_at": at(4)}


@pytest.mark.parametrize(
    ("rule", "contacts", "expected"),
    [
        ("nothing known stays so", [], (None, None, None, None, None, None, None)),
        (
            "the latest touch of all, with its action",
            [contact(P, last_touch=at(5), last_touch_action="phone"), contact(B, **TOUCHED)],
            (at(50), "email", None, None, None, None, None),
        ),
        ("of two touches at one time the parent's", [contact(P, **TOUCHED), contact(A, last_touch=at(50))], None),
        (
            "the parent's frequency",
            [contact(P, **MONTHLY), contact(A, **WEEKLY)],
            (None, None, 30, "tag", at(4), None, None),
        ),
        (
            "else the shortest of the children's",
            [contact(A, **MONTHLY), contact(B, **WEEKLY)],
            (None, None, 7, "contact", at(3), 7, at(3)),
        ),
        (
            "no reminder at a child (0) is not the shortest",
            [contact(A, touch_freq=0), contact(B, **WEEKLY)],
            (None, None, 7, "contact", at(3), 7, at(3)),
        ),
        ("no reminder at the parent (0) is its word", [contact(P, touch_freq=0), contact(B, **WEEKLY)], None),
    ],
)
def test_touch_after_a_merge(rule: str, contacts: list[dict[str, Any]], expected: tuple[Any, ...] | None) -> None:
    touches = plan([], contacts).contacts.filter(pl.col("contact") == P).drop("contact", "parent").row(0)
    own = tuple(contacts[0].get(name) for name in list(CONTACTS)[5:]) if contacts else ()
    assert touches == (expected or own), rule


def test_the_plan_names_every_contact_of_a_cluster_and_keeps_the_order_asked_for() -> None:
    clusters = plan([], clusters=[(P, (B, A))]).clusters
    assert clusters.select("parent", "sub_contacts").row(0) == (P, [B, A])
    assert set(plan([]).contacts.select("contact", "parent").rows()) == {(P, P), (A, P), (B, P)}


def test_clusters_do_not_touch_each_other() -> None:
    values = [value(owner, "tag", "Same") for owner in (P, A, B, C)]
    changed = plan(values, [contact(C)], clusters=[(P, (A,)), (C, (B,))]).attributes
    assert set(changed.select("id", "parent", "step").rows()) == {(values[0]["id"], P, 1), (values[3]["id"], C, 1)}


def test_no_clusters_plan_nothing() -> None:
    empty = plan([], clusters=[])
    assert (empty.clusters.height, empty.contacts.height, empty.attributes.height) == (0, 0, 0)


@pytest.mark.parametrize(
    ("contacts", "clusters", "error", "message"),
    [
        ([], [(P, (A, P))], UsageError, "parent is also named among its sub_contacts"),
        ([], [(P, ())], UsageError, "no sub_contacts"),
        ([], [(P, (A, A))], UsageError, "named twice"),
        ([], [(P, (A,)), (B, (A,))], UsageError, f"contact {A} is in two clusters"),
        ([], [(P, (A,)), (P, (B,))], UsageError, f"contact {P} is in two clusters"),
        ([], [(P, (A, C))], UsageError, f"there is no contact {C}"),
        ([], [(C, (A,))], UsageError, f"there is no contact {C}"),
        ([contact(A, deleted_at=T0)], [(P, (A,))], ConflictError, f"contact {A} is deleted"),
        ([contact(P, deleted_at=T0)], [(P, (A,))], ConflictError, f"contact {P} is deleted"),
        ([contact(A, deleted_at=T0, merged_into=B)], [(P, (A,))], ConflictError, f"merged into {B} already"),
        ([contact(B, brand=P)], [(P, (A, B))], ConflictError, f"contact {B} belongs to another brand"),
    ],
)
def test_clusters_that_cannot_be_merged_are_refused_by_name(
    contacts: list[dict[str, Any]], clusters: list[Any], error: type[OnecardError], message: str
) -> None:
    with pytest.raises(error, match=message) as caught:
        plan([], contacts, clusters)
    assert caught.value.where.startswith("cluster of ")
