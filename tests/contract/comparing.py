"""Compare an answer with a printed one, key by key and order by order; ids and times cannot be the same and are mapped.

An id of one side stands for one id of the other wherever it occurs; a time for a time.
"""

import re
from collections.abc import Iterator
from typing import Any

from documented import INVENTED, MASK

from api_export.deviations import DEVIATIONS

ID = re.compile(r"^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$")
TIMES = ("created_at", "updated_at", "deleted_at", "last_touch", "next_touch")


def differences(answer: Any, printed: Any) -> set[str]:
    """Name the places in which an answer differs from the printed one: "0.tags", "attributes.*.label" …"""
    return {re.sub(r"(?<![^.])\d+(?![^.])", "*", place) for place in _differing(answer, printed, "", {})}


def allowed(example: str) -> set[str]:
    """Name the places in which an example's answer is said to differ."""
    return {deviation.where for deviation in DEVIATIONS if deviation.example == example}


def _differing(answer: Any, printed: Any, place: str, ids: dict[str, str]) -> Iterator[str]:
    if isinstance(printed, dict) and isinstance(answer, dict):
        if [*answer] != [*printed]:
            yield f"{place}.keys".lstrip(".")
        for key in printed.keys() & answer.keys():
            yield from _differing(answer[key], printed[key], f"{place}.{key}".lstrip("."), ids)
    elif isinstance(printed, list) and isinstance(answer, list):
        if len(printed) != len(answer):
            yield f"{place}.length".lstrip(".")
        for at, (mine, theirs) in enumerate(zip(answer, printed, strict=False)):
            yield from _differing(mine, theirs, f"{place}.{at}".lstrip("."), ids)
    elif not _is_same(answer, printed, place, ids):
        yield place


def _is_same(answer: Any, printed: Any, place: str, ids: dict[str, str]) -> bool:
    if printed == MASK:
        return isinstance(answer, str) and INVENTED.search(answer) is not None
    if place.rpartition(".")[2] in TIMES:
        return type(answer) is type(printed)
    if isinstance(printed, str) and isinstance(answer, str) and ID.match(printed):
        return ID.match(answer) is not None and ids.setdefault(printed, answer) == answer
    return bool(answer == printed and type(answer) is type(printed))
