"""Check every record of a UTF-8 delimited file, so that the scan that follows never meets a row it must judge.

A regular file (quotes as RFC 4180 has them, one kind of line end, as many fields in each record as in the header) is
only counted. Any other is written out again: good records with plain line ends, the faulty ones kept aside.
"""

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
    """Write the good records into `target`, without a header, and keep the others as faults.

    Line ends outside quotes become LF, blank lines and rows of empty fields alone are dropped (they do not count as
    rows), empty fields beyond the header's are cut off. Raises InputFileError for a quote that is never closed.
    """
    good = seen = longest = 0
    faults: list[Fault] = []
    with target.open("wb") as file:
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
    chunk = np.frombuffer(buffer, np.uint8)
    inside = _inside(chunk, layout)
    end = _last_record_end(chunk, inside, last)
    chunk, inside = chunk[:end], None if inside is None else inside[:end]
    if not _has_regular_quotes(chunk, inside, layout) or not _has_line_ends(chunk, inside, layout):
        raise _IrregularError
    split = _split(chunk, inside, layout)
    if (split.fields != layout.width).any() or _blank(chunk, split, layout).any():
        raise _IrregularError
    return Piece(b"", split.ends.size, _longest(split), [], end)


def _clean(buffer: bytes, last: bool, layout: Layout) -> Piece:
    """Keep the good records of a chunk, with LF line ends; every repair is a deletion of bytes, so order stays."""
    chunk = np.frombuffer(buffer, np.uint8)
    inside = _inside(chunk, layout)
    end = _last_record_end(chunk, inside, last)
    chunk, inside = chunk[:end], None if inside is None else inside[:end]
    if not _has_regular_quotes(chunk, inside, layout) or (last and end < len(buffer)):
        return parse_irregular(buffer, last, layout)
    chunk, inside = _with_plain_line_ends(chunk, inside)
    split = _split(chunk, inside, layout)
    blank = _blank(chunk, split, layout)
    surplus = np.where(blank, 0, _empty_surplus(chunk, split, layout))
    faulty = ~blank & (split.fields - surplus != layout.width)
    good = ~blank & ~faulty
    kept = _without(chunk, split, ~good, surplus)
    rows = np.cumsum(~blank)
    faults = [
        (int(rows[record]), _reason(int(split.fields[record]), layout), _text(chunk, split, record))
        for record in np.flatnonzero(faulty).tolist()
    ]
    return Piece(kept, int(good.sum()), _longest(split), faults, end)


def _reason(fields: int, layout: Layout) -> str:
    return f"the row has {fields} field{'s' * (fields != 1)}, the header has {layout.width}"


def _text(chunk: Bytes, split: _Split, record: int) -> str:
    return chunk[split.starts[record] : split.ends[record]].tobytes().decode("utf-8").rstrip("\r")


def _longest(split: _Split) -> int:
    return int((split.ends - split.starts).max(initial=0)) + 2


def _inside(chunk: Bytes, layout: Layout) -> Mask | None:
    """Mark the bytes between quotes (the opening one included); None when there are no quotes."""
    quotes = chunk == ord(layout.quote)
    if not quotes.any():
        return None
    inside: Mask = np.bitwise_xor.accumulate(quotes.view(np.uint8)).view(np.bool_)
    return inside


def _outside(hits: Mask, inside: Mask | None) -> Mask:
    return hits if inside is None else np.logical_and(hits, ~inside)


def _last_record_end(chunk: Bytes, inside: Mask | None, last: bool) -> int:
    """Find the end of the last whole record; at the end of the file, of the last record if its quotes are closed."""
    if last:
        return 0 if inside is not None and inside.size and inside[-1] else chunk.size
    body = chunk[:-1]  # a CR in the last place may be half a line end
    ends = np.flatnonzero(_outside((body == _LF) | (body == _CR), None if inside is None else inside[:-1]))
    end = int(ends[-1]) + 1 if ends.size else 0
    return end + 1 if end and chunk[end - 1] == _CR and chunk[end] == _LF else end


def _has_regular_quotes(chunk: Bytes, inside: Mask | None, layout: Layout) -> bool:
    """Say whether each quote opens at the start of a field, closes at the end of one, or is doubled."""
    if inside is None:
        return True
    quotes = np.flatnonzero(chunk == ord(layout.quote))
    if quotes.size % 2:
        return False
    opening, closing = quotes[0::2], quotes[1::2]
    doubled = opening[1:] == closing[:-1] + 1
    edges = np.zeros(256, np.bool_)
    edges[[ord(layout.delimiter), _LF, _CR]] = True
    starts = edges[chunk[opening - 1]] | (opening == 0)
    starts[1:] |= doubled
    stops = edges[chunk[np.minimum(closing + 1, chunk.size - 1)]] | (closing == chunk.size - 1)
    stops[:-1] |= doubled
    return bool(starts.all() and stops.all())


def _has_line_ends(chunk: Bytes, inside: Mask | None, layout: Layout) -> bool:
    """Say whether all line ends outside quotes are the one kind the layout names."""
    returns = np.flatnonzero(_outside(chunk == _CR, inside))
    if layout.line_end == "\n":
        return not returns.size
    feeds = np.flatnonzero(_outside(chunk == _LF, inside))
    return layout.line_end == "\r\n" and bool(np.array_equal(returns + 1, feeds))


def _with_plain_line_ends(chunk: Bytes, inside: Mask | None) -> tuple[Bytes, Mask | None]:
    """Make every line end outside quotes one LF."""
    returns = np.flatnonzero(_outside(chunk == _CR, inside))
    if not returns.size:
        return chunk, inside
    paired = chunk[np.minimum(returns + 1, chunk.size - 1)] == _LF
    plain = chunk.copy()
    plain[returns[~paired]] = _LF
    keep = np.ones(chunk.size, np.bool_)
    keep[returns[paired]] = False
    return plain[keep], None if inside is None else inside[keep]


def _split(chunk: Bytes, inside: Mask | None, layout: Layout) -> _Split:
    ends = np.flatnonzero(_outside(chunk == _LF, inside))
    if chunk.size and (not ends.size or ends[-1] != chunk.size - 1):
        ends = np.append(ends, chunk.size)
    starts = np.concatenate(([0], ends[:-1] + 1)) if ends.size else ends
    delimiters = np.flatnonzero(_outside(chunk == ord(layout.delimiter), inside))
    fields = np.diff(np.searchsorted(delimiters, ends), prepend=0) + 1
    return _Split(starts, ends, fields)


def _blank(chunk: Bytes, split: _Split, layout: Layout) -> Mask:
    """Mark records without a value: white space, delimiters and empty quotes alone."""
    empty = f"{layout.delimiter}{layout.quote} \t\r\n"
    filler = np.zeros(256, np.bool_)
    filler[list(empty.encode())] = True
    blank: Mask = split.starts == split.ends
    unsure = ~blank & filler[chunk[np.minimum(split.starts, chunk.size - 1)]]
    for record in np.flatnonzero(unsure).tolist():
        blank[record] = bool(filler[chunk[split.starts[record] : split.ends[record]]].all())
    return blank


def _empty_surplus(chunk: Bytes, split: _Split, layout: Layout) -> Places:
    """Count, for records with too many fields, the empty ones beyond the header's; 0 unless they all are empty."""
    surplus = np.maximum(split.fields - layout.width, 0)
    for record in np.flatnonzero(surplus).tolist():
        end = split.ends[record]
        tail = chunk[end - surplus[record] : end]
        surplus[record] *= bool((tail == ord(layout.delimiter)).all())
    return surplus


def _without(chunk: Bytes, split: _Split, dropped: Mask, surplus: Places) -> bytes:
    """Cut records that are dropped and surplus delimiters out of a chunk, and end it with a line end."""
    if not dropped.any() and not surplus.any():
        kept = chunk.tobytes()
    else:
        keep = np.ones(chunk.size, np.bool_)
        for record in np.flatnonzero(dropped).tolist():
            keep[split.starts[record] : split.ends[record] + 1] = False
        for record in np.flatnonzero(surplus).tolist():
            keep[split.ends[record] - surplus[record] : split.ends[record]] = False
        kept = chunk[keep].tobytes()
    return kept if not kept or kept.endswith(b"\n") else kept + b"\n"
