"""From what was filed to what the guards look for."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import blake2b

from gateway.encoder import Encoder
from gateway.registry.filing import Filing
from guards import Filing as Material
from guards import Rule, compile_rule
from guards.leak.clues import answered, stated


@dataclass(frozen=True, slots=True)
class Compiler:
    """Compiles filings to rules; `key` is the one that passages are fingerprinted with.

    `took` is told how many seconds each one took.
    """

    encoder: Encoder
    key: bytes = field(repr=False)
    took: Callable[[float], None] = field(default=lambda seconds: None, repr=False)

    @property
    def fingerprint(self) -> str:
        """Of the encoder and the key: a rule that was made with another must be made anew."""
        return f"{self.encoder.fingerprint}/{blake2b(self.key, digest_size=4).hexdigest()}"

    def compile(self, request_id: str, version: int, filing: Filing) -> Rule:
        """Compile a filing to a rule; computes its embeddings, so call it in a thread.

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
        return compile_rule(
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
