"""Fixtures that all tests share."""

from __future__ import annotations

from pathlib import Path

import platformdirs
import pytest

from gateway.encoder import Encoder, load_encoder


@pytest.fixture(scope="session")
def encoder() -> Encoder:
    """The packaged encoder; its export is kept between sessions, as that of a gateway is."""
    return load_encoder(None, Path(platformdirs.user_cache_dir("lethe")))
