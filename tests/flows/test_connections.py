"""A connection on which no request comes is closed; one that is answered is not."""

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from threading import Thread

import anyio
import pytest
import uvicorn
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from flows import connections
from flows.connections import ImpatientProtocol

Connect = Callable[[], socket.socket]
ASKED = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
UNFINISHED = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{"


async def answer(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer when the patience for a head is long over, if there is little."""
    await Request(scope, receive).body()
    await anyio.sleep(min(10 * connections.HEAD_S, 0.2))
    await PlainTextResponse("answered")(scope, receive, send)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> uvicorn.Server:
    monkeypatch.setattr(connections, "HEAD_S", 0.02)
    return uvicorn.Server(uvicorn.Config(answer, http=ImpatientProtocol, lifespan="off", log_config=None))


@pytest.fixture
def connect(server: uvicorn.Server) -> Iterator[Connect]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        serving = Thread(target=server.run, kwargs={"sockets": [listening]})
        serving.start()
        yield lambda: socket.create_connection(listening.getsockname())
        server.should_exit = True
        serving.join()


@pytest.mark.parametrize("sent", [b"", b"G", ASKED[:-2]])
def test_a_connection_without_a_request_is_closed(connect: Connect, sent: bytes) -> None:
    with connect() as connection:
        connection.sendall(sent)
        assert connection.recv(100) == b""


@pytest.mark.parametrize("sent", [ASKED, ASKED + ASKED, ASKED + ASKED[:-2]])
def test_whoever_asked_is_answered_and_then_waited_for_no_longer_than_at_first(connect: Connect, sent: bytes) -> None:
    with connect() as connection:
        connection.sendall(sent)
        answered = b"".join(iter(lambda: connection.recv(10_000), b""))
    assert answered.count(b"answered") == sent.count(ASKED)


@pytest.mark.parametrize(
    ("sent", "answers"), [(ASKED, 1), (ASKED + ASKED, 2), (ASKED + ASKED[:-2], 1), (UNFINISHED, 0)]
)
def test_whoever_says_that_no_more_comes_is_answered_what_was_asked(
    connect: Connect, monkeypatch: pytest.MonkeyPatch, sent: bytes, answers: int
) -> None:
    monkeypatch.setattr(connections, "HEAD_S", 1_000)
    with connect() as connection:
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)
        answered = b"".join(iter(lambda: connection.recv(10_000), b""))
    assert answered.count(b"answered") == answers


def test_of_too_many_connections_the_one_that_waits_longest_is_closed(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "HEAD_S", 1_000)
    monkeypatch.setattr(connections, "MOST_CONNECTIONS", 3)
    with connect() as silent, connect() as half, connect() as asking:
        half.sendall(ASKED[:-2])
        _asked(asking, ASKED)
        with connect() as last:
            assert silent.recv(100) == b""
            for connection, sent in ((asking, ASKED), (half, ASKED[-2:]), (last, ASKED)):
                _asked(connection, sent)


def _asked(connection: socket.socket, sent: bytes) -> None:
    connection.sendall(sent)
    answered = b""
    while not answered.endswith(b"answered"):
        answered += connection.recv(10_000)


@pytest.mark.parametrize(("sent", "answers"), [(ASKED, 1), (UNFINISHED, 0)])
def test_a_server_that_ends_answers_what_was_asked_and_waits_for_no_more(
    server: uvicorn.Server, connect: Connect, monkeypatch: pytest.MonkeyPatch, sent: bytes, answers: int
) -> None:
    monkeypatch.setattr(connections, "ENDING_S", 0.3)
    with connect() as connection:
        connection.settimeout(60)
        connection.sendall(sent)
        while not server.server_state.tasks:
            time.sleep(0.01)
        server.should_exit = True
        with suppress(ConnectionResetError):
            assert b"".join(iter(lambda: connection.recv(10_000), b"")).count(b"answered") == answers
