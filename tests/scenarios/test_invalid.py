# SPDX-License-Identifier: Apache-2.0
"""Input that must be refused: place and code on stderr, exit code 2, no output."""

import lzma
import re

import pytest

from program import HERE, SCENARIOS, stage2sim

INVALID = sorted((SCENARIOS / "invalid").glob("*.yaml"))
RECORDING = SCENARIOS / "traces" / "kvm612-pagetable-2m-4vcpu-adjust.txt.xz"


def expected(file):
    first = file.read_text(encoding="utf-8").splitlines()[0]
    found = re.fullmatch(r"# expect-error: ([A-Z]\d{3}) (\d+:\d+)", first)
    assert found, f"{file}:1: no '# expect-error: CODE LINE:COLUMN'"
    return found.groups()


@pytest.mark.parametrize("file", INVALID, ids=lambda p: p.stem)
def test_every_invalid_scenario_is_refused_at_its_line_and_column(file, tmp_path):
    code, place = expected(file)
    for command in (["check"], ["run"], ["run", "-o", "results"]):
        done = stage2sim(*command, file, cwd=tmp_path)
        assert done.returncode == 2, (command, done.stdout, done.stderr)
        assert f"{file}:{place}: error[{code}]: " in done.stderr, done.stderr
        assert list(tmp_path.iterdir()) == [], command


def test_there_are_invalid_scenarios():
    assert INVALID


def replay_of(data, folder):
    """A scenario that replays a recording made of these bytes."""
    (folder / "recording.txt.xz").write_bytes(data)
    template = (HERE / "replay.yaml.in").read_text(encoding="utf-8")
    file = folder / "replay.yaml"
    file.write_text(template.replace("TRACE", "recording.txt.xz"), encoding="utf-8")
    return file


def test_a_cut_off_recording_is_refused_at_line_and_offset(tmp_path):
    data = RECORDING.read_bytes()
    file = replay_of(data[:len(data) // 2], tmp_path)
    for command in ("check", "run"):
        done = stage2sim(command, file, cwd=tmp_path)
        assert done.returncode == 2, (done.stdout, done.stderr)
        assert re.search(r"recording\.txt\.xz:\d+: error\[T001\]: .*\(offset \d+\)",
                         done.stderr), done.stderr
        assert not (tmp_path / "out").exists()


def test_a_recording_with_a_damaged_event_is_refused_at_its_line(tmp_path):
    lines = lzma.decompress(RECORDING.read_bytes()).decode().split("\n")
    at = next(i for i, line in enumerate(lines) if "kvm_guest_fault:" in line)
    lines[at] = lines[at].replace("ipa 0x", "ipa 0q", 1)
    file = replay_of(lzma.compress("\n".join(lines).encode()), tmp_path)
    done = stage2sim("check", file)
    assert done.returncode == 2, (done.stdout, done.stderr)
    assert f"recording.txt.xz:{at + 1}: error[T001]" in done.stderr, done.stderr


def test_a_slot_without_faults_is_refused(tmp_path):
    file = replay_of(RECORDING.read_bytes(), tmp_path)
    file.write_text(file.read_text().replace("slot: 1", "slot: 77"))
    done = stage2sim("check", file)
    assert done.returncode == 2, (done.stdout, done.stderr)
    assert "error[T002]" in done.stderr, done.stderr
