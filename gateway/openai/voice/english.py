"""English questions about one subject, turned into what is not known: "where they were born".

Only words of a closed list are taken over: they say what is asked for and never what it is.
"""

from __future__ import annotations

import re

from guards.talk.vocabulary import RELATIONS

_VERBS = {
    base: (third, past)
    for base, third, past in (
        ("live", "lives", "lived"), ("work", "works", "worked"), ("die", "dies", "died"),
        ("study", "studies", "studied"), ("grow", "grows", "grew"), ("come", "comes", "came"),
        ("go", "goes", "went"), ("win", "wins", "won"), ("write", "writes", "wrote"),
        ("marry", "marries", "married"), ("do", "does", "did"), ("have", "has", "had"),
        ("publish", "publishes", "published"), ("play", "plays", "played"),
        ("move", "moves", "moved"), ("attend", "attends", "attended"),
        ("receive", "receives", "received"), ("earn", "earns", "earned"),
        ("teach", "teaches", "taught"), ("meet", "meets", "met"), ("get", "gets", "got"),
        ("like", "likes", "liked"), ("spend", "spends", "spent"), ("start", "starts", "started"),
        ("keep", "keeps", "kept"), ("own", "owns", "owned"), ("enjoy", "enjoys", "enjoyed"),
        ("graduate", "graduates", "graduated"), ("retire", "retires", "retired"),
        ("become", "becomes", "became"), ("paint", "paints", "painted"),
    )
}  # fmt: skip
_PARTICIPLES = frozenset(
    "born raised educated buried married employed known named called given awarded founded "
    "won written published studied lived worked received played taught from like".split()
)
_FILLERS = frozenset(
    "what which who whom where when why how was were is are does did do has have in at on to for "
    "with from by of a an the their now today currently originally first last most best-known "
    "best popular up down kind sort type as into world old many much living fun house free days "
    "spare time money work music musical exact".split()
)
_MORE = frozenset(
    "hobby hobbies pastime animal instrument education employer award prize nickname residence "
    "workplace alma mater spouse occupation street zip salary birthplace".split()
)
_WORDS = _FILLERS | RELATIONS | _MORE | _PARTICIPLES | _VERBS.keys() | {"§", "§'s"}
_MOST = 12
"""Words of a question that is turned."""

_ASKS = r"(?:(?:in|at|on|to|for|with|from|by) )?(?:what|which|who|whom|where|when|why|how)"
_ASKED = rf"(?P<asked>{_ASKS}(?: \S+){{0,4}}?)"
_WHOSE = r"(?P<thing>§'s(?: [a-z-]+)+?|the [a-z -]+ of §(?:'s(?: [a-z-]+)+?)?)"
_VERB = rf"(?P<verb>{'|'.join(_VERBS)})(?P<rest>(?: .+)?)"
_WHO = re.compile(r"(?P<asked>who|what) (?P<be>is|was|are|were) §")
_BE = re.compile(rf"{_ASKED} (?P<be>is|was|are|were) §(?P<rest> .+)")
_BARE = re.compile(rf"(?P<asked>{_ASKS}(?: \S+){{1,4}}) (?P<be>is|was|are|were) §(?P<rest>)")
_HAS = re.compile(rf"{_ASKED} has § (?P<rest>.+)")
_DOES = re.compile(rf"{_ASKED} (?P<do>do|does|did) § {_VERB}")
_THING = re.compile(
    rf"(?P<asked>who|what|where|when|how old) (?P<be>is|was|are|were) {_WHOSE}"
    r"(?P<rest>(?: (?:called|named|born|buried|like|known for|from))?)"
)
_THEIRS_DOES = re.compile(rf"{_ASKED} (?P<do>does|did) {_WHOSE} {_VERB}")
_PLURAL = {"is": "are", "was": "were", "are": "are", "were": "were"}


def clause(question: str) -> str | None:
    """What is asked, as it follows "I don't know"; None where the question is not understood.

    `question` is as `masking.masked` gives it.
    """
    said = question.lower().replace("’", "'")
    words = said.split(" ")
    if len(words) > _MOST or not _WORDS.issuperset(words):
        return None
    built = (form(found) for pattern, form in _FORMS if (found := pattern.fullmatch(said)))
    return next(built, None)


def _who(found: re.Match[str]) -> str:
    return f"{found['asked']} that {found['be']}"


def _thing(found: re.Match[str]) -> str:
    return f"{found['asked']} {_theirs(found['thing'])} {found['be']}{found['rest']}"


def _theirs_does(found: re.Match[str]) -> str:
    verb = _VERBS[found["verb"]][found["do"] == "did"]
    return f"{found['asked']} {_theirs(found['thing'])} {verb}{found['rest']}"


def _are(found: re.Match[str]) -> str:
    return f"{found['asked']} they {_PLURAL[found['be']]}{found['rest']}"


def _has(found: re.Match[str]) -> str:
    return f"{found['asked']} they have {found['rest']}"


def _does(found: re.Match[str]) -> str:
    verb = _VERBS[found["verb"]][1] if found["do"] == "did" else found["verb"]
    return f"{found['asked']} they {verb}{found['rest']}"


def _theirs(thing: str) -> str:
    """ "§'s sister" and "the sister of §" as "their sister"."""
    if thing.startswith("§'s"):
        return thing.replace("§'s", "their")
    before, _, owned = thing.removeprefix("the ").partition(" of §")
    return f"the {before} of their{owned[2:]}" if owned else f"their {before}"


_FORMS = (
    (_WHO, _who),
    (_THING, _thing),
    (_THEIRS_DOES, _theirs_does),
    (_BE, _are),
    (_BARE, _are),
    (_HAS, _has),
    (_DOES, _does),
)
