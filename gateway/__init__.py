"""The edge: HTTP, keys and roles, the registry, the upstream, the command line.

I/O lives here and nowhere else. What a text means is decided in `guards`, what happens inside
the engine in `steering`; both are called from here and neither knows this room.
"""

__version__ = "0.1.0"
