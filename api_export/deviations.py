"""Where answers differ from the document's printed ones on purpose, each with the rule it follows from.

The contract tests replay every printed example and allow exactly these differences; the reference shows the same table.
"""

from dataclasses import dataclass

__all__ = ["DEVIATIONS", "Deviation"]


@dataclass(frozen=True)
class Deviation:
    """One difference: the example's number, where in `data` ("*" stands for any place of a list), rule and reason."""

    example: str
    where: str
    rule: str
    reason: str


_CLOCK = "the page's clock stands still, so what was edited sorts last there; with a real clock it sorts first"
_TOUCH = (
    "the page keeps the frequency of a tag that is gone; here the contact's own comes back, or that of its other tags"
)
_PHONES = "the page orders phones of one instant arbitrarily; here the parent's own come first, in their old order"
_STAMP = "the page leaves one of the parent's own rows unstamped; here every row the merge keeps is stamped"
_PLACE = "the page keeps files in a store of its own, with signed addresses; here they lie beside the database"

DEVIATIONS: tuple[Deviation, ...] = (
    Deviation("10", "tags.*", "A2", _CLOCK),
    Deviation("12", "path", "S9", _PLACE),
    Deviation("12", "url", "S9", _PLACE),
    Deviation("12", "preview_url", "S9", _PLACE),
    Deviation("19", "touch_freq", "G11", _TOUCH),
    Deviation("19", "next_touch", "G11", _TOUCH),
    Deviation("24", "phone_number", "H10", _PHONES),
    Deviation("24", "primary_phone_number", "H10", _PHONES),
    Deviation("24", "phone_numbers.*", "H10", _PHONES),
    Deviation("24", "attributes.*.updated_by", "H6", _STAMP),
)
