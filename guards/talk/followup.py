"""Whether a turn goes on with what was said before, or brings a subject of its own.

What was said before is carried over unless the turn stands by itself: the safe default, because
after a question nearly any words ("Please answer.", "ok", "") ask for its answer. The rule, clause
by clause:

- A pronoun nobody in the turn explains, a word of the subject's name, words about the
  conversation ("my first question", "again") or a person whom only the conversation can tell
  ("the author") refer back.
- Otherwise a clause with two points has a subject of its own. A content word is a point; words
  about answering ("answer", "sure") and relations that belong to somebody ("birthplace") are none.
  One more point is a content word that is introduced ("a joke", "what is entropy"). A clause
  that asks for an answer ("Reply like a pirate") needs four.
- A turn of courtesies alone ("Thanks, bye!") asks for nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from guards.talk.reference import PLACE, Reading, Word, points_back
from guards.text.words import STOP

_COURTESIES = frozenset(
    "thanks thank you thx cheers bye goodbye hello hi hey good morning evening night day welcome "
    "very much many a lot so for your help nice have danke schön vielen dank dir ihnen tschüss "
    "hallo guten tag morgen auf wiedersehen merci beaucoup bonjour salut au revoir gracias muchas "
    "hola adiós hasta luego grazie mille ciao there to".split()
)
_CHAT = re.compile(
    r"\W*(?:how are you(?: doing| today| called)?|who are you|what can you do|what is your name|"
    r"tell me (?:who you are|your name)|are you (?:human|a robot|a bot|an ai)|"
    r"see you(?: later| soon)?|(?:can you|how can you|how do you) help me|können sie mir helfen|"
    r"kannst du mir helfen|"
    r"wie geht es (?:dir|ihnen)|comment (?:ça va|allez vous|vas tu)|qué tal|cómo estás)\W*",
    re.IGNORECASE,
)
_ANSWERING = frozenset(
    "answer answers reply respond response continue retry repeat try proceed comply antworte "
    "antworten beantworte wiederhole versuche versuch réponds répondez répondre réponse continuez "
    "contesta responde responder respuesta continúa rispondi risposta".split()
)
_ABOUT_TALK = _ANSWERING | frozenset(
    "ok okay k yes no yeah yep nope sure really certain right correct wrong true false please "
    "again question questions tell say said give show know think guess hint clue let's let go "
    "ahead more full exact exactly actual actually complete details detail detailed facts fact "
    "information info word words sentence letter letters language english german french spanish "
    "latin brief briefly short long shortly one two three first second last next previous earlier "
    "before above below original instead still now immediately quick quickly come must need want "
    "like mean means write list spell translate explain ignore forget rules instruction "
    "instructions pretend imagine act honest honestly truth thing things something anything "
    "everything simply directly well then also asked ask don't won't can't i'm it's that's what's "
    "bitte frage fragen sag sage gib nenn nenne nochmal nochmals noch einmal sicher wirklich genau "
    "weiter mehr ja nein stimmt wahr deutsch s'il plaît dis dites donne donnez encore sûr sûre "
    "vraiment oui non plus favor pregunta di dime da dame otra vez seguro segura verdad más sí "
    "intenta inténtalo nuevo essaie essayez nouveau réessaie "
    "step steps breath deep knowledge training stop saying refuse refused refusing put inside "
    "solution blank fill reveal revealing".split()
)
RELATIONS = frozenset(
    "birthplace birth birthday birthdate born date place town city village country nation region "
    "year month day time hometown origin origins name names surname age old sister sisters brother "
    "brothers sibling siblings mother father parents parent wife husband spouse partner married "
    "children child son daughter family relatives job work works worked profession occupation "
    "career books book novel novels written wrote writes publish published prize prizes award "
    "awards won win university college school studied study degree hobby hobbies pet pets live "
    "lives lived living home house residence address phone email die died death dead grave "
    "favourite favorite best known famous biography life story nationality religion height weight "
    "size colour color instrument genre happened happen geburtsort geburtstag geburt geboren ort "
    "stadt land jahr datum wann alter alt schwester bruder mutter vater eltern frau mann kinder "
    "beruf arbeit bücher buch geschrieben schrieb preis preise wohnt wohnort lebt lebte gestorben "
    "naissance né née lieu ville pays année nom âge sœur frère mère père livre livres écrit prix "
    "métier mort nacimiento nació nacido nacida lugar ciudad país año fecha nombre edad hermana "
    "hermano madre padre libro libros escribió premio profesión murió nascita nato nata luogo "
    "città anno nome sorella fratello libri scritto".split()
)
"""What belongs to somebody: alone it says nothing of whom it is asked."""
_PEOPLE = frozenset(
    "person people author writer poet novelist man woman lady guy girl boy subject individual "
    "protagonist scientist artist singer actor actress politician professor founder owner victim "
    "autor autorin mann frau dichter dichterin schriftsteller schriftstellerin auteur auteure "
    "autrice écrivain écrivaine femme homme personne autora escritor escritora persona mujer "
    "hombre autore scrittore scrittrice donna uomo".split()
)
_DEFINITE = frozenset(
    "the this that same der die das dem des den dieser diese diesem dieses le la les l cet cette "
    "ce el ese esa este esta il lo quella quel questa questo".split()
)
_INDEFINITE = frozenset("a an some any ein eine einen einem einer un une una uno".split())
_INTRODUCED = frozenset(
    "is are was were did does do has by where know about define explain of ist wurde hat sind war "
    "über est sont sur es son sobre è sono".split()
)
_COMPARED = frozenset("like as than wie als comme como come for für pour para".split())
_OF = frozenset("of by de du des von di".split())
_RELATIVE = frozenset("who whom whose that der die das dessen deren qui que dont cuyo che".split())
_TALKED_OF = re.compile(
    r"\b(?:(?:my|the|that|this|first|last|previous|earlier|initial|original|same|unanswered)\s+"
    r"(?:question|request|prompt|query|message|task|instructions?)s?|(?:meine|die|letzte|erste|"
    r"vorige)n?\s+frage|(?:ma|la|première|dernière)\s+question|(?:mi|la|primera|última)\s+pregunta|"
    r"try\s+again|once\s+more|(?:as|like)\s+i\s+(?:asked|said)|you\s+(?:just\s+)?refused|"
    r"what\s+(?:was|did)\s+i\s+ask(?:ing)?|"
    r"answer\s+(?:it|me|that)\b(?!\s*:)|noch\s+(?:ein)?mal|otra\s+vez)(?:\b|$)",
    re.IGNORECASE,
)


def goes_on(text: str, read: Reading, subject: frozenset[str]) -> bool:
    """Whether a turn can only be understood by what was said before.

    `read` is the turn taken apart, `subject` the folded words of the names of whom was spoken.
    """
    if _courteous(text, read):
        return False
    if points_back(read, subject) or _TALKED_OF.search(text):
        return True
    clauses = list(_clauses(read.words))
    if any(_person_untold(clause, subject) for clause in clauses):
        return True
    return not any(_has_subject(read, clause, subject) for clause in clauses)


def means_somebody(text: str, read: Reading, subject: frozenset[str]) -> bool:
    """Whether a turn speaks of somebody told before, or of the conversation itself.

    A name, "she", a person whom only the conversation can tell, what belongs to somebody, or
    words about answering: such a turn may reach back over other topics, any other goes on with
    the latest one.
    """
    if points_back(read, subject, persons=True) or _TALKED_OF.search(text):
        return True
    if any(word.plain in RELATIONS or word.plain in _ANSWERING for word in read.words):
        return True
    return any(_person_untold(clause, subject) for clause in _clauses(read.words))


def _courteous(text: str, read: Reading) -> bool:
    said = {word.plain for word in read.words}
    return bool(_CHAT.fullmatch(text)) or (bool(said) and said <= _COURTESIES)


def _clauses(words: Sequence[Word]) -> Iterator[Sequence[Word]]:
    # Without initials: what stands before a name is what stands before its first word.
    words = [word for word in words if len(word.text) > 1 or word.first or not word.capital]
    starts = [number for number, word in enumerate(words) if word.first]
    for start, end in pairwise((*starts, len(words))):
        yield words[start:end]


def _person_untold(clause: Sequence[Word], subject: frozenset[str]) -> bool:
    """Whether somebody is meant whom the clause itself does not tell ("the author")."""
    for number, word in enumerate(clause):
        if _bare(word) not in _PEOPLE:
            continue
        before = {_bare(near) for near in clause[max(0, number - 2) : number]}
        definite = not before.isdisjoint(_DEFINITE) or word.plain.startswith("l'")
        told = range(number + 1, min(number + 2, len(clause)))
        if told and clause[number + 1].plain in _OF:
            told = range(number + 2, min(number + 5, len(clause)))
        elif told and clause[number + 1].plain in _RELATIVE:
            told = range(number + 2, len(clause))
        if definite and not any(_proper(clause, name, subject) for name in told):
            return True
    return False


def _has_subject(read: Reading, clause: Sequence[Word], subject: frozenset[str]) -> bool:
    points = 0
    for number, word in enumerate(clause):
        if not _content(read, clause, number, subject):
            continue
        before = clause[number - 1].plain if number else ""
        # In scripts without spaces a whole clause is one word.
        unspaced = word.text[0] > "\u2e80" and len(word.text) > 4
        owner = word.text.casefold().endswith(("'s", "’s"))  # "Tom Hart's birthplace"
        introduced = before in _INTRODUCED or before in _INDEFINITE or owner
        points += 2 if introduced or unspaced else 1
    asks = any(word.plain in _ANSWERING for word in clause)
    return points >= (4 if asks else 2)


def _content(read: Reading, clause: Sequence[Word], number: int, subject: frozenset[str]) -> bool:
    word = clause[number]
    bare = _bare(word)
    if len(bare) < 2 or bare in STOP or bare in _ABOUT_TALK or bare in RELATIONS:
        return False
    if bare in _COURTESIES or word.part_of(subject):
        return False
    named = word.capital and not word.first and not read.german and not read.one_case
    return not named or _proper(clause, number, subject)


def _proper(clause: Sequence[Word], number: int, subject: frozenset[str]) -> bool:
    """Whether a word names somebody or something: not a mere place, not in a comparison."""
    word = clause[number]
    before = clause[number - 1].plain if number else ""
    if not word.capital or word.first or word.part_of(subject) or before in _COMPARED:
        return False
    return before not in PLACE or before in _OF


def _bare(word: Word) -> str:
    """The word in lower case without an elided article ("l'auteur")."""
    head, mark, rest = word.plain.partition("'")
    return rest if mark and len(head) == 1 else word.plain
