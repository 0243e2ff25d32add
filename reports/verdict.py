# SPDX-License-Identifier: Apache-2.0
"""The verdict in words: pure functions from a Run to sentences."""

from reports import closed_loop, scenario, sensitivity, stats, tables, units

TAIL = "request_p999_ns"


def _cell(run, variant, column, fmt):
    """'1.23 ms [1.20, 1.26]'; below 6 seeds the range over the seeds instead."""
    row = run.summary[variant]
    if row[column] is None:
        return "none"
    value, lo, hi = fmt(row[column]), row[column + "_lo"], row[column + "_hi"]
    if column != TAIL and lo == hi == row[column]:
        return value
    if lo is not None and hi is not None:
        return f"{value} {units.interval(lo, hi, fmt)}"
    found = [r[column] for r in run.per_seed[variant] if r[column] is not None]
    if len(found) > 1:
        low, high = fmt(min(found)), fmt(max(found))
        return value if low == high else f"{value} (seeds: {low} to {high})"
    return value


def _seeds_n(n):
    return f"{n} seed" if n == 1 else f"{n} seeds"


LEVEL_OF = {"nt": 1, "nt-rfc": 1, "bbml2": 2}  # FEAT_BBM, of a sequence


def _beyond_level(run):
    """Sequences that the platform's FEAT_BBM level does not allow."""
    level = scenario.parameter(run.scenario, "feat.bbm_level")
    found = []
    for v in run.scenario["variants"]:
        needed = LEVEL_OF.get(v.get("sequence"), 0)
        if v["name"] in run.variants and level is not None and level < needed:
            found.append(f"`{v['name']}` needs FEAT_BBM level {needed}, the platform has "
                         f"level {level}: a comparison with it is not legal there.")
    return found


def _codes(run, name):
    """What was broken, and the lines of the scenario that led to it."""
    lines = {}
    for row in run.violations[name]:
        lines.setdefault(row["code"], set()).add(row["line"])
    found = [f"`{code}` (line {', '.join(map(str, sorted(at)))})"
             for code, at in lines.items()]
    return ": " + ", ".join(found) if found else ""


def problems(run):
    """What forbids a comparison: broken rules and stopped VMs, one sentence each."""
    found = _beyond_level(run)
    for name in run.variants:
        rows = run.per_seed[name]
        broken = [r["violations"] for r in rows if r["violations"]]
        stopped = [r["stopped_at_ns"] for r in rows if r["stopped_at_ns"] is not None]
        of = f"of {_seeds_n(len(rows))}"
        if broken:
            found.append(f"`{name}` breaks architecture rules: up to "
                         f"{units.count(max(broken))} violations in a run, in "
                         f"{len(broken)} {of}{_codes(run, name)}.")
        if stopped:
            found.append(f"the VM stops in `{name}`, first at "
                         f"{units.time(min(stopped))}, in {len(stopped)} {of}: a TLB "
                         "conflict abort, which mainline KVM does not handle.")
    return [text[0].upper() + text[1:] for text in found]


def is_indicative(run):
    return (run.info["indicative"] or len(run.seeds) < stats.VERDICT_SEEDS
            or closed_loop.ends_unlike(run))


def _why_indicative(run):
    if closed_loop.ends_unlike(run):
        return "the variants served different requests"
    return f"{_seeds_n(len(run.seeds))}; a verdict needs {stats.VERDICT_SEEDS}"


def compare(run, base, other, column=TAIL):
    """'lower', 'higher', 'unclear' or 'indicative': other against base."""
    a, b = run.summary[base], run.summary[other]
    ends = [row[column + end] for row in (a, b) for end in ("_lo", "_hi")]
    if is_indicative(run) or None in ends:
        return "indicative"
    if stats.overlap(*ends):
        return "unclear"
    return "lower" if b[column] < a[column] else "higher"


def _against(run, base, other):
    a, b = run.summary[base][TAIL], run.summary[other][TAIL]
    text = f"`{other}` {_cell(run, other, TAIL, units.time)}"
    if b is None:
        return text
    outcome = compare(run, base, other)
    if outcome == "unclear":
        return text + ", no clear difference"
    if outcome == "indicative" or not a or not b:
        return text
    times = max(a, b) / min(a, b)
    if times < 2:
        return f"{text}, {100 * abs(a - b) / a:.1f} % {outcome}"
    return f"{text}, {units.three(times)} times {outcome}"


def _same_order_sentence(run):
    """What nT itself is worth: against the variant that changes only that."""
    base, others = scenario.same_order(run), scenario.contenders(run)
    if base is None or base in others or run.summary[base][TAIL] is None:
        return ""
    parts = "; ".join(_against(run, base, other) for other in others)
    return (f" Against `{base}`, which differs from them in nT and the second flush that "
            "nT needs (its tear-down, too, follows the make): "
            f"`{base}` {_cell(run, base, TAIL, units.time)}; {parts}.")


def _latency_sentence(run):
    base, others = scenario.baseline(run), scenario.contenders(run)
    if run.summary[base][TAIL] is None:
        return ("No verdict: no request of the baseline "
                f"`{base}` was measured, so there is no p99.9 request latency.")
    parts = "; ".join(_against(run, base, other) for other in others)
    base_text = f"`{base}` {_cell(run, base, TAIL, units.time)}"
    head = "p99.9 request latency"
    if is_indicative(run):
        return (f"Indicative, no verdict ({_why_indicative(run)}): {head}: {base_text}"
                + (f"; {parts}." if parts else "."))
    outcomes = {compare(run, base, other) for other in others}
    return (f"{_opening(base, others, outcomes)}: {head}: {base_text}"
            + (f"; {parts}" if parts else "")
            + f" (median of {_seeds_n(len(run.seeds))} [95 % interval]).")


def _opening(base, others, outcomes):
    names = " and ".join(f"`{name}`" for name in others)
    if not others:
        return f"Only `{base}` was run"
    if outcomes == {"unclear"}:
        return f"No clear difference between `{base}` and {names}"
    if outcomes == {"lower"}:
        return f"{names} shorten{'s' * (len(others) == 1)} the tail against `{base}`"
    if outcomes == {"higher"}:
        return f"{names} lengthen{'s' * (len(others) == 1)} the tail against `{base}`"
    return f"{names} against `{base}` differ in outcome"


def _replay_sentence(run):
    parts = []
    for name in run.variants:
        rows = [r for r in run.replay if r["variant"] == name]
        agreed = sum(1 for r in rows if r["agrees"] == 1)
        percent = 100 * agreed / len(rows) if rows else 0
        parts.append(f"`{name}` {agreed:,} of {len(rows):,} attempts end as recorded "
                     f"({percent:.1f} %{_null_model(run, name)})")
    return (f"Ordered replay: agreement: {'; '.join(parts)}. An ordered replay gives "
            "no verdict.")


def _null_model(run, name):
    """What the agreement is to be judged by."""
    for row in run.replay_counts:
        if (row["variant"], row["quantity"]) == (name, "null_first_wins_percent"):
            return (f"; a predictor that lets the first attempt on each leaf win "
                    f"reaches {row['simulated']:.1f} %")
    return ""


def _mixed_cleans(run):
    """A warning where the variants do not clean the data cache at the same place."""
    cleans = {v["name"]: v.get("clean") for v in run.scenario["variants"]}
    if len(set(cleans.values())) == 1:
        return ""
    places = "; ".join(f"`{name}` {place}" for name, place in cleans.items())
    return (" The variants differ in where they clean the data cache, so a difference "
            f"between them is not one of their sequences alone: {places}.")


def headline(run):
    """The first thing a reviewer reads: problems first, then the numbers."""
    sentence = closed_loop.headline_start(run) + _findings(run)
    bad = problems(run)
    if not bad:
        return sentence
    return f"{' '.join(bad)} This comes before any comparison. {sentence}"


def _findings(run):
    if run.is_replay:
        return _replay_sentence(run)
    if not closed_loop.gives_verdict(run):
        return f"No verdict. {closed_loop.sentence(run)} {closed_loop.LOWER_BOUND}"
    sentence = _latency_sentence(run) + _same_order_sentence(run) + _mixed_cleans(run)
    if run.is_closed:
        return f"{sentence} {closed_loop.sentence(run)}"
    return sentence


def _per_variant(run, column, fmt):
    return "; ".join(f"`{n}` {_cell(run, n, column, fmt)}" for n in run.variants)


def _tail_cover(run):
    start = scenario.run_ns(run.scenario, "measure_from")
    end = scenario.run_ns(run.scenario, "duration")
    base = scenario.baseline(run)
    total = sum(c for _, _, c in run.latency.get((base, "request"), []))
    if not total:
        return []
    which = "Measured are the requests that arrive during the measured time"
    per_run = f"about {total / len(run.seeds):,.0f} requests per variant and seed"
    if start is None or end is None or end <= start:
        return [f"{which}, {per_run}; a longer one moves the percentiles."]
    slowest = units.time((end - start) / 1000)
    return [f"{which}: {units.time(start)} to {units.time(end)} of "
            f"{units.time(end)}, {per_run}. The p99.9 is set by the slowest 0.1 % of "
            f"them, as many as arrive in {slowest}: a storm that delays fewer does not "
            "move it, and a longer measured time gives the same storm less weight."]


def _weak_tail(run):
    names = [f"`{n}`" for n in run.variants if tables.is_weak(run, n, TAIL)]
    if not names:
        return []
    return [f"Fewer than {stats.TAIL_SAMPLES} samples of a run lie beyond the p99.9 of "
            f"{', '.join(names)}: read it as close to the maximum."]


def _ratios(run):
    base = scenario.baseline(run)
    if is_indicative(run):
        return []
    parts = []
    for other in scenario.contenders(run):
        both = [[r[TAIL] for r in run.per_seed[n]] for n in (base, other)]
        ratios = stats.ratio(*both)
        if ratios:
            mid, lo, hi = stats.median_interval(ratios)
            parts.append(f"`{base}` / `{other}` {units.three(mid)} "
                         f"[{units.three(lo)}, {units.three(hi)}]")
    if not parts:
        return []
    same = "arrivals" if run.is_closed else "arrivals, same addresses"
    return [f"Ratio of the p99.9 within each seed (same {same}): "
            + "; ".join(parts) + "."]


def details(run):
    """Further sentences below the headline."""
    redundant = ("Redundant faults (window + nT + conflict) per run: "
                 f"{_per_variant(run, 'faults_redundant', units.count)}.")
    if run.is_replay:
        return [redundant,
                f"Race faults: {_per_variant(run, 'faults_race', units.count)}; "
                f"retries: {_per_variant(run, 'faults_retry', units.count)}."]
    found = ["Time in which a walk through the changed entry faults (sum over the "
             "changes of a run): "
             f"{_per_variant(run, 'window_invalid_ns', units.time)}.", redundant]
    if run.is_closed:
        found += closed_loop.shares(run)
    if not closed_loop.gives_verdict(run):
        return found
    if run.is_closed:
        found += closed_loop.unequal_requests(run)
    return found + [*_ratios(run), *_tail_cover(run), *_weak_tail(run),
                    *sensitivity.sentences(run)]
