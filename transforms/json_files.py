"""JSON files: the documented body of contacts, or flat objects (an array, or one a line) as a table of text.

Flat objects become rows under the union of their keys, so that a mapping applies to them as to any other table.
"""

import json
from pathlib import Path

import polars as pl

from storage.errors import InputFileError
from storage.json_rows import array_elements, object_fields, object_keys, text_lines
from storage.staging import FAULT_SCHEMA, Sheet
from transforms.headers import column_names
from transforms.json_contacts import ContactBody, contact_body
from transforms.mapping import GOOGLE_SEPARATOR
from transforms.text_files import TextFile

__all__ = ["read_json"]

_PLAIN_LIST = r'^\[(?:\s*(?:"(?:[^"\\]|\\.)*"|[^"\[\]{},]+)\s*,?)*\]$'
_REMEDY = 'Give {"contacts": [...]}, an array of flat objects, or one flat object a line.'


def read_json(path: Path, text: TextFile) -> Sheet | ContactBody:
    """Read a JSON file; raises InputFileError (line and column) when it is not JSON or holds no contacts."""
    try:
        return _read(path, text)
    except RecursionError as error:
        what = "The JSON is not valid, or nested deeper than any contact is"
        raise InputFileError(what, where=path.name, remedy="Export it again.") from error


def _read(path: Path, text: TextFile) -> Sheet | ContactBody:
    with text.path.open(encoding="utf-8") as file:
        file.seek(text.start)
        document = file.read()
    if _is_one_object_a_line(document):
        return _sheet(path, text_lines(document), text)
    try:
        return _whole(path, document, text)
    except ValueError as error:
        raise _malformed(path, document) from error


def _whole(path: Path, document: str, text: TextFile) -> Sheet | ContactBody:
    """Read one JSON value: an array of objects, the body of contacts, or one flat object."""
    if document.lstrip().startswith("["):
        return _sheet(path, array_elements(document, ""), text)
    contacts = array_elements(document, "/contacts")
    if not contacts.is_empty():
        return contact_body(contacts, text.warnings)
    only = json.loads(document)
    if only.get("contacts") == []:
        raise InputFileError('The list "contacts" is empty', where=path.name, remedy="Export it again.")
    if any(_is_nested(value) for value in only.values()):
        raise InputFileError("The JSON holds no contacts", where=path.name, remedy=_REMEDY)
    return _sheet(path, array_elements(f"[{document}]", ""), text)


def _is_nested(value: object) -> bool:
    return isinstance(value, dict) or (isinstance(value, list) and any(isinstance(item, dict | list) for item in value))


def _is_one_object_a_line(document: str) -> bool:
    """Say whether the first line is an object by itself and other lines follow."""
    first, _, rest = document.lstrip().partition("\n")
    if not rest.strip() or not first.startswith("{"):
        return False
    try:
        return isinstance(json.loads(first), dict)
    except ValueError:
        return False


def _malformed(path: Path, document: str) -> InputFileError:
    """Find the place where a document stops being JSON."""
    try:
        json.loads(document)
    except json.JSONDecodeError as error:
        cut = error.pos >= len(document.rstrip())
        fault = "ends too early" if cut else "is not valid"
        what = f"The JSON {fault}: {error.msg} (line {error.lineno}, column {error.colno})"
        remedy = "The file is cut short: download or copy it again." if cut else "Correct it there."
        return InputFileError(what, where=path.name, remedy=remedy)
    what = "The JSON is not valid: it has half a character (such as \\ud800) or a value that JSON does not have"
    return InputFileError(what, where=path.name, remedy="Export it again.")


def _sheet(path: Path, elements: pl.DataFrame, text: TextFile) -> Sheet:
    """Lay flat objects out as a table: a column for each key, in the order the keys are first met.

    Objects without a value are blank rows and do not count, as in other tables.
    """
    objects = elements.filter(pl.col("kind") == "OBJECT")
    keys = object_keys(objects)
    columns, renamed = column_names(keys)
    found = object_fields(objects, keys)
    frame = found.select(_cell(place).alias(name) for place, name in enumerate(columns))
    is_filled = [(column.str.strip_chars() != "").fill_null(False) for column in frame]
    if not any(column.any() for column in is_filled):
        raise InputFileError("The JSON holds no contacts", where=path.name, remedy=_REMEDY)
    filled = pl.select(pl.any_horizontal(is_filled)).to_series()
    blank = found["row"].filter(~filled)
    faults = elements.filter(pl.col("kind").ne_missing("OBJECT")).select(
        pl.col("row").cast(pl.Int64) - pl.col("row").map_batches(blank.search_sorted, return_dtype=pl.UInt32),
        pl.when(pl.col("kind").is_null()).then(pl.lit("the line is not valid JSON"))
        .otherwise(pl.lit("the element is not an object")).alias("reason"),
        original="body",
    )  # fmt: skip
    return Sheet(
        frame.filter(filled), columns, "json", warnings=text.warnings + renamed, faults=faults.select(*FAULT_SCHEMA)
    )


def _cell(place: int) -> pl.Expr:
    """Write a value as text: lists of plain values joined by " ::: ", whole numbers without a fraction."""
    value, kind = pl.col(f"v{place}"), pl.col(f"t{place}")
    plain_list = (kind == "ARRAY") & value.str.contains(_PLAIN_LIST)
    joined = (
        pl.when(plain_list)
        .then(value)
        .str.json_decode(pl.List(pl.String))
        .list.join(GOOGLE_SEPARATOR, ignore_nulls=True)
    )
    return (
        pl.when(kind == "NULL").then(None)
        .when(kind == "DOUBLE").then(value.str.replace(r"\.0$", ""))
        .when(plain_list).then(joined)
        .otherwise(value)
    )  # fmt: skip
