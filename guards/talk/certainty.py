"""Words by which it is told what a text states, what it leaves open, and what tells nothing."""

from __future__ import annotations

from folding import fold
from guards.talk.function_words import DEFINITE, PLACE, PRONOUNS, QUESTION, THINGS, YOU_AND_I
from guards.text.words import STOP

UNSURE = frozenset(
    "or either neither nor not no never none nobody nothing without cannot if unless whether may "
    "might maybe perhaps possibly probably could would should supposedly allegedly reportedly "
    "rumour rumours rumor rumors rumoured rumored claim claims claimed suppose imagine pretend "
    "assume assuming guess guesses believed thought seems true false right wrong correct incorrect "
    "lie lies yes else instead rather unknown candidate candidates option options choice choices "
    "choose pick select fiction fictional hypothetical "
    "oder entweder weder nicht kein keine keinen keiner keinem keines nie niemals wenn falls ob "
    "vielleicht möglicherweise angeblich wohl könnte würde sollte dürfte wahr falsch richtig ja "
    "nein ou soit ni ne n pas jamais aucun aucune si peut vrai faux oui non "
    "o u nunca jamás quizá quizás verdad falso falsa sí oppure né mai forse vero vera sì".split()
)
"""Words that deny, doubt, choose or judge: what has one of them states nothing for sure."""

META = frozenset(
    "answer answers answering reply replies respond response repeat summarise summarize summary "
    "question questions sentence sentences statement statements text texts passage passages "
    "context document documents list following above below word words letter letters antworte "
    "antwort frage satz sätze text wiederhole réponse réponds question phrase phrases texte "
    "respuesta responde pregunta frase texto risposta rispondi domanda testo".split()
)
"""Words that speak of what is written here: what has one of them directs the model."""

_ASIDE = frozenset(
    "please tell told say says said mention mentions mentioned state states stated according "
    "information info given provided based use using know knows known called name names place "
    "town city village country date day month year person everything thanks thank hello hi "
    "assistant helpful brief briefly short again also both much many "
    "bitte sag sage sagen sagt gesagt laut gegeben heißt name ort stadt land datum tag monat jahr "
    "danke hallo "
    "plaît dis dit selon appelle nom lieu ville pays année merci bonjour "
    "favor di dice según llama nombre lugar ciudad país fecha año gracias hola "
    "dimmi secondo chiama nome luogo città paese anno grazie ciao "
    "d j l m qu s ll re ve".split()
)
_DENYING = frozenset("but aber doch mais pero ma only t".split())
"""Words with which a contradiction begins; the "t" is of "isn't"."""

NEUTRAL = frozenset(
    fold(word).text
    for word in (STOP | QUESTION | PRONOUNS | THINGS | YOU_AND_I | DEFINITE | PLACE) | _ASIDE | META
    if word not in UNSURE and word not in _DENYING
)
"""Folded words that tell nothing of anybody, whatever they stand beside: words of grammar, and
those in which one asks for and hands on what a text says."""

_ENDINGS = ("ing", "ed", "es", "s", "e")
_LEAST = 3


def stem(word: str) -> str:
    """An English word without its ending: "live", "lives" and "lived", "study" and "studied"."""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _LEAST:
            word = word.removesuffix(ending)
            break
    return f"{word[:-1]}y" if word.endswith("i") else word
