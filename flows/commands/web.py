"""`onecard serve`: the documented operations over HTTP."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from flows.options import Settings, with_settings
from flows.printing import note, print_json
from storage.errors import UsageError

if TYPE_CHECKING:
    from api_export.access import Caller

__all__ = ["serve"]

TOKENS = "ONECARD_TOKENS"


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to serve on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8000,
    show_default=True,
    help="Port to serve on; 0 for any free one.",
)
@click.option(
    "--tokens",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help=f"Who may ask: lines of TOKEN USER BRAND (or {TOKENS}, lines parted by semicolons).",
)
@with_settings
def serve(settings: Settings, *, host: str, port: int, tokens: Path | None) -> None:
    """Serve the documented operations over HTTP.

    It runs until interrupted; /docs describes the operations.

    Without tokens it answers programs of this machine only, which see the whole database. With tokens every request
    needs one (Authorization: Bearer TOKEN) and sees the contacts of its brand. Imports, exports and all else may go on
    beside it: requests wait for them up to 30 seconds.
    """
    from api_export.access import Access, Caller
    from flows.web import Place, serve_operations

    def ready(address: str) -> None:
        if settings.as_json:
            print_json({"url": address, "docs": f"{address}/docs"})
        note(settings, f"serving {settings.db} at {address}, described at {address}/docs; Ctrl-C ends it")

    access = Access(_tokens(tokens), Caller(settings.user, settings.brand))
    serve_operations(settings.db, Place(host, port), access, ready=ready, told=lambda line: note(settings, line))


def _tokens(file: Path | None) -> dict[bytes, "Caller"]:
    from api_export.access import read_tokens

    if file is None:
        return read_tokens(os.environ.get(TOKENS, ""), where=TOKENS)
    try:
        text = file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as cause:
        raise UsageError("the tokens cannot be read", where=str(file), remedy="Name a text file with --tokens.") from (
            cause
        )
    found = read_tokens(text, where=str(file))
    if not found:
        raise UsageError("there are no tokens in it", where=str(file), remedy="Write lines of TOKEN USER BRAND.")
    return found
