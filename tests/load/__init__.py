"""How much one machine carries: `make load`. Real gunicorn workers, both databases, and the ceiling in the same run."""
