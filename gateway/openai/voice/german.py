"""German questions about one subject, turned into what is not known: "wo diese Person lebt".

Only words of a closed list are taken over: they say what is asked for and never what it is.
"""

from __future__ import annotations

import re

_VERBS = frozenset(
    "ist war wurde hat hatte heißt hieß lebt lebte wohnt wohnte arbeitet arbeitete kommt kam "
    "macht machte schreibt schrieb gewann bekam erhielt studierte starb wuchs spielt heiratete "
    "besuchte veröffentlichte verdient sind waren".split()
)
_NOUNS = {
    "Schwester": "die", "Mutter": "die", "Frau": "die", "Tochter": "die", "Familie": "die",
    "Adresse": "die", "Telefonnummer": "die", "Ehefrau": "die", "Eltern": "die", "Kinder": "die",
    "Geschwister": "die", "Bruder": "der", "Vater": "der", "Mann": "der", "Sohn": "der",
    "Ehemann": "der", "Ehepartner": "der", "Beruf": "der", "Geburtsort": "der",
    "Geburtstag": "der", "Wohnort": "der", "Geburtsdatum": "das", "Alter": "das", "Buch": "das",
    "Hobby": "das", "Haustier": "das", "Instrument": "das",
}  # fmt: skip
_OTHERS = frozenset(
    "wer was wen wem wo wann warum wie woher wohin welche welcher welches welchen welchem in an "
    "auf aus mit von zu für als nach bei dem den der die das im am ein eine einen alt groß erste "
    "ersten letzte bekanntestes bekannteste Stadt Ort Land Jahr Tag Universität Schule Preis "
    "Auszeichnung Bücher Roman Geld geboren verheiratet gestorben geheiratet gewonnen bekommen "
    "geschrieben studiert gearbeitet gelebt aufgewachsen bekannt beruflich heute jetzt zuerst "
    "früher auf von".split()
)
_WORDS = _VERBS | _NOUNS.keys() | _OTHERS | {"§", "§'s"}
_MOST = 12
"""Words of a question that is turned."""

_ASKED = (
    r"(?P<asked>(?:(?:in|an|auf|aus|mit|von|zu|für|als|bei) )?"
    r"(?:wer|was|wen|wem|wo|wann|warum|wie|woher|wohin|welche[rsnm]?)(?: \S+){0,2}?)"
)
_VERB = rf"(?P<verb>{'|'.join(sorted(_VERBS))})"
_WHO = re.compile(r"(?P<asked>wer|was) (?P<verb>ist|war|sind|waren) §")
_NAMED = re.compile(rf"{_ASKED} (?:heißt|hieß) §")
_SUBJECT = re.compile(rf"{_ASKED} {_VERB} §(?P<rest>(?: .+)?)")
_OF = re.compile(rf"{_ASKED} {_VERB} (?P<thing>(?:der|die|das)(?: \S+)+?) von §(?P<rest>(?: .+)?)")
_WHOSE = re.compile(rf"{_ASKED} {_VERB} §'s (?P<noun>{'|'.join(_NOUNS)})(?P<rest>(?: .+)?)")
_PREFIXES = ("auf", "an", "ab", "um")


def clause(question: str) -> str | None:
    """What is asked, as it follows "Ich weiß nicht,"; None where it is not understood.

    `question` is as `masking.masked` gives it.
    """
    said = question[:1].lower() + question[1:]
    words = said.split(" ")
    if len(words) > _MOST or not _WORDS.issuperset(words) or _NAMED.fullmatch(said):
        return None
    if found := _WHO.fullmatch(said):
        return f"{found['asked']} das {found['verb']}"
    if found := _OF.fullmatch(said):
        return _turned(found, f"{found['thing']} dieser Person")
    if found := _WHOSE.fullmatch(said):
        return _turned(found, f"{_NOUNS[found['noun']]} {found['noun']} dieser Person")
    found = _SUBJECT.fullmatch(said)
    return None if found is None else _turned(found, "diese Person")


def _turned(found: re.Match[str], subject: str) -> str:
    """The clause, its verb at the end and joined with its prefix ("wuchs … auf": "aufwuchs")."""
    *rest, last = found["rest"].split(" ")
    joined = [last + found["verb"]] if last in _PREFIXES else [last, found["verb"]]
    return " ".join(filter(None, (found["asked"], subject, *rest, *joined)))
