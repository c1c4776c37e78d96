"""Trains what the guards ship: the adapter, thresholds and weights, from material of our own.

`python -m training` writes the adapter, the thresholds and their card into
`guards/meaning/shipped/`, `python -m training.told` the weights of what tells a fact into
`guards/leak/shipped/`. The material (`material/`, `tests/data/told`) was written for this: people
of history with a passage, questions in many manners, questions about their neighbours, ordinary
prompts; invented facts with replies that tell them. Nothing of it is in the wheel.
"""
