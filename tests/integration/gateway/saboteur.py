"""A gateway in which what breaks quotes somebody: run as a program, in place of `lethe serve`.

Messages with "break here" make a handler raise with the whole text in its message, and a task and
a thread in the background too. While the file LETHE_TEST_FLAG exists, Redis refuses with a name.
"""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from pathlib import Path
from typing import Any

from redis.asyncio.client import Pipeline
from redis.exceptions import ResponseError

from gateway.admin import overview
from gateway.cli import main
from gateway.parts import Parts
from guards import Conversation, Verdict

FLAG = Path(os.environ["LETHE_TEST_FLAG"])
NAME = "Zephyrine Quandahl"


def quoted(conversation: Conversation) -> str:
    return " ".join(message.text for message in conversation.messages)


def explained(conversation: Conversation, *_: Any) -> Any:
    raise ValueError(quoted(conversation))


async def screen(parts: Parts, conversation: Conversation) -> Verdict:
    text = quoted(conversation)
    if "break here" in text:
        asyncio.get_running_loop().create_task(breaking(text))
        asyncio.get_running_loop().call_soon(raising, text)
        threading.Thread(target=raising, args=(text,)).start()
        raise ValueError(text)
    return await parts.enforcer.screen(conversation)


async def breaking(text: str) -> None:
    raise ValueError(text)


def raising(text: str) -> None:
    raise ValueError(text)


async def execute(self: Pipeline, *args: Any, **kwargs: Any) -> Any:
    if FLAG.exists():  # noqa: ASYNC240
        raise ResponseError(f"ERR wrong argument '{NAME}'")
    return await called(self, *args, **kwargs)


if __name__ == "__main__":
    setattr(overview, "explained", explained)  # noqa: B010  # whatever its type says
    setattr(Parts, "screen", screen)  # noqa: B010
    called = Pipeline.execute
    setattr(Pipeline, "execute", execute)  # noqa: B010
    sys.argv = ["lethe", "serve"]
    main()
