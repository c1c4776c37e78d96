"""Who is named in a text: the phrases of many rules, found in one pass."""
