"""Verdicts on conversations, and a memory of the last ones: many chats are sent more than once."""

from __future__ import annotations

import hashlib
import secrets
from collections import OrderedDict
from collections.abc import Mapping
from threading import Lock

from guards import Conversation, Rule, RuleSet, Verdict, screen
from guards.rule import Encode

_KEPT = 4096
"""Verdicts that are kept."""

_MOST = 32
"""Matches and sentences of a verdict that is kept: a long one could take a megabyte."""


class Verdicts:
    """Judges with one encoder and one set of thresholds. Thread-safe.

    Conversations are known by a keyed digest only. A verdict counts for the very rules and
    revision that it was given at: anything filed since makes all of them be forgotten.
    """

    def __init__(self, encode: Encode) -> None:
        self._encode = encode
        self._key = secrets.token_bytes(16)
        self._lock = Lock()
        self._kept: OrderedDict[bytes, Verdict] = OrderedDict()
        # The rules, not the rule set: its indexes take much memory, and may be merged meanwhile.
        self._rules: Mapping[str, Rule] | None = None
        self._revision = 0

    def __len__(self) -> int:
        return len(self._kept)

    def of(self, conversation: Conversation, rules: RuleSet) -> Verdict:
        """What `guards.screen` says, to which it leaves its errors."""
        digest = self._digest(conversation)
        with self._lock:
            if not self._are(rules):
                self._kept.clear()
                self._rules, self._revision = rules.rules, rules.revision
            if (known := self._kept.get(digest)) is not None:
                self._kept.move_to_end(digest)
                return known
        verdict = screen(conversation, rules, self._encode)
        sentences = len(verdict.spans_touched) + len(verdict.spans_clear)
        with self._lock:
            if self._are(rules) and len(verdict.matches) + sentences <= _MOST:
                self._kept[digest] = verdict
                if len(self._kept) > _KEPT:
                    self._kept.popitem(last=False)
        return verdict

    def _are(self, rules: RuleSet) -> bool:
        return self._rules is rules.rules and self._revision == rules.revision

    def _digest(self, conversation: Conversation) -> bytes:
        """Of all that was said and by whom; no two conversations run together."""
        digest = hashlib.blake2b(digest_size=16, key=self._key)
        for message in conversation.messages:
            for text in (message.role, message.text):
                data = text.encode("utf-8", "surrogatepass")
                digest.update(len(data).to_bytes(8, "big"))
                digest.update(data)
        return digest.digest()
