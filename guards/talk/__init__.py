"""Conversations: what the current turn is, and what earlier turns lend to it."""
