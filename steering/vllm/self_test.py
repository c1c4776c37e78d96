"""A test of the running engine: steered requests are steered, and nobody else is.

A cached graph without the hooks would serve unsteered in silence, and a model whose kernels mix
the rows of a batch would let one request's steering into another. Both are asked of the engine
itself before anybody relies on it.
"""

from __future__ import annotations

from typing import Any, Literal

from steering.vllm.client import Client, Model

Outcome = Literal["pending", "passed", "failed"]


class SelfTest:
    """Runs once; `outcome` and `detail` tell."""

    def __init__(self, client: Client, model: Model) -> None:
        self._client = client
        self._model = model
        self.outcome: Outcome = "pending"
        self.detail: str | None = None

    async def run(self) -> Any:
        """Not there yet."""
