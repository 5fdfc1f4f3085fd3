"""Who may ask over HTTP: holders of a token, each for a user within a brand; without tokens, programs of this machine.

A token is a line `TOKEN USER BRAND`. Without tokens the whole database is open, as to the local command line, so
requests that a web page could have sent are refused: those for another host name (DNS rebinding) or from another origin
(CSRF).
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit
from uuid import UUID

from api_export.answering import Answer, refusal
from storage.errors import UsageError

__all__ = ["Access", "Caller", "caller_of", "is_loopback", "read_tokens"]

SHORTEST_TOKEN = 32
FORM = "A line is TOKEN USER BRAND: at least 32 letters, digits or -._~+/= and two UUIDs; # begins a comment."
TOKEN_MARKS = frozenset("-._~+/=")


@dataclass(frozen=True)
class Caller:
    """For whom a request is answered; None for the user is the database's own, for the brand the whole database."""

    user: UUID | None = None
    brand: UUID | None = None


@dataclass(frozen=True)
class Access:
    """The callers by the SHA-256 of their tokens; without any, whoever is on this machine is `local`."""

    tokens: Mapping[bytes, Caller]
    local: Caller = Caller()


def read_tokens(text: str, *, where: str) -> dict[bytes, Caller]:
    """Read tokens, one a line or parted by semicolons.

    Raises: UsageError, which never repeats a token.
    """
    found: dict[bytes, Caller] = {}
    for number, line in enumerate(text.replace(";", "\n").splitlines(), 1):
        words = line.partition("#")[0].split()
        if not words:
            continue
        try:
            token, user, brand = words
            caller = Caller(UUID(user), UUID(brand))
        except ValueError as cause:
            raise UsageError("this is no token with a user and a brand", where=f"{where}:{number}", remedy=FORM) from (
                cause
            )
        if len(token) < SHORTEST_TOKEN or not _is_token(token):
            raise UsageError("the token is too short or has other marks in it", where=f"{where}:{number}", remedy=FORM)
        if _digest(token) in found:
            raise UsageError("the same token stands there twice", where=f"{where}:{number}", remedy=FORM)
        found[_digest(token)] = caller
    return found


def caller_of(headers: Mapping[str, str], access: Access) -> Caller | Answer:
    """Return who asks, or the refusal; the names of the headers are in lower case."""
    if not access.tokens:
        return _local(headers, access)
    scheme, _, token = headers.get("authorization", "").partition(" ")
    sent = _digest(token.strip()) if scheme.lower() == "bearer" else b""
    # All are compared, in constant time: how long it takes says nothing about any of them.
    found = [caller for digest, caller in access.tokens.items() if hmac.compare_digest(digest, sent)]
    return found[0] if found else refusal(401, "send a token: Authorization: Bearer TOKEN")


def is_loopback(host: str) -> bool:
    """Whether an address, or the name of one, is this machine's own."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _local(headers: Mapping[str, str], access: Access) -> Caller | Answer:
    host = headers.get("host", "")
    if not is_loopback(_name(host)):
        return refusal(403, "without tokens only requests to 127.0.0.1, ::1 or localhost are answered")
    if headers.get("origin", f"http://{host}") != f"http://{host}":
        return refusal(403, "without tokens no requests from web pages of elsewhere are answered")
    return access.local


def _name(host: str) -> str:
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def _is_token(text: str) -> bool:
    return text.isascii() and all(mark.isalnum() or mark in TOKEN_MARKS for mark in text)


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).digest()
