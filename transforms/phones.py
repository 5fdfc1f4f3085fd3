"""Phone numbers: the text stays as sent, the key is E.164 with '+' when the number is valid, else its bare digits.

Validity and parsing are libphonenumber's. Plainly written numbers of the North American plan, the bulk of most address
books, are decided by one regular expression built from the same metadata; other distinct values go to the library.
Keys leave extensions out. Placeholders (0000000000, 1234567890 …) have no key.
"""

import json
import re
import unicodedata
from functools import cache, partial
from importlib import resources

import phonenumbers
import polars as pl
import rphonenumbers

from storage.errors import UsageError, did_you_mean
from transforms.judging import Verdict, judge_rest

__all__ = ["clean_phones"]

TOO_FEW_DIGITS = "not a phone number: fewer than 3 digits"
TOO_LONG = "not a phone number: longer than 250 characters"
SEVERAL = "several phone numbers in one value: set multivalued in the mapping"
DAMAGED = "a spreadsheet wrote the number in scientific notation: its last digits are lost"

# Written like a North American number; the area code starts with 2-9, so neither 1 nor an exit code can hide in it.
AMERICAN = r"^(?:\+?1[-. ]?)?\(?[2-9][0-9]{2}\)?[-. ]{0,2}[0-9]{3}[-. ]?[0-9]{4}$"
PUNCTUATION = ["+", "(", ")", "-", ".", " "]
KINDS = (
    *("fixed_line", "mobile", "toll_free", "premium_rate", "shared_cost"),
    *("personal_number", "voip", "pager", "uan", "voicemail"),
)
EXTENSION = re.compile(
    r"(\d[\s).]*)(?:[,;]\s*)?(?:;ext=|ext(?:ensi[oó]n)?|e?xtn?|[x#~]|int|anexo)[\s.:]*\d{1,9}#?\s*$", re.IGNORECASE
)
# Before ";" and "," an extension may come, which is shorter than a number.
PARTED = re.compile(r"[;,/|\n]|\s(?:or|and|oder|und|ou|et|o|y|e|of|en)\s")
SHORTEST_OF_SEVERAL = 7
LONGEST = 250  # as libphonenumber has it
SCIENTIFIC = re.compile(r"^\d(?:[.,]\d+)?[eE]\+?\d{1,2}$")
# One digit throughout; an area code and 000-0000 or 555-5555.
REPEATED = "|".join((*(f"{digit}+" for digit in range(10)), "[0-9]{0,3}(?:0{7,}|5{7,})"))


def clean_phones(values: pl.Series, region: str = "US") -> pl.DataFrame:
    """Make the keys of phone numbers.

    Args: values, stripped text without nulls; region, two letters: where a number without '+' is from.
    Returns: [text, key, reason] in the order of values; text as sent, reason null when good.
    Raises UsageError for an unknown region.
    """
    _require(region)
    frame = pl.DataFrame({"text": values.cast(pl.String)}).with_columns(_american_key(region))
    return judge_rest(frame, partial(_judge, region=region)).with_columns(_without_placeholders())


def _require(region: str) -> None:
    """Raise UsageError unless region is one libphonenumber knows."""
    if region not in phonenumbers.SUPPORTED_REGIONS:
        known = sorted(phonenumbers.SUPPORTED_REGIONS)
        raise UsageError(
            f'"{region}" is not a region',
            remedy=f"Use two letters such as US or GB. {did_you_mean(region, known)}".strip(),
        )


def _american_key(region: str) -> pl.Expr:
    """Key of plainly written North American numbers, null for everything else."""
    plain = pl.col("text").str.contains(AMERICAN)
    if phonenumbers.country_code_for_region(region) != 1:
        plain &= pl.col("text").str.starts_with("+1")
    # One pass for fixed strings is three times as fast as a regular expression for all but digits.
    digits = pl.col("text").str.replace_many(PUNCTUATION, [""] * len(PUNCTUATION))
    national = pl.when(plain).then(digits.str.tail(10))
    valid = national.str.contains(_american_pattern())
    return pl.when(valid).then(pl.lit("+1") + national).otherwise(national).alias("key")


@cache
def _american_pattern() -> str:
    """Regular expression of valid ten-digit numbers: all regions and kinds of libphonenumber's metadata together."""
    patterns: dict[str, None] = {}
    for region in phonenumbers.region_codes_for_country_code(1):
        metadata = phonenumbers.PhoneMetadata.metadata_for_region(region)
        for kind in KINDS:
            described = getattr(metadata, kind)
            if described is not None and described.national_number_pattern:
                patterns[described.national_number_pattern] = None
    return "^(?:" + "|".join(f"(?:{pattern})" for pattern in patterns) + ")$"


def _judge(text: str, region: str) -> Verdict:
    """Return (key, None) for a number, else (None, reason)."""
    if len(text) > LONGEST:
        return None, TOO_LONG
    if SCIENTIFIC.match(text):
        return None, DAMAGED
    if sum(len(_digits(part)) >= SHORTEST_OF_SEVERAL for part in PARTED.split(text)) > 1:
        return None, SEVERAL
    valid = _e164(text, region)
    if valid is not None:
        return valid, None
    digits = _digits(EXTENSION.sub(r"\1", text))
    if len(digits) < 3:
        return None, TOO_FEW_DIGITS
    if len(digits) == 11 and digits.startswith("1") and phonenumbers.country_code_for_region(region) == 1:
        return digits[1:], None
    return digits, None


def _e164(text: str, region: str) -> str | None:
    """Parse with the library: the E.164 form of a valid number, else None."""
    try:
        number = rphonenumbers.parse(text, region)
    except rphonenumbers.NumberParseException:
        return None
    if not rphonenumbers.is_valid_number(number):
        return None
    return str(rphonenumbers.format_number(number, rphonenumbers.PhoneNumberFormat.E164))


def _digits(text: str) -> str:
    """Keep the decimal digits of any script, as ASCII."""
    return "".join(str(unicodedata.decimal(char)) for char in text if char.isdecimal())


def _without_placeholders() -> pl.Expr:
    """Null the key of numbers that stand for no number."""
    return pl.when(~pl.col("key").str.contains(_placeholder_pattern())).then(pl.col("key")).alias("key")


@cache
def _placeholder_pattern() -> str:
    """Regular expression of keys that are repeated digits or on the shipped list, with or without the 1 of +1."""
    text = resources.files("data").joinpath("placeholders.json").read_text(encoding="utf-8")
    return rf"^\+?1?(?:{REPEATED}|{'|'.join(json.loads(text)['phones'])})$"
