"""Timed sittings: the clock, the states, the log that a sitting is a projection of."""
