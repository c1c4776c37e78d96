"""Each script at a small size, so that it keeps working; `python -m tests.chaos.NAME` for more.

How fast something is, is for the scripts to say.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from gateway.bench.guards_world import name
from gateway.registry.audit import Deed, genesis, link
from tests.chaos.big import big
from tests.chaos.cut_off import cut_off
from tests.chaos.full_disk import full_disk, may_mount
from tests.chaos.kills import kills
from tests.chaos.oom import oom
from tests.chaos.outage import outage
from tests.chaos.outcome import tell
from tests.chaos.paused import paused
from tests.chaos.propagation import propagation
from tests.chaos.store import Store, read_ledger
from tests.chaos.telling import place, planted, question, subject, tells

slow = pytest.mark.slow


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder whose path leaves room for a unix socket, unlike many of pytest's."""
    with TemporaryDirectory(prefix="lethe-") as path:
        yield Path(path)


def test_an_answer_tells_what_its_own_filing_forbids() -> None:
    filed = planted(7)
    assert filed["scope"]["questions"][0]["question"] == question(7)
    told = f"{subject(7)} was born in {place(subject(7).split()[1])}."
    assert tells(7, told)
    assert not tells(7, "I do not know.")
    assert len({subject(number) for number in range(10_000)}) == 10_000
    assert subject(1) != name(1)


def test_a_gap_in_the_ledger_is_found(folder: Path) -> None:
    with Store(folder / "redis") as store, store.client() as client:
        client.hset("{lethe}:meta", "epoch", "e")
        client.set("{lethe}:revision", 3)
        for revision in (1, 3):
            client.xadd("{lethe}:ledger", {"epoch": "e"}, f"{revision}-0")
        head = genesis("e")
        for number in (1, 2):
            line, head = link(Deed("filed", "bootstrap", f"fr_{number}"), number, head)
            client.xadd("{lethe}:audit", {"entry": line}, f"{number}-0")
        whole = read_ledger(client)
        client.xdel("{lethe}:audit", "1-0")
        cut = read_ledger(client)
    assert (whole.revision, whole.missing, whole.epochs) == (3, 1, 1)
    assert (whole.audited, whole.broken) == (frozenset(("fr_1", "fr_2")), "")
    assert cut.broken


def test_what_is_wrong_ends_a_script_with_1(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as failed:
        tell({"killed": 1}, ["a leak", "a leak"])
    assert failed.value.code == 1
    line = '{"killed":1,"problems":["a leak (2 times)"],"holds":false}\n'
    assert capsys.readouterr().out == line
    with pytest.raises(SystemExit) as held:
        tell({}, [])
    assert held.value.code == 0


@slow
async def test_kills(folder: Path) -> None:
    counted, wrong = await kills(folder, kills=12, engine_kills=1, gateways=2)
    assert wrong == []
    assert sum(counted["killed"].values()) == 13
    assert counted["recovered"]["acknowledged"] > 0
    assert counted["counted"]["planted chats"] > 0
    assert counted["ledger"]["revision"] >= counted["recovered"]["acknowledged"]


@slow
async def test_paused(folder: Path) -> None:
    counted, wrong = await paused(folder, rounds=1, seconds=2.5, lease_s=1.6)
    assert wrong == []
    assert counted["counted"]["asked before"] == counted["counted"]["asked woken"] == 10


@slow
async def test_cut_off(folder: Path) -> None:
    counted, wrong = await cut_off(folder, rounds=1)
    assert wrong == []
    assert counted["counted"]["filings refused"] == 2


@slow
async def test_outage(folder: Path) -> None:
    counted, wrong = await outage(folder, seconds=3, per_s=10, most_ratio=math.inf)
    assert wrong == []
    assert counted["asked"] > 0
    assert counted["filings_refused"] > 0


@slow
async def test_oom(folder: Path) -> None:
    counted, wrong = await oom(folder, seconds=2)
    assert wrong == []
    assert counted["recovered"]["acknowledged"] > 1


@slow
async def test_full_disk(folder: Path) -> None:
    if not may_mount():
        pytest.skip("only root may mount a small file system")
    counted, wrong = await full_disk(folder, seconds=2)
    assert wrong == []
    assert counted["recovered"]["acknowledged"] > 1


@slow
def test_propagation() -> None:
    found, wrong = propagation(
        gateways=2, count=10, filings_per_s=5, chats_per_s=10, most_ms=math.inf
    )
    assert wrong == []
    assert found["chats_served"] > 0


@slow
def test_big(folder: Path) -> None:
    counted, wrong = big(
        folder, requests=150, calls=3, most_ms=math.inf, most_start_s=math.inf, export=False
    )
    assert wrong == []
    assert counted["pages"]["pages"] == 2
    assert counted["completed"]
