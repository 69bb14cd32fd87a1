"""Palier's web: it loads facts, calls one function of the engine, saves in one transaction, answers."""
