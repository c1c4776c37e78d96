"""One attempt to deliver a webhook over HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import aiohttp

from gateway.registry.filing import http_url
from gateway.webhooks.addresses import Reach, RefusedAddress

_CONNECTIONS = 64
_GONE = 410


@dataclass(frozen=True, slots=True)
class Outcome:
    """The status that the target answered, or a word for why there is none."""

    status: int | None = None
    error: str | None = None

    @property
    def gone(self) -> bool:
        """Whether the target says that it will not be back."""
        return self.status == _GONE

    @property
    def delivered(self) -> bool:
        """Whether the target has it."""
        return self.status is not None and 200 <= self.status < 300


class Sender:
    """Posts bodies; an async context manager.

    Redirects are not followed and the body of an answer is not read: it may be endless. Every
    attempt opens a connection of its own, so that its address is looked at.
    """

    def __init__(self, reach: Reach, timeout_s: float) -> None:
        self._reach = reach
        self.timeout_s = timeout_s
        self._checked: aiohttp.ClientSession | None = None
        self._named: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        """Make ready to send."""
        self._checked = self._session(
            aiohttp.TCPConnector(
                limit=_CONNECTIONS, force_close=True, socket_factory=self._reach.connection
            )
        )
        self._named = self._session(aiohttp.TCPConnector(limit=_CONNECTIONS, force_close=True))
        return self

    async def __aexit__(self, *_: object) -> None:
        for session in (self._checked, self._named):
            if session is not None:
                await session.close()

    async def send(self, url: str, headers: Mapping[str, str], body: bytes) -> Outcome:
        """Post a body once; never raises for what the target does."""
        try:
            target = http_url(url)
            session = self._named if self._reach.names(target) else self._checked
            assert session is not None  # noqa: S101  # nobody sends before it is entered
            async with (
                asyncio.timeout(self.timeout_s),
                session.post(target, data=body, headers=headers, allow_redirects=False) as answer,
            ):
                status = answer.status
                answer.close()
        except TimeoutError:
            return Outcome(error="timeout")
        except aiohttp.ClientConnectorDNSError:
            return Outcome(error="unknown_host")
        except aiohttp.ClientSSLError:
            return Outcome(error="tls")
        except aiohttp.ClientConnectorError as error:
            refused = isinstance(error.os_error, RefusedAddress)
            return Outcome(error="refused_address" if refused else "unreachable")
        except (aiohttp.ClientError, OSError, ValueError):
            return Outcome(error="no_answer")
        return Outcome(status=status)

    def _session(self, connector: aiohttp.TCPConnector) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(
            connector=connector,
            headers={"Content-Type": "application/json", "User-Agent": "Lethe"},
            cookie_jar=aiohttp.DummyCookieJar(),
            skip_auto_headers=("Accept", "Accept-Encoding"),
            trust_env=False,
        )
