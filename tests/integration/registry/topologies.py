"""Redis behind Sentinel and in a Cluster, as processes on loopback."""

from __future__ import annotations

import contextlib
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import redis
from redis.crc import key_slot

from gateway.processes import free_port
from gateway.registry import keys
from gateway.registry.redis_server import find_server

SERVICE = "lethe"
SLOT = key_slot(keys.META.encode())
DURABLE = ("--appendonly", "yes", "--appendfsync", "always", "--save", "")
# A replica that has lost its primary for a moment goes on where it was, and at once.
QUICK = ("--repl-diskless-sync", "yes", "--repl-diskless-sync-delay", "0")


def wait_for(holds: Callable[[], bool], seconds: float = 120.0) -> None:
    """Wait until something holds of Redis; errors of it mean not yet.

    A Sentinel that a busy machine kept waiting for two seconds takes nobody for alive again for
    thirty (its TILT mode).
    """
    end = time.monotonic() + seconds
    while True:
        with contextlib.suppress(redis.exceptions.RedisError):
            if holds():
                return
        assert time.monotonic() < end, "it never came true"
        time.sleep(0.02)


@dataclass
class Node:
    """One redis-server on a port of loopback; started again, it has the data that it had."""

    folder: Path
    options: tuple[str, ...] = DURABLE
    binary: Path = field(default_factory=lambda: find_server()[0])
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    def __post_init__(self) -> None:
        self.folder.mkdir(exist_ok=True)
        self.client: Any = redis.Redis(
            port=self.port, socket_timeout=5, protocol=2, single_connection_client=False
        )

    @property
    def version(self) -> tuple[int, ...]:
        """Major and minor version, of Redis or of what it is compatible with."""
        told = self.client.info("server")["redis_version"]
        return tuple(int(part) for part in told.split(".")[:2])

    def start(self, *more: str) -> None:
        """Start it, and wait until it answers."""
        self.process = subprocess.Popen(
            [self.binary, *more, "--port", str(self.port), "--dir", self.folder, *self.options],
            stdout=subprocess.DEVNULL,
        )
        wait_for(self.client.ping)

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal, such as SIGSTOP: a node that is there and does not answer."""
        assert self.process is not None
        self.process.send_signal(number)

    def kill(self) -> None:
        """As kill -9, also while it is stopped."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def close(self) -> None:
        self.kill()
        self.client.close()


@dataclass
class Sentinels:
    """A primary with two replicas, and three Sentinels that watch them."""

    nodes: list[Node]
    sentinels: list[Node]

    @property
    def url(self) -> str:
        hosts = ",".join(f"127.0.0.1:{sentinel.port}" for sentinel in self.sentinels)
        return f"redis+sentinel://{hosts}/{SERVICE}/0"

    @property
    def primary(self) -> Node:
        """Which node most Sentinels take for the primary."""
        asked = [
            int(s.client.execute_command("SENTINEL", "GET-MASTER-ADDR-BY-NAME", SERVICE)[1])
            for s in self.sentinels
        ]
        port = max(asked, key=asked.count)
        return next(node for node in self.nodes if node.port == port)

    @property
    def replicas(self) -> list[Node]:
        primary = self.primary
        return [node for node in self.nodes if node is not primary]

    def heal(self) -> None:
        """Have everything run and replicate again."""
        for node in self.nodes:
            node.signal(signal.SIGCONT)
            if node.process is not None and node.process.poll() is not None:
                node.start()
        primary = self.primary
        for node in self.replicas:
            # Sentinel does that too, after ten seconds or so.
            if node.client.info("replication")["role"] == "master":
                node.client.execute_command("REPLICAOF", "127.0.0.1", primary.port)
        wait_for(self._whole)

    def _whole(self) -> bool:
        primary = self.primary.client.info("replication")
        online = [primary.get(f"slave{i}", {}).get("state") for i in range(2)]
        # A failover is not begun again before Sentinel has seen the end of the last one.
        states = [s.client.execute_command("SENTINEL", "MASTERS")[0] for s in self.sentinels]
        flags = {dict(zip(s[::2], s[1::2], strict=True))[b"flags"] for s in states}
        alive = all(
            dict(zip(r[::2], r[1::2], strict=True))[b"flags"] == b"slave"
            for s in self.sentinels
            for r in s.client.execute_command("SENTINEL", "REPLICAS", SERVICE)
        )
        return (
            primary["role"] == "master"
            and online == ["online", "online"]
            and flags == {b"master"}
            and alive
        )


@contextmanager
def running_sentinels(folder: Path, binary: Path | None = None) -> Iterator[Sentinels]:
    """Start them; ready when every Sentinel knows all the others."""
    server = binary or find_server()[0]
    with ExitStack() as stack:
        nodes = [Node(folder / f"node{i}", (*DURABLE, *QUICK), server) for i in range(3)]
        sentinels = [Node(folder / f"sentinel{i}", (), server) for i in range(3)]
        for node in (*nodes, *sentinels):
            stack.callback(node.close)
        nodes[0].start()
        for node in nodes[1:]:
            # In a file of its own, because a failover writes to it.
            config = node.folder / "redis.conf"
            config.write_text(f"replicaof 127.0.0.1 {nodes[0].port}\n")
            node.start(str(config))
        for sentinel in sentinels:
            config = sentinel.folder / "sentinel.conf"
            config.write_text(
                f"sentinel monitor {SERVICE} 127.0.0.1 {nodes[0].port} 2\n"
                f"sentinel down-after-milliseconds {SERVICE} 700\n"
                f"sentinel failover-timeout {SERVICE} 3000\n"
            )
            sentinel.start(str(config), "--sentinel")
        stack_ = Sentinels(nodes, sentinels)
        wait_for(stack_._whole)
        wait_for(
            lambda: all(
                len(s.client.execute_command("SENTINEL", "SENTINELS", SERVICE)) == 2
                for s in sentinels
            )
        )
        yield stack_


@dataclass
class Cluster:
    """Three primaries; the one that serves Lethe's slot has a replica."""

    nodes: list[Node]

    @property
    def url(self) -> str:
        return "redis+cluster://" + ",".join(f"127.0.0.1:{node.port}" for node in self.nodes[:3])

    @property
    def primary(self) -> Node:
        """The node that serves Lethe's slot."""
        for node in self.nodes:
            with contextlib.suppress(redis.exceptions.RedisError):
                for first, last, primary, *_ in node.client.execute_command("CLUSTER", "SLOTS"):
                    if first <= SLOT <= last:
                        return next(n for n in self.nodes if n.port == primary[1])
        raise AssertionError("nobody serves the slot")

    @property
    def other(self) -> Node:
        """A primary that does not serve it."""
        primary = self.primary
        return next(n for n in self._primaries() if n is not primary)

    @property
    def replicated(self) -> Node:
        """The primary that has a replica."""
        return next(n for n in self._primaries() if _has_replica(n))

    def heal(self) -> None:
        """Wait until every node is well."""
        wait_for(self._whole)

    def ids(self) -> dict[int, bytes]:
        """The ids of the nodes, by port."""
        return {n.port: n.client.execute_command("CLUSTER", "MYID") for n in self.nodes}

    def migrate(self, to: Node, during: Callable[[], None] = lambda: None) -> None:
        """Move Lethe's slot to another primary, key by key, as redis-cli does."""
        source, ids = self.primary, self.ids()
        to.client.execute_command("CLUSTER", "SETSLOT", SLOT, "IMPORTING", ids[source.port])
        source.client.execute_command("CLUSTER", "SETSLOT", SLOT, "MIGRATING", ids[to.port])
        names = source.client.execute_command("CLUSTER", "GETKEYSINSLOT", SLOT, 100_000)
        for i, name in enumerate(names):
            source.client.execute_command("MIGRATE", "127.0.0.1", to.port, name, 0, 5000)
            if i == len(names) // 2:
                during()
        for node in (to, source, *self.nodes):
            with contextlib.suppress(redis.exceptions.RedisError):  # a replica
                node.client.execute_command("CLUSTER", "SETSLOT", SLOT, "NODE", ids[to.port])

    def _whole(self) -> bool:
        for node in self.nodes:
            if b"cluster_state:ok" not in node.client.execute_command("CLUSTER", "INFO"):
                return False
            if len(node.client.execute_command("CLUSTER", "SLOTS")) < 3:
                return False
        return any(_has_replica(node) for node in self._primaries())

    def _primaries(self) -> list[Node]:
        roles = ((n, n.client.info("replication")["role"]) for n in self.nodes)
        return [node for node, role in roles if role == "master"]


@contextmanager
def running_cluster(folder: Path) -> Iterator[Cluster]:
    """Start it; ready when every node knows who serves what."""
    options = (*DURABLE, *QUICK, *"--cluster-enabled yes --cluster-node-timeout 1500".split())
    options = (*options, "--cluster-replica-validity-factor", "0")
    with ExitStack() as stack:
        nodes = [Node(folder / f"cluster{i}", options, port=_free_ports()) for i in range(4)]
        for node in nodes:
            stack.callback(node.close)
            node.start()
        for i, node in enumerate(nodes[:3]):
            slots = [slot for slot in range(16384) if slot * 3 // 16384 == i]
            node.client.execute_command("CLUSTER", "ADDSLOTS", *slots)
            node.client.execute_command("CLUSTER", "SET-CONFIG-EPOCH", i + 1)
        for node in nodes[1:]:
            node.client.execute_command("CLUSTER", "MEET", "127.0.0.1", nodes[0].port)
        cluster = Cluster(nodes)
        wait_for(lambda: all(len(_known(node)) == 4 for node in nodes))
        owner = cluster.ids()[cluster.primary.port]
        wait_for(lambda: bool(nodes[3].client.execute_command("CLUSTER", "REPLICATE", owner)))
        wait_for(cluster._whole)
        yield cluster


def _has_replica(node: Node) -> bool:
    told = node.client.info("replication").get("slave0", {})
    return bool(told.get("state") == "online")


def _known(node: Node) -> set[Any]:
    answer = node.client.execute_command("CLUSTER NODES")
    return {name for name, told in answer.items() if "handshake" not in told["flags"]}


def _free_ports() -> int:
    """A port that nobody uses, as nobody uses the one 10,000 above, for the bus of a cluster."""
    while True:
        port = free_port()
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port + 10_000))
            return port
