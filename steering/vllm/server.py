"""What the plug-in keeps in the API server: where the engine stands, and what it may be told."""

from __future__ import annotations

import asyncio
import secrets
from importlib.metadata import version
from itertools import chain, repeat
from typing import Any

import orjson

from steering.errors import BadCall
from steering.vllm import state
from steering.vllm.capturing import Capturing, Wanted
from steering.vllm.client import Client, Model
from steering.vllm.latest import Latest
from steering.vllm.pushes import Push, Stand, fit
from steering.vllm.self_test import SelfTest

_PAGE = 1_000

_PAUSES = (5.0, 15.0, 60.0)
"""Seconds after a self-test that failed before it is tried again; the last is for all others. What
made it fail may pass: a full engine, another gateway's traffic."""


class Server:
    """One engine: its model, its stand, its self-test. `boot_id` is another after each start."""

    def __init__(self, client: Client, model: Model) -> None:
        self.boot_id = secrets.token_hex(8)
        self._client = client
        self._model = model
        self._stand = Stand()
        self._changing = asyncio.Lock()
        self._counters = Latest(client.counters)
        self._capturing = Capturing(client)
        self._test = SelfTest(client, self._capturing, model)
        self._task: asyncio.Task[None] | None = None

    @classmethod
    async def of(cls, engine: Any, name: str) -> Server:
        """Meet vLLM's engine client, which serves a model under a name."""
        client = Client(engine)
        return cls(client, await client.describe(name))

    def begin_self_test(self) -> None:
        """Prove in the background that steering works, until it does; the status tells."""
        self._task = asyncio.create_task(self._run_test())

    async def status(self) -> dict[str, Any]:
        """The answer of `GET /v1/lethe/status`; its counters may be older."""
        return {
            "boot_id": self.boot_id,
            "epoch": self._stand.epoch,
            "revision": self._stand.revision,
            "rules": len(state.HELD.rules),
            "model": self._model.as_json(),
            "self_test": self._test.outcome,
            "self_test_detail": self._test.detail,
            "logprobs_mode": self._client.logprobs_mode,
            "counters": await self._counters.look(),
            "versions": {"vllm": version_of_vllm(), "lethe": version("lethe-gateway")},
        }

    def rules(self, after: str) -> dict[str, Any]:
        """One page of the rules that are held, by id, and how many there are."""
        names = sorted(name for name in state.HELD.rules if name > after)[:_PAGE]
        return {
            "rules": [{"id": name, "version": state.HELD.rules[name].version} for name in names],
            "count": len(state.HELD.rules),
            "next": names[-1] if len(names) == _PAGE else None,
        }

    async def push(self, body: bytes) -> dict[str, Any]:
        """The answer of `POST /v1/lethe/rules`: all that was sent acts when it is answered.

        Where the workers fail, the door stays as it was. Raises `Behind`, `BadCall`, `BadVector`
        and `BadBans`.
        """
        push = await asyncio.to_thread(self._read, body)
        async with self._changing:
            self._stand.admit(push)
            self._stand.begin(push)
            put = [rule.as_json() for rule in push.put]
            await self._client.rules(put, list(push.drop), reset=push.reset, last=push.last)
            # Only what all workers hold is let in at the door.
            state.HELD.change(push.put, push.drop, reset=push.reset, last=push.last)
            self._stand.end(push)
        return {
            "revision": self._stand.revision,
            "rules": len(state.HELD.rules),
            "boot_id": self.boot_id,
        }

    async def capture(self, body: bytes) -> dict[str, Any]:
        """The answer of `POST /v1/lethe/capture`; raises `BadCall`."""
        wanted = Wanted.from_json(_json(body), self._model)
        return await self._capturing.means(wanted, self._model)

    def _read(self, body: bytes) -> Push:
        push = Push.from_json(_json(body))
        fit(push.put, self._model.fingerprint, self._model.hidden_size, self._model.steered_layers)
        return push

    async def _run_test(self) -> None:
        for pause in chain(_PAUSES, repeat(_PAUSES[-1])):
            async with self._changing:
                await self._test.run()
            if self._test.outcome == "passed":
                return
            await asyncio.sleep(pause)


def version_of_vllm() -> str:
    """The version of the vLLM that runs, whatever its distribution is called."""
    import vllm  # noqa: PLC0415

    return str(vllm.__version__)


def _json(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise BadCall("the body is no JSON.") from error
