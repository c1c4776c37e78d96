"""Fixtures that all tests share."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import platformdirs
import pytest
from xdist.scheduler import LoadFileScheduling

from demo.stack import running_engine
from gateway.encoder import Encoder
from gateway.encoder_cache import CachedEncoder
from gateway.encoder_load import load_encoder
from guards.meaning.adapter import shipped_adapter

os.environ["TRITON_INTERPRET"] = "1"  # before it is imported: its kernels run without a GPU

hypothesis.settings.register_profile("lethe", deadline=None)  # no test times itself
hypothesis.settings.load_profile("lethe")

_ON_AN_ENGINE = "tests/acceptance/", "tests/integration/engine/", "tests/chaos/"
"""What one process runs, so that vLLM is started once, and a second one only when it is time."""


def pytest_itemcollected(item: pytest.Item) -> None:
    """Give tests that are made from an API document ids of their own: they are shared out by id."""
    if not item.nodeid.endswith(item.name):
        item._id = type(item.id).parse(f"{item.nodeid.rpartition('::')[0]}::{item.name}")


class _Scheduling(LoadFileScheduling):  # type: ignore[misc]
    """Whole files to each process, and to one of them all that want the engine."""

    def _split_scope(self, nodeid: str) -> str:
        return "engine" if nodeid.startswith(_ON_AN_ENGINE) else super()._split_scope(nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> _Scheduling:
    """How tests are shared out where they run in several processes."""
    return _Scheduling(config, log)


@pytest.fixture(scope="session")
def encoder() -> Encoder:
    """The packaged encoder; its export is kept between sessions, as that of a gateway is."""
    loaded = load_encoder(None, Path(platformdirs.user_cache_dir("lethe")))
    return CachedEncoder(loaded, shipped_adapter())


@pytest.fixture(scope="session")
def engine_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The session's vLLM, on the demo model and with the plug-in: its base URL."""
    with running_engine(tmp_path_factory.mktemp("engine") / "engine.log") as url:
        yield url
