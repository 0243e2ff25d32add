# SPDX-License-Identifier: Apache-2.0
"""What a closed-loop replay says beside its recording: pure functions on a Run."""

from reports import scenario, units

ORDERED = (
    "The attempts ran in the recorded order of map, break, make and return; the model "
    "decided each time whether the attempt was done or got EAGAIN. Durations of an "
    "ordered replay follow the recorded order, so they are not shown as a result and "
    "there is no time plot.")
CLOSED = (
    "Each vCPU did its recorded accesses in its own order, each with its retries as "
    "one; which vCPU came first follows from the simulation and from think times of a "
    "model, not from recorded gaps. What the host did to the slot came at its recorded "
    "place.")
LOWER_BOUND = (
    "A fault trace does not show the accesses that hit, so what a longer window costs "
    "is a lower bound: there is no verdict between sequences. Mode "
    "`closed-loop+working-set` gives one.")
WORKING_SET = (
    "Requests to the pages in use ran beside, so that windows meet more than the "
    "recorded faults; the verdict is about their latency, and holds as far as their "
    "assumed rate and the think times do.")
RECORDED_SEQUENCES = ("bbm", "bbm-early")  # of the kernels that can be recorded


def has_working_set(run):
    return run.is_closed and scenario.guest(run.scenario).get("working_set") is not None


def gives_verdict(run):
    """A replay does so only if requests ran beside the recorded accesses."""
    return not run.is_replay and (not run.is_closed or has_working_set(run))


def explanation(run):
    """What the mode of a replay can tell, as one paragraph."""
    if run.is_replay:
        return ORDERED
    return f"{CLOSED} {WORKING_SET if has_working_set(run) else LOWER_BOUND}"


def hypothetical(run):
    """Features that the scenario gives the platform, as 'feat.bbm_level 1'."""
    if not (run.is_closed or run.is_replay):
        return []
    return [f"{p['name']} {scenario.text(p['value'])}"
            for p in run.scenario["platform"]["parameters"]
            if p["name"].startswith("feat.") and p["source"] == "scenario"]


def _row(run, name, quantity):
    return next((r for r in run.closed_loop
                 if (r["variant"], r["quantity"]) == (name, quantity)), None)


def _beside(row, fmt):
    """'24.6 % [24.2 %, 25.0 %] (recorded 54.9 %)'"""
    text = "none" if row["simulated"] is None else fmt(row["simulated"])
    if row["simulated_lo"] is not None:
        text += f" {units.interval(row['simulated_lo'], row['simulated_hi'], fmt)}"
    if row["recorded"] is not None:
        text += f" (recorded {fmt(row['recorded'])})"
    return text


def percent(value):
    return f"{value:.1f} %"


def _recorded_deeds(run, name):
    """What blocks_exact compares: 'breaks, makes and frees', as far as recorded."""
    rows = {"breaks": "breaks_won", "makes": "makes", "frees": "table_frees"}
    found = [what for what, quantity in rows.items()
             if (row := _row(run, name, quantity)) and row["recorded"] is not None]
    missing = [what for what in rows if what not in found]
    text = " and ".join([", ".join(found[:-1]), found[-1]] if found[1:] else found)
    return f"{text} (nothing recorded of {' and '.join(missing)})" if missing else text


def _exact(run, name):
    row = _row(run, name, "blocks_exact")
    sequence = next(v.get("sequence") for v in run.scenario["variants"]
                    if v["name"] == name)
    if sequence not in RECORDED_SEQUENCES:
        return "not the recorded sequence"
    if row is None or row["recorded"] is None:
        return "the recording has no probes of breaks, makes and frees of each block"
    what = f"{_recorded_deeds(run, name)} of each block"
    seeds_n, exact_n = len(run.seeds), int(row["seeds_equal"])
    return (f"{what} are those recorded in {'all' if exact_n == seeds_n else exact_n}"
            f"{' ' if exact_n == seeds_n else ' of '}{seeds_n} seeds")


def _hits(run, name):
    """How far the run is from its recording, where every access met a fault."""
    hits, all_of = (_row(run, name, q) for q in ("accesses_that_hit", "accesses"))
    if not hits or not hits["simulated"] or not all_of or not all_of["recorded"]:
        return ""
    share = 100 * hits["simulated"] / all_of["recorded"]
    return f"; {percent(share)} of the recorded accesses meet no fault here"


def sentence(run):
    """How the simulated counts compare with the recorded ones."""
    parts = []
    for name in run.variants:
        text = f"`{name}`: {_exact(run, name)}"
        share, relaxed = (_row(run, name, q) for q in ("eagain_percent", "relaxations"))
        if share:
            text += f"; EAGAIN {_beside(share, percent)} of the attempts"
        if relaxed:
            text += f"; relaxations {_beside(relaxed, units.count)}"
        parts.append(text + _hits(run, name))
    return f"Closed-loop replay: {'. '.join(parts)}."


def headline_start(run):
    """What comes before any number."""
    found = hypothetical(run)
    if not found:
        return ""
    return (f"The platform is hypothetical: {', '.join(found)} by the scenario, not as "
            "on the recorded machine. ")


def shares(run):
    """EAGAIN by phase of the slot, as sentences."""
    found = []
    for name in run.variants:
        rows = [r for r in run.closed_loop if r["variant"] == name
                and r["quantity"].startswith("phase")
                and r["quantity"].endswith("_eagain_percent")]
        parts = [f"phase {r['quantity'][5:].split('_')[0]} {_beside(r, percent)}"
                 for r in rows]
        if parts:
            found.append(f"EAGAIN as a share of the attempts in `{name}`, by phase of "
                         "the slot (a switch of dirty logging begins each): "
                         f"{'; '.join(parts)}.")
    return found


def counts(run):
    """[(quantity, recorded, [simulated per variant], equal)] as texts."""
    by_quantity = {}
    for row in run.closed_loop:
        by_quantity.setdefault(row["quantity"], {})[row["variant"]] = row
    rows = []
    for quantity, by_variant in by_quantity.items():
        fmt = percent if quantity.endswith("_percent") else units.count
        recorded = next(iter(by_variant.values()))["recorded"]
        cells = [_cell(by_variant.get(n), fmt) for n in run.variants]
        equal = recorded is None or all(
            r["seeds_equal"] in (None, len(run.seeds)) for r in by_variant.values())
        rows.append((quantity, "-" if recorded is None else fmt(recorded), cells,
                     equal))
    return rows


def _cell(row, fmt):
    if row is None or row["simulated"] is None:
        return "-"
    low, high = row["simulated_lo"], row["simulated_hi"]
    if low is None or low == high:
        return fmt(row["simulated"])
    return f"{fmt(row['simulated'])} {units.interval(low, high, fmt)}"


ALIKE = 1.01  # numbers of requests whose percentiles may be compared


def _served(run):
    """Requests by variant, median of the seeds."""
    rows = {n: _row(run, n, "working_set_requests") for n in run.variants}
    return {n: row and row["simulated"] for n, row in rows.items()}


def ends_unlike(run):
    """Whether the variants met so different requests that no tail can be compared."""
    if not has_working_set(run):
        return False
    served = [n or 0 for n in _served(run).values()]
    return max(served) > ALIKE * min(served)


def unequal_requests(run):
    """A warning where the variants served different numbers of requests."""
    served = _served(run)
    if not has_working_set(run) or len(set(served.values())) < 2:
        return []
    found = "; ".join(f"`{n}` {units.count(v or 0)}" for n, v in served.items())
    return [f"The variants served different numbers of requests ({found}), since one "
            "that takes longer meets more: `working_set.requests` above the largest "
            "per vCPU gives all the same arrivals."]


def conditions(run):
    """[(what, value)] of the replay."""
    guest = scenario.guest(run.scenario)
    rows = [("Replay", f"{scenario.text(guest.get('mode'))} of "
             f"{scenario.text(guest.get('trace'))}")]
    think, use = guest.get("think"), guest.get("working_set")
    if think:
        rows.append(("Think times",
                     f"{think['model']}, {units.time(think['time_ns'])}; "
                     f"a start within {units.time(think['phase_ns'])} behind the host; "
                     f"{think['source']}"))
    if use:
        rows.append(("Working set", f"requests of {use['accesses']} dependent reads of "
                     f"pages in use, {use['arrival']}, one per vCPU in "
                     f"{units.time(use['interval_ns'])} on average; {use['source']}"))
    return rows


def assumed(run):
    """The numbers of the replay that have no source, as platform parameters are."""
    guest = scenario.guest(run.scenario)
    found = []
    for key, names in (("think", ("time_ns", "phase_ns")),
                       ("working_set", ("interval_ns", "accesses"))):
        part = guest.get(key)
        if not run.is_closed or not part or not part["source"].startswith("assumed"):
            continue
        found += [{"name": f"guest.{key}.{n.removesuffix('_ns')}", "value": part[n],
                   "unit": "ns" if n.endswith("_ns") else "", "source": part["source"]}
                  for n in names]
    return found
