"""Forget requests in Redis: what was filed, the ledger of changes, who has acknowledged what.

`Registry` (store.py) is the whole surface; `RedisRegistry` (redis_store.py) keeps it in Redis, by
one part each for ledger, reading, writing, API keys and replicas; `MemoryRegistry` (memory.py) is
its twin for tests, `embedded_redis` (embedded.py) runs a private Redis. What a request means for a
prompt is none of this room's business: it carries compiled rules as opaque bytes.
"""
