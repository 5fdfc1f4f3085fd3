"""The options every verb takes, before or after it: which database, for whom, and how to answer.

A verb's function gets them as one `Settings`; what stands after the verb wins over what stands before it, and both over
the environment.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import click

from storage.errors import DatabaseError, InputFileError, MappingError, TooManyRejectsError, UsageError

if TYPE_CHECKING:
    from api_export.exporting import Format
    from api_export.targets import Target
    from storage.database import Database

__all__ = [
    "DEFAULT_DATABASE",
    "FILE_ERRORS",
    "Settings",
    "format_of",
    "is_interrupt",
    "opened",
    "read_input",
    "shared_options",
    "target_of",
    "with_settings",
]

DEFAULT_DATABASE = Path("onecard.duckdb")
# Errors of one input file; the next one may still be fine.
FILE_ERRORS = (InputFileError, MappingError, TooManyRejectsError)
SUFFIXES: dict[str, "Format"] = {
    ".json": "json", ".ndjson": "ndjson", ".jsonl": "ndjson", ".csv": "csv", ".xlsx": "xlsx", ".parquet": "parquet"
}  # fmt: skip


@dataclass(frozen=True)
class Settings:
    """What the shared options say. None for user or brand: the default owner kept in the database."""

    db: Path
    user: UUID | None
    brand: UUID | None
    as_json: bool
    quiet: bool


def _print_version(context: click.Context, _parameter: click.Parameter, wanted: bool) -> None:
    if wanted and not context.resilient_parsing:
        from importlib.metadata import version

        click.echo(f"onecard {version('onecard')}")
        context.exit()


def shared_options(*, environment: bool) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Give a command the shared options; `environment` says whether it is the one that also looks there."""

    def from_environment(name: str) -> str | None:
        return name if environment else None

    options = (
        click.option(
            "--db", type=click.Path(path_type=Path), envvar=from_environment("ONECARD_DB"),
            help="Database file (or ONECARD_DB; onecard.duckdb when not given).",
        ),
        click.option(
            "--user", type=click.UUID, metavar="UUID", envvar=from_environment("ONECARD_USER"),
            help="Who is acting, and owns what comes in (or ONECARD_USER).",
        ),
        click.option(
            "--brand", type=click.UUID, metavar="UUID", envvar=from_environment("ONECARD_BRAND"),
            help="The team it is for (or ONECARD_BRAND).",
        ),
        click.option("--json", "as_json", is_flag=True, default=None, help="Answer in JSON, for machines."),
        click.option("--quiet", is_flag=True, default=None, help="No progress, notes or reports; errors only."),
        click.option(
            "-v", "--version", is_flag=True, is_eager=True, expose_value=False, callback=_print_version,
            help="Print the version and stop.",
        ),
    )  # fmt: skip

    def give(function: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed(options):
            function = option(function)
        return function

    return give


def with_settings(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the shared options and its function, as first argument, the `Settings` they make."""

    @wraps(function)
    def run(*, db: Path | None, user: UUID | None, brand: UUID | None, as_json: bool, quiet: bool, **own: Any) -> Any:
        before = click.get_current_context().find_root().params
        settings = Settings(
            db=db or before.get("db") or DEFAULT_DATABASE,
            user=user or before.get("user"),
            brand=brand or before.get("brand"),
            as_json=bool(as_json or before.get("as_json")),
            quiet=bool(quiet or before.get("quiet")),
        )
        return function(settings, **own)

    return shared_options(environment=False)(run)


def is_interrupt(error: BaseException) -> bool:
    """Whether an error is Ctrl-C, or what DuckDB makes of it."""
    said = str(error)
    return isinstance(error, KeyboardInterrupt) or "Query interrupted" in said or "KeyboardInterrupt" in said


def read_input(name: str, *, what: str, remedy: str) -> bytes:
    """Read a file that an option names: "-" is stdin.

    Raises: UsageError, with the remedy, when it cannot be read.
    """
    try:
        return sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except OSError as cause:
        raise UsageError(f"{what} cannot be read ({cause.strerror})", where=name, remedy=remedy) from cause


def target_of(output: str) -> "Target":
    """Return where `-o` says an output goes: "-" is stdout."""
    return "-" if output == "-" else Path(output)


def format_of(output: str) -> "Format":
    """The format a file name stands for; JSON when it has no suffix.

    Raises: UsageError for a suffix that stands for none.
    """
    suffix = Path(output).suffix.lower()
    if suffix and suffix not in SUFFIXES:
        remedy = f"Name it {', '.join(SUFFIXES)}, or say --format."
        raise UsageError(f'"{suffix}" is no format to export in', where=output, remedy=remedy)
    return SUFFIXES.get(suffix, "json")


@contextmanager
def opened(settings: Settings, *, read_only: bool = False, create: bool = False) -> Iterator["Database"]:
    """Open the database for a verb, with the user and brand it was called for.

    Raises: DatabaseError, also when there is none and the verb has no business creating one.
    """
    from storage.database import open_database

    if not create and not settings.db.exists():
        raise DatabaseError(
            "there is no database yet", where=str(settings.db), remedy="Import a file first: `onecard import FILE`."
        )
    with open_database(settings.db, read_only=read_only) as db:
        yield replace(db, user=settings.user or db.user, brand=settings.brand or db.brand)
