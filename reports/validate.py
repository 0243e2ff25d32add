# SPDX-License-Identifier: Apache-2.0
"""python3 -m reports validate [--rows FILE.csv] [-o DIR]: published rows, simulated."""

import argparse
import concurrent.futures
import contextlib
import csv
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

from reports import plots, validate_cases
from reports.load import ReportError
from reports.sweep.batch import DieWithParent

ROOT = Path(__file__).resolve().parents[1]
# Where files of rows are looked for, the first that there is.
ROWS = (ROOT.parent / "shared" / "validation", ROOT / "scenarios" / "validation")
INTERRUPTED = 3


class Children:
    """Programs that have been started; none outlives the `with`, or this process."""

    def __init__(self):
        self.running, self.lock, self.over = set(), threading.Lock(), False
        self.die_with_parent = DieWithParent()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        with self.lock:
            self.over = True
            for child in self.running:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(child.pid, signal.SIGKILL)

    def run(self, command):
        """(exit code, what it said); the program has a process group of its own."""
        with self.lock:
            if self.over:
                return -signal.SIGKILL, ""
            child = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE, text=True, start_new_session=True,
                preexec_fn=self.die_with_parent)
            self.running.add(child)
        said = child.communicate()[1]
        with self.lock:
            self.running.discard(child)
        return child.returncode, said


def _program():
    return os.environ.get("STAGE2SIM_BINARY", str(ROOT / "build" / "stage2sim"))


def run_case(case, folder, children):
    """Simulates one case; returns {(stage, iteration): seconds, column: ns}."""
    scenario = folder / f"{case.name}.yaml"
    out = folder / case.name
    scenario.write_text(case.text, encoding="utf-8")
    command = [_program(), "run", "-q", "--monitor", "off", "--faults", "off", "-j", "1",
               "-o", str(out), str(scenario)]
    try:
        code, said = children.run(command)
    except OSError as e:
        raise ReportError(f"error: {command[0]}: {e.strerror}; accepted: the program "
                          "that ./run builds, or its path in STAGE2SIM_BINARY") from e
    if code:
        raise ReportError(said.rstrip() or f"{scenario}: exit code {code}")
    result = {}
    stages = out / "stages.csv"
    if stages.exists():
        for r in csv.DictReader(stages.read_text().splitlines()):
            result[r["stage"], r["iteration"]] = \
                float(r["time_ns"]) / 1e9 * case.scale
    for r in csv.DictReader((out / "summary.csv").read_text().splitlines()):
        if r.get("request_p50_ns"):
            result["request_p50_ns"] = float(r["request_p50_ns"])
    return result


def simulate(plan, jobs, progress):
    """Fills in `simulated` of every row; the longest runs begin first."""
    cases = sorted(plan.cases.values(), key=lambda c: (-c.weight, c.name))
    with tempfile.TemporaryDirectory() as tmp, \
            concurrent.futures.ThreadPoolExecutor(jobs) as pool, \
            Children() as children:
        futures = {pool.submit(run_case, c, Path(tmp), children): c for c in cases}
        results = {}
        try:
            for future in concurrent.futures.as_completed(futures):
                results[futures[future].name] = future.result()
                progress(futures[future].name, len(results), len(cases))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    for row in plan.rows:
        row.simulated = results[row.case][row.stage]


def _kind(row):
    return "fitted" if row.fitted else "predicted"


def write_csv(plan, path):
    header = [*plan.rows[0].keys, "unit", "published_median", "simulated",
              "error_percent", "fitted"]
    lines = [",".join(header)]
    for row in plan.rows:
        lines.append(",".join([*row.keys.values(), row.unit, f"{row.published:.6g}",
                               f"{row.simulated:.6g}", f"{row.error_percent():.2f}",
                               _kind(row)]))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def verdict(plan):
    """Sentences on the errors of the rows that a bound holds for."""
    rows = [r for r in plan.rows if r.tier != "B"]
    said = []
    for title, some in (("all rows", rows),
                        ("predicted rows", [r for r in rows if not r.fitted])):
        errors = [abs(r.error_percent()) for r in some]
        if errors:
            tier = " of tier A" if plan.format == "kunpeng920" else ""
            said.append(f"{title}{tier}: {len(errors)}; absolute error: median "
                        f"{statistics.median(errors):.1f} %, worst {max(errors):.1f} %")
    return said


def write_markdown(plan, path, scale):
    keys = list(plan.rows[0].keys)
    lines = [f"# {plan.format}: published and simulated", ""]
    if scale > 1:
        lines += [f"**Scaled: 1/{scale} of the memory was simulated, and the times "
                  "multiplied.**", ""]
    lines += [f"- {said}" for said in verdict(plan)] + [""]
    lines += ["![simulated against published](validation.svg)", ""]
    lines += ["| " + " | ".join([*keys, "published", "simulated", "error", ""]) + " |",
              "|" + "---|" * len(keys) + "---:|---:|---:|---|"]
    for row in plan.rows:
        lines.append("| " + " | ".join(
            [*row.keys.values(), f"{row.published:.4g} {row.unit}",
             f"{row.simulated:.4g} {row.unit}", f"{row.error_percent():+.1f} %",
             _kind(row)]) + " |")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def draw(plan, out):
    values = [v for r in plan.rows for v in (r.published, r.simulated)]
    with tempfile.TemporaryDirectory() as tmp:
        data = Path(tmp) / "validation.csv"
        plots.write_csv(data, ("published", "simulated", "group"),
                        [[r.published, r.simulated,
                          2 if r.tier == "B" else int(not r.fitted)]
                         for r in plan.rows])
        plots.draw("validation", out, data=data, low=min(values) / 1.5,
                   high=max(values) * 1.5, unit=plan.rows[0].unit,
                   tiers=int(any(r.tier == "B" for r in plan.rows)))


def arguments(argv):
    parser = argparse.ArgumentParser(
        prog="python3 -m reports validate",
        description="Simulates every row of a file of published measurements and "
        "writes validation.csv, validation.md and validation.svg.")
    parser.add_argument("--rows", metavar="FILE.csv", action="append",
                        help="a file in one of the formats of docs/validation.md; may "
                        "be given several times; default: all of ../shared/validation, "
                        "or else of scenarios/validation")
    parser.add_argument("-o", dest="out", metavar="DIR", default="out/validation",
                        help="folder of the result, of several files one folder for "
                        "each in it; default %(default)s")
    parser.add_argument("--scenarios", metavar="DIR", help="write the scenario of each "
                        "row to DIR, and simulate nothing")
    parser.add_argument("--scale", metavar="N", type=int, default=1,
                        help="simulate 1/N of the memory and multiply the times")
    parser.add_argument("-j", "--jobs", type=int, default=os.cpu_count() or 1,
                        help="simulations at a time; default %(default)s")
    args = parser.parse_args(argv)
    for name in ("scale", "jobs"):
        if getattr(args, name) < 1:
            parser.error(f"--{name}: found {getattr(args, name)}; accepted: 1 or more")
    return args


def default_rows(folders=ROWS):
    """All files of rows in the first folder that has any."""
    for folder in folders:
        files = sorted(folder.glob("*.csv"))
        if files:
            return [str(f) for f in files]
    raise ReportError("error: --rows: no file, and there is none in "
                      + " or ".join(map(str, folders))
                      + "; accepted: a CSV file in a format of docs/validation.md")


def write(plan, out, scale):
    """All files of a plan appear, or none."""
    with tempfile.TemporaryDirectory() as tmp:
        made = Path(tmp)
        write_csv(plan, made / "validation.csv")
        write_markdown(plan, made / "validation.md", scale)
        draw(plan, made / "validation.svg")
        out.mkdir(parents=True, exist_ok=True)
        for file in sorted(made.iterdir()):
            (out / file.name).write_bytes(file.read_bytes())


def write_scenarios(plans, folder):
    folder.mkdir(parents=True, exist_ok=True)
    for plan in plans:
        for case in plan.cases.values():
            (folder / f"{case.name}.yaml").write_text(case.text, encoding="utf-8")


def validate(args):
    files = args.rows or default_rows()
    plans = [validate_cases.read(file, args.scale) for file in files]
    if args.scenarios:
        write_scenarios(plans, Path(args.scenarios))
        return
    for file, plan in zip(files, plans):
        out = Path(args.out) / Path(file).stem if len(files) > 1 else Path(args.out)
        simulate(plan, args.jobs, lambda name, n, of: print(f"{n}/{of} {name}",
                                                            file=sys.stderr))
        write(plan, out, args.scale)
        print((out / "validation.csv").read_text(), end="")
        for said in verdict(plan):
            print(said)


def _interrupt(*_):
    raise KeyboardInterrupt


def main(argv):
    args = arguments(argv)
    before = signal.signal(signal.SIGTERM, _interrupt)
    try:
        validate(args)
    except ReportError as e:
        print(e, file=sys.stderr)
        return 2
    except OSError as e:
        print(f"{e.filename or args.out}: error: {e.strerror}; accepted: a folder that "
              "can be written", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return INTERRUPTED
    finally:
        signal.signal(signal.SIGTERM, before)
    return 0
