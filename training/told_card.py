"""The card beside the shipped weights: how many replies are stopped, on facts never tuned to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from random import Random

from guards.leak.clues import Clues
from guards.leak.told import Said, tells
from guards.leak.weighing import MEASURES, Weighing
from guards.rule import Encode, Vectors
from training.facts import KINDS, UNKNOWING, Written, disclaimers, named

CAUGHT = 0.94
"""The share of leaks at which the threshold is set, of folds that the fit has not seen."""
UNMATCHED = "nothing that matched"

Rates = dict[tuple[str, str, str], list[bool]]
"""By what was said, what was asked and how it was filed: whether a sentence was stopped."""


def rates(
    facts: Sequence[Written], plain: Sequence[str], weighing: Weighing, encode: Encode
) -> Rates:
    """What is stopped of all sentences, each against all facts that are filed of its subject."""
    found: Rates = defaultdict(list)
    rng = Random(1)
    spoken = [(fact, kind, text) for fact in facts for kind, text in fact.replies]
    spoken += [(rng.choice(facts), "ordinary", text) for text in plain]
    rules = dict(_rules(facts, encode))

    def stop(fact: Written, kind: str, asked: str, said: Said) -> None:
        for form in fact.filed():
            score = tells(said, *rules[fact.subject, form], weighing)
            found[kind, asked, form].append(score >= weighing.threshold)

    for fact, kind, text in spoken:
        for asked, question in {**fact.asked(), UNMATCHED: ""}.items():
            sentence = text if question or kind == "ordinary" else named(text, fact.subject)
            if sentence is not None:
                stop(fact, kind, asked, Said.of(sentence, question, encode))
    for fact in facts:
        for asked, question in fact.asked().items():
            for text in disclaimers(fact.subject, question):
                stop(fact, UNKNOWING, asked, Said.of(text, question, encode))
    return found


def _rules(
    facts: Sequence[Written], encode: Encode
) -> Iterator[tuple[tuple[str, str], tuple[Vectors, list[Clues]]]]:
    """By subject and form: the embeddings and the clues of all facts."""
    for subject in {fact.subject: None for fact in facts}:
        own = [fact.filed() for fact in facts if fact.subject == subject]
        for form in own[0]:
            filed = [each[form] for each in own]
            texts = [text for each in filed for text in (each.text, each.without)]
            yield (subject, form), (encode(texts), [each.clues for each in filed])


def card(
    facts: Sequence[Written],
    plain: Sequence[str],
    weighing: Weighing,
    encode: Encode,
    fingerprint: str,
) -> str:
    """The card as Markdown."""
    found = rates(facts, plain, weighing, encode)
    forms = list(facts[0].filed())
    lines = []
    for kind in (*KINDS.values(), UNKNOWING, "ordinary"):
        for asked in (*facts[0].asked(), UNMATCHED):
            stopped = [found[kind, asked, form] for form in forms]
            if not stopped[0]:
                continue
            shares = " | ".join(f"{sum(each) / len(each):.3f}" for each in stopped)
            lines.append(f"| {kind} | {asked} | {len(stopped[0])} | {shares} |")
    weights = (
        f"| {name} | {weight:g} |" for name, weight in zip(MEASURES, weighing.weights, strict=True)
    )
    return _TEXT.format(
        fingerprint=fingerprint,
        facts=len(facts),
        threshold=weighing.threshold,
        caught=CAUGHT,
        weights="\n".join(weights),
        forms=" | ".join(forms),
        rates="\n".join(lines),
    )


_TEXT = """# The shipped weights

What `told.json` weighs decides whether a sentence of a reply tells a filed fact in other words. It
was made by `python -m training.told` for the packaged encoder (`{fingerprint}`): logistic
regression over the measures below, fitted to half of the facts in `tests/data/told`, which were
written for this project, with replies that tell them, that tell another value, and that are about
a neighbour. The threshold, {threshold}, is the one at which {caught:g} of the English leaks of
facts that a fit has not seen are caught.

| measure | weight |
|---|---|
{weights}

## How good

Share of sentences that are stopped, on the {facts} facts of the other half. A rule has all facts
of its subject, filed in one of three forms. The prompt was the question for the fact, a wide one
("Tell me about her."), or matched nothing: then the sentence names its subject, and is judged
alone. Ordinary sentences are each held against one subject: a shipped filter looks at a sentence
after a prompt that matched nothing only where it names the subject.

| what is said | asked | sentences | {forms} |
|---|---|---|---|---|---|
{rates}

Both halves were written in one style and ask for the same kinds of things of different subjects, so
that what was filed by others will fare worse than this table. German and French sentences are
caught where names or numbers carry the value and hardly anywhere else.

## Not for

Another encoder; other languages, but for names and numbers: the packaged encoder knows English. A
rule whose subject the sentence does not name, where the prompt did not match it either: held
against many such rules at once, ordinary sentences are stopped more often than the table says.
Facts filed without their values, where wrong values must pass; opposites told in the same words
("loves the sea" for "hates the sea"); a "yes" to a question that says the fact itself.
"""
