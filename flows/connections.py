"""Connections of `onecard serve` on which nothing comes: they are closed, for a process has only so many.

uvicorn waits for a body as long as the application does, and for the next request a few seconds, but for the head of a
request forever.
"""

import asyncio

from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

__all__ = ["HEAD_S", "ImpatientProtocol"]

HEAD_S = 20
"""So long the head of a request may take, from when the connection was made or the last answer given."""


class ImpatientProtocol(H11Protocol):
    """HTTP/1.1 on one connection, which is closed when the head of a request does not come in time."""

    _patience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for the first request."""
        super().connection_made(transport)
        self._wait_for_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing more."""
        self._stop_waiting()
        super().connection_lost(exc)

    def on_response_complete(self) -> None:
        """Wait for the next request, which may have come already."""
        self._wait_for_head()
        super().on_response_complete()

    def _wait_for_head(self) -> None:
        self._stop_waiting()
        self._patience = self.loop.call_later(HEAD_S, self._close_unless_asked, self.cycle)

    def _stop_waiting(self) -> None:
        if self._patience is not None:
            self._patience.cancel()

    def _close_unless_asked(self, last: RequestResponseCycle | None) -> None:
        if self.cycle is last:
            self.transport.close()
