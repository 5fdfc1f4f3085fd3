"""Labelled tables as the matcher sees them, and how well it did: pair and B³ scores.

The table is the generator's (see bench.people) or any with some of its columns. Values are cleaned here as roughly as a
script would, so that the matcher can be measured apart from the import.
"""

import polars as pl

__all__ = ["b_cubed", "evidence_of_table", "pair_scores"]

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
        pl.format("00000000-0000-0000-0000-{}", pl.int_range(pl.len()).cast(pl.String).str.zfill(12)).alias("contact"),
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


def _pairs(sizes: pl.Series) -> int:
    wide = sizes.cast(pl.Int64)
    return int((wide * (wide - 1) // 2).sum())


def _joined(members: pl.DataFrame, person: pl.Series) -> pl.DataFrame:
    """Put truth and clusters side by side: [contact, person, cluster]; a contact in no cluster is its own."""
    truth = pl.DataFrame({"person": person}).select(
        pl.format("00000000-0000-0000-0000-{}", pl.int_range(pl.len()).cast(pl.String).str.zfill(12)).alias("contact"),
        "person",
    )
    joined = truth.join(members.select("contact", "cluster"), on="contact", how="left", maintain_order="left")
    return joined.with_columns(pl.col("cluster").fill_null(-pl.int_range(pl.len()) - 1))


def pair_scores(members: pl.DataFrame, person: pl.Series) -> tuple[float, float]:
    """Return precision and recall over pairs within clusters, truth in the rows' order."""
    joined = _joined(members, person)
    right = _pairs(joined.group_by("person", "cluster").len()["len"])
    claimed = _pairs(joined.group_by("cluster").len()["len"])
    true = _pairs(joined.group_by("person").len()["len"])
    return right / max(1, claimed), right / max(1, true)


def b_cubed(members: pl.DataFrame, person: pl.Series) -> float:
    """Return the B³ F1 over records (Bagga & Baldwin 1998)."""
    joined = _joined(members, person).with_columns(
        right=pl.len().over("person", "cluster"), mine=pl.len().over("person"), claimed=pl.len().over("cluster")
    )
    precision, recall = (float((joined["right"] / joined[side]).mean() or 0.0) for side in ("claimed", "mine"))
    return 2 * precision * recall / max(1e-9, precision + recall)
