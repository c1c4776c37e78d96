"""The demo room: an invented world, two small models, and the story that the README tells.

Here live the generator of the world, the trainer of the two shipped checkpoints (one knows
everybody, one was trained without six people) and the measurement of what they recall. Everyone
and everything here is made up. Nothing that judges, stores or serves belongs here: the gateway,
the guards and the steering never import this package, and it is not part of the wheel.
"""
