"""The torture folder: encodings × delimiters × line ends × faults × compression, each file exactly or by name.

What is made here is read to the last cell, or refused with the reason that its fault has; nothing is lost between. The
reading layer sees every combination, the whole import a selection in which every pair of choices meets.
"""

import gzip
import io
import itertools
import json
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from flows.import_reports import ImportReport
from flows.importing import ImportSettings, import_file
from storage.database import open_database
from storage.errors import InputFileError
from storage.staging import CsvFile, stage
from transforms.reading import read_file

HEADER = ["First Name", "Last Name", "E-mail", "Notes"]
ROWS = [
    ["Jürgen", "Müller", "jm@example.com", "Straße 5; Köln, 2. Stock"],
    ["Zoé", "François", "", 'says "salut", often'],
    ["Ann", "O'Neil | Lee", "ann@example.com", "tab\there"],
    ["José", "Núñez", "jose@example.com", "mañana"],
]
ENCODINGS = {
    "utf-8": "utf-8", "utf-8-sig": "utf-8", "utf-16": "utf-16-le", "utf-16-be-marked": "utf-16-be",
    "utf-16-le": "utf-16-le", "utf-16-be": "utf-16-be", "cp1252": "cp1252", "mac_roman": "mac_roman",
}  # fmt: skip
DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|"}
ENDS = {"LF": "\n", "CRLF": "\r\n", "CR": "\r"}


def zipped(data: bytes) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("leads.csv", data)
    return content.getvalue()


def zstandard(data: bytes) -> bytes:
    content = pa.BufferOutputStream()
    with pa.CompressedOutputStream(content, "zstd") as stream:
        stream.write(data)
    return bytes(content.getvalue())


PACKINGS: dict[str, Callable[[bytes], bytes]] = {
    "plain": bytes, "gz": gzip.compress, "zst": zstandard, "zip": zipped,
    "gz cut short": lambda data: gzip.compress(data)[:-12], "zst cut short": lambda data: zstandard(data)[:-6],
    "zip cut short": lambda data: zipped(data)[:-12],
}  # fmt: skip


@dataclass(frozen=True)
class Fault:
    """What is wrong with a file: how its lines change, and what then comes of it: rejected rows, or an error."""

    change: Callable[[list[str], str], list[str]] = lambda lines, _delimiter: lines
    columns: tuple[str, ...] = tuple(HEADER)
    reason: str = ""
    error: str = ""
    last_end: bool = True


def quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"'


def short(lines: list[str], delimiter: str) -> list[str]:
    return [*lines, delimiter.join(["Bo", "Short"])]


FAULTS = {
    "none": Fault(),
    "a row too short": Fault(short, reason="the row has 2 fields, the header has 4"),
    "a row too long": Fault(
        lambda lines, delimiter: [*lines[:2], delimiter.join(["Bo", "Long", "", "x", "y", "z"]), *lines[2:]],
        reason="the row has 6 fields, the header has 4",
    ),
    "a stray quote": Fault(
        lambda lines, delimiter: [lines[0], delimiter.join(['"Bo" Stray', "B", '"c"', "d"]), *lines[1:]],
        reason="a closing quote is followed by text",
    ),
    "a quote never closed": Fault(
        lambda lines, delimiter: [*lines, delimiter.join(["Bo", "Open", "", '"never'])], error="is never closed"
    ),
    "blank lines and rows": Fault(
        lambda lines, delimiter: ["", lines[0], delimiter * 3, *lines[1:], "", delimiter * 3]
    ),
    "no last line end": Fault(last_end=False),
    "notes above": Fault(lambda lines, _delimiter: ["Notes:", '"Exported today, all of it"', "", *lines]),
    "a name twice": Fault(
        lambda lines, delimiter: [delimiter.join(map(quoted, [*HEADER[:3], "E-mail"])), *lines[1:]],
        columns=(*HEADER[:3], "E-mail (2)"),
    ),
    "a line end in quotes": Fault(
        lambda lines, delimiter: [*lines, delimiter.join(["Kim", "Two", "", '"one\ntwo"'])],
    ),
    "NUL": Fault(lambda lines, delimiter: [*lines, delimiter.join(["B\0", "b", "c", "d"])], error="NUL byte|binary"),
    "no rows": Fault(lambda lines, _delimiter: lines[:1], error="no rows"),
    "white space": Fault(lambda _lines, _delimiter: ["", " "], error="white space"),
}
EXTRA = {"a line end in quotes": [["Kim", "Two", "", "one\ntwo"]]}


@dataclass(frozen=True)
class Case:
    """One file of the folder, by the names of its choices."""

    encoding: str
    delimiter: str
    end: str
    fault: str
    packing: str = "plain"

    @property
    def error(self) -> str:
        """The words of the error it ends with, "" when it is read."""
        return "cut short|end is missing" if self.packing.endswith("short") else FAULTS[self.fault].error

    @property
    def rows(self) -> list[list[str]]:
        return [*ROWS, *EXTRA.get(self.fault, [])]

    def write(self, folder: Path) -> Path:
        delimiter, fault = DELIMITERS[self.delimiter], FAULTS[self.fault]
        plain = [delimiter.join(map(quoted, row)) for row in [HEADER, *ROWS]]
        lines = fault.change(plain, delimiter)
        text = ENDS[self.end].join([*lines, ""] if fault.last_end else lines)
        marked = self.encoding == "utf-16-be-marked"
        data = ("\ufeff" + text).encode("utf-16-be") if marked else text.encode(self.encoding)
        path = folder / "leads.csv"
        path.write_bytes(PACKINGS[self.packing](data))
        return path


def all_cases() -> Iterator[Case]:
    """Every choice of the text with every other, and every packing with every encoding and fault."""
    yield from (Case(*names) for names in itertools.product(ENCODINGS, DELIMITERS, ENDS, FAULTS))
    yield from (Case(e, "comma", "CRLF", fault, packing) for e in ENCODINGS for fault in FAULTS for packing in PACKINGS)


def paired_cases() -> Iterator[Case]:
    """Cases in which every choice meets every choice of the other kinds, chosen greedily; of two kinds some."""
    encodings, packings = ("utf-8", "utf-16", "cp1252", "mac_roman"), ("plain", "gz", "zip", "zst cut short")
    kinds = (encodings, DELIMITERS, ENDS, FAULTS, packings)
    every = list(itertools.product(*kinds))

    def pairs(names: tuple[str, ...]) -> set[tuple[int, str, int, str]]:
        return {(a, names[a], b, names[b]) for a, b in itertools.combinations(range(len(names)), 2)}

    missing = set().union(*map(pairs, every))
    while missing:
        a, name, b, other = min(missing)
        fitting = [names for names in every if names[a] == name and names[b] == other]
        best = max(fitting, key=lambda names: len(pairs(names) & missing))
        missing -= pairs(best)
        yield Case(*best)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_every_file_is_read_exactly_or_refused_by_name(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "work").mkdir()
    with duckdb.connect() as con:
        for case in (case for case in all_cases() if case.encoding == encoding):
            path, fault = case.write(tmp_path), FAULTS[case.fault]
            table = outcome(partial(read_file, path, sheet=None, encoding=None, workdir=tmp_path / "work"))
            if case.error:
                assert re.search(case.error, str(table)), (case, table)
                continue
            assert isinstance(table, CsvFile), (case, table)
            assert table.encoding == ENCODINGS[case.encoding], case
            assert table.columns == fault.columns, case
            rows = con.sql(stage(con, table).sql).fetchall()
            assert [[cell or "" for cell in row] for row in rows] == case.rows, case
            reasons = table.faults["reason"].to_list()
            assert len(reasons) == bool(fault.reason), case
            assert all(reason.startswith(fault.reason) for reason in reasons), case


def test_imports_lose_nothing_and_coming_again_change_nothing(tmp_path: Path) -> None:
    mapping = tmp_path / "mapping.json"
    types = ["first_name", "last_name", "email", "note"]
    entries: dict[str, Any] = {name: {"attribute_type": kind} for name, kind in zip(HEADER, types, strict=True)}
    entries["E-mail (2)"] = {"attribute_type": "note"}
    mapping.write_text(json.dumps({"partial": True, "mappings": entries}), "utf-8")
    for number, case in enumerate(paired_cases()):
        path = case.write(tmp_path)
        with open_database(tmp_path / f"{number}.duckdb") as db:
            settings = ImportSettings(mapping=str(mapping))
            once = partial(import_file, db, path, settings, now=datetime(2026, 3, 1, tzinfo=UTC))
            first, again = outcome(once), outcome(once)
            if case.error:
                assert re.search(case.error, str(first)), (case, first)
                assert db.con.sql("FROM contacts").fetchall() == []
                continue
            bad = bool(FAULTS[case.fault].reason)
            assert counts(first) == (len(case.rows) + bad, len(case.rows), 0, 0, bad), case
            assert counts(again) == (len(case.rows) + bad, 0, 0, len(case.rows), bad), case
            found = db.con.sql("SELECT first_name, last_name, email FROM contacts_wide ORDER BY id").fetchall()
            assert [[cell or "" for cell in row] for row in found] == [row[:3] for row in case.rows], case


def outcome(work: Callable[[], Any]) -> Any:
    """What some work gives, or what it says of the file when it is refused."""
    try:
        return work()
    except InputFileError as error:
        return str(error)


def counts(report: ImportReport) -> tuple[int, int, int, int, int]:
    return (report.rows, report.created, report.updated, report.unchanged, report.rejected)
