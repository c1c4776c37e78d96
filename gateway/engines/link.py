"""The plug-in's routes in an engine, called over HTTP: bounded in time, errors in two kinds."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import aiohttp
import numpy as np
import orjson

from gateway.engines.status import EngineStatus
from gateway.errors import LetheError
from gateway.upstream import Endpoint
from gateway.upstream.session import read_limited, sendable
from steering import EngineRule
from steering.vector import Floats

_STATUS = aiohttp.ClientTimeout(total=5.0)
_PUSH = aiohttp.ClientTimeout(total=60.0)
_CAPTURE = aiohttp.ClientTimeout(total=300.0)
_LARGEST = 2**30
_ANSWER = 64


class EngineTrouble(LetheError):
    """An engine cannot be reached, or answers with something unusable; try again later."""


class NoAnswer(EngineTrouble):
    """The engine did not answer in time, or not at all."""


class NoPlugin(EngineTrouble):
    """The engine runs without Lethe's plug-in: it can neither be steered nor ban anything."""


class OutOfStep(EngineTrouble):
    """The engine stands at another revision than a change builds on: look at its status again."""


class EngineLink:
    """One engine's routes under `/v1/lethe/`. `headers` carry its API key, if it has one."""

    def __init__(
        self, session: aiohttp.ClientSession, endpoint: Endpoint, headers: Mapping[str, str]
    ) -> None:
        self._session = session
        self._endpoint = endpoint
        self._headers = {"Content-Type": "application/json", **headers}

    async def status(self) -> EngineStatus:
        """What the engine holds; raises `NoPlugin` and `EngineTrouble`."""
        answer = await self._call("GET", "/v1/lethe/status", None, _STATUS)
        try:
            return EngineStatus.of(answer)
        except ValueError as error:
            raise EngineTrouble(f"{self._endpoint.url} answers with {error}.") from error

    async def push(
        self,
        epoch: str,
        revision: int,
        put: Collection[EngineRule],
        drop: Collection[str],
        how: Mapping[str, Any],
    ) -> None:
        """Give the engine rules, take others away, and say which revision that makes.

        `how` says what the change builds on: {"base": revision}, or the {"push": token} of a whole
        state that is sent in parts, with "reset" in the first and "last" in the last. Raises
        `OutOfStep` and `EngineTrouble`.
        """
        body = {
            "epoch": epoch,
            "revision": revision,
            "put": [rule.as_json() for rule in put],
            "drop": list(drop),
            **how,
        }
        await self._call("POST", "/v1/lethe/rules", body, _PUSH)

    async def capture(self, texts: Sequence[str], layers: Sequence[int]) -> list[Floats]:
        """Mean residual-stream activations of n texts, shape (n, H), float32, for each layer."""
        body = {"texts": list(texts), "layers": list(layers)}
        answer = await self._call("POST", "/v1/lethe/capture", body, _CAPTURE)
        try:
            raw = [base64.b64decode(answer["means"][str(at)], validate=True) for at in layers]
            means = [np.frombuffer(part, "<f4").reshape(len(texts), -1) for part in raw]
        except (KeyError, TypeError, ValueError, binascii.Error) as error:
            raise EngineTrouble(f"{self._endpoint.url} captured nothing that fits.") from error
        return [part.astype(np.float32) for part in means]

    async def answer(self, question: str) -> str:
        """What the model answers to a question, unsteered and greedy, a sentence or three."""
        body = {
            "model": self._endpoint.model,
            "messages": [{"role": "user", "content": question}],
            "temperature": 0,
            "max_tokens": _ANSWER,
        }
        answer = await self._call("POST", "/v1/chat/completions", body, _STATUS)
        try:
            return str(answer["choices"][0]["message"]["content"] or "")
        except (KeyError, IndexError, TypeError) as error:
            raise EngineTrouble(f"{self._endpoint.url} answers with no completion.") from error

    async def _call(self, method: str, route: str, body: Any, bound: aiohttp.ClientTimeout) -> Any:
        url = self._endpoint.target(route)
        data = None if body is None else sendable(orjson.dumps(body))
        try:
            async with self._session.request(
                method, url, data=data, headers=self._headers, timeout=bound
            ) as response:
                raw = await read_limited(response, _LARGEST)
        except (aiohttp.ClientError, TimeoutError, OSError, LetheError) as error:
            raise NoAnswer(f"{self._endpoint.url} does not answer.") from error
        if response.status == 404:
            raise NoPlugin(
                f"{self._endpoint.url} runs without the plug-in: install Lethe beside vLLM and "
                "start it with VLLM_PLUGINS=lethe."
            )
        if response.status == 409:
            raise OutOfStep(f"{self._endpoint.url} stands at another revision.")
        if response.status != 200:
            raise EngineTrouble(
                f"{self._endpoint.url} answers {route} with status {response.status}{_reason(raw)}."
            )
        try:
            return orjson.loads(raw)
        except orjson.JSONDecodeError as error:
            raise EngineTrouble(f"{self._endpoint.url} answers with no JSON.") from error


def _reason(raw: bytes) -> str:
    """The plug-in's own words, which quote nothing of a rule."""
    try:
        return f": {orjson.loads(raw)['error']['message']}".rstrip(".")[:500]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return ""
