"""Backups of the database, enciphered with age for whoever holds the private key, and their way back.

What is read is piped into the cipher: no plain copy is ever on a disk. Deciphered, a backup is what the database's own
tools read: a SQLite file, or the custom format of pg_dump.
"""

import errno
import hashlib
import io
import os
import secrets
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Protocol, cast

import pyrage
from sqlalchemy import create_engine, inspect, make_url
from sqlalchemy.engine import URL

from engine.kernel import EngineError

SQLITE = b"SQLite format 3\0"
POSTGRESQL = b"PGDMP"


class BackupRefused(EngineError):
    """A backup that cannot be made as asked."""

    code = "backup_refused"


class BackupUnreadable(EngineError):
    """A file that is no backup, is damaged, or is not for this key."""

    code = "backup_unreadable"


class RestoreNotEmpty(EngineError):
    """A database that holds tables already: a restore never overwrites."""

    code = "restore_not_empty"


class DatabaseToolFailed(EngineError):
    """A tool of PostgreSQL is missing or failed."""

    code = "database_tool_failed"


@dataclass(frozen=True, slots=True)
class Tools:
    """Where the tools of PostgreSQL are, and the environment that they run in."""

    folder: Path | None
    environment: Mapping[str, str]

    def path(self, name: str) -> str:
        """A tool. Raises `DatabaseToolFailed`."""
        found = shutil.which(name, path=str(self.folder) if self.folder else self.environment.get("PATH"))
        if found is None:
            raise DatabaseToolFailed(f"{name} is not here: install the client of PostgreSQL, or name its folder.")
        return found


@dataclass(frozen=True, slots=True)
class Made:
    """A backup that was written and read again."""

    path: Path
    size: int
    digest: str
    """SHA-256 of what is enciphered in it."""


class _Reader(Protocol):
    def read(self, size: int = -1, /) -> bytes: ...


class _Hashed:
    """A stream that is hashed as it is read."""

    def __init__(self, source: _Reader) -> None:
        self.source = source
        self.hash = hashlib.sha256()
        self.head = b""

    def read(self, size: int = -1) -> bytes:
        """The next bytes."""
        piece = self.source.read(size)
        self.hash.update(piece)
        if len(self.head) < len(SQLITE):
            self.head = (self.head + piece)[: len(SQLITE)]
        return piece


class _Hashing:
    """A stream onward to somewhere, hashed on its way."""

    def __init__(self, onward: BinaryIO) -> None:
        self.onward = onward
        self.hash = hashlib.sha256()

    def write(self, piece: bytes) -> int:
        """Take the next bytes."""
        self.hash.update(piece)
        self.onward.write(piece)
        return len(piece)

    def flush(self) -> None:
        """Send on what waits."""
        self.onward.flush()


def recipient_of(text: str) -> Any:
    """A public key of age, or an SSH key. Raises `BackupRefused`."""
    try:
        return (
            pyrage.ssh.Recipient.from_str(text) if text.startswith("ssh-") else pyrage.x25519.Recipient.from_str(text)
        )
    except pyrage.RecipientError as error:
        raise BackupRefused(f"{text[:20]}… is no public key: it begins with age1 or ssh-.") from error


def new_key() -> tuple[str, str]:
    """A private key and its public one."""
    identity = pyrage.x25519.Identity.generate()
    return str(identity), str(identity.to_public())


def back_up(url: str, path: Path, recipients: Sequence[str], tools: Tools) -> Made:
    """Write a backup for some public keys, then read it again from the disk: what it holds is what was piped in.

    Raises `BackupRefused`, `DatabaseToolFailed`.
    """
    if not recipients:
        raise BackupRefused("Name at least one public key that the backup is enciphered for.")
    if path.exists():
        raise BackupRefused(f"{path} exists already: a backup is never overwritten.")
    # A key of this run alone, forgotten at its end: with it the file is read again, without the private key being here.
    witness = pyrage.x25519.Identity.generate()
    keys = [*map(recipient_of, recipients), witness.to_public()]
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        with _opened(part) as out:
            with _dumped(make_url(url), tools) as source:
                read = _Hashed(source)
                pyrage.encrypt_io(read, out, keys)
            out.flush()
            os.fsync(out.fileno())
        digest = read.hash.hexdigest()
        if not read.head.startswith((SQLITE, POSTGRESQL)) or not _reads_as(digest, part, witness, tools, read.head):
            raise BackupRefused("What was written does not read as what was to be written: the disk may be damaged.")
        os.link(part, path)  # unlike a rename, it never replaces what somebody else wrote meanwhile
    except FileExistsError as error:
        raise BackupRefused(f"{path} exists already: a backup is never overwritten.") from error
    except OSError as error:
        raise BackupRefused(f"{path} cannot be written: {error.strerror}.") from error
    finally:
        part.unlink(missing_ok=True)
    return Made(path, path.stat().st_size, digest)


def restore(path: Path, url: str, identity: str, tools: Tools) -> None:
    """Bring a backup into an empty database of the same kind.

    Raises `RestoreNotEmpty`, `BackupUnreadable`, `DatabaseToolFailed`.
    """
    target = make_url(url)
    require_empty(target)
    key = _identity(identity)
    try:
        with path.open("rb") as source:
            if target.get_backend_name() == "sqlite":
                _restore_sqlite(source, key, Path(target.database or ""))
            else:
                _restore_postgresql(source, key, target, tools)
    except (pyrage.DecryptError, OSError) as error:
        if isinstance(error, OSError) and error.errno not in (None, errno.ENOENT):
            raise
        # Damage beyond the first piece comes as an OSError without a number.
        raise BackupUnreadable(f"{path} is no backup, is damaged, or is not for this key.") from error


def require_empty(target: URL) -> None:
    """Raises `RestoreNotEmpty` for a database in which there are tables."""
    if target.get_backend_name() == "sqlite" and not Path(target.database or "").exists():
        return
    engine = create_engine(target, hide_parameters=True)
    tables = inspect(engine).get_table_names()
    engine.dispose()
    if tables:
        raise RestoreNotEmpty(
            f"{target.render_as_string()} holds {len(tables)} tables: restore into an empty database.", tables=tables
        )


def _identity(text: str) -> Any:
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    try:
        if "OPENSSH PRIVATE KEY" in text:
            return pyrage.ssh.Identity.from_buffer(text.encode())
        return pyrage.x25519.Identity.from_str("".join(lines))
    except pyrage.IdentityError as error:
        raise BackupUnreadable("The key file holds no private key of age.") from error


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    """A new file that nobody else may read."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        yield out


@contextmanager
def _dumped(source: URL, tools: Tools) -> Iterator[_Reader]:
    """All that is in a database, consistent, as a stream; writers go on meanwhile."""
    if source.get_backend_name() == "sqlite":
        yield io.BytesIO(_serialised(Path(source.database or "")))
        return
    command = [tools.path("pg_dump"), "--format=custom", "--no-password"]
    with (
        tempfile.TemporaryFile() as errors,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, env=_address(source, tools)) as dump,
    ):
        assert dump.stdout is not None
        yield dump.stdout
        if dump.wait():
            errors.seek(0)
            raise DatabaseToolFailed(f"pg_dump failed: {_last_line(errors.read())}")


def _serialised(path: Path) -> bytes:
    if not path.is_file():
        raise BackupRefused(f"There is no database {path}.")
    with (
        closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as live,
        closing(sqlite3.connect(":memory:")) as copy,
    ):
        live.backup(copy)
        content = bytearray(copy.serialize())
    # The copy says that it has a write-ahead log, which one in memory cannot have (file format, 1.3.3).
    content[18:20] = b"\1\1"
    return bytes(content)


def _reads_as(digest: str, path: Path, witness: Any, tools: Tools, head: bytes) -> bool:
    try:
        return _verified(path, witness, tools, head) == digest
    except (pyrage.DecryptError, BackupUnreadable):
        return False
    except OSError as error:
        if error.errno is not None:
            raise
        return False


def _verified(path: Path, witness: Any, tools: Tools, head: bytes) -> str:
    """The digest of what a backup holds, after the database's own reader has gone through it."""
    with path.open("rb") as source:
        if head.startswith(SQLITE):
            plain = pyrage.decrypt(source.read(), [witness])
            _require_sound(plain)
            return hashlib.sha256(plain).hexdigest()
        with _postgresql(["pg_restore", "--file=/dev/null"], tools, tools.environment) as reader:
            through = _Hashing(reader)
            pyrage.decrypt_io(source, through, [witness])
        return through.hash.hexdigest()


def _require_sound(plain: bytes) -> None:
    with closing(sqlite3.connect(":memory:")) as copy:
        try:
            copy.deserialize(plain)
            told = copy.execute("PRAGMA integrity_check").fetchone()[0]
        except sqlite3.DatabaseError as error:
            raise BackupUnreadable(f"The backup holds no sound SQLite database: {error}.") from error
    if told != "ok":
        raise BackupUnreadable(f"The backup holds no sound SQLite database: {told}.")


def _restore_sqlite(source: BinaryIO, key: Any, target: Path) -> None:
    plain = pyrage.decrypt(source.read(), [key])
    if not plain.startswith(SQLITE):
        raise BackupUnreadable("The backup is not of SQLite: restore it into PostgreSQL.")
    _require_sound(plain)
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.part")
    part.unlink(missing_ok=True)
    with _opened(part) as out:
        out.write(plain)
        out.flush()
        os.fsync(out.fileno())
    part.replace(target)


def _restore_postgresql(source: BinaryIO, key: Any, target: URL, tools: Tools) -> None:
    # Whole or not at all. Roles differ from server to server: `palier db grant` follows.
    arguments = [
        "pg_restore", "--exit-on-error", "--single-transaction", "--no-owner", "--no-privileges", "--no-password",
        f"--dbname={target.database}",
    ]  # fmt: skip
    with _postgresql(arguments, tools, _address(target, tools)) as reader:
        pyrage.decrypt_io(source, reader, [key])


@contextmanager
def _postgresql(arguments: Sequence[str], tools: Tools, environment: Mapping[str, str]) -> Iterator[BinaryIO]:
    """The standard input of a tool that reads a backup; what it says when it fails. Raises `BackupUnreadable`."""
    command = [tools.path(arguments[0]), *arguments[1:]]
    with (
        tempfile.TemporaryFile() as errors,
        subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=errors, env=environment
        ) as run,
    ):
        assert run.stdin is not None
        try:
            yield cast(BinaryIO, run.stdin)
            run.stdin.close()
        except BrokenPipeError:
            pass  # it has stopped reading: it tells why
        except BaseException:
            # Half a backup must not look like a whole one to whoever reads.
            run.kill()
            raise
        if run.wait():
            errors.seek(0)
            raise BackupUnreadable(f"{arguments[0]} refuses the backup: {_last_line(errors.read())}")


def _address(url: URL, tools: Tools) -> dict[str, str]:
    """How libpq is told where to go: not on the command line, which everybody on the machine can read."""
    query = dict(url.query)
    host = url.host or str(query.get("host", ""))
    told = {
        "PGHOST": host,
        "PGPORT": str(url.port or ""),
        "PGUSER": url.username or "",
        "PGPASSWORD": str(url.password or ""),
        "PGDATABASE": url.database or "",
        "PGSSLMODE": str(query.get("sslmode", "")),
    }
    return {**tools.environment, **{name: value for name, value in told.items() if value}}


def _last_line(told: bytes) -> str:
    """What a tool said last; never more, since it may quote rows."""
    lines = told.decode(errors="replace").strip().splitlines()
    return lines[0][:200] if lines else "it did not say why"
