"""Outcomes: the thresholds of a rule set, the result of a sitting, what people are told of it."""
