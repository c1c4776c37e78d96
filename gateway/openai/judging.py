"""What becomes of a request: passed on, generated under intervention, or refused."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from gateway.errors import ApiError
from gateway.openai.deps import Deps
from gateway.openai.prepare import Prepared
from gateway.openai.traced import Trace
from guards import Conversation, Match, Verdict
from guards.leak.opening import opened
from guards.leak.watch import Watch

Span = tuple[int, int]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdicts on all prompts of a request together, and what follows from them.

    `way` "error" means that there is no verdict, which refuses too. `ids` are the forget requests
    that matched and are enforced, `said` the last user messages that touched them, `matches` those
    of each prompt. Where only some parts of the last message of a single prompt touch them,
    `touched` are the [start, end) of these parts, `clear` those of the others. `watch` is on
    replies that may tell what the user stated first, where all that matched allows it. `trace`
    collects the request, where it may be kept.
    """

    way: Literal["pass", "suppress", "refuse", "error"]
    ids: tuple[str, ...] = ()
    said: str = field(default="", repr=False)
    matches: tuple[tuple[Match, ...], ...] = ()
    touched: tuple[Span, ...] = ()
    clear: tuple[Span, ...] = ()
    watch: Watch | None = None
    trace: Trace | None = field(default=None, repr=False, compare=False)

    @property
    def outcome(self) -> str:
        """As it is counted."""
        if self.watch is not None:
            return "enforced"
        return {"pass": "allowed", "error": "bypassed_error"}.get(self.way, "enforced")


class Judge:
    """Screens every prompt of a request; they stand or fall together."""

    def __init__(self, deps: Deps) -> None:
        self._deps = deps

    async def of(self, prepared: Prepared) -> Judgement:
        """The judgement on a request; raises `ApiError` while enforcement is not assured."""
        actions, ids, said, matches = set(), [], [], []
        touched: tuple[Span, ...] = ()
        clear: tuple[Span, ...] = ()
        for conversation in prepared.conversations:
            verdict = await self.verdict(conversation)
            if verdict is None:
                return Judgement("error")
            observed = {match.id for match in verdict.matches if not match.enforced}
            if observed:
                self._deps.observe(observed)
            matches.append(tuple(match for match in verdict.matches if match.enforced))
            if verdict.action != "allow":
                actions.add(verdict.action)
                ids += [match.id for match in matches[-1]]
                said.append(_last_of_user(conversation))
                if len(prepared.conversations) == 1 and _is_last(matches[-1], conversation):
                    touched, clear = verdict.spans_touched, verdict.spans_clear
        way: Literal["pass", "suppress", "refuse"] = "pass"
        unique, texts = tuple(dict.fromkeys(ids)), "\n".join(said)
        watch = await self._opened(prepared, unique)
        self._deps.acted(() if watch is not None else unique)
        if watch is not None:
            return Judgement(way, unique, texts, watch=watch)
        if actions:
            steers, detailed = self._deps.steer is not None, prepared.options.detailed
            way = way_of("refuse" in actions, self._deps.layers, steers=steers, detailed=detailed)
        return Judgement(way, unique, texts, tuple(matches), touched, clear)

    async def verdict(self, conversation: Conversation) -> Verdict | None:
        """The verdict on one conversation, None where there is none; raises `ApiError`."""
        try:
            verdict = await self._deps.screen(conversation)
        except ApiError:
            raise
        except Exception as error:  # whatever it is, there is no verdict
            # Only its kind is logged: the message could quote the conversation.
            log.error("No verdict: %s; the request is refused.", type(error).__name__)
            return None
        self._deps.judged(verdict)
        return verdict

    async def _opened(self, prepared: Prepared, ids: Sequence[str]) -> Watch | None:
        """The watch on a reply to one prompt that states itself what it asks, if it may be given.

        A reply with probabilities or of a certain shape may not: both could tell the rest.
        """
        look, detailed = self._deps.watch, prepared.options.detailed
        if look is None or not ids or detailed or len(prepared.conversations) > 1:
            return None
        watch = look(ids)
        if not all(rule.open_book for rule in watch.matched):
            return None  # nearly always
        return await asyncio.to_thread(opened, watch, prepared.conversations[0])


def way_of(
    sure: bool, layers: Collection[str], *, steers: bool, detailed: bool = False
) -> Literal["pass", "suppress", "refuse"]:
    """What follows from a match, by the layers that act; `steers` tells whether engines may.

    A refusal has neither probabilities nor a structure: asked for these (`detailed`), a model that
    can be steered answers instead.
    """
    screens = "screen" in layers
    if screens and (not steers or (sure and not detailed)):
        return "refuse"
    return "suppress" if steers else "pass"


def _is_last(matches: Iterable[Match], conversation: Conversation) -> bool:
    """Whether the last user message is what matched, by what it says itself."""
    return all(m.message == conversation.asked and m.kind != "history" for m in matches)


def _last_of_user(conversation: Conversation) -> str:
    texts = [message.text for message in conversation.messages if message.role == "user"]
    return texts[-1] if texts else conversation.messages[-1].text
