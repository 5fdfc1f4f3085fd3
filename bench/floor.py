"""The floors of the measurements: what bare DuckDB needs for the same bytes, each run as a process of its own.

`import CSV DATABASE` reads a table and unpivots it into one row a value on disk; `load NDJSON DATABASE` prepares, and
`export DATABASE JSON` times, a bare COPY of records that are already in their documented shape.
"""

import sys
from pathlib import Path

import duckdb

__all__ = ["copy_json", "load_json", "unpivot_csv"]


def unpivot_csv(source: Path, database: Path) -> None:
    """Read a CSV as text and store every filled cell as a row (row, column, value)."""
    with duckdb.connect(str(database)) as con:
        con.execute("SET memory_limit = '1600MB'")
        con.execute(
            """
            CREATE TABLE cells AS
            UNPIVOT (
                SELECT row_number() OVER () AS row, *
                FROM read_csv(?, all_varchar = true, header = true, delim = ',', quote = '"')
            ) ON COLUMNS(* EXCLUDE row) INTO NAME "column" VALUE "value"
            """,
            [str(source)],
        )


def load_json(source: Path, database: Path) -> None:
    """Store exported records (one JSON object a line) as a table of structs."""
    with duckdb.connect(str(database)) as con:
        con.execute("CREATE TABLE records AS SELECT * FROM read_json(?, format = 'newline_delimited')", [str(source)])


def copy_json(database: Path, target: Path) -> None:
    """Write the table as one JSON array."""
    quoted = str(target).replace("'", "''")
    with duckdb.connect(str(database), read_only=True) as con:
        con.execute(f"COPY records TO '{quoted}' (FORMAT json, ARRAY true)")


if __name__ == "__main__":
    steps = {"import": unpivot_csv, "load": load_json, "export": copy_json}
    steps[sys.argv[1]](Path(sys.argv[2]), Path(sys.argv[3]))
