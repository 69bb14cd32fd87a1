"""Faults: many candidates against a real server and a real database, while everything between and below them breaks."""
