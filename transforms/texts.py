"""Plain text: everything is kept as sent, control characters included, but a spreadsheet's error in place of a value.

A failed formula says nothing about the person, and "#N/A" shared by a thousand rows would look like proof.
"""

import polars as pl

__all__ = ["ERROR_CELL", "clean_texts", "is_error_cell"]

ERROR_CELL = "the cell holds a spreadsheet error, not a value"
# What Excel, LibreOffice and Google Sheets show in a cell whose formula failed.
ERROR_CELLS = (
    r"^#(?:N/A(?: N/A)?|REF!|VALUE!|DIV/0!|NAME\?|NULL!|NUM!|SPILL!|CALC!|FIELD!|BLOCKED!|CONNECT!|UNKNOWN!|BUSY!|"
    r"EXTERNAL!|PYTHON!|TIMEOUT!|ERROR!|GETTING_DATA|###+)$|^#####+$|^Err:5[0-9]{2}$"
)


def clean_texts(values: pl.Series) -> pl.DataFrame:
    """Reject error cells of spreadsheets and keep the rest.

    Args: values, stripped text without nulls.
    Returns: [text, reason] in the order of values.
    """
    reason = pl.when(is_error_cell(pl.col("text"))).then(pl.lit(ERROR_CELL))
    return pl.DataFrame({"text": values.cast(pl.String)}).with_columns(reason.alias("reason"))


def is_error_cell(text: pl.Expr) -> pl.Expr:
    """Say whether text is a spreadsheet's error."""
    return (text.str.starts_with("#") | text.str.starts_with("Err:5")) & text.str.contains(ERROR_CELLS)
