"""Acknowledged means replicated: a change is waited for until enough replicas of Redis have it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from redis.asyncio.client import Pipeline
from redis.exceptions import ResponseError

from gateway.errors import RegistryUnavailable, SettingsError
from gateway.registry import keys

_SHARE = 0.75
"""Of the time-out of a call, that its confirmation may take."""
_FIRST_MS = 10


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What makes a change an acknowledged one: so many replicas that have it, with `fsync` on disk.

    It is asked for in the same pipeline as the change, hence of the same node: another one, after
    a failover, would confirm what it never had.
    """

    replicas: int
    fsync: bool
    timeout_s: float

    def ask(self, pipe: Pipeline) -> int:
        """Ask for it at the end of a pipeline; returns how many answers will follow.

        Redis waits for the last write of a connection. A write of our own makes that everything
        that anybody wrote before, also where a script found that nothing was left to do.
        """
        if not self.replicas:
            return 0
        left = round(self.timeout_s * _SHARE * 1000 / (2 if self.fsync else 1))
        pipe.execute_command("SET", keys.CONFIRMED, 1)
        pipe.execute_command("WAIT", self.replicas, max(1, left))
        if not self.fsync:
            return 2
        # A replica tells what is on its disk when it is asked, or once a second. Asked before it
        # is done, it would be a second: so first it is asked what it has in memory, which is
        # after that on most disks, and then again and again, with growing patience.
        asked, patience = 2, _FIRST_MS
        while left > 0:
            pipe.execute_command("WAITAOF", 1, self.replicas, min(patience, left))
            asked, left, patience = asked + 1, left - patience, 2 * patience
        return asked

    def check(self, answers: Sequence[Any]) -> None:
        """Raises `RegistryUnavailable` unless the answers to what was asked confirm the change.

        Raises `SettingsError` for a Redis that cannot confirm, and what Redis answered to the
        write otherwise.
        """
        if not self.replicas:
            return
        written, *_, last = answers
        if isinstance(written, ResponseError):
            raise written
        if isinstance(last, ResponseError):
            raise SettingsError(
                "This Redis cannot confirm changes on disk: LETHE_REDIS_REPLICAS_FSYNC takes "
                "Redis 7.2 or newer with appendonly yes, and a user that may run WAITAOF."
                if self.fsync
                else "The Redis user of LETHE_REDIS_URL may not run WAIT; grant +wait."
            )
        local, replicas = last if self.fsync else (1, last)
        if not local or replicas < self.replicas:
            raise Unconfirmed(
                f"Redis has recorded this, but {replicas} of {self.replicas} replicas confirmed "
                "it in time: a failover may lose it. It is safe to repeat: a filing with the same "
                "subject_request_id is not filed twice.",
                code="registry_unconfirmed",
            )


class Unconfirmed(RegistryUnavailable):
    """A change is in Redis, but not on as many replicas as it takes to acknowledge it.

    `answers` are what Redis answered to the commands before the confirmation.
    """

    answers: Sequence[Any] = ()
