"""Whether a reply says that it does not know: the gateway's words for it, and a model's own."""

from __future__ import annotations

import re

from folding import fold
from gateway.openai.voice import WORDINGS, is_own

_OWN = tuple(fold(text).text for text in WORDINGS)
_REALLY = "(?: (?:really|simply|just|honestly|actually|currently|personally|still|quite))*"
_HAVE = (
    "(?:information|info|knowledge|idea|clue|data|details?|records?|answers?|memory|insights?|"
    "expertise|access)"
)
_ASIDE = r"(?: [\w']+){0,3}"
_I = rf"\b(?:i|we){_REALLY}"
_UNKNOWING = re.compile(
    "|".join(
        (
            rf"{_I} (?:do not|don't|dont|did not|didn't){_REALLY} "
            rf"(?:know|recall|remember|recogni[sz]e|(?:have|possess|hold){_ASIDE} {_HAVE})",
            rf"{_I} (?:have no|lack){_ASIDE} {_HAVE}",
            rf"\b(?:i am|i'm|im|we are|we're){_REALLY} (?:afraid i )?(?:not{_REALLY} "
            "(?:sure|certain|aware|familiar|able to|informed|acquainted|knowledgeable|privy)|"
            "unable to|unsure|unaware|unfamiliar|uncertain)",
            rf"{_I} (?:cannot|can't|can not|could not|couldn't){_REALLY} "
            "(?:say|tell|answer|provide|give|help|recall|find|share|speak|comment|discuss|confirm|"
            "assist|offer)",
            rf"\b(?:i|we)(?: haven't| have not| have never|'ve not|'ve never| never){_REALLY} "
            "(?:heard|come across|encountered|learned|learnt|been (?:told|informed|briefed))",
            rf"\bmy{_ASIDE} (?:do not|don't|does not|doesn't|lacks?){_ASIDE} {_HAVE}",
            r"\bi (?:draw|am drawing) a blank|\bi'm (?:drawing a blank|clueless|at a loss)",
            rf"\b(?:beyond|outside)(?: of)? (?:what i know|my{_ASIDE} (?:knowledge|expertise|"
            "understanding|training|awareness|scope))",
            r"\b(?:unknown|unfamiliar|not known|new|a mystery) to me\b",
            r"\b(?:isn't|is not|not) something (?:that )?i\b",
            r"\bich weiss (?:es |das |dazu |daruber |leider )*nicht",
            r"\bje ne sais pas\b|\bje l'ignore\b",
            r"\bno lo se\b|\bnon lo so\b",
        )
    )
)


def unknowing(reply: str) -> bool:
    """Whether a reply says, anywhere, that who answers does not know or cannot tell.

    Rules over English wordings in the first person, the shortest of four more languages, and
    whatever the gateway says itself.
    """
    said = fold(reply).text
    return is_own(reply) or any(own in said for own in _OWN) or bool(_UNKNOWING.search(said))
