"""Limits such as `--max-rejects 20` or `--max-missing 5%`: how they are read, and what stops at them."""

import re
from uuid import UUID

from storage.database import Connection
from storage.errors import ConflictError, TooManyRejectsError, UsageError
from storage.jobs import count_reasons, read_reject_rows
from storage.missing import Missing

__all__ = ["allowed", "check_missing", "check_people", "check_rejects"]

LIMIT = re.compile(r"(\d+)|(\d+(?:\.\d+)?)%")
NAMED_REASONS = 3
# So many people, and this share of those that change, are not replaced by others.
REPLACED, REPLACED_SHARE = 2, 0.5


def allowed(limit: str, whole: int) -> int:
    """Return how many a limit allows of a whole: itself, or its percentage, rounded down.

    Raises: UsageError when it is neither a number nor a percentage.
    """
    found = LIMIT.fullmatch(limit.strip())
    if found is None:
        raise UsageError(f'"{limit}" is neither a number nor a percentage', remedy="Write 20, or 5%.")
    return int(found[1]) if found[1] else int(whole * float(found[2]) / 100)


def check_rejects(con: Connection, job: UUID, *, rows: int, limit: str | None, file: str) -> None:
    """Stop an import of which more rows have something rejected, a value or the whole row, than the limit allows.

    Raises: TooManyRejectsError, which carries the rejects, for they are rolled back with the rest.
    """
    if limit is None:
        return
    most = allowed(limit, rows)
    rejects = read_reject_rows(con, job)
    rejected = rejects["row"].n_unique()
    if rejected <= most:
        return
    reasons = ", ".join(f"{count} × {reason}" for reason, count in count_reasons(con, job)[:NAMED_REASONS])
    error = TooManyRejectsError(
        f"{rejected} of {rows} rows have something rejected, --max-rejects {limit} allows {most}: {reasons}",
        where=file,
        remedy="Nothing was imported. Correct the file or its mapping, or allow more.",
    )
    error.rejects = rejects
    raise error


def check_missing(missing: Missing, *, limit: str, unread: int, file: str) -> None:
    """Stop an import that would delete more of its source than the limit allows, or cannot know what it lacks.

    Args: unread: how many rows of the file could not be read, so that nobody knows whose they are.
    Raises: TooManyRejectsError, ConflictError.
    """
    if unread and missing.contacts.height:
        raise TooManyRejectsError(
            f"{unread} rows could not be read, so the contacts missing from the file may be in it",
            where=file,
            remedy="Nothing was imported. Correct the file, or leave out --delete-missing.",
        )
    doomed = missing.to_delete.height
    if doomed > allowed(limit, missing.known):
        raise ConflictError(
            f"{doomed} of the {missing.known} contacts of the source are missing from the file, more than {limit}",
            where=file,
            remedy="Nothing was imported. If it is the whole export and they are to go, say so with --max-missing.",
        )


def check_people(replaced: int, known: int, *, file: str) -> None:
    """Stop an import without a source that would make other people of contacts it knows by their ids alone.

    Raises: ConflictError.
    """
    if replaced >= max(REPLACED, known * REPLACED_SHARE):
        raise ConflictError(
            f"{replaced} of {known} contacts known by their id alone would become other people, in name and address",
            where=file,
            remedy="Nothing was imported. If the ids are those of another system, name it, such as --source shop.",
        )
