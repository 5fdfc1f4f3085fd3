"""Plain text: everything is kept as sent, but a spreadsheet's error in place of a value, and text with a NUL in it.

A failed formula says nothing about the person, and "#N/A" shared by a thousand rows would look like proof. A NUL, which
JSON can bring in where a text file with one is refused, ends the text for half the programs that read it.
"""

import polars as pl

from storage.frames import no_texts, with_column

__all__ = ["ERROR_CELL", "HAS_NUL", "clean_texts", "has_nul", "text_fault"]

ERROR_CELL = "the cell holds a spreadsheet error, not a value"
HAS_NUL = "the text has a NUL character in it"
# What Excel, LibreOffice and Google Sheets show in a cell whose formula failed.
ERROR_CELLS = (
    r"^#(?:N/A(?: N/A)?|REF!|VALUE!|DIV/0!|NAME\?|NULL!|NUM!|SPILL!|CALC!|FIELD!|BLOCKED!|CONNECT!|UNKNOWN!|BUSY!|"
    r"EXTERNAL!|PYTHON!|TIMEOUT!|ERROR!|GETTING_DATA|###+)$|^#####+$|^Err:5[0-9]{2}$"
)
SUSPECT = "\0|^#|^Err:5"
"""In no other text is there a fault: one look at each is quicker than four."""


def clean_texts(values: pl.Series) -> pl.DataFrame:
    """Reject error cells of spreadsheets and texts with a NUL, keep the rest.

    Args: values, stripped text without nulls.
    Returns: [text, reason] in the order of values.
    """
    texts = values.cast(pl.String).alias("text").to_frame()
    if with_column(texts, pl.col("text").str.contains(SUSPECT).alias("is_suspect"))["is_suspect"].any():
        return texts.with_columns(text_fault(pl.col("text")).alias("reason"))
    return texts.hstack([no_texts("reason", texts.height)])


def text_fault(text: pl.Expr) -> pl.Expr:
    """Say why text cannot be kept whatever it is for, or null."""
    return pl.when(has_nul(text)).then(pl.lit(HAS_NUL)).when(_is_error_cell(text)).then(pl.lit(ERROR_CELL))


def has_nul(text: pl.Expr) -> pl.Expr:
    """Say whether text has a NUL in it."""
    return text.str.contains("\0", literal=True)


def _is_error_cell(text: pl.Expr) -> pl.Expr:
    return (text.str.starts_with("#") | text.str.starts_with("Err:5")) & text.str.contains(ERROR_CELLS)
