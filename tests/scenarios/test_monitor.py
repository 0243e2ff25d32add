# SPDX-License-Identifier: Apache-2.0
"""The monitor in a run, the logs of table updates, and the command that judges them."""

import json
import re

import pytest

from program import HERE, SCENARIOS, contents, rows, run, stage2sim

BAD = sorted((SCENARIOS / "bad").glob("*.yaml"))
LOG = SCENARIOS / "storms" / "coalesce-2m-log.yaml"
EXAMPLES = HERE.parent / "unit" / "monitor" / "logs"


def expected_of(file):
    text = file.read_text(encoding="utf-8")
    return set(re.findall(r"violation: ([a-z.-]+), at: (\d+)", text))


@pytest.mark.parametrize("file", BAD, ids=lambda p: p.stem)
def test_each_defect_has_its_code_and_line_and_no_other(file, tmp_path):
    found = rows(run(file, tmp_path / "out") / "violations.csv")
    expected = expected_of(file)
    assert expected
    assert {r["variant"] for r in found} == {"wrong"}
    assert expected <= {(r["code"], r["line"]) for r in found}
    assert {r["code"] for r in found} == {code for code, _ in expected}


def test_an_expected_violation_that_does_not_come_fails(tmp_path):
    text = (SCENARIOS / "bad" / "missing-tlbi.yaml").read_text(encoding="utf-8")
    file = tmp_path / "other.yaml"
    file.write_text(text.replace("violation: bbm.missing-tlbi", "violation: bbm.wrong-vmid"),
                    encoding="utf-8")
    done = stage2sim("run", "-q", "-o", tmp_path / "out", file)
    assert done.returncode == 1
    assert "variant wrong, seed 1: no bbm.wrong-vmid reported at line 14" in done.stderr


def test_violations_csv_and_its_column_count_the_same(tmp_path):
    out = run(SCENARIOS / "bad" / "missing-dsb-after.yaml", tmp_path / "out")
    found = rows(out / "violations.csv")
    for seed in rows(out / "seeds.csv"):
        mine = [r for r in found
                if (r["variant"], r["seed"]) == (seed["variant"], seed["seed"])]
        assert int(seed["violations"]) == len(mine)
    assert found[0]["rule"].endswith("(R_DDMVT).")
    assert {r["pe"] for r in found} == {"2"}  # the host thread
    assert all(float(r["t_ns"]) > 40000 for r in found)


def test_with_the_monitor_off_nothing_else_changes(tmp_path):
    file = SCENARIOS / "bad" / "missing-tlbi.yaml"
    on = contents(run(file, tmp_path / "on"))
    done = stage2sim("run", "-q", "--monitor", "off", "-o", tmp_path / "off", file)
    assert done.returncode == 1  # the violation is not found
    off = contents(tmp_path / "off")
    assert json.loads(on.pop("run.json"))["monitor"] == "on"
    assert json.loads(off.pop("run.json"))["monitor"] == "off"
    changed = {name for name in on if on[name] != off[name]}
    assert changed == {"violations.csv", "summary.csv", "summary.json", "seeds.csv"}


@pytest.fixture(scope="module", name="logs")
def fixture_logs(tmp_path_factory):
    return run(LOG, tmp_path_factory.mktemp("logs") / "out", "--log-updates")


def test_what_cannot_be_read_is_no_good_log(tmp_path):
    done = stage2sim("monitor", tmp_path)
    assert done.returncode == 2
    assert done.stderr == f"{tmp_path}:1:1: error: cannot be read further\n"


def verdict(log, *options):
    done = stage2sim("monitor", *options, log)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def without(log, pattern, to):
    """A copy without the lines that match."""
    lines = log.read_text(encoding="utf-8").splitlines(keepends=True)
    left = [line for line in lines if not re.search(pattern, line)]
    assert len(left) < len(lines)
    to.write_text("".join(left), encoding="utf-8")
    return to


def test_the_logs_of_legal_sequences_are_good_and_short_of_a_step_bad(logs, tmp_path):
    for variant in ("bbm", "bbm-early"):
        log = logs / variant / "updates.log"
        assert ": good: " in verdict(log)[-1]
        bad = verdict(without(log, "vmalls12e1is", tmp_path / "bad.log"))
        assert ": bbm.missing-tlbi: " in bad[0] and ": bad: " in bad[-1]
        bad = verdict(without(log, r"dsb \(kind ish\)", tmp_path / "bad.log"))
        codes = {line.split(": ")[1] for line in bad[:-1]}
        assert codes == {"bbm.missing-dsb", "walk.freed-table"}


def test_a_log_has_what_casemate_wants_before_it_is_used(logs):
    text = (logs / "bbm" / "updates.log").read_text(encoding="utf-8")
    lines = text.splitlines()
    assert all(len(line) < 250 and re.fullmatch(
        r'\([a-z-]+ \(id \d+\) \(tid [0-3]\) .* \(src "coalesce-2m-log.yaml:\d+"\)\)', line)
        for line in lines)
    assert [int(re.search(r"id (\d+)", line)[1]) for line in lines] == list(range(len(lines)))
    known, held, ready = set(), {}, set()
    for line in lines:
        kind = line[1:].split()[0]
        tid = re.search(r"tid (\d)", line)[1]
        at = re.search(r"address (0x[0-9a-f]+)", line)
        if kind == "mem-init":
            known.add(int(at[1], 16) >> 12)
        elif kind == "mem-free":
            known.remove(int(at[1], 16) >> 12)
        elif kind == "mem-write":
            assert int(at[1], 16) >> 12 in known
            assert not ready or held.get(at[1] and "lock") == tid
        elif kind == "sysreg-write" and "hcr_el2" in line:
            ready.add(tid)
        elif kind in ("lock", "unlock"):
            assert held.get("lock") == (None if kind == "lock" else tid)
            held["lock"] = tid if kind == "lock" else None
        elif kind == "tlbi":
            assert tid in ready
    assert held["lock"] is None


def test_the_first_seed_is_logged_and_the_log_is_the_same_each_time(logs, tmp_path):
    again = run(LOG, tmp_path / "out", "--log-updates", "--seeds", "1")
    name = "bbm/updates.log"
    assert (again / name).read_bytes() == (logs / name).read_bytes()
    assert not list(run(LOG, tmp_path / "plain", "--seeds", "1").rglob("updates.log"))


def test_a_verdict_as_json_has_line_code_and_rule():
    log = EXAMPLES / "bad_bbm_by_wrong_VMID.log"
    done = json.loads("\n".join(verdict(log, "--json")))
    assert (done["verdict"], done["records"], done["bbm_level"]) == ("bad", 22, 0)
    (only,) = done["violations"]
    assert (only["line"], only["code"], only["tid"]) == (22, "bbm.wrong-vmid", 0)
    assert (only["old"], only["new"]) == ("0x101003", "0x102003")
    assert only["rule"].endswith("(R_NWYRD).")


def test_the_level_of_the_platform_decides_a_verdict(tmp_path):
    log = tmp_path / "resize.log"
    log.write_text("(mem-init 0 0 1000 3000)(sysreg-write 1 0 vtcr_el2 19)\n"
                   "(mem-write 2 0 plain 1008 2003)(sysreg-write 3 0 vttbr_el2 1000)\n"
                   "(mem-write 4 0 plain 1008 40000401)\n", encoding="utf-8")
    assert ": bbm.missing-break: " in verdict(log, "--bbm-level", "1")[0]
    assert verdict(log, "--bbm-level", "2") == [f"{log}: good: 5 records"]


@pytest.mark.parametrize("text, place", [
    ("(mem-write (id 0) (tid 0)\n (mem-order plain) (address zz) (value 0))", "2:29"),
    ("(mem-init 0 0 1000 1000)\nnonsense", "2:1"),
])
def test_what_is_no_log_is_refused_with_line_and_column(text, place, tmp_path):
    log = tmp_path / "wrong.log"
    log.write_text(text, encoding="utf-8")
    done = stage2sim("monitor", log)
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr.startswith(f"{log}:{place}: error: ")


@pytest.mark.parametrize("args", [(), ("a", "b"), ("--bbm-level", "4", "x"), ("absent.log",)])
def test_monitor_refuses_what_it_cannot_judge(args, tmp_path):
    done = stage2sim("monitor", *args, cwd=tmp_path)
    assert done.returncode == 2 and "stage2sim monitor: " in done.stderr
