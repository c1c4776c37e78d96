"""How people ask to be forgotten, or that somebody be: the parts, and English.

Fragments of regular expressions that `guards.talk.grammar` puts together. In a `request`, OBJECT
stands for what is to be forgotten. No fragment repeats without a bound.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Wishes:
    """One language's words.

    `opening` and `closing` are what may stand around a request and changes nothing; `bare` are
    requests that take a plain name, `request` those that take any other object. `everything`,
    `data`, `have` and `about` make up such an object, `mine` is one by itself, `memory` says from
    where. `right` is a request by itself, the speaker's own. `self` are the words for the
    speaker, `described` what may stand before a name. `least` words with a capital make a name
    where the sentence says no more: two where nouns have one too.
    """

    opening: str
    closing: str
    bare: tuple[str, ...]
    request: tuple[str, ...]
    everything: str
    data: str
    have: str
    about: str
    mine: str
    memory: str
    right: str
    self: str
    described: str
    least: int = 1


NO_NAME = frozenset(
    "me not my previous instructions instruction everything nothing all the this that it you your "
    "prompt rules context conversation python java javascript english christmas monday tuesday "
    "wednesday thursday friday saturday sunday and or but let's i'm nicht pas".split()
)
"""Words that no name holds, whatever their capitals."""

LINKS = frozenset(
    "about from of in on with for by that who which and or to at über von aus im in mit für und de "
    "du dans sur à en sobre y di su nel e".split()
)
"""Words that no description of a person holds before the name: "the question about Mira"."""

_KIND_EN = "personal|private|stored|other|saved|sensitive"
_ERASE_EN = "delete|erase|remove|wipe(?: out)?|purge|scrub|destroy|clear|forget|unlearn"
_ERASING_EN = "deleting|erasing|removing|wiping|purging|forgetting"
_ERASED_EN = "deleted|erased|removed|wiped|purged|forgotten|destroyed"
ENGLISH = Wishes(
    opening="please|pls|plz|kindly|just|simply|now|so|and|ok|okay|well|hello|hi|hey|hi there|"
    "good (?:morning|day|evening|afternoon)|dear [a-z]{1,12}(?: or [a-z]{1,12})?|"
    "(?:can|could|would) (?:you|u)(?! mind)|will you please|you (?:should|must|need to|"
    "have to|are to)|(?:i|we)(?: would|'d)? (?:want|like|love|need|ask|request|demand|beg|wish|"
    "require)(?: for)?(?: that)? (?:you|u)(?: to)?|i(?:'d| would)? (?:want|like|need|wish)|"
    "(?:i|we) (?:hereby )?(?:request|demand|require|ask for|apply for|insist on)"
    "(?: that(?: you)?)?|make sure(?: that)? you|"
    "i(?:'d| would) appreciate it if you (?:could|would)|"
    "i(?:'m| am) (?:asking|requesting|telling|begging)(?: that)? you(?: to)?|hereby|"
    "as a data subject|on behalf of [^,]{1,60}?(?=,? (?:i|we) )|"
    "(?:under|according to|pursuant to|in accordance with|per|in line with) "
    "[^,]{0,40}(?:gdpr|ccpa|law|(?:art\\.|article) ?17)",
    closing="please|pls|plz|thanks|thx|thank you|thank you very much|now|right now|right away|"
    "immediately|at once|completely|entirely|forever|for good|permanently|as soon as possible|asap|"
    "without (?:undue )?delay|ok|okay|as well|too|any ?more|at all|again|"
    "(?:under|according to|pursuant to|in accordance with) [^,]{0,40}(?:gdpr|ccpa|law|17)|"
    "and (?:all|any|everything|anything|whatever|his|her|their|its) [^,]{1,60}|"
    f"(?:and )?(?:please )?(?:{_ERASE_EN}) [^,]{{1,60}}",
    bare=("(?:forget|unlearn|would you mind forgetting)(?: all)?(?: about)? OBJECT",
          "forget that OBJECT (?:ever )?exist(?:s|ed)?", "OBJECT to be forgotten"),
    request=(f"(?:{_ERASE_EN}|would you mind (?:{_ERASING_EN})) OBJECT",
             "OBJECT (?:(?:to|must|should|shall|has to|have to|needs? to) be |be )?"
             f"(?:{_ERASED_EN})",
             "(?:the )?(?:erasure|deletion|removal) of OBJECT",
             "i (?:don't|do not) want you to (?:remember|know|store|keep|have|save) OBJECT"),
    everything="(?:my name and )?everything(?: else)?|anything|all|whatever",
    data="(?:(?:all|any|every|each|the|of|this|those|whatever)(?: of)? ){0,3}"
    f"(?:(?:{_KIND_EN}) ){{0,2}}(?:data|informations?|info|details|records?|knowledge|"
    "traces?|memor(?:y|ies))",
    have="(?:that )?(?:you(?:'ve| have| may have| might have)?|u|i(?:'ve| have)?)(?: (?:ever|"
    "currently|still|all))?(?: (?:know|have|hold|keep|store|stored|kept|remember|learned|learnt|"
    "collected|got|saved|told you|gathered)){0,2}",
    about="about|on|of|concerning|regarding|relating to|related to|belonging to|for",
    mine="(?:(?:all|any|every|each|the)(?: of)? )?my (?:own )?"
    f"(?:(?:{_KIND_EN}) ){{0,2}}(?:data|informations?|info|details)",
    memory="(?:from|in|out of) (?:your|the) (?:(?:long-term )?memory|knowledge(?: base)?|"
    "databases?|training data|training|systems?|servers?|model|records|weights|brain|mind)",
    right="(?:i(?:'m| am)? (?:hereby )?|to )?(?:(?:exercis|invok|claim|assert|honou?r|respect)"
    "(?:e|ing)?|make use of|making use of) my right "
    "(?:to (?:be forgotten|erasure|deletion)|of erasure)|to be forgotten(?: by you)?|"
    "forget who i am",
    self="me|myself|i",
    described="(?:my|our|the|a|an) (?:[a-z'-]{2,20} ){1,3}|"
    "(?:a person|someone|somebody|the person) (?:called|named) ",
)  # fmt: skip

TITLES = (
    "Mrs?|Ms|Miss|Dr|Prof|Professor|Sir|Lady|Dame|Lord|Doctor|Herrn?|Frau|Monsieur|Madame|Mme|M|"
    "[Ss]eñora?|Sra?|[Ss]ignor[ae]?|Sig|Dott"
)
"""What stands before a name and is no part of it."""

PARTICLES = frozenset(
    "van von der de den del della di da la le el al bin ibn y e zu zur zum du dos das do ter ten "
    "af av of the".split()
)
"""Small words within a name."""

TASKS = re.compile(
    r"\b(?:translat|paraphras|proofread|rephras|rewrit|summari[sz]|classif|conjugat|anonymi[sz]|"
    r"redact|pretend|imagine|role-?play|explain|übersetz|schreib|erklär|formulier|"
    r"tradui|écri[srv]|rédige|expliqu|tradu[cz]|escrib|redact|explic|scriv|spieg|riassum)"
    r"|\b(?:write|draft|compose|continue|correct|lyrics|synonyms?|grammar|sentence|phrase|quote|"
    r"paragraph|spreadsheet|document|below|above|following|attached|sql|query|regex|"
    r"act as|you are now|as if|novel|satz|tabelle|text|texte|texto|testo|liste|lista)\b",
    re.IGNORECASE,
)
"""What is asked of a text rather than of the service."""

ASIDES = re.compile(
    r"(?:hi|hello|hey|dear|good|thanks?|thank you|please|yes|no|ok|okay|sorry|kind|best|"
    r"regards|sincerely|yours|greetings|let me know|(?:please )?confirm|"
    r"(?:can|could) you (?:please )?(?:do|confirm)|"
    r"is (?:that|this) (?:possible|ok|okay|done)|when (?:can i|will (?:this|it))|how long|"
    r"i|i'm|i've|he|she|they|we|it|it's|this|that|these|my|his|her|our|under|according|as|"
    r"hallo|danke|vielen|bitte|mit|ich|er|sie|es|das|dies|mein|meine|wir|"
    r"bonjour|merci|cordialement|je|j'|il|elle|c'est|cela|mon|ma|nous|"
    r"hola|gracias|saludos|yo|él|ella|es|esto|mi|soy|no|"
    r"ciao|grazie|saluti|cordiali|io|lui|lei|è|questo|sono|non)\b",
    re.IGNORECASE,
)
"""How a sentence begins that may stand beside a request: a greeting, a reason, a confirmation."""
