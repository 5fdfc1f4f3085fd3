"""Compressed files: gzip, Zstandard, and a ZIP archive of one file, unpacked into a work folder before they are read.

What comes out is bounded, so that a few kilobytes made to fill a disk cannot.
"""

import gzip
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import Any

import pyarrow as pa

from storage.errors import InputFileError

__all__ = ["open_archive", "unpacked"]

_GZIP, _ZSTANDARD, _ZIP = b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"PK\x03\x04"
_CHUNK = 8 << 20
# Tables shrink to a tenth or a twentieth; what swells two hundred times is no table.
_LARGEST_RATIO = 200
_ALWAYS_ALLOWED = 256 << 20
_SUFFIXES = (".gz", ".gzip", ".zst", ".zstd")
_MOST_NAMED = 10


def unpacked(path: Path, workdir: Path) -> Path:
    """Return the path itself, or where its content was unpacked.

    Raises InputFileError for an archive of several files, none, or a password, and for a file that is damaged, cut
    short, or swells beyond measure.
    """
    with path.open("rb") as file:
        start = file.read(4)
    folder = workdir / "unpacked"
    if start.startswith(_ZIP):
        return _from_archive(path, folder)
    target = folder / (path.stem if path.suffix.lower() in _SUFFIXES else path.name)
    if start.startswith(_GZIP):
        return _unpack(path, "gzip file", lambda: gzip.open(path), target)
    if start.startswith(_ZSTANDARD):
        return _unpack(path, "Zstandard file", lambda: pa.CompressedInputStream(str(path), "zstd"), target)
    return path


def open_archive(path: Path) -> zipfile.ZipFile:
    """Open what starts like a ZIP archive. Raises InputFileError when it is none, or one beyond reading."""
    try:
        return zipfile.ZipFile(path)
    except (zipfile.BadZipFile, NotImplementedError, UnicodeDecodeError) as error:
        what = "The file starts like an Excel workbook or ZIP archive, but its end is missing or damaged"
        raise InputFileError(what, where=path.name, remedy="Download or copy it again.") from error


def _from_archive(path: Path, folder: Path) -> Path:
    """Unpack the only file of a ZIP archive; a workbook, or another office document, is one itself and stays."""
    with open_archive(path) as archive:
        if {"[Content_Types].xml", "mimetype"} & set(archive.namelist()):
            return path
        member = _only_member(path, archive)
        target = folder / PurePosixPath(member.filename.replace("\\", "/")).name
        return _unpack(path, "ZIP archive", lambda: archive.open(member), target)


def _only_member(path: Path, archive: zipfile.ZipFile) -> zipfile.ZipInfo:
    """Find the one file in an archive, besides what operating systems leave there."""
    members = [one for one in archive.infolist() if not one.is_dir() and not _is_litter(one.filename)]
    if not members:
        raise InputFileError("The ZIP archive has no file in it", where=path.name, remedy="Pack it again.")
    if len(members) > 1:
        names = ", ".join(f'"{one.filename}"' for one in members[:_MOST_NAMED])
        more = f" and {len(members) - _MOST_NAMED} more" if len(members) > _MOST_NAMED else ""
        what = f"The ZIP archive has {len(members)} files: {names}{more}"
        raise InputFileError(what, where=path.name, remedy="Unpack it and name the ones to import.")
    if members[0].flag_bits & 1:
        raise InputFileError("It is password-protected", where=path.name, remedy="Unpack it first.")
    return members[0]


def _is_litter(name: str) -> bool:
    return name.startswith("__MACOSX/") or PurePosixPath(name).name in (".DS_Store", "Thumbs.db", "desktop.ini")


def _unpack(path: Path, called: str, opened: Callable[[], Any], target: Path) -> Path:
    """Unpack a stream into a file of the work folder, and no more of it than is plausible."""
    most = max(_ALWAYS_ALLOWED, _LARGEST_RATIO * path.stat().st_size)
    written = 0
    target.parent.mkdir(exist_ok=True)
    try:
        with opened() as source, target.open("wb") as file:
            while chunk := source.read(_CHUNK):
                written += len(chunk)
                if written > most:
                    what = f"The {called} swells to more than {most >> 20} MB, as no table does"
                    raise InputFileError(what, where=path.name, remedy="Unpack it first, if you trust it.")
                file.write(chunk)
    except (EOFError, OSError, zlib.error, zipfile.BadZipFile, NotImplementedError) as error:
        if isinstance(error, OSError) and error.errno is not None:  # the disk, not the file
            raise
        what = f"The {called} is damaged or cut short"
        raise InputFileError(what, where=path.name, remedy="Download or copy it again.") from error
    return target
