"""The soak for some minutes; `python -m tests.chaos.soak` runs it for longer."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.chaos.soak import soak


@pytest.mark.slow
async def test_nothing_grows_nothing_is_lost_nothing_is_logged(tmp_path: Path) -> None:
    traffic, soaked = await soak(tmp_path, minutes=3)
    assert traffic.sent["answered"] > 100
    assert soaked.problems(traffic) == []
