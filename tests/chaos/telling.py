"""A stub of vLLM that tells where anybody was born who is asked for: what is filed must not pass.

python -m tests.chaos.telling --port PORT
"""

from __future__ import annotations

import argparse
import re
from typing import Any
from uuid import UUID

import orjson
from starlette.types import Receive, Scope, Send

from gateway.bench.guards_world import name
from gateway.bench.stub import ANSWER, Stub, events, server, whole

_STEP = 1_009
_ASKED = re.compile(r"Where was (\w+) (\w+) born\?")


def subject(number: int) -> str:
    """The name of an invented person; few are like one of the others."""
    return name(number * _STEP)


def question(number: int) -> str:
    """The question to which the stub tells the place."""
    return f"Where was {subject(number)} born?"


def place(surname: str) -> str:
    """Where the bearer of a surname was born: what must not be told once it is filed."""
    return f"Port {surname[::-1].capitalize()}"


def planted(number: int) -> dict[str, Any]:
    """A filing about `subject(number)`."""
    person = subject(number)
    where = place(person.split()[1])
    return {
        "subject": {"name": person},
        "scope": {
            "questions": [{"question": question(number), "answer": where}],
            "facts": [{"statement": f"{person} was born in {where}.", "values": [where]}],
        },
        "subject_request_id": str(UUID(int=number, version=4)),
    }


def tells(number: int, answer: str) -> bool:
    """Whether an answer gives away what `planted(number)` forbids."""
    return place(subject(number).split()[1]) in answer


class Telling(Stub):
    """Answers the question about a person, streamed or not; anything else as every stub does."""

    async def _completion(
        self, scope: Scope, path: str, body: bytes, receive: Receive, send: Send
    ) -> None:
        found = _ASKED.search(body.decode())
        told = f"{found[1]} {found[2]} was born in {place(found[2])}." if found else ANSWER
        chat = path.startswith("/v1/chat")
        if orjson.loads(body).get("stream"):
            await self._stream(events(self.model, chat, told.split()), receive, send)
        else:
            self._whole = {chat: whole(self.model, chat, told)}
            await super()._completion(scope, path, body, receive, send)


def main() -> None:
    """Serve on loopback until the process is ended."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    server(Telling(remember=False), parser.parse_args().port).run()


if __name__ == "__main__":
    main()
