"""How a serving process writes its log: plain lines or JSON, and never what an error quotes."""

from __future__ import annotations

import logging
import time
from datetime import UTC, datetime
from types import TracebackType
from typing import Literal

from pythonjsonlogger.orjson import OrjsonFormatter

from gateway.errors import frames
from gateway.telemetry.ids import current
from gateway.times import timestamp

_PAUSE_S = 60.0
"""Between two lines about a collector of traces: its client tells each of its attempts."""

_Raised = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


def write_log(form: Literal["text", "json"] = "text") -> None:
    """Write what is told from INFO on to stderr, one line or one JSON object each."""
    handler = logging.StreamHandler()
    handler.setFormatter(_Json() if form == "json" else _Text())
    handler.addFilter(_Seldom("opentelemetry", _PAUSE_S))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    # It tells which of its builds it tried to load, at every start.
    logging.getLogger("faiss").setLevel(logging.WARNING)


class _Seldom(logging.Filter):
    """Lets a line of loggers with some name pass now and then only."""

    def __init__(self, name: str, pause_s: float) -> None:
        super().__init__(name)
        self._pause_s = pause_s
        self._next = 0.0

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether a record is written."""
        if not super().filter(record):
            return True  # somebody else's
        now = time.monotonic()
        passes = now >= self._next
        if passes:
            self._next = now + self._pause_s
        return passes


class _Text(logging.Formatter):
    """Time, level, the id of the request where there is one, and what is told."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(request)s%(message)s")

    def format(self, record: logging.LogRecord) -> str:
        """One line, and the frames of an error below it."""
        known = current.get()
        record.request = f"[{known.logged}] " if known else ""
        return super().format(record)

    def formatException(self, ei: _Raised) -> str:  # noqa: N802  # logging's own name
        """Kind and place of an error."""
        return _discreet(ei)


class _Json(OrjsonFormatter):
    """The same as one object, with whatever else a line tells as fields of its own."""

    def __init__(self) -> None:
        super().__init__(
            "%(asctime)s %(levelname)s %(name)s %(message)s",
            rename_fields={"asctime": "time", "levelname": "level", "name": "logger"},
        )

    def format(self, record: logging.LogRecord) -> str:
        """One line."""
        if (known := current.get()) is not None:
            record.request_id = known.logged
        return str(super().format(record))

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: N802
        """RFC 3339 in UTC with milliseconds."""
        return timestamp(datetime.fromtimestamp(record.created, UTC))

    def formatException(self, ei: _Raised) -> str:  # noqa: N802
        """Kind and place of an error."""
        return _discreet(ei)


def _discreet(raised: _Raised) -> str:
    """Where an error was raised, without its message, which may quote a text about somebody."""
    error = raised[1]
    return "" if error is None else f"{type(error).__name__}\n{frames(error)}".rstrip()
