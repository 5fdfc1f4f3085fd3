"""Write the tables of `tables` as CSV, XLSX or Parquet, a batch at a time.

CSV is UTF-8 (RFC 4180, lines ended by a line feed, no byte order mark). A text that a spreadsheet would take for a
formula is written after an apostrophe in CSV and as a text cell in XLSX; numbers and phones with a sign in front
(+1 415 555 0123) are none.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from api_export.batches import batches, rows
from api_export.selecting import Selection
from api_export.spreadsheets import write_sheet
from api_export.tables import Column, columns_of, flat_sql, typed_sql
from api_export.targets import Target, open_target, path_for
from api_export.texts import block_of

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

__all__ = ["write_csv", "write_parquet", "write_xlsx"]


def write_csv(con: "duckdb.DuckDBPyConnection", what: str, selection: Selection, *, target: Target) -> int:
    """Write a CSV file with a header; returns the number of rows."""
    columns = columns_of(what)
    cells = ", ',', ".join(_cell(f"c{at}", column) for at, column in enumerate(columns))
    sql = f"SELECT concat({cells}, chr(10)) AS line FROM ({flat_sql(what)})"
    count = 0
    with open_target(target) as out:
        out.write((",".join(column.header for column in columns) + "\n").encode())
        for batch in _batches(con, sql, what, selection):
            out.write(block_of(batch.column(0)))
            count += batch.num_rows
    return count


def write_xlsx(con: "duckdb.DuckDBPyConnection", what: str, selection: Selection, *, target: Target) -> int:
    """Write a workbook of one formatted sheet; returns the number of rows."""
    found = _batches(con, flat_sql(what), what, selection)
    batches_of_rows = (list(zip(*(column.to_pylist() for column in batch.columns), strict=True)) for batch in found)
    with path_for(target) as path:
        return write_sheet(path, what, columns_of(what), batches_of_rows)


def write_parquet(con: "duckdb.DuckDBPyConnection", what: str, selection: Selection, *, target: Target) -> int:
    """Write a Parquet file of typed columns (zstd); returns the number of rows."""
    from pyarrow.parquet import ParquetWriter

    nobody = {"start": 0, "stop": 0, "first": None, "last": None} if _is_chosen(what) else {}
    schema = con.sql(typed_sql(what), params=nobody).to_arrow_reader().schema
    count = 0
    with path_for(target) as path, ParquetWriter(path, schema, compression="zstd") as writer:
        for batch in _batches(con, typed_sql(what), what, selection):
            writer.write_batch(batch)
            count += batch.num_rows
    return count


def _batches(con: "duckdb.DuckDBPyConnection", sql: str, what: str, selection: Selection) -> "Iterator[pa.RecordBatch]":
    if not _is_chosen(what):
        return rows(con, sql, {})
    table = "selected_clusters" if what == "duplicates" else "selected_contacts"
    return batches(con, sql, selection.start, selection.stop, table=table, scale=16)


def _is_chosen(what: str) -> bool:
    return what not in ("tags", "attribute_defs")


def _cell(value: str, column: Column) -> str:
    """SQL of a value as a CSV cell."""
    if column.kind == "time":
        return f"coalesce(strftime({value}, '%Y-%m-%dT%H:%M:%S.%fZ'), '')"
    if column.kind != "text":
        return f"coalesce({value}::VARCHAR, '')"
    safe = f"CASE WHEN {_FORMULA.format(value)} THEN concat(chr(39), {value}) ELSE {value} END"
    quoted = f"""concat('"', replace({safe}, '"', '""'), '"')"""
    return f"""CASE WHEN regexp_matches({value}, '[",\\n\\r]') THEN {quoted} ELSE coalesce({safe}, '') END"""


# What OWASP calls CSV injection; a sign before nothing but numbers or phones (and their extensions) is harmless. A text
# that begins with apostrophes before such a mark gets one more, so that taking one off gives back what was there.
_FORMULA = (
    r"(regexp_matches({0}, '^''*[=@\t\r]|^''+[+-]') "
    r"OR regexp_matches({0}, '^[+-]') AND NOT regexp_matches({0}, '(?i)^[+-]([0-9 ().;,/#*+-]|x|ext)*$'))"
)
