"""Connections of `onecard serve` on which nothing comes: they are closed, for a process has only so many.

uvicorn waits for a body as long as the application does, and for the next request a few seconds, but for the head of a
request forever; and it takes connections until the process can open nothing more.
"""

import asyncio
import resource

from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

__all__ = ["AT_ONCE", "HEAD_S", "MOST_CONNECTIONS", "ImpatientProtocol"]

HEAD_S = 20
"""So long the head of a request may take, from when the connection was made or the last answer given."""
ENDING_S = 5
"""So long the rest of a request may take when the server ends."""
MOST_CONNECTIONS = resource.getrlimit(resource.RLIMIT_NOFILE)[0] // 2
"""So many are held; the database, uploads and what DuckDB lays on disk need files too."""
AT_ONCE = 100
"""So many are taken before any of them is looked at."""


class ImpatientProtocol(H11Protocol):
    """HTTP/1.1 on one connection, which is closed when the head of a request does not come in time.

    When there are too many connections, that which has waited longest for a head is closed at once.
    """

    _patience: asyncio.TimerHandle
    _answered: RequestResponseCycle | None
    _is_last = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for the first request."""
        super().connection_made(transport)
        self._wait_for_head()
        if len(self.connections) > MOST_CONNECTIONS:
            waiting = [one for one in self.connections if isinstance(one, ImpatientProtocol) and one._is_waiting()]
            min(waiting, key=lambda one: one._patience.when())._give_up()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing more."""
        self._patience.cancel()
        super().connection_lost(exc)

    def eof_received(self) -> bool:  # type: ignore[override]
        """Hold on for the answer when a whole request came before its sender said that nothing more will."""
        self._is_last = self.cycle is not self._answered and not self.cycle.more_body
        return self._is_last

    def shutdown(self) -> None:
        """Answer the request under way before the server ends, unless what is missing of it does not come soon."""
        super().shutdown()
        self.loop.call_later(ENDING_S, self._drop_unfinished)

    def on_response_complete(self) -> None:
        """Wait for the next request, which may have come already."""
        self._patience.cancel()
        self._wait_for_head()
        super().on_response_complete()
        if self._is_last and self.cycle is self._answered:
            self.transport.close()

    def _wait_for_head(self) -> None:
        self._answered = self.cycle
        self._patience = self.loop.call_later(HEAD_S, self._give_up)

    def _is_waiting(self) -> bool:
        return self.cycle is self._answered and not self.transport.get_write_buffer_size()

    def _give_up(self) -> None:
        if self._is_waiting():
            self.connections.discard(self)
            self.transport.abort()

    def _drop_unfinished(self) -> None:
        if self.cycle is not self._answered and self.cycle.more_body:
            self.transport.abort()
