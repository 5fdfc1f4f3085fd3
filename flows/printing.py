"""What the command line prints: results on stdout, as tables for people or JSON for machines; all else on stderr.

Rich is imported only when a table or a progress bar is drawn. Values of the data are shown as plain text: no markup, no
control characters.
"""

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime

import click

from flows.options import Settings

__all__ = ["as_text", "counted", "note", "print_json", "print_report", "print_table", "printable", "progress", "warn"]

NO_TERMINAL_WIDTH = 100_000


def print_json(value: object, *, indent: int | None = None) -> None:
    """Print a value as JSON: on one line, or indented."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=indent, default=str))


def print_report(settings: Settings, report: Mapping[str, object], *, title: str = "") -> None:
    """Print the report of something done: an object, or a line a fact for people who did not ask for quiet."""
    if settings.as_json:
        print_json(report)
    elif not settings.quiet:
        if title:
            click.echo(title)
        width = max(len(name) for name in report)
        for name, value in report.items():
            click.echo(f"  {name.replace('_', ' '):<{width}}  {as_text(value)}")


def print_table(columns: Sequence[str], rows: Iterable[Sequence[object]], *, title: str = "") -> None:
    """Print a table for people: fitted to a terminal, unshortened elsewhere."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    def cell(value: object) -> Text:
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return Text(str(value), justify="right") if is_number else Text(as_text(value))

    is_terminal = sys.stdout.isatty()
    console = Console(
        file=sys.stdout, width=None if is_terminal else NO_TERMINAL_WIDTH, highlight=False, soft_wrap=False
    )
    table = Table(box=box.SIMPLE_HEAD, title=Text(title) if title else None, title_justify="left", pad_edge=False)
    for column in columns:
        table.add_column(Text(printable(column)), overflow="fold")
    for row in rows:
        table.add_row(*map(cell, row))
    console.print(table)


def note(settings: Settings, text: str) -> None:
    """Tell what happened or what to do next, on stderr, unless quiet."""
    if not settings.quiet:
        click.echo(text, err=True)


def warn(settings: Settings, text: str) -> None:
    """Tell what looks wrong but did not stop anything, on stderr, unless quiet."""
    note(settings, f"warning: {text}")


@contextmanager
def progress(settings: Settings) -> Iterator[Callable[[str, tuple[int, int] | None], None]]:
    """Give a callback (step, (done, of how many) or None) that draws a bar on stderr, if it may."""
    if settings.quiet or not sys.stderr.isatty():
        yield lambda _step, _done: None
        return
    from flows.bars import shown_steps

    with shown_steps() as show:
        yield show


def counted(count: int, thing: str) -> str:
    """Return a count and what is counted: "1 row", "2,000 rows"."""
    return f"{as_text(count)} {thing}{'' if count == 1 else 's'}"


def as_text(value: object) -> str:
    """Return a value as a person reads it: thousands parted, times to the second, nothing for None."""
    match value:
        case None:
            text = ""
        case bool():
            text = "yes" if value else "no"
        case int():
            text = f"{value:,}"
        case float():
            text = f"{value:,.4g}" if abs(value) < 1000 else f"{value:,.1f}"
        case datetime():
            text = value.strftime("%Y-%m-%d %H:%M:%S")
        case list() | tuple():
            text = ", ".join(as_text(item) for item in value)
        case dict():
            text = json.dumps(value, ensure_ascii=False, default=str)
        case _:
            text = str(value)
    return printable(text.replace("\n", " "))


def printable(text: str) -> str:
    """Blank control characters: values of the data must not steer the terminal."""
    return "".join(letter if letter.isprintable() or letter == "\n" else " " for letter in text)
