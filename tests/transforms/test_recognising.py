"""Columns recognised by what they hold: a name that says nothing is stood in for, one that says too much is denied."""

import polars as pl
import pytest

from storage.errors import MappingError
from transforms.proposing import Proposal, propose, require_sure

PEOPLE = ["Ada Muster", "James Probe", "Doe, Robert", "Maria Sample", "John Roe", "Susan Specimen"]
BORN = ["1941-02-03", "1952-12-24", "1963-06-30", "1985-01-01", "1990-09-09", "2001-10-10"]
MAILS = [f"p{number}@example.com" for number in range(6)]
HELD = {
    "email": MAILS,
    "phone_number": [
        "+1 415 555 0132",
        "(415) 555-0133",
        "415-555-0134",
        "+49 30 1234567",
        "030/1234568",
        "0171 2345678",
    ],
    "website": [f"https://www.example.com/{number}" for number in range(6)],
    "linkedin": [f"linkedin.com/in/p{number}" for number in range(6)],
    "profile_image_url": [f"https://img.example.com/{number}.png" for number in range(6)],
    "birthday": BORN,
    "address.postcode": ["SW1A 1AA", "M1 1AE", "B33 8TH", "CR2 6XH", "DN55 1PT", "LS1 4AP"],
    "company": ["Muster GmbH", "Probe Ltd", "Acme Inc", "Sample LLC", "Hotel Example", "Roe AG"],
    "full_name": PEOPLE,
}
TELLING_NOTHING = {
    "bare digits": ["4155550132", "4155550133", "4155550134", "4155550135", "4155550136", "4155550137"],
    "times of records": ["2019-01-02", "2020-03-04", "2021-05-06", "2022-07-08", "2023-09-10", "2024-11-12"],
    "amounts from and to": ["300000-400000", "200000-250000", "500000-600000", "100000-150000", "1-200000", "5-90000"],
    "places": ["37.7749", "40.7128", "52.5200", "48.8566", "51.5074", "41.9028"],
    "five digits": ["10412", "20413", "30414", "40415", "50416", "60417"],
    "social security numbers": [
        "123-45-6789",
        "223-45-6789",
        "323-45-6789",
        "423-45-6789",
        "523-45-6789",
        "623-45-6789",
    ],
    "network addresses": ["192.168.1.10", "192.168.1.11", "192.168.1.12", "10.0.0.1", "10.0.0.2", "10.0.0.3"],
    "the same few people's mail": [MAILS[0], MAILS[1], MAILS[0], MAILS[1], MAILS[0], MAILS[1]],
    "places in words": ["New York", "Los Angeles", "San Diego", "Fort Worth", "Oak Park", "Salt Lake City"],
    "too few": ["a@example.com", "b@example.com", "", "", "", ""],
}


def found(proposal: Proposal) -> dict[str, str]:
    return {column: entry.attribute_type for column, entry in proposal.mapping.mappings.items()}


@pytest.mark.parametrize("column", ["column 3", "Feld7", "Spalte C", "Unnamed: 2", "F3", "Custom 1"])
@pytest.mark.parametrize("kind", HELD)
def test_what_a_column_without_a_telling_name_holds_decides(column: str, kind: str) -> None:
    proposal = propose(["Nickname", column], pl.DataFrame({"Nickname": [*"abcdef"], column: HELD[kind]}), where="x.csv")
    assert found(proposal) == {"Nickname": "nickname", column: kind}
    assert 0.75 <= proposal.columns[1].confidence < 0.95


@pytest.mark.parametrize("values", TELLING_NOTHING.values(), ids=TELLING_NOTHING)
def test_values_that_may_be_anything_are_left_out(values: list[str]) -> None:
    sample = pl.DataFrame({"Nickname": [*"abcdef"], "Column 3": values})
    assert found(propose(sample.columns, sample, where="x.csv")) == {"Nickname": "nickname"}


def test_dates_of_which_nothing_says_what_they_are_say_so() -> None:
    sample = pl.DataFrame({"Nickname": [*"abcdef"], "Column 3": TELLING_NOTHING["times of records"]})
    assert (
        propose(sample.columns, sample, where="x").columns[1].reason == "its values are dates, but nothing says which"
    )


def test_five_digits_are_the_postcode_an_address_lacks() -> None:
    sample = pl.DataFrame({"City": [*"abcdef"], "Column 3": TELLING_NOTHING["five digits"]})
    assert found(propose(sample.columns, sample, where="x.csv"))["Column 3"] == "address.postcode"


@pytest.mark.parametrize("column", ["Agent Email", "Referrer Mail", "Mail of Assistant's Manager"])
def test_a_name_that_says_whose_mail_it_is_is_believed(column: str) -> None:
    sample = pl.DataFrame({"Nickname": [*"abcdef"], column: MAILS})
    assert found(propose(sample.columns, sample, where="x.csv")) == {"Nickname": "nickname"}


@pytest.mark.parametrize("column", ["Manager", "Referred By", "Emergency Contact", "Reach"])
@pytest.mark.parametrize("kind", ["email", "phone_number"])
def test_contact_data_under_a_name_that_may_be_another_persons_is_not_sure(column: str, kind: str) -> None:
    sample = pl.DataFrame({"Name": PEOPLE, column: HELD[kind]})
    proposal = propose(sample.columns, sample, where="x.csv")
    assert found(proposal)[column] == kind
    with pytest.raises(MappingError, match="it may be another person's"):
        require_sure(proposal, where="x.csv")


@pytest.mark.parametrize("column", ["Tenant", "Buyer", "Owner"])
def test_names_under_a_name_that_may_be_another_persons_are_not_sure(column: str) -> None:
    sample = pl.DataFrame({column: PEOPLE, "Email": MAILS})
    proposal = propose(sample.columns, sample, where="x.csv")
    assert found(proposal)[column] == "full_name"
    with pytest.raises(MappingError, match="it may be another person's"):
        require_sure(proposal, where="x.csv")


@pytest.mark.parametrize("column", ["Client", "Patient", "Teilnehmer", "Last, First", "Name (Last, First)", "Who"])
def test_a_column_of_clients_is_their_names(column: str) -> None:
    sample = pl.DataFrame({column: PEOPLE, "Email": MAILS})
    assert found(propose(sample.columns, sample, where="x.csv"))[column] == "full_name"


def test_a_first_name_of_two_words_is_the_whole_name_when_no_other_column_has_the_rest() -> None:
    sample = pl.DataFrame({"Nome": PEOPLE, "Email": MAILS})
    assert found(propose(sample.columns, sample, where="x.csv"))["Nome"] == "full_name"
    both = sample.with_columns(Cognome=pl.col("Nome"))
    assert found(propose(both.columns, both, where="x.csv"))["Nome"] == "first_name"


def test_a_name_of_one_word_beside_a_first_name_is_the_last_name() -> None:
    sample = pl.DataFrame({"Vorname": [*"abcdef"], "Name": ["Muster", "Probe", "Roe", "Doe", "Beispiel", "Specimen"]})
    assert found(propose(sample.columns, sample, where="x.csv"))["Name"] == "last_name"


def test_names_that_are_companies_are_companies_and_the_contact_the_person() -> None:
    sample = pl.DataFrame({"Name": HELD["company"], "Contact": PEOPLE})
    assert found(propose(sample.columns, sample, where="x.csv")) == {"Name": "company", "Contact": "full_name"}


def test_a_photo_that_is_no_address_of_one_is_left_out() -> None:
    sample = pl.DataFrame({"Name": PEOPLE, "Photo": ["yes", "no", "yes", "yes", "no", "no"]})
    proposal = propose(sample.columns, sample, where="x.csv")
    assert proposal.columns[1].reason == "its values are no web addresses"
    require_sure(proposal, where="x.csv")


@pytest.mark.parametrize(("column", "kind"), [("Contact", "email"), ("Name", "email"), ("Contact", "phone_number")])
def test_a_name_that_holds_addresses_or_numbers_is_not_read_as_one(column: str, kind: str) -> None:
    sample = pl.DataFrame({column: HELD[kind][:2], "City": ["Rome", "Oslo"]})
    assert found(propose(sample.columns, sample, where="x.csv"))[column] == kind


@pytest.mark.parametrize(
    ("tags", "separator"),
    [(["Warm, Buyer", "Hot"], ","), (["Warm; Buyer, first", "Hot"], True), (["Warm", "Hot"], True)],
)
def test_tags_are_parted_by_commas_when_nothing_else_parts_them(tags: list[str], separator: str | bool) -> None:
    sample = pl.DataFrame({"Name": PEOPLE[:2], "Tags": tags})
    assert propose(sample.columns, sample, where="x.csv").mapping.mappings["Tags"].multivalued == separator
