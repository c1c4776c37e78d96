"""The output items of a response, put together from the deltas of a chat."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

_TEXTS = (("reasoning", "reasoning"), ("content", "text"), ("refusal", "refusal"))
_PREFIX = {"reasoning": "rs", "text": "msg", "refusal": "msg", "call": "fc"}


class Step(Enum):
    """What happens to an item."""

    OPENED = "opened"
    GREW = "grew"
    CLOSED = "closed"


@dataclass(slots=True)
class Item:
    """One item: reasoning, a message of one text or one refusal, or the call of a function."""

    kind: str
    id: str
    index: int
    call_id: str = ""
    name: str = ""
    pieces: list[str] = field(default_factory=list)
    logprobs: list[dict[str, Any]] = field(default_factory=list)
    status: str = "in_progress"

    @property
    def text(self) -> str:
        """What it says, or the arguments of the call."""
        return "".join(self.pieces)

    def part(self) -> dict[str, Any]:
        """The content part of an item that is no call."""
        match self.kind:
            case "reasoning":
                return {"type": "reasoning_text", "text": self.text}
            case "refusal":
                return {"type": "refusal", "refusal": self.text}
            case _:
                return {"type": "output_text", "text": self.text, "annotations": [],
                        "logprobs": list(self.logprobs)}  # fmt: skip

    def written(self) -> dict[str, Any]:
        """The item as it stands in `output`; without content before it has any."""
        head = {"id": self.id, "status": self.status}
        if self.kind == "call":
            return {"type": "function_call", **head, "call_id": self.call_id, "name": self.name,
                    "arguments": self.text}  # fmt: skip
        content = [self.part()] if self.pieces else []
        if self.kind == "reasoning":
            return {"type": "reasoning", **head, "summary": [], "content": content}
        return {"type": "message", **head, "role": "assistant", "content": content}


Change = tuple[Step, Item, str, Sequence[dict[str, Any]]]
"""What happened, to which item, the text that it grew by, and the log probabilities of that."""


class Output:
    """Items in the order in which they begin; pure.

    Calls of functions stay open side by side, whatever order their pieces come in. An item of
    another kind closes those before it. `tail` makes the ids of items unique.
    """

    def __init__(self, tail: str) -> None:
        self.items: list[Item] = []
        self._tail = tail
        self._open: dict[tuple[str, int], Item] = {}

    def add(self, delta: Mapping[str, Any], logprobs: Any = None) -> Iterator[Change]:
        """Take over a delta; a whole message is one too."""
        tokens = [_logprob(token) for token in (logprobs or {}).get("content") or ()]
        for name, kind in _TEXTS:
            text = delta.get(name) or ""
            told = tokens if kind == "text" else []
            if text or (told and (kind, 0) in self._open):
                yield from self._grow((kind, 0), text, told)
        for number, call in enumerate(delta.get("tool_calls") or ()):
            function = call.get("function") or {}
            key = ("call", call.get("index", number))
            yield from self._grow(
                key, function.get("arguments") or "", (), call.get("id"), function.get("name")
            )

    def close(self, status: str = "completed") -> Iterator[Change]:
        """Close what is open."""
        for item in self._open.values():
            item.status = status
            yield Step.CLOSED, item, "", ()
        self._open.clear()

    def _grow(
        self,
        key: tuple[str, int],
        text: str,
        tokens: Sequence[dict[str, Any]],
        call_id: str | None = None,
        name: str | None = None,
    ) -> Iterator[Change]:
        kind = key[0]
        if not isinstance(text, str):
            raise TypeError(f"A {kind} must be a text.")
        item = self._open.get(key)
        if item is None:
            if any(other != kind or kind != "call" for other, _ in self._open):
                yield from self.close()
            number = len(self.items)
            item = Item(kind, f"{_PREFIX[kind]}_{self._tail}_{number}", number)
            if kind == "call":
                item.call_id, item.name = call_id or f"call_{self._tail}_{number}", name or ""
            self._open[key] = item
            self.items.append(item)
            yield Step.OPENED, item, "", ()
        item.name = item.name or name or ""
        if text or tokens:
            item.pieces.append(text)
            item.logprobs += tokens
            yield Step.GREW, item, text, tokens


def _logprob(token: Mapping[str, Any]) -> dict[str, Any]:
    others = token.get("top_logprobs") or ()
    return {**_scored(token), "top_logprobs": [_scored(other) for other in others]}


def _scored(token: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "token": token["token"],
        "logprob": token["logprob"],
        "bytes": token.get("bytes") or [],
    }
