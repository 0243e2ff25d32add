# SPDX-License-Identifier: Apache-2.0
"""What the resolved scenario in run.json says (written by model/scenario/json.c).

Keys that a later format may drop are optional: a missing one reads as None."""

NOT_SETTINGS = {"name", "title", "line"}


def flatten(value, prefix=""):
    """{'guest.kind': 'requests', 'pages.0.first': 0, ...}: the leaves by path."""
    if isinstance(value, dict):
        pairs = value.items()
    elif isinstance(value, list):
        pairs = enumerate(value)
    else:
        return {prefix: value}
    flat = {}
    for key, inner in pairs:
        flat.update(flatten(inner, f"{prefix}.{key}" if prefix else str(key)))
    return flat


def text(value):
    """A JSON value as one word, as the scenario would spell it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(text(v) for v in value)
    if isinstance(value, float) and value == int(value):
        return str(int(value))
    return "not stated" if value is None else str(value)


def parameter(scenario, name):
    """The value of a platform parameter such as 'feat.bbm_level', or None."""
    for p in scenario["platform"]["parameters"]:
        if p["name"] == name:
            return p["value"]
    return None


def parameters(scenario, assumed):
    """The platform's numbers whose source is, or is not, `assumed`."""
    return [p for p in scenario["platform"]["parameters"]
            if p["source"].startswith("assumed") == assumed]


def vm(scenario):
    """The VM; format 1 has one."""
    return (scenario.get("vms") or [{}])[0]


def guest(scenario):
    return vm(scenario).get("guest") or {}


def run_ns(scenario, name):
    """A time of the section `run`, e.g. 'duration'; None if absent."""
    return (scenario.get("run") or {}).get(f"{name}_ns")


def slo_ns(scenario):
    """The bound on request latency; None without one."""
    return run_ns(scenario, "slo") or None


def variant_settings(variant):
    """The resolved settings of one variant, flat, without its name."""
    return {k: v for k, v in flatten(variant).items()
            if k.split(".")[0] not in NOT_SETTINGS}


def split_settings(scenario):
    """(equal, differing) settings of the variants.

    equal: [(setting, value)]; differing: [(setting, [value per variant])]."""
    per_variant = [variant_settings(v) for v in scenario["variants"]]
    keys = list(dict.fromkeys(k for settings in per_variant for k in settings))
    equal, differing = [], []
    for key in keys:
        values = [text(s[key]) if key in s else "-" for s in per_variant]
        if len(set(values)) == 1:
            equal.append((key, values[0]))
        else:
            differing.append((key, values))
    return equal, differing


def baseline(run):
    """The variant that the others are compared with."""
    if "bbm" in run.variants:
        return "bbm"
    for v in run.scenario["variants"]:
        if str(v.get("sequence")).startswith("bbm"):
            return v["name"]
    return run.variants[0]


def same_order(run):
    """The break-before-make variant that differs from nT in nothing but nT: it too
    tears the old table down after the make. None if it was not run, or is the baseline,
    or if more than the sequence and the answer to nT differs.
    """
    def rest(v):
        own = ("name", "sequence", "nt_response", "nt_cache")
        return {k: x for k, x in v.items() if k not in own}

    variants = run.scenario["variants"]
    nt = [v for v in variants if str(v.get("sequence")).startswith("nt")]
    for v in variants:
        if (v.get("sequence") == "bbm-early" and v["name"] != baseline(run) and nt
                and all(rest(v) == rest(n) for n in nt)):
            return v["name"]
    return None


def contenders(run):
    """The nT variants; without any, every variant but the baseline."""
    others = [v for v in run.scenario["variants"] if v["name"] != baseline(run)]
    nt = [v for v in others if str(v.get("sequence")).startswith("nt")]
    return [v["name"] for v in nt or others]
