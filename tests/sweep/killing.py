# SPDX-License-Identifier: Apache-2.0
"""A driver that is killed at a random moment, and resumed."""

import os
import random
import signal
import subprocess
import time

from sweeping import (ROOT, assert_no_half_written_point, command, environment,
                      sweep_ok, write_sweep)

HOPS = "{name: hop, path: overrides.dvm.hop, range: {from: 1ns, to: 40ns, step: 1ns}}"


def kill_and_resume(folder, times):
    """Kills a driver so many times, each in a new sweep, and compares each table, once
    resumed, with that of a driver that was left alone."""
    seed = int(os.environ.get("STAGE2SIM_KILL_SEED", time.time_ns() % 10**6))
    print(f"STAGE2SIM_KILL_SEED={seed}")
    moments = random.Random(seed)
    file = write_sweep(folder / "s.yaml", [HOPS])
    began = time.monotonic()
    calm = sweep_ok(file, folder / "calm", "--batch-s", "0.1")
    want = (calm / "sweep.csv").read_bytes()
    whole_s = time.monotonic() - began
    for i in range(times):
        out = folder / f"out-{i}"
        driver = subprocess.Popen(command(file, out, "--batch-s", "0.1"), cwd=ROOT,
                                  env=environment(), stdin=subprocess.DEVNULL,
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(moments.uniform(0.05, 0.9) * whole_s)
        driver.send_signal(signal.SIGKILL)
        driver.wait()
        assert_no_half_written_point(out)
        got = sweep_ok(file, out) / "sweep.csv"
        assert got.read_bytes() == want, (seed, i)
        assert_no_half_written_point(out)
        left = [p for p in (out / "sweeps" / "test").iterdir()]
        assert sorted(p.name for p in left) == ["failed.csv", "lock", "report",
                                                "sweep.csv"], (seed, i)
