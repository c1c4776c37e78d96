"""Benchmarks that `lethe bench` runs: own cases and peers, interleaved in one run.

Nothing here is imported by a serving gateway. Numbers are compared as ratios within one run,
since machines differ and are noisy.
"""
