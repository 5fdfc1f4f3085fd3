"""Tokens are read without being repeated, and without any only this machine's own programs are let in."""

import pytest

from api_export.access import Access, Caller, caller_of, is_loopback, read_tokens
from api_export.answering import Answer
from storage.errors import UsageError

ANN, BEN = "a" * 40, "b-._~+/=" * 4
TEAM = "3f2b6c1e-0000-4000-8000-00000000000"
LINES = f"""
# who may ask
{ANN} {TEAM}1 {TEAM}8

{BEN} {TEAM}2 {TEAM}9  # the other team
"""


def _status(headers: dict[str, str], access: Access) -> int:
    found = caller_of(headers, access)
    return found.status if isinstance(found, Answer) else 200


def test_each_token_stands_for_a_user_and_a_brand() -> None:
    access = Access(read_tokens(LINES, where="tokens"))
    for token, user, brand in ((ANN, "1", "8"), (BEN, "2", "9")):
        for scheme in ("Bearer", "bearer"):
            found = caller_of({"authorization": f"{scheme} {token}"}, access)
            assert isinstance(found, Caller)
            assert (str(found.user), str(found.brand)) == (TEAM + user, TEAM + brand)


def test_semicolons_part_tokens_as_lines_do() -> None:
    one_line = "; ".join(line for line in LINES.splitlines() if line.startswith((ANN, BEN)))
    assert read_tokens(one_line, where="ONECARD_TOKENS") == read_tokens(LINES, where="tokens")


@pytest.mark.parametrize(
    "header",
    [None, "", "Bearer", "Bearer ", f"Bearer {ANN}x", f"Bearer {ANN[:-1]}", f"Basic {ANN}", ANN, "Bearer ä\udcff"],
)
def test_without_the_right_token_nobody_is_let_in(header: str | None) -> None:
    headers = {"host": "127.0.0.1", **({} if header is None else {"authorization": header})}
    assert _status(headers, Access(read_tokens(LINES, where="tokens"))) == 401


@pytest.mark.parametrize(
    "line",
    [ANN, f"{ANN} {TEAM}1", f"{ANN} {TEAM}1 {TEAM}2 more", f"{ANN} user {TEAM}2", f"{'a' * 31} {TEAM}1 {TEAM}2",
     f"{'a' * 31}ä {TEAM}1 {TEAM}2", f"{ANN} {TEAM}1 {TEAM}2\n{ANN} {TEAM}3 {TEAM}4"],
)  # fmt: skip
def test_a_line_that_is_no_token_is_named_by_its_place_and_not_repeated(line: str) -> None:
    with pytest.raises(UsageError) as raised:
        read_tokens(line, where="tokens.txt")
    assert f"tokens.txt:{len(line.splitlines())}" in str(raised.value)
    assert line.split(maxsplit=1)[0] not in str(raised.value)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"host": "127.0.0.1:8000"}, 200),
        ({"host": "localhost"}, 200),
        ({"host": "[::1]:8000"}, 200),
        ({"host": "127.0.0.1:8000", "origin": "http://127.0.0.1:8000"}, 200),
        ({"host": "127.0.0.1:8000", "origin": "http://127.0.0.1:9000"}, 403),
        ({"host": "127.0.0.1:8000", "origin": "https://example.com"}, 403),
        ({"host": "127.0.0.1:8000", "origin": "null"}, 403),
        ({"host": "127.0.0.1.example.com"}, 403),
        ({"host": "rebound.example.com:8000"}, 403),
        ({"host": "[::1"}, 403),
        ({}, 403),
    ],
)
def test_without_tokens_web_pages_are_kept_out(headers: dict[str, str], status: int) -> None:
    assert _status(headers, Access({})) == status


@pytest.mark.parametrize(
    ("host", "expected"), [("127.0.0.1", True), ("127.3.2.1", True), ("::1", True), ("localhost", True),
                           ("0.0.0.0", False), ("::", False), ("192.168.1.5", False), ("example.com", False),
                           ("", False)],
)  # fmt: skip
def test_this_machine_is_told_from_others(host: str, expected: bool) -> None:
    assert is_loopback(host) is expected
