"""Changes on their way to Redis: those of one gateway travel together, and tell the audit in turn.

Each entry of the audit hangs on the one before. Sent one by one, changes would wait for each
other's way to Redis and its disk; so what waits is sent at once, as entries that follow each other.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from gateway.errors import LetheError
from gateway.registry import common
from gateway.registry.audit import Deed, Head, genesis, link
from gateway.registry.errors import AuditBroken
from gateway.registry.models import Change
from gateway.registry.redis_chain import RedisChain
from gateway.registry.redis_confirm import Unconfirmed
from gateway.registry.redis_link import RedisLink

log = logging.getLogger(__name__)

_TOGETHER = 32
"""Changes that are sent at once: Redis is busy with them for a few milliseconds."""
_TRIES = 200
"""How often a change is sent again because others were faster."""

Answer = Sequence[Any]


@dataclass(slots=True, eq=False)
class _Call:
    script: str
    names: Sequence[str]
    args: Sequence[Any]
    deed: Deed
    kind: str | None
    known: int
    sealed_by: str
    answer: asyncio.Future[Answer]
    tries: int = 0


@dataclass(slots=True)
class RedisChanges:
    """Sends scripts that change something, and makes their entries in the audit and the ledger.

    Both carry the mark of a holder of the data key, made for their place.
    """

    link: RedisLink
    chain: RedisChain
    head: Sequence[str]
    """The keys that every script begins with."""
    trouble: AuditBroken | None = None
    """Why nothing can be changed: the audit must be mended first."""
    _end: tuple[Head, int] | None = None
    _waiting: deque[_Call] = field(default_factory=deque)
    _sending: asyncio.Task[None] | None = None

    async def send(
        self,
        script: str,
        names: Sequence[str],
        args: Sequence[Any],
        deed: Deed,
        *,
        kind: str | None,
        known: int,
        sealed_by: str = "",
    ) -> Answer:
        """The answer of a script; `kind` is that of the ledger's entry, None for none.

        `known` is a revision that has existed: a ledger that ends earlier is not written to. Nor
        is anything, where another data key than `sealed_by` seals by then.

        Raises `RegistryUnavailable` where it does not come in time; what was not sent by then is
        not sent any more.
        """
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        call = _Call(script, names, args, deed, kind, known, sealed_by, answer)
        self._waiting.append(call)
        if self._sending is None or self._sending.done():
            self._sending = asyncio.create_task(self._send())
        async with self.link.reach():
            return await answer

    async def _send(self) -> None:
        while self._waiting:
            waiting = (self._waiting.popleft() for _ in range(min(_TOGETHER, len(self._waiting))))
            calls = [call for call in waiting if not call.answer.done()]
            end, ends, sent, known = self._end, [], [], self.chain.known
            for call in calls:
                told, end = self._told(call.deed, call.kind, end)
                ends.append(end)
                where = f"{self.chain.epoch} {call.sealed_by}"
                args = [where, call.known, *told, *call.args]
                sent.append((call.script, [*self.head, *call.names], args))
            try:
                answers = await self.link.run_all(sent, changes=True)
            except LetheError as error:
                # What is in Redis is where the next change begins, whoever may know of it; but
                # nobody has seen it for good: a failover may still take it back.
                for answer, end in zip(
                    error.answers if isinstance(error, Unconfirmed) else (), ends, strict=False
                ):
                    if isinstance(answer, list) and answer[0] == b"ok":
                        self._end, self.trouble = end, None
                for call in calls:
                    _fail(call, error)
            else:
                self._take(calls, answers, ends, known)

    def _take(
        self,
        calls: Sequence[_Call],
        answers: Sequence[Answer | LetheError],
        ends: Sequence[tuple[Head, int]],
        known: int,
    ) -> None:
        again = []
        for call, answer, end in zip(calls, answers, ends, strict=True):
            if isinstance(answer, LetheError):
                _fail(call, answer)
            elif answer[0] == b"moved":
                if self._catch_up(call, answer, known):
                    again.append(call)
            else:
                if answer[0] == b"ok":
                    self._told_of(end)
                if not call.answer.done():
                    call.answer.set_result(answer)
        self._waiting.extendleft(reversed(again))

    def _told_of(self, end: tuple[Head, int]) -> None:
        self._end, self.trouble = end, None
        self.chain.saw(end[0])

    def _catch_up(self, call: _Call, answer: Answer, known: int) -> bool:
        """Take over where the audit ends by now; whether a call is to be sent again."""
        _, head, revision, last, length = answer
        try:
            found = self.chain.end(head, last, length, int(revision), known)
        except AuditBroken as error:
            if self.trouble is None:
                log.error("%s", error)
            self.trouble = error
            _fail(call, error)
            return False
        self._end = found, int(revision)
        self.chain.saw(found)
        call.tries += 1
        if call.tries >= _TRIES:
            _fail(call, common.crowded())
            return False
        return True

    def _told(
        self, deed: Deed, kind: str | None, end: tuple[Head, int] | None
    ) -> tuple[list[Any], tuple[Head, int]]:
        """The arguments by which a script tells of a deed, and where the audit ends then."""
        head, revision = end or (genesis(self.chain.epoch), 0)
        revision += kind is not None
        line, follows = link(deed, revision, head)
        mark = self.chain.of_line(line, follows.number)
        change = Change(revision, kind or "", deed.id or "")
        entered = b"" if kind is None else self.chain.of_change(change)
        before = f"{head.number} {head.hash}" if head.number else ""
        told = [before, f"{follows.number} {follows.hash}", follows.number, line, mark]
        return [*told, revision, entered], (follows, revision)


def _fail(call: _Call, error: LetheError) -> None:
    if not call.answer.done():
        call.answer.set_exception(error)
