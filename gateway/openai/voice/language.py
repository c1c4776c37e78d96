"""Which of the voice's languages a text is written in: by script, and by its commonest words."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import lru_cache

import wordfreq

_COMMON = 300
"""Words of each language that are known, beside those that ask."""
_READ = 2_000
"""Characters of each end of a text that are read."""
_LEAST, _LEAD = 0.9, 0.4
"""What the first language must have, and have more than the next: a word that only it has is 1."""
_SHARE = 0.3
"""Of the letters, in a script that only one of the languages is written in."""

_WORD = re.compile(r"[^\W\d_]+")
_SCRIPTS: Mapping[str, re.Pattern[str]] = {
    "ja": re.compile("[\u3040-\u30ff]"),
    "zh": re.compile("[\u4e00-\u9fff]"),
    "ru": re.compile("[\u0400-\u04ff]"),
}
_UKRAINIAN = re.compile("[іїєґ]", re.IGNORECASE)
_ASKING = {
    "en": "what who whom whose where when why how which does did was were tell born",
    "de": "was wer wen wem wo woher wohin wann warum wieso wie welche welcher welches welchen "
    "wurde geboren erzähl nenne heißt wohnt",
    "fr": "que qui quoi où quand pourquoi comment quel quelle quels quelles combien né née parle",
    "es": "qué quién quiénes dónde cuándo cómo cuál cuáles cuánto nació vive háblame",
    "it": "che chi cosa dove quando perché come quale quali quanto nato nata vive parlami",
    "pt": "que quem onde quando como qual quais quanto nasceu mora vive fale",
    "nl": "wat wie waar wanneer waarom hoe welke welk werd geboren woont vertel",
    "pl": "co kto kim gdzie kiedy dlaczego jak które która jaki ile urodził urodziła",
}
"""Words of questions: some are too rare to be among the commonest."""


def language_of(texts: Iterable[str]) -> str | None:
    """The language of the first of the texts that shows one, None where none does."""
    return next(filter(None, map(_language, texts)), None)


def _language(text: str) -> str | None:
    if len(text) > 2 * _READ:
        text = f"{text[:_READ]} {text[-_READ:]}"
    words = _WORD.findall(text.lower())
    letters = sum(map(len, words))
    for language, script in _SCRIPTS.items():
        if len(script.findall(text)) > _SHARE * letters:
            return None if language == "ru" and _UKRAINIAN.search(text) else language
    scores: dict[str, float] = defaultdict(float)
    for word in words:
        languages = _known().get(word, ())
        for language in languages:
            scores[language] += 1 / len(languages)
    ranked = sorted(scores.items(), key=lambda item: item[1], reverse=True)
    (first, most), (_, next_most) = [*ranked, ("", 0.0), ("", 0.0)][:2]
    return first if most >= _LEAST and most - next_most >= _LEAD else None


@lru_cache(maxsize=1)
def _known() -> Mapping[str, tuple[str, ...]]:
    """The languages of every known word; read once, in some 50 ms."""
    found: dict[str, list[str]] = defaultdict(list)
    for language, asking in _ASKING.items():
        common = wordfreq.top_n_list(language, _COMMON, "small")
        for word in {*common, *asking.split()}:
            found[word].append(language)
    wordfreq.get_frequency_list.cache_clear()
    return {word: tuple(languages) for word, languages in found.items()}
