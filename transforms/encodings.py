"""Tell Windows-1252 from Mac Roman by what their letters would spell.

Every byte means something in both, so the words decide: é of the one is an È in the middle of a word in the other, ü a
cedilla that stands alone. Other encodings of one byte a letter cannot be told from these two, and are named by people.
"""

import re
from collections import Counter

__all__ = ["western_encoding"]

_WORD = re.compile(r"[^\s,;|\t\"]*[^\x00-\x7f\s][^\s,;|\t\"]*")
_MARKS_IN_TEXT = "’‘”“–—…"


def western_encoding(data: bytes) -> str:
    """Return mac_roman where its letters stand in more words as letters do than those of cp1252; else cp1252."""
    macintosh = _plausibility(data, "mac_roman")
    return "mac_roman" if macintosh > max(0, _plausibility(data, "cp1252")) else "cp1252"


def _plausibility(data: bytes, encoding: str) -> float:
    try:
        words = Counter(_WORD.findall(data.decode(encoding)))
    except UnicodeDecodeError:
        return float("-inf")
    return sum(count * _word_plausibility(word) for word, count in words.items())


def _word_plausibility(word: str) -> int:
    """Add up the marks and letters of a word that are beyond ASCII: likely ones count for it, unlikely ones against."""
    around = zip(f" {word}", word, f"{word[1:]} ", strict=False)
    return sum(_likelihood(before, letter, after) for before, letter, after in around if not letter.isascii())


def _likelihood(before: str, letter: str, after: str) -> int:
    in_word = before.isalpha() or after.isalpha()
    if letter.isalpha():
        is_odd = letter.isupper() and (before.islower() or (before.isalpha() and after.islower()))
        is_odd |= letter.islower() and before.isupper() and after.isupper()
        return -2 if is_odd else int(in_word)
    if letter == "’" and before.isalpha():
        return 1
    if before.isalpha() and after.isalpha():
        return -2
    return -int(in_word and letter not in _MARKS_IN_TEXT)
