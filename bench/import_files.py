"""Write the table of the import measurements as workbooks, and people of the same kind as vCards."""

from pathlib import Path

import polars as pl
import xlwt
from openpyxl import Workbook

from bench.import_data import BLOCK, make_table

__all__ = ["write_cards", "write_xls", "write_xlsx"]

CARD = """BEGIN:VCARD
VERSION:3.0
N:{last};{first};;;
FN:{first} {last}
ORG:{company}
item1.EMAIL;TYPE=INTERNET,PREF:{email}
item1.X-ABLabel:_$!<Work>!$_
TEL;TYPE=CELL:{mobile}
TEL;TYPE=HOME,VOICE:{home}
ADR;TYPE=HOME:;;{street};{city};{state};{zip};USA
BDAY:{birthday}
CATEGORIES:{tags}
NOTE:{note}
UID:card-{row}
END:VCARD
"""
FIELDS = {
    "last": "Last Name", "first": "First Name", "company": "Company", "email": "E-mail Address",
    "mobile": "Mobile Phone", "home": "Home Phone", "street": "Street Name", "city": "City", "state": "State",
    "zip": "Zip", "birthday": "Birthday", "tags": "Categories", "note": "Notes",
}  # fmt: skip


def write_xlsx(path: Path, rows: int) -> Path:
    """Write an XLSX workbook of `rows` rows to `path` unless it is there; return the path."""
    if not path.exists():
        book = Workbook(write_only=True)
        sheet = book.create_sheet("Contacts")
        table = _table(rows)
        sheet.append(table.columns)
        for row in table.iter_rows():
            sheet.append(row)
        book.save(path)
    return path


def write_xls(path: Path, rows: int) -> Path:
    """Write an XLS workbook of `rows` rows (65,535 at most) to `path` unless it is there; return the path."""
    if not path.exists():
        book = xlwt.Workbook(encoding="utf-8")
        sheet = book.add_sheet("Contacts")
        table = _table(rows)
        for place, row in enumerate([tuple(table.columns), *table.rows()]):
            for column, cell in enumerate(row):
                if cell is not None:
                    sheet.write(place, column, cell)
        book.save(str(path))
    return path


def write_cards(path: Path, rows: int) -> Path:
    """Write a vCard file of `rows` cards to `path` unless it is there; return the path."""
    if not path.exists():
        table = _table(rows).select(pl.col(column).fill_null("").alias(field) for field, column in FIELDS.items())
        cards = (CARD.format(row=place, **row) for place, row in enumerate(table.iter_rows(named=True)))
        path.write_text("".join(cards), encoding="utf-8", newline="\r\n")
    return path


def _table(rows: int) -> pl.DataFrame:
    return pl.concat([make_table(start // BLOCK, min(BLOCK, rows - start)) for start in range(0, rows, BLOCK)])
