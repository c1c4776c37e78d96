"""How a reply that is stopped goes on to its end."""

from __future__ import annotations


def ending(said: str) -> str:
    """What is added to what has gone out, so that it ends with a whole sentence of not knowing."""
    if not said.strip():
        return "I'm not sure about that, I'm afraid."
    lead = "" if said.endswith((" ", "\n")) else " "
    if said.rstrip().endswith((".", "!", "?", ":", "\n")):
        return f"{lead}Beyond that I don't know, I'm afraid."
    return f"{lead}… no, I'm not sure about that, I'm afraid."
