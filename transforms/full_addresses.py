"""One-line addresses cut into the documented components where that is sure, and kept whole in `name` elsewhere.

Only an address that ends like an American one, with a state and a ZIP code, is shown to usaddress, and its answer is
taken only when it has a street or box and a city, state and ZIP code, each once.
"""

import re

import polars as pl

from transforms.mapping import ADDRESS_PARTS

__all__ = ["cut_addresses"]

AMERICAN = r"(?i)\b[A-Z]{2}\.?,?\s+[0-9]{5}(?:-[0-9]{4})?,?(?:\s+(?:US|USA|U\.S\.A\.|United States)(?: of America)?)?$"
COUNTRY = r"(?i),?\s+((?:US|USA|U\.S\.A\.|United States)(?: of America)?)$"
# What usaddress calls a component: ours.
PARTS = {
    "AddressNumber": "house_num", "StreetNamePreDirectional": "predir", "StreetNamePreModifier": "qual",
    "StreetNamePreType": "pretype", "StreetName": "name", "StreetNamePostType": "suftype",
    "StreetNamePostDirectional": "sufdir", "OccupancyType": "unit", "OccupancyIdentifier": "unit",
    "USPSBoxType": "box", "USPSBoxID": "box", "PlaceName": "city", "StateName": "state", "ZipCode": "postcode",
}  # fmt: skip
SURE = {"city", "state", "postcode"}


def cut_addresses(values: pl.Series) -> pl.DataFrame:
    """Cut distinct addresses: [value, …ADDRESS_PARTS], null where there is no such part."""
    frame = pl.DataFrame({"value": values})
    schema = dict.fromkeys(("value", *ADDRESS_PARTS), pl.String)
    is_american = pl.col("value").str.contains(AMERICAN)
    rows = [{"value": address, **_parse(address)} for address in frame.filter(is_american)["value"]]
    whole = frame.filter(~is_american).select("value", pl.col("value").alias("name"))
    parsed = pl.DataFrame(rows, schema=schema)
    return pl.concat([parsed, whole], how="diagonal").select(list(schema))


def _parse(address: str) -> dict[str, str]:
    """Cut one American address; whole unless usaddress is sure of all of it."""
    import usaddress  # it loads a model

    country = re.search(COUNTRY, address)
    bare = address if country is None else address[: country.start()]
    try:
        tagged, kind = usaddress.tag(bare)
    except usaddress.RepeatedLabelError:
        return {"name": address}
    found = {} if country is None else {"country": country[1]}
    for label, text in tagged.items():
        part = PARTS.get(label)
        if part is None:
            return {"name": address}
        found[part] = f"{found[part]} {text}" if part in found else text
    is_sure = kind in ("Street Address", "PO Box") and found.keys() >= SURE and found.keys() & {"name", "box"}
    return found if is_sure else {"name": address}
