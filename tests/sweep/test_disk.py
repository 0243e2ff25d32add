# SPDX-License-Identifier: Apache-2.0
"""A disk that is full: a file system of its own in a mount namespace of the test."""

import subprocess

import pytest

from sweeping import (BINARY, ROOT, command, environment, sweep, sweep_ok,
                      write_sweep)

HOPS = "{name: hop, path: overrides.dvm.hop, range: {from: 1ns, to: 40ns, step: 1ns}}"

ROOM = 1024 << 10

SCRIPT = """
set -u
mount -t tmpfs -o size="$SIZE" tmpfs "$DISK" || exit 77
"$@"
echo "first: $?" >&2
find "$DISK/points" -mindepth 2 -maxdepth 2 | wc -l >"$KEEP/before"
find "$DISK/points" -name summary.csv -size 0 | wc -l >"$KEEP/empty"
mount -o remount,size=256m "$DISK" || exit 77
"$@"
echo "second: $?" >&2
cp "$DISK/sweeps/test/sweep.csv" "$KEEP"
"""


def test_a_store_that_cannot_be_written_is_not_called_a_full_disk(tmp_path):
    file = write_sweep(tmp_path / "s.yaml", [HOPS])
    out = tmp_path / "out"
    out.mkdir()
    (out / "points").write_text("a file", encoding="utf-8")
    done = sweep(file, out)
    assert done.returncode == 3
    assert done.stderr.startswith(f"error: {out / 'points'}"), done.stderr
    assert "full" not in done.stderr and "Traceback" not in done.stderr


def test_a_full_disk_is_a_clear_error_and_loses_nothing(tmp_path):
    file = write_sweep(tmp_path / "s.yaml", [HOPS])
    want = (sweep_ok(file, tmp_path / "calm") / "sweep.csv").read_bytes()
    disk, keep = tmp_path / "disk", tmp_path / "keep"
    disk.mkdir()
    keep.mkdir()
    size = BINARY.stat().st_size + ROOM  # the driver keeps a copy of the program
    try:
        done = subprocess.run(
            ["unshare", "--map-root-user", "--mount", "sh", "-c", SCRIPT, "sh",
             *command(file, disk)], cwd=ROOT, text=True, capture_output=True,
            env=environment(DISK=str(disk), KEEP=str(keep), SIZE=str(size)),
            timeout=200)
    except FileNotFoundError:
        pytest.skip("no unshare")
    if done.returncode == 77 or "unshare" in done.stderr:
        pytest.skip(f"no file system of its own: {done.stderr}")
    assert "first: 3" in done.stderr, done.stderr
    assert f"error: the disk of {disk} is full" in done.stderr, done.stderr
    assert "Traceback" not in done.stderr, done.stderr
    before = int((keep / "before").read_text())
    assert 0 < before < 40
    assert int((keep / "empty").read_text()) == 0
    assert "second: 0" in done.stderr, done.stderr
    assert (keep / "sweep.csv").read_bytes() == want
