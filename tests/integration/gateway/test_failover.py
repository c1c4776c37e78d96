"""A gateway while its Redis fails over: chats are judged, filings wait, all goes on by itself."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from tests.integration.gateway.conftest import StartGateway
from tests.integration.registry.topologies import (
    Cluster,
    Sentinels,
    running_cluster,
    running_sentinels,
)
from tests.running import eventually

ASK = "Where was Mira Quell born?"


@pytest.fixture(params=["sentinel", "cluster"])
def topology(request: pytest.FixtureRequest) -> Iterator[Sentinels | Cluster]:
    run = running_sentinels if request.param == "sentinel" else running_cluster
    with tempfile.TemporaryDirectory(prefix="lethe-") as folder, run(Path(folder)) as started:
        yield started


@pytest.mark.slow
def test_a_failover_is_lived_through(
    start_gateway: StartGateway, topology: Sentinels | Cluster, data_key: str
) -> None:
    # One replica that is left would have to confirm; in the cluster there is none.
    replicas = "1" if isinstance(topology, Sentinels) else "0"
    gateway = start_gateway(redis_url=topology.url, data_key=data_key, redis_replicas=replicas)
    gateway.file("Mira Quell")
    time.sleep(0.2)  # in the cluster, for its replica
    topology.primary.kill()
    body = {"subject": {"name": "Tom Quell"}, "subject_request_id": str(uuid4())}
    refused = 0

    def filed() -> bool:
        nonlocal refused
        assert not gateway.told(ASK)
        assert gateway.told("What is the capital of Portugal?")
        answer = gateway.http.post("/admin/forget-requests", json=body)
        refused += answer.status_code == 503
        assert answer.status_code in {200, 201, 503}
        return answer.status_code != 503

    eventually(filed)
    assert refused
    assert not gateway.told("Where was Tom Quell born?")
    eventually(lambda: gateway.http.get("/readyz").status_code == 200)
    answer = gateway.http.get("/admin/forget-requests").json()
    assert [item["revision"] for item in answer["items"]] == [1, 2]
