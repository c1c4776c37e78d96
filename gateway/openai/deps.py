"""What is handed to the OpenAI routes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sized
from dataclasses import dataclass, field
from typing import Any

from gateway.engines import Steered
from gateway.openai.admission import Admission
from gateway.openai.pace import Pacing
from gateway.openai.traced import Keep
from gateway.telemetry import Took, untold
from gateway.upstream import UpstreamPool
from guards import Conversation, Verdict
from guards.leak.matcher import Leak
from guards.leak.watch import Watch
from guards.rule import Encode

Steer = Callable[[str, Collection[str], str], Awaitable[Steered | None]]
Translate = Callable[[Any], Any]
"""From the body that came to one of the route that answers; raises `InvalidRequest`."""
Forget = Callable[[str, str | None, Mapping[str, str], bool], Awaitable[str | None]]


async def _always() -> None:
    """Nothing is ever out of date."""


@dataclass(frozen=True, slots=True)
class Deps:
    """What the routes need.

    `screen` judges a conversation; it raises `NotReady` while enforcement is not assured, and
    whatever else it raises means that there is no verdict. `count` is told one outcome per request,
    enforced, allowed, bypassed_error or aborted, and that of each id that it touched. `max_body` is
    in bytes, `admission` bounds how many requests are worked on at once. Without "screen" among
    `layers` a verdict is made and refuses nothing. `steer` is asked for the engine and the
    intervention for a model, the ids that matched and the message that did; None where no engine
    can act, and None itself where the settings let none act. `observe` is told the ids of the
    matches of each prompt that only observe. `forget` is asked about the last user message of a
    chat, with whom the client speaks for, its headers, and whether a forget request covers the
    chat: a text it gives is the answer instead of the model's or of a refusal. `watch` gives what
    replies to a prompt that matched the rules with some ids may not say; None where the filter does
    not act. `leaked` is told what a choice was stopped for, `acted` once of each request the ids
    that act on it, `stopped` the id that stopped a reply whose prompt it did not match,
    `finish_reason` is what it ends with. With `encode` sentences of replies to a prompt that
    matched are compared with filed facts. `sayable` tells whether a text may be said to a prompt
    that touched some ids. `pacing` lets refusals take as long as answers do; with `model_replies`
    the served model is asked for them. `cached` is shown each cache by its name, `judged` each
    verdict, and `took` is told how long the filter took for a reply and what the gateway added to
    an engine's answer. `current` is awaited before anything of a reply leaves: it raises `NotReady`
    where what the filter looks for may be out of date. `trace` is asked of each request, and gives
    what it is handed to where it is to be kept.
    """

    screen: Callable[[Conversation], Awaitable[Verdict]]
    pool: UpstreamPool
    wording_key: bytes
    salt_key: bytes
    count: Callable[[str, Mapping[str, str]], None]
    layers: Collection[str]
    max_body: int
    admission: Admission
    steer: Steer | None = None
    observe: Callable[[Collection[str]], None] = lambda ids: None
    forget: Forget | None = None
    watch: Callable[[Collection[str]], Watch] | None = None
    encode: Encode | None = None
    leaked: Callable[[Leak], None] = lambda leak: None
    acted: Callable[[Collection[str]], None] = lambda ids: None
    stopped: Callable[[str], None] = lambda request_id: None
    finish_reason: str = "stop"
    sayable: Callable[[Collection[str], str], bool] = lambda ids, text: True
    pacing: Pacing = field(default_factory=Pacing)
    model_replies: bool = False
    cached: Callable[[str, Sized], None] = lambda name, cache: None
    judged: Callable[[Verdict], None] = lambda verdict: None
    took: Took = untold
    trace: Callable[[], Keep | None] = lambda: None
    current: Callable[[], Awaitable[None]] = _always
