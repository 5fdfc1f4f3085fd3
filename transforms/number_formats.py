"""What only the XML of an XLSX workbook tells: shown digits, formulas without a value, the year days are counted from.

The reader of spreadsheets gives values without formats: a ZIP stored as 1234 under the format 00000 reads 01234. And a
formula that no program has computed yet reads as an empty cell.
"""

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO
from xml.etree import ElementTree

import polars as pl

__all__ = ["PADDED_SCHEMA", "counts_from_1904", "filled_in", "padded_numbers", "uncomputed_formulas", "zero_pattern"]

PADDED_SCHEMA = {"row": pl.UInt32, "column": pl.UInt32, "number": pl.String, "text": pl.String}

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_ZEROS = re.compile(r"0[0() -]*0[0() -]*")
_FILLED_CELL = re.compile(rb'<c r="([A-Z]+)([0-9]+)"[^>]*(?<!/)>')

# A formula, then no value or an empty one. Text a formula made empty (t="str") is a value.
_UNCOMPUTED = re.compile(rb'<c (?![^>]*t="str")[^>]*>\s*<f(?:\s[^>]*)?(?:/>|>[^<]*</f>)\s*(?:<v\s*/>|<v></v>)?\s*</c>')
_PIECE = 4 << 20


def padded_numbers(path: Path, sheet: str) -> pl.DataFrame:
    """Find whole numbers shown by a format of zeros: [row, column (from 0, of the first filled ones), number, text].

    Empty when no format in the workbook is one of zeros; only then is the sheet itself not looked at.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            patterns = _zero_patterns(archive)
            xml = archive.read(_sheet_member(archive, sheet)) if patterns else b""
    except (ElementTree.ParseError, KeyError, StopIteration):  # laid out otherwise: numbers stay as they are stored
        patterns, xml = {}, b""
    if not patterns:
        return pl.DataFrame(schema=PADDED_SCHEMA)
    styles = b"|".join(style.encode() for style in patterns)
    cell = re.compile(rb'<c r="([A-Z]+)([0-9]+)" s="(' + styles + rb')"(?: t="n")?>(?:<f>[^<]*</f>)?<v>([0-9]+)</v>')
    found = [
        (int(row), _number(column), number.decode(), filled_in(number.decode(), patterns[style.decode()]))
        for column, row, style, number in cell.findall(xml)
    ]
    filled = _FILLED_CELL.findall(xml) if found else []
    top = min((int(row) for _, row in filled), default=0)
    left = min((_number(column) for column in {column for column, _ in filled}), default=0)
    rows = [(row - top, column - left, number, text) for row, column, number, text in found]
    return pl.DataFrame(rows, schema=PADDED_SCHEMA, orient="row")


def counts_from_1904(path: Path) -> bool:
    """Say whether a workbook counts days from 1904."""
    try:
        with zipfile.ZipFile(path) as archive:
            settings = ElementTree.fromstring(archive.read("xl/workbook.xml")).find(f"{_MAIN}workbookPr")
    except (ElementTree.ParseError, KeyError):
        return False
    return settings is not None and settings.get("date1904", "0").lower() in {"1", "true", "on"}


def uncomputed_formulas(path: Path, sheet: str) -> int:
    """Count the formulas of a sheet that have no value stored; 0 where the workbook is laid out otherwise."""
    try:
        with zipfile.ZipFile(path) as archive, archive.open(_sheet_member(archive, sheet)) as part:
            return sum(len(_UNCOMPUTED.findall(cells)) for cells in _whole_cells(part) if b"<f" in cells)
    except (ElementTree.ParseError, KeyError, StopIteration):
        return 0


def _whole_cells(part: IO[bytes]) -> Iterator[bytes]:
    """Read a sheet's XML in pieces that end before a cell begins: whole, it may be hundreds of megabytes."""
    rest = b""
    while more := part.read(_PIECE):
        xml = rest + more
        cut = max(xml.rfind(b"<c "), 0)
        yield xml[:cut]
        rest = xml[cut:]
    yield rest


def _zero_patterns(archive: zipfile.ZipFile) -> dict[str, str]:
    """List the cell styles whose number format is zeros and punctuation: style number → format."""
    if "xl/styles.xml" not in archive.namelist():
        return {}
    styles = ElementTree.fromstring(archive.read("xl/styles.xml"))
    codes = {one.get("numFmtId"): one.get("formatCode", "") for one in styles.iter(f"{_MAIN}numFmt")}
    used = [codes.get(one.get("numFmtId"), "") for one in styles.iterfind(f"{_MAIN}cellXfs/{_MAIN}xf")]
    return {str(style): pattern for style, code in enumerate(used) if (pattern := zero_pattern(code))}


def zero_pattern(code: str) -> str | None:
    """Return a number format without its escapes if it is zeros and punctuation alone, else None."""
    plain = re.sub(r'[\\"]|;.*', "", code)
    return plain if _ZEROS.fullmatch(plain) else None


def _sheet_member(archive: zipfile.ZipFile, sheet: str) -> str:
    """Find the part of the archive that holds a sheet."""
    book = ElementTree.fromstring(archive.read("xl/workbook.xml"))
    wanted = next(one.get(_RELATION) for one in book.iter(f"{_MAIN}sheet") if one.get("name") == sheet)
    relations = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    target = next(one.get("Target", "") for one in relations if one.get("Id") == wanted)
    return target.removeprefix("/") if target.startswith("/") else f"xl/{target}"


def _number(column: bytes) -> int:
    """Number a column by its letters: A is 1, AA 27."""
    number = 0
    for letter in column:
        number = number * 26 + letter - 64
    return number


def filled_in(number: str, pattern: str) -> str:
    """Write digits into a format's zeros from the right; those beyond its zeros stay in front."""
    digits = list(number)
    text = ""
    for mark in reversed(pattern):
        text = (digits.pop() if digits else "0") + text if mark == "0" else mark + text
    return "".join(digits) + text
