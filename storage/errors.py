"""Everything onecard raises on purpose, each class with the exit code the command line ends with.

    OnecardError                 1   internal
    ├── UsageError               2   a wrong option, argument or setting
    │   └── NotFoundError        2   what was named is not there
    ├── InputFileError           3   the file cannot be read as what it is
    ├── MappingError             4   the mapping or rules do not fit the file or the definitions
    ├── TooManyRejectsError      5   more bad rows than allowed
    ├── DatabaseError            6   the database cannot be used
    │   ├── DatabaseLockedError  6   another process holds it
    │   ├── NewerSchemaError     6   written by a newer onecard
    │   └── CorruptDatabaseError 6   not a database, or damaged
    └── ConflictError            7   the merge or undo is not possible as things stand

A message says what, where and what to do next; facts live in the attributes `what`, `where` and `remedy`.
"""

from difflib import get_close_matches
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    import polars as pl

__all__ = [
    "ConflictError",
    "CorruptDatabaseError",
    "DatabaseError",
    "DatabaseLockedError",
    "InputFileError",
    "MappingError",
    "NewerSchemaError",
    "NotFoundError",
    "OnecardError",
    "TooManyRejectsError",
    "UsageError",
    "did_you_mean",
    "unexpected",
]


class OnecardError(Exception):
    """Base of the tree: `what` went wrong, `where` (file, column, row), and the `remedy`."""

    exit_code: ClassVar[int] = 1

    def __init__(self, what: str, *, where: str = "", remedy: str = "") -> None:
        super().__init__(what)
        self.what, self.where, self.remedy = what, where, remedy

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        advice = f" {self.remedy}" if self.remedy else ""
        return f"{place}{self.what.rstrip('.')}.{advice}" if advice else f"{place}{self.what}"


class UsageError(OnecardError):
    """A wrong option, argument or setting."""

    exit_code = 2


class NotFoundError(UsageError):
    """What was named is not there, or not for whom it was asked."""


class InputFileError(OnecardError):
    """The input file is missing, empty, damaged or not of a kind that can be read."""

    exit_code = 3


class MappingError(OnecardError):
    """The mapping (or rules) file does not fit the input file or the attribute definitions."""

    exit_code = 4


class TooManyRejectsError(OnecardError):
    """More rows were rejected than the caller allows; nothing was written but `rejects`, under the failed job."""

    exit_code = 5
    rejects: "pl.DataFrame | None" = None


class DatabaseError(OnecardError):
    """The database cannot be used."""

    exit_code = 6


class DatabaseLockedError(DatabaseError):
    """Another process holds the database."""


class NewerSchemaError(DatabaseError):
    """The database was written by a newer onecard."""


class CorruptDatabaseError(DatabaseError):
    """The file is not a onecard database, or it is damaged."""


class ConflictError(OnecardError):
    """The merge or undo is not possible as things stand."""

    exit_code = 7


def did_you_mean(word: str, known: list[str]) -> str:
    """Return ' Did you mean "x"?' for the closest known word, or nothing."""
    folded = {name.casefold(): name for name in known}
    close = get_close_matches(word.casefold(), list(folded), n=1, cutoff=0.6)
    return f'Did you mean "{folded[close[0]]}"?' if close else ""


def unexpected(error: Exception) -> str:
    """Say that onecard itself is at fault, by the kind of error alone: its text may hold somebody's data."""
    return f"something went wrong inside onecard ({type(error).__name__})"
