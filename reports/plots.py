# SPDX-License-Identifier: Apache-2.0
"""Figures: computes their data, writes it as CSV and has a .gp script draw it."""

import math
import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from reports import scenario, stats, tables, units
from reports.load import ReportError

SCRIPTS = Path(__file__).resolve().parent / "plots"
BINS_MAX = 600  # per panel
THIN_DECADES = 0.004
REQUEST_FLOOR = 1e-4  # the distribution is drawn to p99.99
PERCENTILES = (0.5, 0.99, 0.999, 0.9999)


@dataclass(frozen=True)
class Figure:
    stem: str  # file name without ending, below plots/
    title: str
    caption: str
    csv: tuple  # names of its data files


def figures(run, prefix, folder):
    """Draws every figure that the run has data for; returns [Figure]."""
    drawn = []
    if run.is_replay:
        return drawn
    if any(run.timeline[name] for name in run.variants):
        drawn.append(_storm(run, prefix, folder))
    for kind in ("request", "access"):
        if any((name, kind) in run.latency for name in run.variants):
            drawn.append(_latency(run, prefix, folder, kind))
    if any(run.summary[n]["request_p999_ns"] is not None for n in run.variants):
        drawn.append(_p999(run, prefix, folder))
    if any(s for stalls in run.stalls.values() for s in stalls):
        drawn.append(_stall(run, prefix, folder))
    return drawn


def write_csv(path, header, rows):
    lines = [",".join(header)]
    for row in rows:
        lines.append(",".join(v if isinstance(v, str) else units.exact(v)
                              for v in row))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def draw(script, out, **settings):
    """Runs plots/SCRIPT.gp; settings become gnuplot variables."""
    svg_name = re.sub(r"[^A-Za-z0-9]", "_", out.stem)
    code = ""
    for key, value in {"out": out, "svg_name": svg_name, **settings}.items():
        if isinstance(value, (str, Path)):
            value = "'" + str(value).replace("'", "''") + "'"
        code += f"{key}={value};"
    command = ["gnuplot", "--default-settings", "-e", code, f"{script}.gp"]
    env = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8"}
    try:
        done = subprocess.run(command, cwd=SCRIPTS, capture_output=True, text=True,
                              env=env)
    except FileNotFoundError as e:
        raise ReportError("error: gnuplot: found no such program; accepted: gnuplot "
                          "5.4, Debian package gnuplot-nox") from e
    if done.returncode or not out.exists() or "</svg>" not in out.read_text():
        text = " ".join(done.stderr.split()) or f"exit code {done.returncode}"
        raise ReportError(f"{SCRIPTS / script}.gp:1:1: error: gnuplot failed: {text}")


# The storm over time


def _shown_until(run, name):
    """When the backlog of a variant's storm is served, or the run's end if never."""
    row, changes = run.per_seed[name][0], run.changes[name]
    if row["drain_ns"] is None or any(c["done_ns"] is None for c in changes):
        return max([r["t_ns"] for r in run.timeline[name]], default=0)
    after = max(row["recovery_ns"] or 0, row["drain_ns"])
    return max(c["done_ns"] for c in changes) + after


def storm_span(run):
    """(zero per variant, start, end) in ns: first store of the change, what to show.

    start and end are relative to zero."""
    changed = {n: rows for n, rows in run.changes.items() if rows}
    first = {n: min(c["first_store_ns"] for c in rows) for n, rows in changed.items()}
    if not first:
        times = [r["t_ns"] for rows in run.timeline.values() for r in rows]
        return dict.fromkeys(run.variants, 0.0), 0.0, max(times) or 1.0
    span = max([1.0, *(_shown_until(run, n) - first[n] for n in changed)])
    common = min(first.values())
    zero = {n: first.get(n, common) for n in run.variants}
    last = max(r["t_ns"] - zero[n] for n, rows in run.timeline.items() for r in rows)
    return zero, -0.12 * span, max(1.0, min(1.2 * span, last))


def storm_rows(run):
    """Rows of storm.csv: variant, order, t_us, bin_us, progress, handlers, window."""
    zero, start, end = storm_span(run)
    columns = ("accesses", "in_handler_ns", "window_ns")
    rows = []
    for order, name in enumerate(run.variants):
        bin_ns = stats.bin_length(run.timeline[name])
        shown = [r for r in run.timeline[name]
                 if start - bin_ns <= r["t_ns"] - zero[name] <= end]
        for t, length, sums in stats.merge_bins(shown, bin_ns, BINS_MAX, columns):
            rows.append((name, order, round((t - zero[name]) / 1e3, 6), length / 1e3,
                         sums["accesses"] / length * 1e3,
                         sums["in_handler_ns"] / length, sums["window_ns"] / length))
    return rows


def window_rows(run):
    """Rows of storm-windows.csv: variant, order, broken_us, mended_us."""
    zero = storm_span(run)[0]
    return [(name, order, round((c["broken_ns"] - zero[name]) / 1e3, 6),
             round((c["mended_ns"] - zero[name]) / 1e3, 6))
            for order, name in enumerate(run.variants) for c in run.changes[name]
            if c["broken_ns"] is not None and c["mended_ns"] is not None]


def _storm(run, prefix, folder):
    stem = f"{prefix}storm"
    rows, (_, start, end) = storm_rows(run), storm_span(run)
    write_csv(folder / f"{stem}.csv",
              ["variant", "order", "t_us", "bin_us", "progress_accesses_per_us",
               "vcpus_in_handler", "window_share"], rows)
    windows = window_rows(run)
    write_csv(folder / f"{stem}-windows.csv",
              ["variant", "order", "broken_us", "mended_us"],
              windows or [("none", -1, 0, 0)])
    panels = []
    for order, name in enumerate(run.variants):
        row = run.per_seed[name][0]
        panels.append((name, order, (row["window_invalid_ns"] or 0) / 1e3,
                       (row["coalesce_ns"] or 0) / 1e3, row["faults_redundant"] or 0))
    write_csv(folder / f"{stem}-panels.csv",
              ["variant", "order", "window_invalid_us", "coalesce_us",
               "faults_redundant"], panels)
    progress = max([r[4] for r in rows], default=0) or 1
    handlers = max([r[5] for r in rows] + [1])
    draw("storm", folder / f"{stem}.svg", data=folder / f"{stem}.csv",
         windows=folder / f"{stem}-windows.csv", panels=folder / f"{stem}-panels.csv",
         panels_n=len(run.variants), xmin=start / 1e3, xmax=end / 1e3,
         progress_max=1.12 * progress, progress_tic=stats.nice_step(progress),
         handlers_max=1.12 * handlers, handlers_tic=stats.nice_step(handlers))
    bin_text = units.time(1e3 * max([r[3] for r in rows], default=0))
    caption = (
        f"Seed {run.seeds[0]}. Guest progress of all vCPUs (filled, left axis) and "
        "vCPUs between trap and re-entry (black line, right axis), both averaged over "
        f"{bin_text}. Shaded: a walk through a changed entry faults; a "
        "window shorter than a pixel is one line wide. Time 0 is the first store of "
        "the change; where nothing is changed, that of the earliest variant.")
    return Figure(stem, "The storm over time", caption,
                  (f"{stem}.csv", f"{stem}-windows.csv", f"{stem}-panels.csv"))


# Latency distributions


def ccdf_rows(run, kind, floor):
    """Rows (variant, order, latency_ns, share above) of one kind, thinned."""
    rows = []
    for order, name in enumerate(run.variants):
        if (name, kind) not in run.latency:
            continue
        points = stats.ccdf(run.latency[name, kind])
        shown = [p for p in points if p[1] >= floor]
        beyond = [p for p in points if p[1] < floor][:1]
        for latency, share in stats.thin(shown + beyond, THIN_DECADES):
            rows.append((name, order, latency, share))
    return rows


def percentile_rows(run, kind):
    rows = []
    for order, name in enumerate(run.variants):
        buckets = run.latency.get((name, kind), [])
        total = sum(count for _, _, count in buckets)
        for share in PERCENTILES:
            if total * (1 - share) >= stats.TAIL_SAMPLES - 1e-6:
                rows.append((name, order, round(100 * share, 2),
                             stats.percentile(buckets, share), 1 - share))
    return [(n, o, p, v, float(f"{s:.6g}")) for n, o, p, v, s in rows]


def _floor(run, kind):
    """Lowest share drawn: p99.99 for requests, one sample for accesses."""
    if kind == "request":
        return REQUEST_FLOOR
    totals = [sum(c for _, _, c in b) for (_, k), b in run.latency.items() if k == kind]
    return 10 ** math.floor(math.log10(1 / max(totals)) + 0.5)


def _latency(run, prefix, folder, kind):
    stem, floor = f"{prefix}latency-{kind}", _floor(run, kind)
    rows = ccdf_rows(run, kind, floor)
    write_csv(folder / f"{stem}.csv",
              ["variant", "order", "latency_ns", "share_above"], rows)
    marks = percentile_rows(run, kind)
    write_csv(folder / f"{stem}-percentiles.csv",
              ["variant", "order", "percentile", "latency_ns", "share_above"],
              marks or [("none", -1, 0, 1, 1)])
    shown = [r[2] for r in rows if r[2] > 0 and r[3] > 0]
    slo = scenario.slo_ns(run.scenario) if kind == "request" else None
    titles = {"request": "Request latency, from intended arrival to completion",
              "access": "Latency of one access, from issue to completion"}
    draw("latency", folder / f"{stem}.svg", data=folder / f"{stem}.csv",
         marks=folder / f"{stem}-percentiles.csv", variants_n=len(run.variants),
         plot_title=titles[kind], floor=floor, dashed=int(kind == "access"),
         samples={"request": "requests", "access": "accesses"}[kind],
         slo_ns=float(slo or 0), xmin=min(shown) * 1e-9 / 1.3,
         xmax=max(shown + [slo or 0]) * 1e-9 * 1.5)
    captions = {
        "request": "Share of the measured requests whose latency lies above the value "
                   "on the x axis, all seeds together, down to p99.99; dots mark p50, "
                   "p99, p99.9 and p99.99 where at least ten samples lie beyond.",
        "access": "The closed-loop view of the same runs (dashed), down to a single "
                  "access: a stalled vCPU issues nothing, so a storm of any length "
                  "adds one slow access per vCPU and moves only the last few samples. "
                  "It stands beside the request latency, not instead of it."}
    figure_titles = {"request": "Request latency", "access": "Latency of one access"}
    return Figure(stem, figure_titles[kind], captions[kind],
                  (f"{stem}.csv", f"{stem}-percentiles.csv"))


# p99.9 per variant


def p999_rows(run):
    """(rows per variant, rows per seed) of the p99.9 request latency."""
    column = "request_p999_ns"
    per_variant, per_seed = [], []
    for order, name in enumerate(run.variants):
        row = run.summary[name]
        if row[column] is None:
            continue
        found = [r for r in run.per_seed[name] if r[column] is not None]
        lo, hi = row[column + "_lo"], row[column + "_hi"]
        kind = "95 % interval"
        if lo is None or hi is None:
            lo, hi = min(r[column] for r in found), max(r[column] for r in found)
            kind = "range over seeds"
        per_variant.append((name, order, row[column], lo, hi, kind))
        per_seed += [(name, order, r["seed"], r[column]) for r in found]
    return per_variant, per_seed


def _p999(run, prefix, folder):
    stem = f"{prefix}p999"
    rows, seeds = p999_rows(run)
    write_csv(folder / f"{stem}.csv",
              ["variant", "order", "p999_ns", "lo_ns", "hi_ns", "spread"], rows)
    write_csv(folder / f"{stem}-seeds.csv",
              ["variant", "order", "seed", "p999_ns"], seeds)
    values = [v for r in rows for v in r[2:5]] + [r[3] for r in seeds]
    low, high = min(values), max(values)
    slo = scenario.slo_ns(run.scenario) or 0
    wide = low > 0 and high / low > 8
    right = max(high, slo if slo < (20 if wide else 2) * high else 0) * 1.15
    draw("p999", folder / f"{stem}.svg", data=folder / f"{stem}.csv",
         seeds=folder / f"{stem}-seeds.csv", variants_n=len(run.variants),
         log_x=int(wide), slo_ns=float(slo), xmin=low * 1e-9 / 1.4 if wide else 0.0,
         xmax=right * 1e-9, tic=stats.nice_step(right * 1e-9))
    spread = rows[0][5]
    caption = (f"Median over {len(run.seeds)} seeds (dot) with the {spread} (bar); "
               "hollow circles are the single seeds."
               + (" Logarithmic axis." if wide else ""))
    if any(tables.is_weak(run, n, "request_p999_ns") for n in run.variants):
        caption += " Fewer than ten samples of a run lie beyond this percentile."
    return Figure(stem, "p99.9 request latency per variant", caption,
                  (f"{stem}.csv", f"{stem}-seeds.csv"))


# Stall per vCPU


def stall_rows(run):
    """Rows of stall.csv: variant, order, vcpu, stall_us."""
    return [(name, order, vcpu, (stall or 0) / 1e3)
            for order, name in enumerate(run.variants)
            for vcpu, stall in enumerate(run.stalls[name])]


def _stall(run, prefix, folder):
    stem = f"{prefix}stall"
    rows = stall_rows(run)
    write_csv(folder / f"{stem}.csv", ["variant", "order", "vcpu", "stall_us"], rows)
    shown = [r[3] for r in rows if r[3] > 0]
    draw("stall", folder / f"{stem}.svg", data=folder / f"{stem}.csv",
         variants_n=len(run.variants), vcpus_n=1 + max(r[2] for r in rows),
         ymin=min(shown) * 1e-6 / 1.5, ymax=max(shown) * 1e-6 * 1.5)
    caption = (f"Seed {run.seeds[0]}. Time of each vCPU between trap and re-entry, all "
               "faults but the needed ones. Logarithmic axis; a vCPU without such a "
               "fault has no mark.")
    return Figure(stem, "Stall per vCPU", caption, (f"{stem}.csv",))
