"""Telling others what happens to forget requests: signed, in order, until they have it.

What is told is made of the audit, and waits in Redis (gateway/registry/redis_deliveries.py); one
gateway sends for all. Subjects and texts go to nobody but recipients that operators registered for
them.
"""
