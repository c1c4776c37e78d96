"""The words of not knowing: in the language that was asked in, and in the model's voice.

Pure functions, but for `Voice` and `Asked`, which may ask the served model. Nothing in this room
knows why something is not told, and no text may hint at a reason.
"""

from gateway.openai.voice.continuation import continuation
from gateway.openai.voice.language import language_of
from gateway.openai.voice.phrases import WORDINGS, is_own
from gateway.openai.voice.voice import Voice

__all__ = ["WORDINGS", "Voice", "continuation", "is_own", "language_of"]
