"""One vLLM endpoint: where it is, what it serves, how it is doing."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import Any

from yarl import URL

log = logging.getLogger(__name__)

_PATIENCE = 2
"""Failed checks in a row after which an endpoint that still accepts connections is unhealthy.

A busy engine may answer one check late; a refused connection counts at once.
"""


@dataclass(slots=True)
class Endpoint:
    """State of one endpoint; changed only from the event loop that its pool runs on.

    `models` maps model ids to their cards. They are kept while the endpoint is unhealthy, so
    that a request for them is told "not now" and not "no such model".
    """

    url: str
    healthy: bool = False
    models: dict[str, dict[str, Any]] = field(default_factory=dict)
    outstanding: int = 0
    system_fingerprint: str | None = None
    _failures: int = 0
    _targets: dict[str, URL] = field(default_factory=dict, repr=False)

    @property
    def model(self) -> str | None:
        """Id of the first model that the endpoint serves."""
        return next(iter(self.models), None)

    def target(self, path: str) -> URL:
        """The absolute URL of a path; parsed once."""
        url = self._targets.get(path)
        if url is None:
            url = self._targets[path] = URL(self.url.rstrip("/") + path)
        return url

    def came_up(self, models: dict[str, dict[str, Any]]) -> None:
        """A check succeeded."""
        if not self.healthy:
            log.info("Upstream %s serves %s.", self.url, ", ".join(models) or "nothing")
        self.healthy, self._failures, self.models = True, 0, models

    def faltered(self) -> None:
        """A check failed, though something accepts connections."""
        self._failures += 1
        if self._failures >= _PATIENCE:
            self.went_down()

    def went_down(self) -> None:
        """It gets no requests until a check succeeds again."""
        if self.healthy:
            log.warning("Upstream %s does not answer and leaves the pool.", self.url)
        self.healthy = False
        self.system_fingerprint = None  # what comes back may be another version
