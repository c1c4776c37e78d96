"""Texts in the form that they are compared in: folded, cut into sentences and windows.

Knows nothing of rules; every view keeps the way back to the characters that were written.
"""
