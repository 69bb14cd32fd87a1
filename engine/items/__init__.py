"""What a question is: frameworks, items, keys, releases and the files they come from."""
