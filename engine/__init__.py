"""Palier's engine: pure functions from facts to facts, told the time and given its dice."""
