"""Export contacts, duplicates, tags, attribute definitions and attributes in the documented shapes.

JSON is the documented envelope, NDJSON one object a line; both move the blocks that `texts` makes. Tables for people
and tools (CSV, XLSX, Parquet) are in `tables`. A file appears whole or not at all.
"""

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO, Literal, get_args

from api_export.models import Info
from api_export.selecting import Selection, Wanted, selected, selected_clusters
from api_export.shapes import ASSOCIATIONS
from api_export.table_files import write_csv, write_parquet, write_xlsx
from api_export.targets import Target, open_target
from api_export.texts import attribute_texts, cluster_texts, contact_texts, definition_texts, tag_texts
from storage.errors import UsageError, did_you_mean

if TYPE_CHECKING:
    import duckdb

__all__ = ["FORMATS", "KINDS", "Format", "Kind", "export"]

Kind = Literal["contacts", "duplicates", "tags", "attribute_defs", "attributes"]
Format = Literal["json", "ndjson", "csv", "xlsx", "parquet"]
KINDS: tuple[Kind, ...] = get_args(Kind)
FORMATS: tuple[Format, ...] = get_args(Format)
WHOLE = ("tags", "attribute_defs")
ALL = Wanted()
TABLES = {"csv": write_csv, "xlsx": write_xlsx, "parquet": write_parquet}


def export(
    con: "duckdb.DuckDBPyConnection",
    what: Kind,
    wanted: Wanted = ALL,
    *,
    target: Target,
    format: Format = "json",
    associations: Collection[str] = (),
) -> int:
    """Write objects to a file, or to standard output for "-"; returns how many.

    Contacts are wanted: themselves, their attributes, or the clusters any of them is in. start and limit count contacts
    (of which all attributes are written) or clusters.

    Raises: UsageError for an unknown kind, format, association or order, a filter that does not fit, or a target that
    cannot be written; DatabaseError when the disk is full.
    """
    _check(what, format, associations)
    if what in WHOLE and wanted != ALL:
        raise UsageError(f"{what} are always exported whole", remedy="Leave out filter, order, start and limit.")
    if what == "duplicates" and wanted.order is not None:
        raise UsageError("clusters always come by id", where="order")
    with _chosen(con, what, wanted) as selection:
        if format in TABLES:
            return TABLES[format](con, what, selection, target=target)
        blocks = _blocks(con, what, selection, frozenset(associations), ",\n" if format == "json" else "\n")
        with open_target(target) as out:
            return _write_envelope(out, blocks, what, selection) if format == "json" else _write_lines(out, blocks)


@contextmanager
def _chosen(con: "duckdb.DuckDBPyConnection", what: Kind, wanted: Wanted) -> Iterator[Selection]:
    """What of a kind is exported; tags and definitions need no choosing."""
    if what in WHOLE:
        yield Selection(0, 0, 0)
    elif what == "duplicates":
        with selected_clusters(con, wanted) as selection:
            yield selection
    else:
        with selected(con, wanted) as selection:
            yield selection


def _blocks(
    con: "duckdb.DuckDBPyConnection", what: Kind, selection: Selection, associations: frozenset[str], separator: str
) -> Iterator[memoryview]:
    start, stop = selection.start, selection.stop
    match what:
        case "contacts":
            return contact_texts(con, start, stop, associations=associations, separator=separator)
        case "duplicates":
            return cluster_texts(con, start, stop, separator=separator)
        case "attributes":
            return attribute_texts(con, start, stop, associations=associations, separator=separator)
        case "tags":
            return tag_texts(con, separator=separator)
        case "attribute_defs":
            return definition_texts(con, separator=separator)


def _write_lines(out: BinaryIO, blocks: Iterable[memoryview]) -> int:
    """Write objects one a line; JSON has no line feed inside, so lines are objects."""
    count = 0
    for block in blocks:
        out.write(block)
        count += bytes(block).count(b"\n")
    return count


def _write_envelope(out: BinaryIO, blocks: Iterable[memoryview], what: Kind, selection: Selection) -> int:
    """Write the documented envelope, one object a line; `info` comes last because it counts them."""
    out.write(b'{"code":"OK","data":[\n')
    count, held = 0, memoryview(b"")
    for block in blocks:
        out.write(held)
        count, held = count + bytes(block).count(b"\n"), block
    out.write(held[:-2])  # the last object is followed by no comma
    info = Info(count=count, total=_total(what, selection)).model_dump_json()
    out.write(f'\n],"info":{info}}}\n'.encode())
    return count


def _total(what: Kind, selection: Selection) -> int | str:
    """What the documented bodies print (contract RULES A3)."""
    if what == "contacts":
        return selection.total
    return str(selection.total) if what == "duplicates" else 0


def _check(what: str, format: str, associations: Collection[str]) -> None:
    """Refuse names that are not known, and associations where there is nothing to add them to."""
    names = [("what", what, KINDS), ("format", format, FORMATS)]
    for where, name, known in [*names, *(("associations", name, ASSOCIATIONS) for name in associations)]:
        if name not in known:
            hint = did_you_mean(name, list(known))
            raise UsageError(f'there is no "{name}"', where=where, remedy=hint or f"Known: {', '.join(known)}.")
    if associations and what not in ("contacts", "attributes"):
        raise UsageError(f"{what} have no associations", where="associations", remedy="Leave them out.")
    if associations and format in TABLES:
        raise UsageError(
            "associations shape JSON only", where="associations", remedy="Export attributes beside contacts."
        )
