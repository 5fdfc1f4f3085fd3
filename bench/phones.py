"""`python -m bench.phones`: hold the fast reading of phone numbers to the reference, and write bench/PHONES.md.

200,000 numbers of 30 countries, valid ones and broken ones in the ways people write them, are keyed as an import does
and by libphonenumber's own port alone; every number whose keys differ is listed with what each of the two says.
"""

import random
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import phonenumbers
import polars as pl
from phonenumbers import NumberParseException, PhoneNumberFormat, PhoneNumberType

from transforms.phones import clean_phones

__all__ = ["main"]

REGIONS = (
    "US", "CA", "MX", "BR", "AR", "CL", "CO", "GB", "IE", "FR", "DE", "AT", "CH", "IT", "ES", "PT", "NL", "BE", "SE",
    "NO", "DK", "FI", "PL", "CZ", "TR", "IN", "CN", "JP", "AU", "ZA",
)  # fmt: skip
NUMBERS = 200_000
SEED = 30
KINDS = (
    PhoneNumberType.FIXED_LINE, PhoneNumberType.MOBILE, PhoneNumberType.TOLL_FREE, PhoneNumberType.PREMIUM_RATE,
    PhoneNumberType.SHARED_COST, PhoneNumberType.VOIP,
)  # fmt: skip
FORMATS = (
    PhoneNumberFormat.NATIONAL, PhoneNumberFormat.INTERNATIONAL, PhoneNumberFormat.E164, PhoneNumberFormat.RFC3966,
)  # fmt: skip
FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
ENDINGS = ("", "", "", "", " x12", " ext. 345", ";ext=7", " #9", " (home)", ",")


def main() -> int:
    """Compare, write the table, and return 0 when no number differs."""
    chance = random.Random(SEED)
    parts = []
    for place, region in enumerate(REGIONS):
        share = NUMBERS // len(REGIONS) + (place < NUMBERS % len(REGIONS))
        parts.append(_compared(region, [_number(region, chance) for _ in range(share)]))
    compared = pl.concat(parts)
    text = "\n".join(_lines(compared)) + "\n"
    print(text)
    (Path(__file__).parent / "PHONES.md").write_text(text, encoding="utf-8")
    return int(compared.filter("differs").height > 0)


def _number(region: str, chance: random.Random) -> str:
    """Write a number of a country as somebody might: some digits drawn anew, in one of many forms, or broken."""
    example = next(
        filter(None, (phonenumbers.example_number_for_type(region, kind) for kind in chance.sample(KINDS, 6)))
    )
    national = phonenumbers.national_significant_number(example)
    drawn = chance.choice((0, 2, 4, 6, 8, len(national)))
    digits = national[: len(national) - drawn] + "".join(chance.choices("0123456789", k=min(drawn, len(national))))
    number = phonenumbers.parse(f"+{example.country_code}{digits}", None) if len(digits) > 3 else example
    text = phonenumbers.format_number(number, chance.choice(FORMATS))
    return _as_written(text, digits, chance) + chance.choice(ENDINGS)


def _as_written(text: str, digits: str, chance: random.Random) -> str:
    match chance.randrange(12):
        case 0:
            return digits
        case 1:
            return text.replace(" ", chance.choice((".", "-", "", "/", "\u00a0", " - ")))
        case 2:
            return text.replace("+", chance.choice(("00", "011 ", "011-", "++", "＋", "0011 ")))
        case 3:
            return text.translate(FULL_WIDTH)
        case 4:
            return text[:-1]
        case 5:
            return text + chance.choice("0123456789")
        case 6:
            return f"({digits[:3]}) {digits[3:6]}-{digits[6:]}"
        case 7:
            return chance.choice(("Tel: ", "tel:", "mobile ", "+", "0")) + text
        case _:
            return text


def _compared(region: str, texts: list[str]) -> pl.DataFrame:
    """Key numbers both ways: [region, text, fast, reference, differs]."""
    values = pl.Series("text", texts).str.strip_chars()
    fast = clean_phones(values, region)["key"]
    reference = pl.Series([_reference(text, region) for text in values], dtype=pl.String)
    # What is not valid has no E.164 form; its key is our own affair. Placeholders have no key at all.
    valid = pl.when(pl.col("fast").str.starts_with("+")).then("fast")
    is_placeholder = pl.col("fast").is_null() & pl.col("reference").is_not_null()
    frame = pl.DataFrame({"text": values, "fast": fast, "reference": reference})
    return frame.select(
        pl.lit(region).alias("region"), "text", valid.alias("fast"), "reference",
        is_placeholder.alias("is_placeholder"),
        (valid.ne_missing(pl.col("reference")) & ~is_placeholder).alias("differs"),
    )  # fmt: skip


def _reference(text: str, region: str) -> str | None:
    try:
        number = phonenumbers.parse(text, region)
    except NumberParseException:
        return None
    return phonenumbers.format_number(number, PhoneNumberFormat.E164) if phonenumbers.is_valid_number(number) else None


def _lines(compared: pl.DataFrame) -> Iterator[str]:
    differing = compared.filter("differs")
    yield "# Phone numbers: fast against reference"
    yield ""
    yield (
        f"{compared.height:,} numbers of {len(REGIONS)} countries, keyed as an import keys them (an expression, then "
        f"rphonenumbers {version('rphonenumbers')})"
    )
    yield f"and by phonenumbers {version('phonenumbers')} alone. **{differing.height} differ.**"
    yield ""
    yield "| country | numbers | valid | placeholders | differ |"
    yield "|---|---:|---:|---:|---:|"
    for (region,), some in compared.group_by("region", maintain_order=True):
        counts = (some.height, some["reference"].count(), some["is_placeholder"].sum(), some["differs"].sum())
        yield f"| {region} | {' | '.join(map(str, counts))} |"
    yield ""
    yield "Placeholders (repeated digits and the like) are valid to the library and have no key here, on purpose."
    if differing.height:
        yield ""
        yield "| country | number | fast | reference |"
        yield "|---|---|---|---|"
        for region, text, fast, reference in differing.select("region", "text", "fast", "reference").rows():
            yield f"| {region} | `{text.replace('|', '¦')}` | {fast or 'not valid'} | {reference or 'not valid'} |"


if __name__ == "__main__":
    sys.exit(main())
