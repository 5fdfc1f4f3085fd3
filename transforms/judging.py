"""Judge, value by value in Python, what expressions over whole columns could not: each distinct text once.

Most values of an address book are plain and keyed by an expression; the odd rest needs a library or Unicode tables.
"""

from collections.abc import Callable

import polars as pl

__all__ = ["Verdict", "judge_rest"]

# (key, None) when good, (None, reason) when not.
Verdict = tuple[str | None, str | None]


def judge_rest(frame: pl.DataFrame, judge: Callable[[str], Verdict]) -> pl.DataFrame:
    """Judge the texts that have no key yet.

    Args: frame [text, key]. Returns: [text, key, reason] in the same order; reason null for keys that were there.
    """
    frame = frame.with_columns(pl.lit(None, pl.String).alias("reason"))
    rest = frame["key"].is_null().arg_true()
    if rest.len() == 0:
        return frame
    texts = frame["text"].gather(rest).to_frame()
    distinct = texts["text"].unique().to_list()
    verdicts = [judge(text) for text in distinct]
    table = pl.DataFrame(
        {"text": distinct, "key": [key for key, _ in verdicts], "reason": [reason for _, reason in verdicts]},
        schema=dict.fromkeys(("text", "key", "reason"), pl.String),
    )
    judged = texts.join(table, on="text", how="left", maintain_order="left")
    return frame.with_columns(frame[name].scatter(rest, judged[name]) for name in ("key", "reason"))
