"""What acts inside the engine: rotation of activations, bans and penalties on decoding.

The types here are plain, and the gateway speaks to engines in them; `steering.vllm` is the only
place that may import vLLM. Nothing in this room knows of HTTP clients, Redis or the gateway.
Building directions (`steering.direction`) and rotating (`steering.rotation`) import scikit-learn
and torch and are loaded by whoever needs them.
"""

from steering.errors import (
    BadBans,
    BadCall,
    BadIntervention,
    BadVector,
    Behind,
    SteeringError,
    UnknownSteering,
    Unsupported,
)
from steering.intervention import ARGUMENT, EngineRule, Intervention
from steering.vector import SteeringVector

__all__ = [
    "ARGUMENT",
    "BadBans",
    "BadCall",
    "BadIntervention",
    "BadVector",
    "Behind",
    "EngineRule",
    "Intervention",
    "SteeringError",
    "SteeringVector",
    "UnknownSteering",
    "Unsupported",
]
