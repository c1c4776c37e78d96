"""Words chosen by a key: the same for the same request, and told by nobody who lacks the key."""

from __future__ import annotations

import hmac
from collections.abc import Sequence

from guards import Conversation


def digest(key: bytes, conversation: Conversation) -> bytes:
    """The conversation, keyed: taken once, whatever number of choices is asked for."""
    mac = hmac.new(key, digestmod="sha256")
    for message in conversation.messages:
        for text in (message.role, message.text):
            part = text.encode()
            mac.update(len(part).to_bytes(8, "big"))
            mac.update(part)
    return mac.digest()


def pick(texts: Sequence[str], digest: bytes, seed: int | None = None, index: int = 0) -> str:
    """One of the texts, for one choice: the same for the same `digest`, seed and index."""
    mac = hmac.digest(digest, f"{'' if seed is None else seed}:{index}".encode(), "sha256")
    return texts[int.from_bytes(mac[:8], "big") % len(texts)]
