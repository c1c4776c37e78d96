"""Whether a filing is about somebody or something, or would touch what everybody says.

Only the texts are looked at, before they are compiled: how common their words are, whether they say
anything, whether they look like a pattern. What a rule does to ordinary prompts and replies is
counted by `guards.collateral`.
"""

from guards.plausible.judge import Doubt, doubt

__all__ = ["Doubt", "doubt"]
