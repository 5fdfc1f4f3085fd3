"""Make the sample address book of data/samples: one table as CSV, XLS, XLSX and JSON, its mapping, and who is who.

The same seed gives the same files. Spreadsheets hold what a spreadsheet would: dates as dates, bare numbers as numbers,
and text only where a number would lose a leading zero.
"""

import csv
import json
import random
import re
import sys
import zipfile
from datetime import date, datetime
from itertools import chain, combinations
from pathlib import Path

import openpyxl
import xlwt
from openpyxl.styles import Font

from bench.sample_people import BAD_ROWS, COMPANIES, GROUPS, LOOKALIKES, Card
from bench.sample_words import FIRSTS, JOBS, LASTS, LEADS, NOTES, PLACES, STREETS, TAGS

__all__ = ["COLUMNS", "MAPPING", "make_samples", "sample_rows"]

SEED = 2026
STRANGERS = 124
SAMPLES = Path(__file__).resolve().parent.parent / "data" / "samples"

# Short name in sample_people → column of the file and what the mapping says of it.
COLUMNS: dict[str, tuple[str, dict[str, object]]] = {
    "id": ("Record ID", {"attribute_type": "source_id"}),
    "title": ("Title", {"attribute_type": "title"}),
    "first": ("First Name", {"attribute_type": "first_name"}),
    "middle": ("Middle Name", {"attribute_type": "middle_name"}),
    "last": ("Last Name", {"attribute_type": "last_name"}),
    "nickname": ("Nickname", {"attribute_type": "nickname"}),
    "company": ("Company", {"attribute_type": "company"}),
    "job": ("Job Title", {"attribute_type": "job_title"}),
    "email": ("Email", {"attribute_type": "email", "label": "Personal", "index": 0}),
    "work_email": ("Work Email", {"attribute_type": "email", "label": "Work", "index": 1}),
    "mobile": ("Mobile Phone", {"attribute_type": "phone_number", "label": "Mobile", "index": 0, "is_primary": True}),
    "home": ("Home Phone", {"attribute_type": "phone_number", "label": "Home", "index": 1}),
    "work": ("Work Phone", {"attribute_type": "phone_number", "label": "Work", "index": 2}),
    "number": ("Street Number", {"attribute_type": "address.house_num", "index": 0}),
    "street": ("Street", {"attribute_type": "address.name", "index": 0}),
    "unit": ("Unit", {"attribute_type": "address.unit", "index": 0}),
    "city": ("City", {"attribute_type": "address.city", "index": 0}),
    "state": ("State", {"attribute_type": "address.state", "index": 0}),
    "zip": ("ZIP", {"attribute_type": "address.postcode", "index": 0}),
    "country": ("Country", {"attribute_type": "address.country", "index": 0}),
    "work_street": ("Work Address", {"attribute_type": "address.name", "label": "Work", "index": 1}),
    "work_city": ("Work City", {"attribute_type": "address.city", "label": "Work", "index": 1}),
    "work_state": ("Work State", {"attribute_type": "address.state", "label": "Work", "index": 1}),
    "work_zip": ("Work ZIP", {"attribute_type": "address.postcode", "label": "Work", "index": 1}),
    "let_street": ("Rental Address", {"attribute_type": "address.name", "label": "Investment Property", "index": 2}),
    "let_city": ("Rental City", {"attribute_type": "address.city", "label": "Investment Property", "index": 2}),
    "let_state": ("Rental State", {"attribute_type": "address.state", "label": "Investment Property", "index": 2}),
    "let_zip": ("Rental ZIP", {"attribute_type": "address.postcode", "label": "Investment Property", "index": 2}),
    "birthday": ("Birthday", {"attribute_type": "birthday"}),
    "anniversary": ("Wedding Anniversary", {"attribute_type": "wedding_anniversary"}),
    "spouse_first": ("Spouse First Name", {"attribute_type": "first_name", "is_partner": True}),
    "spouse_last": ("Spouse Last Name", {"attribute_type": "last_name", "is_partner": True}),
    "spouse_email": ("Spouse Email", {"attribute_type": "email", "is_partner": True}),
    "website": ("Website", {"attribute_type": "website"}),
    "linkedin": ("LinkedIn", {"attribute_type": "linkedin"}),
    "tags": ("Tags", {"attribute_type": "tag", "multivalued": True}),
    "notes": ("Notes", {"attribute_type": "note"}),
    "lead": ("Lead Source", {"attribute_type": "source"}),
}
MAPPING = {"mappings": dict(COLUMNS.values())}
DATES = ("Birthday", "Wedding Anniversary")
NUMBERS = re.compile(r"^[1-9][0-9]{4,9}$")  # a spreadsheet turns these into numbers: ZIPs and bare phones


def sample_rows() -> tuple[list[Card], list[tuple[int, int, str]], list[tuple[int, int, str]]]:
    """Return the rows of the file, and the pairs of row numbers (from 1) of one person and of look-alikes."""
    chance = random.Random(SEED)
    groups = [*GROUPS, *LOOKALIKES]
    cards = [card for group in groups for card in group.cards] + _strangers(chance)
    order = list(range(len(cards)))
    chance.shuffle(order)
    row_of = {card: row for row, card in enumerate(order, start=1)}
    rows = [cards[card] | {"id": f"R-{1000 + row}"} for row, card in enumerate(order, start=1)] + BAD_ROWS
    pairs, first = [], 0
    for group in groups:
        members = sorted(row_of[first + n] for n in range(len(group.cards)))
        pairs.append([(left, right, group.kind) for left, right in combinations(members, 2)])
        first += len(group.cards)
    same, different = chain(*pairs[: len(GROUPS)]), chain(*pairs[len(GROUPS) :])
    return rows, sorted(same), sorted(different)


def _strangers(chance: random.Random) -> list[Card]:
    """Make people with one card each, no two of them alike."""
    firsts, lasts = list(FIRSTS), list(LASTS)
    chance.shuffle(firsts)
    chance.shuffle(lasts)
    people = zip(firsts[:STRANGERS], (lasts * 2)[:STRANGERS], strict=True)
    return [_stranger(chance, n, first, last) for n, (first, last) in enumerate(people)]


def _stranger(chance: random.Random, n: int, first: str, last: str) -> Card:
    card = {"first": first, "last": last}
    city, state, postcode, area = PLACES[n % len(PLACES)]
    if chance.random() < 0.85:
        card["mobile"] = _phone(area, 179 + n // len(PLACES), n)
    if chance.random() < 0.8 or "mobile" not in card:
        card["email"] = f"{_ascii(first)}.{_ascii(last)}@example.{chance.choice(['com', 'org', 'net'])}"
    if chance.random() < 0.7:
        street = {"number": str(chance.randint(1, 2400)), "street": STREETS[n % len(STREETS)]}
        card |= {**street, "city": city, "state": state, "zip": postcode}
    if chance.random() < 0.35:
        card |= _work(chance, first, last)
    if chance.random() < 0.55:
        born = date(1940, 1, 1).toordinal() + chance.randrange(24_000)
        card["birthday"] = f"{date.fromordinal(born):%m/%d/%Y}"
    if chance.random() < 0.12:
        card |= {"spouse_first": FIRSTS[(n * 7) % len(FIRSTS)], "spouse_last": last}
    if chance.random() < 0.06:
        card |= {
            "let_street": f"{n + 3} {STREETS[-1 - n % 9]}",
            "let_city": city,
            "let_state": state,
            "let_zip": postcode,
        }
    return card | _trimmings(chance)


def _work(chance: random.Random, first: str, last: str) -> Card:
    name, domain, phone, street, city, state, postcode = chance.choice(COMPANIES)
    card = {"company": name, "job": chance.choice(JOBS), "work_email": f"{_ascii(first)[0]}{_ascii(last)}@{domain}"}
    if chance.random() < 0.5:
        card |= {"work": phone, "work_street": street, "work_city": city, "work_state": state, "work_zip": postcode}
    return card


def _trimmings(chance: random.Random) -> Card:
    card = {}
    if chance.random() < 0.6:
        card["tags"] = "; ".join(chance.sample(TAGS, chance.choice([1, 1, 2, 3])))
    if chance.random() < 0.15:
        card["notes"] = chance.choice(NOTES)
    if chance.random() < 0.4:
        card["lead"] = chance.choice(LEADS)
    return card


def _phone(area: str, line: int, n: int) -> str:
    shapes = ("({}) 555-0{}", "{}-555-0{}", "{}.555.0{}", "{}5550{}", "+1 {} 555 0{}", "1-{}-555-0{}")
    return shapes[n % len(shapes)].format(area, line)


def _ascii(name: str) -> str:
    table = str.maketrans("áéëíñóøØŻåäö", "aeeinooOZaao")
    return re.sub(r"[^a-z]", "", name.translate(table).casefold())


def make_samples(folder: Path) -> None:
    """Write every file of the sample into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    rows, same, different = sample_rows()
    header = [column for column, _ in COLUMNS.values()]
    table = [[card.get(name) for name in COLUMNS] for card in rows]
    _write_csv(folder / "contacts.csv", header, [[cell or "" for cell in row] for row in table])
    _write_json(folder / "contacts.json", [dict(zip(header, row, strict=True)) for row in table])
    _write_json(folder / "contacts.mapping.json", MAPPING)
    _write_csv(folder / "known_duplicates.csv", ["left_row", "right_row", "kind"], same)
    _write_csv(folder / "known_lookalikes.csv", ["left_row", "right_row", "kind"], different)
    cells = [[_cell(column, text) for column, text in zip(header, row, strict=True)] for row in table]
    _write_xls(folder / "contacts.xls", header, cells)
    _write_xlsx(folder / "contacts.xlsx", header, cells)


def _cell(column: str, text: str | None) -> str | int | date | None:
    """Return what a spreadsheet holds for a text: a date, a number, or the text."""
    if text and column in DATES:
        month, day, year = map(int, text.split("/"))
        try:
            return date(year, month, day)
        except ValueError:
            return text
    return int(text) if text and NUMBERS.match(text) else text


def _write_csv(path: Path, header: list[str], rows: list[list[str]] | list[tuple[int, int, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def _write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _write_xls(path: Path, header: list[str], rows: list[list[str | int | date | None]]) -> None:
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("Contacts")
    bold, day = xlwt.easyxf("font: bold on"), xlwt.easyxf(num_format_str="M/D/YY")
    for x, name in enumerate(header):
        sheet.write(0, x, name, bold)
    for y, row in enumerate(rows, start=1):
        for x, cell in enumerate(row):
            if isinstance(cell, date):
                sheet.write(y, x, cell, day)
            elif cell is not None:
                sheet.write(y, x, cell)
    book.save(str(path))


def _write_xlsx(path: Path, header: list[str], rows: list[list[str | int | date | None]]) -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title, sheet.freeze_panes = "Contacts", "A2"
    sheet.append(header)
    for row in rows:
        sheet.append(row)
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    book.save(path)
    _forget_when(path)


def _forget_when(path: Path) -> None:
    """Take the time of writing out of a workbook, so that the same content is the same file."""
    with zipfile.ZipFile(path) as book:
        parts = {info.filename: book.read(info) for info in book.infolist()}
    stamp = datetime(2026, 1, 1)
    core = parts["docProps/core.xml"].decode()
    parts["docProps/core.xml"] = re.sub(r"\d{4}-\d\d-\d\dT[\d:]+Z", f"{stamp:%Y-%m-%dT%H:%M:%SZ}", core).encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        for name, content in parts.items():
            book.writestr(zipfile.ZipInfo(name, stamp.timetuple()[:6]), content, zipfile.ZIP_DEFLATED)


if __name__ == "__main__":
    make_samples(Path(sys.argv[1]) if sys.argv[1:] else SAMPLES)
