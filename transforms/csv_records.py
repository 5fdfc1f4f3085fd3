"""Check every record of a UTF-8 delimited file, so that the scan that follows never meets a row it must judge.

A regular file (quotes as RFC 4180 has them, one kind of line end, as many fields in each record as in the header) is
only counted. Any other is written out again: good records with plain line ends, the faulty ones kept aside.
"""

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from storage.errors import InputFileError
from storage.staging import FAULT_SCHEMA
from transforms.csv_quotes import Fault, Layout, Piece, UnclosedQuoteError, parse_irregular

__all__ = ["Records", "check_records", "clean_records"]

Bytes = NDArray[np.uint8]
Mask = NDArray[np.bool_]
Places = NDArray[np.int64]

_CHUNK = 8 << 20
_LONGEST_RECORD = 256 << 20
_LF, _CR = b"\n\r"


@dataclass(frozen=True)
class Records:
    """What a file holds: good `rows`, the longest record in bytes, and faults (staging.FAULT_SCHEMA)."""

    rows: int
    longest: int
    faults: pl.DataFrame


@dataclass(frozen=True)
class _Chunk:
    """Bytes with the places of all quotes, and of line feeds and carriage returns outside quotes."""

    data: Bytes
    quotes: Places
    feeds: Places
    returns: Places


@dataclass(frozen=True)
class _Split:
    """Where the records of a chunk start and end (without the line end), and how many fields each has."""

    starts: Places
    ends: Places
    fields: Places


class _IrregularError(Exception):
    """The file cannot be scanned as it stands."""


def check_records(path: Path, layout: Layout) -> Records | None:
    """Count the records of a regular file; None when the file is not regular."""
    rows = longest = 0
    try:
        for piece in _pieces(path, layout, _count):
            rows, longest = rows + piece.rows, max(longest, piece.longest)
    except _IrregularError:
        return None
    return Records(rows, longest, _frame([]))


def clean_records(path: Path, layout: Layout, target: Path) -> Records:
    """Write the good records into `target`, under a header of one line, and keep the others as faults.

    The header makes sure that the first line end is a real one: the scan takes the kind of all from it, and would be
    misled by another kind in a quoted field. Line ends outside quotes become LF, blank lines and rows of empty fields
    alone are dropped (they do not count as rows), empty fields beyond the header's are cut off.
    Raises InputFileError for a quote that is never closed.
    """
    good = seen = longest = 0
    faults: list[Fault] = []
    with target.open("wb") as file:
        file.write(layout.delimiter.join(f"c{number}" for number in range(layout.width)).encode() + b"\n")
        for piece in _pieces(path, layout, _clean):
            file.write(piece.good)
            faults += [(seen + row, reason, original) for row, reason, original in piece.faults]
            seen, good = seen + piece.rows + len(piece.faults), good + piece.rows
            longest = max(longest, piece.longest)
    return Records(good, longest, _frame(faults))


def _frame(faults: list[Fault]) -> pl.DataFrame:
    return pl.DataFrame(faults, schema=FAULT_SCHEMA, orient="row")


def _pieces(path: Path, layout: Layout, take: Callable[[bytes, bool, Layout], Piece]) -> Iterator[Piece]:
    """Walk the file in chunks that end where a record ends; a record longer than a chunk is read on for."""
    with path.open("rb") as file:
        file.seek(layout.start)
        rest, place, want = b"", layout.start, _CHUNK
        while True:
            more = file.read(want)
            buffer, last = rest + more, len(more) < want
            try:
                piece = take(buffer, last, layout)
            except UnclosedQuoteError as error:
                raise _unclosed(path, place + error.place) from error
            yield piece
            if last:
                return
            if not piece.used and len(buffer) > _LONGEST_RECORD:
                raise _unclosed(path, place)
            rest, place = buffer[piece.used :], place + piece.used
            want = _CHUNK if piece.used else len(buffer)


def _unclosed(path: Path, place: int) -> InputFileError:
    with path.open("rb") as file:
        before = file.read(place)
    line = 1 + (before.count(b"\n") or before.count(b"\r"))
    what = f"The quote opened on line {line} is never closed"
    return InputFileError(what, where=path.name, remedy="Close it there, or double it if it is part of the text.")


def _count(buffer: bytes, last: bool, layout: Layout) -> Piece:
    """Count the records of a chunk; anything irregular ends the check."""
    chunk = _chunk(buffer, last, layout)
    cut = last and chunk.data.size < len(buffer)
    if cut or not _has_regular_quotes(chunk, layout) or not _has_line_ends(chunk, layout):
        raise _IrregularError
    split = _split(chunk, layout)
    if (split.fields != layout.width).any() or _blank(chunk, split, layout).any():
        raise _IrregularError
    return Piece(b"", split.ends.size, _longest(split), [], chunk.data.size)


def _clean(buffer: bytes, last: bool, layout: Layout) -> Piece:
    """Keep the good records of a chunk, with LF line ends; every repair is a deletion of bytes, so order stays."""
    chunk = _chunk(buffer, last, layout)
    if not _has_regular_quotes(chunk, layout) or (last and chunk.data.size < len(buffer)):
        return parse_irregular(buffer, last, layout)
    used = chunk.data.size
    if chunk.returns.size:
        chunk = _chunk(_with_plain_line_ends(chunk), last, layout)
    split = _split(chunk, layout)
    blank = _blank(chunk, split, layout)
    surplus, sizes = _empty_surplus(chunk, split, layout)
    faulty = ~blank & (split.fields - surplus != layout.width)
    kept = _without(chunk, split, blank | faulty, sizes)
    rows = np.cumsum(~blank)
    faults = [
        (int(rows[record]), _reason(int(split.fields[record]), layout), _text(chunk, split, record))
        for record in np.flatnonzero(faulty).tolist()
    ]
    return Piece(kept, int((~blank & ~faulty).sum()), _longest(split), faults, used)


def _reason(fields: int, layout: Layout) -> str:
    return f"the row has {fields} field{'s' * (fields != 1)}, the header has {layout.width}"


def _text(chunk: _Chunk, split: _Split, record: int) -> str:
    return chunk.data[split.starts[record] : split.ends[record]].tobytes().decode("utf-8").rstrip("\r")


def _longest(split: _Split) -> int:
    return int((split.ends - split.starts).max(initial=0)) + 2


def _chunk(buffer: bytes, last: bool, layout: Layout) -> _Chunk:
    """Find the marks of a buffer and cut it after its last whole record (the last of the file needs no line end)."""
    data = np.frombuffer(buffer, np.uint8)
    quotes, feeds, returns = (_places(buffer, data, mark) for mark in (layout.quote, "\n", "\r"))
    feeds, returns = _outside(feeds, quotes), _outside(returns, quotes)
    end = _end(data, feeds, returns) if not last else 0 if quotes.size % 2 else data.size
    return _Chunk(data[:end], *(places[: np.searchsorted(places, end)] for places in (quotes, feeds, returns)))


def _places(buffer: bytes, data: Bytes, mark: str) -> Places:
    return np.flatnonzero(data == ord(mark)) if mark.encode() in buffer else np.empty(0, np.int64)


def _outside(places: Places, quotes: Places) -> Places:
    """Keep the places that have an even number of quotes before them."""
    return places[np.searchsorted(quotes, places) % 2 == 0] if quotes.size else places


def _end(data: Bytes, feeds: Places, returns: Places) -> int:
    """Find the end of the last line outside quotes; a CR in the very last place may be half a line end."""
    returns = returns[returns < data.size - 1]
    end = 1 + max(int(places[-1]) if places.size else -1 for places in (feeds, returns))
    return end + (0 < end < data.size and data[end - 1] == _CR and data[end] == _LF)


def _has_regular_quotes(chunk: _Chunk, layout: Layout) -> bool:
    """Say whether each quote opens at the start of a field, closes at the end of one, or is doubled."""
    data, quotes = chunk.data, chunk.quotes
    if not quotes.size or quotes.size % 2:
        return not quotes.size
    opening, closing = quotes[0::2], quotes[1::2]
    doubled = opening[1:] == closing[:-1] + 1
    edges = np.zeros(256, np.bool_)
    edges[[ord(layout.delimiter), _LF, _CR]] = True
    starts = edges[data[opening - 1]] | (opening == 0)
    starts[1:] |= doubled
    stops = edges[data[np.minimum(closing + 1, data.size - 1)]] | (closing == data.size - 1)
    stops[:-1] |= doubled
    return bool(starts.all() and stops.all())


def _has_line_ends(chunk: _Chunk, layout: Layout) -> bool:
    """Say whether all line ends outside quotes are the one kind the layout names."""
    if layout.line_end == "\n":
        return not chunk.returns.size
    return layout.line_end == "\r\n" and bool(np.array_equal(chunk.returns + 1, chunk.feeds))


def _with_plain_line_ends(chunk: _Chunk) -> bytes:
    """Make every line end outside quotes one LF."""
    data, returns = chunk.data.copy(), chunk.returns
    paired = data[np.minimum(returns + 1, data.size - 1)] == _LF
    data[returns[~paired]] = _LF
    return np.delete(data, returns[paired]).tobytes()


def _split(chunk: _Chunk, layout: Layout) -> _Split:
    """Part a chunk into records and count the delimiters of each, less those between quotes."""
    data, ends = chunk.data, chunk.feeds
    if data.size and (not ends.size or ends[-1] != data.size - 1):
        ends = np.append(ends, data.size)
    starts = np.concatenate((np.zeros(1, np.int64), ends[:-1] + 1))[: ends.size]
    delimiters = np.flatnonzero(data == ord(layout.delimiter))
    fields = np.diff(np.searchsorted(delimiters, ends), prepend=0) + 1
    if chunk.quotes.size:
        before = np.searchsorted(delimiters, chunk.quotes)
        quoted = before[1::2] - before[0::2]
        spans = np.flatnonzero(quoted)
        owners = np.searchsorted(ends, chunk.quotes[0::2][spans])
        np.subtract.at(fields, owners, quoted[spans])
    return _Split(starts, ends, fields)


def _blank(chunk: _Chunk, split: _Split, layout: Layout) -> Mask:
    """Mark records without a value: white space, delimiters and empty quotes alone.

    Sixteen probes spread over each record rule nearly all out; only those left over are looked at byte by byte.
    """
    filler = np.zeros(256, np.bool_)
    filler[list(f"{layout.delimiter}{layout.quote} \t\r\n".encode())] = True
    lengths = split.ends - split.starts
    blank: Mask = lengths == 0
    unsure = np.flatnonzero(~blank)
    for probe in range(16):
        unsure = unsure[filler[chunk.data[split.starts[unsure] + lengths[unsure] * probe // 16]]]
    for record in unsure.tolist():
        blank[record] = _is_blank(chunk.data[split.starts[record] : split.ends[record]].tobytes(), layout)
    return blank


def _is_blank(record: bytes, layout: Layout) -> bool:
    """Read one record to see whether any field has a value: delimiters and quotes may stand in quotes."""
    if layout.quote.encode() not in record:
        return not record.replace(layout.delimiter.encode(), b"").strip()
    cells = csv.reader([record.decode("utf-8")], delimiter=layout.delimiter, quotechar=layout.quote)
    return not any(cell.strip() for cell in next(cells))


def _empty_surplus(chunk: _Chunk, split: _Split, layout: Layout) -> tuple[Places, Places]:
    """Count, for records with too many fields, those beyond the header's if all are empty: (fields, bytes), else 0."""
    fields = np.maximum(split.fields - layout.width, 0)
    sizes = np.zeros_like(fields)
    quote = layout.quote.encode()
    for record in np.flatnonzero(fields).tolist():
        text = chunk.data[split.starts[record] : split.ends[record]].tobytes()
        kept, *surplus = text.rsplit(layout.delimiter.encode(), int(fields[record]))
        if all(_is_empty(field.strip(), quote) for field in surplus):
            sizes[record] = len(text) - len(kept)
    return np.where(sizes > 0, fields, 0), sizes


def _is_empty(field: bytes, quote: bytes) -> bool:
    quoted = len(field) > 1 and field.startswith(quote) and field.endswith(quote)
    return not (field[1:-1].strip() if quoted else field)


def _without(chunk: _Chunk, split: _Split, dropped: Mask, sizes: Places) -> bytes:
    """Cut records that are dropped and surplus fields out of a chunk, and end it with a line end."""
    if not dropped.any() and not sizes.any():
        kept = chunk.data.tobytes()
    else:
        keep = np.ones(chunk.data.size, np.bool_)
        for record in np.flatnonzero(dropped).tolist():
            keep[split.starts[record] : split.ends[record] + 1] = False
        for record in np.flatnonzero(sizes).tolist():
            keep[split.ends[record] - sizes[record] : split.ends[record]] = False
        kept = chunk.data[keep].tobytes()
    return kept if not kept or kept.endswith(b"\n") else kept + b"\n"
