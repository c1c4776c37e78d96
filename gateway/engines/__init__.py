"""The engines as replicas: what each holds, keeping it at the registry's revision, capturing.

Speaks to the plug-in's routes in the plain types of `steering`. Choosing which endpoint gets a
chat, and sending it, is `gateway.upstream`'s; deciding what a prompt touches is `guards`'.
"""

from gateway.engines.engine import Engine
from gateway.engines.engines import Engines
from gateway.engines.interventions import Interventions, Steered
from gateway.engines.status import EngineStatus

__all__ = ["Engine", "EngineStatus", "Engines", "Interventions", "Steered"]
