"""`palier study simulate` as a person runs it."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from engine.studies.study import Found, Study, study_chunk
from engine.studies.summary import report
from tests.engine.studies.bank import a_study, whole
from web.cli import main
from web.commands import processes, study_simulate, study_workers
from web.commands.bank import ROOT
from web.commands.study_workers import local

FAST = ("--rules", "2023", "--no-exposure")


def simulated(*options: str | Path | int) -> Result:
    return CliRunner().invoke(main, ["study", "simulate", *map(str, options)])


def demo(out: Path, candidates: int = 40, seed: int = 1, *more: str | int) -> Result:
    return simulated("--release", "demo", *FAST, "--candidates", candidates, "--seed", seed, "--out", out, *more)


@pytest.fixture
def _at_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chunks are computed in this process, which is quicker than starting one."""

    def chunks(study: Study, _workers: int) -> Iterator[Found]:
        yield from (study_chunk(study, number) for number in range(study.chunks))

    monkeypatch.setattr(study_simulate, "local", chunks)


@pytest.mark.slow
def test_the_same_seed_gives_the_same_bytes_and_another_seed_does_not(tmp_path: Path) -> None:
    for folder, seed in (("one", 1), ("two", 1), ("three", 2)):
        done = demo(tmp_path / folder, 40, seed, "--selector", "steer", "--selector", "stratified")
        assert done.exit_code == 0, done.output
    names = [path.name for path in (tmp_path / "one").iterdir()]
    assert "report.json" in names
    assert not [name for name in names if name.endswith(".part")]
    for name in names:
        one, two, three = ((tmp_path / folder / name).read_bytes() for folder in ("one", "two", "three"))
        assert one == two != three


@pytest.mark.slow
def test_two_workers_find_what_one_finds_and_what_no_worker_finds() -> None:
    study = a_study(110, 40)
    told = []
    for workers in (1, 2):
        parts = list(local(study, workers))
        assert [part.candidates for part in parts] == [40, 40, 30]
        total = parts[0] + parts[1] + parts[2]
        told.append(json.dumps(report(study, total, "simulated")))
    assert told[0] == told[1] == json.dumps(report(study, whole(study), "simulated"))


@pytest.mark.slow
def test_workers_leave_the_environment_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    before = dict(processes.os.environ)
    parts = local(a_study(20, 10), 1)
    next(parts)
    parts.close()  # type: ignore[attr-defined]
    assert dict(processes.os.environ) == before


def interrupted_after(chunks: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C comes when so many chunks of 30 are done."""

    def parts(study: Study, _workers: int) -> Iterator[Found]:
        for number in range(chunks):
            yield study_chunk(replace(study, chunk=30), number)
        raise KeyboardInterrupt

    monkeypatch.setattr(study_simulate, "local", parts)


def test_an_interrupted_study_leaves_a_report_of_what_was_done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    interrupted_after(2, monkeypatch)
    done = demo(tmp_path / "cut", 500)
    assert done.exit_code == 0, done.output
    assert "Interrupted" in done.output
    told = json.loads((tmp_path / "cut" / "report.json").read_text("utf-8"))
    assert (told["partial"], told["candidates"], told["asked"]) == (True, 60, 500)
    assert sum(map(sum, told["runs"][0]["rules"]["R1"]["table"])) == 60


def test_interrupted_before_anything_is_done_it_writes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    interrupted_after(0, monkeypatch)
    done = demo(tmp_path / "cut")
    assert done.exit_code == 1
    assert "nothing was written" in done.output
    assert not (tmp_path / "cut").exists()


@pytest.mark.usefixtures("_at_hand")
def test_json_is_printed_as_it_is_written(tmp_path: Path) -> None:
    done = demo(tmp_path, 30, 1, "--json")
    assert done.stdout == (tmp_path / "report.json").read_text("utf-8")
    assert json.loads(done.stdout)["format"] == "palier-study/1"


@pytest.mark.usefixtures("_at_hand")
def test_options_are_told_in_the_report(tmp_path: Path) -> None:
    options = {
        "shift": 0.5,
        "within": 0.7,
        "between": 0.5,
        "guessing_share": 0.2,
        "noise": 0.25,
        "incident_rate": 0.1,
        "incident_items": 3,
        "timeout_rate": 0.05,
        "timeout_items": 6,
    }
    given = [text for name, value in options.items() for text in (f"--{name.replace('_', '-')}", str(value))]
    done = demo(tmp_path, 30, 1, "--track", "first_degree", *given)
    assert done.exit_code == 0, done.output
    told = json.loads((tmp_path / "report.json").read_text("utf-8"))
    assert told["options"] == options
    assert told["track"] == "first_degree"


@pytest.mark.usefixtures("_at_hand")
def test_items_that_are_given_often_are_held_back_unless_told_otherwise(tmp_path: Path) -> None:
    found = []
    for more in (("--warm-up", 320), ("--no-exposure",)):
        options = ("--release", "demo", "--rules", "2023", "--candidates", 60, "--seed", 1, "--out", tmp_path, *more)
        assert simulated(*options, "--selector", "steer").exit_code == 0
        found.append(json.loads((tmp_path / "report.json").read_text("utf-8"))["runs"][0]["exposure"])
    assert [exposure["warm_up"] for exposure in found] == [320, None]
    assert found[0]["overlap"] < found[1]["overlap"] - 0.1


@pytest.mark.usefixtures("_at_hand")
def test_a_release_without_data_is_studied_by_the_official_rule_alone(tmp_path: Path) -> None:
    options = (*FAST, "--candidates", 30, "--seed", 1, "--out", tmp_path)
    done = simulated("--release", "seed", *options)
    assert done.exit_code == 0, done.output
    run = json.loads((tmp_path / "report.json").read_text("utf-8"))["runs"][0]
    assert (run["selector"], set(run["rules"]), run["calibration"]) == ("stratified", {"R1"}, None)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--release", "seed", "--selector", "steer"), "Release seed is at stage 0 for crcn_edu; score steering needs"),
        (("--release", "seed", "--rules", "2023-posterior"), "needs stage 2."),
        (("--release", "demo", "--rules", "1999"), "There is no rule set 1999"),
        (("--release", "none"), "none"),
        (("--release", "demo", "--within", "0.3"), "--between (0.7) must not be above --within (0.3)."),
        (("--release", "demo", "--selector", "steer", "--selector", "steer"), "name each selector once"),
        (("--release", "demo", "--dask", "tcp://x", "--workers", "2"), "--workers and --dask exclude each other"),
        (("--release", "demo", "--noise", "-1"), "--noise"),
    ],
)
def test_what_cannot_be_studied_is_refused_in_a_sentence(
    tmp_path: Path, options: tuple[str, ...], sentence: str
) -> None:
    rest = () if "--rules" in options else ("--rules", "2023")
    done = simulated(*options, *rest, "--candidates", 10, "--seed", 1, "--out", tmp_path / "out", "--no-exposure")
    assert done.exit_code in (1, 2)
    assert isinstance(done.exception, SystemExit)
    assert sentence in " ".join(done.output.split())
    assert not (tmp_path / "out").exists()


def test_a_cluster_without_its_package_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(study_workers, "find_spec", lambda _name: None)
    done = demo(tmp_path / "out", 10, 1, "--dask", "tcp://127.0.0.1:1")
    assert done.exit_code == 1
    assert "install palier[dask]" in done.output
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_real_ctrl_c_ends_a_study_with_a_partial_report(tmp_path: Path, workers: str) -> None:
    program = (
        "import sys\nfrom web.cli import main\nfrom engine.studies import study as s\n"
        "add = s.Found.__add__\n"
        "def told(a, b):\n    print('added', file=sys.stderr, flush=True)\n    return add(a, b)\n"
        "s.Found.__add__ = told\n"
        "if __name__ == '__main__': main()\n"
    )
    script = tmp_path / "program.py"
    script.write_text(program, encoding="utf-8")
    options = ["--release", "demo", "--rules", "2023", "--candidates", "500000", "--seed", "1", "--workers", workers]
    running = subprocess.Popen(
        [sys.executable, str(script), "study", "simulate", *options, "--no-exposure", "--out", str(tmp_path / "out")],
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env=os.environ | {"PYTHONPATH": str(ROOT.parent)},
    )
    assert running.stderr is not None
    try:
        assert any("added" in line for line in running.stderr)
        os.killpg(running.pid, signal.SIGINT)  # as a terminal does: to everybody
        out, rest = running.communicate(timeout=300)  # chunks that were begun end first, on whatever machine
    finally:
        if running.poll() is None:
            os.killpg(running.pid, signal.SIGKILL)
            running.communicate()
    assert running.returncode == 0, rest
    assert "the report covers the candidates that were done" in out
    assert "Traceback" not in rest
    told = json.loads((tmp_path / "out" / "report.json").read_text("utf-8"))
    assert told["partial"] is True
    assert 1024 <= told["candidates"] < 500_000
