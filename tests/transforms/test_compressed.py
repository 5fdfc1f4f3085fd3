"""Compressed files are read as what is in them; damaged, crowded and monstrous ones are named."""

import gzip
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest

from storage.errors import InputFileError
from storage.staging import CsvFile
from transforms import compressed
from transforms.reading import read_file

TABLE = b"Name,E-mail\n" + b"Ann,ann@example.com\n" * 400


def zipped(files: dict[str, bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return content.getvalue()


def zstandard(data: bytes) -> bytes:
    content = pa.BufferOutputStream()
    with pa.CompressedOutputStream(content, "zstd") as stream:
        stream.write(data)
    return bytes(content.getvalue())


def in_zip(data: bytes) -> bytes:
    return zipped({"exports/": b"", "exports/leads.csv": data, "__MACOSX/._leads.csv": b"x", ".DS_Store": b"x"})


PACKERS: dict[str, Callable[[bytes], bytes]] = {"gz": gzip.compress, "zst": zstandard, "zip": in_zip}


def read(tmp_path: Path, name: str, data: bytes) -> CsvFile:
    path = tmp_path / name
    path.write_bytes(data)
    (tmp_path / "work").mkdir(exist_ok=True)
    table = read_file(path, sheet=None, encoding=None, workdir=tmp_path / "work")
    assert isinstance(table, CsvFile)
    return table


@pytest.mark.parametrize("kind", PACKERS)
@pytest.mark.parametrize("name", ["leads.csv.{}", "leads", "leads.csv"])
def test_a_compressed_table_is_read_whatever_it_is_called(tmp_path: Path, kind: str, name: str) -> None:
    table = read(tmp_path, name.format(kind), PACKERS[kind](TABLE))
    assert (table.columns, table.rows, table.warnings) == (("Name", "E-mail"), 400, ())


def test_several_streams_in_one_file_are_read_to_the_end(tmp_path: Path) -> None:
    for kind, pack in ((kind, pack) for kind, pack in PACKERS.items() if kind != "zip"):
        assert read(tmp_path, f"leads.{kind}", pack(TABLE) + pack(b"Bob,bob@example.com\n")).rows == 401


@pytest.mark.parametrize("kind", PACKERS)
@pytest.mark.parametrize("cut", [0.3, 0.98])
def test_a_file_cut_short_is_named(tmp_path: Path, kind: str, cut: float) -> None:
    data = PACKERS[kind](TABLE)
    with pytest.raises(InputFileError, match=r"cut short|end is missing") as caught:
        read(tmp_path, f"leads.{kind}", data[: int(len(data) * cut)])
    assert f"leads.{kind}" in str(caught.value)


@pytest.mark.parametrize("kind", ["gz", "zip"])  # those that carry a checksum of their content
def test_a_damaged_file_is_named(tmp_path: Path, kind: str) -> None:
    data = bytearray(PACKERS[kind](TABLE))
    place = data.find(b"leads.csv") + len("leads.csv") + 12 if kind == "zip" else len(data) // 2
    data[place : place + 8] = b"\xff" * 8
    with pytest.raises(InputFileError, match="damaged"):
        read(tmp_path, f"leads.{kind}", bytes(data))


@pytest.mark.parametrize("kind", PACKERS)
def test_a_file_that_swells_beyond_measure_is_given_up(
    tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compressed, "_ALWAYS_ALLOWED", 1 << 20)
    monkeypatch.setattr(compressed, "_CHUNK", 1 << 16)
    with pytest.raises(InputFileError, match="swells"):
        read(tmp_path, f"leads.{kind}", PACKERS[kind](b"\0" * (20 << 20)))
    assert sum(file.stat().st_size for file in (tmp_path / "work").rglob("leads*")) < 5 << 20


CROWDED = {
    "several files": (zipped({"a.csv": TABLE, "b.csv": TABLE}), '2 files: "a.csv", "b.csv"'),
    "many files": (zipped({f"{n}.csv": b"" for n in range(30)}), "and 20 more"),
    "no file": (zipped({"folder/": b""}), "no file in it"),
    "an archive in an archive": (zipped({"a.csv.gz": gzip.compress(TABLE)}), "compressed twice"),
}


@pytest.mark.parametrize(("data", "words"), CROWDED.values(), ids=CROWDED)
def test_an_archive_of_anything_but_one_file_is_an_error(tmp_path: Path, data: bytes, words: str) -> None:
    with pytest.raises(InputFileError, match=words):
        read(tmp_path, "leads.zip", data)


def test_a_file_with_a_password_is_named(tmp_path: Path) -> None:
    data = bytearray(zipped({"a.csv": TABLE}))
    for start, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.find(start) + flags] |= 1
    with pytest.raises(InputFileError, match="password-protected"):
        read(tmp_path, "leads.zip", bytes(data))


def test_a_name_in_an_archive_leads_nowhere_else(tmp_path: Path) -> None:
    assert read(tmp_path, "leads.zip", zipped({"../../../evil.csv": TABLE})).rows == 400
    assert read(tmp_path, "leads.zip", zipped({"..\\evil.csv": TABLE})).rows == 400
    assert not (tmp_path.parent / "evil.csv").exists()
