"""The OpenAI surface: which routes and fields there are, what is said in a request, refusals.

Bytes come in, a `Conversation` goes to be judged, bytes go upstream or back. Judgement is not
made here, and nothing in this room knows what a forget request is.
"""

from gateway.openai.conversation import conversation_of
from gateway.openai.fields import FIELDS, Field, Handling, Route
from gateway.openai.prepare import Prepared, prepare
from gateway.openai.routes import Deps, openai_router

__all__ = [
    "FIELDS",
    "Deps",
    "Field",
    "Handling",
    "Prepared",
    "Route",
    "conversation_of",
    "openai_router",
    "prepare",
]
