"""What `make audit` says of advisory services that know nothing, know something bad, or are not there."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.audit import audit
from tests.house.source import ROOT

LOCK = "".join(
    f"{name}=={version} \\\n    --hash=sha256:{'0' * 64}\n" for name, version in (("a", "1.0"), ("b", "2.0"))
)
BAD = {
    "id": "PYSEC-2026-1",
    "summary": "Bad",
    "affected": [
        {
            "package": {"name": "b", "ecosystem": "PyPI"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "2.1"}]}],
        }
    ],
}


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    """A lock file of two packages."""
    (path := tmp_path / "some.lock").write_text(LOCK)
    return path


@contextmanager
def advisories(about: dict[str, object]) -> Iterator[tuple[str, ...]]:
    """A service that speaks as OSV does, asked by the real pip-audit."""

    class Answers(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            known = about.get(asked["package"]["name"])
            body = json.dumps({"vulns": [known]} if known else {}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield ("-s", "osv", "--osv-url", f"http://127.0.0.1:{server.server_port}/v1/query")
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


NOBODY = ("-s", "osv", "--osv-url", "http://127.0.0.1:9/v1/query")


def test_a_known_vulnerability_fails_and_is_named(lock: Path, capsys: pytest.CaptureFixture[str]):
    with advisories({"b": BAD}) as service:
        assert audit(lock, [NOBODY, service]) == 1
    told = capsys.readouterr().out
    assert "some.lock: b 2.0: PYSEC-2026-1, mended in 2.1\n" in told
    assert "some.lock: 2 packages looked up at osv, 1 known vulnerabilities.\n" in told


def test_nothing_known_passes_and_says_how_much_was_looked_up(lock: Path, capsys: pytest.CaptureFixture[str]):
    with advisories({}) as service:
        assert audit(lock, [service]) == 0
    assert capsys.readouterr().out == "some.lock: 2 packages looked up at osv, no known vulnerabilities.\n"


def test_a_service_that_is_not_there_passes_and_is_said_aloud(lock: Path, capsys: pytest.CaptureFixture[str]):
    assert audit(lock, [NOBODY]) == 0
    assert "NOT AUDITED" in capsys.readouterr().out


def test_ci_runs_the_audit():
    assert "make audit" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "python -m tests.audit" in (ROOT / "Makefile").read_text(encoding="utf-8")
