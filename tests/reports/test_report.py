# SPDX-License-Identifier: Apache-2.0
"""The whole command: files, figures, bytes, errors."""

import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import fixture
import pytest

from reports.load import RUN_COLUMNS

ROOT = Path(__file__).resolve().parents[2]
CELLS_N = len(["variant", "seed", *RUN_COLUMNS])  # of a row of seeds.csv


def report(*args):
    env = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run([sys.executable, "-m", "reports", *map(str, args)],
                          capture_output=True, text=True, env=env)


def files(folder):
    return {str(p.relative_to(folder)): p.read_bytes()
            for p in sorted(folder.rglob("*")) if p.is_file()}


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """One storm and one replay, and the report of both."""
    base = tmp_path_factory.mktemp("written")
    runs = [fixture.write_run(base / "storm"), fixture.write_replay(base / "replay")]
    done = report(*runs, "-o", base / "out")
    assert done.returncode == 0, done.stderr
    return base, done


def test_stdout_has_the_variants_and_the_path_of_the_report(written):
    base, done = written
    lines = done.stdout.splitlines()
    assert lines[2].split()[:3] == ["variant", "p50", "p99.9"]
    assert lines[3].startswith("bbm ") and "[900, 945 µs]" in lines[3]
    assert lines[-1] == f"Report: {base / 'out' / 'report.html'}"
    assert done.stderr == ""


def test_all_files_are_there_and_nothing_else(written):
    base, _ = written
    names = set(files(base / "out"))
    stems = {"storm", "latency-request", "latency-access", "p999"}
    assert {"report.html", "report.md"} < names
    assert {f"plots/coalesce-1g-{s}.{e}" for s in stems for e in ("svg", "csv")} < names
    assert not [n for n in names if n.startswith("plots/kvm-trace")]
    assert sorted(p.name for p in base.iterdir()) == ["out", "replay", "storm"]


class Page(HTMLParser):
    VOID = {"meta", "link", "br", "img", "hr"}

    def __init__(self, text):
        super().__init__()
        self.open, self.ids, self.refs, self.tags = [], [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        if tag not in self.VOID:
            self.open.append(tag)
        self.note(attrs)

    def handle_startendtag(self, tag, attrs):
        self.note(attrs)

    def note(self, attrs):
        for key, value in attrs:
            if key == "id":
                self.ids.append(value)
            elif key in ("href", "src", "xlink:href", "data"):
                self.refs.append(value)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_the_page_is_well_formed_and_needs_nothing_from_outside(written):
    text = (written[0] / "out" / "report.html").read_text()
    page = Page(text)
    assert page.open == []
    assert len(page.ids) == len(set(page.ids))
    assert all(ref[1:] in page.ids for ref in page.refs if ref[0] == "#")
    assert all(ref[0] == "#" for ref in page.refs)
    assert "script" not in page.tags and page.tags.count("svg") == 5
    assert not re.findall(r"@import|url\((?!['\"]?#)", text)


@pytest.mark.parametrize("name", ["report.html", "report.md"])
def test_sections_come_in_the_order_of_a_review(written, name):
    text = (written[0] / "out" / name).read_text()
    heads = ["Verdict", "The storm over time", "Request latency",
             "p99.9 request latency per variant", "Variants",
             "What a reviewer must know", "Conditions", "Held equal between",
             "Settings that differ", "Assumed parameters (2)",
             "Parameters with a source (3)", "Reproduce"]
    found = re.findall(r"^#+ (.*)$|<h[123][^>]*>(.*)</h", text, re.M)
    titles = iter([a or b for a, b in found])
    for head in heads:  # each is found behind the one before
        assert any(t.startswith(head) for t in titles), head
    assert "dvm.hop" in text and "40.5 ns" in text and "4K, 2M" in text
    assert "jiegec, arm-neoverse-v2" in text
    assert "stage2sim run scenarios/storms/coalesce-1g.yaml -o out" in text


@pytest.mark.parametrize("name", ["report.html", "report.md"])
def test_a_replay_lists_counts_and_every_disagreeing_attempt(written, name):
    text = (written[0] / "out" / name).read_text()
    assert "Attempts whose result differs (1)" in text
    assert "0xfff7e02000" in text and "0xfff7e01000" not in text
    assert "results_agree_percent" in text and "75.0 %" in text


@pytest.mark.parametrize("stem, titles", [
    ("storm", ["bbm", "nt-fault", "vCPUs in handler", "invalid 500 µs",
               "time since the first store of the change (µs)"]),
    ("latency-request", ["Request latency, from intended arrival to completion",
                         "p99.99", "SLO", "nt-fault"]),
    ("latency-access", ["Latency of one access, from issue to completion"]),
    ("p999", ["p99.9 request latency", "nt-fault"]),
])
def test_figures_say_what_they_show(written, stem, titles):
    svg = (written[0] / "out" / "plots" / f"coalesce-1g-{stem}.svg").read_text()
    plain = re.sub(r"<[^>]*>|\s", "", svg)
    for title in titles:
        assert title.replace(" ", "") in plain


def rows(written, name):
    text = (written[0] / "out" / "plots" / f"coalesce-1g-{name}.csv").read_text()
    head, *lines = [line.split(",") for line in text.splitlines()]
    return [dict(zip(head, line)) for line in lines]


def test_storm_data_are_rates_relative_to_the_first_store(written):
    storm = [r for r in rows(written, "storm") if r["variant"] == "bbm"]
    at = {r["t_us"]: r for r in storm}
    assert at["-50"]["progress_accesses_per_us"] == "1200"  # 60000 in 50 us
    assert at["0"]["progress_accesses_per_us"] == "0"
    assert at["0"]["vcpus_in_handler"] == "20" and at["0"]["window_share"] == "1"
    assert at["500"]["window_share"] == "0"
    windows = {r["variant"]: r for r in rows(written, "storm-windows")}
    assert windows["bbm"]["broken_us"] == "0" and windows["bbm"]["mended_us"] == "500"
    assert windows["nt-fault"]["mended_us"] == "2.51" and "nt" not in windows


def test_latency_data_fall_to_p9999_and_p999_data_match_the_summary(written):
    curve = [r for r in rows(written, "latency-request") if r["variant"] == "bbm"]
    share = [float(r["share_above"]) for r in curve]
    assert share == sorted(share, reverse=True) and share[0] == 1
    marks = {(r["variant"], r["percentile"]): r for r in
             rows(written, "latency-request-percentiles")}
    assert marks["bbm", "99.9"]["latency_ns"] == "810000"
    p999 = {r["variant"]: r for r in rows(written, "p999")}
    assert p999["bbm"]["p999_ns"] == "922500" and p999["bbm"]["hi_ns"] == "945000"
    assert len(rows(written, "p999-seeds")) == 18


def test_the_same_runs_give_the_same_bytes(written):
    base, _ = written
    again = base / "again"
    assert report(base / "storm", base / "replay", "-o", again).returncode == 0
    first, second = files(base / "out"), files(again)
    assert list(first) == list(second)
    assert [n for n in first if first[n] != second[n]] == []


def test_an_earlier_report_is_replaced_and_other_folders_are_not(tmp_path):
    run = fixture.write_run(tmp_path / "run", variants=("bbm", "nt"))
    out = tmp_path / "out"
    assert report(run, "-o", out).returncode == 0
    (out / "plots" / "old.svg").write_text("")
    assert report(run, "-o", out).returncode == 0
    assert not (out / "plots" / "old.svg").exists()
    before = files(run)
    done = report(run, "-o", run)
    assert done.returncode == 2 and "found changes.csv" in done.stderr
    assert files(run) == before


def edit(name, old, new):
    def apply(run):
        text = (run / name).read_text()
        assert old in text
        (run / name).write_text(text.replace(old, new, 1))
    return apply


@pytest.mark.parametrize("damage, message", [
    (lambda run: (run / "seeds.csv").unlink(),
     "seeds.csv:1:1: error: cannot read the file: found No such file"),
    (lambda run: (run / "run.json").write_text('{"format": 1,\n x}'),
     "run.json:2:2: error: not JSON: found "),
    (edit("run.json", '"format": 1', '"format": 9'),
     "run.json:1:1: error: key 'format': found 9; accepted: 1"),
    (edit("run.json", '"reproduce"', '"other"'),
     "run.json:1:1: error: key 'reproduce': found nothing; accepted: str"),
    (edit("seeds.csv", "bbm,3,4000002,", "bbm,3,many,"),
     "seeds.csv:4:3: error: column 'accesses': found 'many'; accepted: a number"),
    (edit("seeds.csv", "bbm,3,4000002,", "bbm,3,"),
     f"seeds.csv:4:1: error: wrong number of cells: found {CELLS_N - 1}; accepted: "
     f"{CELLS_N}"),
    (edit("seeds.csv", "bbm,3,", "bbm,9,"),
     "seeds.csv:4:2: error: column 'seed': found '9'; accepted: 1 | 2 | 3 | 4 | 5"),
    (edit("seeds.csv", "bbm,3,", "bbm,2,"),
     "seeds.csv:1:1: error: seeds of variant 'bbm': found 1,2,2,4,5,6; accepted: 1,2"),
    (edit("summary.csv", "violations,", "offences,"),
     "summary.csv:1:1: error: no column 'violations': found variant,seeds,"),
    (edit("summary.csv", "nt-fault,6", "other,6"),
     "summary.csv:4:1: error: column 'variant': found 'other'; accepted: bbm | nt"),
    (edit("latency.csv", "bbm,request,", "bbm,reply,"),
     "latency.csv:2:2: error: column 'kind': found 'reply'; accepted: request |"),
    (edit("timeline.csv", "bbm,1,50000,60000", "bbm,1,50000,-1"),
     "timeline.csv:3:4: error: column 'accesses': found '-1'; accepted: a number >= 0"),
])
def test_a_bad_file_is_one_line_exit_2_and_nothing_left(tmp_path, damage, message):
    run = fixture.write_run(tmp_path / "run")
    damage(run)
    done = report(run, "-o", tmp_path / "deep" / "out")
    assert done.returncode == 2 and done.stdout == ""
    assert message in done.stderr and done.stderr.count("\n") == 1
    assert [p.name for p in tmp_path.iterdir()] == ["run"]


def test_a_replay_needs_its_counts(tmp_path):
    run = fixture.write_replay(tmp_path / "run")
    (run / "replay_counts.csv").unlink()
    done = report(run, "-o", tmp_path / "out")
    assert done.returncode == 2 and "replay_counts.csv:1:1: error" in done.stderr


@pytest.mark.parametrize("page", ["report.html", "report.md"])
def test_a_run_with_a_quantum_is_said_not_to_be_exact(page, tmp_path):
    run = fixture.write_run(tmp_path / "run", variants=("bbm", "nt"))
    assert report(run, "-o", tmp_path / "exact").returncode == 0
    edit("run.json", '"format"', '"inexact": {"quantum_ns": 1500.0}, "format"')(run)
    assert report(run, "-o", tmp_path / "out").returncode == 0
    assert "Not exact" not in (tmp_path / "exact" / page).read_text(encoding="utf-8")
    text = (tmp_path / "out" / page).read_text(encoding="utf-8")
    assert "Not exact: PEs ran ahead of each other by a quantum of" in text
    assert "1500.0 ns." in text


def test_extra_keys_and_columns_are_ignored(tmp_path):
    run = fixture.write_run(tmp_path / "run", variants=("bbm", "nt"))
    edit("run.json", '"format"', '"later": {}, "format"')(run)
    text = (run / "seeds.csv").read_text().splitlines()
    (run / "seeds.csv").write_text("\n".join(line + ",0" if i else line + ",new"
                                             for i, line in enumerate(text)) + "\n")
    assert report(run, "-o", tmp_path / "out").returncode == 0
