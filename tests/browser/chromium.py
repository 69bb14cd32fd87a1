"""Which Chromium the browser tests drive: `$CHROMIUM`, one on the PATH, or Debian's where we may install it."""

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
HELP = (
    "The browser tests need a Chromium and found none. Install it (Debian and Ubuntu: apt-get install chromium), or "
    "set CHROMIUM to the path of a Chromium or Chrome, then run make test again."
)


def find() -> str | None:
    """The path of a Chromium, if there is one."""
    given = os.environ.get("CHROMIUM")
    if given:
        return shutil.which(given)
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def main() -> int:
    """Find one or install it; 0 if there is one in the end."""
    if find():
        return 0
    if os.environ.get("CHROMIUM"):
        print(f"CHROMIUM is {os.environ['CHROMIUM']}, which is not a program.", file=sys.stderr)
        return 1
    if hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get"):
        print("No Chromium found: installing Debian's with apt-get.")
        quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(["apt-get", "-qq", "update"], env=quiet, check=False)
        subprocess.run(
            ["apt-get", "-qq", "install", "-y", "--no-install-recommends", "chromium"],
            env=quiet,
            check=False,
            stdout=subprocess.DEVNULL,
        )
        if find():
            return 0
    print(HELP, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
