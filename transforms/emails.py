"""E-mail addresses: what is one, what is masked or a placeholder, and the key two spellings of one address share.

The text stays as sent; matching uses the key. A placeholder (none@none.com, noreply@…) is a real value without a key,
so it is stored and exported but never proof that two contacts are one.
"""

import json
import re
import unicodedata
from functools import cache
from importlib import resources

import polars as pl

from transforms.judging import Verdict, judge_rest

__all__ = ["clean_emails", "fold_email"]

NOT_AN_EMAIL = "not an e-mail address"
MASKED = "masked by the page it was copied from: the address itself is lost"
SEVERAL = "several e-mail addresses in one value: set multivalued in the mapping"

# Plain ASCII addresses, nearly all of them, need nothing but lower case; every other value goes through fold_email.
PLAIN = (
    r"^[A-Za-z0-9_%+-][A-Za-z0-9_%+'-]*(?:\.[A-Za-z0-9_%+'-]+)*"
    r"@(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,24}$"
)
MASKED_KEY = re.compile(r"^\[?email[\s\-_]?protected\]?$|^[^@]*\*{2,}[^@]*@|@[^@]*\*{2,}")
LOCAL = r"(?:\"[^\"\\]+\"|[^\s@<>()\[\]\\,;:\"]+)"
DOMAIN = r"(?:[\w\-]+\.)+[\w\-]{2,}"
ADDRESS = re.compile(rf"^{LOCAL}@{DOMAIN}$")
WRITTEN_IN = re.compile(r"[^\s<>,;|/\"'()]+@[^\s<>,;|/\"'()]+")
LONGEST = 254  # RFC 5321, 4.5.3.1.3
LONGEST_WITH_NAME = 2 * LONGEST


def clean_emails(values: pl.Series) -> pl.DataFrame:
    """Check e-mail addresses and make their keys.

    Args: values, stripped text without nulls.
    Returns: [text, key, reason] in the order of values; text as sent, key folded (null when a placeholder), reason
    null when good.
    """
    frame = pl.DataFrame({"text": values.cast(pl.String)})
    plain = pl.col("text").str.contains(PLAIN) & (pl.col("text").str.len_bytes() <= LONGEST)
    frame = frame.with_columns(pl.when(plain).then(pl.col("text").str.to_lowercase()).alias("key"))
    return judge_rest(frame, _judge).with_columns(_without_placeholders())


def fold_email(text: str) -> str:
    """Fold one address to its key: bare of mailto: and angle brackets, compatibility-normalised, case folded."""
    folded = _fold(text).strip()
    if folded.endswith(">") and "<" in folded:
        folded = folded[folded.rindex("<") + 1 : -1]
    folded = folded.strip().removeprefix("mailto:").partition("?")[0] if "mailto:" in folded else folded
    return folded.strip(" \t\r\n'\"<>,;.") if not folded.startswith('"') else folded.strip()


def _fold(text: str) -> str:
    """Fold case and compatibility forms, and drop invisible format characters, until nothing changes."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    folded = "".join(char for char in folded if unicodedata.category(char) != "Cf")
    return folded if folded == text else _fold(folded)


def _judge(text: str) -> Verdict:
    """Return (key, None) for an address, else (None, reason)."""
    # Also keeps the expressions below, some of them quadratic, away from whole letters pasted into a cell.
    if len(text) > LONGEST_WITH_NAME:
        return None, SEVERAL if text.count("@") > 1 else NOT_AN_EMAIL
    key = fold_email(text)
    if MASKED_KEY.search(key):
        return None, MASKED
    if len({fold_email(found) for found in WRITTEN_IN.findall(text)}) > 1:
        return None, SEVERAL
    if ADDRESS.match(key) and ".." not in key and len(key) <= LONGEST:
        return key, None
    return None, NOT_AN_EMAIL


@cache
def _placeholders() -> dict[str, list[str]]:
    """Read the shipped table of placeholder values."""
    text = resources.files("data").joinpath("placeholders.json").read_text(encoding="utf-8")
    table: dict[str, list[str]] = json.loads(text)
    return table


def _without_placeholders() -> pl.Expr:
    """Null the key of addresses that stand for no address."""
    table = _placeholders()
    names = "|".join(re.escape(name) for name in table["email_names"])
    domains = "|".join(re.escape(domain) for domain in table["email_domains"])
    emails = "|".join(re.escape(email) for email in table["emails"])
    stand_in = pl.col("key").str.contains(rf"^(?:(?:{names})@.*|.*@(?:{domains}|[^@]+\.invalid)|(?:{emails}))$")
    return pl.when(~stand_in).then(pl.col("key")).alias("key")
