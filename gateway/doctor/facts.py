"""What was asked and answered, and what follows from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Verdict = Literal["ok", "warn", "fail"]


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer: its status, 0 where none came, its JSON if it is that, and its text.

    `ahead_s` is how many seconds the server's clock is ahead of ours, by its `Date`; `error` is why
    none came.
    """

    status: int = 0
    content: Any = None
    text: str = field(default="", repr=False)
    ahead_s: float | None = None
    error: Exception | None = None

    def field(self, *path: str) -> Any:
        """A field of the answer, None where it has none."""
        value = self.content
        for name in path:
            value = value.get(name) if isinstance(value, Mapping) else None
        return value


@dataclass(frozen=True, slots=True)
class Direct:
    """What an engine answers to somebody without its key: the statuses, 0 for no answer."""

    models: int
    tokenize: int


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that was asked of the deployment at `base`.

    `unkeyed` was asked without an API key, and `refused` is what explains a prompt about something
    that is filed, None where nothing is. `retained` explain prompts that nothing should touch.
    """

    base: str
    health: Reply = Reply()
    ready: Reply = Reply()
    unkeyed: Reply = Reply()
    unkeyed_chat: Reply = Reply()
    status: Reply = Reply()
    metrics: Reply = Reply()
    models: Reply = Reply()
    filed: Reply = Reply()
    refused: Reply | None = None
    retained: tuple[Reply, ...] = ()
    chat: Reply = Reply()
    stream: Reply = Reply()
    engines: Mapping[str, Direct] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check says: how it stands, in a sentence, and what to mend unless all is well."""

    check: str
    verdict: Verdict
    told: str
    mend: str = ""
