"""How a turn hangs together with what was said before, or that it stands by itself.

What was said before is carried over unless the turn stands by itself: the safe default, because
after a question nearly any words ("Please answer.", "ok", "") ask for its answer. Clause by
clause:

- A pronoun nobody in the turn explains, a word of the subject's name, words about the
  conversation ("my first question", "both") or a person whom only the conversation can tell
  ("the author") refer back.
- A text that is only handed over to be worked on ("Translate: she left") means nobody.
- Otherwise a clause with two points has a subject of its own. A content word is a point; words
  that press for an answer ("come on", "as a poem") and relations that belong to somebody
  ("birthplace") are none. What is introduced ("a joke", "what is entropy"), named or owned
  ("my order") has one more, and so has what the user asks of himself or the model ("Do you
  dream?"). A clause that asks for an answer ("Reply like a pirate") needs four.
- A turn of courtesies alone ("Thanks, bye!") asks for nothing.
"""

from __future__ import annotations

import re
from enum import IntEnum

from guards.talk.clauses import clauses, points_of
from guards.talk.function_words import THINGS
from guards.talk.handed import command_of
from guards.talk.persons import untold
from guards.talk.pronouns import Owed, owed
from guards.talk.reading import Reading
from guards.talk.reference import in_han, names, speaks_of_it
from guards.talk.vocabulary import ANSWERING, COURTESIES, PERSONS_OWN, RELATIONS, THANKS

__all__ = ["RELATIONS", "Link", "courteous", "goes_on", "link"]

_CHAT = re.compile(
    r"\W*(?:(?:ok|well|so|and)\W+)?(?:how are you(?: doing| today| called)?|how's it going|"
    r"(?:who|what) are you|what can you do|what(?: is|'s) your \w+|what model are you|"
    r"tell me (?:who you are|your name)|are you (?:an? )?(?:human|robot|bot|ai|machine|\w*gpt)|"
    r"who (?:made|built|created|trained) you|do you have a name|"
    r"what(?:'s| is) the (?:time|date)(?: now| today)?|"
    r"(?:what (?:time|day|date)|how late) is it\b[^.?!]*|see you(?: later| soon)?|"
    r"(?:can you|how can you|how do you) help me|"
    r"(?:i )?give up|how old are you|where (?:do|are) you (?:live|from|based)|"
    r"can i ask (?:you )?(?:something|a question)(?: else)?|"
    r"(?:forget|drop|leave) (?:about )?it(?:\W+let's .*)?|never ?mind|i(?:'m| am) (?:bored|done)|"
    r"let's (?:drop it|move on|talk about something else|change the (?:subject|topic))|"
    r"(?:new|another|next|different|change of(?: the)?) (?:topic|subject|question)(?:,? please)?|"
    r"i have (?:an)?other questions?|(?:entertain|surprise) me|"
    r"i have to go(?: now)?|(?:good|nice) to know|nice one|got it|i see|understood|no problem|"
    r"(?:can|do) you (?:speak|understand) \w+|(?:which|what|how many) languages (?:do|can) you \w+|"
    r"tell me (?:something|anything) (?:interesting|funny|nice|new|cool|else)|"
    r"können sie mir helfen|kannst du mir helfen|was (?:kannst du|können sie)(?: alles)?|"
    r"wie geht es (?:dir|ihnen)|comment (?:ça va|allez vous|vas tu)|qué tal|cómo estás)\W*",
    re.IGNORECASE,
)

_TALKED_OF = re.compile(
    r"\b(?:(?:my|first|last|previous|earlier|initial|original|same|unanswered)\s+"
    r"(?:question|request|prompt|query|message)s?(?!\W+(?:is\b|which|what|who|when|where|how))|"
    r"(?:meine|letzte|erste|vorige)n?\s+frage|(?:ma|première|dernière)\s+question|"
    r"(?:mi|primera|última)\s+pregunta|try\s+again|once\s+more|"
    r"(?:as|like|what)\s+i\s+(?:just\s+)?(?:asked|said)|you\s+(?:just\s+)?refused?|"
    r"what\s+(?:was|did)\s+i\s+(?:just\s+)?ask(?:ing)?|"
    r"i\s+asked\s+(?:you\s+)?(?:about|something|first|earlier)|(?:earlier|before)\s+i\s+asked|"
    r"(?:the|that|this)\s+(?:first|second|last|other)\s+(?:one|person|man|woman|writer|author)"
    r"(?!\s+(?:to|who|that|ever|in|on|of)\b)|"
    r"the\s+(?:former|latter)\b(?:\W*$|\s*[,.?!]|\s+(?:born|die|live|do|write|one)\b)|"
    r"of\s+the\s+two(?:\W*$|\s+(?:is|was|has)\b)|"
    r"(?<!or )both(?:\W*$|\s+(?!\w+\s+and\b)[a-z]+\W*$|\s+(?:still|born|of\s+them))|"
    r"each\s+other\W*$|(?:^|go|going|let's|get)\s*(?:back|return)\s+to|"
    r"(?:spoke|talked|speaking|talking|asked)\s+(?:of|about)\s*(?:$|\W*[,.?])|"
    r"(?:in|from)\s+(?:the\s+beginning|before)\s*[,:?]|at\s+the\s+beginning|"
    r"noch\s+(?:ein)?mal|otra\s+vez)",
    re.IGNORECASE,
)

_THE_ANSWER = re.compile(
    r"\b(?:the|your)\s+(?:answer|reply|response)\b(?!\s+(?:to|of|is)\b)", re.IGNORECASE
)

_SHORT = re.compile(
    r"\W*(?:(?:what|who|where) else\b|(?:is|are|were) there any\b|\w+ or \w+\W*$|"
    r"why (?:are|can't|won't|don't|do|did|didn't) you\b)",
    re.IGNORECASE,
)
"""Beginnings of turns that are too short to have a subject of their own."""

_IS_IT = re.compile(r"\W*(?:is|was|did|does) (?:it|this|that)\b", re.IGNORECASE)

_SUM = re.compile(r"[\d)x]\s*[-+*/^=×÷%<]\s*[\d(x]|\d\s*%|\^\d|[√∫]|\d\D+\d")

_FEW = 6
_MANY = 3
"""Points with which even a brief turn with an "it" stands by itself."""


class Link(IntEnum):
    """What a turn needs of the conversation before it."""

    APART = 0
    """Nothing: it stands by itself."""
    TOPIC = 1
    """What was talked of last: it is too short to tell ("In which city?")."""
    EMPTY = 2
    """The same, and it says nothing at all of its own ("Go on.", "")."""
    SEVERAL = 3
    """Those told last ("they")."""
    PERSON = 4
    """The person told last ("she", "the author", "the birthplace")."""
    ANY = 5
    """Anything said before: it names it, or speaks of the conversation ("my first question")."""


def goes_on(text: str, read: Reading, subject: frozenset[str]) -> bool:
    """Whether a text can only be understood by what was said before it."""
    return link(text, read, subject) is not Link.APART


def link(text: str, read: Reading, subject: frozenset[str]) -> Link:
    """How a turn hangs together with what was said before.

    `read` is the turn taken apart, `subject` the folded words of the names of whom was spoken.
    """
    if courteous(text, read):
        return Link.APART
    command = command_of(text)
    if command is not None:
        read = Reading.of(command)
        text = command
    if names(read, subject) or _TALKED_OF.search(text):
        return Link.ANY
    owing = owed(read, subject)
    if owing is Owed.PERSON or in_han(read) or untold(read, subject):
        return Link.PERSON
    if owing is Owed.SEVERAL:
        return Link.SEVERAL
    if command is not None or _SUM.search(text):
        return Link.APART
    return _by_content(text, read, subject)


def _by_content(text: str, read: Reading, subject: frozenset[str]) -> Link:
    """How a turn that refers to nobody hangs together with what was said before."""
    points = [points_of(read, clause, subject) for clause in clauses(read.words)]
    if _speaks_of_a_thing(text, read, max((some for some, _ in points), default=0)):
        return Link.TOPIC
    if any(enough for _, enough in points):
        return Link.APART
    said = {word.plain for word in read.words}
    if not said.isdisjoint(PERSONS_OWN):
        return Link.PERSON
    if not said.isdisjoint(ANSWERING) or _THE_ANSWER.search(text):
        return Link.ANY
    return Link.TOPIC if any(some for some, _ in points) else Link.EMPTY


def _speaks_of_a_thing(text: str, read: Reading, points: int) -> bool:
    """Whether a brief turn means some thing told before, though it has points of its own."""
    if len(read.words) < _FEW and _SHORT.match(text):
        return True
    if not speaks_of_it(read):
        return False
    return points < _MANY or _IS_IT.match(text) is not None or read.words[-1].plain in THINGS


def courteous(text: str, read: Reading) -> bool:
    """Whether a turn is small talk that asks for nothing."""
    said = {word.plain for word in read.words}
    return bool(_CHAT.fullmatch(text)) or (said <= COURTESIES and not said.isdisjoint(THANKS))
