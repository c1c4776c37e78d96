"""The way to vLLM: one bounded pool of connections to one or more endpoints.

Knows HTTP, health and how upstream errors look to a client. What a request means, and whether
it may travel at all, is decided before it arrives here.
"""

from gateway.upstream.endpoint import Endpoint
from gateway.upstream.errors import malformed, over_length
from gateway.upstream.pool import UpstreamPool
from gateway.upstream.stream import UpstreamStream
from gateway.upstream.tokens import PromptTokens

__all__ = ["Endpoint", "PromptTokens", "UpstreamPool", "UpstreamStream", "malformed", "over_length"]
