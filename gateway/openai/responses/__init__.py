"""The Responses API as a face of the chat route.

A request becomes a chat, the chat's answer becomes a response, whole or as events. Nothing is
screened, refused for what it says, or enforced here: that happens once, on the chat's way.
"""

from gateway.openai.responses.face import respond

__all__ = ["respond"]
