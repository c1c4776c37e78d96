"""What acts inside the engine: rotation of activations, bans and penalties on decoding.

The types here are plain; the vLLM plug-in is the only place that may import vLLM. Nothing in
this room knows of HTTP, Redis or the gateway. This version steers nothing yet: the gateway
reports the layers `rotate` and `ban` as unavailable and refuses what it would have suppressed.
"""
