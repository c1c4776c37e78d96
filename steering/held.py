"""The rules that one process of an engine holds, by what requests name them by."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from typing import TypeVar

from steering.errors import NOT_HELD, UnknownSteering
from steering.intervention import EngineRule, Intervention
from steering.vector import SteeringVector

_T = TypeVar("_T", SteeringVector, tuple[str, ...])

_LINGER = 2_048
"""Vectors and bans that no rule has any more and that are kept, together: a request that was let in
before its rule was dropped or replaced may be scheduled after."""


class Held:
    """Vectors and forbidden strings by fingerprint. Changed and read on one thread."""

    def __init__(self) -> None:
        self.rules: dict[str, EngineRule] = {}
        self._vectors: dict[str, tuple[SteeringVector, int]] = {}
        self._bans: dict[str, tuple[tuple[str, ...], int]] = {}
        self._gone: OrderedDict[str, SteeringVector | tuple[str, ...]] = OrderedDict()
        self._old: set[str] = set()

    def change(
        self, put: Iterable[EngineRule], drop: Iterable[str], *, reset: bool, last: bool
    ) -> None:
        """Take one part of a push.

        With `reset` everything begins to be pushed anew: what is held counts as old and stays until
        the `last` part, which lets go of what was not pushed again. Requests that were let in
        before find what they name all the while.
        """
        if reset:
            self._old = set(self.rules)
        self.drop(drop)
        self.put(put)
        if last:
            self.drop(list(self._old))

    def put(self, rules: Iterable[EngineRule]) -> None:
        """Hold rules; one with the id of another replaces it, and what both have stays."""
        for rule in rules:
            before = self.rules.get(rule.id)
            self.rules[rule.id] = rule
            self._old.discard(rule.id)
            for vector in rule.vectors:
                _, users = self._vectors.get(vector.fingerprint, (vector, 0))
                self._vectors[vector.fingerprint] = vector, users + 1
            if (name := rule.bans_fingerprint) is not None:
                _, users = self._bans.get(name, (rule.bans, 0))
                self._bans[name] = rule.bans, users + 1
            self._let_go(before)

    def drop(self, ids: Iterable[str]) -> None:
        """Let rules go; ids that are not held are passed over."""
        for rule_id in ids:
            self._old.discard(rule_id)
            self._let_go(self.rules.pop(rule_id, None))

    def check(self, intervention: Intervention) -> None:
        """Raise `UnknownSteering` unless rules that are held now have all that is named."""
        missing = sum(name not in self._vectors for name, _ in intervention.vectors)
        missing += sum(name not in self._bans for name in intervention.bans)
        if missing:
            raise UnknownSteering(
                f"{missing} of the vectors and bans of this request are {NOT_HELD}; "
                "the gateway has to push its rules again."
            )

    def vector(self, fingerprint: str) -> SteeringVector:
        """A vector, also of a rule that was let go lately; raises `UnknownSteering`."""
        found = self._vectors.get(fingerprint, (None,))[0] or self._gone.get(fingerprint)
        if isinstance(found, SteeringVector):
            return found
        raise UnknownSteering(f"a vector of this request is {NOT_HELD}.")

    def bans(self, fingerprint: str) -> tuple[str, ...]:
        """Forbidden strings, also of a rule that was let go lately; raises `UnknownSteering`."""
        found = self._bans.get(fingerprint, (None,))[0] or self._gone.get(fingerprint)
        if isinstance(found, tuple):
            return found
        raise UnknownSteering(f"bans of this request are {NOT_HELD}.")

    def _let_go(self, rule: EngineRule | None) -> None:
        if rule is None:
            return
        for vector in rule.vectors:
            self._release(self._vectors, vector.fingerprint)
        if rule.bans_fingerprint is not None:
            self._release(self._bans, rule.bans_fingerprint)

    def _release(self, held: dict[str, tuple[_T, int]], fingerprint: str) -> None:
        value, users = held[fingerprint]
        if users > 1:
            held[fingerprint] = value, users - 1
            return
        del held[fingerprint]
        self._gone[fingerprint] = value
        self._gone.move_to_end(fingerprint)
        if len(self._gone) > _LINGER:
            self._gone.popitem(last=False)
