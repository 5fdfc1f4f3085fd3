"""Write the reference pages that can be read off the program: commands, tables, attributes, JSON, filters and errors.

`make docs` writes them; a test holds the shipped pages to what this makes.
"""

import importlib
import inspect
import json
import re
import sys
import tempfile
from collections.abc import Iterator
from copy import copy
from importlib.resources import files
from pathlib import Path
from typing import Any

import click
from pydantic import BaseModel

from api_export import answering, filters, models
from api_export.deviations import DEVIATIONS
from api_export.operations.catalogue import OPERATIONS
from flows.cli import COMMANDS, onecard
from storage import errors
from storage.database import Database, open_database
from transforms.mapping import presets

__all__ = ["pages"]

REFERENCE = Path(__file__).resolve().parent / "reference"
WIDTH = 100
MODELS = ("Envelope", "Info", "Contact", "ContactSummary", "ContactAttribute", "Address", "AttributeDef",
          "DuplicateCluster", "Tag", "Brand", "User", "ContactList", "Deal", "Flow", "File", "Job",
          "Error")  # fmt: skip
TABLES = {
    "Facts": (
        "contacts",
        "contact_attributes",
        "attribute_defs",
        "tags",
        "files",
        "users",
        "collections",
        "memberships",
    ),
    "Decisions": (
        *("jobs", "import_rejects", "import_contacts", "import_attributes", "import_additions"),
        *("judgements", "merges", "merge_contacts", "merge_attributes", "events"),
    ),
    "Derived": (
        "contact_summaries",
        "duplicate_pairs",
        "duplicate_members",
        "duplicate_weights",
        "duplicate_records",
        "duplicate_keys",
        "duplicate_values",
        "contact_index",
    ),
    "About the database": ("settings", "schema_migrations"),
}
MADE = "<!-- Made by docs/generate.py (make docs); change the program, not this page. -->"
ADDRESS = re.compile(r"STRUCT\(house_num VARCHAR.*?postcode VARCHAR\)")
RULE = re.compile(r" ?\((?:contract )?(?:RULES )?[A-Z]\d+(?:[-, ]+[A-Z]?\d+)*\)")


def pages() -> dict[str, str]:
    """Make every generated page: file name → text."""
    return {
        "commands.md": _page("Commands", _commands()),
        "tables.md": _page("Tables and views", _tables()),
        "attributes.md": _page("Attributes and tags", _attributes()),
        "json.md": _page("JSON shapes", _shapes()),
        "filters.md": _page("Filters", _filters()),
        "operations.md": _page("Operations", _operations()),
        "errors.md": _page("Errors and exit codes", _errors()),
    }


def _page(title: str, lines: Iterator[str]) -> str:
    return "\n".join([f"# {title}", "", MADE, "", *lines]).rstrip() + "\n"


def _commands() -> Iterator[str]:
    yield "Results go to stdout, all else to stderr. The options of `onecard` work on every command, `--help` too."
    yield from ("", "```text", _help(onecard, "onecard"), "```", "")
    for name, (place, _) in COMMANDS.items():
        module, _, attribute = place.partition(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        yield from (f"## onecard {name}", "", "```text", _help(command, f"onecard {name}"), "```", "")
        if isinstance(command, click.Group):
            for verb, inner in sorted(command.commands.items()):
                yield from (
                    f"### onecard {name} {verb}",
                    "",
                    "```text",
                    _help(inner, f"onecard {name} {verb}"),
                    "```",
                    "",
                )
    yield "Environment: `ONECARD_DB`, `ONECARD_USER` and `ONECARD_BRAND` stand for the options of those names and"
    yield "`ONECARD_TOKENS` for a file of `onecard serve --tokens`, its lines parted by semicolons; with"
    yield "`ONECARD_DEBUG=1` an internal error says where in the program it happened, without any data."


def _help(command: click.Command, name: str) -> str:
    """Help of a command, without the options every command has."""
    own = copy(command)
    if command is not onecard:
        shared = {parameter.name for parameter in onecard.params}
        own.params = [parameter for parameter in command.params if parameter.name not in shared]
        own.add_help_option = False
    names = onecard.context_settings["help_option_names"]
    context = click.Context(own, info_name=name, terminal_width=WIDTH, max_content_width=WIDTH, help_option_names=names)
    return own.get_help(context).rstrip()


def _tables() -> Iterator[str]:
    yield "Read them with `onecard sql`, or with any DuckDB client from a copy made by `onecard publish`. Views are for"
    yield "analysts and keep their names and columns; they leave out what is deleted, `…_all` has it too."
    with tempfile.TemporaryDirectory() as folder, open_database(Path(folder) / "onecard.duckdb") as db:
        yield from ("", "## Views", "")
        for view in _names(db, "duckdb_views", "view_name"):
            if not view.endswith("_all"):
                yield from _table(db, view)
        for group, tables in TABLES.items():
            yield from (f"## {group}", "")
            for table in tables:
                yield from _table(db, table)
        left = set(_names(db, "duckdb_tables", "table_name")) - {name for group in TABLES.values() for name in group}
        assert not left, f"name these tables in TABLES: {left}"


def _names(db: Database, kind: str, column: str) -> list[str]:
    query = f"SELECT {column} FROM {kind}() WHERE database_name = 'onecard' AND NOT internal ORDER BY {column}"
    return [name for (name,) in db.con.execute(query).fetchall()]


def _table(db: Database, name: str) -> Iterator[str]:
    yield from (f"### {name}", "", _comment(db, name), "")
    yield from ("| column | type | |", "|---|---|---|")
    for column, kind, comment in _columns(db, name):
        yield f"| `{column}` | {ADDRESS.sub('address', kind)} | {comment} |"
    more = set(_columns(db, f"{name}_all")) - set(_columns(db, name))
    if more:
        names = ", ".join(f"`{column}`" for column, *_ in _columns(db, f"{name}_all") if column in {m[0] for m in more})
        yield from ("", f"`{name}_all`: {_comment(db, f'{name}_all')} It also has {names}.")
    yield ""


def _comment(db: Database, name: str) -> str:
    query = (
        "SELECT comment FROM (SELECT table_name AS name, comment, database_name FROM duckdb_tables() UNION ALL "
        "SELECT view_name, comment, database_name FROM duckdb_views()) WHERE database_name = 'onecard' AND name = ?"
    )
    return str(db.con.execute(query, [name]).fetchall()[0][0])


def _columns(db: Database, name: str) -> list[tuple[str, str, str]]:
    query = (
        "SELECT column_name, data_type, comment FROM duckdb_columns() "
        "WHERE database_name = 'onecard' AND table_name = ? ORDER BY column_index"
    )
    kinds = {"TIMESTAMP WITH TIME ZONE": "TIMESTAMPTZ"}
    return [
        (column, kinds.get(kind, kind), comment) for column, kind, comment in db.con.execute(query, [name]).fetchall()
    ]


def _attributes() -> Iterator[str]:
    yield "What a mapping, a filter or the documented body calls `attribute_type`. Of a singular one a contact has one"
    yield "value at most, and its partner another."
    yield from ("", "| attribute_type | holds | values | section | labels offered |", "|---|---|---|---|---|")
    for definition in json.loads(files("data").joinpath("attribute_defs.json").read_text("utf-8")):
        number = "one" if definition["singular"] else "several"
        labels = ", ".join(definition["labels"] or [])
        yield f"| `{definition['name']}` | {definition['data_type']} | {number} | {definition['section']} | {labels} |"
    yield from ("", "Tags a new database starts with, and days between touches they bring:", "")
    yield from ("| tag | touch_freq |", "|---|---|")
    for tag in json.loads(files("data").joinpath("default_tags.json").read_text("utf-8")):
        yield f"| {tag['tag']} | {tag['touch_freq'] or ''} |"
    yield from ("", f"Mapping presets: {', '.join(f'`{name}`' for name in presets())}.")


def _shapes() -> Iterator[str]:
    yield "What `onecard export` and `onecard duplicates` write. Keys come in this order. *always* means the key is"
    yield "there, null when there is no value; *when asked* means it is absent unless its association is asked for or"
    yield "there is a value."
    for name in MODELS:
        model: type[BaseModel] = getattr(models, name)
        yield from ("", f"## {name}", "", *_model(model))


def _filters() -> Iterator[str]:
    yield "The body `onecard export --filter` reads. Every key is optional."
    yield from ("", *_model(filters.ContactFilter), "", "## An item of `filters`", "", *_model(filters.FilterItem))


def _operations() -> Iterator[str]:
    yield "What `onecard api METHOD PATH` and HTTP answer. A parameter that is a list is sent with commas or several"
    yield "times; associations are those of [JSON shapes](json.md), filters those of [filters](filters.md)."
    yield from ("", "| operation | address | parameters | status |", "|---|---|---|---|")
    for one in OPERATIONS:
        names = ", ".join(
            f"`{name}`" for name in one.query.model_fields if name not in filters.FilterQuery.model_fields
        )
        more = " and those of a filter" if issubclass(one.query, filters.FilterQuery) else ""
        yield f"| {one.summary} | `{one.method} {one.path}` | {names}{more} | {one.status} |"
    yield from (
        "",
        "## Refusals",
        "",
        "A request that cannot be answered gets `{code, message, path}` and a status:",
        "",
    )
    refusals, path = (answering.__doc__ or "").split("\n\n")[2:4]
    yield from ("```text", *[line.removeprefix("    ") for line in refusals.splitlines()], "```", "", path.rstrip())
    yield from ("", "## Where answers differ from the printed ones", "")
    yield from ("| example | in `data` | because |", "|---|---|---|")
    for one in DEVIATIONS:
        yield f"| {one.example} | `{one.where}` | {one.reason} ({one.rule}) |"


def _model(model: type[BaseModel]) -> Iterator[str]:
    yield RULE.sub("", re.sub(r"(?<!\n)\n(?!\n)", " ", inspect.cleandoc(model.__doc__ or "")))
    schema = model.model_json_schema()
    output = "const" in json.dumps(schema) or model.__name__ in MODELS
    yield from (
        "",
        "| key | type | there | |" if output else "| key | type | |",
        "|---|---|---|---|" if output else "|---|---|---|",
    )
    for key, described in schema["properties"].items():
        there = "always" if key in schema.get("required", ()) else "when asked"
        kind = _kind({name: value for name, value in described.items() if name != "description"})
        yield f"| `{key}` | {kind} |" + (f" {there} |" if output else "") + f" {described.get('description', '')} |"


def _kind(schema: dict[str, Any]) -> str:
    """Say what a JSON schema allows, in few words."""
    if "anyOf" in schema and "type" not in schema:
        return " or ".join(dict.fromkeys(_kind(choice) for choice in schema["anyOf"]))
    if "$ref" in schema:
        return str(schema["$ref"]).rsplit("/", 1)[-1]
    if "const" in schema:
        return f"`{json.dumps(schema['const'])}`"
    if "enum" in schema:
        return ", ".join(f"`{value}`" for value in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {_kind(schema.get('items', {}))}"
    note = schema.get("description", "").rstrip(".")
    name = {"string": "text", "uuid": "uuid"}.get(
        schema.get("format", schema.get("type", "any value")), schema.get("type")
    )
    return f"{name or 'any value'}{f' ({note[0].lower()}{note[1:]})' if note else ''}"


def _errors() -> Iterator[str]:
    yield "A message says what is wrong, where, and what to do next. No error repeats a person's data in full."
    yield from ("", "| exit code | when |", "|---|---|")
    codes = re.sub(r"^Exit codes: |\.$", "", onecard.epilog or "")
    for code, when in re.findall(r"(\d+) ([^,]+)", codes):
        yield f"| {code} | {when} |"
    yield from ("", "The classes behind them, for those who call the functions:", "", "```text")
    tree = (errors.__doc__ or "").split("\n\n")[1]
    yield from (*[line.removeprefix("    ") for line in tree.splitlines()], "```")


def main(arguments: list[str]) -> int:
    """Write the pages, or with --check say which are out of date."""
    made = pages()
    stale = [name for name, text in made.items() if _shipped(name) != text]
    if "--check" in arguments:
        sys.stderr.writelines(f"docs/reference/{name} is out of date: run make docs\n" for name in stale)
        return 1 if stale else 0
    for name in stale:
        (REFERENCE / name).write_text(made[name], encoding="utf-8")
    return 0


def _shipped(name: str) -> str | None:
    path = REFERENCE / name
    return path.read_text(encoding="utf-8") if path.exists() else None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
