"""Prompts of which only some parts touch a forget request: the others are truly answered.

Each part that asks is put to the engine by itself, after the client's earlier messages: what is
touched never gets there, a small model can answer it too, and an answer that would tell something
can still be left out. What is understood only by the part before it follows that one and its
answer. Which parts are touched is decided in `guards`.
"""

from gateway.openai.mixed.mixed import Mixed

__all__ = ["Mixed"]
