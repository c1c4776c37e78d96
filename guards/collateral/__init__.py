"""What a rule would do to ordinary use: counted on a sample of prompts and of answers.

Nothing here decides what becomes of a filing; texts that are doubtful by themselves are for
`guards.plausible`.
"""

from guards.collateral.counted import Collateral
from guards.collateral.sample import Sample, windows_of

__all__ = ["Collateral", "Sample", "windows_of"]
