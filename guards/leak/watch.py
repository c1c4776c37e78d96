"""What is looked for in the replies to one request."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from guards.blind.phrases import MarkedPhrases, Of, Sought, either
from guards.leak.book import Book
from guards.leak.phrases import Phrases
from guards.leak.plain import phrase
from guards.rule import Action, Rule
from guards.ruleset import RuleSet

_NOTHING: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Watch:
    """What is looked for in the replies to one request; shared by all their channels.

    `rules` gives the rule set of the moment: what is filed while a reply is on its way counts from
    then on. `matched` are the rules that the prompt matched and that are enforced: their values
    and names are forbidden too. `key` is the one that passages were fingerprinted with. What the
    user said first may be told again where a rule allows it: `allowed` has the forms, by
    `guards.leak.plain`, by the id of the rule, `allowed_runs` the fingerprints of runs of words;
    with `books` nothing but what they state may be told at all.
    """

    rules: Callable[[], RuleSet]
    key: bytes = field(repr=False)
    matched: tuple[Rule, ...] = ()
    allowed: Mapping[str, frozenset[str]] = field(default_factory=dict, repr=False)
    allowed_runs: frozenset[int] = field(default=frozenset(), repr=False)
    books: tuple[Book, ...] = ()
    own: Sought = field(init=False, repr=False)
    """The values and names of the matched rules; codes are their numbers."""

    def __post_init__(self) -> None:
        own = either(Phrases(self._own()), MarkedPhrases.of(self._own_blind()))
        object.__setattr__(self, "own", own)

    @classmethod
    def of(
        cls,
        rules: Callable[[], RuleSet],
        key: bytes,
        matched: Iterable[str] = (),
    ) -> Watch:
        """The watch on replies to a prompt that matched the rules with these ids."""
        held = rules().rules
        found = (held.get(name) for name in matched)
        enforced = tuple(r for r in found if r is not None and r.action is not Action.OBSERVE)
        return cls(rules, key, enforced)

    def allows(self, rule: Rule, text: str) -> bool:
        """Whether the user said a form first, so that it may be said again."""
        return text in self.allowed.get(rule.id, _NOTHING)

    def _own(self) -> Iterable[tuple[str, int]]:
        for number, rule in enumerate(self.matched):
            names = rule.anchors if rule.whole_subject else ()
            yield from ((phrase(name), number) for name in names)
            yield from ((text, number) for text in rule.values)

    def _own_blind(self) -> Iterable[Of]:
        for number, rule in enumerate(self.matched):
            if (blind := rule.blind) is not None:
                own = (blind.anchors, blind.values) if rule.whole_subject else (blind.values,)
                yield from ((blind, marks, [number] * len(marks.codes)) for marks in own)
