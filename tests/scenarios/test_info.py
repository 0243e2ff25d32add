# SPDX-License-Identifier: Apache-2.0
"""The command info, and the pages of docs/ whose blocks it and translate print.

python3 tests/scenarios/test_info.py --update writes those blocks anew."""

import csv
import io
import json
import os
import re
import shlex
import subprocess
import sys

import pytest

from program import BINARY, ROOT, SCENARIOS, stage2sim

PAGES = [ROOT / "docs" / "geometry.md", ROOT / "docs" / "hyp-va.md"]
PLATFORMS = sorted(p.stem for p in (SCENARIOS / "platforms").glob("*.yaml"))
BLOCK = re.compile(r"^```\n\$ stage2sim ([^\n]*)\n(.*?)^```$", re.M | re.S)
MACHINE = ["--idmap", "0x40a5d000", "--dram-start", "0x40000000",
           "--dram-end", "0x140000000"]


def told(*args):
    done = stage2sim("info", *args)
    assert done.returncode == 0, (done.returncode, done.stderr)
    assert done.stderr == ""
    return done.stdout


def refused(*args):
    done = stage2sim("info", *args)
    assert done.returncode == 2, (done.returncode, done.stdout, done.stderr)
    assert done.stdout == ""
    return done.stderr


def table(*args):
    return list(csv.DictReader(io.StringIO(told("geometry", "--csv", *args))))


def printed(command):
    """What a block of a page shows of a command: stdout, then stderr but its hint."""
    done = stage2sim(*shlex.split(command), cwd=ROOT)
    return done.stdout + re.sub(r"^Try: .*\n", "", done.stderr, flags=re.M)


# ---- docs ----

@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.stem)
def test_each_block_of_a_page_is_what_its_command_prints(page):
    blocks = BLOCK.findall(page.read_text(encoding="utf-8"))
    assert len(blocks) >= 4
    for command, text in blocks:
        assert printed(command) == text, f"{page}: stage2sim {command}"


# ---- geometry ----

@pytest.mark.parametrize("fact, args, want", [
    ("16K, 48-bit host VA, 40-bit IPA: 2 fake levels",
     ["--granule", "16K", "--ipa-bits", "40", "--va-bits", "48"],
     {"fake_levels": "2", "start_bytes": str(256 << 10), "tables": "16"}),
    ("40-bit IPA is fine on a 16K kernel of 36-bit VAs",
     ["--granule", "16K", "--ipa-bits", "40", "--va-bits", "36"],
     {"fake_levels": "0"}),
    ("64K: a start table of 1 MiB, aligned to 1 MiB",
     ["--granule", "64K", "--ipa-bits", "46"],
     {"start_bytes": str(1 << 20), "align_bytes": str(1 << 20), "vttbr_x": "20"}),
    ("4K with 40-bit IPA: two tables",
     ["--granule", "4K", "--ipa-bits", "40", "--va-bits", "48"],
     {"tables": "2", "start_level": "1", "t0sz": "24", "sl0": "1", "vttbr_x": "13",
      "fake_levels": "1", "nested_reads": "19",
      "blocks_bytes": f"{1 << 21} {1 << 30}"}),
    ("a 39-bit kernel refuses 48-bit IPAs",
     ["--granule", "4K", "--ipa-bits", "48", "--va-bits", "39"],
     {"fake_levels": "unsupported"}),
    ("4K, 52-bit IPA: 16 tables in place of level -1",
     ["--granule", "4K", "--ipa-bits", "52", "--pa-bits", "52", "--lpa2"],
     {"tables": "16", "start_level": "0", "sl2": "0", "ds": "1"}),
    ("64K, 52-bit IPA needs a 52-bit PA",
     ["--granule", "64K", "--ipa-bits", "52", "--pa-bits", "52"],
     {"pa_bits_min": "52", "tables": "1",
      "blocks_bytes": f"{1 << 29} {1 << 42}"}),
])
def test_facts_of_the_history_of_kvm_come_out(fact, args, want):
    chosen = [row for row in table(*args) if row["kvm"] == "1"]
    assert chosen, fact
    for row in chosen:
        assert {key: row[key] for key in want} == want, fact


def test_kvm_chooses_one_geometry_of_each_space_that_it_gives():
    spaces = {}
    for row in table():
        at = spaces.setdefault((row["granule"], int(row["ipa_bits"])), set())
        at.add((row["start_level"], row["kvm"]))
    assert len(spaces) == 3 * (48 - 25 + 1)
    for (_, ipa_bits), choices in spaces.items():
        assert sum(kvm == "1" for _, kvm in choices) == (ipa_bits >= 32)
    wide = {(r["granule"], r["ipa_bits"]) for r in table("--pa-bits", "52", "--lpa2")
            if r["kvm"] == "1" and int(r["ipa_bits"]) > 48}
    assert len(wide) == 3 * 4


def test_geometry_says_the_same_as_csv_json_and_text():
    args = ["--pa-bits", "52", "--lpa2", "--ttst"]
    rows, whole = table(*args), json.loads(told("geometry", "--json", *args))
    docs = whole.pop("geometries")
    assert whole == {"pa_bits": 52, "ttst": True, "lpa2": True}
    flat = []
    for doc in docs:
        for host in doc.pop("hosts"):
            both = {**doc, **host,
                    "blocks_bytes": " ".join(map(str, doc["blocks_bytes"]))}
            flat.append({k: str(int(v) if isinstance(v, bool) else v)
                         for k, v in both.items()})
    assert flat == rows
    lines = told("geometry", *args).splitlines()[3:]
    assert len(lines) == len(docs)
    for line, doc in zip(lines, docs):
        assert line.startswith("*" if doc["kvm"] else " ")
        assert line[1:].split()[:9] == [
            str(int(doc[k])) if k != "granule" else doc[k] for k in
            ("granule", "ipa_bits", "start_level", "levels", "ds", "sl2", "sl0", "t0sz",
             "tables")]
        assert f"[47:{doc['vttbr_x']}] " in line
        assert doc["align_bytes"] == 1 << doc["vttbr_x"]


@pytest.mark.parametrize("args, words", [
    (["--ipa-bits", "15"], ["--ipa-bits", "'15'", "16 to 52"]),
    (["--ipa-bits", "4O"], ["--ipa-bits", "'4O'"]),
    (["--ipa-bits", "40", "--pa-bits", "36"],
     ["above the PA size of 36", "KVM refuses its default", "up to 36"]),
    (["--ipa-bits", "44", "--pa-bits", "42"], ["above the PA size of 42"]),
    (["--ipa-bits", "20"], ["no SL0 is legal", "--ttst"]),
    (["--granule", "8K"], ["--granule", "'8K'", "4K, 16K, 64K"]),
    (["--pa-bits", "41"], ["--pa-bits", "41", "32, 36, 40, 42, 44, 48, 52"]),
    (["--va-bits", "53"], ["--va-bits", "'53'", "25 to 52"]),
    (["more"], ["'more'"]),
    (["--frobnicate"], ["--frobnicate"]),
])
def test_geometry_refuses_what_no_implementation_has(args, words):
    message = refused("geometry", *args)
    for word in words:
        assert word in message
    if args == ["--ipa-bits", "44", "--pa-bits", "42"]:
        assert "default" not in message


def test_the_plot_of_geometries_is_drawn_from_the_table(tmp_path):
    done = subprocess.run(
        [sys.executable, "-B", "-m", "reports", "geometry", "-o", str(tmp_path / "out"),
         "--ttst"], cwd=ROOT, capture_output=True, text=True,
        env=dict(os.environ, STAGE2SIM_BINARY=str(BINARY), STAGE2SIM_ROOT=str(ROOT)))
    assert done.returncode == 0, done.stderr
    with open(tmp_path / "out" / "geometry.csv", encoding="utf-8", newline="") as f:
        drawn = list(csv.DictReader(f))
    key = ("granule", "ipa_bits", "kvm", "levels", "tables_1_page_bytes",
           "nested_reads")
    want = [tuple(r[k] for k in key) for r in table("--ttst", "--va-bits", "48")]
    assert sorted(tuple(r[k] for k in key) for r in drawn) == sorted(want)
    assert (tmp_path / "out" / "geometry.svg").stat().st_size > 1000


# ---- hyp-va ----

@pytest.mark.parametrize("name", ["hyp-va", "hyp-va-idmap-outside"])
def test_the_example_of_translate_uses_the_addresses_of_info_hyp_va(name):
    text = (SCENARIOS / "translate" / f"{name}.yaml").read_text(encoding="utf-8")
    command = re.search(r"stage2sim (info hyp-va (?:.|\\\n#)*?)\n#(?!  )", text)
    args = shlex.split(command.group(1).replace("\\\n#", " "))
    layout = json.loads(told(*args[1:], "--json"))
    assert f"HYP VA {layout['hyp_va']}" in text.replace("\n# ", " ")
    t0sz = int(re.search(r"TCR_EL2: +0x([0-9a-f]+)", text).group(1), 16) & 63
    assert layout["el2_t0sz"] == t0sz
    assert args[args.index("--idmap") + 1] == layout["idmap"]


def test_both_addresses_of_the_odd_case_are_in_one_table_of_el2(tmp_path):
    file = SCENARIOS / "translate" / "hyp-va-idmap-outside.yaml"
    text, found = re.subn(r"^query:.*\nexpect:.*$",
                          "query: {va: 0x4001234560, how: ldr, el: 2}\n"
                          "expect: {pa: 0x8001234560}",
                          file.read_text(encoding="utf-8"), flags=re.M)
    assert found == 1
    other = tmp_path / "other.yaml"
    other.write_text(text, encoding="utf-8")
    assert stage2sim("translate", other).returncode == 0


def test_the_seed_decides_the_tag_and_nothing_else():
    layouts = [json.loads(told("hyp-va", *MACHINE, "--json", *more)) for more in
               (["--seed", "1"], ["--seed", "2"], ["--seed", "1"], [],
                ["--random", "0xffffffffffffffff"])]
    one, two, again, none, ones = layouts
    assert one == again and one["tag"] != two["tag"]
    assert none["tag"] == "0x800000000000"
    assert ones["tag"] == "0xffff00000000"
    keys = set(one) - {"tag", "memory_first", "memory_last"}
    assert {k: one[k] for k in keys} == {k: two[k] for k in keys} \
        == {k: none[k] for k in keys}


def test_vhe_needs_no_conversion():
    assert json.loads(told("hyp-va", "--vhe", "--json", "--va", "0xffff000001234560")) \
        == {"vhe": True, "instructions": 0, "hyp_va": "0xffff000001234560"}
    assert "0xffff000001234560 -> the same" in told("hyp-va", "--vhe", "--va",
                                                    "0xffff000001234560")


@pytest.mark.parametrize("args, words", [
    ([], ["--idmap, --dram-start and --dram-end"]),
    (MACHINE[:4], ["--dram-end are needed"]),
    ([*MACHINE, "--idmap", "0x1g"], ["--idmap", "'0x1g'", "hexadecimal"]),
    ([*MACHINE, "--idmap", "0x10000000000000"], ["--idmap", "below 2^52"]),
    ([*MACHINE, "--dram-end", "0x40000000"], ["--dram-end", "not above"]),
    ([*MACHINE, "--va-bits", "32"], ["end less than 2^31 bytes"]),
    ([*MACHINE, "--memstart", "0x80000000"], ["begin at --memstart (0x80000000)"]),
    ([*MACHINE, "--va", "0x1000"],
     ["--va", "0xffff000000000000 to 0xffff0000ffffffff"]),
    ([*MACHINE, "--va-bits", "24"], ["--va-bits", "25 to 52"]),
    ([*MACHINE, "--seed", "-1"], ["--seed", "'-1'"]),
    ([*MACHINE, "--granule", "2M"], ["--granule"]),
    ([*MACHINE, "more"], ["'more'"]),
])
def test_hyp_va_refuses_a_machine_that_cannot_be(args, words):
    message = refused("hyp-va", *args)
    for word in words:
        assert word in message


# ---- platform ----

@pytest.mark.parametrize("name", PLATFORMS)
def test_platform_prints_each_parameter_with_its_source(name):
    shipped = (SCENARIOS / "platforms" / f"{name}.yaml").read_text(encoding="utf-8")
    doc = json.loads(told("platform", "--json", name))
    assert doc["name"] == name and doc["title"] in shipped
    lines = told("platform", name).splitlines()
    by_name = {line[2:].split()[0]: line for line in lines[2:-2]}
    assert list(by_name) == [p["name"] for p in doc["parameters"]]
    for p in doc["parameters"]:
        line = by_name[p["name"]]
        assert p["source"] == "default" or p["source"] in shipped
        assert p["assumed"] == p["source"].startswith("assumed")
        assert line.startswith("?" if p["assumed"] else " ")
        assert p["text"] in line and line.endswith(p["source"])
        assert p["unit"] in ("", "ns", "B", "kHz") and p["what"]
    assumed = sum(p["assumed"] for p in doc["parameters"])
    assert lines[-1] == f"{len(doc['parameters'])} parameters, {assumed} of them " \
                        "assumed (?)"


def test_platform_takes_a_path_and_prints_what_a_run_records():
    path = SCENARIOS / "platforms" / "neoverse-n1-like.yaml"
    assert told("platform", path) == told("platform", "neoverse-n1-like")
    values = {p["name"]: (p["value"], p["unit"]) for p in
              json.loads(told("platform", "--json", path))["parameters"]}
    assert values["hyp.clean_line"] == (7.75, "ns")
    assert values["clock"] == (3000000, "kHz")
    assert values["mem.l2.size"] == (1 << 20, "B")
    assert values["feat.s2fwb"] == (False, "")
    assert values["tlb.l1d.sizes"] == ("4K, 16K, 64K, 2M, 512M", "")


def test_platform_refuses_what_is_none(tmp_path):
    message = refused("platform", "neoverse-n9")
    assert "'neoverse-n9'" in message
    for name in PLATFORMS:
        assert name in message
    assert "absent.yaml: error[S001]" in refused("platform", tmp_path / "absent.yaml")
    bad = tmp_path / "bad.yaml"
    bad.write_text("stage2sim-platform: 1\nname: bad\ntitle: bad\n", encoding="utf-8")
    assert f"{bad}:1:1: error[S005]" in refused("platform", bad)
    assert "one platform is needed" in refused("platform")
    assert "--frobnicate" in refused("platform", "--frobnicate")


# ---- the command ----

def test_info_names_its_topics():
    for args in ([], ["colours"]):
        assert "geometry, hyp-va, platform" in refused(*args)
    assert told("--help").startswith("usage: stage2sim info")
    for topic in ("geometry", "hyp-va", "platform"):
        assert told(topic, "--help").startswith(f"usage: stage2sim info {topic}")


def update():
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        page.write_text(BLOCK.sub(
            lambda m: f"```\n$ stage2sim {m[1]}\n{printed(m[1])}```", text),
            encoding="utf-8")


if __name__ == "__main__":
    if sys.argv[1:] != ["--update"]:
        sys.exit("usage: test_info.py --update")
    update()
