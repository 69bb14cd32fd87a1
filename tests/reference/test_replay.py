"""A sitting is the same on another machine: other kernels of linear algebra, other vector units, other thread counts.

`replay.json` was recorded once. Each process below computes it anew under settings that make numpy and OpenBLAS take
the code of another processor. Unrounded, figures may differ in the last bits from kernel to kernel; rounded to nine
digits they did not, and what is asked never did.
"""

import json
import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

RECORD = Path(__file__).with_name("replay.json")
X86 = platform.machine() in ("x86_64", "AMD64")
MACHINES = {
    "one thread": {"OPENBLAS_NUM_THREADS": "1"},
    "four threads": {"OPENBLAS_NUM_THREADS": "4"},
    "no vector units": {"NPY_DISABLE_CPU_FEATURES": "AVX2 FMA3 AVX512F AVX512CD AVX512_SKX"} if X86 else {},
    "an old processor": {"OPENBLAS_CORETYPE": "Prescott"} if X86 else {},
    "a newer processor": {"OPENBLAS_CORETYPE": "Haswell"} if X86 else {},
}


@pytest.mark.slow
@pytest.mark.parametrize("machine", MACHINES)
def test_a_sitting_is_led_and_read_the_same_way_on_another_machine(machine):
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "tests.reference.replay"],
        cwd=RECORD.parents[2],
        env=os.environ | MACHINES[machine],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found, recorded = json.loads(done.stdout), json.loads(RECORD.read_text(encoding="utf-8"))
    assert [one["items"] for one in found] == [one["items"] for one in recorded]
    for one, other in zip(found, recorded, strict=True):
        assert one["figures"] == pytest.approx(other["figures"], abs=2e-9)
