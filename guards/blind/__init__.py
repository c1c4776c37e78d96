"""Rules that hold no text: phrases known by keyed hashes, found again where they are said.

Whoever has the key can test guesses; without it the hashes say nothing. What needs the text of a
name, its misspellings and its parts, is not found here.
"""
