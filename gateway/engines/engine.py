"""One engine as this gateway sees it."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.engines.link import EngineLink
from gateway.engines.status import EngineStatus
from gateway.upstream import Endpoint


@dataclass(slots=True)
class Engine:
    """An endpoint, the way to its plug-in, and what that said last.

    `status` is None while the engine cannot be reached or has no plug-in, and `missing` says why
    in a sentence. Changed only by its keeper, on the event loop.
    """

    endpoint: Endpoint
    link: EngineLink
    status: EngineStatus | None = None
    missing: str | None = None

    @property
    def steerable(self) -> bool:
        """Whether it can be steered at all: plug-in there, self-test passed."""
        return self.status is not None and self.status.self_test == "passed"

    def holds(self, epoch: str | None, revision: int) -> bool:
        """Whether it can be steered and has been brought to a revision of a ledger."""
        status = self.status
        return (
            self.steerable
            and status is not None
            and status.epoch == epoch
            and status.revision >= revision
        )
