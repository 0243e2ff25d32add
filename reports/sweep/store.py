# SPDX-License-Identifier: Apache-2.0
"""Where the results of points lie: a folder per point, named by what it comes from.

A folder appears whole, by one rename. Beside it, ID.failed has the error of a point
that gave no result."""

import errno
import json
import os
import shutil
from pathlib import Path

KEPT = ("run.json", "summary.csv", "seeds.csv", "host.json")


class Store:
    def __init__(self, folder):
        self.folder = Path(folder)

    def path(self, point_id):
        return self.folder / point_id[:2] / point_id

    def has(self, point_id):
        return os.path.exists(f"{self.folder}/{point_id[:2]}/{point_id}/summary.csv")

    def put(self, point_id, run_dir):
        """Takes a run directory over; another worker may have been faster."""
        for entry in os.scandir(run_dir):
            if entry.name not in KEPT and not entry.is_dir():
                os.unlink(entry.path)
            elif entry.name not in KEPT:
                shutil.rmtree(entry.path)
        path = self.path(point_id)
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.rename(run_dir, path)
        except OSError as e:
            if e.errno not in (errno.EEXIST, errno.ENOTEMPTY):
                raise
            shutil.rmtree(run_dir)
        self.forget_failure(point_id)

    def cpu_s(self, point_id):
        """CPU time that a point took, or None."""
        try:
            text = (self.path(point_id) / "host.json").read_text(encoding="utf-8")
            return json.loads(text)["cpu_s"]
        except (OSError, ValueError, KeyError):
            return None

    def _failure_path(self, point_id):
        return self.path(point_id).with_suffix(".failed")

    def put_failure(self, point_id, code, error, work):
        """work: a folder of the same file system for the unfinished record."""
        new = Path(work) / f"{point_id}.failed-{os.getpid()}"
        new.write_text(json.dumps({"code": code, "error": error}), encoding="utf-8")
        path = self._failure_path(point_id)
        path.parent.mkdir(parents=True, exist_ok=True)
        os.rename(new, path)

    def failure(self, point_id):
        """{"code", "error"} of a point that gave no result, or None."""
        try:
            return json.loads(self._failure_path(point_id).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None

    def forget_failure(self, point_id):
        self._failure_path(point_id).unlink(missing_ok=True)
