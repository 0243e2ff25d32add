# SPDX-License-Identifier: Apache-2.0
"""What one VM costs another that shares no memory with it: TLBIs that its PEs serve,
and lines of the last-level cache."""

import pytest

from program import rows, run

PES = 5
LOST_NS = 1000
LLC_NS, DRAM_NS = 40, 140

# The quiet VM reads 8192 lines again and again, each access after the one before, with
# one translation. The other VM does what `noise` says.
SCENARIO = """\
stage2sim: 1
name: neighbours
platform: neoverse-n1-like
overrides:
  dvm.lookup_lost: {lost}ns
  dvm.scope: {scope}
  pe.outstanding: 1
  mem.l2.size: 64KiB
  mem.l2.ways: 4
  mem.llc.size: 1MiB
  mem.llc.ways: 16
  mem.llc.latency: {llc}ns
  mem.dram: {dram}ns
pes: {pes}
vms:
  - name: quiet
    vcpus: 1
    memory: [{{ipa: 0x40000000, size: 2MiB, map: 2M}}]
    guest:
      kind: stages
      stages:
        - {{pattern: chase, region: {{ipa: 0x40000000, size: 512KiB}}, stride: 64B, accesses: 8192}}
        - {{pattern: chase, region: {{ipa: 0x40000000, size: 512KiB}}, stride: 64B, accesses: 24576}}
  - name: other
    vcpus: 2
    memory: [{{ipa: 0x40000000, size: 16MiB, pa: 0x80000000, map: 4K, backing: 2M}}]
    {noise}
hypervisor: {{path: kvm-6.2, lock: exclusive, clean: none}}
{events}variants: [{{name: bbm}}]
seeds: {{count: 1}}
"""
IDLE = "guest: {kind: idle}"
STREAM = "guest: {kind: stream, pattern: sequential, stride: 64B, think: 10ns, accesses: 500000}"
STORM = ("events: [{vm: other, at: 1200us, "
         "coalesce: {ipa: 0x40000000, size: 16MiB, block: 2M}}]\n")


def quiet_and_other(tmp_path, scope="domain", lost=0, noise=IDLE, events=""):
    """Time of the quiet VM's second stage in ns, and what the other has counted."""
    scenario = tmp_path / f"{scope}.yaml"
    scenario.write_text(SCENARIO.format(
        scope=scope, lost=lost, noise=noise, events=events, pes=PES, llc=LLC_NS,
        dram=DRAM_NS))
    folder = run(scenario, tmp_path / "out", "--force")
    stage = rows(folder / "vms" / "quiet" / "stages.csv")[1]
    other, = rows(folder / "vms" / "other" / "summary.csv")
    return float(stage["time_ns"]), other


@pytest.mark.parametrize("scope, hears", [("domain", True), ("vm", False)])
def test_a_storm_costs_the_other_vm_its_tlbis_unless_they_reach_their_vm_only(
        tmp_path, scope, hears):
    alone, _ = quiet_and_other(tmp_path, scope, LOST_NS)
    beside, other = quiet_and_other(tmp_path, scope, LOST_NS, events=STORM)
    tlbis = int(float(other["tlbis"]))
    assert tlbis >= 8
    assert beside - alone == pytest.approx(tlbis * LOST_NS if hears else 0, abs=1)
    receivers = PES - 1 if hears else 2  # of TLBI and Sync
    assert float(other["dvm_messages"]) == 2 * tlbis * receivers


def test_a_vm_that_streams_through_the_shared_cache_turns_hits_into_dram_reads(
        tmp_path):
    alone, _ = quiet_and_other(tmp_path)
    beside, _ = quiet_and_other(tmp_path, noise=STREAM)
    misses = (beside - alone) / (DRAM_NS - LLC_NS)
    assert 0.98 * 24576 <= misses <= 24576


def test_the_machine_is_the_sum_of_its_vms(tmp_path):
    scenario = tmp_path / "sum.yaml"
    scenario.write_text(SCENARIO.format(
        scope="vm", lost=0, noise=STREAM.replace("500000", "20000"), events=STORM,
        pes=PES, llc=LLC_NS, dram=DRAM_NS))
    folder = run(scenario, tmp_path / "out")
    whole, = rows(folder / "summary.csv")
    parts = [rows(folder / "vms" / name / "summary.csv")[0]
             for name in ("quiet", "other")]
    for column in ("accesses", "faults", "dvm_messages", "tlbis", 
                   "tlb_lookups", "walks"):
        assert float(whole[column]) == sum(float(p[column]) for p in parts), column
    assert float(whole["tlbis"]) >= 8
