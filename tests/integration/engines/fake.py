"""An engine with the plug-in's routes, which holds rules as the real one does and runs no model."""

from __future__ import annotations

import asyncio
import base64
import hashlib
from typing import Any

import numpy as np
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from steering import ARGUMENT, Intervention, SteeringError, SteeringVector
from steering.errors import Behind
from steering.held import Held
from steering.vllm.pushes import Push, Stand, fit

WIDTH = 16


class FakeEngine:
    """`restart` forgets everything; `plugged` and `self_test` say in which state it answers."""

    def __init__(self, fingerprint: str = "weights") -> None:
        self.fingerprint = fingerprint
        self.plugged = True
        self.self_test = "passed"
        self.captured: list[list[str]] = []
        self.asked: list[dict[str, Any]] = []
        self.boots = self.resets = 0
        self.layers: tuple[int, ...] = (1, 2)
        self.delay_s = 0.0
        self.restart()
        self.app = FastAPI()
        for method, path, answer in (
            ("GET", "/health", self._health),
            ("GET", "/v1/models", self._models),
            ("GET", "/v1/lethe/status", self._status),
            ("POST", "/v1/lethe/rules", self._rules),
            ("POST", "/v1/lethe/capture", self._capture),
            ("POST", "/v1/chat/completions", self._chat),
        ):
            self.app.add_api_route(path, answer, methods=[method])

    @property
    def vectors(self) -> list[SteeringVector]:
        """All vectors of all rules."""
        return [vector for rule in self.held.rules.values() for vector in rule.vectors]

    def restart(self) -> None:
        """As after a kill: another boot id, nothing held."""
        self.held, self.stand = Held(), Stand()
        self.boots += 1

    async def _health(self) -> JSONResponse:
        return JSONResponse({})

    async def _models(self) -> JSONResponse:
        return JSONResponse({"data": [{"id": "m", "object": "model", "max_model_len": 512}]})

    async def _status(self) -> JSONResponse:
        if not self.plugged:
            return JSONResponse({"detail": "Not Found"}, 404)
        return JSONResponse(
            {
                "boot_id": f"boot-{self.boots}",
                "epoch": self.stand.epoch,
                "revision": self.stand.revision,
                "self_test": self.self_test,
                "self_test_detail": None,
                "model": {
                    "id": "m",
                    "fingerprint": self.fingerprint,
                    "steered_layers": self.layers,
                },
                "counters": {},
            }
        )

    async def _rules(self, request: Request) -> JSONResponse:
        await asyncio.sleep(self.delay_s)
        try:
            push = Push.from_json(await request.json())
            fit(push.put, self.fingerprint, WIDTH, self.layers)
            self.stand.admit(push)
        except Behind:
            return JSONResponse({}, 409)
        except SteeringError as error:
            return JSONResponse({"error": {"message": str(error)}}, 400)
        self.stand.begin(push)
        self.resets += push.reset
        self.held.change(push.put, push.drop, reset=push.reset, last=push.last)
        self.stand.end(push)
        return JSONResponse({"revision": self.stand.revision})

    async def _capture(self, request: Request) -> JSONResponse:
        body = await request.json()
        self.captured.append(body["texts"])
        rows = np.asarray([_activation(text) for text in body["texts"]], "<f4")
        means = {str(layer): base64.b64encode(rows.tobytes()).decode() for layer in body["layers"]}
        return JSONResponse({"means": means})

    def says(self, question: str, acting: Intervention | None) -> str:
        """The reply to a question."""
        return "steered" if acting else f"plain {question}"

    async def _chat(self, request: Request) -> JSONResponse:
        body = await request.json()
        self.asked.append(body)
        text = (body.get("vllm_xargs") or {}).get(ARGUMENT)
        try:
            if text is not None:
                self.held.check(Intervention.from_text(text))
        except SteeringError as error:
            return JSONResponse({"error": {"message": str(error)}}, 400)
        acting = None if text is None else Intervention.from_text(text)
        said = self.says(body["messages"][-1]["content"], acting)
        message = {"role": "assistant", "content": said}
        return JSONResponse({"choices": [{"index": 0, "message": message}]})


def _activation(text: str) -> np.ndarray[Any, np.dtype[np.float32]]:
    seed = hashlib.sha256(text.encode()).digest()[0]
    return np.random.default_rng(seed).normal(size=WIDTH).astype(np.float32)
