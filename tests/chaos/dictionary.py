"""A thief with the Redis folder, the snapshots and the logs, and a dictionary, but no key.

Files requests about made-up people, half of them blind, asks about each, and then looks for every
name of a dictionary, theirs among them, in whatever is on disk or in Redis. Prints a line of JSON.

python -m tests.chaos.dictionary [--subjects 1000] [--guesses 100000]
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Any

import redis

from gateway.bench.servers import server, url
from gateway.registry.embedded import embedded_redis
from tests.chaos.guesses import DIGESTS, Dictionary, writings
from tests.running import Running

_VOWELS, _CONSONANTS = "aeiouy", "bdfghjklmnprstvwz"


def people(count: int, seed: int = 7) -> list[str]:
    """Names that nobody has, all different: what is found of them was planted."""
    rng = Random(seed)
    found: dict[str, None] = {}
    while len(found) < count:
        first, last = _word(rng, 3), _word(rng, 4)
        found[f"{first.title()} {last.title()}"] = None
    return list(found)


def _word(rng: Random, syllables: int) -> str:
    return "".join(rng.choice(_CONSONANTS) + rng.choice(_VOWELS) for _ in range(syllables))


def plant(gateway: Running, names: Sequence[str]) -> None:
    """File a request about each, every second one blind, and ask about it."""
    for number, name in enumerate(names):
        body = {
            "subject": {"name": name, "description": f"{name} lives by the sea."},
            "scope": {
                "questions": [
                    {"question": f"Who is the mother of {name}?", "answer": f"Ada {name}"}
                ],
                "passages": [f"It is told that {name} walked to the harbour on a cold day in May."],
                "forbidden": [f"Project {name}"],
            },
            "blind": number % 2 > 0,
        }
        answer = gateway.http.post("/admin/forget-requests", json=body)
        assert answer.status_code == 201, answer.text
        assert not gateway.told(f"Where was {name} born?")
        gateway.http.post("/admin/forget-requests", json={"subject": {"name": name, "x": name}})


def loot(folders: Sequence[Path], store: Any) -> Iterator[tuple[str, bytes]]:
    """(where, what) of all that a thief could copy: files, and every value in Redis as it is.

    Redis compresses what it writes to disk.
    """
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                yield str(path.relative_to(folder)), path.read_bytes()
    values: list[Any] = []
    read: dict[Any, Any] = {
        b"hash": lambda key: [part for pair in store.hgetall(key).items() for part in pair],
        b"set": lambda key: [*store.smembers(key)],
        b"list": lambda key: store.lrange(key, 0, -1),
        b"zset": lambda key: store.zrange(key, 0, -1),
        b"stream": lambda key: [
            p for _, e in store.xrange(key) for pair in e.items() for p in pair
        ],
        b"string": lambda key: [store.get(key)],
    }
    for key in store.scan_iter():
        values += (key, *read[store.type(key)](key))
    yield "redis", b"\n".join(values)


def controls(names: Sequence[str]) -> bytes:
    """One writing of each name after the other: a search that misses one of them proves nothing."""
    every = [writings(name) for name in names]
    return b"\n".join(each[number % len(each)] for number, each in enumerate(every))


async def run(folder: Path, subjects: int, guesses: int) -> dict[str, Any]:
    """Plant, steal and guess; what was tried and found."""
    began = time.monotonic()
    everybody = people(guesses)
    planted = Random(1).sample(everybody, subjects)
    stolen = await _stolen(folder, planted)
    dictionary = Dictionary(everybody)
    hits = {where: dictionary.found_in(text) for where, text in stolen}
    found = frozenset().union(*hits.values())
    return {
        "subjects": subjects,
        "blind": subjects // 2,
        "guesses": guesses,
        "writings_tried": dictionary.tried,
        "digests": DIGESTS,
        "searched": len(stolen),
        "searched_mib": round(sum(len(text) for _, text in stolen) / 2**20, 1),
        "controls_missed": len({*planted} - dictionary.found_in(controls(planted))),
        "found": len(found & {*planted}),
        "found_by_chance": len(found - {*planted}),
        "where": [where for where, names in hits.items() if names],
        "seconds": round(time.monotonic() - began, 1),
    }


async def _stolen(folder: Path, planted: Sequence[str]) -> list[tuple[str, bytes]]:
    """What can be copied after some names were filed; everything but the key."""
    key = base64.b64encode(os.urandom(32)).decode()
    kept, data = folder / "redis", folder / "data"
    (folder / "stub").mkdir()
    async with embedded_redis(kept) as location:
        with server("gateway.bench.stub", folder / "stub") as stub:
            gateway = Running(data, url(stub), {"data_key": key, "redis_url": location})
            try:
                gateway.start()
                plant(gateway, planted)
                metrics = gateway.http.get("/metrics").content
            finally:
                gateway.stop()
        with redis.Redis.from_url(location) as store:
            return [*loot((data, kept), store), ("metrics", metrics)]


def main() -> None:
    """Run it, and tell; exit code 1 where a subject was found, or the search is blind itself."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--subjects", type=int, default=1_000)
    parser.add_argument("--guesses", type=int, default=100_000)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="lethe-") as folder:
        result = asyncio.run(run(Path(folder), asked.subjects, asked.guesses))
    print(json.dumps(result))
    sys.exit(1 if result["found"] or result["controls_missed"] else 0)


if __name__ == "__main__":
    main()
