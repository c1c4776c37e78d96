"""Finding the layer and the strength at which a served model is steered.

`subjects` reads what is to be forgotten, `trial` is the engine that it is tried on, `sweep` goes
through layers and strengths, `findings` judges what was measured. It speaks to an engine without a
gateway, builds vectors as a gateway does, and is imported by no serving gateway.
"""
