"""What to ask next, and what the answers say: the adaptive core."""
