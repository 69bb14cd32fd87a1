"""Other software beside the engine, in one run: `make bench-peers` installs it apart and runs these."""
