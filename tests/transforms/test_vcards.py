"""vCards of all three versions become documented contacts; what is broken is a reject, and the file goes on."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from vobject.base import ParseError, parseLine

from storage.errors import InputFileError
from transforms.json_contacts import ContactBody, contact_body
from transforms.reading import read_file
from transforms.vcard_lines import property_of


def read(tmp_path: Path, text: str | bytes) -> ContactBody:
    path = tmp_path / "cards.vcf"
    path.write_bytes(text if isinstance(text, bytes) else text.replace("\n", "\r\n").encode())
    body = read_file(path, sheet=None, encoding=None, workdir=tmp_path)
    assert isinstance(body, ContactBody)
    assert body.kind == "vcard"
    return body


def card(*lines: str, version: str = "3.0") -> str:
    return "\n".join(("BEGIN:VCARD", f"VERSION:{version}", *lines, "END:VCARD", ""))


def attributes(tmp_path: Path, *lines: str, version: str = "3.0") -> list[tuple[Any, ...]]:
    """What a card of these lines holds: (type, value, label if any, then "primary" and "partner")."""
    body = read(tmp_path, card(*lines, version=version))
    found = []
    for one in body.attributes.to_dicts():
        day = one["date"] is not None and str(
            (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=one["date"])).date()
        )
        place = one["address"] and {part: text for part, text in one["address"].items() if text}
        flags = (one["label"], one["is_primary"] and "primary", one["is_partner"] and "partner")
        value = one["text"] if one["text"] is not None else place or day
        found.append((one["attribute_type"], value, *(flag for flag in flags if flag)))
    return found


LINES: dict[str, tuple[tuple[str, ...], list[tuple[Any, ...]]]] = {
    "a name": (
        ("N:Doe;John;Paul,Maria;Dr.;Jr.", "FN:Dr. John Doe"),
        [("title", "Dr."), ("first_name", "John"), ("middle_name", "Paul Maria"), ("last_name", "Doe Jr.")],
    ),
    "a whole name alone": (("N:;;;;", "FN:Cher"), [("first_name", "Cher")]),
    "a whole name is cut": (
        ("FN:Dr. Ada Q. Muster Jr.",),
        [("title", "Dr."), ("first_name", "Ada"), ("middle_name", "Q."), ("last_name", "Muster Jr.")],
    ),
    "a whole name of a company": (("FN:Muster GmbH",), [("company", "Muster GmbH")]),
    "a whole name that would be a second company": (
        ("FN:Muster GmbH", "ORG:Muster Holding"), [("first_name", "Muster GmbH"), ("company", "Muster Holding")],
    ),
    "a company": (("KIND:org", "FN:Acme Inc.", "ORG:Acme Inc.;Sales"), [("company", "Acme Inc.")]),
    "a company without ORG": (("X-ABShowAs:COMPANY", "FN:Acme Inc."), [("company", "Acme Inc.")]),
    "escapes": (("NOTE:one\\, two\\nthree\\; four \\\\ five",), [("note", "one, two\nthree; four \\ five")]),
    "escapes in fields": (("ORG:Smith\\; Sons\\, Ltd;Law",), [("company", "Smith; Sons, Ltd")]),
    "folded lines": (("NOTE:a long", "  line", "\tfolded twice"), [("note", "a long linefolded twice")]),
    "the first e-mail is written last": (
        ("EMAIL;TYPE=HOME:a@example.com", "EMAIL;TYPE=work,pref:b@example.com"),
        [("email", "b@example.com", "Work", "primary"), ("email", "a@example.com", "Personal")],
    ),
    "kinds of phone": (
        ("TEL;TYPE=WORK;TYPE=FAX:1", "TEL;type=CELL;type=VOICE;type=pref:2", "TEL:3"),
        [("phone_number", "3"), ("phone_number", "2", "Mobile", "primary"), ("phone_number", "1", "Fax")],
    ),
    "a label of one's own": (
        ("item1.TEL:1", "item1.X-ABLabel:Boat", "item2.EMAIL:a@example.com", "item2.X-ABLabel:_$!<Other>!$_"),
        [("email", "a@example.com", "Other"), ("phone_number", "1", "Boat")],
    ),
    "an address": (
        ("ADR;TYPE=HOME,PREF:PO 7;Apt 2;12 Oak Rd\\nGarden House;Reno;NV;01234;USA",),
        [("address", {"box": "PO 7", "unit": "Apt 2", "name": "12 Oak Rd, Garden House", "city": "Reno", "state": "NV",
                      "postcode": "01234", "country": "USA"}, "Home", "primary")],
    ),
    "an empty address": (("NOTE:x", "ADR:;;;;;;"), [("note", "x")]),
    "tags and nicknames": (
        ("CATEGORIES:Buyer,Hot\\, very,,", "NICKNAME:Jo,Joey"),
        [("tag", "Buyer"), ("tag", "Hot, very"), ("nickname", "Jo")],
    ),
    "dates": (
        ("BDAY:1985-04-12", "ANNIVERSARY:20100605", "REV:2024-01-02T03:04:05Z"),
        [("birthday", "1985-04-12"), ("wedding_anniversary", "2010-06-05"), ("last_modified_on_source", "2024-01-02")],
    ),
    "Apple's year to omit": (("BDAY;X-APPLE-OMIT-YEAR=1604:1604-02-29",), [("birthday", "1604-02-29")]),
    "another year to omit": (("BDAY;X-APPLE-OMIT-YEAR=1900:1900-02-28",), [("birthday", "1604-02-28")]),
    "a birthday without a year": (("BDAY:--0412",), [("birthday", "1604-04-12")]),
    "an anniversary of Apple": (
        ("item1.X-ABDATE;type=pref:2001-02-03", "item1.X-ABLabel:_$!<Anniversary>!$_"),
        [("wedding_anniversary", "2001-02-03")],
    ),
    "an id": (("UID:urn:uuid:4fbe8971",), [("source_id", "urn:uuid:4fbe8971")]),
    "web pages": (
        ("URL:https://a.example", "URL:https://www.linkedin.com/in/x", "X-SOCIALPROFILE;type=facebook:https://f.example/x"),
        [("website", "https://a.example"), ("linkedin", "https://www.linkedin.com/in/x"), ("facebook", "https://f.example/x")],
    ),
    "a picture elsewhere": (("PHOTO;VALUE=uri:https://p.example/1",), [("profile_image_url", "https://p.example/1")]),
    "a job": (("TITLE:Broker",), [("job_title", "Broker")]),
    "a spouse": (("X-SPOUSE:Mary Ann Doe",), [("first_name", "Mary Ann", "partner"), ("last_name", "Doe", "partner")]),
    "a spouse of Apple": (
        ("item1.X-ABRELATEDNAMES:Max", "item1.X-ABLabel:_$!<Spouse>!$_"), [("first_name", "Max", "partner")],
    ),
    "what Android keeps apart": (
        (
            "X-ANDROID-CUSTOM:vnd.android.cursor.item/nickname;Bob;1;;",
            "X-ANDROID-CUSTOM:vnd.android.cursor.item/relation;Eva;14;",
        ),
        [("nickname", "Bob"), ("first_name", "Eva", "partner")],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("lines", "found"), LINES.values(), ids=LINES)
def test_a_property_becomes_its_attribute(tmp_path: Path, lines: tuple[str, ...], found: list[tuple[Any, ...]]) -> None:
    assert attributes(tmp_path, *lines) == found


OLD: dict[str, tuple[tuple[str, ...], list[tuple[Any, ...]]]] = {
    "bare kinds": (("TEL;CELL;PREF:1", "EMAIL;INTERNET;HOME:a@example.com"), [
        ("email", "a@example.com", "Personal"), ("phone_number", "1", "Mobile", "primary")]),
    "quoted-printable": (("N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:M=C3=BCller;J=C3=B6rg",), [
        ("first_name", "Jörg"), ("last_name", "Müller")]),
    "quoted-printable of an old charset": (("N;ENCODING=quoted-printable;CHARSET=ISO-8859-1:M=FCller",), [
        ("last_name", "Müller")]),
    "soft line breaks": (("NOTE;ENCODING=QUOTED-PRINTABLE:one=0D=0A=", "two =", "three"), [
        ("note", "one\ntwo three")]),
    "base64": (("NOTE;ENCODING=BASE64:w6k=",), [("note", "é")]),
}  # fmt: skip


@pytest.mark.parametrize(("lines", "found"), OLD.values(), ids=OLD)
def test_version_2_1_is_read(tmp_path: Path, lines: tuple[str, ...], found: list[tuple[Any, ...]]) -> None:
    assert attributes(tmp_path, *lines, version="2.1") == found


def test_version_4_is_read(tmp_path: Path) -> None:
    lines = (
        'TEL;VALUE=uri;PREF=1;TYPE="voice,cell":tel:+1-418-656-9254',
        "RELATED;TYPE=spouse;VALUE=text:Eva Doe",
        "RELATED;TYPE=spouse:urn:uuid:1",
        'ADR;LABEL="12 Oak Rd\\nReno, NV, a, b, c, d, e, f, g, h, i, j, k, l":;;12 Oak Rd;Reno;NV;;',
    )
    assert attributes(tmp_path, *lines, version="4.0") == [
        ("first_name", "Eva", "partner"),
        ("last_name", "Doe", "partner"),
        ("address", {"name": "12 Oak Rd", "city": "Reno", "state": "NV"}),
        ("phone_number", "+1-418-656-9254", "Mobile", "primary"),
    ]


def test_a_charset_named_on_a_line_is_the_encoding_of_a_file_that_is_not_utf_8(tmp_path: Path) -> None:
    text = card("N;CHARSET=ISO-8859-2:Nowák;Łucja", version="2.1")
    body = read(tmp_path, text.encode("iso8859-2"))
    assert body.attributes["text"].to_list() == ["Łucja", "Nowák"]
    assert body.warnings == ()


PICTURES = {
    "folded": "PHOTO;ENCODING=b;TYPE=JPEG:/9j/4AAQ\n SkZJ,RgAB\n AQE=",
    "old": "PHOTO;JPEG;ENCODING=BASE64:\n /9j/4AAQ\n AQE=\n\n",
    "not indented": f"PHOTO;BASE64:{'A' * 60}\n{'B' * 60}\n{'C' * 40}==\n",
    "a data address": "PHOTO:data:image/jpeg;base64,/9j/4AAQ",
}


@pytest.mark.parametrize("picture", PICTURES.values(), ids=PICTURES)
def test_embedded_pictures_are_left_out_and_counted(tmp_path: Path, picture: str) -> None:
    body = read(tmp_path, card("FN:Ann", picture, "TEL:555-1234", "IMPP:xmpp:ann@example.com"))
    assert body.attributes["text"].to_list() == ["Ann", "555-1234"]
    assert body.rejects.is_empty()
    assert body.warnings == (
        "pictures, sounds and keys within cards were left out: 1",
        "properties a contact has no place for were left out: IMPP (1)",
    )


def test_a_bad_card_is_a_reject_with_its_number_and_the_file_goes_on(tmp_path: Path) -> None:
    text = card("FN:Ann") + "BEGIN:VCARD\nFN:Bob\n" + card("FN:Cy", "KIND:group") + "junk\n" + card("FN:Dee")
    body = read(tmp_path, text + "BEGIN:VCARD\nFN:Eve\n")
    assert body.contacts["row"].to_list() == [1, 4]
    assert body.rejects.select("row", "reason", "whole_row").rows() == [
        (2, "the card has no END:VCARD", True),
        (3, "a group of contacts, not a contact", True),
        (5, "the card has no END:VCARD", True),
    ]
    assert "FN:Bob" in json.loads(body.rejects["original"][0])


BAD_LINES = {
    "no colon": ("just words", None),
    "commas that go nowhere": ("X;A" + ",b" * 40, None),
    "commas before a stray quote": ("X;A" + ",b" * 40 + '"c:1', None),
    "not its charset": ("NOTE;ENCODING=QUOTED-PRINTABLE;CHARSET=UTF-8:=FF=FE", None),
    "no such charset": ("NOTE;ENCODING=QUOTED-PRINTABLE;CHARSET=X-NONE:=41", None),
    "not base64": ("NOTE;ENCODING=b:A", None),
    "no date": ("BDAY:soon", "not a date"),
    "a date either way": ("BDAY:3/4/1975", "date could be day-first or month-first: say which with --dates"),
}


@pytest.mark.parametrize(("line", "reason"), BAD_LINES.values(), ids=BAD_LINES)
def test_a_bad_line_is_refused_alone(tmp_path: Path, line: str, reason: str | None) -> None:
    body = read(tmp_path, card("FN:Ann", line))
    assert body.attributes["text"].to_list() == ["Ann"]
    assert body.rejects.select("row", "reason", "whole_row").rows() == [(1, reason or "not a line of a vCard", False)]


def test_the_order_of_dates_is_decided_from_all_cards(tmp_path: Path) -> None:
    body = read(tmp_path, card("FN:Ann", "BDAY:3/4/1975") + card("FN:Bob", "BDAY:25/12/1990"))
    assert body.attributes["date"].drop_nulls().to_list() == [165_715_200, 662_083_200]


def test_a_file_without_a_card_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputFileError, match="no vCards"):
        read(tmp_path, "BEGIN:VCARDS\n")


def test_a_card_within_a_card_is_passed_over(tmp_path: Path) -> None:
    agent = "AGENT:\nBEGIN:VCARD\nFN:Secretary\nEND:VCARD"
    assert attributes(tmp_path, "FN:Boss", agent, "TITLE:Head", version="2.1") == [
        ("first_name", "Boss"), ("job_title", "Head"),
    ]  # fmt: skip


def test_departments_are_counted_as_left_out(tmp_path: Path) -> None:
    body = read(tmp_path, card("FN:Ada", "ORG:Muster GmbH;Sales;North") + card("FN:Bela", "ORG:Probe Ltd;"))
    assert body.warnings == ("properties a contact has no place for were left out: department of ORG (1)",)


def test_cards_are_laid_out_as_their_documented_bodies_are_read(tmp_path: Path) -> None:
    body = read(tmp_path, "".join(card(*lines) for lines, _ in LINES.values()))
    documented = contact_body(body.contacts.select("row", "body", kind=pl.lit("OBJECT")), ())
    assert_frame_equal(body.attributes, documented.attributes)
    assert_frame_equal(body.contacts, documented.contacts)


HEADS = st.text(alphabet='ABab1-_.;=,:"\\ é', max_size=24).map(lambda text: f"TEL{text}")


@given(head=HEADS, value=st.text(alphabet='ab:;,"\\ 1', max_size=8))
def test_a_line_is_parted_as_vobject_parts_it(head: str, value: str) -> None:
    line = f"{head}:{value}"
    try:
        name, _, text, group = parseLine(line)
    except ParseError:
        name = None
    found = property_of(line)
    assert (found.name, found.group, found.value) == (name.upper(), group, text) if name else found is None
