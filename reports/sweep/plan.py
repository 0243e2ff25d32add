# SPDX-License-Identifier: Apache-2.0
"""The points that a sweep file asks for, as `stage2sim points` gives them."""

import json
import os
import subprocess
from dataclasses import dataclass


class SweepError(Exception):
    """Ends the command: text for stderr and the exit code."""

    def __init__(self, text, code=2):
        super().__init__(text)
        self.code = code


@dataclass(frozen=True)
class Axis:
    name: str
    values: tuple  # labels, in the order of the sweep file


@dataclass(frozen=True)
class Point:
    id: str  # names the results by what they come from
    values: tuple  # label on each axis
    sets: tuple  # arguments of `stage2sim run --set`


@dataclass(frozen=True)
class Sweep:
    file: str
    name: str
    title: str
    version: str
    scenario: str  # path of the scenario that is varied
    axes: tuple  # of Axis
    columns: tuple  # metrics that the report draws
    all_columns: tuple
    points: tuple  # of Point
    stamp: tuple = ()  # of the program that gave the ids


def stamp(program):
    """Differs once a program was built anew."""
    found = os.stat(program)
    return found.st_ino, found.st_size, found.st_mtime_ns


def load(program, file):
    """The sweep of a file; SweepError with the program's own words if it is invalid."""
    try:
        program_stamp = stamp(program)
        done = subprocess.run([program, "points", file], capture_output=True, text=True,
                              stdin=subprocess.DEVNULL)
    except OSError as e:
        raise SweepError(f"error: cannot start {program}: {e.strerror}", 3) from e
    if done.returncode:
        raise SweepError(done.stderr.rstrip() or f"error: {program} points failed",
                         done.returncode if done.returncode > 0 else 3)
    lines = done.stdout.splitlines()
    head = json.loads(lines[0])
    points = []
    for line in lines[1:]:
        p = json.loads(line)
        points.append(Point(p["id"], tuple(p["values"]), tuple(p["set"])))
    return Sweep(
        file=file, name=head["name"], title=head["title"], version=head["version"],
        scenario=head["scenario"],
        axes=tuple(Axis(a["name"], tuple(a["values"])) for a in head["axes"]),
        columns=tuple(head["draw"]), all_columns=tuple(head["columns"]),
        points=tuple(points), stamp=program_stamp)
