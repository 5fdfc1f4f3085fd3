"""The command line: `onecard VERB …`. Verbs load when they are called, so that help is quick.

Every error ends here, once: a message on stderr and the exit code of its class (storage/errors.py); 2 for wrong usage,
130 when interrupted, 1 for what nobody expected.
"""

import os
import re
import sys
import traceback
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module

import click

from flows.options import is_interrupt, shared_options
from storage.errors import OnecardError, did_you_mean, unexpected

__all__ = ["COMMANDS", "Verbs", "main", "onecard"]

# name: (where its command is, its line in the help), in the order of a day's work.
COMMANDS = {
    "import": ("flows.commands.importing:import_files", "Import contact files: CSV, XLS, XLSX, JSON or vCard."),
    "load": ("flows.commands.loading:load", "Load users, and who is in which list, flow, deal or task."),
    "mapping": ("flows.commands.importing:mapping", "Propose a mapping for a file."),
    "jobs": ("flows.commands.journal:jobs", "List what was done, or show one job."),
    "undo": ("flows.commands.undoing:undo", "Take a whole import back, exactly."),
    "rejects": ("flows.commands.journal:rejects", "List what an import rejected, or write it to a file to correct."),
    "dedup": ("flows.commands.duplicates:dedup", "Find duplicate clusters."),
    "duplicates": ("flows.commands.duplicates:duplicates", "Show the clusters, or the one a contact is in."),
    "explain": ("flows.commands.duplicates:explain", "Show why two contacts are held for one person, or not."),
    "judge": ("flows.commands.duplicates:judge", "Say that two contacts are the same person or different ones."),
    "evaluate": ("flows.commands.evaluating:evaluate", "Measure the last dedup run against labels."),
    "merge": ("flows.commands.merging:merge", "Merge contacts into one."),
    "unmerge": ("flows.commands.merging:unmerge", "Undo a merge, exactly."),
    "export": ("flows.commands.exporting:export", "Export in the documented shapes: JSON, NDJSON, CSV, XLSX, Parquet."),
    "api": ("flows.commands.api:api", "Call a documented operation."),
    "sql": ("flows.commands.database:sql", "Ask the database a read-only query."),
    "publish": ("flows.commands.database:publish", "Publish a copy for analysts to read while others write."),
    "doctor": ("flows.commands.database:doctor", "Check the database."),
    "serve": ("flows.commands.web:serve", "Serve the documented operations over HTTP."),
    "flows": ("flows.commands.serving:flows", "Run on a schedule, with Prefect."),
    "demo": ("flows.commands.showing:demo", "Show all of it on a small address book."),
}

INTERRUPTED = "interrupted, nothing was changed"


class Verbs(click.Group):
    """A group that imports a command when it is called, and lists it without importing it."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name the verbs in the order of a day's work."""
        return [*COMMANDS] if ctx.parent is None else []

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command of that name."""
        if cmd_name not in self.list_commands(ctx):
            return None
        module, _, name = COMMANDS[cmd_name][0].partition(":")
        command: click.Command = getattr(import_module(module), name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or say which one may have been meant."""
        name = args[0]
        if name not in COMMANDS and not name.startswith("-"):
            raise click.UsageError(f'no such command "{name}". {did_you_mean(name, [*COMMANDS])}'.strip(), ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """List the verbs with their lines."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


@click.group(
    cls=Verbs,
    context_settings={
        "help_option_names": ["-h", "--help"],
        "max_content_width": 110,
    },
    epilog="Exit codes: 0 done, 1 internal, 2 usage, 3 input file, 4 mapping or rules, 5 too many rejects, "
    "6 database, 7 conflict, 130 interrupted.",
)
@shared_options(environment=True)
def onecard(**_shared: object) -> None:
    """One clean card per person, from whatever contact files there are.

    Import, find duplicates, merge, undo, export, query. `onecard demo` shows it.
    """


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command line and return its exit code; the arguments are the process's own when not given."""
    try:
        _use_utf8()
        given = [*sys.argv[1:]] if arguments is None else [*arguments]
        with onecard.make_context("onecard", given) as context:
            onecard.invoke(context)
        sys.stdout.flush()
    except BaseException as error:
        return _ended(error)
    return 0


def _ended(error: BaseException) -> int:
    """Say how a command ended, and return the exit code."""
    match error:
        case click.exceptions.Exit():
            code = error.exit_code
        case click.exceptions.NoArgsIsHelpError():
            code = _say(error.format_message(), 2)
        case click.ClickException():
            usage = f"\n{error.ctx.get_usage()}" if isinstance(error, click.UsageError) and error.ctx else ""
            code = _say(f"error: {error.format_message()}{usage}", 2)
        case OnecardError():
            code = _say(f"error: {error}", error.exit_code)
        case KeyboardInterrupt() if str(error):
            code = _say(str(error), 130)
        case KeyboardInterrupt() | click.Abort():
            code = _say(INTERRUPTED, 130)
        case Exception() if is_interrupt(error):
            code = _say(INTERRUPTED, 130)
        case BrokenPipeError():  # the reader of stdout has seen enough
            _drop_stdout()
            code = 0
        case OSError() if error.strerror:
            _drop_stdout()
            code = _say(
                f"error: {error.filename}: {error.strerror}" if error.filename else f"error: {error.strerror}", 1
            )
        case Exception():
            code = _unexpected(error)
        case _:
            raise error
    return code


def _say(message: str, code: int) -> int:
    with suppress(BrokenPipeError):
        click.echo(message, err=True)
    return code


def _unexpected(error: Exception) -> int:
    """Report what nobody expected: no values, which may be somebody's data; where it happened only when asked."""
    if os.environ.get("ONECARD_DEBUG") == "1":
        frames = "".join(traceback.format_tb(error.__traceback__))
        of_code = isinstance(error, ImportError | AttributeError | NameError | TypeError)
        message = str(error) if of_code else _without_values(str(error))
        click.echo(f"{frames}{type(error).__name__}: {message}", err=True)
    hint = "Nothing more was written. Run it again with ONECARD_DEBUG=1 to see where, and report it."
    return _say(f"error: {unexpected(error)}. {hint}", 1)


def _without_values(text: str) -> str:
    """Blank what may be a person's data: quoted text, e-mail addresses, long numbers."""
    return re.sub(r"'[^']*'|\"[^\"]*\"|\S+@\S+|\d[\d ()./-]{5,}", "…", text)


def _drop_stdout() -> None:
    """Let the interpreter flush what is left of stdout into nothing: its reader is gone."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _use_utf8() -> None:
    """Print UTF-8 whatever the locale says: JSON and names of people need it."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(encoding="utf-8", errors="backslashreplace")


if __name__ == "__main__":
    sys.exit(main())
