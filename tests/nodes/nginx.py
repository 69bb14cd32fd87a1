"""A real nginx with the configuration of deploy/, on ports of the test: one on the PATH, or Debian's where we may."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from web.config import ROOT

HELP = (
    "The tests of several nodes need an nginx and found none. Install it (Debian and Ubuntu: apt-get install "
    "nginx-light), then run make test again."
)
DEPLOY = ROOT / "deploy" / "nginx"
MAIN = """
daemon off;
{user}
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log warn;
events {{ worker_connections 8192; }}
worker_rlimit_nofile 20000;
http {{
    types {{ text/css css; application/javascript js; image/svg+xml svg; font/woff2 woff2; }}
    default_type application/octet-stream;
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/palier.conf;
}}
"""


def find() -> str | None:
    """The path of an nginx, if there is one."""
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")


def free_port() -> int:
    """A port that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Nginx:
    """The proxy of deploy/ before some nodes; of each the ports of its pools: candidates, desks, news."""

    def __init__(self, folder: Path, nodes: Sequence[tuple[int, int, int]]) -> None:
        self.folder = folder
        self.port, self._plain = free_port(), free_port()
        self.url = f"https://127.0.0.1:{self.port}"
        folder.mkdir(exist_ok=True)
        certify(folder)
        user = "user root;" if os.geteuid() == 0 else ""
        (folder / "nginx.conf").write_text(MAIN.format(folder=folder, user=user))
        (folder / "palier.conf").write_text(self._placed((DEPLOY / "palier.conf").read_text()))
        (folder / "upstreams.conf").write_text(placed_upstreams(nodes))
        self._process: subprocess.Popen[bytes] | None = None

    def _placed(self, text: str) -> str:
        """The configuration as it is, but for ports, folders and the lines on IPv6, which not every machine has."""
        for before, after in (
            ("/etc/nginx/palier/upstreams.conf", f"{self.folder}/upstreams.conf"),
            ("/etc/palier/tls/", f"{self.folder}/"),
            ("/var/log/nginx/", f"{self.folder}/"),
            ("/opt/palier/", f"{ROOT}/"),
            ("listen 443 ssl", f"listen 127.0.0.1:{self.port} ssl"),
            ("listen 80 ", f"listen 127.0.0.1:{self._plain} "),
        ):
            assert before in text, before
            text = text.replace(before, after)
        return re.sub(r"^\s*listen \[::\].*\n", "", text, flags=re.MULTILINE)

    def test(self) -> subprocess.CompletedProcess[str]:
        """What nginx itself says of the configuration."""
        return subprocess.run([*self._command(), "-t"], capture_output=True, text=True, check=False)

    def start(self) -> None:
        """Serve."""
        self._process = subprocess.Popen(self._command())
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            assert self._process.poll() is None, (self.folder / "error.log").read_text()
            time.sleep(0.05)
        raise AssertionError("nginx does not answer")

    def stop(self) -> None:
        """Stop at once."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(10)

    @property
    def log(self) -> str:
        """What was asked of whom."""
        return (self.folder / "palier.log").read_text()

    def _command(self) -> list[str]:
        program = find()
        assert program, HELP
        return [program, "-p", str(self.folder), "-c", str(self.folder / "nginx.conf")]


@contextmanager
def before(folder: Path, nodes: Sequence[tuple[int, int, int]]) -> Iterator[Nginx]:
    """An nginx before some nodes, as long as the block lasts."""
    made = Nginx(folder, nodes)
    made.start()
    try:
        yield made
    finally:
        made.stop()


def placed_upstreams(nodes: Sequence[tuple[int, int, int]]) -> str:
    """The upstreams of deploy/ with these nodes in the place of those that stand there."""
    text = (DEPLOY / "upstreams.conf").read_text()
    for pool, port in enumerate((8000, 8001, 8002)):
        line = re.compile(rf"^    server 127\.0\.0\.1:{port} (.*);\n    #server 10\.0\.0\.2:{port} .*;\n", re.MULTILINE)
        lines = "".join(rf"    server 127.0.0.1:{node[pool]} \1;" + "\n" for node in nodes)
        text, found = line.subn(lines, text)
        assert found == 1, port
    return text


def certify(folder: Path) -> None:
    """A certificate that nobody has signed."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "palier.example.org")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    (folder / "palier.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "palier.key").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )


def main() -> int:
    """Find one or install it; 0 if there is one in the end."""
    if find():
        return 0
    if hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get"):
        print("No nginx found: installing Debian's with apt-get.")
        quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(["apt-get", "-qq", "update"], env=quiet, check=False)
        subprocess.run(
            ["apt-get", "-qq", "install", "-y", "--no-install-recommends", "nginx-light"],
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
