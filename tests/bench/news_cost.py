"""What telling news costs commits: `python -m tests.bench.news_cost`. Eight writers, a row and a commit each time."""

import json
import threading
import time

import psycopg

from tests.postgres import DURABLE, Postgres, running
from web.db.database import Database

WRITERS, SECONDS, ROUNDS = 8, 3.0, 2
ROW = "INSERT INTO fact (id, sitting_id, kind, at, data) VALUES (gen_random_uuid(), 's', 'x', now(), '{}')"
SITTING = (
    "INSERT INTO sitting (id, session_id, candidate_id, track, target, extra_third, extra_minutes, code_hash, seed,"
    " enrolled_at) VALUES ('s', 'session', 'c', 'first_degree', 'EXPERT', false, 0, 'x', 1, now())"
)


def commits_per_second(server: Postgres) -> int:
    """Of all writers together."""
    counts = [0] * WRITERS
    end = time.monotonic() + SECONDS

    def write(number: int) -> None:
        with psycopg.connect(f"host={server.folder} user=postgres dbname=palier", autocommit=True) as connection:
            while time.monotonic() < end:
                connection.execute(ROW)
                counts[number] += 1

    threads = [threading.Thread(target=write, args=(number,)) for number in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return round(sum(counts) / SECONDS)


def main() -> None:
    """Measure with and without, in turns."""
    with running(DURABLE) as server:
        database = Database(server.create("palier"))
        database.upgrade()
        database.close()
        found: dict[str, list[int]] = {"told": [], "not_told": []}
        with psycopg.connect(f"host={server.folder} user=postgres dbname=palier", autocommit=True) as connection:
            connection.execute("SET session_replication_role = replica")
            connection.execute(SITTING)
            connection.execute("ALTER TABLE fact DROP CONSTRAINT fk_fact_sitting_id")
            for _ in range(ROUNDS):
                for name, how in (("told", "ENABLE"), ("not_told", "DISABLE")):
                    connection.execute(f"ALTER TABLE fact {how} TRIGGER palier_news_insert")
                    found[name].append(commits_per_second(server))
        print(json.dumps({"commits_per_second": found}))


if __name__ == "__main__":
    main()
