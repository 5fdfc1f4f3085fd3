"""`onecard demo`: the whole walk on the shipped address book."""

import os
import sys
from pathlib import Path

import click

from flows.options import Settings, with_settings
from flows.printing import print_json
from storage.errors import UsageError

__all__ = ["demo"]


@click.command("demo")
@click.option(
    "--dir", "folder", type=click.Path(path_type=Path, file_okay=False), default=Path("demo"), show_default=True,
    metavar="DIR", help="Where to do it; only what an earlier demo made there is replaced.",
)  # fmt: skip
@with_settings
def demo(settings: Settings, folder: Path) -> None:
    """Show all of it on a small address book.

    Imports a file, finds duplicates, merges a cluster and writes the JSON, starting afresh each time.
    """
    from rich.console import Console

    from flows.demo import run_demo

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as cause:
        raise UsageError(f"the folder cannot be made ({cause.strerror})", where=str(folder)) from cause
    if settings.as_json or settings.quiet:
        with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
            run_demo(folder, console=Console(file=nowhere))
    else:
        run_demo(folder, console=Console(file=sys.stdout, highlight=False))
    if settings.as_json:
        made = sorted(str(path) for path in folder.iterdir())
        print_json({"folder": str(folder), "files": made})
