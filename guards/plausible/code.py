"""Words of programming languages and of mark-up: rare in texts, and in every answer with code."""

from __future__ import annotations

import keyword
from collections.abc import Collection

_RESERVED = (
    "abstract async await begin bool boolean break byte case catch char class const constexpr "
    "constructor continue debugger default defer delete do double dyn echo elif else elseif elsif "
    "end endif ensure enum export extends extern fallthrough false final finally float fn for "
    "foreach from func function goto groupby if impl implements implicit import include inline "
    "instanceof int interface internal let long loop match mod module mut mutable namespace native "
    "new nil null object operator override package private protected protocol pub public readonly "
    "readln record ref register require rescue return sealed self short signed sizeof static "
    "string struct super switch synchronized template then this throw throws trait transient true "
    "try type typedef typename typeof undefined union unless unsafe unsigned until use using val "
    "var virtual void volatile when where while with yield"
)
_DATABASE = (
    "alter asc by commit create cross delete desc distinct drop exists group having inner insert "
    "integer into join key left limit not null on order outer primary right rollback select set "
    "table union unique update values varchar where"
)
_CALLED = (
    "abs append args argc argv array assert cerr chmod cin concat console cout def dict elem endl "
    "enumerate err eval fmt foreach grep init input isinstance kwargs lambda len list log main "
    "malloc map max min none npm numpy pandas parse pip pop print printf println push range req "
    "res scanf setattr sizeof sort split std stdin stdio stdout str strlen substr sudo sum sys "
    "tostring tuple vector"
)
_MARKUP = (
    "br button css div doctype fieldset href hr html iframe img li meta nav ol onclick px rgb span "
    "src svg tbody td textarea tfoot th thead tr ul"
)
_WORDS = frozenset(
    word for words in (_RESERVED, _DATABASE, _CALLED, _MARKUP) for word in words.split()
).union(map(str.lower, (*keyword.kwlist, *keyword.softkwlist)))


def is_code(words: Collection[str]) -> bool:
    """Whether folded words are nothing but such words and single letters ("def", "int i")."""
    known = [word for word in words if len(word) > 1]
    return bool(known) and _WORDS.issuperset(known)
