# SPDX-License-Identifier: Apache-2.0
"""python3 -m reports calibrate, with the real program."""

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
from reports import calibrate  # noqa: E402

MEASURED = {"hypercall": 306, "tlbi": 1457, "tlbi-n": 4000, "clean-line": 2.5}


def arguments(out, **changed):
    options = [f"--{k}={v}" for k, v in {**MEASURED, **changed}.items()]
    return ["--base", str(ROOT / "scenarios/platforms/neoverse-n1.yaml"), "--name",
            "mine", "--issuers", "8", *options, "-o", str(out)]


def test_a_calibrated_platform_gives_back_the_four_measurements(tmp_path):
    out = tmp_path / "mine.yaml"
    assert calibrate.main(arguments(out)) == 0
    back = calibrate.measurements(out.read_text(), 8)
    assert back == pytest.approx(tuple(MEASURED.values()), rel=0.02)


def test_measurements_that_no_platform_can_have_write_no_file(tmp_path, capsys):
    out = tmp_path / "mine.yaml"
    assert calibrate.main(arguments(out, **{"tlbi-n": 100})) == 2
    assert not out.exists()
    assert "--tlbi-n 100" in capsys.readouterr().err
