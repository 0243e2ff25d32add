# SPDX-License-Identifier: Apache-2.0
"""python3 -m reports.sweep SWEEP.yaml: what ./sweep runs once everything is built."""

import argparse
import math
import os
import sys

from reports.load import ReportError
from reports.sweep import collect, drive, pages, plan
from reports.sweep.store import Store

FAILED_SHOWN = 10


def positive(text):
    value = int(text)
    if value < 1:
        raise ValueError
    return value


def seconds(text):
    value = float(text)
    if not 0 < value < math.inf:
        raise ValueError
    return value


def arguments():
    parser = argparse.ArgumentParser(
        prog="./sweep", description="Runs every point of a sweep on all cores, or on a "
        "cluster, and writes sweep.csv and a report. Points that have results already "
        "are not run again; the same command resumes what was interrupted.",
        epilog="Exit codes: 0 every point has a result, 1 some failed (listed, and in "
        "failed.csv), 2 bad input, 3 anything else.")
    parser.add_argument("file", metavar="SWEEP.yaml")
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--slurm", action="store_true",
                       help="run the points as jobs of a Slurm cluster")
    where.add_argument("--profile", metavar="DIR",
                       help="run them as a Snakemake profile says")
    parser.add_argument("-j", "--cores", type=positive, metavar="N",
                        default=len(os.sched_getaffinity(0)),
                        help="local cores to use (default: all)")
    parser.add_argument("--jobs", type=positive, metavar="N",
                        help="jobs at a time on a cluster (default: of the profile)")
    parser.add_argument("--mem-mb", type=positive, metavar="N", default=1000,
                        help="memory that a job asks for (default: 1000)")
    parser.add_argument("--batch-s", type=seconds, metavar="S", help="CPU seconds of a "
                        "batch of points (default: 2 here, 300 on a cluster)")
    parser.add_argument("-o", "--out", metavar="DIR", default="out",
                        help="results go to DIR/points and DIR/sweeps/NAME "
                        "(default: out)")
    parser.add_argument("--best", metavar="COLUMN", action="append", default=[],
                        help="list the points with the lowest value of a column")
    parser.add_argument("--highest", action="store_true",
                        help="of --best: the highest value")
    parser.add_argument("-n", type=positive, metavar="N", default=10,
                        help="of --best: how many (default: 10)")
    parser.add_argument("--program", metavar="FILE", default="build/stage2sim",
                        help="the simulator (default: build/stage2sim)")
    options = parser.parse_args()
    if options.slurm:
        options.profile = str(drive.HERE / "slurm")
    return options


def say_failures(failed, sweep, file):
    print(f"{len(failed)} points failed; {file} has all:", file=sys.stderr)
    for point, _, error in failed[:FAILED_SHOWN]:
        where = " ".join(f"{a.name}={v}" for a, v in zip(sweep.axes, point.values))
        lines = error.splitlines()
        print(f"  {where}: {lines[0] if lines else 'no error text'}", file=sys.stderr)


def sweep_once(options):
    sweep = plan.load(options.program, options.file)
    for column in options.best:
        if column not in sweep.all_columns:
            raise plan.SweepError(f"error: --best {column}: no such column; accepted: "
                                  f"{', '.join(sweep.all_columns)}")
    folders = drive.Folders(options.out, sweep.name)
    lock = folders.lock()
    store = Store(folders.store)
    drive.Driver(sweep, folders, options.program, options).run()
    table = folders.sweep / "sweep.csv"
    done = collect.write_table(store, sweep, table)
    failed = collect.failures(store, sweep)
    collect.write_failures(failed, sweep, folders.sweep / "failed.csv")
    if done:
        pages.write(sweep, table, len(failed), folders.sweep / "report")
    for column in options.best if done else ():
        print(collect.best(table, sweep, column, options.n, options.highest))
    print(f"table:  {table}")
    if done:
        print(f"report: {folders.sweep / 'report' / 'report.html'}")
    if failed:
        say_failures(failed, sweep, folders.sweep / "failed.csv")
    lock.close()
    return 1 if failed else 0


def main():
    options = arguments()
    try:
        return sweep_once(options)
    except plan.SweepError as e:
        print(e, file=sys.stderr)
        return e.code
    except ReportError as e:
        print(e, file=sys.stderr)
        return 3
    except OSError as e:
        print(f"error: {e.filename or options.out}: {e.strerror}", file=sys.stderr)
        return 3
    except KeyboardInterrupt:
        print("\ninterrupted; the same command goes on", file=sys.stderr)
        return 3


if __name__ == "__main__":
    sys.exit(main())
