"""The DuckDB side of reading: turn a table that was found in a file into a query the import can run more than once.

A delimited file is scanned in place by `read_csv` with every setting given, a spreadsheet's frame is registered.
Nothing is guessed here and nothing is copied: what the settings are was decided, and every row checked, before.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import polars as pl

if TYPE_CHECKING:
    import duckdb
    from numpy.typing import NDArray

__all__ = ["FAULT_SCHEMA", "CsvFile", "Sheet", "Source", "row_of", "sample_rows", "stage"]

FAULT_SCHEMA = {"row": pl.Int64, "reason": pl.String, "original": pl.String}

_DEFAULT_LINE_BYTES = 2_000_000
_CELL = r"regexp_replace({0}, '^''(''*[=@+\t\r-])', '\1') AS {0}"


@dataclass(frozen=True)
class CsvFile:
    """A delimited text file, checked record by record: `rows` good ones stand in `path`, the others in `faults`.

    `path` is UTF-8 and its first line a header: the file itself when it is regular, else a cleaned copy. `encoding` is
    the one the file was found in, `longest` the longest record in bytes. `faults` [row: i64 (first data row = 1),
    reason: str, original: str] is sorted by row. In `is_own_export`, texts that begin as formulas do stand after an
    apostrophe, which is taken off again.
    """

    path: Path
    delimiter: str
    quote: str
    columns: tuple[str, ...]
    rows: int
    longest: int
    faults: pl.DataFrame
    warnings: tuple[str, ...] = ()
    kind: Literal["csv"] = "csv"
    encoding: str = ""
    is_own_export: bool = False


@dataclass(frozen=True)
class Sheet:
    """A table already in memory: `frame` holds String columns named as `columns`, in the order of the file's rows.

    `counts_from_1904`: its workbook counts days from 1904, as Excel for Mac did, not from 1900.
    """

    frame: pl.DataFrame
    columns: tuple[str, ...]
    kind: Literal["xls", "xlsx", "json"]
    sheet: str = ""
    warnings: tuple[str, ...] = ()
    encoding: str = ""
    counts_from_1904: bool = False
    faults: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=FAULT_SCHEMA))

    @property
    def rows(self) -> int:
        """Number of good rows."""
        return self.frame.height


@dataclass(frozen=True)
class Source:
    """A query over one file: `sql` gives VARCHAR columns c0…cN in the file's order, `rows` rows, any number of times.

    Its rows and `faults` [row: i64, reason: str, original: str], sorted by row, are the data rows of the file. Empty
    cells are NULL. The query needs the connection it was staged on: a cursor does not see what was registered.
    """

    columns: tuple[str, ...]
    sql: str
    rows: int
    faults: pl.DataFrame


def stage(con: "duckdb.DuckDBPyConnection", table: CsvFile | Sheet) -> Source:
    """Make a table ready for queries on a connection."""
    sql = _csv_query(table) if isinstance(table, CsvFile) else _frame_query(con, table)
    return Source(table.columns, sql, table.rows, table.faults)


def sample_rows(table: CsvFile | Sheet, *, rows: int) -> pl.DataFrame:
    """Return the first rows of a table under its own column names, as text."""
    if isinstance(table, Sheet):
        return table.frame.head(rows)
    import duckdb

    with duckdb.connect(":memory:") as con:
        frame: pl.DataFrame = con.sql(f"{stage(con, table).sql} LIMIT {int(rows)}").pl()
    return frame.rename(dict(zip(frame.columns, table.columns, strict=True)))


def row_of(places: "NDArray[np.int64]", faults: pl.DataFrame) -> "NDArray[np.int64]":
    """Give the row number in the file (first data row = 1) of each good row, by its place among the good (first = 1).

    The k-th fault (from 0) at row F has F - 1 - k good rows before it, so it shifts every place greater than that.
    """
    shifts = faults.get_column("row").to_numpy() - 1 - np.arange(faults.height)
    return places + np.searchsorted(shifts, places, side="left")


def _csv_query(table: CsvFile) -> str:
    columns = ", ".join(f"'c{number}': 'VARCHAR'" for number in range(len(table.columns)))
    settings: dict[str, Any] = {
        "columns": "{" + columns + "}",
        "auto_detect": "false",
        "header": "true",
        "delim": _literal(table.delimiter),
        "quote": _literal(table.quote),
        "escape": _literal(table.quote),
        "strict_mode": "true",
        "compression": "'none'",
        "hive_partitioning": "false",
    }
    if table.longest > _DEFAULT_LINE_BYTES // 2:
        settings |= {"max_line_size": table.longest * 2, "buffer_size": table.longest * 8}
    options = ", ".join(f"{name} = {value}" for name, value in settings.items())
    every = ", ".join(_CELL.format(f"c{place}") for place in range(len(table.columns)))
    cells = every if table.is_own_export else "*"
    return f"SELECT {cells} FROM read_csv({_literal(str(table.path.absolute()))}, {options})"


def _frame_query(con: "duckdb.DuckDBPyConnection", table: Sheet) -> str:
    name = f"staged_{id(table.frame):x}"
    con.register(name, table.frame.rename(dict(zip(table.columns, _names(table), strict=True))))
    cells = ", ".join(f"nullif({column}, '') AS {column}" for column in _names(table))
    return f"SELECT {cells} FROM {name}"


def _names(table: Sheet) -> list[str]:
    return [f"c{number}" for number in range(len(table.columns))]


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
