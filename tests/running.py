"""A gateway in a process of its own, as the integration and acceptance tests use it."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from gateway.processes import Child, free_port, gateway_child

KEY = "bench"


@dataclass(slots=True)
class Running:
    """A gateway process on a data folder; `start` and `kill` as often as a test likes."""

    data: Path
    upstream: str
    settings: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    child: Child = field(init=False)
    http: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        self.child, url = gateway_child(
            self.data, self.upstream, port=self.port, **{"redis_timeout_s": "1", **self.settings}
        )
        headers = {"Authorization": f"Bearer {KEY}"}
        self.http = httpx.Client(base_url=url, headers=headers, timeout=30.0)

    def start(self, *, ready: bool = True) -> Running:
        """Start it; with `ready` false, wait only until its parts are there."""
        path = "readyz" if ready else "healthz"
        self.child.ready_url = f"http://127.0.0.1:{self.port}/{path}"
        self.child.start()
        if not ready:
            eventually(lambda: self.http.get("/readyz").json()["status"] != "starting", 60)
        return self

    def stop(self) -> None:
        """Stop it cleanly and close the connections to it."""
        self.child.stop()
        self.http.close()

    def file(self, name: str, *, wait: int = 0, **scope: Any) -> dict[str, Any]:
        """File a request about a name; its answer."""
        body = {"subject": {"name": name}, "scope": scope}
        answer = self.http.post("/admin/forget-requests", params={"wait": wait}, json=body)
        assert answer.status_code == 201, answer.text
        content: dict[str, Any] = answer.json()
        return content

    def ask(self, *messages: str, model: str = "stub") -> httpx.Response:
        """Ask with alternating user and assistant messages."""
        roles = ("user", "assistant")
        return self.http.post(
            "/v1/chat/completions",
            json={
                "model": model,
                "messages": [
                    {"role": roles[i % 2], "content": text} for i, text in enumerate(messages)
                ],
            },
        )

    def told(self, *messages: str) -> bool:
        """Whether the stub upstream was reached by an ask."""
        answer = self.ask(*messages)
        assert answer.status_code == 200, answer.text
        return "stub answer" in str(answer.json()["choices"][0]["message"]["content"])

    @property
    def redis_pid(self) -> int:
        """Process id of the embedded Redis."""
        return int((self.data / "redis" / "redis.pid").read_text())

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the gateway process."""
        assert self.child.process is not None
        os.kill(self.child.process.pid, number)


def eventually(holds: Callable[[], bool], within_s: float = 60.0) -> None:
    """Fail unless something comes to hold in time."""
    deadline = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < deadline, "it did not come to hold in time"
        time.sleep(0.02)
