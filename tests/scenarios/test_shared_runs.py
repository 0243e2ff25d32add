# SPDX-License-Identifier: Apache-2.0
"""Writes the run directories that test_results.py and test_physics.py look at."""

import os
from pathlib import Path

from program import run


def test_the_runs_that_other_tests_read_are_written(shared, tmp_path):
    folder = Path(os.environ.get("STAGE2SIM_RUNS", tmp_path))
    for name, (scenario, *options) in shared.items():
        out = run(scenario, folder / name, "--force", *options)
        assert (out / "run.json").exists()
