"""Log lines: text or JSON, with the id of the request, without what an error quotes."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from typing import Any

import orjson
import pytest

from gateway import logs
from gateway.telemetry.ids import RequestId, current

NAME = "Mira Quell"
ID = "0" * 32


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    root, known = logging.getLogger(), current.set(None)
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    current.reset(known)


def written(form: Any, monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    stream = io.StringIO()
    monkeypatch.setattr("sys.stderr", stream)
    logs.write_log(form)
    return stream


@pytest.mark.parametrize("form", ["text", "json"])
def test_an_error_is_told_by_kind_and_place(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    stream = written(form, monkeypatch)
    try:
        raise ValueError(NAME)
    except ValueError:
        logging.getLogger("x").exception("It broke.")
    told = stream.getvalue()
    assert NAME not in told
    assert "It broke." in told
    assert "ValueError" in told
    assert "test_logs.py" in told


def test_json_lines_hold_the_id_and_what_else_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = written("json", monkeypatch)
    logging.getLogger("x").info("Nobody asks.")
    current.set(RequestId(ID, ID))
    logging.getLogger("lethe.access").info("GET %s", "/x", extra={"status": 200})
    first, second = map(orjson.loads, stream.getvalue().splitlines())
    assert first.keys() == {"time", "level", "logger", "message"}
    assert (first["level"], first["logger"], first["message"]) == ("INFO", "x", "Nobody asks.")
    assert first["time"].endswith("Z")
    assert (second["request_id"], second["status"]) == (ID, 200)


def test_an_unreachable_collector_is_told_of_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = written("text", monkeypatch)
    for _ in range(20):
        logging.getLogger("opentelemetry.exporter.x").warning("It does not answer.")
        logging.getLogger("gateway.x").warning("It works.")
    assert stream.getvalue().count("It does not answer.") == 1
    assert stream.getvalue().count("It works.") == 20


def test_text_lines_hold_the_id(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = written("text", monkeypatch)
    current.set(RequestId("shown", ID))
    logging.getLogger("x").info("Somebody asks.")
    assert f"INFO [{ID}] Somebody asks.\n" in stream.getvalue()
