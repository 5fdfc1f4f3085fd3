"""Read missing names off e-mail addresses: brenda.hernandez@… of a contact called Brenda, or called nothing.

Half of what a newsletter list knows of a person is the part before the @. A name is only read where the data know it
as a name, or where the rest of the address is the name that is known.
"""

import re
from collections.abc import Set as AbstractSet

__all__ = ["ROLES", "is_made_of_names", "names_in_mailbox"]

_ROLE_WORDS = """
info contact sales office admin hello support mail email team family home work service help accounts billing
hr jobs marketing press reception enquiries inquiries postmaster webmaster noreply
"""
ROLES = frozenset(_ROLE_WORDS.split())
Parts = tuple[str, str]


def names_in_mailbox(local: str, first: str, last: str, firsts: AbstractSet[str], lasts: AbstractSet[str]) -> Parts:
    """Fill in a missing first or last name from the local part of an address; '' where nothing can be read.

    Args: first, last: folded, '' when missing; firsts, lasts: the first and last names met in the data.
    """
    words = [word for word in re.split(r"[^a-z]+", local.lower().split("+")[0]) if word]
    if not words or len(words) > 2 or ROLES.intersection(words):
        return first, last
    if len(words) == 2:
        return _of_two_words(words[0], words[1], first, last, firsts, lasts)
    return _of_one_word(words[0], first, last, firsts, lasts)


def is_made_of_names(local: str, known: AbstractSet[str]) -> bool:
    """Say whether a local part is nothing but names and initials, so that any namesake may have it elsewhere."""
    if any(sign.isdigit() for sign in local):
        return False
    words = [word for word in re.split(r"[^a-z]+", local.lower()) if word]
    return all(len(word) == 1 or word in known or _is_joined(word, known) for word in words)


def _is_joined(word: str, known: AbstractSet[str]) -> bool:
    """Say whether a word is two known names, or a name with an initial, written together."""
    if word[1:] in known or word[:-1] in known:
        return True
    return any(word[:cut] in known and word[cut:] in known for cut in range(2, len(word) - 1))


def _of_two_words(
    one: str, two: str, first: str, last: str, firsts: AbstractSet[str], lasts: AbstractSet[str]
) -> Parts:
    """Read firstname.lastname or lastname.firstname."""
    for given, family in ((one, two), (two, one)):
        if first and len(family) > 2 and given in (first, first[0]):
            return first, last or family
        if last and family == last:
            return first or given, last
    for given, family in ((one, two), (two, one)):
        if not first and not last and given in firsts and (family in lasts or one == given) and len(family) > 2:
            return given, family
    return first, last


def _of_one_word(word: str, first: str, last: str, firsts: AbstractSet[str], lasts: AbstractSet[str]) -> Parts:
    """Read firstnamelastname, flastname, lastnamef, or a first name alone."""
    if first and last:
        return first, last
    if first:
        rest = _rest(word, first) or (word[1:] if word[0] == first[0] and len(word) > 4 else "")
        return first, rest if rest in lasts and len(rest) > 2 else ""
    if last:
        rest = _rest(word, last)
        return (rest if rest in firsts or len(rest) == 1 else ""), last
    for cut in range(len(word) - 3, 2, -1):
        if word[:cut] in firsts and word[cut:] in lasts:
            return word[:cut], word[cut:]
    if word in firsts:
        return word, ""
    return (word[0], word[1:]) if len(word) > 4 and word[1:] in lasts else ("", "")


def _rest(word: str, part: str) -> str:
    """Return what is left of a word that begins or ends with a name."""
    if word.startswith(part):
        return word[len(part) :]
    return word[: -len(part)] if word.endswith(part) else ""
