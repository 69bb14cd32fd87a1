"""Incidents and the rulings on them."""
