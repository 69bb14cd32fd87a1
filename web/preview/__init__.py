"""The preview of authors: the bank on this machine, each item as candidates see it, scored."""
