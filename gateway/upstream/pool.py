"""The pool of vLLM endpoints: choosing one, talking to it, letting go of it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Self

import aiohttp
import orjson

from gateway.errors import ApiError, InvalidRequest, NotFound
from gateway.telemetry import Took, untold
from gateway.upstream.endpoint import Endpoint
from gateway.upstream.errors import from_exception, from_reply, malformed, unreachable
from gateway.upstream.health import check_all, check_forever
from gateway.upstream.session import bounded_session, read_limited, sendable
from gateway.upstream.stream import UpstreamStream
from gateway.upstream.tokens import PromptTokens, estimate, payloads

_CONNECT_S = 5.0
_QUEUE_S = 30.0
"""Seconds that a request waits for a free connection before it is given up."""
_TOKENIZE_S = 1.0
_LARGEST_REPLY = 64 * 2**20
_LARGEST_ERROR = 64 * 2**10
_FAILURES = (aiohttp.ClientError, TimeoutError, OSError)


class UpstreamPool:
    """Endpoints behind one bounded session; an async context manager.

    `urls` are base URLs without `/v1`, `timeout_s` the seconds without a byte after which an
    exchange is given up, `connections` the bound over all endpoints. Checks run every
    `check_s` seconds over a few connections of their own: a pool that is busy to the last
    connection must not look unhealthy. `took` is told how long engines take to begin an answer,
    `traced` gives the headers that their traces go by.
    """

    def __init__(
        self,
        urls: Sequence[str],
        *,
        api_key: str | None = None,
        timeout_s: float = 600.0,
        connections: int = 512,
        check_s: float = 2.0,
        took: Took = untold,
        traced: Callable[[], Mapping[str, str]] = dict,
    ) -> None:
        self.endpoints = tuple(Endpoint(url) for url in urls)
        self._key = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        self._timeout = aiohttp.ClientTimeout(
            total=None, connect=_QUEUE_S, sock_connect=_CONNECT_S, sock_read=timeout_s
        )
        self._connections = connections
        self._check_s = check_s
        self._took = took
        self._traced = traced
        self._session: aiohttp.ClientSession
        self._control: aiohttp.ClientSession
        self._checks: asyncio.Task[None]

    async def __aenter__(self) -> Self:
        """Open the session and check every endpoint once; none needs to be up yet."""
        self._session = bounded_session(self._connections, self._timeout)
        self._control = bounded_session(
            max(2, len(self.endpoints)), aiohttp.ClientTimeout(total=self._check_s), self._key
        )
        await check_all(self._control, self.endpoints)
        self._checks = asyncio.create_task(
            check_forever(self._control, self.endpoints, self._check_s)
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        self._checks.cancel()
        with suppress(asyncio.CancelledError):
            await self._checks
        await self._control.close()
        await self._session.close()

    def models(self) -> list[dict[str, Any]]:
        """Cards of all models that healthy endpoints serve, each once."""
        cards: dict[str, dict[str, Any]] = {}
        for endpoint in self.endpoints:
            if endpoint.healthy:
                cards = endpoint.models | cards
        return list(cards.values())

    def choose(self, model: str, beside: Endpoint | None = None) -> Endpoint:
        """The healthy endpoint for a model with the fewest requests under way, not `beside`.

        Raises `NotFound` when no endpoint serves the model, `NotReady` when none is healthy.
        """
        serving = [e for e in self.endpoints if model in e.models]
        able = [e for e in serving if e.healthy and e is not beside]
        if able:
            return min(able, key=lambda endpoint: endpoint.outstanding)
        if serving or not any(endpoint.healthy for endpoint in self.endpoints):
            raise unreachable()
        raise NotFound(
            f"The model `{model[:200]}` does not exist.", param="model", code="model_not_found"
        )

    def system_fingerprint(self, model: str) -> str | None:
        """What replies for this model carry as `system_fingerprint`, as far as is known."""
        return next((e.system_fingerprint for e in self.endpoints if model in e.models), None)

    async def send(
        self, path: str, model: str, body: bytes, request_id: str, to: Endpoint | None = None
    ) -> bytes:
        """Post a JSON body and return the JSON answer; raises `ApiError`.

        `to` is the only endpoint that may have it, where there is only one. Cancelling the call
        drops the connection, which cancels the generation.
        """
        began = time.perf_counter()
        endpoint, response = await self._open(path, model, body, request_id, to)
        self._took("first_byte", time.perf_counter() - began)
        try:
            reply = await read_limited(response, _LARGEST_REPLY)
            fields = orjson.loads(reply)
        except _FAILURES as error:
            raise from_exception(error) from error
        except orjson.JSONDecodeError:
            raise malformed() from None
        finally:
            endpoint.outstanding -= 1
            response.close()
        if not isinstance(fields, dict):
            raise malformed()
        fingerprint = fields.get("system_fingerprint")
        endpoint.system_fingerprint = fingerprint if isinstance(fingerprint, str) else None
        return reply

    async def stream(
        self, path: str, model: str, body: bytes, request_id: str, to: Endpoint | None = None
    ) -> UpstreamStream:
        """Post a JSON body and return the streamed answer; `to` as for `send`."""
        began = time.perf_counter()
        endpoint, response = await self._open(path, model, body, request_id, to)

        def begun() -> None:
            self._took("first_byte", time.perf_counter() - began)

        stream = UpstreamStream(endpoint, response, begun)
        if response.content_type != "text/event-stream":
            stream.close()
            raise malformed()
        return stream

    def context(self, model: str) -> int | None:
        """Most tokens of prompt and answer together, as far as an endpoint tells it."""
        limits = (e.models[model].get("max_model_len") for e in self.endpoints if model in e.models)
        known = [limit for limit in limits if isinstance(limit, int) and limit > 0]
        return min(known, default=None)

    async def tokens(self, model: str, text: str) -> int | None:
        """Tokens of a text, without the tokenizer's own markers; None when nobody can tell."""
        payload = {"model": model, "prompt": text, "add_special_tokens": False}
        try:
            return await self._tokenize(model, payload)
        except InvalidRequest:
            return None

    async def count_tokens(self, model: str, body: Mapping[str, Any]) -> PromptTokens:
        """Prompt tokens of a chat or completion body; estimated where nobody can count them.

        Raises `InvalidRequest` where the engine cannot read the prompt: it would not have
        answered it either.
        """
        counts = []
        exact = True
        for payload in payloads(model, body):
            count = await self._tokenize(model, payload) if exact else None
            exact = count is not None  # who cannot count one prompt is not asked for the next
            counts.append(estimate(payload) if count is None else count)
        return PromptTokens(tuple(counts), exact)

    async def _tokenize(self, model: str, payload: Mapping[str, Any]) -> int | None:
        try:
            endpoint = self.choose(model)
            async with (
                asyncio.timeout(_TOKENIZE_S),
                self._session.post(
                    endpoint.target("/tokenize"),
                    data=sendable(orjson.dumps(payload)),
                    headers={"Content-Type": "application/json", **self._key},
                ) as response,
            ):
                reply = await read_limited(response, _LARGEST_REPLY)
                count = orjson.loads(reply)["count"] if response.status == 200 else None
        except (*_FAILURES, ApiError, ValueError, KeyError, TypeError):
            return None
        if response.status == 400:
            raise from_reply(response.status, reply)
        return count if isinstance(count, int) else None

    async def _open(
        self, path: str, model: str, body: bytes, request_id: str, to: Endpoint | None
    ) -> tuple[Endpoint, aiohttp.ClientResponse]:
        """An answer with status 200, counted as outstanding until the caller lets go of it."""
        endpoint = to or self.choose(model)
        try:
            response = await self._post(endpoint, path, body, request_id)
        except aiohttp.ClientConnectorError as error:
            # Nothing was sent, so a second endpoint may have it; after that never again.
            endpoint.went_down()
            if to is not None:
                raise from_exception(error) from error
            endpoint = self.choose(model, beside=endpoint)
            try:
                response = await self._post(endpoint, path, body, request_id)
            except _FAILURES as error:
                raise from_exception(error) from error
        except _FAILURES as error:
            raise from_exception(error) from error
        if response.status == 200:
            return endpoint, response
        try:
            raise from_reply(response.status, await read_limited(response, _LARGEST_ERROR))
        except _FAILURES as error:
            raise from_exception(error) from error
        finally:
            endpoint.outstanding -= 1
            response.close()

    async def _post(
        self, endpoint: Endpoint, path: str, body: bytes, request_id: str
    ) -> aiohttp.ClientResponse:
        endpoint.outstanding += 1
        try:
            return await self._session.post(
                endpoint.target(path),
                data=sendable(body),
                allow_redirects=False,
                headers={
                    "Content-Type": "application/json",
                    "X-Request-Id": request_id,
                    **self._key,
                    **self._traced(),
                },
            )
        except BaseException:
            endpoint.outstanding -= 1
            raise
