"""Judging the judgement, without a server: how often rules catch what they should, and spare
what they must; and thresholds calibrated on a deployment's own prompts.

Nothing here is imported by a serving gateway; what it reads of a calibration is in
`gateway.calibration`.
"""
