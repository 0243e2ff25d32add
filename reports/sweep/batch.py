# SPDX-License-Identifier: Apache-2.0
"""python3 -m reports.sweep.batch WORK BATCH: runs the points of one batch, one by one.

WORK/plan.json says with what, WORK/batch/BATCH.jsonl has the points. A line per point
goes to WORK/done/BATCH, and WORK/done/BATCH.end appears when all are done. A point that
fails is recorded and does not stop the others; a full disk does."""

import ctypes
import errno
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from reports.sweep.store import Store

EXIT_FULL = 28  # ENOSPC
FULL = "stage2sim sweep: the disk is full: "
PR_SET_PDEATHSIG = 1


class DiskFull(Exception):
    pass


def end_with_parent():
    """A worker whose driver is killed ends, too."""
    parent = os.getppid()
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


class Runner:
    """Runs points into a store; work: a folder of the same file system."""

    def __init__(self, plan, work):
        """plan: {"program", "scenario", "store", "root"}, as in plan.json."""
        self.program = plan["program"]
        self.scenario = plan["scenario"]
        self.store = Store(plan["store"])
        self.work = Path(work)
        self.root = plan["root"]
        self.env = dict(os.environ)
        self.env.setdefault("STAGE2SIM_ROOT", self.root)
        self.parent = os.getppid()

    def _call(self, out, sets):
        args = [self.program, "run", "-q", "-j", "1", "-o", out]
        for text in sets:
            args += ["--set", text]
        done = subprocess.run([*args, self.scenario], stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, errors="replace",
                              cwd=self.root, env=self.env)
        return done.returncode, done.stderr.strip()

    def run(self, point_id, sets):
        """'have', 'ok' or 'failed'; DiskFull if results cannot be written."""
        if self.store.has(point_id):
            return "have"
        out = self.work / "tmp" / f"{point_id}-{os.getpid()}"
        try:
            for last_try in (False, True):
                shutil.rmtree(out, ignore_errors=True)
                code, error = self._call(out, sets)
                killed = code < 0 or "ended with signal" in error
                if not killed or last_try:
                    break
            if os.strerror(errno.ENOSPC) in error or "is the disk of" in error:
                raise DiskFull(error.splitlines()[-1])
            if code in (0, 1) and (out / "summary.csv").exists():
                self.store.put(point_id, out)
                return "ok"
            if os.getppid() != self.parent:
                sys.exit(1)  # the driver was killed, and what it owns may be gone
            if code < 0:
                error = f"{error}\nended with signal {-code}".strip()
            self.store.put_failure(point_id, code, error, self.work / "tmp")
            return "failed"
        except OSError as e:
            if e.errno in (errno.ENOSPC, errno.EDQUOT):
                raise DiskFull(f"{e.filename}: {e.strerror}") from e
            raise
        finally:
            shutil.rmtree(out, ignore_errors=True)


def run_batch(work, name):
    plan = json.loads((work / "plan.json").read_text(encoding="utf-8"))
    runner = Runner(plan, work)
    points = (work / "batch" / f"{name}.jsonl").read_text(encoding="utf-8")
    with open(work / "done" / name, "w", encoding="utf-8", buffering=1) as log:
        for line in points.splitlines():
            point_id, sets = json.loads(line)
            began = time.monotonic()
            what = runner.run(point_id, sets)
            log.write(f"{what} {point_id} {time.monotonic() - began:.3f}\n")
    (work / "done" / f"{name}.end").write_text("", encoding="utf-8")


def main():
    end_with_parent()
    work, name = Path(sys.argv[1]), sys.argv[2]
    try:
        run_batch(work, name)
    except DiskFull as e:
        print(f"{FULL}{e}", file=sys.stderr)
        return EXIT_FULL
    except OSError as e:
        if e.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        print(f"{FULL}{e.filename}: {e.strerror}", file=sys.stderr)
        return EXIT_FULL
    return 0


if __name__ == "__main__":
    sys.exit(main())
