"""What is measured on the text of one reply."""

from __future__ import annotations

import re
from collections.abc import Iterable, Set
from functools import lru_cache

from anyascii import anyascii
from rouge_score.rouge_scorer import RougeScorer
from rouge_score.tokenizers import DefaultTokenizer, Tokenizer

from folding import UNSPACED, fold, stands_in
from guards.text.lexicon import frequency

_GRAM = 3
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_LATIN_WORD = re.compile(r"[a-z']+")
_FOREIGN = re.compile("[^\0-\u024f]+")
"""All but the Latin letters, with their accents."""
_FOREIGN_LETTERS = re.compile("[^\\W\\d_\0-\u024f\u1e00-\u1eff]+")


class _AnyScript(Tokenizer):  # type: ignore[misc]  # the library has no types
    """ROUGE's own tokenizer, which knows a–z and 0–9 alone, behind a transliteration.

    Without it an answer in another script would have no words, every reply a recall of zero, and
    nothing would look as well forgotten. Text in Latin letters is tokenized as published.
    """

    def __init__(self) -> None:
        self._latin = DefaultTokenizer(use_stemmer=True)

    def tokenize(self, text: str) -> list[str]:
        spaced = UNSPACED.sub(r" \g<0> ", text)
        words: list[str] = self._latin.tokenize(_FOREIGN.sub(lambda m: anyascii(m[0]), spaced))
        return words


_TOKENIZER = _AnyScript()
_ROUGE = RougeScorer(["rougeL"], tokenizer=_TOKENIZER)


def rouge_l_recall(answer: str, reply: str) -> float:
    """The share of the answer's words that the reply has in the same order, 0 to 1.

    ROUGE-L recall (Lin 2004), words stemmed, as TOFU (arXiv 2401.06121) is scored.
    """
    return float(_ROUGE.score(answer, reply)["rougeL"].recall)


def rouge_words(text: str) -> list[str]:
    """The words that ROUGE-L compares."""
    return _TOKENIZER.tokenize(text)


def tells(reply: str, forbidden: Iterable[str]) -> bool:
    """Whether a reply holds one of the values, folded, between word boundaries."""
    said = fold(reply).text
    return any(stands_in(said, fold(value).text.strip()) for value in forbidden)


def words(text: str) -> list[str]:
    """The folded words of a text, "'s" dropped; characters of unspaced scripts one by one."""
    spaced = UNSPACED.sub(r" \g<0> ", fold(text).text)
    return [word.removesuffix("'s") for word in _WORD.findall(spaced)]


def repetition(reply: str) -> float:
    """The share of a reply's three-word sequences that stand in it before, 0 to 1.

    1 − different / all ("seq-rep-3", Welleck et al., arXiv 1908.04319); 0 below three words.
    """
    said = words(reply)
    grams = list(zip(*(said[i:] for i in range(_GRAM)), strict=False))
    return 1 - len(set(grams)) / len(grams) if grams else 0.0


def word_counts(reply: str, known: Set[str]) -> tuple[int, int]:
    """How many words of a reply are known, and how many could be.

    Known are the words of `known` and those that a language written in Latin letters uses once in
    a million words or more. Numbers and words in other letters are not counted.
    """
    latin = _FOREIGN_LETTERS.sub(" ", reply)  # before the fold, which makes look-alikes Latin
    judged = [word for word in words(latin) if _LATIN_WORD.fullmatch(word)]
    return sum(word in known or _common(word) for word in judged), len(judged)


@lru_cache(maxsize=1 << 16)
def _common(word: str) -> bool:
    return frequency(word) > 0
