"""How much one body may hold: many tiny things cost far more than their bytes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from gateway.errors import InvalidRequest

MOST_MESSAGES = 2_000
MOST_PARTS = 2_000
MOST_TEXTS = 20_000
MOST_SEAMS = 256


@dataclass(slots=True)
class Budget:
    """What is left of the bounds of one body; a field that goes over one is named."""

    parts: int = MOST_PARTS
    texts: int = MOST_TEXTS
    seams: int = MOST_SEAMS

    def spend_parts(self, count: int, path: str) -> None:
        """Content parts of all messages together."""
        self.parts -= count
        if self.parts < 0:
            raise _over(f"messages may hold {MOST_PARTS} content parts at most.", path)

    def spend_texts(self, texts: Iterable[str], path: str) -> Iterator[str]:
        """The texts of tools, calls and schemas, counted as they pass."""
        for text in texts:
            self.texts -= 1
            if self.texts < 0:
                raise _over(
                    f"Tools, tool calls and schemas may hold {MOST_TEXTS} texts at most.", path
                )
            yield text

    def spend_seams(self, count: int, path: str) -> None:
        """Places where one content part after the other breaks off inside a word."""
        self.seams -= count
        if self.seams < 0:
            raise _over(
                f"{path} breaks off inside a word too often; send whole sentences as parts.", path
            )


def _over(message: str, path: str) -> InvalidRequest:
    return InvalidRequest(message, param=path, code="too_many")
