"""A stub that answers in ordinary English: what a filter holds back depends on what is said."""

from __future__ import annotations

import argparse
from itertools import cycle

from starlette.types import Receive, Scope, Send

from gateway.bench.prompts import prose
from gateway.bench.stub import ANSWER, Stub, events, server, whole

_ANSWERS = 32


class Talking(Stub):
    """Some answers in turn, word by word where they are streamed; all are made beforehand."""

    def __post_init__(self) -> None:
        texts = [prose(self.chunks - 1, seed) for seed in range(_ANSWERS)]
        said = [(text, " ".join((ANSWER, *text))) for text in texts]
        kinds = (True, False)
        self._turns = cycle(
            (
                {chat: whole(self.model, chat, joined) for chat in kinds},
                {chat: events(self.model, chat, words) for chat in kinds},
            )
            for words, joined in said
        )

    async def _completion(
        self, scope: Scope, path: str, body: bytes, receive: Receive, send: Send
    ) -> None:
        self._whole, self._events = next(self._turns)
        await super()._completion(scope, path, body, receive, send)


def main() -> None:
    """Serve on loopback until the process is ended."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    server(Talking(remember=False), parser.parse_args().port).run()


if __name__ == "__main__":
    main()
