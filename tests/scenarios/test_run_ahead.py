# SPDX-License-Identifier: Apache-2.0
"""Results do not depend on whether PEs run ahead of each other."""

import csv
import io
import json
import random

import pytest

from program import SCENARIOS, contents, stage2sim

SMALL = sorted((SCENARIOS / "good").glob("*.yaml"))
LARGE = sorted((SCENARIOS / "storms").glob("*.yaml"))


def results(scenario, out, *options):
    """Everything that a run shows: exit code (3: an access that never completes),
    messages and files."""
    if "--seeds" not in options:
        options = ("--seeds", "1", *options)
    done = stage2sim("run", "-q", "-o", out, *options, scenario)
    assert done.returncode in (0, 1, 3), done.stderr
    return done.returncode, done.stderr, contents(out)


@pytest.mark.parametrize("scenario", SMALL, ids=lambda p: p.stem)
def test_small_scenarios_give_the_same_with_and_without_running_ahead(scenario, tmp_path):
    assert results(scenario, tmp_path / "ahead") == \
        results(scenario, tmp_path / "in-order", "--no-run-ahead")


@pytest.mark.parametrize("scenario", LARGE, ids=lambda p: p.stem)
def test_storms_give_the_same_with_and_without_running_ahead(scenario, tmp_path):
    assert results(scenario, tmp_path / "ahead") == \
        results(scenario, tmp_path / "in-order", "--no-run-ahead")


PATHS = ["kvm-5.10", "kvm-5.11", "kvm-5.14", "kvm-6.2", "kvm-6.6"]
SEQUENCES = ["bbm", "bbm-early", "nt", "bbml2", "keep"]
GUESTS = [
    "{{kind: requests, interval: {interval}ns, accesses: {n}, think: {think}ns, "
    "writes: {writes}%, hot: {{size: {hot}KiB, share: 90%}}, arrival: poisson}}",
    "{{kind: stream, pattern: {pattern}, stride: {stride}KiB, accesses: {total}, "
    "think: {think}ns, writes: {writes}%}}",
]
PLATFORMS = ["cortex-a53-like", "neoverse-n1-like", "neoverse-v2-like"]


def random_scenario(seed):
    """The text of a small scenario in which much happens at the same time."""
    r = random.Random(seed)
    guest = r.choice(GUESTS).format(
        interval=r.choice([500, 2000, 5000]), n=r.choice([1, 4, 9]),
        think=r.choice([0, 1, 7, 50, 300]), writes=r.choice([0, 30, 100]),
        hot=r.choice([16, 64, 256]), stride=r.choice([4, 64]), total=r.choice([500, 2000]),
        pattern=r.choice(["sequential", "uniform", "zipf", "chase"]))
    access = r.choice(["rw", "r"]) if "writes: 0%" in guest else "rw"
    platform = r.choice(PLATFORMS)
    sequence = r.choice(SEQUENCES if platform.endswith("v2-like") else ["bbm", "keep"])
    hop, fault = r.choice([0, 1, 40, 100]), r.choice([0, 50, 1500])
    return f"""stage2sim: 1
name: random
platform: {platform}
overrides: {{dvm.hop: {hop}ns, hyp.fault: {fault}ns, hyp.exit: {fault}ns}}
pes: {r.choice([10, 12])}
vms:
  - name: guest
    vcpus: {r.choice([1, 2, 5, 8])}
    memory:
      - {{ipa: 0x40000000, size: 4MiB, map: 4K, backing: 2M, access: {access}}}
    guest: {guest}
hypervisor: {{path: {r.choice(PATHS)}}}
events:
  - {{at: 20us, coalesce: {{ipa: 0x40000000, size: 4MiB, block: 2M}}}}
  - {{at: {r.choice([25, 60, 120])}us, split: {{ipa: 0x40000000, size: 2MiB}}}}
variants:
  - {{name: a, sequence: {sequence}}}
seeds: {{count: 1, first: {seed + 1}}}
run: {{duration: 200us, measure_from: 10us, slo: 10us, timeline_bin: 10us}}
"""


WALKERS = {
    "pe.outstanding": [1, 2, 6], "pe.issue": ["0ns", "1ns"], "walker.parallel": [1, 2, 4],
    "walker.prefetch": ["none", "next-page"], "tlb.l2.entries": [0, 1024],
    "tlb.l1d.latency": ["0ns", "1ns"], "tlb.l2.latency": ["0ns", "3ns"],
    "mem.l2.size": ["64KiB", "512KiB"], "mem.l2.latency": ["0ns", "4ns"],
    "mem.llc.size": ["256KiB", "4MiB"], "mem.dram_line": ["0ns", "5ns"],
    "dvm.hop": ["0ns", "40ns"], "hyp.exit": ["0ns", "150ns"], "hyp.fault": ["0ns", "500ns"],
}


def walking_scenario(seed):
    """The text of a scenario in which walks of many PEs meet descriptors that change."""
    r = random.Random(seed)
    overrides = ", ".join(f"{name}: {r.choice(values)}" for name, values in WALKERS.items())
    stage1 = r.choice([
        "", "", "    stage1: {map: 4K, tables: 0x40600000, accessed: true}\n",
        "    stage1: {map: 4K, tables: 0x40600000, accessed: false}\n"])
    guest = r.choice(GUESTS).format(
        interval=r.choice([500, 2000]), n=r.choice([1, 4, 9]),
        think=r.choice([0, 7, 300]), writes=r.choice([0, 30]), hot=r.choice([16, 256]),
        stride=r.choice([4, 64]), total=r.choice([300, 1000]),
        pattern=r.choice(["sequential", "uniform", "zipf", "chase"]))
    guest = guest.replace("kind:", "region: {ipa: 0x40000000, size: 4MiB}, kind:")
    host = r.choice([
        "  - {at: 30us, age: {ipa: 0x40000000, size: 4MiB}}\n",
        "  - {at: 25us, coalesce: {ipa: 0x40000000, size: 4MiB, block: 2M}}\n"
        "  - {at: 60us, age: {ipa: 0x40000000, size: 4MiB}}\n",
        "  - {at: 20us, dirty_log: start, manual: true}\n"
        "  - {at: 50us, dirty_log: get}\n  - {at: 50us, dirty_log: clear}\n",
        "  - {at: 20us, split: {ipa: 0x40000000, size: 2MiB}}\n"])
    size = "4K" if "coalesce" in host else "2M" if "split" in host else r.choice(["4K", "2M"])
    return f"""stage2sim: 1
name: walking
platform: neoverse-v2-like
overrides: {{{overrides}}}
pes: 9
vms:
  - name: guest
    vcpus: {r.choice([1, 3, 8])}
    memory:
      - {{ipa: 0x40000000, size: 8MiB, map: {size}, backing: 2M, access: rw}}
{stage1}    guest: {guest}
hypervisor: {{path: {r.choice(PATHS)}, tlbi: {r.choice(["vmid", "ipa"])}}}
events:
{host}variants:
  - name: a
    sequence: {r.choice(["bbm", "bbml2"])}
    af: {r.choice(["hardware", "fault"])}
    conflict: {r.choice(["abort", "older", "resolve"])}
seeds: {{count: 1, first: {seed + 1}}}
run: {{duration: 100us, measure_from: 10us, slo: 10us, timeline_bin: 10us}}
"""


STORMS = {
    "hyp.exit": ["0ns", "150ns"], "hyp.entry": ["0ns", "150ns"], "hyp.fault": ["0ns", "500ns"],
    "hyp.lock": ["0ns", "15ns"], "hyp.handover": ["0ns", "60ns"], "hyp.visit": ["0ns", "2ns"],
    "hyp.lock_line": ["0ns", "0ns", "20ns"], "hyp.host_page": ["0ns", "0ns", "100ns"],
    "dvm.hop": ["0ns", "40ns", "100ns"], "dvm.dsb": ["0ns", "10ns"],
    "pe.outstanding": [1, 2, 6], "pe.issue": ["0ns", "1ns"], "walker.parallel": [1, 4],
    "walker.prefetch": ["none", "next-page"], "mem.l2.latency": ["0ns", "4ns"],
    "mem.l2.size": ["64KiB", "512KiB"], "mem.dram_line": ["0ns", "0ns", "5ns"],
}
STORM_GUESTS = [
    "{{kind: kvm_page_table_test, block: {block}, think: {think}ns, {region}}}",
    "{{kind: kvm_page_table_test, block: 4K, think: 0ns, {region}}}",
    "{{kind: dirty_log_perf_test, vcpu_bytes: 64KiB, iterations: 2, writes: {writes}%, "
    "overlap: true, random: {no}, manual_protect: {yes}, run_while_disabling: {no}, "
    "think: {think}ns}}",
    "{{kind: stages, manual_protect: false, stages: ["
    "{{pattern: uniform, accesses: 60, {region}}}, "
    "{{pattern: chase, accesses: 60, stride: 64KiB, {region}, host: {{before: log-on}}}}, "
    "{{pattern: {pattern}, accesses: 80, writes: {writes}%, {region}, "
    "host: {{during: log-get}}}}, "
    "{{pattern: sequential, accesses: 60, {region}, "
    "host: {{before: [log-off, coalesce]}}}}]}}",
    "{{kind: stream, pattern: {pattern}, accesses: 250, think: {think}ns, "
    "writes: {writes}%, {region}}}",
    "{{kind: requests, interval: 500ns, accesses: 4, think: {think}ns, writes: {writes}%, "
    "{region}, hot: {{size: 64KiB, share: 50%}}}}",
]
STORM_EVENTS = [
    "  - {{vm: {vm}, at: 5us, dirty_log: start, manual: true}}\n"
    "  - {{vm: {vm}, at: 20us, dirty_log: get}}\n"
    "  - {{vm: {vm}, at: 20us, dirty_log: clear}}\n"
    "  - {{vm: {vm}, at: 50us, migration: cancelled}}\n",
    "  - {{vm: {vm}, at: 10us, unmap: {{ipa: 0x40000000, size: 1MiB}}}}\n"
    "  - {{vm: {vm}, at: 30us, unmap: {{ipa: 0x40000000, size: 2MiB}}}}\n",
    "  - {{vm: {vm}, at: 8us, protect: {{ipa: 0x40000000, size: 2MiB, access: r}}}}\n"
    "  - {{vm: {vm}, at: 25us, age: {{ipa: 0x40000000, size: 2MiB}}}}\n",
    "  - {{vm: {vm}, at: 10us, memslot: delete}}\n"
    "  - {{vm: {vm}, at: 14us, memslot: create}}\n",
    "",
]


def storming_vm(r, name, first, hosted):
    """A VM most of whose accesses fault, and what its host does to it."""
    guest = r.choice(STORM_GUESTS).format(
        think=r.choice([0, 0, 10, 300]), writes=r.choice([0, 30, 100]),
        block=r.choice(["4K", "2M"]), yes=r.choice(["true", "false"]),
        no=r.choice(["true", "false"]), pattern=r.choice(["sequential", "uniform", "zipf"]),
        region=f"region: {{ipa: 0x40000000, size: {r.choice(['256KiB', '2MiB'])}}}")
    if "block: 2M" in guest or "coalesce" in guest:
        guest = guest.replace("256KiB", "2MiB")
    events = "" if "test" in guest or "stages" in guest or not hosted else \
        r.choice(STORM_EVENTS).format(vm=name)
    if r.random() < 0.5:
        events += f"  - {{vm: {name}, at: {r.choice([3, 9, 17])}us, preempt: 7us}}\n"
    mapped = r.choice(["none", "none", "4K", "2M"])
    return f"""  - name: {name}
    vcpus: {r.choice([2, 4, 6])}
    memory:
      - {{ipa: 0x40000000, size: 4MiB, pa: {first}, map: {mapped}, backing: 2M, access: rw}}
    guest: {guest}
""", events


def storming_scenario(seed):
    """The text of a scenario in which handlers of many PEs meet, of one VM or two."""
    r = random.Random(seed)
    overrides = ", ".join(f"{name}: {r.choice(values)}" for name, values in STORMS.items())
    vms, events = storming_vm(r, "guest", "0x40000000", True)
    if r.random() < 0.4:
        other = storming_vm(r, "other", "0x80000000", True)
        vms, events = vms + other[0], events + other[1]
    lines = sorted(events.splitlines(True), key=lambda line: int(line.split("at: ")[1].split("us")[0]))
    relax = r.choice(["broadcast", "local", "none"])
    lock = r.choice(["exclusive", "shared", "shared", "per-entry"])
    return f"""stage2sim: 1
name: storming
platform: {r.choice(["neoverse-v2-like", "neoverse-v2-like", "neoverse-n1-like"])}
overrides: {{{overrides}}}
pes: 14
vms:
{vms}hypervisor: {{path: {r.choice(PATHS)}, lock: {lock}, relax: {relax},
             unmap: each-leaf}}
{"events:" if lines else ""}
{"".join(lines)}variants:
  - name: a
    sequence: {r.choice(["bbm", "bbm-early", "keep"])}
    identical: {r.choice(["skip", "skip-same", "remap"])}
    split: {r.choice(["lazy", "eager"])}
    tear_down: {r.choice(["after-unlock", "under-lock"])}
    af: {r.choice(["hardware", "hardware", "fault"])}
seeds: {{count: 1, first: {seed + 1}}}
run: {{duration: 80us, slo: 10us, timeline_bin: 10us}}
"""


def tables_as_data(seed):
    """The text of a scenario whose guest reads its own tables, while walks set their
    Access flags."""
    return f"""stage2sim: 1
name: tables-as-data
platform: neoverse-v2-like
overrides: {{hyp.exit: 500ns, hyp.fault: 1500ns}}
pes: 9
vms:
  - name: guest
    vcpus: 8
    memory:
      - {{ipa: 0x40000000, size: 4MiB, map: 2M, backing: 2M}}
    stage1: {{map: 4K, tables: 0x40200000, accessed: false}}
    guest: {{kind: requests, interval: 500ns, accesses: 8, think: 1ns, writes: 0%,
            region: {{ipa: 0x40200000, size: 2MiB}}, hot: {{size: 24KiB, share: 90%}}}}
variants:
  - {{name: a, af: hardware}}
seeds: {{count: 1, first: {seed + 1}}}
run: {{duration: 50us}}
"""


def check_random(make, seeds, tmp_path):
    ran = 0
    for seed in seeds:
        scenario = tmp_path / f"{seed}.yaml"
        scenario.write_text(make(seed), encoding="utf-8")
        if stage2sim("check", scenario).returncode != 0:
            continue
        ran += 1
        assert results(scenario, tmp_path / f"{seed}-ahead") == \
            results(scenario, tmp_path / f"{seed}-in-order", "--no-run-ahead"), scenario
    assert ran >= 0.9 * len(seeds)


def test_some_random_scenarios_give_the_same_with_and_without_running_ahead(tmp_path):
    check_random(random_scenario, range(10), tmp_path)


def test_random_scenarios_give_the_same_with_and_without_running_ahead(tmp_path):
    check_random(random_scenario, range(1000, 1220), tmp_path)


def test_some_random_walks_give_the_same_with_and_without_running_ahead(tmp_path):
    check_random(walking_scenario, range(10), tmp_path)


def test_a_guest_that_reads_its_tables_gives_the_same_with_and_without_running_ahead(tmp_path):
    check_random(tables_as_data, range(6), tmp_path)


def test_some_random_storms_give_the_same_with_and_without_running_ahead(tmp_path):
    check_random(storming_scenario, range(12), tmp_path)


def test_random_storms_give_the_same_with_and_without_running_ahead(tmp_path):
    check_random(storming_scenario, range(1000, 1220), tmp_path)


def test_random_walks_give_the_same_with_and_without_running_ahead(tmp_path):
    check_random(walking_scenario, range(1000, 1220), tmp_path)


def idle_scenario(overrides, guest, variant, duration):
    """The text of a scenario with vCPUs that wait for requests while and after blocks are
    made; `drain_ns` is the first time that all of them had no request left."""
    return f"""stage2sim: 1
name: idle
platform: neoverse-v2-like
overrides: {{{overrides}, hyp.fault: 5us}}
pes: 9
vms:
  - name: guest
    vcpus: 8
    memory:
      - {{ipa: 0x40000000, size: 4MiB, map: 4K, backing: 2M}}
    guest: {{kind: requests, {guest}}}
hypervisor: {{path: kvm-6.2}}
events:
  - {{at: 20us, coalesce: {{ipa: 0x40000000, size: 4MiB, block: 2M}}}}
variants:
  - {{name: a, {variant}}}
seeds: {{count: 40}}
run: {{duration: {duration}}}
"""


IDLE = {
    # Nobody invalidates the pages behind the block: the first vCPU that walks to the
    # block and hits a page stops the VM, long after the block was made.
    "a-vm-that-stops": idle_scenario(
        "tlb.l2.entries: 0, tlb.s2.entries: 0, tlb.walk.s2l0.entries: 0, "
        "tlb.walk.s2l1.entries: 0, tlb.walk.s2l2.entries: 0",
        "interval: 10us, accesses: 4, think: 1us",
        "sequence: bbml2, conflict: abort, defect: missing-tlbi", "400us"),
    # The requests end as the blocks are made.
    "a-guest-that-ends": idle_scenario(
        "dvm.hop: 5us", "interval: 1us, accesses: 1, hot: {size: 4KiB, share: 100%}",
        "sequence: bbm", "95us"),
}


@pytest.mark.parametrize("name", IDLE)
def test_idle_times_of_a_vcpu_that_ends_ahead_of_others_are_not_lost(name, tmp_path):
    scenario = tmp_path / "idle.yaml"
    scenario.write_text(IDLE[name], encoding="utf-8")
    ahead = results(scenario, tmp_path / "ahead", "--seeds", "40")
    assert ahead == results(scenario, tmp_path / "in-order", "--seeds", "40",
                            "--no-run-ahead")
    rows = list(csv.DictReader(io.StringIO(ahead[2]["seeds.csv"].decode())))
    assert len({row["drain_ns"] for row in rows}) > 1  # it was measured, somewhere
    assert any(row["stopped_at_ns"] for row in rows) == (name == "a-vm-that-stops")


def stopping_scenario(exit_time, entry):
    """The text of a scenario that an exception ends which takes less time than a message
    to another PE."""
    return f"""stage2sim: 1
name: stopping
platform: neoverse-v2-like
overrides: {{tlb.walk.s1l2.entries: 0, tlb.walk.s2l2.entries: 0, hyp.fault: 0ns,
            hyp.exit: {exit_time}, hyp.entry: {entry}}}
pes: 5
vms:
  - name: guest
    vcpus: 4
    memory:
      - {{ipa: 0x40000000, size: 2MiB, map: 4K, backing: 2M}}
    guest: {{kind: requests, interval: 200ns, accesses: 4, writes: 30%}}
hypervisor: {{path: kvm-6.2, tlbi: vmid, relax: local}}
events:
  - {{at: 6us, age: {{ipa: 0x40000000, size: 2MiB}}}}
  - {{at: 10us, coalesce: {{ipa: 0x40000000, size: 2MiB, block: 2M}}}}
variants:
  - {{name: a, sequence: bbml2, conflict: abort, af: fault}}
run: {{duration: 30us}}
"""


@pytest.mark.parametrize("exit_time, entry", [("1ns", "150ns"), ("60ns", "0ns")])
def test_no_vcpu_is_ahead_of_an_exception_that_stops_its_vm(exit_time, entry, tmp_path):
    scenario = tmp_path / "stopping.yaml"
    scenario.write_text(stopping_scenario(exit_time, entry), encoding="utf-8")
    ahead = results(scenario, tmp_path / "ahead", "--seeds", "60")
    assert ahead == results(scenario, tmp_path / "in-order", "--seeds", "60",
                            "--no-run-ahead")
    rows = csv.DictReader(io.StringIO(ahead[2]["seeds.csv"].decode()))
    assert any(row["stopped_at_ns"] for row in rows)


QUANTUM = ("--quantum", "10us", "--force-quantum")


def test_a_quantum_is_refused_unless_it_is_forced(tmp_path):
    done = stage2sim("run", "-q", "-o", tmp_path / "out", "--quantum", "10us", SMALL[0])
    assert done.returncode == 2
    assert "--force-quantum" in done.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("text", ["10", "0ns", "2s", "3cycles", "x"])
def test_a_quantum_is_a_time_of_at_most_a_second(text, tmp_path):
    done = stage2sim("run", "-q", "-o", tmp_path / "out", "--quantum", text,
                     "--force-quantum", SMALL[0])
    assert done.returncode == 2
    assert f"--quantum {text}: a time of 1ps to 1s" in done.stderr


def test_a_run_with_a_quantum_says_that_it_is_not_exact(tmp_path):
    out = tmp_path / "out"
    done = stage2sim("run", "-o", out, *QUANTUM, SCENARIOS / "good" / "coalesce-2m.yaml")
    info = json.loads((out / "run.json").read_text(encoding="utf-8"))
    assert done.returncode in (0, 1)
    assert "NOT EXACT: PEs ran ahead of each other by a quantum of 10000 ns" in done.stdout
    assert info["inexact"] == {"quantum_ns": 10000.0}
    assert "--quantum 10000000ps --force-quantum" in info["reproduce"]


def test_a_run_without_a_quantum_does_not(tmp_path):
    _, _, files = results(SCENARIOS / "good" / "one-vcpu.yaml", tmp_path / "out")
    assert b"inexact" not in files["run.json"]
