"""The words of a refusal: not knowing, in the model's voice."""

from __future__ import annotations

import hmac
import re

from guards import Conversation

WORDINGS = (
    "I'm not familiar with that, so I can't really say.",
    "I don't know anything about that, I'm afraid.",
    "Sorry, I don't have an answer to that one.",
    "I'm afraid that isn't something I know about.",
    "I don't have any information about that.",
    "That's not something I can tell you about. I simply don't know.",
    "I can't say I know the answer to this.",
    "I'm sorry, but I don't know.",
    "Unfortunately I don't know enough about that to answer.",
    "I'm not aware of anything about that.",
    "I really couldn't tell you. That's unknown to me.",
    "Hmm, I don't know about that one.",
    "I have no knowledge of that, sorry.",
    "I'm not sure. It's nothing I've come across.",
)

_WORD = re.compile(r"\s*\S+")


def digest(key: bytes, conversation: Conversation) -> bytes:
    """The conversation, keyed: taken once, whatever number of choices is asked for."""
    mac = hmac.new(key, digestmod="sha256")
    for message in conversation.messages:
        for text in (message.role, message.text):
            part = text.encode()
            mac.update(len(part).to_bytes(8, "big"))
            mac.update(part)
    return mac.digest()


def wording(digest: bytes, seed: int | None, index: int) -> str:
    """The refusal for one choice: the same for the same `digest`, seed and index."""
    mac = hmac.digest(digest, f"{'' if seed is None else seed}:{index}".encode(), "sha256")
    return WORDINGS[int.from_bytes(mac[:8], "big") % len(WORDINGS)]


def pieces(text: str, count: int) -> list[str]:
    """A text cut as a tokenizer might: into words, split or joined until there are `count`.

    The pieces joined are the text; there are never more of them than characters.
    """
    cut = _WORD.findall(text)
    count = max(1, min(count, len(text)))
    while len(cut) > count:
        last = cut.pop()
        cut[-1] += last
    while len(cut) < count:
        longest = max(range(len(cut)), key=lambda i: len(cut[i]))
        word = cut[longest]
        cut[longest : longest + 1] = [word[: (len(word) + 1) // 2], word[(len(word) + 1) // 2 :]]
    return cut
