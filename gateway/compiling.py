"""From what was filed to what the guards look for."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from hashlib import blake2b

import numpy as np

from gateway.encoder import Encoder
from gateway.registry.filing import Filing
from guards import Filing as Material
from guards import Rule, RuleError, blinded, compile_rule
from guards.leak.clues import answered, stated


@dataclass(frozen=True, slots=True)
class Compiler:
    """Compiles filings to rules.

    `key` is the one that passages are fingerprinted with, and the phrases of blind filings marked.
    `took` is told how many seconds each one took.
    """

    encoder: Encoder
    key: bytes = field(repr=False)
    took: Callable[[float], None] = field(default=lambda seconds: None, repr=False)

    @property
    def fingerprint(self) -> str:
        """Of the encoder and the key: a rule that was made with another must be made anew."""
        return f"{self.encoder.fingerprint}/{self._key_mark}"

    @property
    def _key_mark(self) -> str:
        return blake2b(self.key, digest_size=4).hexdigest()

    def compile(self, request_id: str, version: int, filing: Filing) -> Rule:
        """Compile a filing to a rule, a blind one to one without texts.

        Computes its embeddings, so call it in a thread.

        Raises `RuleError` when nothing in it can be matched.
        """
        began = time.perf_counter()
        try:
            return self._compiled(request_id, version, filing)
        finally:
            self.took(time.perf_counter() - began)

    def _compiled(self, request_id: str, version: int, filing: Filing) -> Rule:
        scope = filing.scope
        with_answer = [q for q in scope.questions if q.answer is not None]
        names = (filing.subject.name or "", *filing.subject.aliases)
        rule = compile_rule(
            Material(
                id=request_id,
                version=version,
                name=filing.subject.name,
                aliases=filing.subject.aliases,
                description=filing.subject.description,
                questions=tuple(question.question for question in scope.questions),
                passages=scope.passages,
                statements=tuple(fact.statement for fact in scope.facts),
                forbidden=scope.forbidden,
                retain=tuple(question.question for question in filing.retain),
                values=(
                    *(value for fact in scope.facts for value in fact.values),
                    *(question.answer or "" for question in with_answer),
                ),
                facts=(
                    *(stated(fact.statement, fact.values, names) for fact in scope.facts),
                    *(answered(q.question, q.answer or "", names) for q in with_answer),
                ),
                paraphrases=scope.paraphrases,
                whole_subject=filing.whole_subject,
                action=filing.action,
                open_book=filing.open_book,
            ),
            self.encoder.encode,
            self.fingerprint,
            self.encoder.adapter,
            self.key,
        )
        return blinded(rule, self.key) if filing.blind else rule

    def reads(self, rule: Rule) -> bool:
        """Whether the embeddings and hashes of a rule mean something here."""
        return rule.encoder == self.fingerprint

    def adopted(self, request_id: str, rule: Rule | None) -> Rule:
        """The stored rule of a blind request as far as it means something here.

        It cannot be compiled anew. With another encoder its embeddings say nothing and are left
        out, its phrases still act. Raises `RuleError` where it cannot be read, or was made with
        another key, so that nothing would act.
        """
        if rule is None:
            raise RuleError(
                f"the compiled form of {request_id}, a blind forget request whose texts were not "
                "kept, cannot be read; run the version of Lethe that wrote it, restore a backup, "
                "or lift the request and file it again"
            )
        if rule.encoder.rpartition("/")[2] != self._key_mark:
            raise RuleError(
                f"{request_id}, a blind forget request whose texts were not kept, was compiled "
                "with another data key; give this gateway the key that it was filed with, or lift "
                "the request and file it again"
            )
        if self.reads(rule):
            return rule
        none = np.empty((0, self.encoder.dimension), np.float16)
        return replace(rule, asked=none, about=none, retain=none, told=none, clues=())
