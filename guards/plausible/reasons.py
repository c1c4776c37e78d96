"""What is said against a filing, with the way out; it quotes nothing of the filing."""

from __future__ import annotations

PATTERN = (
    "it looks like a wildcard or a regular expression, and nothing is matched by pattern; give the "
    "name or the string itself, every form of it as an alias or a string of its own"
)
TOO_SHORT = (
    "a single character, or a number of fewer than five digits, stands in texts about anything; "
    "give the full name or a longer string, or file what must not be told as the values of facts"
)
COMMON_NAME = (
    "it is a word or a phrase that ordinary texts are full of; give the full name, with a surname "
    'or the author ("NAME by AUTHOR"), or set scope.whole_subject to false and give '
    "scope.questions that say what of it is meant; to see first what it would touch, file it with "
    'the action "observe"'
)
COMMON_TEXT = (
    "ordinary texts are full of it; give a longer string that stands nowhere else, or file it as a "
    "value of a fact, which counts only where the prompt or the sentence is about the subject"
)
CODE = (
    "it is a word of programming languages or of mark-up, so it would touch answers with code; "
    "give a name or a longer string that stands nowhere else"
)
COMMON_VALUE = (
    "it is an ordinary word, to be kept out of every sentence that holds a name which is an "
    "ordinary word too; give the full name, or a value that stands nowhere else"
)
TOGETHER = (
    "taken together these are words that ordinary texts are full of; leave out those that are "
    "words of the language, or give each with what tells it apart"
)
GENERAL = (
    "it names nobody and nothing, so it would touch everybody who asks the like; write whom or "
    "what it is about into it"
)
SAYS_NOTHING = "it says nothing that could be told from other texts; give the whole passage"
EVERYDAY = (
    "from its word {} on it says what everybody quotes, a licence, a formula of letters or a "
    "saying; leave that part out"
)
