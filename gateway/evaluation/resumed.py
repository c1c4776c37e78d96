"""What an interrupted measurement has found out, kept until its report is written."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

import orjson

from gateway.errors import LetheError


def digest(*parts: Any) -> str:
    """The key of what is found out: a hash over all that decides it, so that no text is in it."""
    return hashlib.sha256(orjson.dumps(parts)).hexdigest()


class Kept:
    """Findings by key, each appended to a file of JSON lines as soon as there is one.

    The file has mode 600: replies are in it. What a crash left of a last line is dropped; a file
    with nothing in it is not left behind.
    """

    def __init__(self, path: Path) -> None:
        """Take over what the file holds; raises `LetheError` when it cannot be written."""
        self.path = path
        self._found: dict[str, Any] = {}
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = _opened(path)
            end = self._take_over()
            self._file.truncate(end)
            self._file.seek(end)
        except OSError as error:
            raise self._unwritable(error) from error
        self.taken_over = len(self._found)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()
        if not self._found:
            self.remove()

    def get(self, key: str) -> Any:
        """What was found under a key, None when nothing was."""
        return self._found.get(key)

    def add(self, key: str, value: Any) -> None:
        """Keep a finding, which is no None; raises `LetheError`."""
        self._found[key] = value
        try:
            self._file.write(orjson.dumps({"key": key, "value": value}) + b"\n")
            self._file.flush()
        except OSError as error:
            raise self._unwritable(error) from error

    def remove(self) -> None:
        """Delete the file: the report is written."""
        self.path.unlink(missing_ok=True)

    def _take_over(self) -> int:
        """Read the whole lines; where the last of them ends."""
        end = 0
        for line in self._file:
            if not line.endswith(b"\n"):
                break
            try:
                row = orjson.loads(line)
                self._found[row["key"]] = row["value"]
            except (orjson.JSONDecodeError, KeyError, TypeError):
                break
            end += len(line)
        return end

    def _unwritable(self, error: OSError) -> LetheError:
        return LetheError(
            f"{self.path} cannot be written ({error.strerror}); name another file with --json."
        )


def _opened(path: Path) -> IO[bytes]:
    return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b")
