"""Accounting for what was done: exports of the audit and their proof, outcomes, traces.

The chain itself, and where it is kept, is the registry's. Nothing here decides about a prompt, and
nothing here is waited for by a chat.
"""
