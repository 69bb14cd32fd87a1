"""Studies: what the whole procedure does to many candidates whose level is known."""
