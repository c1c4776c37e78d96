"""From the chunks of a streamed chat to the events of a response."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gateway.openai.responses.output import Change, Item, Output, Step
from gateway.openai.responses.reply import Frame, status_of

_NAMES = {
    "text": "output_text",
    "refusal": "refusal",
    "reasoning": "reasoning_text",
    "call": "function_call_arguments",
}
_KEYS = {"text": "text", "refusal": "refusal", "reasoning": "text", "call": "arguments"}

Event = dict[str, Any]


class ResponseEvents:
    """Turns chunks into events as they come; pure, nothing is held.

    `begin` first, `feed` with each chunk, then `end` once; after an error in the stream the
    response has failed and says no more.
    """

    def __init__(self, frame: Frame) -> None:
        self._frame = frame
        self._output = Output(frame.tail)
        self._number = 0
        self._failed = False
        self._reason: str | None = None
        self._usage: Mapping[str, Any] | None = None

    def begin(self) -> Iterator[Event]:
        """The response before it says anything."""
        for kind in ("created", "in_progress"):
            yield self._event(f"response.{kind}", response=self._response("in_progress"))

    def feed(self, chunk: Mapping[str, Any]) -> Iterator[Event]:
        """What a chunk adds; an error ends the response."""
        if self._failed:
            return
        if (error := chunk.get("error")) is not None:
            self._failed = True
            for _ in self._output.close("incomplete"):
                pass  # nothing more is said of the items
            yield self._event("response.failed", response=self._response("failed", _told(error)))
            return
        self._usage = chunk.get("usage") or self._usage
        for choice in chunk.get("choices") or ():
            yield from self._changes(
                self._output.add(choice.get("delta") or {}, choice.get("logprobs"))
            )
            self._reason = choice.get("finish_reason") or self._reason
            if self._reason is not None:
                yield from self._changes(self._output.close(status_of(self._reason)))

    def end(self) -> Iterator[Event]:
        """What closes a response that has not failed."""
        if not self._failed:
            status = status_of(self._reason)
            yield from self._changes(self._output.close(status))
            yield self._event(f"response.{status}", response=self._response(status))

    def _response(self, status: str, error: Mapping[str, Any] | None = None) -> dict[str, Any]:
        return self._frame.response(
            self._output,
            status,
            finish_reason=self._reason,
            usage=self._usage,
            error=error,
        )

    def _changes(self, changes: Iterator[Change]) -> Iterator[Event]:
        for step, item, text, logprobs in changes:
            if step is Step.OPENED:
                yield from self._opened(item)
            elif step is Step.CLOSED:
                yield from self._closed(item)
            else:
                told = {"logprobs": logprobs} if item.kind == "text" else {}
                yield self._at(item, f"{_NAMES[item.kind]}.delta", delta=text, **told)

    def _opened(self, item: Item) -> Iterator[Event]:
        yield self._item("added", item)
        if item.kind != "call":
            yield self._at(item, "content_part.added", part=item.part())

    def _closed(self, item: Item) -> Iterator[Event]:
        said: Event = {_KEYS[item.kind]: item.text}
        if item.kind == "text":
            said["logprobs"] = item.logprobs
        elif item.kind == "call":
            said["name"] = item.name
        yield self._at(item, f"{_NAMES[item.kind]}.done", **said)
        if item.kind != "call":
            yield self._at(item, "content_part.done", part=item.part())
        yield self._item("done", item)

    def _item(self, what: str, item: Item) -> Event:
        return self._event(
            f"response.output_item.{what}", output_index=item.index, item=item.written()
        )

    def _at(self, item: Item, kind: str, **fields: Any) -> Event:
        place: Event = {"item_id": item.id, "output_index": item.index}
        if item.kind != "call":
            place["content_index"] = 0
        return self._event(f"response.{kind}", **place, **fields)

    def _event(self, kind: str, **fields: Any) -> Event:
        event = {"type": kind, "sequence_number": self._number, **fields}
        self._number += 1
        return event


def _told(error: Any) -> dict[str, Any]:
    """An error of a chat's stream by the codes that a response knows."""
    told = error if isinstance(error, dict) else {}
    asked = told.get("type") == "invalid_request_error"
    message = str(told.get("message") or "The model server's answer broke off.")
    return {"code": "invalid_prompt" if asked else "server_error", "message": message}
