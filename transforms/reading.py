"""Any contact file in, rows of text out: what a file is, is told from its content, never from its name.

The one entry of reading; the kinds have a module each. What comes back is staged by storage.staging.
"""

import codecs
import re
from dataclasses import replace
from pathlib import Path
from typing import Literal

from storage.errors import InputFileError
from storage.staging import CsvFile, Sheet
from transforms.compressed import open_archive, unpacked
from transforms.csv_files import read_csv
from transforms.json_contacts import ContactBody
from transforms.json_files import read_json
from transforms.spreadsheets import read_spreadsheet
from transforms.text_files import TextFile, as_utf8

__all__ = ["ContactBody", "CsvFile", "Kind", "Sheet", "find_kind", "read_file"]

Kind = Literal["csv", "json", "vcard", "xls", "xlsx"]

_SUFFIXES: dict[str, Kind] = {
    ".csv": "csv", ".tsv": "csv", ".txt": "csv", ".tab": "csv",
    ".json": "json", ".ndjson": "json", ".jsonl": "json", ".vcf": "vcard", ".vcard": "vcard",
    ".xls": "xls", ".xlsx": "xlsx", ".xlsm": "xlsx", ".xlsb": "xlsx",
}  # fmt: skip
_CALLED: dict[Kind, str] = {
    "csv": "delimited text",
    "json": "JSON",
    "vcard": "vCards",
    "xls": "an Excel 97–2003 workbook",
    "xlsx": "an Excel workbook",
}
_FOREIGN = (
    (b"%PDF", "a PDF"),
    (b"\x1f\x8b", "compressed twice"),
    (b"\x28\xb5\x2f\xfd", "compressed twice"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"SQLite format 3", "an SQLite database"),
    (b"PAR1", "a Parquet file"),
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
)
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\v\f\r\x1b"))
_OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_JSON_START = re.compile(rb'\s*(?:\{\s*["}]|\[\s*(?:["\[\]{]|-?\d[\d.]*\s*,))')
_MARKUP = re.compile(rb"\s*<(?:!doctype|html|\?xml|table|head|meta)", re.IGNORECASE)


def read_file(
    path: Path, *, sheet: str | None, encoding: str | None, workdir: Path, dates: str | None = None
) -> CsvFile | Sheet | ContactBody:
    """Read a file as what it is: a table of text, or the documented body of contacts.

    Args: sheet names a spreadsheet's sheet, encoding a text file's (None: found out), dates the order of dates in a
    file that has no columns (None: decided from all of them); workdir takes temporary copies and must live as long as
    the result is used.
    Raises InputFileError, naming what, where and the remedy, for a file that cannot be read.
    """
    _require_content(path)
    path = unpacked(path, workdir)
    kind = _kind(path, encoding)
    if kind in ("xls", "xlsx"):
        table: CsvFile | Sheet | ContactBody = read_spreadsheet(path, kind, sheet=sheet)
        found = ""
    else:
        named = encoding or (_charset(path) if kind == "vcard" else None)
        text = as_utf8(path, encoding=named, workdir=workdir)
        table = _read_text(path, kind, text, workdir, dates)
        found = text.encoding
    return replace(table, warnings=_name_warnings(path, kind, sheet) + table.warnings, encoding=found)


def find_kind(path: Path) -> Kind | None:
    """Tell what a file is as `read_file` does; None when it is compressed, empty or nothing that can be imported."""
    try:
        _require_content(path)
        return _kind(path, None)
    except InputFileError:
        return None


def _read_text(
    path: Path, kind: Kind, text: TextFile, workdir: Path, dates: str | None
) -> CsvFile | Sheet | ContactBody:
    if kind == "vcard":
        from transforms.vcards import read_vcards  # its library takes a while to load

        return read_vcards(path, text, dates=dates)
    return read_json(path, text) if kind == "json" else read_csv(path, text, workdir=workdir)


def _charset(path: Path) -> str | None:
    """Find the charset that the lines of a vCard file name, beside UTF-8 and that of quoted-printable values."""
    for line in re.findall(rb"^[^:\r\n]*;CHARSET=[^:\r\n]*", _first_bytes(path), re.IGNORECASE | re.MULTILINE):
        found = re.search(r"CHARSET=\"?([\w-]+)", line.decode("latin-1"), re.IGNORECASE)
        if found and b"QUOTED-PRINTABLE" not in line.upper() and found[1].upper() not in ("UTF-8", "UTF8"):
            return found[1]
    return None


def _kind(path: Path, encoding: str | None) -> Kind:
    """Tell what a file is from its first bytes; raises InputFileError when it is nothing that can be imported."""
    head = _first_bytes(path)
    for start, called in _FOREIGN:
        if head.startswith(start):
            raise _not_contacts(path, called)
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zip_kind(path)
    if head.startswith(_OLE2):
        return _ole2_kind(path)
    text = _plain(head)
    if encoding is None and _is_binary(head, text):
        raise _not_contacts(path, "binary, not text")
    if _MARKUP.match(text):
        raise _not_contacts(path, "a web page or XML, not a table")
    if re.match(rb"\s*BEGIN:VCARD", text, re.IGNORECASE):
        return "vcard"
    return "json" if _JSON_START.match(text) else "csv"


def _require_content(path: Path) -> None:
    """Raise InputFileError unless a file is there, can be read and is not empty."""
    if path.is_dir():
        raise InputFileError("It is a folder, not a file", where=str(path), remedy="Name the files in it.")
    try:
        with path.open("rb") as file:
            head = file.read(1)
    except FileNotFoundError as error:
        raise InputFileError("There is no such file", where=str(path), remedy="Check the path.") from error
    except OSError as error:
        what = f"The file cannot be opened ({error.strerror})"
        raise InputFileError(what, where=str(path), remedy="Check who may read it.") from error
    if not head:
        raise InputFileError("The file is empty", where=path.name, remedy="Export it again.")


def _first_bytes(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(65536)


def _not_contacts(path: Path, called: str) -> InputFileError:
    remedy = "Give a CSV, XLS, XLSX, JSON or vCard file; a spreadsheet program can save as one."
    return InputFileError(f"The file is {called}", where=path.name, remedy=remedy)


def _zip_kind(path: Path) -> Kind:
    with open_archive(path) as archive:
        if any(name.startswith("xl/") for name in archive.namelist()):
            return "xlsx"
    raise _not_contacts(path, "an office document, but not an Excel workbook")


def _ole2_kind(path: Path) -> Kind:
    content = path.read_bytes()
    if "EncryptedPackage".encode("utf-16-le") in content:
        what = "The workbook is password-protected"
        raise InputFileError(what, where=path.name, remedy="Save it without a password.")
    if any(name.encode("utf-16-le") in content for name in ("WordDocument", "PowerPoint Document", "__substg1.0")):
        raise _not_contacts(path, "an old office document, not an Excel workbook")
    return "xls"


def _plain(head: bytes) -> bytes:
    """Strip a byte order mark and the zero bytes of UTF-16, so that a text's first characters show."""
    for mark in (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        if head.startswith(mark):
            head = head.removeprefix(mark)
            break
    return head.replace(b"\0", b"") if head[:4].count(0) == 2 else head


def _is_binary(head: bytes, text: bytes) -> bool:
    """Say whether control characters that no text has are many, two in a hundred bytes.

    A mark vouches for text, and so does UTF-8 without NUL: a card may hold any character, and be exported with it.
    """
    marked = head.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    controls = len(text) - len(text.translate(None, _CONTROLS))
    return not marked and controls > 4 and controls > 0.02 * len(text) and not _is_utf8(head)


def _is_utf8(head: bytes) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return False
    return b"\0" not in head


def _name_warnings(path: Path, kind: Kind, sheet: str | None) -> tuple[str, ...]:
    expected = _SUFFIXES.get(path.suffix.lower())
    warnings = []
    if expected and expected != kind:
        warnings.append(f"{path.name} holds {_CALLED[kind]}, whatever its name says, and was read as such")
    if sheet and kind in ("csv", "json", "vcard"):
        warnings.append(f"{path.name} has no sheets: --sheet was not used")
    return tuple(warnings)
