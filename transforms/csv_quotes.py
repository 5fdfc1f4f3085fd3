"""Read the chunks of a delimited file whose quotes are not as RFC 4180 has them, record by record.

Quotes inside an unquoted field are text (`5" pipe`), spaces before an opening or after a closing quote are let pass,
and a record with text after a closing quote is a fault. Such chunks are few: the rest is checked as whole arrays.
"""

import csv
import io
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from _csv import Reader

__all__ = ["Fault", "Layout", "Piece", "UnclosedQuoteError", "parse_irregular"]

Fault = tuple[int, str, str]

_STRAY_QUOTE = "a closing quote is followed by text (a quote within a quoted field must be doubled)"

_ALL: Literal[1] = csv.QUOTE_ALL  # left to itself the module does not quote a lone CR

csv.field_size_limit(sys.maxsize)  # the module's own limit of 128 kB is less than a cell may hold


@dataclass(frozen=True)
class Layout:
    """How records are laid out: delimiter and quote (one ASCII character each), fields, line end, the first byte.

    `spaced` says that spaces may stand before an opening quote.
    """

    delimiter: str
    quote: str
    width: int
    line_end: str
    start: int
    spaced: bool = False


@dataclass(frozen=True)
class Piece:
    """A chunk's good records as bytes, how many, the longest, its faults (row within it, reason, text), bytes used."""

    good: bytes
    rows: int
    longest: int
    faults: list[Fault]
    used: int


class UnclosedQuoteError(Exception):
    """A quote is open where the file ends; `place` is its byte in the chunk."""

    def __init__(self, place: int) -> None:
        super().__init__(place)
        self.place = place


@dataclass(frozen=True)
class _Record:
    """One record: its fields, or the reason it has none; its text, and the lines it takes."""

    cells: list[str]
    reason: str
    text: str
    lines: int


def parse_irregular(buffer: bytes, last: bool, layout: Layout) -> Piece:
    """Parse a chunk into good records (quoted anew, LF line ends) and faults."""
    end = len(buffer) if last else max(buffer.rfind(b"\n"), buffer.rfind(b"\r", 0, -1)) + 1
    lines = list(io.StringIO(buffer[:end].decode("utf-8"), newline=""))
    out = io.StringIO()
    writer = csv.writer(out, delimiter=layout.delimiter, quotechar=layout.quote, lineterminator="\n", quoting=_ALL)
    faults: list[Fault] = []
    rows = seen = done = longest = 0
    for record in _records(lines, last, layout):
        done += record.lines
        if not any(cell.strip() for cell in record.cells) and not record.reason:
            continue
        seen += 1
        reason = record.reason or _misfit(record.cells, layout)
        if reason:
            faults.append((seen, reason, record.text.rstrip("\r\n")))
        else:
            start = out.tell()
            writer.writerow(record.cells[: layout.width])
            rows, longest = rows + 1, max(longest, 4 * (out.tell() - start))  # a character has four bytes at most
    return Piece(out.getvalue().encode("utf-8"), rows, longest, faults, end - _size(lines[done:]))


def _misfit(cells: list[str], layout: Layout) -> str:
    surplus = cells[layout.width :]
    if len(cells) >= layout.width and not any(cell.strip() for cell in surplus):
        return ""
    return f"the row has {len(cells)} field{'s' * (len(cells) != 1)}, the header has {layout.width}"


def _size(lines: list[str]) -> int:
    return len("".join(lines).encode("utf-8"))


def _records(lines: list[str], last: bool, layout: Layout) -> Iterator[_Record]:
    """Read record after record; stops before one whose end is not in the chunk yet."""
    at = 0
    while at < len(lines):
        reader = _reader(lines, at, layout)
        before = 0
        try:
            for cells in reader:
                yield _Record(cells, "", "".join(lines[at + before : at + reader.line_num]), reader.line_num - before)
                before = reader.line_num
            return
        except csv.Error as error:
            at += before
            taken = reader.line_num - before
            if "unexpected end" in str(error):
                if last:
                    raise UnclosedQuoteError(_size(lines[:at]) + _opening(lines[at:], layout)) from error
                return
            taken = 1 if _first_line_stands_alone(lines[at : at + taken], layout) else taken
            yield _fault("".join(lines[at : at + taken]), taken, layout)
            at += taken


def _reader(lines: list[str], at: int, layout: Layout) -> "Reader":
    rest = (lines[number] for number in range(at, len(lines)))
    delimiter, quote = layout.delimiter, layout.quote
    return csv.reader(rest, delimiter=delimiter, quotechar=quote, skipinitialspace=layout.spaced, strict=True)


def _fault(text: str, lines: int, layout: Layout) -> _Record:
    """Read a record again without the spaces after its closing quotes; if that does not help it is a fault."""
    quote, delimiter = re.escape(layout.quote), re.escape(layout.delimiter)
    tidy = re.sub(rf"{quote}[ \t]+(?={delimiter}|[\r\n]*\Z)", layout.quote, text)
    try:
        cells = list(_reader(list(io.StringIO(tidy, newline="")), 0, layout))
    except csv.Error:
        cells = []
    if len(cells) == 1:
        return _Record(cells[0], "", text, lines)
    return _Record([], _STRAY_QUOTE, text, lines)


def _first_line_stands_alone(lines: list[str], layout: Layout) -> bool:
    """Say whether a quote left open swallowed rows: cut at every delimiter, each line has all the fields of a row."""
    return len(lines) > 1 and all(line.count(layout.delimiter) == layout.width - 1 for line in lines[:2])


def _opening(lines: list[str], layout: Layout) -> int:
    """Find the quote that is never closed in the record that starts with the first line: its place in bytes."""
    text = "".join(lines)
    quote, delimiter = re.escape(layout.quote), re.escape(layout.delimiter)
    closed = rf"(?:^|(?<={delimiter})) *{quote}(?:[^{quote}]|{quote}{quote})*{quote}(?={delimiter}|[\r\n])"
    blanked = re.sub(closed, lambda match: "x" * len(match[0]), text)
    found = re.search(rf"(?:^|(?<={delimiter})) *{quote}", blanked)
    return len(text[: found.end() - 1].encode("utf-8")) if found else 0
