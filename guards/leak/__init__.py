"""What a reply may not say: strings, passages and facts, found while the text is still coming.

Pure and incremental: text in, in pieces of any size; out what may be said. What may be told under
which circumstances is decided here, how a reply ends that may not go on is not.
"""
