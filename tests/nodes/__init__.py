"""Several nodes behind a proxy, sharing PostgreSQL and nothing else."""
