# SPDX-License-Identifier: Apache-2.0
"""Pure functions on the table of a sweep: what a figure or a line of the page shows."""

import csv
import math
import re
from dataclasses import dataclass, field

from reports import stats

UNITS = {"ps": 1e-3, "ns": 1.0, "us": 1e3, "ms": 1e6, "s": 1e9, "B": 1.0, "K": 2.0**10,
         "KiB": 2.0**10, "M": 2.0**20, "MiB": 2.0**20, "G": 2.0**30, "GiB": 2.0**30,
         "T": 2.0**40, "TiB": 2.0**40, "kHz": 1.0, "MHz": 1e3, "GHz": 1e6}
KINDS = (("ps", "ns", "us", "ms", "s"), ("B", "K", "KiB", "M", "MiB", "G", "GiB", "T",
                                         "TiB"), ("kHz", "MHz", "GHz"))
LOG_SPAN = 20  # a larger range of values gets a logarithmic axis
LOG_STEPS = 2.5  # and so do x values whose largest step is so many smallest ones
TICS_MAX = 10
MAP_MAX = 50  # values of one axis of a heat map


@dataclass
class Table:
    """The drawn columns of sweep.csv: cells[point][variant][column] = (value, lo, hi).

    A point is a tuple of the indexes of its values on the axes."""

    axes: tuple
    variants: list = field(default_factory=list)
    cells: dict = field(default_factory=dict)


def load(path, axes, columns):
    """Reads sweep.csv; cells that are empty are None."""
    table = Table(axes)
    index = [{label: i for i, label in enumerate(a.values)} for a in axes]
    with open(path, encoding="utf-8", newline="") as f:
        rows = csv.reader(f)
        header = next(rows)
        axis_at = [header.index(a.name) for a in axes]
        variant_at = header.index("variant")
        at = {c: [header.index(c + end) for end in ("", "_lo", "_hi")] for c in columns}
        for row in rows:
            point = tuple(ix[row[i]] for ix, i in zip(index, axis_at))
            variant = row[variant_at]
            if variant not in table.variants:
                table.variants.append(variant)
            table.cells.setdefault(point, {})[variant] = {
                c: tuple(float(row[i]) if row[i] else None for i in three)
                for c, three in at.items()}
    return table


# ---- axes


def numbers(labels):
    """The labels as numbers of one unit, or None if they are not that."""
    parts = [re.fullmatch(r"(\d+(?:\.\d+)?(?:e[-+]?\d+)?) ?([A-Za-z%]*)", label)
             for label in labels]
    if not all(parts):
        return None
    units = {m[2] for m in parts}
    if len(units) == 1:
        return [float(m[1]) for m in parts]
    if not any(units <= set(kind) for kind in KINDS):
        return None
    return [float(m[1]) * UNITS[m[2]] for m in parts]


def positions(labels):
    """(x of each label, whether the axis is logarithmic)."""
    x = numbers(labels)
    if x is None or len(set(x)) < len(x):
        return list(range(len(labels))), False
    ordered = sorted(x)
    steps = [b - a for a, b in zip(ordered, ordered[1:])]
    return x, len(steps) > 1 and ordered[0] > 0 and max(steps) > LOG_STEPS * min(steps)


def tics(labels, most=TICS_MAX):
    """The labels as gnuplot takes them, blank where all would not fit."""
    step = math.ceil(len(labels) / most)
    return [label.replace("%", "%%") if i % step == 0 else ""
            for i, label in enumerate(labels)]


def middle(table):
    """Where the other axes are held: of the points with results, the one that is
    nearest to the middle of all axes, counted in values."""
    centre = [(len(a.values) - 1) // 2 for a in table.axes]
    return list(min(sorted(table.cells), key=lambda point: sum(
        abs(i - c) for i, c in zip(point, centre))))


# ---- what figures show


def along(table, axis, variant, column):
    """[(index, value, lo, hi)] along one axis, the others held at their middle."""
    point = middle(table)
    found = []
    for i in range(len(table.axes[axis].values)):
        point[axis] = i
        cell = table.cells.get(tuple(point), {}).get(variant)
        if cell and cell[column][0] is not None:
            found.append((i, *cell[column]))
    return found


def values_at(table, variant, column):
    """{axis: {index: [value of every point there]}}"""
    found = [{} for _ in table.axes]
    for point, cells in table.cells.items():
        value = cells[variant][column][0] if variant in cells else None
        if value is None:
            continue
        for axis, i in enumerate(point):
            found[axis].setdefault(i, []).append(value)
    return found


def quartiles(values):
    ordered = sorted(values)
    last = len(ordered) - 1
    return ordered[round(0.25 * last)], ordered[round(0.75 * last)]


def main_effects(table, variant, column):
    """Per axis: [(index, median over all other axes, lower, upper quartile)]."""
    return [[(i, stats.median(v), *quartiles(v)) for i, v in sorted(found.items())]
            for found in values_at(table, variant, column)]


def strength(effects):
    """How far an axis moves the median: largest over smallest, plus 1 against zeros."""
    medians = [row[1] for row in effects]
    return (max(medians) + 1) / (min(medians) + 1) if medians else 1.0


def strongest_axes(table, column, n):
    """Indexes of at most n axes with the largest effect, in the order of the axes."""
    best = [0.0] * len(table.axes)
    for variant in table.variants:
        for axis, effects in enumerate(main_effects(table, variant, column)):
            best[axis] = max(best[axis], strength(effects))
    many = [a for a in range(len(table.axes)) if len(table.axes[a].values) > 1]
    return sorted(sorted(many, key=lambda a: -best[a])[:n])


def thinned(labels):
    """Indexes of the values of an axis that a heat map shows."""
    return range(0, len(labels), math.ceil(len(labels) / MAP_MAX))


def cells_of(table, x_axis, y_axis, variant, column):
    """[(x index, y index, value)] of a plane, the other axes held at their middle."""
    point = middle(table)
    found = []
    for x in thinned(table.axes[x_axis].values):
        for y in thinned(table.axes[y_axis].values):
            point[x_axis], point[y_axis] = x, y
            cell = table.cells.get(tuple(point), {}).get(variant)
            if cell and cell[column][0] is not None:
                found.append((x, y, cell[column][0]))
    return found


def limits(values):
    """(lowest, highest, logarithmic) of what an axis must show."""
    lo, hi = min(values), max(values)
    if lo > 0 and hi / lo >= LOG_SPAN:
        return lo / 1.2, hi * 1.2, True
    if lo == hi:
        return (0.0, 2 * hi, False) if hi else (0.0, 1.0, False)
    low = 0.0 if lo < 0.5 * hi else lo - 0.1 * (hi - lo)
    return low, hi + 0.05 * (hi - lo), False


# ---- comparison


def compare(table, column):
    """[(variant, lower, higher, unclear, undecided)] against the first variant: points
    whose 95 % intervals lie apart, overlap, or do not exist."""
    first, rows = table.variants[0], []
    for variant in table.variants[1:]:
        lower = higher = unclear = undecided = 0
        for cells in table.cells.values():
            if first not in cells or variant not in cells:
                continue
            _, a_lo, a_hi = cells[first][column]
            _, b_lo, b_hi = cells[variant][column]
            if None in (a_lo, a_hi, b_lo, b_hi):
                undecided += 1
            elif stats.overlap(a_lo, a_hi, b_lo, b_hi):
                unclear += 1
            elif b_hi < a_lo:
                lower += 1
            else:
                higher += 1
        rows.append((variant, lower, higher, unclear, undecided))
    return rows


def lowest(table, column, n):
    """[(value, point, variant)] of the n lowest values."""
    found = [(cell[column][0], point, variant)
             for point, cells in table.cells.items() for variant, cell in cells.items()
             if cell[column][0] is not None]
    return sorted(found)[:n]
