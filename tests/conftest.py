"""Fixtures that all tests share."""

from __future__ import annotations

from pathlib import Path

import platformdirs
import pytest

from gateway.encoder import Encoder
from gateway.encoder_cache import CachedEncoder
from gateway.encoder_load import load_encoder
from guards.meaning.adapter import shipped_adapter


@pytest.fixture(scope="session")
def encoder() -> Encoder:
    """The packaged encoder; its export is kept between sessions, as that of a gateway is."""
    loaded = load_encoder(None, Path(platformdirs.user_cache_dir("lethe")))
    return CachedEncoder(loaded, shipped_adapter())
