"""The one fold and the one boundary rule: how texts are compared, before and inside the engine.

What the guards find in a prompt, what the engine must not complete and what the filter stops are
one and the same string only if all of them fold alike. Nothing else belongs here, and this room
imports no other.
"""

from folding.boundary import UNSPACED, stands_alone, stands_in
from folding.fold import Folded, fold, fold_character

__all__ = ["UNSPACED", "Folded", "fold", "fold_character", "stands_alone", "stands_in"]
