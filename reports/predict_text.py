# SPDX-License-Identifier: Apache-2.0
"""The page of predictions as Markdown."""

from pathlib import Path

from reports import predict_page as page
from reports import units

LINK_GBIT = 25
MIGRATED_GIB = 20
MIGRATED_PAGES = MIGRATED_GIB << 18  # of 4 KiB
SECOND_S = MIGRATED_GIB * 2**30 * 8 / (LINK_GBIT * 1e9)
STALL = "stall_sum_ns"

HEAD = """# Predictions

Nothing on this page was measured on hardware. `python3 -m reports predict --page docs` makes it: it runs the sweeps named below,
or what is missing of them, and writes this file and its figure. What the model reproduces of published times is in
[validation](validation.md), what it leaves out in [timing](timing.md).

A host thread turns 4K pages back into one block of 1 GiB, or into 2 MiB blocks one after the other, while every vCPU serves requests
of two accesses from that memory; latency counts from the intended arrival. All sequences run on the fault path of Linux 6.2, so `bbm-early` is what
mainline does; `bbm`, which tears the old table down inside the window, is the order of Linux 5.14 to 6.1 under the lock of 6.2. Where `nt-fault` stands the hardware
faults on a block with nT set, where `nt` does it translates. `bbml3` is `bbml2` where no conflict aborts.
"""

WHY = """## Why

* **A window is as long as what stands in it.** `bbm-early` has a TLBI and its DSBs in it, with FEAT_S2FWB and DIC nothing else: less than a
  microsecond for one change. `bbm` also has the tear-down, which grows with the block: 512 entries or 262,144. Without FEAT_S2FWB the clean of the
  block stands in it too, 0.25 ms for 2 MiB and 130 ms for 1 GiB, and outweighs all else.
* **The storm is at most one episode per vCPU and window**: a vCPU that has faulted waits for the lock or comes back to find the block. With
  short windows it is less: a vCPU faults only if it misses its TLBs inside the window, so episodes grow with window x access rate
  x vCPUs, and stalls with episodes x window.
* **nT (or level 2) removes the window and nothing else.** Where the window is one TLBI long, one fault costs about as much as
  the exit and re-entry, and p99.9 of a stream that has queues anyway does not show it. That `nt` shows no gain in p99.9 over `bbm-early` on
  hardware with FEAT_S2FWB is this, not a defect of nT. It does show in episodes and stalls.
* **nT has a price**: a second TLBI and DSB. `coalesce_ns` is longer by it for each block, and all PEs serve one more message.
* **Hardware that faults on nT** (`nt-fault`) keeps the window: from the store of the block with nT set to that with nT clear. It gains nothing over `bbm-early`, and
  where a clean stands between the two stores it is as bad as `bbm-early` with its clean in the window.
* **The order of steps goes first.** On the hypothetical platform cleaning before the break (`bbm-early-clean-first`) takes all but
  a TLBI out of the window, on hardware that exists. nT then has as little left to gain as with FEAT_S2FWB.
* **`bbml2` and `bbml3` do not differ here** unless a conflict aborts: two entries of one address must meet in one TLB. With a flush of the whole
  VMID and accesses that hit in the L1 TLB none did; [conflicts](timing.md#tlb-conflicts) says where they come from. A VM that stopped would be in the tables.
"""

CARRY = f"""## What carries it

* The platform files: `stage2sim info platform neoverse-v2` marks the numbers that are assumed, among them all of the DVM, exit and entry,
  tear-down per leaf and what nT does. FEAT_BBM 2, FEAT_S2FWB and DIC of the V2 are assumed, too.
* No core has nT without FEAT_S2FWB: the second platform is **hypothetical**, Kunpeng 920 with `feat.bbm_level` overridden.
* One host thread coalesces; all leaves are writable, so that no fault is due to permissions; the guest's stage 1 is off; PEs are not shared.
* 90 % of the accesses fall on 512 KiB, the rest anywhere: the whole working set lies in what is coalesced, which is the worst case.
* The tear-down after the make runs on the PE that made; Linux defers it to RCU. In the migration, where vCPUs coalesce, it is what p99.9 shows.
* In the migration every page is written once under the log and each write faults once; a link of {LINK_GBIT} Gbit/s sends 20 GiB once, in {SECOND_S:.1f} s.
"""


def _held(held):
    return ", ".join(f"{a} {v}" for a, v in held.items())


def _from(vcpus):
    return "never" if vcpus is None else f"{vcpus}"


def budget(parts, migration):
    rows = []
    for r in (*parts, migration):
        rows.append([f"`{Path(r.sweep.file).name}`", len(r.sweep.points), f"{r.runs:,}",
                     f"{r.seeds}", f"{r.cpu_s / 3600:.3f}"])
    total = sum(r.cpu_s for r in (*parts, migration)) / 3600
    return ["## Budget", "",
            *page.markdown(["sweep", "points", "runs", "seeds", "core-hours"], rows),
            f"{total:.2f} core-hours in all, sensitivities included. A run is one "
            "variant with one seed.", ""]


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


def window_sentence(part, r):
    found = []
    for contender in part.contenders:
        for column, title in ((page.METRIC, "p99.9"), (STALL, "stall")):
            pays, not_yet = page.windows_that_pay(r.table, part.changes, contender,
                                                  part.baselines, column)
            text = "at no window of the grid" if pays is None else \
                f"at windows from {units.time(pays)} per change on"
            if pays is not None and not_yet is not None:
                text += f", but not at all up to {units.time(not_yet)}"
            found.append(f"* {part.platform}: `{contender}` lowers {title} {text}.")
    return found


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
    return ["## The storm as a share of a cancelled migration", "",
            f"{MIGRATED_GIB} GiB, coalesced block by block by the first fault on each. "
            f"*Of all stalls*: of the storm and the {MIGRATED_PAGES:,} write faults "
            f"under the log before it, at {units.time(logged_ns)} of a vCPU each "
            "(simulated). *Of all vCPU time*: of the vCPUs' time while the memory is "
            f"sent once at {LINK_GBIT} Gbit/s.", "",
            *page.markdown(header, rows, len(r.table.axes) + 1)]


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
            for contender in part.contenders:
                base, found = page.flips(points, contender, baseline)
                said = "; ".join(f"`{p}` x {f} ({v}): {w}" for p, f, v, w in found)
                lines.append(f"* `{contender}` against `{baseline}`: {base}. "
                             + (f"Flipped by {said}." if said else
                                "No assumed parameter flips it."))
        lines.append("")
    return lines


def text(what, results, migrated, logged_ns):
    """The page; results: one per part of the plan."""
    lines = [HEAD, "![p99.9 of request latency against vCPUs](figures/predictions.svg)",
             ""]
    lines += ["## From where on it pays", "",
              "The fewest vCPUs from which on a sequence is lower than the other at "
              "every point up to the largest, with 95 % intervals of the medians apart; "
              "*never*: it is not at the largest. An interval of 5.5us is a load of "
              "about 20 %, one of 1.8us of 60 %.", ""]
    for part, r in zip(what.parts, results):
        lines += break_even(part, r)
    for part, r in zip(what.parts, results):
        lines += window_sentence(part, r)
    lines += ["", "## Windows, storms, recovery", "",
              "The window is that of one change. *Recovery* is the time until guest "
              "progress is back at 95 %, *backlog served* until every vCPU has had an "
              "empty queue again.", ""]
    for part, r in zip(what.parts, results):
        lines += storms(part, r)
    lines += migration(migrated, logged_ns) + [WHY, CARRY]
    if any(r.sensitivities for r in results):
        lines += ["## Sensitivity", "",
                  "By p99.9 of request latency; verdicts by intervals, as above.", ""]
    for part, r in zip(what.parts, results):
        lines += sensitivity(part, r)
    return "\n".join(lines + budget(results, migrated))
