"""Text files of any encoding as UTF-8: a byte order mark decides, then UTF-8, then the encoding asked for.

What is left is Windows-1252 or Mac Roman, whichever its words speak for (encodings.py), with a warning.

A file that is UTF-8 already is read in place; any other is written out again in a work folder.
"""

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from storage.errors import InputFileError, did_you_mean
from transforms.encodings import western_encoding

__all__ = ["TextFile", "as_utf8"]

_CHUNK = 8 << 20
_SAMPLE = 1 << 20

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

_KNOWN = ["utf-8", "utf-16", "cp1252", "cp1250", "cp1251", "latin-1", "mac-roman", "shift_jis", "gb18030", "big5"]


@dataclass(frozen=True)
class TextFile:
    """A file as UTF-8 text: `path` to read, `start` of its text in bytes (after a mark), `encoding` as found."""

    path: Path
    start: int
    encoding: str
    warnings: tuple[str, ...] = ()


def as_utf8(path: Path, *, encoding: str | None, workdir: Path) -> TextFile:
    """Find a file's encoding, check every byte, and give it as UTF-8.

    Raises InputFileError for bytes the encoding does not have, for NUL bytes and for a file of white space only, each
    naming the line, and for an encoding that does not exist.
    """
    asked = _codec(encoding) if encoding else None
    text = _decoded(path, asked, workdir)
    if not any(chunk.strip() for _, chunk in _chunks(text.path, text.start)):
        raise InputFileError("The file has nothing but white space", where=path.name, remedy="Export it again.")
    _refuse_nul(path, text)
    return text


def _decoded(path: Path, asked: str | None, workdir: Path) -> TextFile:
    with path.open("rb") as file:
        head = file.read(4096)
    for mark, found in _MARKS:
        if head.startswith(mark):
            if found == "utf-8":
                _transcode(path, found, len(mark), None)
                return TextFile(path, len(mark), found)
            return TextFile(_transcode(path, found, len(mark), workdir), 0, found)
    asked = asked or _unmarked_utf16(head)
    if asked and not _extends_ascii(asked):
        return TextFile(_transcode(path, asked, 0, workdir), 0, asked)
    try:
        _transcode(path, "utf-8", 0, None)
    except InputFileError as not_utf8:
        if asked == "utf-8":
            raise
        found = asked or western_encoding(_sample(path))
        warning = f"{not_utf8.what}; read as {found}. Name the right encoding with --encoding if letters look wrong"
        return TextFile(_transcode(path, found, 0, workdir), 0, found, () if asked else (warning,))
    return TextFile(path, 0, "utf-8")


def _sample(path: Path) -> bytes:
    """Read the lines that have bytes beyond ASCII, the first megabyte of them."""
    found, size = [], 0
    with path.open("rb") as file:
        for line in file:
            if not line.isascii():
                found.append(line)
                size += len(line)
            if size > _SAMPLE:
                break
    return b"".join(found)


def _codec(name: str) -> str:
    try:
        found = codecs.lookup(name)
        "".encode(found.name)
        b" ".decode(found.name, "ignore")
        return found.name
    except (LookupError, UnicodeError) as unknown:
        hint = did_you_mean(name, _KNOWN) or f"Known ones are {', '.join(_KNOWN[:5])} …"
        raise InputFileError(f'There is no encoding "{name}"', where="--encoding", remedy=hint) from unknown


def _extends_ascii(encoding: str) -> bool:
    every = bytes(range(128))
    try:
        return every.decode(encoding) == every.decode("ascii")
    except UnicodeDecodeError:
        return False


def _unmarked_utf16(head: bytes) -> str | None:
    """Recognise UTF-16 without a mark by the zero bytes that Latin letters leave in every second place."""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    half = max(len(head) // 2, 1)
    if odd > 0.4 * half and even < 0.05 * half:
        return "utf-16-le"
    return "utf-16-be" if even > 0.4 * half and odd < 0.05 * half else None


def _transcode(path: Path, encoding: str, skip: int, workdir: Path | None) -> Path:
    """Decode a whole file; write it as UTF-8 into the work folder, or nowhere (None: the check alone)."""
    decoder = codecs.getincrementaldecoder(encoding)()
    if workdir is None:
        for place, chunk in _chunks(path, skip):
            _decode(decoder, chunk, path, place, encoding)
        _decode(decoder, b"", path, path.stat().st_size, encoding)
        return path
    target = workdir / f"{path.stem}.utf8"
    with target.open("wb") as file:
        for place, chunk in chain(_chunks(path, skip), [(path.stat().st_size, b"")]):
            file.write(_decode(decoder, chunk, path, place, encoding).encode("utf-8"))
    return target


def _decode(decoder: codecs.IncrementalDecoder, chunk: bytes, path: Path, place: int, encoding: str) -> str:
    """Decode the chunk at a place of the file; an empty one is the end."""
    try:
        return decoder.decode(chunk, final=not chunk)
    except UnicodeDecodeError as error:
        place += len(chunk) - len(error.object) + error.start  # the decoder may have kept some bytes back
        line = _line_at(path, place)
        what = f"Byte 0x{error.object[error.start]:02X} on line {line} is not {encoding}"
        raise InputFileError(what, where=path.name, remedy="Name the file's encoding with --encoding.") from error


def _refuse_nul(path: Path, text: TextFile) -> None:
    for start, chunk in _chunks(text.path, text.start):
        place = chunk.find(b"\0")
        if place >= 0:
            line = _line_at(text.path, start + place)
            what = f"There is a NUL byte on line {line}: the file is damaged or not text"
            raise InputFileError(what, where=path.name, remedy="Export it again as CSV.")


def _line_at(path: Path, place: int) -> int:
    """Tell the line a byte is on, lines ending in LF, or in CR where there is no LF."""
    with path.open("rb") as file:
        before = file.read(place)
    return 1 + (before.count(b"\n") or before.count(b"\r"))


def _chunks(path: Path, start: int) -> Iterator[tuple[int, bytes]]:
    """Read a file in chunks: (place in the file, bytes)."""
    with path.open("rb") as file:
        file.seek(start)
        while chunk := file.read(_CHUNK):
            yield file.tell() - len(chunk), chunk
