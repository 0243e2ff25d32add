# SPDX-License-Identifier: Apache-2.0
"""The page of predictions as Markdown."""

from pathlib import Path

from reports import predict_page as page
from reports import render, units

LINK_GBIT = 25
MIGRATED_GIB = 20
MIGRATED_PAGES = MIGRATED_GIB << 18  # of 4 KiB
SECOND_S = MIGRATED_GIB * 2**30 * 8 / (LINK_GBIT * 1e9)
STALL = "stall_sum_ns"


def _held(held):
    return ", ".join(f"{a} {v}" for a, v in held.items())


def _from(vcpus):
    return "never" if vcpus is None else f"{vcpus}"


def budget(all_results):
    rows = [[f"`{Path(r.sweep.file).name}`", len(r.sweep.points), f"{r.runs:,}",
             r.seeds, f"{r.cpu_s / 3600:.3f}"] for r in all_results]
    return page.markdown(["sweep", "points", "runs", "seeds", "core-hours"], rows)


def break_even(part, r):
    """Tables: from how many vCPUs on a contender is lower than a baseline."""
    lines = []
    for column, title in ((page.METRIC, "p99.9 of request latency"),
                          (STALL, "stall of all vCPUs")):
        rows = [[*held.values(), f"`{baseline}`", *(_from(v) for v in found.values())]
                for held, baseline, found in page.break_even(
                    r.table, part.contenders, part.baselines, column)]
        axes = [a for a in r.table.axes if a != "vcpus"]
        lines += [f"### {part.platform}: {title}", ""]
        lines += page.markdown([*axes, "against", *(f"`{c}`" for c in part.contenders)],
                               rows, len(axes) + 1)
    return lines


def joined(contenders, of):
    """[(names, what)] of contenders: those of which of() is equal stand together."""
    found = []
    for contender in contenders:
        what = of(contender)
        same = next((f for f in found if f[1] == what), None)
        if same:
            same[0].append(f"`{contender}`")
        else:
            found.append(([f"`{contender}`"], what))
    return [(", ".join(names), what) for names, what in found]


def windows(part, r):
    """Sentences on the windows at which contenders are lower."""
    lines = []
    for column, title in ((page.METRIC, "p99.9"), (STALL, "the stall")):
        for names, (pays, not_yet) in joined(
                part.contenders, lambda c: page.windows_that_pay(
                    r.table, part.changes, c, part.baselines, column)):
            said = f"{title} is lower at no window" if pays is None else \
                f"the shortest window at which {title} is lower is {units.time(pays)}"
            if not_yet is not None:
                said += f", the longest at which it is not {units.time(not_yet)}"
            lines.append(f"* {part.platform}, {names}: {said}.")
    return lines


TAIL = (("p99.9", page.METRIC), ("p99.99", "request_p9999_ns"),
        ("largest request", "request_max_ns"), ("longest access", "access_max_ns"))


def tails(part, r):
    """A table: at how many points a contender is lower, further and further out."""
    rows = []
    for baseline in part.baselines:
        share = units.share(page.episodes_per_request(r.table, baseline))
        for names, cells in joined(part.contenders, lambda c: [
                "{} of {}".format(*page.lower_at(r.table, c, baseline, column))
                for _, column in TAIL]):
            rows.append([f"`{baseline}`", share, names, *cells])
    return [f"### {part.platform}: the tail", "", *page.markdown(
        ["against", "its episodes per request, at most", "sequence",
         *(title for title, _ in TAIL)], rows, 3)]


def storms(part, r):
    lines = []
    for block, interval, vcpus in part.shown:
        held = {"block": block, "interval": interval}
        rows = page.same_rows(page.storm_rows(r.table, part.changes, held, vcpus), 1)
        if rows:
            lines += [f"### {part.platform}, {_held(held)}", ""]
            lines += page.markdown(["vCPUs", "variant", *page.SHOWN], rows, 2)
    return lines


def migration(r, logged_ns):
    rows = page.same_rows(
        page.migration_rows(r.table, logged_ns, MIGRATED_PAGES, SECOND_S),
        len(r.table.axes))
    header = [*r.table.axes, "variant", "episodes", "exits", "storm, all vCPUs",
              "of all stalls", "of all vCPU time", "coalescing", "p99.9 request"]
    return page.markdown(header, rows, len(r.table.axes) + 1)


def _moved(most):
    return "; ".join(
        f"`{name}` " + ", ".join(f"x {f}: {100 * v:+.0f} %" for f, v in by.items())
        for name, by in most if max(abs(v) for v in by.values()) >= 0.005) or "none"


def sensitivity(part, r):
    lines = []
    for labels, points in r.sensitivities:
        held = dict(zip(r.table.axes, labels))
        rows = []
        for variant in r.table.variants:
            rows.append([f"`{variant}`", _moved(page.most_moving(points, variant))])
        rows = page.same_rows(rows, 0)
        lines += [f"### {part.platform}, {_held(held)}", "",
                  f"{len(points) - 1} points: each assumed number halved and doubled.",
                  ""]
        lines += page.markdown(["variant", "parameters that move p99.9 most"], rows, 2)
        for baseline in part.baselines:
            for names, (base, found) in joined(
                    part.contenders, lambda c: page.flips(points, c, baseline)):
                said = "; ".join(f"`{p}` x {f} ({v}): {w}" for p, f, v, w in found)
                lines.append(f"* {names} against `{baseline}`: {base}. "
                             + (f"Flipped by {said}." if said else
                                "No assumed number flips it."))
        lines.append("")
    return lines


def text(what, results, migrated, logged_ns):
    """The page; results: one per part of the plan."""
    def each(of):
        return "\n".join(line for part, r in zip(what.parts, results)
                         for line in of(part, r))

    all_results = (*results, migrated)
    return render.environment().get_template("predictions.md.j2").render(
        break_even=each(break_even), windows=each(windows), tails=each(tails),
        storms=each(storms),
        sensitivity=each(sensitivity), migration="\n".join(
            migration(migrated, logged_ns)), budget="\n".join(budget(all_results)),
        core_hours=f"{sum(r.cpu_s for r in all_results) / 3600:.2f}",
        logged=units.time(logged_ns), link_gbit=LINK_GBIT, second_s=f"{SECOND_S:.1f}",
        migrated_gib=MIGRATED_GIB, migrated_pages=f"{MIGRATED_PAGES:,}")
