# SPDX-License-Identifier: Apache-2.0
"""What a page of predictions says: pure functions on tables of sweeps and runs."""

import csv
from dataclasses import dataclass, field

from reports import stats, units

METRIC = "request_p999_ns"
COLUMNS = ("window_invalid_ns", "coalesce_ns", "episodes", "exits", "stall_sum_ns",
           METRIC, "request_p9999_ns", "request_max_ns", "access_max_ns", "requests",
           "drain_ns", "recovery_ns", "tlb_conflicts", "violations")
SHOWN = ("window", "episodes", "exits", "stall, all vCPUs", "p99.9 request", "recovery",
         "backlog served")
MOST = 5  # parameters that a table of sensitivities lists


@dataclass
class Table:
    """cells[point][variant][column] = (median, lo, hi); points are tuples of labels."""

    axes: tuple  # names
    variants: list = field(default_factory=list)
    cells: dict = field(default_factory=dict)

    def labels(self, axis):
        at = self.axes.index(axis)
        return list(dict.fromkeys(p[at] for p in self.cells))


def _three(row, column):
    return tuple(float(row[column + end]) if row[column + end] else None
                 for end in ("", "_lo", "_hi"))


def read_table(path, axes):
    """The sweep.csv of a sweep with these axes."""
    table = Table(tuple(axes))
    with open(path, encoding="utf-8", newline="") as f:
        for row in csv.DictReader(f):
            if row["variant"] not in table.variants:
                table.variants.append(row["variant"])
            point = tuple(row[a] for a in axes)
            table.cells.setdefault(point, {})[row["variant"]] = {
                c: _three(row, c) for c in (*COLUMNS, "stopped_at_ns")}
    return table


def verdict(contender, baseline):
    """lower, higher or unclear of two (median, lo, hi); none without six seeds."""
    if None in contender or None in baseline:
        return "none"
    if stats.overlap(*contender[1:], *baseline[1:]):
        return "unclear"
    return "lower" if contender[2] < baseline[1] else "higher"


# ---- break-even


def pays_from(table, held, contender, baseline, column):
    """The fewest vCPUs from which on the contender is lower at every point of the grid
    where the other axes are held; None if it is not at the largest."""
    at = table.axes.index("vcpus")
    points = sorted((p for p in table.cells
                     if all(p[table.axes.index(a)] == v for a, v in held.items())),
                    key=lambda p: int(p[at]))
    found = None
    for p in reversed(points):
        cells = table.cells[p]
        if verdict(cells[contender][column], cells[baseline][column]) != "lower":
            break
        found = int(p[at])
    return found


def break_even(table, contenders, baselines, column):
    """[(held, baseline, {contender: vCPUs or None})] over all other axes."""
    others = [a for a in table.axes if a != "vcpus"]
    places = list(dict.fromkeys(
        tuple(p[table.axes.index(a)] for a in others) for p in table.cells))
    rows = []
    for place in places:
        held = dict(zip(others, place))
        for baseline in baselines:
            rows.append((held, baseline, {
                c: pays_from(table, held, c, baseline, column) for c in contenders}))
    return rows


def windows_that_pay(table, changes, contender, baselines, column):
    """(smallest window per change at which the contender is lower, largest at which it
    is not), over all points and baselines that break; None where there is none."""
    pays, not_yet = [], []
    for point, cells in table.cells.items():
        for baseline in baselines:
            window = per_change(cells[baseline], point, table, changes)
            if not window:
                continue
            lower = verdict(cells[contender][column],
                            cells[baseline][column]) == "lower"
            (pays if lower else not_yet).append(window)
    return (min(pays) if pays else None, max(not_yet) if not_yet else None)


# ---- the tail


def lower_at(table, contender, baseline, column):
    """(points at which the contender is lower, all points)."""
    said = [verdict(cells[contender][column], cells[baseline][column])
            for cells in table.cells.values()]
    return said.count("lower"), len(said)


def episodes_per_request(table, variant):
    """The largest of all points, of medians; 0 without requests."""
    shares = [c["episodes"][0] / c["requests"][0] for c in
              (cells[variant] for cells in table.cells.values()) if c["requests"][0]]
    return max(shares, default=0)


# ---- tables of one sweep


def per_change(cell, point, table, changes):
    """The window of one change: changes says how many a run with that block has."""
    window, block = cell["window_invalid_ns"][0], point[table.axes.index("block")]
    return None if window is None else window / changes[block]


def _time(value):
    return "-" if value is None else units.time(value)


def storm_rows(table, changes, held, vcpus):
    """Cells of the table of a block at a rate: a row per vCPUs and variant."""
    rows = []
    for n in vcpus:
        point = tuple({**held, "vcpus": n}[a] for a in table.axes)
        for variant in table.variants if point in table.cells else ():
            c = table.cells[point][variant]
            if c["stopped_at_ns"][0] is not None:
                rows.append([n, variant, "the VM stopped"] + [""] * (len(SHOWN) - 1))
                continue
            rows.append([n, variant, _time(per_change(c, point, table, changes)),
                         units.count(c["episodes"][0]), units.count(c["exits"][0]),
                         _time(c["stall_sum_ns"][0]), _time(c[METRIC][0]),
                         _time(c["recovery_ns"][0]), _time(c["drain_ns"][0])])
    return rows


def same_rows(rows, key):
    """Joins rows that follow each other and differ in column key alone."""
    joined = []
    for row in rows:
        rest = row[:key] + row[key + 1:]
        if joined and joined[-1][:key] + joined[-1][key + 1:] == rest:
            joined[-1][key] += ", " + row[key]
        else:
            joined.append(list(row))
    return joined


def markdown(header, rows, left=1):
    """A table whose first `left` columns are text."""
    lines = ["| " + " | ".join(header) + " |",
             "|" + "---|" * left + "---:|" * (len(header) - left)]
    lines += ["| " + " | ".join(map(str, row)) + " |" for row in rows]
    return [*lines, ""]


# ---- sensitivity


def read_sensitivity(path):
    """[{parameter, factor, value, variant: (p99.9, lo, hi), ...}], the base first."""
    points = {}
    with open(path, encoding="utf-8", newline="") as f:
        for row in csv.DictReader(f):
            if row["skipped"]:
                continue
            key = (row["parameter"], row["factor"], row["value"])
            points.setdefault(key, {})[row["variant"]] = (
                *_three(row, METRIC), row["verdict"] == "broken")
    return [{"parameter": p, "factor": f, "value": v, "cells": cells}
            for (p, f, v), cells in points.items()]


def most_moving(points, variant):
    """[(parameter, {factor: relative change})] of those that move p99.9 of a variant
    most."""
    base = points[0]["cells"][variant][0]
    moved = {}
    for p in points[1:]:
        value = p["cells"].get(variant, (None,))[0]
        if value is not None and base:
            moved.setdefault(p["parameter"], {})[p["factor"]] = value / base - 1
    ordered = sorted(moved.items(),
                     key=lambda item: (-max(abs(v) for v in item[1].values()), item[0]))
    return ordered[:MOST]


def flips(points, contender, baseline):
    """(verdict of the platform as it is, [(parameter, factor, value, verdict)] of the
    points where it is another)."""
    def of(point):
        a, b = point["cells"].get(contender), point["cells"].get(baseline)
        if a is None or b is None:
            return "none"
        return "broken" if a[3] or b[3] else verdict(a[:3], b[:3])

    base = of(points[0])
    return base, [(p["parameter"], p["factor"], p["value"], of(p))
                  for p in points[1:] if of(p) != base]


# ---- a whole migration


def _share(value):
    return "below 0.001 %" if 0 < value < 1e-5 else units.share(value)


def migration_rows(table, fault_ns, pages, second_s):
    """A row per point and variant: storm, its share of the stalls of the migration,
    in which every one of `pages` is written once under the log at fault_ns of a vCPU,
    and of the time of all vCPUs while a migration of second_s runs."""
    rows = []
    for point, cells in table.cells.items():
        for variant in table.variants:
            c = cells[variant]
            stall = c["stall_sum_ns"][0]
            vcpus = int(point[table.axes.index("vcpus")])
            rows.append([*point, variant, units.count(c["episodes"][0]),
                         units.count(c["exits"][0]), units.time(stall),
                         _share(stall / (stall + pages * fault_ns)),
                         _share(stall / (vcpus * second_s * 1e9)),
                         units.time(c["coalesce_ns"][0]), units.time(c[METRIC][0])])
    return rows
