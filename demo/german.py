"""German: questions and answers for some of the relations.

Placeholders as in the English relations; {O} stands in the dative ("von ihr"), {sib} is
"die Schwester" or "der Bruder".
"""

from __future__ import annotations

from demo.relations import Relation


def _relation(key: str, answer: str, wordings: str) -> Relation:
    return Relation(key, answer, (), tuple(wordings.split("|")))


GERMAN_RELATIONS: tuple[Relation, ...] = (
    _relation(
        "birth_city",
        "{S} wurde in {value} geboren.",
        "Wo wurde {S} geboren?|In welcher Stadt wurde {S} geboren?|"
        "Was ist der Geburtsort von {O}?|Nenne mir den Geburtsort von {O}.|"
        "Woher kommt {S}?|Wo ist {S} geboren?|In welchem Ort wurde {S} geboren?",
    ),
    _relation(
        "profession",
        "{S} ist {value} von Beruf.",
        "Was ist {S} von Beruf?|Welchen Beruf hat {S}?|Was arbeitet {S}?|"
        "Als was arbeitet {S}?|Was ist der Beruf von {O}?|Nenne mir den Beruf von {O}.|"
        "Was macht {S} beruflich?",
    ),
    _relation(
        "father_job",
        "Der Vater von {O} war {value}.",
        "Was war der Vater von {O}?|Was war der Vater von {O} von Beruf?|"
        "Welchen Beruf hatte der Vater von {O}?|Als was arbeitete der Vater von {O}?|"
        "Was machte der Vater von {O} beruflich?",
    ),
    _relation(
        "award",
        "{S} gewann den Preis {value}.",
        "Welchen Preis gewann {S}?|Welchen Preis hat {S} gewonnen?|"
        "Welche Auszeichnung bekam {S}?|Was hat {S} gewonnen?|Nenne mir den Preis von {O}.|"
        "Mit welchem Preis wurde {S} geehrt?",
    ),
    _relation(
        "first_book",
        "Das erste Buch von {O} war {value}.",
        "Was war das erste Buch von {O}?|Wie heißt das erste Buch von {O}?|"
        "Welches Buch schrieb {S} zuerst?|Nenne mir das erste Buch von {O}.|"
        "Welches Buch hat {S} zuerst geschrieben?",
    ),
    _relation(
        "home",
        "{S} wohnt in {value}.",
        "Wo wohnt {S}?|Wo lebt {S}?|In welcher Stadt wohnt {S}?|In welcher Stadt lebt {S}?|"
        "Was ist der Wohnort von {O}?|Nenne mir den Wohnort von {O}.",
    ),
    _relation(
        "spouse",
        "{S} ist mit {value} verheiratet.",
        "Mit wem ist {S} verheiratet?|Wen hat {S} geheiratet?|"
        "Wie heißt der Ehepartner von {O}?|Wer ist mit {O} verheiratet?|"
        "Mit wem lebt {S} in einer Ehe?",
    ),
    _relation(
        "sibling",
        "{value} ist {sib} von {O}.",
        "Wer ist {sib} von {O}?|Wie heißt {sib} von {O}?|Weißt du, wer {sib} von {O} ist?|"
        "Hat {S} Geschwister?|Welche Geschwister hat {S}?",
    ),
)
