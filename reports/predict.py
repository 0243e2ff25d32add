# SPDX-License-Identifier: Apache-2.0
"""python3 -m reports predict [-o DIR]: the predictions of docs/predictions.md."""

import argparse
import csv
import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from reports import plots, predict_text
from reports import predict_page as page
from reports.load import ReportError
from reports.sweep import plan
from reports.sweep.batch import DieWithParent
from reports.sweep.store import Store

ROOT = Path(__file__).resolve().parents[1]
SWEEPS = ROOT / "scenarios" / "sweeps"


@dataclass(frozen=True)
class Part:
    """A sweep of the page, with axes block, interval and vcpus."""

    file: Path
    platform: str  # in headings and figures
    changes: dict  # block to the table entries that a run coalesces
    baselines: tuple = ("bbm", "bbm-early")
    contenders: tuple = ("nt", "nt-fault", "bbml2", "bbml3")
    shown: tuple = ()  # (block, interval, vCPUs of the rows): tables and figure panels
    varied: tuple = ()  # points whose parameters are varied, (block, interval, vcpus)


@dataclass(frozen=True)
class Plan:
    parts: tuple
    migration: Path  # a sweep with axes block and vcpus
    logging: Path  # a scenario: the writes of a logged page


PLAN = Plan(
    parts=(
        Part(SWEEPS / "prediction.yaml", "Neoverse V2", {"2M": 32, "1G": 1},
             shown=(("2M", "1.8us", ("1", "8", "32", "128")),
                    ("1G", "1.8us", ("1", "16", "128"))),
             varied=(("2M", "1.8us", "8"), ("1G", "5.5us", "4"))),
        Part(SWEEPS / "prediction-kunpeng.yaml", "HYPOTHETICAL Kunpeng 920 with nT",
             {"2M": 8, "1G": 1},
             baselines=("bbm", "bbm-early", "bbm-early-clean-first"),
             shown=(("2M", "1.8us", ("1", "8", "32", "128")),
                    ("1G", "5.5us", ("1", "4", "16"))),
             varied=(("2M", "1.8us", "4"),))),
    migration=SWEEPS / "prediction-migration.yaml",
    logging=SWEEPS / "bases" / "prediction-logging.yaml")


@dataclass
class Results:
    """What a part gave."""

    sweep: plan.Sweep
    table: page.Table
    cpu_s: float
    runs: int
    seeds: int
    sensitivities: list = field(default_factory=list)  # (point labels, points)


def call(args, root):
    """Runs a command whose end is a result, or raises with what it said."""
    env = dict(os.environ)
    env.setdefault("STAGE2SIM_ROOT", str(root))
    try:
        done = subprocess.run([str(a) for a in args], cwd=root, env=env, text=True,
                              stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                              stderr=subprocess.PIPE, preexec_fn=DieWithParent())
    except OSError as e:
        raise ReportError(f"error: {args[0]}: {e.strerror}; accepted: the program that "
                          "./run builds, or its path behind --program") from e
    if done.returncode:
        raise ReportError(done.stderr.rstrip() or f"error: {args[0]}: exit code "
                          f"{done.returncode}")


def say(text):
    print(text, file=sys.stderr, flush=True)


def sweep(file, options):
    """Runs the points that are missing; the Results."""
    loaded = plan.load(options.program, str(file))
    say(f"{loaded.name}: {len(loaded.points)} points")
    call([sys.executable, "-B", "-m", "reports.sweep", file, "-o", options.out,
          "--program", options.program, "-j", options.jobs], ROOT)
    axes = [a.name for a in loaded.axes]
    csv_path = Path(options.out) / "sweeps" / loaded.name / "sweep.csv"
    table = page.read_table(csv_path, axes)
    store = Store(Path(options.out) / "points")
    with open(csv_path, encoding="utf-8", newline="") as f:
        seeds = [int(r["seeds"]) for r in csv.DictReader(f)]
    return Results(loaded, table, sum(store.cpu_s(p.id) or 0 for p in loaded.points),
                   sum(seeds), min(seeds))


def run_once(scenario, folder, options, *more):
    """The run directory of a scenario; one that is there is kept."""
    if not (folder / "summary.csv").exists():
        say(f"{folder.name}: {Path(scenario).stem}")
        folder.parent.mkdir(parents=True, exist_ok=True)
        call([options.program, "run", "-q", "-j", options.jobs, "--force", "-o", folder,
              *more, scenario], ROOT)
    return folder


def vary(part, results, options):
    """Halves and doubles each assumed parameter at the points that the part names."""
    for labels in part.varied:
        point = next(p for p in results.sweep.points if p.values == labels)
        sets = [word for text in point.sets for word in ("--set", text)]
        folder = run_once(results.sweep.scenario,
                          Path(options.out) / "sensitivity" / point.id, options,
                          "--sensitivity", *sets)
        host = json.loads((folder / "host.json").read_text(encoding="utf-8"))
        points = page.read_sensitivity(folder / "sensitivity.csv")
        results.sensitivities.append((labels, points))
        results.cpu_s += host["cpu_s"]
        results.runs += len(points) * len(results.table.variants) * results.seeds


def fault_ns(folder):
    """vCPU time of the first write to a logged page: of the second iteration."""
    rows = list(csv.DictReader((folder / "stages.csv").read_text().splitlines()))
    row = next(r for r in rows if (r["stage"], r["iteration"]) == ("dirty", "2"))
    info = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    vcpus = info["scenario"]["vms"][0]["vcpus"]
    return float(row["time_ns"]) * vcpus / int(row["faults"])


def draw(what, results, out):
    """p99.9 against vCPUs: a panel per table of the page."""
    lines, panels, values = [], 0, []
    order_of = {}
    for part, r in zip(what.parts, results):
        for block, interval, _ in part.shown:
            held = {"block": block, "interval": interval}
            for point, cells in r.table.cells.items():
                at = dict(zip(r.table.axes, point))
                if any(at[a] != v for a, v in held.items()):
                    continue
                for variant, c in cells.items():
                    value, lo, hi = c[page.METRIC]
                    if value is None:
                        continue
                    order = order_of.setdefault(variant, len(order_of))
                    lines.append([panels, f"{part.platform}: {block}", order, variant,
                                  int(at["vcpus"]), value, lo or value, hi or value])
                    values += [value, lo or value, hi or value]
            panels += 1
    lines.sort(key=lambda line: (line[0], line[2], line[4]))
    data = out.with_suffix(".csv")
    plots.write_csv(data, ("panel", "title", "order", "variant", "vcpus", "value", "lo",
                           "hi"), lines)
    plots.draw("predictions", out, data=data, data_n=len(lines), panels_n=panels,
               variants_n=len(order_of), ymin=min(values) / 1.5, ymax=max(values) * 1.5)


def predict(what, options):
    """Runs what is missing; {file name: made} in a folder of its own."""
    results = []
    for part in what.parts:
        r = sweep(part.file, options)
        if options.sensitivity:
            vary(part, r, options)
        results.append(r)
    migration = sweep(what.migration, options)
    logged = run_once(what.logging, Path(options.out) / "logging", options)
    return results, migration, fault_ns(logged)


def write(what, found, out):
    results, migration, logged_ns = found
    with tempfile.TemporaryDirectory() as tmp:
        made = Path(tmp)
        (made / "predictions.md").write_text(
            predict_text.text(what, results, migration, logged_ns), encoding="utf-8")
        (made / "figures").mkdir()
        draw(what, results, made / "figures" / "predictions.svg")
        (out / "figures").mkdir(parents=True, exist_ok=True)
        for name in ("predictions.md", "figures/predictions.svg",
                     "figures/predictions.csv"):
            new = out / f"{name}.new"
            shutil.copyfile(made / name, new)
            os.replace(new, out / name)


def arguments(argv):
    parser = argparse.ArgumentParser(
        prog="python3 -m reports predict",
        description="Runs the sweeps of the predictions (those points that have no "
        "results yet) and writes predictions.md and figures/predictions.svg.")
    parser.add_argument("-o", dest="out", metavar="DIR", default="out",
                        help="points, sweeps and sensitivities; default %(default)s")
    parser.add_argument("--page", metavar="DIR", help="folder of the page and its "
                        "figure; default DIR/predictions, `docs` for the shipped page")
    parser.add_argument("-j", "--jobs", type=int, default=os.cpu_count() or 1,
                        help="simulations at a time; default %(default)s")
    parser.add_argument("--no-sensitivity", dest="sensitivity", action="store_false",
                        help="do not vary the assumed parameters")
    parser.add_argument("--program", metavar="FILE",
                        default=os.environ.get("STAGE2SIM_BINARY",
                                               str(ROOT / "build" / "stage2sim")),
                        help="the simulator; default build/stage2sim")
    args = parser.parse_args(argv)
    if args.jobs < 1:
        parser.error(f"--jobs: found {args.jobs}; accepted: 1 or more")
    args.out = os.path.abspath(args.out)
    args.program = os.path.abspath(args.program)
    return args


def main(argv, what=PLAN):
    options = arguments(argv)
    folder = Path(options.page or Path(options.out) / "predictions")
    try:
        write(what, predict(what, options), folder)
    except (ReportError, plan.SweepError) as e:
        print(e, file=sys.stderr)
        return 2
    except OSError as e:
        print(f"{e.filename or options.out}: error: {e.strerror}; accepted: a folder "
              "that can be written", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        say("\ninterrupted; the same command goes on")
        return 3
    print(folder / "predictions.md")
    return 0
