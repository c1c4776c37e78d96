"""The vLLM plug-in: the only place that imports vLLM.

`register` runs in every vLLM process and wraps the few private functions that `seams` names.
In the workers, `layers` finds the decoder layers, `op` stands behind the chosen ones in the
compiled graph, and `steering` tells it before each step which token belongs to which request. In
the API server, `routes` takes rules, captures activations and tells how the engine stands.

    API server                          worker (each rank)
    routes ─ pushes, self_test, ...     runner ─ steering ─ slots, captures
      └─ client ── collective_rpc ──────► rpc      └─ sites ◄─ op (inside the graph)

What one process holds lies in `state`; nothing here reads a file, and no text of a rule or a
prompt is ever logged.
"""
