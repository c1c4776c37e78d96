"""What the model says, on its way out: cut where it would tell what is to be forgotten.

Pure and incremental: text comes in as it is generated. What a leak is, `guards` decides; where
the bytes come from and go to does not belong here.
"""
