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
NO_SPACE = (errno.ENOSPC, errno.EDQUOT)
FULL = "stage2sim sweep: the disk is full: "
PR_SET_PDEATHSIG = 1


class DiskFull(Exception):
    pass


class DieWithParent:
    """To be called in a new process: one whose parent is killed ends, too."""

    def __init__(self, parent=None):
        self.parent = parent or os.getpid()
        self.prctl = ctypes.CDLL(None).prctl

    def __call__(self):
        self.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != self.parent:
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
        self.die_with_parent = DieWithParent()

    def _call(self, out, sets):
        args = [self.program, "run", "-q", "-j", "1", "-o", out]
        for text in sets:
            args += ["--set", text]
        done = subprocess.run([*args, self.scenario], stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, errors="replace",
                              cwd=self.root, env=self.env,
                              preexec_fn=self.die_with_parent)
        return done.returncode, done.stderr.strip()

    def _abandoned(self):
        """The driver was killed: what the worker uses may go while a point runs, and
        the point would seem to fail."""
        return os.getppid() != self.parent or not os.path.exists(self.program)

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
            if self._abandoned():
                sys.exit(1)
            if code < 0:
                error = f"{error}\nended with signal {-code}".strip()
            self.store.put_failure(point_id, code, error, self.work / "tmp")
            return "failed"
        except OSError as e:
            if e.errno in NO_SPACE:
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
    DieWithParent(os.getppid())()
    work, name = Path(sys.argv[1]), sys.argv[2]
    try:
        run_batch(work, name)
    except DiskFull as e:
        print(f"{FULL}{e}", file=sys.stderr)
        return EXIT_FULL
    except OSError as e:
        if e.errno not in NO_SPACE:
            raise
        print(f"{FULL}{e.filename}: {e.strerror}", file=sys.stderr)
        return EXIT_FULL
    return 0


if __name__ == "__main__":
    sys.exit(main())
