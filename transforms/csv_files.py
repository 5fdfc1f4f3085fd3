"""Delimited text files: decide delimiter, quote and header from the first records, then check all the others.

DuckDB's own sniffer turns a ragged file into one column without a word, so nothing is left to it.
"""

import csv
import io
import re
from itertools import islice
from pathlib import Path

from storage.errors import InputFileError
from storage.staging import CsvFile
from transforms.csv_quotes import Layout
from transforms.csv_records import Records, check_records, clean_records
from transforms.header_rows import header_place, passed_over
from transforms.headers import column_names
from transforms.text_files import TextFile

__all__ = ["read_csv", "split_record"]

_HEAD = 1 << 20
_SAMPLE = 200
_OWN_COLUMNS = {"Display Name", "More Emails", "Touch Frequency"}
_DELIMITERS = ("\t", ";", "|", ",")
_SEP_LINE = re.compile(r'\A"?sep=([!-~\t])"?[ ]*(?:\r\n|\r|\n)', re.IGNORECASE)


def read_csv(path: Path, text: TextFile, *, workdir: Path) -> CsvFile:
    """Read the layout of a delimited file and check its rows.

    Raises InputFileError for a header without rows and for a quote that is never closed.
    """
    head, whole = _head(text)
    named = _SEP_LINE.match(head)
    body = head[named.end() :] if named else head
    if not any(mark.isprintable() and mark not in '," ;\t|' for mark in body):
        what = "The file has no column names"
        raise InputFileError(what, where=path.name, remedy="Its first line must name the columns.")
    quote = _quote(body)
    delimiter = named[1] if named else _delimiter(body, quote, whole)
    above = header_place(_rows(body, delimiter, quote))
    header, taken, sample = _header(path, body, delimiter, quote, above)
    header = _without_blank_tail(header, sample)
    columns, renamed = column_names(header)
    start = text.start + len(head[: len(head) - len(body) + taken].encode("utf-8"))
    spaced = bool(re.search(f"{re.escape(delimiter)} +{quote}", body))
    layout = Layout(delimiter, quote, len(columns), _line_end(head), start, spaced)
    records, source = _records(path, text, layout, workdir, plain=not named and _is_one_line(body[:taken]))
    if not records.rows and not records.faults.height:
        what = f"The file has a header of {len(columns)} column{'s' * (len(columns) != 1)} and no rows"
        raise InputFileError(what, where=path.name, remedy="Export it again with its rows.")
    return CsvFile(
        path=source,
        delimiter=delimiter,
        quote=quote,
        columns=columns,
        rows=records.rows,
        longest=records.longest,
        faults=records.faults,
        is_own_export=set(columns) >= _OWN_COLUMNS,
        warnings=text.warnings + passed_over(above) + renamed + _header_warnings(columns),
    )


def split_record(record: str, table: CsvFile) -> dict[str, str]:
    """Split a faulty record as far as it goes: what is missing at its end is empty, what is too much is surplus."""
    rows = list(csv.reader(io.StringIO(record, newline=""), delimiter=table.delimiter, quotechar=table.quote))
    cells = [cell for row in rows for cell in row]
    cells += [""] * (len(table.columns) - len(cells))
    surplus = [f"surplus {number}" for number in range(1, len(cells) - len(table.columns) + 1)]
    return dict(zip(column_names([*table.columns, *surplus])[0], cells, strict=True))


def _records(path: Path, text: TextFile, layout: Layout, workdir: Path, *, plain: bool) -> tuple[Records, Path]:
    """Check the rows in place; clean them into a copy when the file, or its header, is not regular."""
    records = check_records(text.path, layout) if plain else None
    if records and records.rows:
        return records, _named_plainly(text.path, workdir)
    target = workdir / f"{path.stem}.clean"
    return clean_records(text.path, layout, target), target


def _named_plainly(path: Path, workdir: Path) -> Path:
    """Give a file whose name the scan would take for a pattern another name."""
    if not re.search(r"[*?\[\]{}]", str(path)):
        return path
    link = workdir / "input.csv"
    link.unlink(missing_ok=True)
    link.symlink_to(path.absolute())
    return link


def _head(text: TextFile) -> tuple[str, bool]:
    """Read the first megabyte; whether that is the whole text."""
    with text.path.open("rb") as file:
        file.seek(text.start)
        data = file.read(_HEAD + 1)
    return data[:_HEAD].decode("utf-8", "ignore"), len(data) <= _HEAD


def _quote(body: str) -> str:
    """Take the single quote only where the first line has every field in single quotes and none in double ones."""
    line = body.lstrip().partition("\n")[0].strip()
    return "'" if '"' not in line and re.fullmatch(r"'[^']*'(?:[,;\t|]'[^']*')+", line) else '"'


def _rows(body: str, delimiter: str, quote: str) -> list[list[str]]:
    reader = csv.reader(io.StringIO(body, newline=""), delimiter=delimiter, quotechar=quote, skipinitialspace=True)
    rows: list[list[str]] = []
    for row in reader:
        if any(cell.strip() for cell in row):
            rows.append(row)
        if len(rows) > _SAMPLE:
            break
    return rows


def _delimiter(body: str, quote: str, whole: bool) -> str:
    """Choose the delimiter that most rows have as often as the header; then the one that gives the most fields.

    A row with one field more or less counts half: delimiters at the end of a line are often there, or not.
    """
    best, chosen = (-1.0, 0), ","
    for delimiter in _DELIMITERS:
        rows = _rows(body, delimiter, quote)
        header, *rows = rows[header_place(rows) :]
        rows = rows if whole or len(rows) < 3 else rows[:-1]
        gaps = [min(abs(len(row) - len(header)), 2) for row in rows]
        alike = round(sum(2 - gap for gap in gaps) / max(2 * len(gaps), 1), 1)
        if len(header) > 1 and (alike, len(header)) > best:
            best, chosen = (alike, len(header)), delimiter
    return chosen


def _header(path: Path, body: str, delimiter: str, quote: str, above: int) -> tuple[list[str], int, list[list[str]]]:
    """Read the record below `above` others, not counting blank ones: its cells, the characters to its end, a sample."""
    lines = list(io.StringIO(body, newline=""))
    reader = csv.reader(iter(lines), delimiter=delimiter, quotechar=quote, skipinitialspace=True)
    header = next(islice((row for row in reader if any(cell.strip() for cell in row)), above, None))
    taken = sum(map(len, lines[: reader.line_num]))
    if reader.line_num > 1 and not above:
        _refuse_open_quote(path, lines[: reader.line_num], delimiter, quote)
    return header, taken, _rows(body[taken:], delimiter, quote)


def _refuse_open_quote(path: Path, lines: list[str], delimiter: str, quote: str) -> None:
    """Tell a name of several lines from a quote that was left open in the header and swallowed rows."""
    try:
        for _ in csv.reader(lines, delimiter=delimiter, quotechar=quote, skipinitialspace=True, strict=True):
            pass
    except csv.Error as error:
        first = next(number for number, line in enumerate(lines, start=1) if line.strip())
        what = f"A quote opened in the header, on line {first}, is never closed"
        raise InputFileError(what, where=path.name, remedy="Close it there.") from error


def _without_blank_tail(header: list[str], sample: list[list[str]]) -> list[str]:
    """Drop nameless columns at the end of the header when no row has them."""
    named = len(header)
    while named and not header[named - 1].strip():
        named -= 1
    used = max((len(row) for row in sample), default=len(header))
    return header[: max(named, min(used, len(header)))]


def _is_one_line(text: str) -> bool:
    return len(text.splitlines()) == 1


def _line_end(head: str) -> str:
    found = re.search(r"\r\n|\r|\n", head)
    return found[0] if found else "\n"


def _header_warnings(columns: tuple[str, ...]) -> tuple[str, ...]:
    looks_like_data = any("@" in name and "." in name for name in columns)
    return ("the first line looks like a contact, not like column names: is the header missing?",) * looks_like_data
