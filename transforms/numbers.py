"""Numbers of number-typed attributes, from the ways people write them: 1200, 1,200.50, $1,200, (35), 1.200,50.

A comma before exactly three last digits groups thousands, as "1,200" does in English; a lone comma elsewhere is
decimal.
"""

import polars as pl

__all__ = ["clean_numbers"]

NOT_A_NUMBER = "not a number"
PLAIN = r"^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?$"
POINT_DECIMAL = r"^[+-]?[1-9][0-9]{0,2}(?:,[0-9]{3})+(?:\.[0-9]+)?$"
COMMA_DECIMAL = r"^[+-]?(?:[0-9]{1,3}(?:\.[0-9]{3})+,[0-9]+|[0-9]+,(?:[0-9]{1,2}|[0-9]{4,})|0,[0-9]+)$"
SPACES_AND_CURRENCIES = r"[\s\u00a0\u202f'’]|\p{Sc}|^(?:USD|EUR|GBP)|(?:USD|EUR|GBP)$"


def clean_numbers(values: pl.Series) -> pl.DataFrame:
    """Read numbers.

    Args: values, stripped text without nulls.
    Returns: [number: f64, reason] in the order of values; number is null where there is a reason.
    """
    bare = pl.col("text").str.replace_all("−", "-", literal=True).str.replace_all(SPACES_AND_CURRENCIES, "")
    bare = bare.str.replace(r"^\(([^()]*)\)$", "-$1")
    digits = (
        pl.when(pl.col("bare").str.contains(PLAIN))
        .then(pl.col("bare"))
        .when(pl.col("bare").str.contains(POINT_DECIMAL))
        .then(pl.col("bare").str.replace_all(",", "", literal=True))
        .when(pl.col("bare").str.contains(COMMA_DECIMAL))
        .then(pl.col("bare").str.replace_all(".", "", literal=True).str.replace(",", ".", literal=True))
    )
    number = digits.str.strip_prefix("+").cast(pl.Float64, strict=False)
    finite = pl.when(number.is_finite()).then(number).alias("number")
    frame = pl.DataFrame({"text": values.cast(pl.String)}).with_columns(bare.alias("bare")).select(finite)
    return frame.with_columns(pl.when(pl.col("number").is_null()).then(pl.lit(NOT_A_NUMBER)).alias("reason"))
