"""Every cache is bounded, and the gateway's own tell how much they hold."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.encoder_cache import CachedEncoder
from gateway.telemetry import Metrics
from gateway.verdicts import Verdicts
from guards import Conversation, Message, RuleSet
from tests.unit.guards.conftest import fake_encode
from tests.unit.test_encoder_cache import Counting

ROOT = Path(__file__).parents[2]


def cached() -> Iterator[tuple[str, ast.FunctionDef, ast.expr]]:
    """(file, function, decorator) of everything that remembers what it returned."""
    for room in ("gateway", "guards", "steering", "folding"):
        for file in (ROOT / room).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text())):
                for decorator in getattr(node, "decorator_list", ()):
                    if "cache" in ast.unparse(decorator).partition("(")[0].split("_"):
                        assert isinstance(node, ast.FunctionDef)
                        yield str(file.relative_to(ROOT)), node, decorator


@pytest.mark.parametrize(("file", "function", "decorator"), list(cached()))
def test_every_cache_is_bounded(file: str, function: ast.FunctionDef, decorator: ast.expr) -> None:
    arguments = ast.unparse(function.args)
    if not isinstance(decorator, ast.Call):
        assert not arguments, f"{file}: {function.name} remembers every argument: give a maxsize"
        return
    (size,) = (keyword.value for keyword in decorator.keywords if keyword.arg == "maxsize")
    assert not (isinstance(size, ast.Constant) and size.value is None), f"{file}: {function.name}"


def test_the_size_of_a_cache_is_a_metric() -> None:
    metrics = Metrics()
    verdicts = Verdicts(fake_encode)
    metrics.cached("verdicts", verdicts)
    assert b'lethe_cache_entries{cache="verdicts"} 0.0' in metrics.text()
    for text in ("one", "two", "two"):
        verdicts.of(Conversation((Message("user", text),)), RuleSet.build([], 1))
    encoder = CachedEncoder(Counting())
    metrics.cached("embeddings", encoder)
    encoder.encode(["a", "b", "c"])
    assert b'lethe_cache_entries{cache="embeddings"} 3.0' in metrics.text()
    assert b'lethe_cache_entries{cache="verdicts"}' in metrics.text()
