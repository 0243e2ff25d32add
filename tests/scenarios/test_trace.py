# SPDX-License-Identifier: Apache-2.0
"""The commands import and trace-info: recordings of every format in and out."""

import gzip
import json
import lzma

import pytest

from program import ROOT, SCENARIOS, stage2sim

SHIPPED = SCENARIOS / "traces" / "kvm612-pagetable-2m-4vcpu-adjust.txt.xz"
DATA = ROOT / "tests" / "unit" / "trace" / "data"
SHARED = ROOT.parent / "shared" / "traces"
LINE = " kvm_page_table_-381     [001] d....    73.001267: {}\n"


def info(*args):
    done = stage2sim("trace-info", "--json", *args)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def imported(source, folder, *options):
    out = folder / "out.s2t"
    done = stage2sim("import", source, "-o", out, *options)
    assert done.returncode == 0, done.stderr
    return out


def without_source(facts):
    """What must not depend on how the recording is stored."""
    return {k: v for k, v in facts.items() if k not in ("file", "stored", "packing")}


def test_trace_info_has_the_keys_that_others_rely_on():
    facts = info(SHIPPED)
    assert facts["faults"] == 829
    assert facts["vcpus"] == 4
    assert facts["events"]["kvm_guest_fault"] == 829
    assert facts["events"]["s2_map_ret"] == 825
    assert facts["lost"] == 0
    assert facts["not_understood"] == 0
    assert facts["eagain_share"] == pytest.approx(761 / 825)
    assert sum(facts["faults_by_class"].values()) == 829
    assert sum(facts["faults_by_access"].values()) == 829


def test_an_imported_trace_tells_the_same_as_its_source(tmp_path):
    stored = info(imported(SHIPPED, tmp_path))
    assert stored["stored"]
    assert without_source(stored) == without_source(info(SHIPPED))


def test_a_trace_dat_tells_the_same_as_its_report():
    dat = info(DATA / "kvm61-small.v7.trace.dat.zst")
    report = info(DATA / "kvm61-small.report.txt.xz")
    for key in ("events", "faults", "vcpus", "vcpu_list", "faults_by_class",
                "faults_by_type", "slots", "top_blocks", "not_understood", "lost"):
        assert dat[key] == report[key], key


def test_the_name_of_a_recording_does_not_matter(tmp_path):
    text = lzma.decompress(SHIPPED.read_bytes())
    for name, data in (("trace.dat", text), ("x.xz", gzip.compress(text))):
        (tmp_path / name).write_bytes(data)
        assert info(tmp_path / name)["faults"] == 829


def test_a_kvm_event_that_is_not_understood_is_counted_and_shown(tmp_path):
    file = tmp_path / "trace"
    file.write_text(LINE.format("kvm_entry: PC: 0x1") + LINE.format("kvm_later: x 1")
                    + LINE.format("kvm_later: x 2"), encoding="utf-8")
    for source in (file, imported(file, tmp_path)):
        facts = info(source)
        assert facts["not_understood"] == 2
        assert facts["events"] == {"kvm_entry": 1, "kvm_later": 2}
        assert facts["not_understood_list"] == [
            {"event": "kvm_later", "count": 2, "first_line": 2, "first": "x 1"}]
        assert "kvm_later: 2 of 2 events not understood" in \
            stage2sim("trace-info", source).stderr


def test_lost_events_are_reported_by_every_command(tmp_path):
    file = tmp_path / "trace"
    file.write_text("CPU:1 [LOST 12 EVENTS]\n" + LINE.format("kvm_entry: PC: 0x1"),
                    encoding="utf-8")
    stored = imported(file, tmp_path)
    for args in (("trace-info", file), ("trace-info", stored),
                 ("import", file, "-o", stored)):
        done = stage2sim(*args)
        assert done.returncode == 0
        assert "12 events were lost" in done.stderr
    assert info(stored)["lost"] == 12


def test_import_gives_the_text_back(tmp_path):
    source = lzma.decompress(SHIPPED.read_bytes()).decode().splitlines()
    done = stage2sim("import", "--text", imported(SHIPPED, tmp_path))
    events = [line for line in done.stdout.splitlines() if not line.startswith("#")]
    assert events == [line for line in source if not line.startswith("#")]


def test_import_of_a_memslot_leaves_the_others_out(tmp_path):
    facts = info(imported(SHIPPED, tmp_path, "--slot", "1"))
    assert facts["faults"] == 825
    assert facts["faults_in_no_slot"] == 0
    done = stage2sim("import", SHIPPED, "-o", tmp_path / "no.s2t", "--slot", "7")
    assert done.returncode == 2
    assert "no memslot_commit of slot 7" in done.stderr


def test_a_bad_recording_names_file_and_line_and_leaves_no_file(tmp_path):
    file = tmp_path / "trace"
    file.write_text(LINE.format("kvm_entry: PC: 0x1") + "nonsense\n", encoding="utf-8")
    done = stage2sim("import", file, "-o", tmp_path / "out.s2t")
    assert done.returncode == 2
    assert done.stderr.startswith(f"{file}:2: error: neither a comment nor an event")
    assert stage2sim("trace-info", file).returncode == 2
    assert stage2sim("trace-info", tmp_path / "none").returncode == 2
    assert sorted(f.name for f in tmp_path.iterdir()) == ["trace"]


def test_bad_command_lines_of_import_and_trace_info_are_refused():
    for args, says in ((("import", SHIPPED), "-o OUT.s2t is needed"),
                       (("import", "-o", "x"), "one recording is needed"),
                       (("import", SHIPPED, "-o", "x", "--vm", "-1"), "--vm '-1'"),
                       (("import", SHIPPED, "-o", "x", "--slot", "1x"), "--slot '1x'"),
                       (("trace-info",), "one recording is needed")):
        done = stage2sim(*args)
        assert done.returncode == 2
        assert says in done.stderr
    for command in ("import", "trace-info"):
        assert stage2sim(command, "--help").stdout.startswith("usage: stage2sim ")


COUNTS = {
    "kvm612-pagetable-2m-4vcpu.txt.xz": (37703, 38199, 198211),
    "kvm612-dirtylog-2m-4vcpu.txt.xz": (32923, 33084, 184225),
    "kvm612-pagetable-short.txt.xz": (314, 316, 1745),
    "kvm61-pagetable-2m-4vcpu-8M.trace.dat": (1092, 1098, 11627),
    "kvm61-pagetable-2m-4vcpu-8M.report.txt.xz": (1092, 1098, 11627),
}


@pytest.mark.parametrize("name", COUNTS)
def test_the_shared_recordings_have_their_counts(name, tmp_path):
    if not (SHARED / name).exists():
        pytest.skip(f"{SHARED / name} is not here")
    for source in (SHARED / name, imported(SHARED / name, tmp_path)):
        facts = info(source)
        assert (facts["faults"], facts["events"]["kvm_entry"], facts["records"]) \
            == COUNTS[name]
        assert facts["vcpus"] == 4
        assert facts["lost"] == 0
        assert facts["not_understood"] == 0


def test_a_s2t_has_at_most_a_15th_of_the_bytes_of_its_text(tmp_path):
    for name in [SHIPPED, *(SHARED / n for n in COUNTS if n.endswith(".xz"))]:
        if name.exists():
            text = len(lzma.decompress(name.read_bytes()))
            assert imported(name, tmp_path).stat().st_size * 15 <= text, name
