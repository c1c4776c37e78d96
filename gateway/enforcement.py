"""Keeps this gateway at the registry's revision: tail, compile, swap, acknowledge.

Readers never wait: `rules` is an immutable snapshot that is replaced whole. The path of a chat
request touches nothing else here, and never Redis.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from gateway.compiling import compile_filing
from gateway.encoder import Encoder
from gateway.errors import LetheError, NotReady, RegistryUnavailable, SettingsError
from gateway.registry.cipher import Cipher
from gateway.registry.errors import LedgerBroken
from gateway.registry.models import ApiKey, Record, State
from gateway.registry.snapshot import load_snapshot, save_snapshot
from gateway.registry.store import Registry
from guards import Conversation, Rule, RuleError, RuleSet, Verdict, load_rule, screen

log = logging.getLogger(__name__)

_BLOCK_S = 1.0
"""How long one look at the ledger waits; also the interval of the sign of life."""


class Enforcer:
    """One gateway's view of the registry, kept current by a task in the background.

    `start` returns once the newest revision is enforced or, where Redis cannot be reached, the
    encrypted snapshot on disk. While neither is there, `screen` raises `NotReady`.
    """

    def __init__(
        self,
        registry: Registry,
        encoder: Encoder,
        cipher: Cipher,
        *,
        gateway_id: str,
        snapshot: Path,
        lease_s: float,
        lag_limit_s: float,
        on_revision: Callable[[int], None] = lambda revision: None,
    ) -> None:
        self.registry = registry
        self.encoder = encoder
        self.gateway_id = gateway_id
        self.rules = RuleSet.empty()
        self.keys: dict[bytes, ApiKey] = {}
        self._cipher = cipher
        self._snapshot = snapshot
        self._lease_s = lease_s
        self._lag_limit_s = lag_limit_s
        self._on_revision = on_revision
        self._records: dict[str, Record] = {}
        self._epoch: str | None = None
        self._loaded = False
        self._connected = False
        self._contact = time.monotonic()
        self._failed = 0.0
        self._trouble: str | None = None
        self._unreachable = False
        self._moved = asyncio.Condition()
        self._dirty = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        # One thread of its own: two writers would tear each other's file, and a cancelled task
        # does not end the thread that it waited for.
        self._writer = ThreadPoolExecutor(1, "snapshot")

    async def start(self) -> None:
        """Enforce what there is, then follow the ledger until `stop`."""
        await self._restore()
        try:
            await self._connect()
        except SettingsError:
            raise  # nothing that waiting would mend
        except (LetheError, RuleError):
            log.info("Starting without the registry; it will be tried again.")
        self._tasks = [asyncio.create_task(self._follow()), asyncio.create_task(self._keep())]

    async def stop(self) -> None:
        """Stop following, save the snapshot, and take this gateway off the list of replicas."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._dirty.is_set():
            await self._save()
        await asyncio.to_thread(self._writer.shutdown)
        with contextlib.suppress(RegistryUnavailable):
            await self.registry.leave(self.gateway_id)

    async def screen(self, conversation: Conversation) -> Verdict:
        """The verdict on a conversation at the current revision; the encoder runs in a thread.

        Raises `NotReady` while no rule set can be trusted.
        """
        await self._current()
        rules = self.rules
        if not rules.rules:
            return Verdict("allow", rules.revision)
        return await asyncio.to_thread(screen, conversation, rules, self.encoder.encode)

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
    def connected(self) -> bool:
        """Whether the registry answered last time."""
        return self._connected

    def problems(self) -> list[str]:
        """Why this gateway is not ready, in sentences; empty when it is."""
        if not self._loaded:
            return [self._trouble or "The forget requests have not been loaded yet."]
        if self._trouble and not self._unreachable:
            return [self._trouble]
        found = []
        if self.lag_s > self._lag_limit_s:
            found.append(
                f"Redis has not been reached for {self.lag_s:.0f} s; the snapshot of revision "
                f"{self.rules.revision} is enforced. {self._trouble or ''}".strip()
            )
        return found

    async def _current(self) -> None:
        """Raise unless there is a rule set; after a pause of the process, catch up first."""
        if not self._loaded:
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
        told = str(error) if isinstance(error, LetheError | RuleError) else type(error).__name__
        if told != self._trouble:
            expected = isinstance(error, LetheError | RuleError)
            log.warning("The registry is not followed: %s", told, exc_info=not expected)
        self._trouble = told
        self._unreachable = isinstance(error, RegistryUnavailable)
        self._connected = False

    async def _connect(self) -> None:
        """Open the registry and take over its whole state."""
        asked = time.monotonic()
        try:
            epoch = await self.registry.open()
            state = await self.registry.state()
            self._check_ledger(epoch, state)
            await self._take(state)
            await self.registry.acknowledge(self.gateway_id, self.rules.revision)
        except Exception as error:
            self._disconnected(error)
            raise
        self._contact, self._connected, self._trouble = asked, True, None
        await self._notify()

    def _check_ledger(self, epoch: str, state: State) -> None:
        """Refuse a ledger that is older than, or another than, what this gateway enforced."""
        if self._epoch is None:
            return
        if epoch != self._epoch or state.revision < self.rules.revision:
            raise LedgerBroken(
                f"The ledger in Redis stands at revision {state.revision}, this gateway enforced "
                f"revision {self.rules.revision}: a backup was restored or Redis was emptied. "
                f"Restore a newer backup or, to accept the loss, stop the gateway and remove "
                f"{self._snapshot}."
            )

    async def _step(self) -> None:
        """One look at the ledger: apply what is new, acknowledge, stay alive."""
        asked = time.monotonic()
        changes = await self.registry.tail(self.rules.revision, _BLOCK_S)
        if changes:
            if any(change.kind == "key" for change in changes):
                await self._take(await self.registry.state())
            else:
                ids = dict.fromkeys(change.id for change in changes)
                records = [await self.registry.get(request_id) for request_id in ids]
                await self._apply(records, changes[-1].revision)
        await self.registry.acknowledge(self.gateway_id, self.rules.revision)
        self._contact = asked
        await self._notify()

    async def _take(self, state: State) -> None:
        """Replace everything by a state, compiling only what is new or changed."""
        known = {r.id: (r.version, r.revision) for r in self._records.values()}
        fresh = [r for r in state.records if known.get(r.id) != (r.version, r.revision)]
        gone = known.keys() - {r.id for r in state.records}
        compiled = await asyncio.to_thread(self._compile, fresh)
        kept = [rule for i, rule in self.rules.rules.items() if i not in gone and i not in compiled]
        everything = [*kept, *compiled.values()]
        self.rules = await asyncio.to_thread(RuleSet.build, everything, state.revision)
        self._records = {record.id: record for record in state.records}
        self.keys = {key.digest: key for key in state.keys}
        self._epoch = state.epoch
        self._changed()

    async def _apply(self, records: Iterable[Record], revision: int) -> None:
        """Bring the rule set to a revision by the records that changed since."""
        records = list(records)
        enforced = [record for record in records if record.status.enforced]
        compiled = await asyncio.to_thread(self._compile, enforced)
        rules = self.rules
        for record in records:
            if record.status.enforced:
                rules = rules.with_rule(compiled[record.id], revision)
                self._records[record.id] = record
            else:
                rules = rules.without(record.id, revision)
                self._records.pop(record.id, None)
        self.rules = rules.at(revision)
        self._changed()

    def _changed(self) -> None:
        self._loaded = True
        self._dirty.set()
        self._on_revision(self.rules.revision)

    def _compile(self, records: Iterable[Record]) -> dict[str, Rule]:
        """The rules of records, by id; embeddings of another encoder are computed anew."""
        compiled = {}
        for record in records:
            rule = load_rule(record.rule)
            if rule.encoder != self.encoder.fingerprint:
                rule = compile_filing(record.id, record.version, record.filing, self.encoder)
            compiled[record.id] = rule
        return compiled

    async def _notify(self) -> None:
        async with self._moved:
            self._moved.notify_all()

    async def _restore(self) -> None:
        """Enforce the snapshot on disk until the registry has answered."""
        try:
            state = await asyncio.to_thread(load_snapshot, self._snapshot, self._cipher)
            if state is not None:
                await self._take(state)
                self._dirty.clear()
        except (LetheError, RuleError) as error:
            self._trouble = str(error)
            log.warning("The snapshot is not used: %s", error)

    async def _keep(self) -> None:
        """Write the snapshot after changes, at most once a second."""
        while True:
            await self._dirty.wait()
            await self._save()
            await asyncio.sleep(1.0)

    async def _save(self) -> None:
        self._dirty.clear()
        state = State(
            self._epoch or "", self.rules.revision,
            tuple(self._records.values()), tuple(self.keys.values()),
        )  # fmt: skip
        try:
            await asyncio.get_running_loop().run_in_executor(
                self._writer, save_snapshot, self._snapshot, self._cipher, state
            )
        except OSError as error:
            log.error("The snapshot %s cannot be written: %s", self._snapshot, error)
            self._dirty.set()
