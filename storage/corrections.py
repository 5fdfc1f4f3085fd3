"""Recognise, in a file of corrected rejects, the rows that nobody corrected.

A row that was rejected whole because it is no row as it stands (too few fields, too many, an id met before) was written
out as far as it could be split. Taken like that it would lose what did not fit, so it is rejected again.
"""

from collections.abc import Collection, Sequence
from uuid import UUID

import duckdb

__all__ = ["NOTHING_LEFT", "NOTHING_MAPPED", "ORIGIN_COLUMN", "added_columns", "mark_uncorrected", "reason_column"]

ORIGIN_COLUMN = "onecard_row"
"""The column of a file of rejects that says which row of which job each of them is."""
REASON_COLUMN, SPARE_REASON_COLUMN = "reason", "reject_reason"
# Rows rejected for these may come back as they were: another mapping or setting may take them.
NOTHING_MAPPED = "nothing in the mapped columns"
NOTHING_LEFT = "no value of the row could be taken"


def reason_column(columns: Collection[str]) -> str:
    """What the column of reasons is called beside the columns of a file."""
    return SPARE_REASON_COLUMN if REASON_COLUMN in columns else REASON_COLUMN


def added_columns(columns: Collection[str]) -> tuple[str, ...]:
    """Name the columns that `onecard rejects` added: where a row is from, and why it was rejected."""
    if ORIGIN_COLUMN not in columns:
        return ()
    return ORIGIN_COLUMN, SPARE_REASON_COLUMN if SPARE_REASON_COLUMN in columns else REASON_COLUMN


def mark_uncorrected(con: duckdb.DuckDBPyConnection, source_sql: str, columns: Sequence[str], *, brand: UUID) -> None:
    """Say in `scanned` why rows are rejected again: every cell is as it was, or one beyond the columns is still filled.

    A row of which somebody emptied the reason is to be taken as it stands, if it has no cells beyond the columns.
    Rejects of other brands are nobody's here.
    Args: source_sql gives c0 … cN, the columns of a file of rejects, as text.
    """
    origin_name, reason_name = added_columns(columns)
    origin = columns.index(origin_name)
    cells = ", ".join(f"c{place}" for place in range(len(columns)))
    reason = f"c{columns.index(reason_name)}" if reason_name in columns else "''"
    con.execute(
        f"""
        UPDATE scanned SET uncorrected = again.reason
        FROM (
            WITH sent AS (
                SELECT trim(c{origin}) AS origin, {reason} IS NULL AS is_accepted,
                       {_filled(f"map($columns, [{cells}])")} AS cells FROM ({source_sql})
            ), rejected AS (
                SELECT job::VARCHAR || ':' || "row" AS origin, reason,
                       {_filled("try_cast(original AS MAP(VARCHAR, VARCHAR))")} AS cells
                FROM import_rejects
                WHERE whole_row AND reason NOT IN ($nothing_mapped, $nothing_left)
                  AND job IN (SELECT id FROM jobs WHERE brand = $brand::UUID)
                  AND job::VARCHAR IN (SELECT split_part(origin, ':', 1) FROM sent)
            )
            SELECT s.origin, any_value('not corrected: ' || r.reason) AS reason
            FROM sent s JOIN rejected r USING (origin)
            WHERE s.cells = r.cells AND NOT s.is_accepted
               OR len(list_filter(s.cells, lambda cell: regexp_matches(cell.key, '^surplus \\d+'))) > 0
            GROUP BY s.origin
        ) again
        WHERE scanned.origin = again.origin
        """,
        {
            "brand": str(brand),
            "columns": [*columns],
            "added": [origin_name, reason_name],
            "nothing_mapped": NOTHING_MAPPED,
            "nothing_left": NOTHING_LEFT,
        },
    )


def _filled(cells: str) -> str:
    """SQL of the filled cells of a map, in the order of their names, without those that the list of rejects adds."""
    return f"""list_sort(list_filter(map_entries({cells}), lambda cell:
        coalesce(cell.value, '') <> '' AND NOT list_contains($added::VARCHAR[], cell.key)))"""
