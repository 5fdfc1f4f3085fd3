"""Spreadsheets (XLS, XLSX) as text: dates as ISO, whole numbers without a fraction, formulas by their last values.

The header is the first row with anything in it, or the row of column names below a title. Empty rows do not count and
empty columns without a name go.
"""

import re
import zipfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import fastexcel
import polars as pl

from storage.errors import InputFileError, did_you_mean
from storage.staging import Sheet
from transforms.header_rows import LOOKED_AT, header_place, passed_over
from transforms.headers import column_names
from transforms.headings import read_heading
from transforms.number_formats import counts_from_1904, padded_numbers, uncomputed_formulas
from transforms.xls_formats import counts_from_1904_xls, padded_numbers_xls

__all__ = ["read_spreadsheet"]

_ERRORS = {
    "NA": "#N/A", "Ref": "#REF!", "Div0": "#DIV/0!", "Name": "#NAME?", "Null": "#NULL!", "Num": "#NUM!",
    "Value": "#VALUE!", "GettingData": "#GETTING_DATA",
}  # fmt: skip
_MIDNIGHT = r"^(\d{4}-\d{2}-\d{2}) 00:00:00$"
_CLOCK = r"^1899-12-31 (\d{2}:\d{2}:\d{2})"


@dataclass(frozen=True)
class _Cells:
    """A sheet's cells as text without its empty rows, whether a person sees the sheet, and what its error cells say."""

    rows: pl.DataFrame
    visible: bool
    errors: tuple[str, ...]


def read_spreadsheet(path: Path, kind: Literal["xls", "xlsx"], *, sheet: str | None) -> Sheet:
    """Read the sheet named, else the first visible one with a table, or anything, in it.

    Raises InputFileError for a damaged or password-protected file, a sheet that is not there, an empty workbook and a
    header without rows.
    """
    try:
        book = fastexcel.read_excel(path)
    except fastexcel.FastExcelError as error:
        raise _unreadable(path, error) from error
    name, cells, warnings = (*_named(path, book, sheet), ()) if sheet else _chosen(path, book)
    table = _table(path, kind, name, cells.rows, cells.errors)
    table = replace(table, counts_from_1904=counts_from_1904(path) if kind == "xlsx" else counts_from_1904_xls(path))
    uncomputed = uncomputed_formulas(path, name) if kind == "xlsx" else 0
    return replace(table, warnings=(*warnings, *table.warnings, *_uncomputed(uncomputed)))


def _uncomputed(count: int) -> tuple[str, ...]:
    if not count:
        return ()
    what = f"{count} formulas have no value and are" if count > 1 else "1 formula has no value and is"
    return (f"{what} read as empty: open the file in a spreadsheet program, which computes them, and save it",)


def _unreadable(path: Path, error: Exception) -> InputFileError:
    if "assword" in str(error):
        return InputFileError("It is password-protected", where=path.name, remedy="Save it without a password.")
    what = "The workbook is damaged or cut short"
    return InputFileError(what, where=path.name, remedy="Open it in a spreadsheet program and save it again.")


def _named(path: Path, book: fastexcel.ExcelReader, sheet: str) -> tuple[str, _Cells]:
    names = list(book.sheet_names)
    if sheet not in names:
        has = f"It has: {', '.join(names)}. {did_you_mean(sheet, names)}".rstrip()
        raise InputFileError(f'There is no sheet "{sheet}"', where=path.name, remedy=has)
    return sheet, _cells(path, book, sheet)


def _chosen(path: Path, book: fastexcel.ExcelReader) -> tuple[str, _Cells, tuple[str, ...]]:
    """Choose the first visible sheet with a table in it, else with anything; say which others have anything too."""
    read = ((name, _cells(path, book, name)) for name in book.sheet_names)
    used = {name: cells for name, cells in read if not cells.rows.is_empty()}
    visible = [name for name, cells in used.items() if cells.visible]
    if not visible:
        remedy = f"Name one of its hidden sheets with --sheet: {', '.join(used)}." if used else "Export it again."
        raise InputFileError("No visible sheet has anything in it", where=path.name, remedy=remedy)
    chosen = next((name for name in visible if _is_table(used[name].rows)), visible[0])
    others = ", ".join(f'"{name}"' for name in visible if name != chosen)
    warnings = (f'the sheet "{chosen}" is read, not {others}: name another with --sheet',) if others else ()
    return chosen, used[chosen], warnings


def _is_table(cells: pl.DataFrame) -> bool:
    """Say whether a sheet has several columns, or a known one, and rows: a title or a page of notes has not."""
    above = header_place(cells.head(LOOKED_AT).rows())
    names = [name for cell in cells.row(above) if (name := (cell or "").strip())]
    return cells.height > above + 1 and (len(names) > 1 or read_heading(names[0]) is not None)


def _cells(path: Path, book: fastexcel.ExcelReader, name: str) -> _Cells:
    """Read a sheet's cells as text."""
    try:
        loaded = book.load_sheet(name, header_row=None, dtypes="string")
        batch, found = loaded.to_arrow_with_errors()
    except fastexcel.FastExcelError as error:
        raise _unreadable(path, error) from error
    visible, errors = loaded.visible == "visible", found.errors if found else []
    cells = pl.DataFrame(batch)
    if not cells.width:
        return _Cells(cells, visible, ())
    padded = padded_numbers(path, name) if zipfile.is_zipfile(path) else padded_numbers_xls(path, name)
    cells = _with_padding(cells, padded)
    filled = pl.any_horizontal(pl.all().str.strip_chars().str.len_bytes() > 0)
    return _Cells(_with_errors(cells, errors).filter(filled), visible, tuple(error.detail for error in errors))


def _with_padding(cells: pl.DataFrame, padded: pl.DataFrame) -> pl.DataFrame:
    """Write numbers as their formats show them; a column whose cells are not where they should be stays as it is."""
    for (column,), marks in padded.group_by("column"):
        series = cells.to_series(int(str(column)))
        if series.gather(marks.get_column("row")).equals(marks.get_column("number"), check_names=False):
            cells = cells.with_columns(series.clone().scatter(marks.get_column("row"), marks.get_column("text")))
    return cells


def _with_errors(cells: pl.DataFrame, errors: list[fastexcel.CellError]) -> pl.DataFrame:
    """Put the text of error cells (#N/A …) back, which the reader leaves empty, so that they are seen and judged."""
    if not errors:
        return cells
    found = pl.DataFrame(
        [(*error.offset_position, _error_text(error.detail)) for error in errors],
        schema={"row": pl.UInt32, "column": pl.UInt32, "text": pl.String},
        orient="row",
    )
    for (column,), marks in found.group_by("column"):
        name = cells.columns[int(str(column))]
        series = cells.get_column(name).clone().scatter(marks.get_column("row"), marks.get_column("text"))
        cells = cells.with_columns(series)
    return cells


def _table(path: Path, kind: Literal["xls", "xlsx"], name: str, cells: pl.DataFrame, errors: tuple[str, ...]) -> Sheet:
    """Part a sheet's cells into header and rows."""
    if cells.is_empty():
        raise InputFileError(f'The sheet "{name}" is empty', where=path.name, remedy="Name another with --sheet.")
    above = header_place(cells.head(LOOKED_AT).rows())
    header, body = cells.row(above), cells.slice(above + 1)
    if body.is_empty():
        what = f'The sheet "{name}" has a header of {len(header)} columns and no rows'
        raise InputFileError(
            what, where=path.name, remedy="Export it again with its rows, or name another sheet with --sheet."
        )
    used = [
        place
        for place, cell in enumerate(header)
        if (cell or "").strip() or body.to_series(place).null_count() < body.height
    ]
    columns, warnings = column_names(header[place] for place in used)
    body = body.select(pl.nth(used))
    body.columns = list(columns)
    warnings = passed_over(above) + warnings
    if errors:
        count = f"{len(errors)} cells hold errors" if len(errors) > 1 else "1 cell holds an error"
        warnings = (*warnings, f"{count} ({_error_text(errors[0])}): correct it in the spreadsheet")
    return Sheet(body.with_columns(_as_written(body)), columns, kind, name, warnings)


def _error_text(detail: str) -> str:
    found = re.search(r"Error\((\w+)\)", detail)
    return _ERRORS.get(found[1], "#ERROR!") if found else "#ERROR!"


def _as_written(body: pl.DataFrame) -> list[pl.Expr]:
    """Write dates without a midnight nobody entered, and times of day without the day before 1900."""
    changes: list[pl.Expr] = []
    for column in body.columns:
        times = body.get_column(column).str.contains(r"^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}").any()
        if times:
            changes.append(pl.col(column).str.replace(_MIDNIGHT, "$1").str.replace(_CLOCK, "$1"))
    return changes
