# SPDX-License-Identifier: Apache-2.0
"""vCPUs that share PEs: time slices, VMIDs and their roll-over, VTCR_EL2, moves."""

import pytest

from program import rows, run, stage2sim

HEAD = """\
stage2sim: 1
name: sharing
platform: neoverse-n1-like
overrides: {{hyp.slice: 20us, hyp.switch: 1us, feat.vmid_bits: 8{overrides}}}
{top}
vms:
"""
VM = """\
  - name: v{i}
    vcpus: {vcpus}
    pes: {{first: {first}}}
    ipa_bits: {ipa_bits}
    memory: [{{ipa: 0x40000000, size: 2MiB, pa: {pa:#x}, map: {map}}}]
    guest: {{kind: stream, pattern: {pattern}, accesses: {accesses}{think}}}
"""
TAIL = """\
hypervisor: {{path: kvm-6.6}}
{events}
variants: {variants}
seeds: {{count: 1}}
"""
BOTH = "[{name: per-pe, vmids: per-pe}, {name: spin, vmids: spin}]"


def scenario(tmp_path, vms_n, pes, first=None, ipa_bits=lambda i: 36, vcpus=1, events="",
             top="", accesses=2000, variants=BOTH, pattern="chase", think="",
             overrides="", **kw):
    text = HEAD.format(top=top, overrides=overrides)
    for i in range(vms_n):
        text += VM.format(i=i, vcpus=vcpus, first=first(i) if first else i % pes,
                          ipa_bits=ipa_bits(i), pa=0x40000000 + i * 0x200000,
                          map=kw.get("map", "4K"), pattern=pattern,
                          accesses=accesses, think=think)
    path = tmp_path / "sharing.yaml"
    path.write_text(text + TAIL.format(events=events, variants=variants))
    return path


def summary(folder, vm=None):
    base = folder / "vms" / vm if vm else folder
    return {row["variant"]: row for row in rows(base / "summary.csv")}


def test_vms_that_share_pes_take_turns_and_both_end(tmp_path):
    folder = run(scenario(tmp_path, 4, 2, ipa_bits=lambda i: 36 + i), tmp_path / "out")
    for row in summary(folder).values():
        assert float(row["accesses"]) == 8000
        assert float(row["switches"]) >= 4
        assert float(row["switch_ns"]) >= 1000 * float(row["switches"])
        assert float(row["violations"]) == 0
    ends = [float(r["end_ns"]) for r in rows(folder / "vcpus.csv")]
    alone = run(scenario(tmp_path, 2, 2), tmp_path / "alone")
    longest = max(float(r["end_ns"]) for r in rows(alone / "vcpus.csv"))
    assert max(ends) > 1.9 * longest


def test_more_vms_than_vmids_cost_roll_overs_and_every_access_completes(tmp_path):
    few = summary(run(scenario(tmp_path, 200, 4, accesses=200), tmp_path / "few"))
    many = summary(run(scenario(tmp_path, 300, 4, accesses=200), tmp_path / "many"))
    for variant in ("per-pe", "spin"):
        assert float(few[variant]["vmid_rolls"]) == 0
        assert float(many[variant]["vmid_rolls"]) >= 1
        assert float(many[variant]["accesses"]) == 300 * 200
        assert float(many[variant]["violations"]) == 0


def test_a_shared_run_is_the_same_each_time(tmp_path):
    path = scenario(tmp_path, 6, 2, map="none", accesses=500)
    one, two = run(path, tmp_path / "one"), run(path, tmp_path / "two")
    for name in ("summary.csv", "faults.csv", "vcpus.csv"):
        assert (one / name).read_bytes() == (two / name).read_bytes()


@pytest.mark.parametrize("defect, code", [("switch-vmid", "bbm.wrong-vmid"),
                                          ("switch-vtcr", "bbm.wrong-vtcr")])
def test_a_vm_switch_with_the_wrong_register_is_caught(tmp_path, defect, code):
    folder = run(scenario(
        tmp_path, 2, 1, ipa_bits=lambda i: 36 + 3 * i,
        variants=f"[{{name: right}}, {{name: wrong, defect: {defect}}}]"),
        tmp_path / "out")
    found = rows(folder / "violations.csv")
    assert found
    assert {v["variant"] for v in found} == {"wrong"}
    assert {code} <= {v["code"] for v in found} <= {code, "access.wrong-memory"}


@pytest.mark.parametrize("platform, codes", [
    # walks from another start level: the tables have nothing there
    ("neoverse-n1-like", {"bbm.wrong-vtcr"}),
    # walk caches of tables that are read as those of another granule
    ("cortex-a72", {"bbm.wrong-vtcr", "access.wrong-memory"}),
])
def test_a_vm_that_runs_with_the_vtcr_of_another_walks_wrong(tmp_path, platform, codes):
    path = scenario(tmp_path, 2, 1, ipa_bits=lambda i: 32 + 4 * i,
                    variants="[{name: right}, {name: wrong, defect: switch-vtcr}]")
    text = path.read_text().replace("neoverse-n1-like", platform)
    first, second = text.split("  - name: v1")
    path.write_text(first + "  - name: v1\n    granule: 16K"
                    + second.replace("map: 4K", "map: 16K"))
    folder = run(path, tmp_path / "out")
    got = summary(folder)
    assert float(got["right"]["faults"]) == float(got["right"]["violations"]) == 0
    assert float(got["wrong"]["faults"]) > 0
    assert float(got["wrong"]["accesses"]) == float(got["right"]["accesses"])
    assert codes <= {v["code"] for v in rows(folder / "violations.csv")}


def test_a_roll_over_that_flushes_nothing_is_caught(tmp_path):
    folder = run(scenario(tmp_path, 300, 4, accesses=200, variants="["
                          "{name: per-pe, vmids: per-pe, defect: roll-over}, "
                          "{name: spin, vmids: spin, defect: roll-over}]"), tmp_path / "out")
    for variant in ("per-pe", "spin"):
        codes = {v["code"] for v in rows(folder / "violations.csv")
                 if v["variant"] == variant}
        assert {"bbm.wrong-vmid"} <= codes <= {"bbm.wrong-vmid", "access.wrong-memory"}


@pytest.mark.parametrize("guest", [
    "{kind: stages, stages: [{accesses: 10}]}",
    "{kind: kvm_page_table_test, block: 4K}",
    "{kind: dirty_log_perf_test, vcpu_bytes: 64KiB}",
])
def test_a_guest_that_cannot_share_is_refused_and_told_what_can(tmp_path, guest):
    path = scenario(tmp_path, 2, 1)
    text = path.read_text()
    path.write_text(text.replace("{kind: stream, pattern: chase, accesses: 2000}", guest,
                                 1))
    done = stage2sim("check", path)
    assert done.returncode == 2
    assert "error[S037]" in done.stderr
    assert "accepted there: requests, stream, steps, flush, idle" in done.stderr


@pytest.mark.parametrize("defect, change", [
    ("switch-vtcr", lambda t: t.replace("ipa_bits: 39", "ipa_bits: 36")),
    ("switch-vmid", lambda t: t.replace("    pes: {first: 0}\n", "")),
    ("roll-over", lambda t: t.replace("    pes: {first: 0}\n", "")),
])
def test_a_mistake_that_cannot_be_made_is_refused(tmp_path, defect, change):
    path = scenario(tmp_path, 2, 1, ipa_bits=lambda i: 36 + 3 * i,
                    variants=f"[{{name: wrong, defect: {defect}}}]")
    path.write_text(change(path.read_text()))
    done = stage2sim("check", path)
    assert done.returncode == 2
    assert "error[S046]" in done.stderr
    assert f"{defect} needs VMs" in done.stderr


EVENTS = """\
events:
  - {at: 10us, vm: v2, unmap: {ipa: 0x40000000, size: 2MiB}}
  - {at: 20us, vm: v0, move: {vcpu: 0, to: 4}}
  - {at: 60us, vm: v1, move: {vcpu: 0, to: 0}}
  - {at: 100us, vm: v0, move: {vcpu: 0, to: 1}}
  - {at: 150us, vm: v2, move: {vcpu: 0, to: 5}}
"""


def test_a_vcpu_that_moves_flushes_what_it_may_have_left(tmp_path):
    folder = run(scenario(tmp_path, 3, 2, events=EVENTS, accesses=4000), tmp_path / "out")
    for row in summary(folder).values():
        assert float(row["accesses"]) == 12000
        assert float(row["violations"]) == 0
    moved = summary(folder, "v0")["per-pe"]
    assert float(moved["switches"]) >= 2
    assert float(moved["tlbis"]) == float(moved["switches"])  # VMALLE1 at each new PE


AGES = """\
events:
  - {at: 20us, vm: v0, age: {ipa: 0x40000000, size: 2MiB}}
  - {at: 20us, vm: v1, age: {ipa: 0x40000000, size: 2MiB}}
"""


def test_pes_without_an_access_flag_in_hardware_take_a_storm_of_faults(tmp_path):
    folder = run(scenario(
        tmp_path, 2, 4, first=lambda i: 2 * i, vcpus=2, events=AGES, accesses=40000,
        pattern="uniform", think=", think: 50ns",
        top="mixed: [{pes: {first: 2, count: 2}, hafdbs: 0}]",
        variants="[{name: per-cpu}, {name: system, vtcr_policy: system}]"),
        tmp_path / "out")
    able, unable = summary(folder, "v0"), summary(folder, "v1")
    assert float(able["per-cpu"]["faults"]) == 0
    assert float(able["per-cpu"]["hw_updates"]) > 100
    assert float(unable["per-cpu"]["faults"]) > 100
    assert float(able["system"]["faults"]) > 100  # what all PEs have: nothing
    assert float(able["system"]["hw_updates"]) == 0


def test_a_vm_on_a_pe_with_smaller_addresses_keeps_its_tables_within_them(tmp_path):
    folder = run(scenario(tmp_path, 1, 1, vcpus=2, variants=BOTH,
                          top="mixed: [{pes: {first: 0}, pa_bits: 36}]"), tmp_path / "out")
    for row in summary(folder).values():
        assert float(row["faults"]) == 0
        assert float(row["violations"]) == 0


@pytest.mark.parametrize("change, code, says", [
    (("    ipa_bits: 36\n", ""), "S036", "KVM's default of 40"),
    (("ipa_bits: 36", "ipa_bits: 37"), "S036", "37-bit IPAs"),
    (("kind: stream, pattern: chase, accesses: 2000",
      "kind: stages, stages: [{pattern: chase, accesses: 10}]"), "S037", "stages"),
    (("pes: {first: 0}", "pes: {first: 9}"), "S026", "10"),
])
def test_what_cannot_share_or_fit_is_refused(tmp_path, change, code, says):
    path = scenario(tmp_path, 2, 1, top="pes: 4", overrides=", feat.pa_bits: 36")
    path.write_text(path.read_text().replace(*change, 1))
    done = stage2sim("check", path)
    assert done.returncode == 2
    assert f"error[{code}]" in done.stderr
    assert says in done.stderr
