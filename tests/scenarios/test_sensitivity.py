# SPDX-License-Identifier: Apache-2.0
"""run --sensitivity: which assumed parameters of a platform flip the verdict."""

import re
import sys

import pytest

from program import HERE, ROOT, SCENARIOS, contents, rows, run, stage2sim

sys.path.insert(0, str(ROOT))

from reports import load, scenario as read, verdict  # noqa: E402

TINY = HERE / "tiny.yaml"

# Two windows that faults wait for, by hand: `bbm` frees 512 leaves of 1 us inside its
# own, `early` cleans 32768 lines. At 10 ns a line that is 512 us against 328 us; at
# 20 ns, 655 us. At 5 ns nothing changes.
SCENARIO = """
stage2sim: 1
name: two-windows
platform: platform.yaml
overrides: {{{overrides}}}
vms:
  - name: guest
    vcpus: 2
    memory:
      - {{ipa: 0x40000000, size: 2MiB, map: 4K, backing: 2M}}
    guest: {{kind: requests, interval: 4us, accesses: 2}}
hypervisor: {{lock: exclusive}}
events:
  - {{at: 50us, coalesce: {{ipa: 0x40000000, size: 2MiB, block: 2M}}}}
variants:
  - {{name: bbm, sequence: bbm, clean: none}}
  - {{name: early, sequence: bbm-early, clean: in-window}}
seeds: {{count: {seeds}}}
run: {{duration: 2ms}}
"""


def two_windows(folder, assumed, overrides="", seeds=6):
    """The scenario on a platform of which only the parameters `assumed` are guesses."""
    text = (SCENARIOS / "platforms" / "neoverse-v2-like.yaml").read_text()
    text = re.sub(r"source: (assumed\b[^}]*|\"[^\"]*\")\}", 'source: "a test"}', text)
    for name, value in (("teardown_leaf", "1us"), ("clean_line", "10ns")):
        text = re.sub(rf"(    {name}: {{value: )[^,]*,", rf"\g<1>{value},", text)
    for name in assumed:
        text, n = re.subn(rf"(    {name}: {{value: .*)source: \"a test\"",
                          r"\1source: assumed", text)
        assert n == 1, name
    (folder / "platform.yaml").write_text(text)
    path = folder / "two-windows.yaml"
    path.write_text(SCENARIO.format(overrides=overrides, seeds=seeds))
    return path


def by_point(table):
    """(parameter, factor, variant) to row."""
    return {(r["parameter"], r["factor"], r["variant"]): r for r in table}


def test_a_parameter_that_flips_the_verdict_is_named(tmp_path):
    scenario = two_windows(tmp_path, ["clean_line", "entry"])
    done = stage2sim("run", "--sensitivity", "-o", tmp_path / "out", scenario)
    assert done.returncode == 0, done.stderr
    assert "assumed parameters that flip the verdict:\n" \
           "  hyp.clean_line x 2 = 20ns: early against bbm: lower becomes higher\n" \
           in done.stdout
    found = by_point(rows(tmp_path / "out" / "sensitivity.csv"))
    verdicts = {key: (r["verdict"], r["flipped"]) for key, r in found.items()
                if key[2] == "early"}
    assert verdicts == {
        ("base", "1", "early"): ("lower", "0"),
        ("hyp.entry", "0.5", "early"): ("lower", "0"),
        ("hyp.entry", "2", "early"): ("lower", "0"),
        ("hyp.clean_line", "0.5", "early"): ("lower", "0"),
        ("hyp.clean_line", "2", "early"): ("higher", "1"),
    }
    assert found["hyp.clean_line", "2", "early"]["value"] == "20ns"


def test_a_verdict_that_no_assumed_parameter_flips_is_said_to_stand(tmp_path):
    scenario = two_windows(tmp_path, ["entry"])
    done = stage2sim("run", "--sensitivity", "-o", tmp_path / "out", scenario)
    assert done.returncode == 0, done.stderr
    assert "no assumed parameter flips the verdict\n" in done.stdout


def test_a_number_that_the_scenario_gives_is_not_assumed(tmp_path):
    scenario = two_windows(tmp_path, ["clean_line"], "hyp.clean_line: 10ns", seeds=2)
    run(scenario, tmp_path / "out", "--sensitivity")
    assert {r["parameter"] for r in rows(tmp_path / "out" / "sensitivity.csv")} == {
        "base"}


def test_a_point_has_the_numbers_of_a_scenario_with_that_override(tmp_path):
    scenario = two_windows(tmp_path, ["clean_line"])
    run(scenario, tmp_path / "varied", "--sensitivity")
    point = by_point(rows(tmp_path / "varied" / "sensitivity.csv"))
    (tmp_path / "other").mkdir()
    run(two_windows(tmp_path / "other", [], "hyp.clean_line: 20ns"), tmp_path / "given")
    given = {r["variant"]: r for r in rows(tmp_path / "given" / "summary.csv")}
    for variant in ("bbm", "early"):
        for column in ("", "_lo", "_hi"):
            name = "request_p999_ns" + column
            assert point["hyp.clean_line", "2", variant][name] == given[variant][name]


@pytest.mark.parametrize("name, expected", [
    ("dvm.hop", {("0.5", "50ns", ""), ("2", "200ns", "")}),
    ("dvm.outstanding", {("0.5", "2", ""), ("2", "8", "")}),
    ("tlb.walk.s1l0.ways", {("0.5", "2", ""),
                            ("2", "8", "refused: 8 does not fit 4 entries")}),
    ("tlb.s2.entries", {("", "0", "is 0")}),
    ("dvm.scope", {("", "domain", "is a choice and not a quantity")}),
    ("feat.vmid_bits", {("", "16", "is a feature and not a quantity")}),
    ("tlb.s2.ways", set()),  # of a structure that the platform does not have
])
def test_each_assumed_parameter_is_halved_and_doubled_or_says_why_not(
        name, expected, sensitivity_of_tiny):
    found = {(r["factor"], r["value"], r["skipped"]) for r in sensitivity_of_tiny
             if r["parameter"] == name}
    assert found == expected


@pytest.fixture
def sensitivity_of_tiny(sensitivity):
    return rows(sensitivity / "sensitivity.csv")


def test_without_the_option_there_is_no_such_file_and_the_rest_is_equal(tmp_path):
    scenario = two_windows(tmp_path, ["clean_line"], seeds=2)
    plain = contents(run(scenario, tmp_path / "plain"))
    varied = contents(run(scenario, tmp_path / "varied", "--sensitivity"))
    assert "sensitivity.csv" not in plain
    del varied["sensitivity.csv"]
    assert b"run --seeds 2 --sensitivity " in varied.pop("run.json")
    del plain["run.json"]
    assert varied == plain


def test_the_order_of_simulations_does_not_show_in_the_sensitivity(tmp_path):
    scenario = two_windows(tmp_path, ["clean_line"], seeds=2)
    one, two = (contents(run(scenario, tmp_path / n, "--sensitivity", "-j", n))
                for n in ("1", "2"))
    assert one == two


@pytest.mark.parametrize("change, accepted", [
    (("  - {name: early, sequence: bbm-early, clean: in-window}\n", ""),
     "accepted: two variants or more"),
    (("kind: requests, interval: 4us, accesses: 2",
      "kind: steps, steps: [{at: 0ns, access: r, ipa: 0x40000000}]"),
     "accepted: guest kind requests"),
])
def test_a_scenario_without_a_verdict_is_refused(change, accepted, tmp_path):
    scenario = two_windows(tmp_path, ["clean_line"], seeds=1)
    text = scenario.read_text()
    assert change[0] in text
    scenario.write_text(text.replace(*change))
    done = stage2sim("run", "--sensitivity", "-o", tmp_path / "out", scenario)
    assert done.returncode == 2
    assert accepted in done.stderr
    assert not (tmp_path / "out").exists()


def test_the_columns_of_the_sensitivity_are_documented(sensitivity_of_tiny):
    text = (ROOT / "docs" / "results-format.md").read_text()
    for name in sensitivity_of_tiny[0]:
        assert f"`{name}`" in text, name


@pytest.mark.parametrize("seeds", [1, 6])
def test_the_verdict_that_may_flip_is_the_one_of_the_report(seeds, tmp_path):
    scenario = two_windows(tmp_path, ["clean_line"], seeds=seeds)
    loaded = load.load_run(run(scenario, tmp_path / "out", "--sensitivity"))
    base = {r["variant"]: r["verdict"] for r in loaded.sensitivity
            if r["parameter"] == "base"}
    assert base.pop(read.baseline(loaded)) == "baseline"
    assert set(base) == set(read.contenders(loaded))
    for name, word in base.items():
        outcome = verdict.compare(loaded, "bbm", name)
        assert outcome == (word if seeds >= 6 else "indicative")
