"""Proposed mappings: from presets, and from what column names say."""

import json
from pathlib import Path

import polars as pl
import pytest

from storage.errors import MappingError
from transforms.binding import Definition, bind, unmapped
from transforms.headings import Heading, read_heading
from transforms.mapping import load_mapping, parse_mapping
from transforms.proposing import Proposal, propose, require_sure


def proposed(*columns: str) -> dict[str, dict[str, object]]:
    mapping = propose(columns, where="leads.csv").mapping
    return {column: entry.model_dump(exclude_defaults=True) for column, entry in mapping.mappings.items()}


@pytest.mark.parametrize(
    ("column", "heading"),
    [
        ("E-mail Address", {"attribute_type": "email"}),
        ("eMail", {"attribute_type": "email"}),
        ("EMAIL_2", {"attribute_type": "email", "ordinal": 2}),
        ("Email (2)", {"attribute_type": "email", "ordinal": 2}),
        ("Primary Email", {"attribute_type": "email", "is_primary": True}),
        ("Emails", {"attribute_type": "email", "is_list": True}),
        ("Email address(es)", {"attribute_type": "email", "is_list": True}),
        ("Spouse's E-mail", {"attribute_type": "email", "is_partner": True}),
        ("Wife", {"attribute_type": "name", "is_partner": True}),
        ("MobilePhone", {"attribute_type": "phone_number", "label": "Mobile"}),
        ("Cell", {"attribute_type": "phone_number", "label": "Mobile"}),
        ("Home Phone 2", {"attribute_type": "phone_number", "label": "Home", "ordinal": 2}),
        ("Business Fax", {"attribute_type": "phone_number", "label": "Fax"}),
        ("Work Mobile", {"attribute_type": "phone_number", "label": "Mobile"}),
        ("Company Main Phone", {"attribute_type": "phone_number", "label": "Work"}),
        ("company_name", {"attribute_type": "company"}),
        ("LinkedIn URL", {"attribute_type": "linkedin"}),
        ("DOB", {"attribute_type": "birthday"}),
        ("home anniversary", {"attribute_type": "home_anniversary"}),
        ("House Number", {"attribute_type": "address.house_num"}),
        ("Work ZipCode", {"attribute_type": "address.postcode", "label": "Work"}),
        ("Tags", {"attribute_type": "tag", "is_list": True}),
        ("Straße", {"attribute_type": "address.name"}),
        ("Prénom", {"attribute_type": "first_name"}),
        ("Full Name", {"attribute_type": "name"}),
        ("Person - Email - Work", {"attribute_type": "email", "label": "Work"}),
        ("Client's Phone", {"attribute_type": "phone_number"}),
        ("Phone - mobile", {"attribute_type": "phone_number", "label": "Mobile"}),
        ("Street address line 1 - Home 2", {"attribute_type": "address.name", "label": "Home", "ordinal": 2}),
        ("Address 1 Line 2", {"attribute_type": "address.unit"}),
        ("Mailing Zip/Postal Code", {"attribute_type": "address.postcode", "label": "Mailing"}),
        ("Address 2 - Postcode", {"attribute_type": "address.postcode", "ordinal": 2}),
        ("Company Website", {"attribute_type": "website"}),
        ("TELEFONO", {"attribute_type": "phone_number"}),
        ("Código Postal do Endereço Comercial", {"attribute_type": "address.postcode", "label": "Work"}),
        ("Teléfono móvil", {"attribute_type": "phone_number", "label": "Mobile"}),
        ("Complément d’adresse", {"attribute_type": "address.unit"}),
        ("Telefon (Assistent)", {"attribute_type": "phone_number", "label": "Assistant"}),
        ("land/regio", {"attribute_type": "address.country"}),
        ("Provincia/Estado", {"attribute_type": "address.state"}),
        ("Indirizzo mail", {"attribute_type": "email"}),
        ("Sito", {"attribute_type": "website"}),
        ("Schlagwörter", {"attribute_type": "tag", "is_list": True}),
    ],
)
def test_a_column_name_is_read_word_by_word(column: str, heading: dict[str, object]) -> None:
    assert read_heading(column) == Heading(column, **heading)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "column",
    [
        *("", "Home", "Work", "2", "Phone 1 - Type", "Create Date", "Gender", "column 7"),
        # They say whose it is, or of what: not the contact's.
        *(
            "Agent Email",
            "Company LinkedIn URL",
            "Company ID",
            "Alternate Contact",
            "Contact 2 Email",
            "Preferred City",
        ),
        *("Emergency Contact Phone", "Mobile ID", "Email Status", "Office Contact", "Lead Status", "Contact Owner"),
    ],
)
def test_what_means_no_attribute_is_left_alone(column: str) -> None:
    assert read_heading(column) is None


@pytest.mark.parametrize(
    ("columns", "preset"),
    [
        (["First Name", "Last Name", "URL", "Email Address", "Company", "Position", "Connected On"], "linkedin"),
        (["Given Name", "Family Name", "E-mail 1 - Value", "Phone 1 - Value", "Phone 1 - Type"], "google_old"),
        (["First Name", "Last Name", "E-mail Address", "Home Street", "Home City", "Categories"], "outlook_contacts"),
        (["Id", "FirstName", "LastName", "MailingStreet", "MobilePhone", "OwnerId"], "salesforce"),
        (["first", "last", "email"], None),
    ],
)
def test_a_known_export_is_recognised(columns: list[str], preset: str | None) -> None:
    assert propose(columns, where="leads.csv").preset == preset


def test_columns_a_preset_leaves_are_read_by_name() -> None:
    proposal = propose(
        ["Given Name", "Family Name", "E-mail 1 - Value", "Phone 1 - Type", "Phone 1 - Value", "Mobile", "Hue"],
        where="x.csv",
    )
    assert proposal.preset == "google_old"
    assert proposal.mapping.mappings["Mobile"].index == 1
    assert proposal.unmapped == ("Phone 1 - Type", "Hue")


@pytest.mark.parametrize(
    "columns", ["First,Middle,Last,Email", "First Name,Last Name,Email,Phone", "Nome,Cognome,Data di nascita,Cellulare"]
)
def test_columns_that_anybody_writes_are_no_export_of_a_product(columns: str) -> None:
    proposal = propose(columns.split(","), where="friends.csv")
    assert proposal.preset is None
    assert proposal.unmapped == ()
    assert "Work" not in {entry.label for entry in proposal.mapping.mappings.values()}


def test_a_column_whose_name_means_something_else_in_another_language_is_left_out() -> None:
    # "Particular" is a phone in Spanish, and in Portuguese the mark of a private contact.
    columns = ["Nome", "Sobrenome", "Telefone comercial", "Rua do endereço comercial", "Particular"]
    row = ["Ada", "Lovelace", "+351 21 555 0132", "Rua Longa 1", "Falso"]
    sample = pl.DataFrame({column: [value] * 6 for column, value in zip(columns, row, strict=True)})
    assert propose(columns, sample, where="contatos.csv").unmapped == ("Particular",)


def test_columns_of_one_address_share_an_index_and_each_phone_has_its_own() -> None:
    columns = ("Street Address", "City", "Work Street", "Work City", "Home Phone", "Mobile", "Email", "Email 2")
    indexes = [entry["index"] for entry in proposed(*columns).values()]
    assert indexes == [0, 0, 1, 1, 0, 1, 0, 1]


def test_a_second_street_line_is_a_unit_but_a_second_address_is_an_address() -> None:
    lines = proposed("Address 1", "Address 2", "City")
    assert lines["Address 2"] == {"attribute_type": "address.unit", "index": 0}
    two = proposed("Address 1", "City 1", "Address 2", "City 2")
    assert two["Address 2"] == {"attribute_type": "address.name", "index": 1}


def test_what_an_address_of_a_preset_lacks_belongs_to_that_address() -> None:
    yahoo = "First,Middle,Last,Nickname,Email,Messenger ID,Home Address,Home Town,Home Country"
    town = proposed(*yahoo.split(","))["Home Town"]
    assert town == {"attribute_type": "address.city", "label": "Home", "index": 0}
    mailing = ["Mailing Street", "Mailing City", "Mailing Country", "Mailing Zip", "Account Name", "Salutation"]
    parts = proposed("First Name", "Last Name", "Reports To", "Lead Source", *mailing)
    assert {(parts[name]["label"], parts[name]["index"]) for name in mailing[:4]} == {("Work", 0)}


def test_a_city_beside_the_only_street_is_of_that_address() -> None:
    one = proposed("First Name", "Home Address", "City", "State", "Zip")
    assert {(entry["label"], entry["index"]) for name, entry in one.items() if name != "First Name"} == {("Home", 0)}
    assert one["Home Address"]["attribute_type"] == "address.name"
    two = proposed("First Name", "Home Address", "Work Address", "City")
    assert "label" not in two["City"]


def test_a_whole_name_stands_in_only_when_there_is_no_other() -> None:
    assert proposed("Name", "Email")["Name"] == {"attribute_type": "full_name"}
    assert "Name" not in proposed("Name", "First Name", "Email")


def test_a_column_of_labels_is_that_of_the_one_column_it_names() -> None:
    phones = ("Phone 1", "Phone 1 - Type", "Work Phone", "Work Phone Type")
    columns = ("Email", *phones, "Address 1 City", "Address 1 Zip", "Address 1 Label")
    mapped = proposed(*columns)
    assert {column: entry.get("label_column") for column, entry in mapped.items()} == {
        "Email": None, "Phone 1": "Phone 1 - Type", "Work Phone": None,
        "Address 1 City": "Address 1 Label", "Address 1 Zip": "Address 1 Label",
    }  # fmt: skip
    assert "label_column" not in proposed("Name", "Phone", "Telephone", "Phone Type")["Phone"]


def test_three_columns_of_a_date_are_taken_together_or_not_at_all() -> None:
    whole = proposed("Email", "Year of birth", "Month of birth", "Day of birth")
    assert [entry["attribute_type"] for entry in whole.values()] == [
        "email", "birthday.year", "birthday.month", "birthday.day"
    ]  # fmt: skip
    assert [*proposed("Email", "Birth Year", "Birth Day")] == ["Email"]
    assert [*proposed("Email", "Birthday", "Birth Month", "Birth Day")] == ["Email", "Birthday"]


def test_a_second_column_of_a_singular_attribute_is_left_out() -> None:
    proposal = propose(["Company", "Organisation", "Spouse", "First Name"], where="leads.csv")
    assert proposal.unmapped == ("Organisation",)


def test_columns_that_say_nothing_are_an_error_that_names_them() -> None:
    with pytest.raises(MappingError, match='no column is recognised \\(it has: "foo", "bar"\\)'):
        propose(["foo", "bar"], where="leads.csv")


@pytest.mark.parametrize("cell", ["ada@example.com", "415-555-0101"])
def test_a_first_row_of_values_is_an_error_that_says_so(cell: str) -> None:
    with pytest.raises(MappingError, match="no row of column names"):
        propose(["Ada", "Muster", cell], where="leads.csv")


@pytest.mark.parametrize("name", ["google", "outlook_contacts", "thunderbird", "salesforce"])
def test_what_is_proposed_binds_and_reads_back(name: str) -> None:
    shipped = json.loads((Path(__file__).parents[2] / "data" / "attribute_defs.json").read_text(encoding="utf-8"))
    definitions = [Definition(d["id"], d["name"], d["data_type"], d["singular"]) for d in shipped]
    columns = [column for column in load_mapping(name).mappings if column != "Birthday" or name != "thunderbird"]
    proposal: Proposal = propose(columns, where=name)
    slots = bind(proposal.mapping, columns, definitions, where=name)
    assert set(unmapped(slots, columns)) == set(columns) - set(proposal.mapping.mappings)
    assert parse_mapping(proposal.mapping.model_dump_json(exclude_defaults=True), where=name) == proposal.mapping


@pytest.mark.parametrize("column", ["Electronic address", "Mali"])
def test_a_column_of_addresses_is_found_by_its_values(column: str) -> None:
    sample = pl.DataFrame({"Hue": [*"abcdef"], column: [f"{letter}@example.com" for letter in "abcdef"]})
    mapping = propose(sample.columns, sample, where="leads.csv").mapping.mappings
    assert {name: entry.attribute_type for name, entry in mapping.items()} == {column: "email"}


@pytest.mark.parametrize(("column", "like"), [("Frist Name", "first_name"), ("Addresss", "full_address")])
def test_a_misspelt_name_is_taken_for_the_one_it_is_like_and_not_trusted(column: str, like: str) -> None:
    proposal = propose(["Email", column], where="leads.csv")
    assert (proposal.columns[1].attribute_type, proposal.columns[1].confidence) == (like, 0.65)


@pytest.mark.parametrize("column", ["County", "Department", "PO postal code", "Contract"])
def test_a_name_that_is_like_another_and_means_something_else_is_not_taken(column: str) -> None:
    assert propose(["Email", column], where="leads.csv").unmapped == (column,)


def test_values_that_contradict_a_name_are_refused_until_accepted() -> None:
    sample = pl.DataFrame({"Name": [*"abcdef"], "Email": ["yes", "no", "yes", "no", "no", "yes"]})
    with pytest.raises(MappingError, match='not sure of "Email" as email'):
        require_sure(propose(sample.columns, sample, where="leads.csv"), where="leads.csv")


def test_a_title_is_a_job_title_when_its_values_are_no_forms_of_address() -> None:
    titles = {"title": ["Dr", "Mr.", "Mrs", "Ms", "Herr"], "job_title": ["Engineer", "CEO", "Buyer", "Clerk", "Head"]}
    for kind, values in titles.items():
        sample = pl.DataFrame({"Name": values, "Title": values})
        assert propose(sample.columns, sample, where="x").mapping.mappings["Title"].attribute_type == kind


def test_a_whole_address_that_an_export_has_in_parts_is_taken_where_there_are_none() -> None:
    columns = ["First name", "Last name", "Company", "Work email", "Mobile phone", "Home address", "Notes"]
    found = propose(columns, where="list.csv").mapping.mappings
    assert found["Home address"].attribute_type == "full_address"


def test_a_column_of_web_addresses_is_of_the_network_they_are_of() -> None:
    urls = [f"https://www.linkedin.com/in/p{number}" for number in range(6)]
    sample = pl.DataFrame({"Prénom": ["Ada"] * 6, "URL": urls})
    found = propose(sample.columns, sample, where="relations.csv").mapping.mappings
    assert found["URL"].attribute_type == "linkedin"
