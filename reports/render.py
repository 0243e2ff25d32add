# SPDX-License-Identifier: Apache-2.0
"""Puts text, tables and figures of the runs into report.html and report.md."""

import os
import re
import shutil
from pathlib import Path

import jinja2
from markupsafe import Markup, escape

from reports import (
    closed_loop,
    know,
    plots,
    scenario,
    sensitivity,
    tables,
    units,
    verdict,
)
from reports.load import ReportError, load_run

TEMPLATES = Path(__file__).resolve().parent / "templates"
WRITTEN = {"report.html", "report.md", "plots"}


def code(text):
    """`x` becomes <code>x</code>; everything else is escaped."""
    return Markup(re.sub(r"`([^`]*)`", r"<code>\1</code>", str(escape(text))))


def inline_svg(path, title):
    """The <svg> element of a gnuplot file, fit for a page that holds several.

    Its ids get the file's name in front, and it gets a title for screen readers."""
    text = path.read_text(encoding="utf-8")
    text = text[text.index("<svg"):]
    text = re.sub(r"\bid=(['\"])", rf"id=\1{path.stem}-", text)
    text = re.sub(r"(href=['\"]#|url\(#)", rf"\1{path.stem}-", text)
    text = re.sub(r"<title>[^<]*</title>", f"<title>{escape(title)}</title>", text,
                  count=1)
    text = re.sub(r"<desc>[^<]*</desc>\s*", "", text, count=1)
    return Markup(text.replace("<svg", '<svg role="img"', 1).rstrip())


def _slug(text):
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-") or "run"


def _prefixes(runs):
    """File name prefixes: the scenario's name, numbered where it occurs again."""
    taken = {}
    prefixes = []
    for run in runs:
        slug = _slug(run.scenario["name"])
        taken[slug] = taken.get(slug, 0) + 1
        prefixes.append(f"{slug}-{taken[slug]}-" if taken[slug] > 1 else f"{slug}-")
    return prefixes


def _view(run, prefix, figures):
    """Everything that a template shows of one run."""
    equal_text, equal = know.held_equal(run)
    return {
        "anchor": prefix.rstrip("-"),
        "name": run.scenario["name"],
        "title": run.scenario.get("title") or run.scenario["name"],
        "info": run.info,
        "variants": run.variants,
        "is_replay": run.is_replay,
        "headline": verdict.headline(run),
        "details": verdict.details(run),
        "figures": figures,
        "metrics": tables.metrics(run),
        "vm_columns": [label for label, _ in tables.VM_COLUMNS],
        "vms": tables.vms(run),
        "violations": tables.violations(run),
        "left_out": tables.left_out(run),
        "any_weak": tables.any_weak(run),
        "conditions": know.conditions(run),
        "resolution": know.resolution(run),
        "equal_text": equal_text,
        "equal": equal,
        "differing": tables.differing_settings(run),
        "sensitivity": sensitivity.table(run),
        "not_varied": sensitivity.not_varied(run),
        "assumed": [*scenario.parameters(run.scenario, assumed=True),
                    *closed_loop.assumed(run)],
        "sourced": scenario.parameters(run.scenario, assumed=False),
        "counts": _counts(run),
        "is_closed": run.is_closed,
        "mode": closed_loop.explanation(run) if run.is_replay or run.is_closed else "",
        "disagreeing": tables.disagreeing(run) if run.is_replay else [],
    }


def _counts(run):
    if run.is_closed:
        return closed_loop.counts(run)
    return tables.replay_counts(run) if run.is_replay else []


def environment():
    env = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES), trim_blocks=True,
        lstrip_blocks=True, keep_trailing_newline=True,
        undefined=jinja2.StrictUndefined,
        autoescape=lambda name: name is not None and name.endswith(".html.j2"))
    env.filters.update(code=code, value=_value)
    return env


def _value(parameter):
    """A platform parameter with its unit."""
    value, unit = parameter["value"], parameter.get("unit") or ""
    if unit == "B":
        return units.size(value)
    if unit == "kHz":
        return f"{units.exact(value / 1e6)} GHz"
    return f"{scenario.text(value)} {unit}".rstrip()


def _write_into(folder, runs):
    (folder / "plots").mkdir()
    views = []
    for run, prefix in zip(runs, _prefixes(runs)):
        figures = plots.figures(run, prefix, folder / "plots")
        views.append(_view(run, prefix, figures))
    env = environment()
    svgs = {f.stem: inline_svg(folder / "plots" / f"{f.stem}.svg", f.title)
            for view in views for f in view["figures"]}
    versions = sorted({run.info["version"] for run in runs})
    for name in ("report.html", "report.md"):
        page = env.get_template(f"{name}.j2").render(
            runs=views, svgs=svgs, version=", ".join(versions))
        (folder / name).write_text(page, encoding="utf-8")


def _check_target(out):
    """A report may replace a report or an empty folder, nothing else."""
    if not out.exists():
        return
    foreign = "a file" if not out.is_dir() else next(
        (p.name for p in sorted(out.iterdir()) if p.name not in WRITTEN), None)
    if foreign:
        raise ReportError(f"{out}:1:1: error: output folder: found {foreign}; "
                          "accepted: a new folder, an empty one, or an earlier report")


def write_report(run_dirs, out_dir):
    """Reads the runs and writes the report as a whole or not at all.

    Returns [Run]; raises ReportError."""
    runs = [load_run(folder) for folder in run_dirs]
    replace_folder(out_dir, lambda folder: _write_into(folder, runs))
    return runs


def replace_folder(out_dir, fill):
    """fill(folder) writes a report, which appears as a whole or not at all."""
    out = Path(out_dir).absolute()
    _check_target(out)
    work = out.with_name(f".{out.name}.new-{os.getpid()}")
    old = out.with_name(f".{out.name}.old-{os.getpid()}")
    try:
        work.mkdir(parents=True)
        fill(work)
        if out.exists():
            out.rename(old)
        work.rename(out)
    except OSError as e:
        raise ReportError(f"{e.filename or out}:1:1: error: cannot write: found "
                          f"{e.strerror}; accepted: a writable folder") from e
    finally:
        shutil.rmtree(work, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)


def terminal_text(runs, out_dir):
    """What the command prints: each run's variants, then where the report is."""
    parts = []
    for run in runs:
        plain = verdict.headline(run).replace("`", "")
        parts.append(f"{run.scenario['name']} ({run.info['version']})\n\n"
                     f"{tables.compact(run)}\n{plain}\n")
    return "\n".join(parts) + f"\nReport: {Path(out_dir) / 'report.html'}\n"
