"""What a text asks for: closeness of sentence embeddings to what was filed."""
