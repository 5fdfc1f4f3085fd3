"""What a file is, is told from its content; what cannot be read is an error with exit code 3, a place and a remedy."""

import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from storage.errors import InputFileError
from storage.staging import CsvFile, Sheet
from transforms.reading import ContactBody, find_kind, read_file


def read(path: Path, sheet: str | None = None, encoding: str | None = None) -> CsvFile | Sheet | ContactBody:
    return read_file(path, sheet=sheet, encoding=encoding, workdir=path.parent)


def archive(name: str) -> bytes:
    """A ZIP archive with a file of a name."""
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w") as opened:
        opened.writestr(zipfile.ZipInfo(name), "")  # the hour of writing would be in the names of the tests
    return packed.getvalue()


ZIP_START = b"PK\x03\x04" + b"\0" * 100
OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600
BAD: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "is empty"),
    "white space": (b"\n \r\n\t", "white space"),
    "a mark alone": (b"\xef\xbb\xbf", "white space"),
    "a PDF": (b"%PDF-1.7\n\xb5\xed", "is a PDF"),
    "a picture": (b"\x89PNG\r\n\x1a\n\0\0", "is a picture"),
    "gzip": (b"\x1f\x8b\x08\0\0", "gzip file is damaged or cut short"),
    "a truncated workbook": (ZIP_START, "its end is missing"),
    "an archive with a name that is no UTF-8": (archive("ä").replace("ä".encode(), b"\xff\xff"), "damaged"),
    "an archive of the future": (archive("a").replace(b"PK\x01\x02\x14\x03\x14", b"PK\x01\x02\x14\x03\xff"), "damaged"),
    "a protected workbook": (OLE2 + "EncryptedPackage".encode("utf-16-le"), "password-protected"),
    "an old text document": (OLE2 + "WordDocument".encode("utf-16-le"), "office document"),
    "a truncated XLS": (OLE2 + "Workbook".encode("utf-16-le"), "damaged or cut short"),
    "a web page": (b"\n<!DOCTYPE html><table><tr><td>a</td></tr></table>", "web page"),
    "an XML spreadsheet": (b'<?xml version="1.0"?><Workbook/>', "XML"),
    "random bytes": (bytes(range(256)) * 20, "binary"),
    "NUL bytes": (b"a,b\n1,2\n\0,3\n" + b"4,5\n" * 50, "NUL byte on line 3"),
}

TEXTS = ("white space", "a mark alone", "NUL bytes")  # text as far as the first bytes tell


@pytest.mark.parametrize(("data", "words"), BAD.values(), ids=BAD)
def test_a_file_that_cannot_be_read_is_an_error_with_a_remedy(tmp_path: Path, data: bytes, words: str) -> None:
    path = tmp_path / "leads.csv"
    path.write_bytes(data)
    with pytest.raises(InputFileError, match=words) as caught:
        read(path)
    assert caught.value.exit_code == 3
    assert "leads.csv" in str(caught.value)
    assert caught.value.remedy


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"First,Last\nAda,Lovelace\n", "csv"),
        ("First\nAda\n".encode("utf-16"), "csv"),
        (("First\n" + "\x01\x1b\x07 Zoë\n" * 9).encode(), "csv"),
        (b'{"contacts": []}', "json"),
        (b"BEGIN:VCARD\nEND:VCARD\n", "vcard"),
        (archive("xl/workbook.xml"), "xlsx"),
        (archive("people.csv"), None),
        (OLE2 + "Workbook".encode("utf-16-le"), "xls"),
        *[(data, None) for name, (data, _) in BAD.items() if "XLS" not in name and name not in TEXTS],
    ],
)
def test_the_kind_of_a_file_is_found_without_reading_it(tmp_path: Path, data: bytes, kind: str | None) -> None:
    path = tmp_path / "leads.pdf"
    path.write_bytes(data)
    assert find_kind(path) == kind


def test_a_missing_file_and_a_folder_are_errors(tmp_path: Path) -> None:
    with pytest.raises(InputFileError, match="no such file"):
        read(tmp_path / "absent.csv")
    with pytest.raises(InputFileError, match="folder"):
        read(tmp_path)


def test_another_archive_is_not_taken_for_a_workbook(tmp_path: Path) -> None:
    path = tmp_path / "leads.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("[Content_Types].xml", "")
        archive.writestr("word/document.xml", "")
    with pytest.raises(InputFileError, match="not an Excel workbook"):
        read(path)


NAMES = {
    "text called xlsx": ("leads.xlsx", b"a,b\n1,2\n", "delimited text"),
    "JSON called csv": ("leads.csv", b'[{"a": 1}]', "JSON"),
    "text called json": ("leads.json", b"a;b\n1;2\n", "delimited text"),
}


@pytest.mark.parametrize(("name", "data", "called"), NAMES.values(), ids=NAMES)
def test_a_wrongly_named_file_is_read_with_a_warning(tmp_path: Path, name: str, data: bytes, called: str) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    assert called in read(path).warnings[0]


def test_a_name_without_a_known_suffix_is_no_reason_for_a_warning(tmp_path: Path) -> None:
    path = tmp_path / "leads"
    path.write_bytes(b"a,b\n1,2\n")
    assert read(path).warnings == ()


def test_a_sheet_named_for_a_text_file_is_warned_of(tmp_path: Path) -> None:
    path = tmp_path / "leads.csv"
    path.write_bytes(b"a,b\n1,2\n")
    assert "--sheet" in read(path, sheet="S").warnings[0]


@pytest.mark.parametrize("head", ["[id],name", "{id},name", "[1st],b", "PKG,name"])
def test_a_header_that_starts_like_something_else_is_still_text(tmp_path: Path, head: str) -> None:
    path = tmp_path / "leads.csv"
    path.write_text(f"{head}\n1,2\n")
    table = read(path)
    assert isinstance(table, CsvFile)
    assert table.columns == tuple(head.split(","))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be"])
def test_json_of_any_unicode_encoding_is_json(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "leads.json"
    path.write_bytes('[{"name": "Zoë"}]'.encode(encoding))
    table = read(path)
    assert isinstance(table, Sheet)
    assert table.frame.rows() == [("Zoë",)]


def test_nothing_is_written_beside_the_file(tmp_path: Path) -> None:
    folder, work = tmp_path / "in", tmp_path / "work"
    folder.mkdir()
    work.mkdir()
    path = folder / "leads.csv"
    path.write_bytes("a,b\r\n1,2\rÄ,5\n".encode("cp1252"))
    read_file(path, sheet=None, encoding=None, workdir=work)
    assert [found.name for found in folder.iterdir()] == ["leads.csv"]
