"""Take JSON documents apart with DuckDB, in memory: elements of an array, lines of NDJSON, fields of objects.

Text in, frames of text out, beside each value the type it had, so that judging it is left to the caller.
"""

from collections.abc import Sequence

import duckdb
import polars as pl

__all__ = ["array_elements", "nested_elements", "object_fields", "object_keys", "text_lines"]


def array_elements(document: str, pointer: str) -> pl.DataFrame:
    """List the elements of the array at a JSON pointer ("" = the document): [row: u32 (from 1), body: str, kind: str].

    `kind` is DuckDB's name of the element's type: OBJECT, ARRAY, VARCHAR, BIGINT, UBIGINT, DOUBLE, BOOLEAN or NULL.
    No rows when there is no array there, or an empty one. Raises ValueError when the document is not JSON.
    """
    path = f"${pointer.replace('/', '.')}[*]"
    return _query(
        """
        SELECT generate_subscripts(elements, 1)::UINTEGER AS row, unnest(elements)::VARCHAR AS body,
            unnest(list_transform(elements, lambda element: json_type(element))) AS kind
        FROM (SELECT json_extract(?::JSON, ?) AS elements)
        """,
        [document, path],
    )


def nested_elements(objects: pl.DataFrame, key: str) -> pl.DataFrame:
    """List the elements of the arrays at a key of objects [row, body]: [row, position: u32 (from 1), body, kind]."""
    return _query(
        """
        SELECT row, generate_subscripts(elements, 1)::UINTEGER AS position, unnest(elements)::VARCHAR AS body,
            unnest(list_transform(elements, lambda element: json_type(element))) AS kind
        FROM (SELECT row, json_extract(body, '$.' || ? || '[*]') AS elements FROM objects) ORDER BY row, position
        """,
        [key],
        objects=objects,
    )


def text_lines(document: str) -> pl.DataFrame:
    """List the lines that are not blank as JSON texts: [row: u32 (from 1), body: str, kind: str|null (not JSON)]."""
    lines = pl.DataFrame({"body": [document]}).select(pl.col("body").str.split("\n").explode().str.strip_chars())
    lines = lines.filter(pl.col("body") != "").with_row_index("row", offset=1)
    query = "SELECT row, body, CASE WHEN json_valid(body) THEN json_type(body) END AS kind FROM lines ORDER BY row"
    return _query(query, [], lines=lines)


def object_keys(objects: pl.DataFrame) -> list[str]:
    """List the keys of all objects [row, body] in the order they are first met."""
    keys = _query(
        """
        SELECT key FROM (
            SELECT row, unnest(json_keys(body)) AS key, generate_subscripts(json_keys(body), 1) AS place FROM objects
        ) GROUP BY key ORDER BY min(row::HUGEINT * 4294967296 + place)
        """,
        [],
        objects=objects,
    )
    return keys.get_column("key").to_list()


def object_fields(objects: pl.DataFrame, keys: Sequence[str]) -> pl.DataFrame:
    """Take fields out of objects [row, body]: [row, v0: str|null, t0: str|null (type), v1 …], in the order of rows.

    Strings come unquoted, all else as JSON text.
    """
    pointers = ["/" + key.replace("~", "~0").replace("/", "~1") for key in keys]
    places = range(1, len(keys) + 1)
    columns = "".join(f", found[{place}] AS v{place - 1}, kinds[{place}] AS t{place - 1}" for place in places)
    return _query(
        f"""
        SELECT row{columns} FROM (
            SELECT row, json_extract_string(body, ?::VARCHAR[]) AS found, json_type(body, ?::VARCHAR[]) AS kinds
            FROM objects
        ) ORDER BY row
        """,
        [pointers, pointers],
        objects=objects,
    )


def _query(sql: str, parameters: list[object], **frames: pl.DataFrame) -> pl.DataFrame:
    with duckdb.connect(config={"autoinstall_known_extensions": False}) as con:
        for name, frame in frames.items():
            con.register(name, frame)
        try:
            found: pl.DataFrame = con.sql(sql, params=parameters).pl()
        except (duckdb.ConversionException, duckdb.InvalidInputException) as error:
            raise ValueError(str(error).partition("\n")[0]) from error
    return found
