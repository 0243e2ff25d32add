# SPDX-License-Identifier: Apache-2.0
"""What the translation caches of a scenario do over its seeds."""

import pytest

from program import rows, run

# One pass after the other over twice what the L2 TLB holds, in order: what random
# replacement keeps is the only thing that a seed can change.
CYCLE = """\
stage2sim: 1
name: cycle
platform: neoverse-n1-like
overrides: {{tlb.l2.replacement: {replacement}, pe.outstanding: 1}}
vms:
  - name: guest
    vcpus: 1
    memory:
      - {{ipa: 0x40000000, size: 10MiB}}
    guest: {{kind: stream, pattern: sequential, stride: 4KiB, accesses: 10240}}
variants:
  - {{name: a}}
seeds: {{count: 4}}
"""


@pytest.mark.parametrize("replacement, different", [("lru", False), ("random", True)])
def test_random_replacement_follows_the_seed(tmp_path, replacement, different):
    scenario = tmp_path / "cycle.yaml"
    scenario.write_text(CYCLE.format(replacement=replacement))
    folder = run(scenario, tmp_path / "out")
    walks = {row["walks"] for row in rows(folder / "seeds.csv")}
    assert (len(walks) > 1) == different, walks
