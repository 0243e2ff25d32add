# SPDX-License-Identifier: Apache-2.0
"""Runs the points that a sweep still lacks, as batches, by Snakemake."""

import fcntl
import json
import math
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from reports.sweep import plan
from reports.sweep.batch import FULL, NO_SPACE, DieWithParent, DiskFull, Runner
from reports.sweep.plan import SweepError
from reports.sweep.store import Store

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
LOCAL_BATCHES_MAX = 1000
CLUSTER_BATCHES_MAX = 10000
ROUNDS_MAX = 3  # without a point more
LOCAL_BATCH_S = 2.0
CLUSTER_BATCH_S = 300.0
CLUSTER_BATCHES_MIN = 8
SAMPLE_MAX = 50  # stored points whose time is looked at
POLL_S = 0.2
SAY_EVERY_S = 30.0  # where there is no terminal
FREE_LEAST = 1 << 20
LOCK_WAIT_S = 2.0  # a child of a killed driver holds its lock until it has called exec
LEFT = ("work.*", "*.new-*", ".report.new-*", ".report.old-*", ".gone-*")
NO_CAUSE = ("Complete log:", "Exiting because", "Shutting down")  # of Snakemake


class Folders:
    """What one sweep owns below the output folder, and the store that all share."""

    def __init__(self, out, name):
        self.out = Path(out).absolute()
        self.sweep = self.out / "sweeps" / name
        self.work = None  # from new_work() to tidy()
        self.store = self.out / "points"

    def lock(self):
        """Held until the process ends, however it ends."""
        self.sweep.mkdir(parents=True, exist_ok=True)
        f = open(self.sweep / "lock", "w", encoding="utf-8")
        until = time.monotonic() + LOCK_WAIT_S
        while True:
            try:
                fcntl.flock(f, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return f
            except BlockingIOError as e:
                if time.monotonic() > until:
                    raise SweepError(
                        f"error: {self.sweep}: another ./sweep is running it") from e
                time.sleep(0.05)

    def new_work(self):
        """Each driver has its own: workers of a killed one know only the old name."""
        self.work = Path(tempfile.mkdtemp(prefix="work.", dir=self.sweep))
        (self.work / "tmp").mkdir()

    def tidy(self):
        """Removes what this driver, and those that were killed, have left. Call it with
        the lock held."""
        self.work = None
        for pattern in LEFT:
            for path in self.sweep.glob(pattern):
                if path.is_dir():
                    remove_at_once(path)
                else:
                    path.unlink(missing_ok=True)


def remove_at_once(folder):
    """A worker that still uses the folder sees all of it, or nothing."""
    gone = folder.with_name(f".gone-{folder.name}-{time.monotonic_ns()}")
    try:
        os.rename(folder, gone)
    except OSError:
        gone = folder
    shutil.rmtree(gone, ignore_errors=True)


class Progress:
    """One line on a terminal, or one now and then elsewhere."""

    def __init__(self, name, total, there):
        self.name, self.total, self.there = name, total, there
        self.began = self.said = time.monotonic()
        self.done = self.failed = 0

    def text(self):
        n = self.there + self.done
        text = f"{self.name}: {n} of {self.total} points"
        if self.failed:
            text += f", {self.failed} failed"
        if self.done and n < self.total:
            left = (time.monotonic() - self.began) / self.done * (self.total - n)
            text += f", {duration(left)} left"
        return text

    def show(self, end=False):
        if sys.stderr.isatty():
            sys.stderr.write("\r\033[K" + self.text() + ("\n" if end else ""))
            sys.stderr.flush()
        elif end or time.monotonic() - self.said >= SAY_EVERY_S:
            self.said = time.monotonic()
            print(self.text(), file=sys.stderr, flush=True)


def duration(seconds):
    """90 s, 12 min, 3.5 h: as much as a waiting person wants to know."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    if seconds < 100 * 60:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"


class Logs:
    """Counts the lines that the batches of a round have written."""

    def __init__(self, folder, names):
        self.at = {folder / name: 0 for name in names}
        self.done = self.failed = 0

    def read(self):
        for path, at in self.at.items():
            try:
                with open(path, "rb") as f:
                    f.seek(at)
                    text = f.read()
            except OSError:
                continue
            whole = text[:text.rfind(b"\n") + 1]
            self.at[path] = at + len(whole)
            for line in whole.splitlines():
                self.done += 1
                self.failed += line.startswith(b"failed")


class Driver:
    def __init__(self, sweep, folders, program, options):
        self.sweep, self.folders, self.options = sweep, folders, options
        self.program = Path(program).absolute()
        self.plan = {"scenario": sweep.scenario, "store": str(folders.store),
                     "root": os.getcwd()}  # and "program", once there is a copy
        self.store = Store(folders.store)
        self.full = None  # what a worker said about a full disk
        self.errors = []  # of Snakemake and its jobs

    # ---- which points

    def missing(self):
        """Points with neither a result nor a failure, each once."""
        return [p for p in dict.fromkeys(self.sweep.points)
                if not self.store.has(p.id) and not self.store.failure(p.id)]

    def point_s(self, todo):
        """CPU seconds of a point: of those that are stored, else of one run now."""
        ids = [p.id for p in self.sweep.points]
        sample = ids[::max(1, len(ids) // SAMPLE_MAX)]
        known = [s for s in map(self.store.cpu_s, sample) if s is not None]
        if not known:
            middle = todo[(len(todo) - 1) // 2]
            Runner(self.plan, self.folders.work).run(middle.id, middle.sets)
            known = [self.store.cpu_s(middle.id) or 1.0]
        return max(sum(known) / len(known), 0.005)

    # ---- batches

    def batches_n(self, points_n, point_s):
        total = points_n * point_s
        if self.options.profile:
            n = max(total / (self.options.batch_s or CLUSTER_BATCH_S),
                    CLUSTER_BATCHES_MIN)
            most = CLUSTER_BATCHES_MAX
        else:
            n = max(total / (self.options.batch_s or LOCAL_BATCH_S), self.options.cores)
            most = LOCAL_BATCHES_MAX
        return min(math.ceil(n), points_n, most)

    def write_batches(self, todo, n):
        """Points go round in the order of their ids: cheap and dear ones in each."""
        work = self.folders.work
        for name in ("batch", "done", "tmp", "slurm"):
            shutil.rmtree(work / name, ignore_errors=True)
            (work / name).mkdir()
        (work / "plan.json").write_text(json.dumps(self.plan), encoding="utf-8")
        ordered = sorted(todo, key=lambda p: p.id)
        names = [f"{i:05d}" for i in range(n)]
        for i, name in enumerate(names):
            lines = [json.dumps([p.id, p.sets]) + "\n" for p in ordered[i::n]]
            (work / "batch" / f"{name}.jsonl").write_text("".join(lines),
                                                          encoding="utf-8")
        return names

    # ---- Snakemake

    def command(self, batches_n, batch_s):
        runtime_min = max(10, math.ceil(10 * batch_s / 60))
        args = ["snakemake", "--snakefile", HERE / "Snakefile", "--directory",
                self.folders.work, "--nolock", "--keep-going", "--scheduler", "greedy",
                "--quiet", "rules", "--rerun-triggers", "mtime"]
        if self.options.profile:
            args += ["--profile", os.path.abspath(self.options.profile)]
            if self.options.jobs:
                args += ["--jobs", self.options.jobs]
        else:
            args += ["--cores", self.options.cores]
        args += ["--config", f"batches={batches_n}", f"root={ROOT}",
                 f"python={sys.executable}", f"work={self.folders.work}",
                 f"mem_mb={self.options.mem_mb}", f"runtime_min={runtime_min}"]
        return [str(a) for a in args]

    def listen(self, pipe):
        """Keeps what Snakemake complains about, and looks for a full disk in them."""
        for line in pipe:
            line = line.rstrip()
            if line.startswith(FULL):
                self.full = line[len(FULL):]
            if line and line not in self.errors and not line.startswith(NO_CAUSE):
                self.errors = [*self.errors[:9], line]

    def start(self, command):
        env = dict(os.environ, SBATCH_JOB_NAME=self.job_name(), PYTHONWARNINGS="ignore")
        env.setdefault("XDG_CACHE_HOME", str(self.folders.work / "cache"))
        try:
            return subprocess.Popen(command, stdin=subprocess.DEVNULL,
                                    stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                    text=True, errors="replace", env=env,
                                    preexec_fn=DieWithParent())
        except FileNotFoundError as e:
            raise SweepError("error: snakemake: no such program; Debian package "
                             "snakemake", 3) from e

    def job_name(self):
        return f"sweep-{self.sweep.name}-{os.stat(self.folders.sweep).st_ino}"

    def round(self, todo, point_s, progress):
        """One call of Snakemake over what is missing."""
        n = self.batches_n(len(todo), point_s)
        names = self.write_batches(todo, n)
        logs = Logs(self.folders.work / "done", names)
        before = (progress.done, progress.failed)
        snakemake = self.start(self.command(n, point_s * len(todo) / n))
        listener = threading.Thread(target=self.listen, args=(snakemake.stderr,))
        listener.start()
        try:
            while snakemake.poll() is None and not self.full:
                time.sleep(POLL_S)
                logs.read()
                progress.done = before[0] + logs.done
                progress.failed = before[1] + logs.failed
                progress.show()
        finally:
            if snakemake.poll() is None:
                snakemake.terminate()
            snakemake.wait()
            listener.join()

    def check_disk(self):
        free = shutil.disk_usage(self.folders.out).free
        if self.full is None and free >= FREE_LEAST:
            return
        raise SweepError(
            f"error: the disk of {self.folders.out} is full ({free >> 10} KiB free)"
            f"{': ' + self.full if self.full else ''}\nFinished points are kept. Free "
            "some space and give the same command again.", 3)

    def copy_program(self):
        """Workers run a copy: one that is built anew meanwhile is another program."""
        self.plan["program"] = str(self.folders.work / "stage2sim")
        shutil.copy(self.program, self.plan["program"])
        if plan.stamp(self.program) != self.sweep.stamp:
            raise SweepError(f"error: {self.program} has just changed; give the same "
                             "command again", 3)

    def cancel_orphans(self):
        """Jobs of a driver that was killed; only Slurm keeps them."""
        if self.options.slurm:
            subprocess.run(["scancel", "--name", self.job_name()], check=False,
                           stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def give_up(self, todo):
        why = "; ".join(self.errors) or "no worker has tried it"
        for p in todo:
            self.store.put_failure(p.id, -1, f"its worker ended early: {why}",
                                   self.folders.work / "tmp")

    def rounds(self, todo, progress):
        point_s = self.point_s(todo)
        idle = 0
        while todo := self.missing():
            progress.done = progress.total - progress.there - len(todo)
            progress.show()
            self.round(todo, point_s, progress)
            left = len(self.missing())
            if left:
                self.check_disk()
            idle = idle + 1 if left == len(todo) else 0
            if idle == ROUNDS_MAX:
                self.give_up(self.missing())

    def run(self):
        """Afterwards every point has a result or a failure."""
        try:
            self.run_missing()
        finally:
            self.folders.tidy()

    def run_missing(self):
        self.cancel_orphans()
        self.folders.tidy()
        for p in self.sweep.points:
            self.store.forget_failure(p.id)
        todo = self.missing()
        there = len(set(self.sweep.points)) - len(todo)
        progress = Progress(self.sweep.name, there + len(todo), there)
        if todo:
            try:
                self.folders.new_work()
                self.copy_program()
                self.rounds(todo, progress)
            except (DiskFull, OSError) as e:
                if isinstance(e, OSError) and e.errno not in NO_SPACE:
                    raise
                self.full = str(e)
                self.check_disk()
        progress.done = len(todo)
        progress.failed = sum(self.store.failure(p.id) is not None for p in todo)
        progress.show(end=True)
