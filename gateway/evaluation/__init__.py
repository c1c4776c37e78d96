"""Judging the judgement, without a server: how often rules catch what they should, and spare
what they must; thresholds calibrated on a deployment's own prompts; and, over HTTP, what a served
model still tells (`forgetting`).

Nothing here is imported by a serving gateway; what it reads of a calibration is in
`gateway.calibration`.
"""
