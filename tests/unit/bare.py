"""The whole application over parts that nothing may ask."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

from fastapi import FastAPI

from gateway.access import Access
from gateway.app import create_app
from gateway.monitor import FalseStops
from gateway.parts import Parts
from gateway.registry.cipher import Cipher
from gateway.settings_load import load_settings
from gateway.telemetry import Metrics


def bare_app(*, open_access: bool = False) -> FastAPI:
    """The application; with `open_access` everybody may ask for everything."""
    parts = SimpleNamespace(
        access=Access(cast(Any, SimpleNamespace(keys={})), b"k", None, open_access=open_access),
        settings=load_settings(),
        cipher=Cipher(b"k" * 32),
        pool=None,
        interventions=SimpleNamespace(act=False),
        metrics=Metrics(),
        monitor=FalseStops(),
        count=None,
        observe=None,
        traces=SimpleNamespace(pick=None),
        enforcer=SimpleNamespace(current=None),
        screen=None,
        watch=None,
        encoder=SimpleNamespace(encode=None),
    )
    return create_app(cast(Parts, parts))
