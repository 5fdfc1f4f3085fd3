"""Write one sheet of a workbook for people: bold frozen header, a filter on every column, sensible widths, real dates.

Everything else is text cells, so phones and postal codes keep their zeros and nothing is ever taken for a formula.
openpyxl writes row by row to the disk; the workbook is never whole in memory.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from api_export.tables import Column
from storage.errors import UsageError

__all__ = ["write_sheet"]

# Limits of the format: rows of a sheet, characters of a cell; days before 1900 have no number.
MAX_ROWS = 1_048_576
MAX_TEXT = 32_767
FIRST_YEAR = 1900
_NOT_IN_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
SAMPLE = 200
Rows = Sequence[tuple[Any, ...]]


def write_sheet(path: Path, title: str, columns: Sequence[Column], batches: Iterable[Rows]) -> int:
    """Write a workbook with one sheet; returns the number of rows. Widths are those of the first rows.

    Raises: UsageError when there are more rows than a sheet can hold.
    """
    book = Workbook(write_only=True)
    sheet: Any = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    try:
        count = _fill(sheet, columns, batches)
    except BaseException:
        sheet.close()  # or openpyxl's generator complains when it is collected
        raise
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(columns))}{count + 1}"
    book.save(path)
    return count


def _fill(sheet: Any, columns: Sequence[Column], batches: Iterable[Rows]) -> int:
    """Write the header and every row; returns the number of rows."""
    count = 0
    for number, rows in enumerate(_with_a_first(batches)):
        if number == 0:
            _set_widths(sheet, columns, rows[:SAMPLE])
            sheet.append([_header(sheet, column.header) for column in columns])
        count += len(rows)
        if count >= MAX_ROWS:
            raise UsageError(f"a sheet holds {MAX_ROWS - 1:,} rows", remedy="Use CSV, or a limit.")
        for row in rows:
            sheet.append([_cell(sheet, value) for value in row])
    return count


def _with_a_first(batches: Iterable[Rows]) -> Iterable[Rows]:
    """The batches, or one without rows when there is none: a header is always written."""
    found = iter(batches)
    yield next(found, [])
    yield from found


def _header(sheet: Any, text: str) -> Any:
    cell = WriteOnlyCell(sheet, value=text)
    cell.font = Font(bold=True)
    return cell


def _cell(sheet: Any, value: Any) -> Any:
    """A value as openpyxl writes it: texts as texts whatever they start with, times without their zone (UTC)."""
    if isinstance(value, datetime):
        return value.replace(tzinfo=None)
    if isinstance(value, date):
        return value if value.year >= FIRST_YEAR else value.isoformat()
    if not isinstance(value, str):
        return value
    text = _NOT_IN_XML.sub("", value)[:MAX_TEXT]
    if not text.startswith(("=", "#")):
        return text
    cell = WriteOnlyCell(sheet, value=text)
    cell.data_type = "s"  # openpyxl would take it for a formula or an error
    return cell


def _set_widths(sheet: Any, columns: Sequence[Column], sample: Rows) -> None:
    for at, column in enumerate(columns):
        longest = max((len(str(row[at])) for row in sample if row[at] is not None), default=0)
        width = 20 if column.kind == "time" else min(max(longest, len(column.header), 8), 48) + 2
        sheet.column_dimensions[get_column_letter(at + 1)].width = width
