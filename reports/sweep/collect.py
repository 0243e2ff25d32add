# SPDX-License-Identifier: Apache-2.0
"""sweep.csv and failed.csv: the results of a sweep's points as one table."""

import csv
import io
import os
from pathlib import Path

from reports.sweep.plan import SweepError


def write_atomically(path, write):
    """write(file) fills a file that appears whole or not at all."""
    new = Path(f"{path}.new-{os.getpid()}")
    try:
        with open(new, "w", encoding="utf-8", newline="") as f:
            write(f)
        os.replace(new, path)
    finally:
        new.unlink(missing_ok=True)


def _rows(store, sweep):
    """(header of a summary.csv, lines below it) of each point that has results."""
    header = None
    for point in sweep.points:
        path = store.path(point.id) / "summary.csv"
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            continue
        header = header or lines[0]
        if lines[:1] != [header]:
            found = lines[0][:40] if lines else "nothing"
            raise SweepError(f"{path}:1:1: error: header: found {found}...; accepted: "
                             f"{header[:40]}... as in the other points", 3)
        yield point, header, lines[1:]


def write_table(store, sweep, path):
    """Writes sweep.csv: a row per point and variant. Returns how many points it has."""
    n = 0

    def write(f):
        nonlocal n
        names = ",".join(["point", *(a.name for a in sweep.axes)])
        for point, header, lines in _rows(store, sweep):
            if n == 0:
                f.write(f"{names},{header}\n")
            n += 1
            start = ",".join([point.id, *point.values])
            f.writelines(f"{start},{line}\n" for line in lines)
        if n == 0:
            f.write(f"{names},variant,seeds\n")

    write_atomically(path, write)
    return n


def failures(store, sweep):
    """[(point, code, error)] of the points without results."""
    found = []
    for point in sweep.points:
        if store.has(point.id):
            continue
        failure = store.failure(point.id) or {"code": "", "error": "not run"}
        found.append((point, failure["code"], failure["error"]))
    return found


def write_failures(failed, sweep, path):
    def write(f):
        out = csv.writer(f, lineterminator="\n")
        out.writerow(["point", *(a.name for a in sweep.axes), "code", "error"])
        for point, code, error in failed:
            out.writerow([point.id, *point.values, code, " ".join(error.split())])

    write_atomically(path, write)


def best(path, sweep, column, n, highest):
    """The n rows of sweep.csv with the lowest (or highest) value in a column."""
    with open(path, encoding="utf-8", newline="") as f:
        rows = csv.reader(f)
        header = next(rows)
        if column not in header:
            raise SweepError(f"{path}:1:1: error: no column '{column}'; accepted: "
                             f"{', '.join(sweep.all_columns)}")
        at = header.index(column)
        named = [header.index(a.name) for a in sweep.axes] + [header.index("variant")]
        found = [(float(row[at]), [row[i] for i in named]) for row in rows if row[at]]
    found.sort(key=lambda r: r[0], reverse=highest)
    out = io.StringIO()
    table = [[*(a.name for a in sweep.axes), "variant", column]]
    table += [[*names, f"{value:.15g}"] for value, names in found[:n]]
    widths = [max(map(len, cells)) for cells in zip(*table)]
    for row in table:
        cells = [*(c.ljust(w) for c, w in zip(row[:-1], widths)),
                 row[-1].rjust(widths[-1])]
        out.write("  ".join(cells) + "\n")
    return out.getvalue()
