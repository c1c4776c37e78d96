"""A Redis of one's own that is killed, stopped and started again on the same folder."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

import redis

from gateway.processes import ChildFailed
from gateway.registry import keys
from gateway.registry.audit import entry_of, follow, genesis
from gateway.registry.errors import AuditBroken
from gateway.registry.redis_server import find_server
from gateway.registry.redis_tail import mend

_START_S = 60.0
_DURABLE = ("--appendonly", "yes", "--appendfsync", "always", "--save", "")
_REWRITE = ("--auto-aof-rewrite-min-size", "1mb")
"""Rewritten often, so that it is also killed in the middle of that."""


@dataclass
class Store:
    """A redis-server on `folder/redis.sock`, which keeps every change that it has answered."""

    folder: Path
    options: tuple[str, ...] = ()
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def socket(self) -> Path:
        """Where it listens."""
        return self.folder / "redis.sock"

    @property
    def url(self) -> str:
        """Where it listens, as a setting."""
        return f"unix://{self.socket}"

    def start(self) -> Self:
        """Start it and wait until it has loaded what it holds; raises `ChildFailed`."""
        binary, _ = find_server()
        self.folder.mkdir(exist_ok=True, parents=True)
        log = self.folder / "redis.log"
        mend(binary, self.folder)  # as docs/redis.md tells whoever runs a Redis to do
        command = [
            str(binary), "--port", "0", "--unixsocket", str(self.socket), "--dir",
            str(self.folder), "--logfile", str(log), *_DURABLE, *_REWRITE, *self.options,
        ]  # fmt: skip
        self.process = subprocess.Popen(command, start_new_session=True)
        deadline = time.monotonic() + _START_S
        with self.client() as client:
            while not _answers(client):
                if self.process.poll() is not None or time.monotonic() > deadline:
                    self.kill()
                    raise ChildFailed(f"Redis did not get ready; see {log}.")
                time.sleep(0.01)
        return self

    def client(self) -> redis.Redis:
        """A client of it, for whoever looks behind the gateways."""
        return redis.Redis(unix_socket_path=str(self.socket))

    def kill(self) -> None:
        """SIGKILL: it can finish nothing."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        assert self.process is not None
        os.kill(self.process.pid, number)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.kill()


@dataclass(frozen=True)
class Ledger:
    """What the ledger holds, read past the gateways."""

    revision: int
    missing: int
    """Revisions from the first to the newest that have no entry, or an entry out of turn."""
    epochs: int
    audited: frozenset[str]
    """The requests that the audit tells of."""
    broken: str
    """What is wrong with the audit chain; empty where nothing is."""


def read_ledger(client: redis.Redis) -> Ledger:
    """Read it from its first entry to its last, and the audit chain beside it."""
    with client.pipeline() as at_once:  # vectors are captured meanwhile, which are changes too
        at_once.xrange(keys.LEDGER)
        at_once.get(keys.REVISION)
        at_once.hget(keys.META, "epoch")
        at_once.xrange(keys.AUDIT)
        entries, newest, epoch, audit = at_once.execute()
    revision = int(newest or 0)
    found = [int(name.partition(b"-")[0]) for name, _ in entries]
    missing = len(set(range(1, revision + 1)).symmetric_difference(found))
    epochs = {fields[b"epoch"] for _, fields in entries} | {epoch}
    lines: list[bytes] = [fields[b"entry"] for _, fields in audit]
    try:
        follow(lines, genesis(epoch.decode()))
        broken = ""
    except AuditBroken as error:
        broken = str(error)
    audited = frozenset(id for line in lines if (id := entry_of(line).id) is not None)
    return Ledger(revision, missing, len(epochs), audited, broken)


def _answers(client: redis.Redis) -> bool:
    try:
        return bool(client.ping())
    except (redis.exceptions.RedisError, OSError):
        return False
