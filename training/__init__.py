"""Trains what the guards ship: the adapter, and the thresholds, from material of our own.

`python -m training` writes both, and their card, into `guards/meaning/shipped/`. The material
(`material/`) was written for this: people of history with a passage, questions in many manners,
questions about their neighbours, and ordinary prompts. Nothing of it is in the wheel.
"""
