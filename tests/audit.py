"""`make audit`: are there known vulnerabilities in what the lock files name? Exit 1 if there are.

pip-audit says "no known vulnerabilities" also when it could look up nothing, as on a network that reaches package
registries only. That is told here as what it is: nothing was audited.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LOCKS = ("requirements.lock", "requirements-test.lock")
SERVICES: tuple[tuple[str, ...], ...] = (("-s", "pypi"), ("-s", "osv"))
PATIENCE = 120  # seconds


@dataclass(frozen=True)
class Finding:
    """What an advisory service knows of a lock file."""

    looked_up: int
    skipped: tuple[str, ...]
    vulnerable: tuple[str, ...]
    """One line each: package, version, identifier, versions that mend it."""


def read(told: str) -> Finding | None:
    """The finding in pip-audit's JSON; nothing if it told none."""
    try:
        packages = json.loads(told)["dependencies"]
    except (ValueError, KeyError, TypeError):
        return None
    looked_up = [p for p in packages if "vulns" in p]
    vulnerable = tuple(
        f"{p['name']} {p['version']}: {v['id']}, mended in {', '.join(v['fix_versions']) or 'no version yet'}"
        for p in looked_up
        for v in p["vulns"]
    )
    return Finding(len(looked_up), tuple(p["name"] for p in packages if "vulns" not in p), vulnerable)


def ask(lock: Path, service: Sequence[str]) -> Finding | None:
    """What one service knows; nothing if it could not be reached."""
    with tempfile.TemporaryDirectory() as cache:
        command = [sys.executable, "-m", "pip_audit", "--disable-pip", "--require-hashes", "--progress-spinner", "off"]
        command += ["--cache-dir", cache, "-f", "json", "-r", str(lock), *service]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
        except subprocess.TimeoutExpired:
            return None
    found = read(done.stdout)
    return found if found and found.looked_up else None


def audit(lock: Path, services: Sequence[Sequence[str]] = SERVICES) -> int:
    """Say what is known of a lock file, from the first service that can be reached; 1 if that is something bad."""
    for service in services:
        found = ask(lock, service)
        if found is None:
            continue
        for line in found.vulnerable:
            print(f"{lock.name}: {line}")
        if found.skipped:
            print(f"{lock.name}: not looked up: {', '.join(found.skipped)}")
        many = len(found.vulnerable)
        print(
            f"{lock.name}: {found.looked_up} packages looked up at {service[1]}, {many or 'no'} known vulnerabilities."
        )
        return 1 if many else 0
    print(f"{lock.name}: NOT AUDITED. No advisory service can be reached from here; run make audit where one can.")
    return 0


def main() -> int:
    """Both lock files."""
    return max(audit(ROOT / lock) for lock in LOCKS)


if __name__ == "__main__":
    sys.exit(main())
