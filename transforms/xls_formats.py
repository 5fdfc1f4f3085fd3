"""Digits that only a number format shows, in workbooks of Excel 97–2003: a ZIP stored as 1234 under 00000 reads 01234.

The reader of spreadsheets gives values without formats. xlrd knows them but is slow, and reads a workbook only when it
has a format of zeros at all.
"""

import re
from pathlib import Path

import numpy as np
import polars as pl

from transforms.number_formats import PADDED_SCHEMA, filled_in, zero_pattern

__all__ = ["counts_from_1904_xls", "padded_numbers_xls"]

# The record of a number format (0x041E) of at least two zeros, in letters of one byte.
_FORMAT_OF_ZEROS = re.compile(rb"\x1e\x04.{5}\x00\x00[0()\\\" -]*0[0()\\\" -]*0", re.DOTALL)

# The record that says days are counted from 1904; the same bytes can mean other things.
_FROM_1904 = b"\x22\x00\x02\x00\x01\x00"


def counts_from_1904_xls(path: Path) -> bool:
    """Say whether a workbook counts days from 1904, as `number_formats.counts_from_1904` does for XLSX."""
    content = path.read_bytes()
    if _FROM_1904 not in content:
        return False
    import xlrd

    try:
        return bool(xlrd.open_workbook(file_contents=content, on_demand=True).datemode)
    except (xlrd.XLRDError, AssertionError, IndexError, ValueError):
        return False


def padded_numbers_xls(path: Path, sheet: str) -> pl.DataFrame:
    """Find whole numbers shown by a format of zeros, as `number_formats.padded_numbers` does in XLSX."""
    content = path.read_bytes()
    if not _FORMAT_OF_ZEROS.search(content):
        return pl.DataFrame(schema=PADDED_SCHEMA)
    import xlrd  # takes a while to load, and few workbooks need it

    try:
        book = xlrd.open_workbook(file_contents=content, formatting_info=True, on_demand=True)
        table = book.sheet_by_name(sheet)
    except (xlrd.XLRDError, AssertionError, IndexError, ValueError):  # laid out otherwise: numbers stay as stored
        return pl.DataFrame(schema=PADDED_SCHEMA)
    codes = [book.format_map[style.format_key].format_str for style in book.xf_list]
    patterns = {style: pattern for style, code in enumerate(codes) if (pattern := zero_pattern(code))}
    kinds = np.zeros((table.nrows, table.ncols), np.uint8)
    for row in range(table.nrows):
        found = table.row_types(row)
        kinds[row, : len(found)] = found
    filled = ~np.isin(kinds, (xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK))
    top, left = int(filled.any(axis=1).argmax()), int(filled.any(axis=0).argmax())
    rows = []
    for row, column in np.argwhere(kinds == xlrd.XL_CELL_NUMBER).tolist():
        pattern = patterns.get(table.cell_xf_index(row, column))
        if pattern and table.cell_value(row, column) % 1 == 0:
            number = str(int(table.cell_value(row, column)))
            rows.append((row - top, column - left, number, filled_in(number, pattern)))
    return pl.DataFrame(rows, schema=PADDED_SCHEMA, orient="row")
