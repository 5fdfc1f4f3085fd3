"""Labelled tables as the matcher sees them.

The table is the generator's (see bench.people) or any with some of its columns. Values are cleaned here as roughly as a
script would, so that the matcher can be measured apart from the import.
"""

import polars as pl

__all__ = ["evidence_of_table", "truth_of_table"]

PLACEHOLDERS = ("none@none.com", "noemail@noemail.com", "test@test.com", "na@na.com")
TEXTS = ("first_name", "middle_name", "last_name", "nickname", "company", "job_title")
ADDRESS = {"house_num": "house_num", "street": "street", "extra": "extra", "city": "city", "state": "state"} | {
    "country": "country",
    "postcode": "postcode",
}


def evidence_of_table(table: pl.DataFrame) -> pl.DataFrame:
    """Lay a labelled table out as evidence; contact ids follow its rows."""

    def text(name: str) -> pl.Expr:
        return pl.col(name) if name in table.columns else pl.lit(None, dtype=pl.String)

    address = pl.struct(**{part: text(column) for part, column in ADDRESS.items()})
    has_address = pl.any_horizontal(text(name).is_not_null() for name in ADDRESS if name not in ("state", "country"))
    return table.select(
        _contact_ids(),
        pl.lit(0, dtype=pl.UInt32).alias("owner"),
        *[text(name).alias(name) for name in TEXTS],
        _emails(text("emails")).alias("emails"),
        _phones(text("phone_numbers")).alias("phones"),
        text("birthday").str.to_date("%Y-%m-%d", strict=False).to_physical().cast(pl.Int32).alias("birthday"),
        pl.when(has_address).then(pl.concat_list(address)).alias("addresses"),
        *[pl.col(name) for name in table.columns if name.startswith("custom:")],
    )


def _emails(texts: pl.Expr) -> pl.Expr:
    value = pl.element()
    is_real = value.str.contains(r"^[^@\s]+@[^@\s]+\.[^@\s]+$") & ~value.is_in(PLACEHOLDERS)
    return texts.str.to_lowercase().str.split("; ").list.eval(value.filter(is_real))


def _phones(texts: pl.Expr) -> pl.Expr:
    digits = pl.element().str.replace(r"(?i)\s*(x|ext).*$", "").str.replace_all(r"\D", "")
    is_real = (digits.str.len_chars() >= 7) & ~digits.str.contains("0{7}|5{7}|9{7}|1{7}|1234567890")
    return texts.str.split("; ").list.eval(digits.filter(is_real))


def truth_of_table(table: pl.DataFrame, label: str) -> pl.DataFrame:
    """Return who is who: [contact, person], ids as evidence_of_table gives them."""
    return table.select(_contact_ids(), pl.col(label).alias("person"))


def _contact_ids() -> pl.Expr:
    number = pl.int_range(pl.len()).cast(pl.String).str.zfill(12)
    return pl.format("00000000-0000-0000-0000-{}", number).alias("contact")
