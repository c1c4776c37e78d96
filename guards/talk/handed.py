"""Texts that a turn only hands over, to be translated, corrected or summarised."""

from __future__ import annotations

import re

_WORKED_ON = re.compile(
    r"\b(?:translate|translation|proofread\w*|grammar|grammatical\w*|spell(?:ing|check)|correct|"
    r"rewrite|rephrase|reword|paraphrase|summari[sz]e|shorten|passive|tense|formal|polite|"
    r"friendlier|tone|sentiment|emotion|mood|positive|negative|classify|extract|underline|nouns?|"
    r"verbs?|sentence|passage|paragraph|text|lines|review|refers?|email|message|story|tale|spam|"
    r"phishing|poem|lyrics|how do (?:you|i|we) say|how is|what does|put (?:this )?into|"
    r"in (?:english|german|french|spanish|italian)|into (?:english|german|french|spanish|italian)|"
    r"(?:english|german|french|spanish|italian) for|auf (?:englisch|deutsch|französisch)|"
    r"ins (?:englische|deutsche|französische)|übersetze?n?|korrigiere?|fasse|tradui[st]\w*|"
    r"corrigez?|résume[rz]?|traduc[ei]\w*|corrige|resume|traduci|correggi|riassumi|premise|"
    r"proper|summary|rhymes?|moral|fable|turn (?:this |that |it )?into|latin for|"
    r"options?|word for|plural|synonyms?|antonyms?|conjugate|commas|edit|improve|"
    r"make sense|how would you say|who or whom|which is right|"
    r"convert|refactor|explain this|fix|debug|bug|wrong|"
    r"this do|make this|reply to)\b",
    re.IGNORECASE,
)

_QUOTED = re.compile(
    # An opening mark ends what another one began, so that each is read once.
    r"\"[^\"]{2,}+\"|“[^“”]{2,}+”|«[^«»]{2,}+»|„[^„“”]{2,}+[“”]|(?<!\w)'[^']{2,}+'(?!\w)"
)
_ANSWER_TOO = re.compile(
    r"\b(?:answer|reply as|respond|fill|blank|complete(?! sentence)|tell me)\b|_{2,}", re.IGNORECASE
)

_MADE_UP = re.compile(r"\b(?:write|compose|invent|create|tell)\s+(?:\w+\s+)?an?\b", re.IGNORECASE)
"""What is still to be written was not handed over ("Write a story: she was born in …")."""
_ASKED_LAST = re.compile(r"[.!?\n\"”]\s+[^.!?\n]{1,200}\?$")
_LAST = 300
"""Characters at the end of a text in which the user's own question would stand."""


def command_of(text: str) -> str | None:
    """What is to be done with a text that was handed over; None where none was.

    "Translate into German: she left" and 'Is "she has went" correct?' ask nothing about her;
    'Answer in German: "Where was she born?"' does, and so does a question behind a text.
    """
    unquoted = _QUOTED.sub(" someone ", text)
    head, colon, rest = unquoted.partition(":")
    line, feed, below = unquoted.partition("\n")
    if feed and below.strip() and len(line) < len(head):
        head, colon, rest = line, feed, below
    quotes = unquoted != text
    below_it = colon != "" and len(rest.split(maxsplit=2)) > 1
    if below_it and _ASKED_LAST.search(rest[-_LAST:].rstrip()):
        below_it = False
    if below_it and _WORKED_ON.search(head):
        command = head
    elif quotes:
        command = unquoted
    else:
        return None
    if not _WORKED_ON.search(command) or _ANSWER_TOO.search(text) or _MADE_UP.search(command):
        return None
    return command
