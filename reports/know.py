# SPDX-License-Identifier: Apache-2.0
"""What a reviewer must know about a run: conditions, assumptions, what was equal."""

from reports import closed_loop, scenario, stats, tables, units

ACCESS = {"r": "read-only", "rw": "writable"}


def _of_variants(run, setting):
    """A setting of the variants as one text, whether or not they agree."""
    found = {}
    for v in run.scenario["variants"]:
        found.setdefault(scenario.text(v.get(setting)), []).append(v["name"])
    if len(found) == 1:
        return f"{next(iter(found))} (all variants)"
    return "; ".join(f"{value} ({', '.join(names)})" for value, names in found.items())


def _load(run):
    guest = scenario.guest(run.scenario)
    rows = [("Guest", scenario.text(guest.get("kind")))]
    if guest.get("kind") != "requests":
        return rows
    load = run.info["load"][0]
    capacity, interval = (load["capacity_requests_per_s_per_vcpu"],
                          load["interval_ns"])
    if guest.get("load"):
        rows.append(("Load, share of capacity", units.share(guest["load"])))
    if capacity:
        rows.append(("Capacity, measured before the change",
                     f"{units.three(capacity)} requests/s per vCPU"))
    if interval:
        rows.append(("Arrivals", f"{scenario.text(guest.get('arrival'))}, "
                     f"{units.three(1e9 / interval)} requests/s per vCPU (one in "
                     f"{units.time(interval)} on average)"))
    return rows + [("Request", _request(guest))]


def _request(guest):
    parts = [f"{scenario.text(guest.get('accesses'))} dependent accesses"]
    if guest.get("think_ns") is not None:
        parts.append(f"{units.time(guest['think_ns'])} of computation before each")
    if guest.get("region_bytes"):
        parts.append(f"in {units.size(guest['region_bytes'])}")
    if guest.get("hot_bytes"):
        parts.append(f"{units.share(guest.get('hot_share', 0))} of them in the first "
                     f"{units.size(guest['hot_bytes'])}")
    if guest.get("writes_share") is not None:
        parts.append(f"{units.share(guest['writes_share'])} writes")
    return ", ".join(parts)


def _run_length(run):
    start = scenario.run_ns(run.scenario, "measure_from")
    end = scenario.run_ns(run.scenario, "duration")
    if start is None or end is None:
        return "not stated"
    return (f"requests arrive for {units.time(end)}; those from {units.time(start)} on "
            "are measured")


def _leaf_state(region):
    """One memory region before the change, in words."""
    parts = [f"{units.size(region['size_bytes'])} at IPA {region['ipa']}"
             if "size_bytes" in region else "a region",
             f"backed by {scenario.text(region.get('backing'))}"]
    pages = region.get("pages") or []
    if region.get("map") == "none":
        parts.append("nothing mapped")
        if region.get("zeroed"):
            parts.append("zeroed by the host at first touch")
        return ", ".join(parts)
    parts.insert(1, f"mapped by {scenario.text(region.get('map'))} leaves")
    if not pages:
        access = region.get("access")
        parts.append(f"every leaf mapped and {ACCESS.get(access, access)}")
    for p in pages:
        parts.append(f"pages {p.get('first')} to {p.get('last')} of each block "
                     f"{ACCESS.get(p.get('access'), p.get('access'))}")
    if pages:
        parts.append("the others not mapped")
    return ", ".join(parts)


WHEN = {"line", "at_ns", "after_accesses"}


def _event(event):
    """What the host does, as the scenario names it."""
    c = event.get("coalesce")
    if c:
        return (f"a host thread on its own PE coalesces {units.size(c['size_bytes'])} "
                f"from IPA {c['ipa']} to {c['block']} blocks")
    flat = scenario.flatten({k: v for k, v in event.items() if k not in WHEN})
    return ", ".join(f"{key} {scenario.text(value)}" for key, value in flat.items())


def _events(run):
    rows = []
    for event in run.scenario.get("events") or []:
        when = f"at {units.time(event['at_ns'])}"
        if event.get("after_accesses"):
            when += f", after {units.count(event['after_accesses'])} accesses,"
        rows.append(("Event", f"{when} {_event(event)}"))
    return rows


def _stage1(vm):
    s1 = vm.get("stage1") or {}
    if s1.get("state") != "on":
        return "off: guest addresses are IPAs"
    flags = "set" if s1.get("accessed") == "true" else "clear, set by hardware"
    return (f"on: {s1['map']} leaves, tables at IPA {s1['tables']}, Access flags "
            f"{flags}")


def conditions(run):
    """[(what, value)]: the facts that a review asks for first."""
    s = run.scenario
    vm = scenario.vm(s)
    rows = [("Platform", scenario.text(s["platform"].get("title")
                                       or s["platform"].get("name")))]
    if closed_loop.hypothetical(run):
        rows.append(("Hypothetical", "the recorded machine does not have "
                     + ", ".join(closed_loop.hypothetical(run))))
    for label, name in (("FEAT_BBM level", "feat.bbm_level"),
                        ("FEAT_S2FWB", "feat.s2fwb"), ("CTR_EL0.DIC", "feat.dic")):
        rows.append((label, scenario.text(scenario.parameter(s, name))))
    for label, name in (("Fault path", "path"), ("mmu_lock", "lock"),
                        ("Cache clean", "clean")):
        rows.append((label, _of_variants(run, name)))
    rows.append(("PEs, vCPUs", f"{scenario.text(s.get('pes'))} PEs, "
                 f"{scenario.text(vm.get('vcpus'))} vCPUs"))
    rows += [("Leaf state before the change", _leaf_state(region))
             for region in vm.get("memory") or []]
    rows.append(("Guest stage 1", _stage1(vm)))
    rows += _events(run) + _load(run)
    if run.is_closed:
        rows += closed_loop.conditions(run)
        rows.append(("Run length", "until every recorded access has completed"))
    elif not run.is_replay:
        rows.append(("Run length", _run_length(run)))
    return rows + [("Seeds", ", ".join(run.seeds))]


def resolution(run):
    """How far the percentiles can be trusted, as sentences."""
    if not closed_loop.gives_verdict(run):
        return []
    found = ["Percentiles come from log-linear histograms: a value is the upper edge "
             "of its bucket, at most 0.4 % above the true one; the maximum is exact."]
    weak = {}
    for name in run.variants:
        for column, (kind, share) in tables.SHARES.items():
            if tables.is_weak(run, name, column):
                weak.setdefault(f"{kind} p{units.exact(round(100 * share, 2))}",
                                []).append(name)
    for label, names in weak.items():
        found.append(f"Fewer than {stats.TAIL_SAMPLES} samples of a run lie beyond "
                     f"the {label}: {', '.join(names)}. Marked * in the table.")
    found.append(
        "Request latency counts from the intended arrival, so the requests that queue "
        "behind a stalled vCPU count with their waiting time. The latency of one "
        "access is the closed-loop view of the same run: a stalled vCPU issues no "
        "further access, so a storm adds one slow access per vCPU and fault, which a "
        "percentile over millions of accesses does not show.")
    if len(run.seeds) >= stats.VERDICT_SEEDS:
        k = stats.sign_test_rank(len(run.seeds))
        rank = "smallest and largest" if k == 1 else f"{k}th smallest and largest"
        found.append(f"Intervals: distribution-free 95 % interval of the median, the "
                     f"{rank} of {len(run.seeds)} seeds (sign test).")
    else:
        found.append(f"{len(run.seeds)} seeds give no 95 % interval "
                     f"({stats.VERDICT_SEEDS} are needed).")
    return found


def held_equal(run):
    """Sentences and settings that do not differ between the variants."""
    text = ("All variants ran on the same platform, with the same initial mapping, "
            "events and seeds")
    if run.is_closed:
        text += ("; for one seed, recorded accesses, think times and arrivals are the "
                 "same, but not the pages of a request: they are chosen from those in "
                 "use")
    elif not run.is_replay:
        text += "; for one seed, arrivals and addresses are the same"
    return text + ".", scenario.split_settings(run.scenario)[0]
