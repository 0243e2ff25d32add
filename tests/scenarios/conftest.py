# SPDX-License-Identifier: Apache-2.0
"""Run directories that several questions look at.

ctest has test_shared_runs.py write them into STAGE2SIM_RUNS before the other tests;
without that variable each call of pytest writes its own."""

import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

import program  # noqa: E402

SHARED = {
    "tiny": (program.HERE / "tiny.yaml",),
    "storm": (program.HERE / "storm-64m.yaml",),
    # with 6 of its 20 vCPUs: a third of the time
    "storm_1g": (program.SCENARIOS / "storms" / "coalesce-1g.yaml", "--seeds", "1",
                 "--set", "vms[0].vcpus=6"),
    "conflicts": (program.SCENARIOS / "storms" / "coalesce-2m-conflict.yaml", "--seeds",
                  "1"),
    "sensitivity": (program.HERE / "tiny.yaml", "--sensitivity", "--seeds", "1"),
    "replay": (program.SCENARIOS / "storms" / "kvm-trace.yaml",),
}


def shared_run(name):
    @pytest.fixture(scope="session", name=name)
    def fixture(tmp_path_factory):
        if "STAGE2SIM_RUNS" in os.environ:
            return Path(os.environ["STAGE2SIM_RUNS"]) / name
        return program.run(SHARED[name][0], tmp_path_factory.mktemp("runs") / name,
                           *SHARED[name][1:])
    return fixture


tiny, storm, storm_1g, conflicts, sensitivity, replay = map(shared_run, SHARED)


@pytest.fixture
def shared():
    """Name of each shared run to its scenario and options."""
    return SHARED
