"""Keeps this gateway at the registry's revision: tail, compile, swap, acknowledge.

Readers never wait: what is enforced is an immutable object that is replaced whole. The path of a
chat request touches nothing else here, and never Redis.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import time
from collections.abc import Mapping
from pathlib import Path

from gateway.compiling import Compiler
from gateway.enforced import Enforced, threads
from gateway.errors import Busy, LetheError, NotReady, RegistryUnavailable, SettingsError, frames
from gateway.holdings import Holdings
from gateway.registry.cipher import Cipher
from gateway.registry.errors import AuditBroken, LedgerBroken, RegistryError
from gateway.registry.models import ApiKey, State
from gateway.registry.store import Registry
from gateway.verdicts import Verdicts
from guards import Conversation, RuleError, RuleSet, Thresholds, Verdict
from guards.thresholds import SHIPPED

log = logging.getLogger(__name__)

_OF_KEYS = frozenset({"key", "key_created", "key_revoked"})
_NO_RECORD = _OF_KEYS | {"data_key"}
"""Kinds of changes that are about no forget request."""
_BLOCK_S = 1.0
"""How long one look at the ledger waits; also the interval of the sign of life."""
_SAVE_S = 0.1
"""For which an acknowledgement waits for the snapshot: one that is written anew takes longer."""
_SCREEN_S = 10.0
"""Seconds within which a verdict must be there; without one a request is refused."""


class Enforcer:
    """One gateway's view of the registry, kept current by a task in the background.

    `start` returns once the newest revision is enforced or, where Redis cannot be reached, the
    encrypted snapshot on disk. While neither is there, `screen` raises `NotReady`.
    """

    def __init__(
        self,
        registry: Registry,
        compiler: Compiler,
        cipher: Cipher,
        *,
        gateway_id: str,
        snapshot: Path,
        thresholds: Thresholds = SHIPPED,
        lease_s: float,
        lag_limit_s: float,
        judges: int = os.cpu_count() or 1,
    ) -> None:
        self.registry = registry
        self.compiler = compiler
        self.gateway_id = gateway_id
        self._enforced = Enforced(compiler, cipher, snapshot, thresholds)
        self.verdicts = Verdicts(compiler.encoder.encode)
        self._lease_s = lease_s
        self._lag_limit_s = lag_limit_s
        self._connected = False
        self._contact = time.monotonic()
        self._failed = 0.0
        self._trouble: Exception | None = None
        self._moved = asyncio.Condition()
        self._follower: asyncio.Task[None] | None = None
        # Chats must not queue before the rules that they are judged by, nor the other way round.
        self._judges = threads(judges, "screen")

    @property
    def rules(self) -> RuleSet:
        """The rule set that is enforced at this moment."""
        return self._enforced.holdings.rules

    @property
    def holdings(self) -> Holdings:
        """Everything that is held at this moment, the rule set included."""
        return self._enforced.holdings

    @property
    def loaded(self) -> bool:
        """Whether the holdings are those of a registry or of a snapshot."""
        return self._enforced.loaded

    def changed_since(self, revision: int) -> frozenset[str] | None:
        """The records that have changed since a revision; None where that is not known any more."""
        return self._enforced.changed_since(revision)

    @property
    def keys(self) -> Mapping[bytes, ApiKey]:
        """The issued API keys, by digest."""
        return self._enforced.holdings.keys

    async def start(self) -> None:
        """Enforce what there is, then follow the ledger until `stop`.

        Raises `SettingsError` when the registry must not be used as it is.
        """
        await self._restore()
        try:
            await self._connect()
        except SettingsError:
            raise  # nothing that waiting would mend
        except (LetheError, RuleError):
            log.info("Starting without the registry; it will be tried again.")
        self._enforced.start()
        self._follower = asyncio.create_task(self._follow())

    async def stop(self) -> None:
        """Stop following, save the snapshot, and take this gateway off the list of replicas."""
        if self._follower is not None:
            self._follower.cancel()
            await asyncio.gather(self._follower, return_exceptions=True)
        await self._enforced.stop()
        with contextlib.suppress(LetheError):
            await self.registry.leave(self.gateway_id)
        self._judges.shutdown(wait=False, cancel_futures=True)

    async def screen(self, conversation: Conversation) -> Verdict:
        """The verdict on a conversation at the newest revision that this gateway enforces.

        Raises `NotReady` while no rule set can be trusted, `Busy` when other chats keep it from
        being begun, `TimeoutError` when the verdict itself takes too long.
        """
        await self.current()
        if not self.rules.rules:
            return Verdict("allow", self.rules.revision)
        verdict = self._judges.submit(self._judge, conversation)
        try:
            async with asyncio.timeout(_SCREEN_S):
                return await asyncio.wrap_future(verdict)
        except TimeoutError:
            if verdict.cancel():  # it was not even begun: nothing is wrong but too much to do
                raise Busy("Too many prompts wait to be judged.", code="overloaded") from None
            raise

    def _judge(self, conversation: Conversation) -> Verdict:
        # The rules are taken when the work begins, not when it was queued: a filing that was
        # acknowledged in between counts.
        return self.verdicts.of(conversation, self.rules)

    async def reached(self, revision: int, timeout_s: float) -> bool:
        """Wait until this gateway enforces a revision; False when that takes too long."""
        async with self._moved:
            try:
                async with asyncio.timeout(timeout_s):
                    await self._moved.wait_for(lambda: self.rules.revision >= revision)
            except TimeoutError:
                return False
        return True

    @property
    def lag_s(self) -> float:
        """Seconds since this gateway last knew that it enforces the newest revision."""
        return time.monotonic() - self._contact

    @property
    def snapshot(self) -> Path:
        """Where the snapshot is kept."""
        return self._enforced.snapshot

    @property
    def warnings(self) -> tuple[str, ...]:
        """What an operator should know and nobody is refused for, in sentences."""
        if not self._enforced.unsavable:
            return ()
        return (
            "The snapshot cannot be written: make room on the disk of LETHE_DATA_DIR, or what was "
            "filed since is not enforced when this gateway starts while Redis is away.",
        )

    @property
    def unsaved_s(self) -> float:
        """Seconds for which a change has waited to be written into the snapshot."""
        return self._enforced.unsaved_s

    @property
    def connected(self) -> bool:
        """Whether the registry answered last time."""
        return self._connected

    @property
    def trouble(self) -> str | None:
        """Why the registry is not followed at this moment, in words; None where it is."""
        return _told(self._trouble) if self._trouble else None

    def problems(self) -> list[str]:
        """Why this gateway is not ready, in sentences; empty when it is."""
        trouble = self.trouble
        if not self._enforced.loaded:
            return [trouble or "The forget requests have not been loaded yet."]
        if trouble and not isinstance(self._trouble, RegistryUnavailable):
            return [trouble]
        if self.lag_s <= self._lag_limit_s:
            return []
        return [
            f"Redis has not been reached for {self.lag_s:.0f} s; the snapshot of revision "
            f"{self.rules.revision} is enforced. {trouble or ''}".strip()
        ]

    async def current(self) -> None:
        """Raise `NotReady` unless there is a rule set; after a pause, catch up first."""
        if not self._enforced.loaded or self._unreadable:
            raise NotReady(self.problems()[0], code="not_ready")
        if self._doubt_s <= self._lease_s:
            return
        # A suspended process wakes with a rule set of an unknown age. It may serve only after a
        # look at the ledger that began since, or after such a look has failed.
        with contextlib.suppress(TimeoutError):
            async with self._moved, asyncio.timeout(self._lease_s):
                await self._moved.wait_for(lambda: self._doubt_s <= self._lease_s)
                return
        raise NotReady("This gateway is catching up with the forget requests.", code="lagging")

    @property
    def _unreadable(self) -> bool:
        """Whether the registry holds something that should be enforced and cannot be read.

        A ledger that ran backwards is not that: what is held then is newer, and stays enforced. Nor
        is a broken audit, which enforces nothing.
        """
        readable = isinstance(self._trouble, LedgerBroken | AuditBroken)
        return isinstance(self._trouble, RuleError | RegistryError) and not readable

    @property
    def _doubt_s(self) -> float:
        """Seconds since a look at the ledger began that has succeeded or failed by now."""
        return time.monotonic() - max(self._contact, self._failed)

    async def _follow(self) -> None:
        """Tail the ledger for ever; trouble is told once, not once per attempt."""
        while True:
            began = time.monotonic()
            try:
                if not self._connected:
                    await self._connect()
                await self._step()
            except Exception as error:
                self._disconnected(error)
                self._failed = began
                await self._notify()
                await asyncio.sleep(min(0.25, self._lease_s / 4))

    def _disconnected(self, error: Exception) -> None:
        if self._trouble is None or _told(error) != _told(self._trouble):
            where = "" if isinstance(error, LetheError | RuleError) else f"\n{frames(error)}"
            log.warning("The registry is not followed: %s%s", _told(error), where)
        self._trouble = error
        self._connected = False

    async def _connect(self) -> None:
        """Open the registry and take over its whole state."""
        asked = time.monotonic()
        try:
            epoch = await self.registry.open()
            state = await self.registry.state(self._enforced.holdings.records)
            self._check_ledger(epoch, state)
            await self._enforced.take(state)
            await self._enforced.saved(_SAVE_S)
            await self.registry.acknowledge(self.gateway_id, self.rules.revision)
        except Exception as error:
            self._disconnected(error)
            raise
        self._contact, self._connected, self._trouble = asked, True, None
        await self._notify()

    def _check_ledger(self, epoch: str, state: State) -> None:
        """Refuse a ledger that is older than, or another than, what this gateway enforced."""
        if not self._enforced.loaded:
            return
        if epoch != self._enforced.holdings.epoch or state.revision < self.rules.revision:
            raise LedgerBroken(
                f"The ledger in Redis stands at revision {state.revision}, this gateway enforced "
                f"revision {self.rules.revision}: a backup was restored or Redis was emptied. "
                f"Restore a newer backup or, to accept the loss, stop the gateway and remove "
                f"{self._enforced.snapshot}."
            )

    async def _step(self) -> None:
        """One look at the ledger: apply what is new, acknowledge, stay alive."""
        asked = time.monotonic()
        changes = await self.registry.tail(self.rules.revision, _BLOCK_S)
        if changes:
            if any(change.kind == "data_key" for change in changes):
                await self.registry.open()  # takes over the data key that is used from here on
            ids = dict.fromkeys(change.id for change in changes if change.kind not in _NO_RECORD)
            records = [await self.registry.get(request_id) for request_id in ids]
            rekeyed = any(change.kind in _OF_KEYS for change in changes)
            keys = await self.registry.keys() if rekeyed else None
            await self._enforced.change(records, keys, changes[-1].revision)
            # What is acknowledged must outlive this process, also where Redis is away when it
            # comes back.
            await self._enforced.saved(_SAVE_S)
        await self.registry.acknowledge(self.gateway_id, self.rules.revision)
        self._contact = asked
        await self._notify()

    async def _notify(self) -> None:
        async with self._moved:
            self._moved.notify_all()

    async def _restore(self) -> None:
        """Enforce the snapshot on disk until the registry has answered."""
        try:
            await self._enforced.restore()
            # That may take longer than the limit, and is no lag: nobody could have answered.
            self._contact = time.monotonic()
        except (LetheError, RuleError, OSError) as error:
            self._trouble = error
            log.warning("The snapshot is not used: %s", _told(error))


def _told(error: Exception) -> str:
    """An error in words; of an unexpected one only its kind, for it may quote a text."""
    expected = isinstance(error, LetheError | RuleError | OSError)
    return str(error) if expected else type(error).__name__
