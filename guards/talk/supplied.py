"""What a conversation itself states about a subject, where it asks for nothing else.

An exemption is attacked by what only looks like a statement: candidates, offered one by one or in
a row, of which the model would pick the true one. So what is stated must be sure and affirmed, what
is asked must be named by it, and there may be one answer to it alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain, combinations

from guards.leak.phrases import Phrases
from guards.leak.plain import plain
from guards.talk.certainty import UNSURE, stem
from guards.talk.conversation import Conversation
from guards.talk.function_words import QUESTION
from guards.talk.remark import Remark, Runs, is_figure, mentions
from guards.talk.stated import remarks

_LONGEST = 20_000
"""Characters of a conversation that are read for what they state."""
_MOST = 64
"""Statements about one subject that are compared with each other."""
_OPEN = QUESTION - {"was", "que", "qu", "che"} | frozenset("you du sie vous tu usted lei".split())
_GERMAN = frozenset("ist hat sind".split())


@dataclass(frozen=True, slots=True)
class Supplied:
    """What may be told, and in which words.

    `texts` are the statements as they were made. `runs` has for each of them the words, folded and
    in order, that a reply may tell in one sentence, none of a run skipped; where nothing is asked,
    there is one run of all that was stated, for the whole reply. `asked` are stems of the telling
    words of the question, `names` the subject's names that the statements use, folded: they may
    stand anywhere.
    """

    texts: tuple[str, ...] = field(repr=False)
    runs: tuple[Runs, ...] = field(repr=False)
    asked: frozenset[str] = field(repr=False)
    names: frozenset[str] = field(repr=False)


def supplied(conversation: Conversation, names: Phrases) -> Supplied | None:
    """What a conversation states about the subject with these names; None for nothing.

    None too where something else is asked than what is stated, where anything is left open or to
    be judged, and where there are rival statements. Asked for nothing in particular ("Tell me what
    the text says."), the statements may be told from the first one on, as they stand, if all else
    that was said is plain.
    """
    messages = conversation.messages
    if sum(len(message.text) for message in messages) > _LONGEST:
        return None
    said = [(n, remark) for n, m in enumerate(messages) for remark in remarks(m.text, names)]
    stated = [r for n, r in said if r.stated and messages[n].role != "assistant"]
    rest = [(n, r) for n, r in said if not r.stated or messages[n].role == "assistant"]
    turn = conversation.turn
    asking = [r for n, r in rest if n >= turn and messages[n].role == "user"]
    # What is asked for is what a question asks for, where there is one.
    questions = [remark for remark in asking if remark.asks] or asking
    judged = [remark for remark in asking if remark.about or remark in questions]
    if not 0 < len(stated) <= _MOST or not all(map(_plainly, judged)):
        return None
    asked = frozenset(stem(word) for remark in questions for word in remark.telling)
    told = [plain(remark.text).text for remark in stated]
    called = frozenset(text[a:b] for text in told for a, b in mentions(text, names))
    if asked:
        return _answering(stated, asked, called)
    plainly = not any(remark.telling for _, remark in rest)
    if not plainly or any(_rivals(one, other) for one, other in combinations(stated, 2)):
        return None
    everything = tuple(word for remark in stated for word in remark.telling)
    return Supplied(_texts(stated), ((everything,),), asked, called)


def _answering(
    stated: Sequence[Remark], asked: frozenset[str], called: frozenset[str]
) -> Supplied | None:
    """The one answer that the statements which speak of what is asked for give to it."""

    def answer(remark: Remark) -> Runs:
        return remark.answer(asked)

    spoken = [remark for remark in stated if remark.speaks_of(asked)]
    if not all(_agree(one, other) for one, other in combinations(map(answer, spoken), 2)):
        return None
    chosen = [remark for remark in spoken if remark.answers(asked)]
    runs = tuple(map(answer, chosen))
    return Supplied(_texts(chosen), runs, asked, called) if any(map(any, runs)) else None


def _texts(remarks: Iterable[Remark]) -> tuple[str, ...]:
    return tuple(remark.text for remark in remarks)


def _plainly(remark: Remark) -> bool:
    """Whether a remark asks or bids without asking for a judgement: "Was she born there?" does."""
    words = remark.words
    asks_openly = not words.isdisjoint(_OPEN) or ("was" in words and not words.isdisjoint(_GERMAN))
    return words.isdisjoint(UNSURE) and (asks_openly or not remark.asks)


def _rivals(one: Remark, other: Remark) -> bool:
    """Whether two statements may say different things of the same, as candidates do.

    Where nothing is asked, nothing tells that two names or two figures answer different questions.
    """
    mine, theirs = set(one.telling), set(other.telling)
    if mine <= theirs or theirs <= mine:
        return False
    relations = one.relations & other.relations
    return bool(relations or set(one.kinds) & set(other.kinds) & {"n", "f"})


def _agree(one: Runs, other: Runs) -> bool:
    """Whether one of two answers begins the other, or one is a name and the other a figure."""
    for (names, figures), (others, more) in ((one, other), (other, one)):
        if figures and not names and not more and not any(map(is_figure, others)):
            return True
    return all(a == b for a, b in zip(chain(*one), chain(*other), strict=False))
