# SPDX-License-Identifier: Apache-2.0
"""The command translate: walks told step by step, and files of vectors.

python3 tests/scenarios/test_translate.py --update writes the golden outputs anew."""

import json
import lzma
import sys
from pathlib import Path

import pytest

from program import HERE, ROOT, SCENARIOS, stage2sim

EXAMPLES = sorted((SCENARIOS / "translate").glob("*.yaml"))
GOLDEN = HERE / "translate"
GOLDEN_OF = ["two-stages", "s1ptw-fault"]
EXCERPT = ROOT / "tests" / "conformance" / "vectors_excerpt.jsonl"
PUBLIC = ROOT.parent / "shared" / "vectors" / "translation-public.jsonl.xz"


def told(*args):
    done = stage2sim("translate", *args)
    assert done.returncode == 0, (done.returncode, done.stderr)
    assert done.stderr == ""
    return done.stdout


def example(name):
    return SCENARIOS / "translate" / f"{name}.yaml"


def edited(folder, name, *replacements):
    """An example with pieces of text replaced, each of which it must hold."""
    text = example(name).read_text(encoding="utf-8")
    for old, new in replacements:
        assert old in text, old
        text = text.replace(old, new)
    file = folder / "edited.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def excerpt_lines():
    return EXCERPT.read_text(encoding="utf-8").splitlines()


def doctored(folder, change):
    """The excerpt's header and first faulting and first translating case, changed."""
    lines = [json.loads(line) for line in excerpt_lines()]
    cases = [next(c for c in lines[1:] if "fault" in c["expect"]),
             next(c for c in lines[1:] if "pa" in c["expect"])]
    lines[0]["cases"] = len(cases)
    change(lines[0], *cases)
    file = folder / "doctored.jsonl"
    file.write_text("".join(json.dumps(o) + "\n" for o in [lines[0], *cases]),
                    encoding="utf-8")
    return file, cases


def refused(place, *args):
    done = stage2sim("translate", *args)
    assert done.returncode == 2, (done.returncode, done.stdout, done.stderr)
    assert place in done.stderr, done.stderr
    assert "passed" not in done.stdout
    return done


# ---- one walk ----

def test_every_translate_example_meets_its_expectations():
    assert len(EXAMPLES) >= 3
    for file in EXAMPLES:
        assert "\nexpect:" in file.read_text(encoding="utf-8")
        told(file)


@pytest.mark.parametrize("name", GOLDEN_OF)
def test_translate_tells_the_walk_as_the_golden_text_does(name):
    golden = (GOLDEN / f"{name}.txt").read_text(encoding="utf-8")
    assert told(example(name)) == golden


def test_translate_indents_nested_stage_2_steps_under_their_stage_1_descriptor():
    lines = told("--brief", example("two-stages")).splitlines()
    at = lines.index(next(line for line in lines if "VA[20:12] = 0x10" in line))
    assert lines[at].startswith("  level 3   table IPA 0x40002000")
    assert lines[at + 1] == "    stage 2 of IPA 0x40002080, to read this descriptor"
    assert lines[at + 2].startswith("      level 1   table PA 0x80000000, IPA[39:30]")
    assert "      => PA 0x90002080" in lines[at + 2:at + 8]


def test_translate_brief_leaves_the_fields_out_and_keeps_the_result():
    full = told(example("two-stages"))
    brief = told("--brief", example("two-stages"))
    assert "S2AP" in full and "S2AP" not in brief
    assert set(brief.splitlines()) <= set(full.splitlines())
    assert "result    PA 0x90634678" in brief


def test_translate_gives_the_same_walk_as_json():
    walk = json.loads(told("--json", example("two-stages")))
    assert walk["regime"]["name"] == "EL10"
    assert walk["stage_2"]["tables"] == 2 and walk["stage_2"]["start_level"] == 1
    reads = [s for s in walk["walk_stage_1"] if s["step"] == "read"]
    assert [s["level"] for s in reads] == [1, 2, 3]
    assert [s["pa"] for s in reads[2]["stage_2"]] == ["0x80000008", "0x80002000"]
    page = reads[2]["descriptor"]
    assert page["kind"] == "page"
    assert {"AF", "AP[2:1]", "PXN", "UXN", "nG"} <= {f["name"] for f in page["fields"]}
    swap = walk["walk_stage_1"][-1]
    assert swap["swap"] == {"old": "0x60000040234303", "new": "0x60000040234703"}
    result = walk["result"]
    assert result["pa"] == "0x90634678" and result["ipa"] == "0x40234678"
    assert result["allowed"] == {"el0": "---", "el1": "rw-", "pan_denies": False}
    assert result["mem_after"] == [["0x90002080", "0x60000040234703"]]


def test_translate_decodes_the_syndrome_of_a_fault():
    result = json.loads(told("--json", example("s1ptw-fault")))["result"]
    assert (result["fault"], result["stage"], result["level"], result["s1ptw"]) \
        == ("translation", 2, 2, True)
    esr = {f["name"]: f["value"] for f in result["esr"]["fields"]}
    assert esr["EC"] == "0x24" and esr["S1PTW"] == "0x1" and esr["DFSC"] == "0x6"
    assert result["far"] == "0x10678" and result["hpfar"]["value"] == "0x402010"
    assert result["target_el"] == 2 and result["why"]


@pytest.mark.parametrize("key, old, new, message", [
    ("pa", "pa: 0x90634678", "pa: 0x90634000",
     "expected pa 0x90634000, got 0x90634678"),
    ("fault", "pa: 0x90634678", "fault: permission",
     "expected fault permission, got none"),
    ("stage", "pa: 0x90634678", "stage: 2", "expected stage 2, got none"),
    ("mem_after", "0x0060000040234703", "0x0060000040234701",
     "expected mem_after {0x90002080: 0x60000040234701}, "
     "got {0x90002080: 0x60000040234703}"),
])
def test_a_translate_expectation_that_fails_ends_with_1_and_its_place(
        key, old, new, message, tmp_path):
    file = edited(tmp_path, "two-stages", (old, new))
    done = stage2sim("translate", file)
    assert done.returncode == 1
    number, line = next((n, text) for n, text in enumerate(
        file.read_text(encoding="utf-8").splitlines(), 1) if f"  {key}: " in text)
    column = line.index(": ") + 3
    assert done.stderr == f"{file}:{number}:{column}: expectation failed: {message}\n"
    assert "result    PA 0x90634678" in done.stdout


@pytest.mark.parametrize("feature, message", [
    ("{hafdbs: 0}", "expected pa 0x90634678, got none"),
    ("{hafdbs: 1}", None),
    ("{ID_AA64MMFR1_EL1: 0x11010211120}", "expected pa 0x90634678, got none"),
    ("{ID_AA64MMFR1_EL1: 0x11010211120, hafdbs: 2}", None),
])
def test_translate_takes_features_from_id_registers_and_by_name(feature, message,
                                                                tmp_path):
    """Without FEAT_HAFDBS TCR_EL1.HA is RES0: an Access flag fault."""
    file = edited(tmp_path, "two-stages", ("\nmemory:", f"\ncpu: {feature}\nmemory:"))
    done = stage2sim("translate", file)
    assert done.returncode == (1 if message else 0), done.stderr
    assert (message or "") in done.stderr


@pytest.mark.parametrize("old, new, place", [
    ("  SCTLR_EL1: 0x1 ", "  SCTLR_EL3: 0x1 ", "6:3: error[S004]"),
    ("0x8280800019", "0x8280800019g", "7:14: error[S010]"),
    ("0x8280800019", "0x18280800019828080", "7:14: error[S012]"),
    ("registers:", "register:", "4:1: error[S004]"),
    ("how: ldr", "how: load", "20:27: error[S013]"),
    ("how: ldr", "pan: false", "20:8: error[S020]"),
    ("how: ldr, el: 1", "how: AT S1E1R, el: 0", "20:41: error[S012]"),
    ("how: ldr", "how: ldr, access: w", "20:40: error[S013]"),
    ("{va: 0x10678,", "{va: 0x10678, ipa: 0x1,", "20:8: error[S020]"),
    ("0x80002008: 0x906007fd", "0x80002004: 0x906007fd", "15:3: error[S021]"),
    ("0x80002008: 0x906007fd", "0x080002000: 0x906007fd", "15:3: error[S003]"),
    ("0x80002008: 0x906007fd", "pa: 0x906007fd", "15:3: error[S010]"),
    ("0x80002008: 0x906007fd", "0x80002008: [1, 2]", "15:15: error[S006]"),
    ("\nmemory:", "\ncpu: {pa_bits: 41}\nmemory:", "11:16: error[S013]"),
    ("query: {", "query: {{", ": error[S00"),
])
def test_a_bad_translate_file_is_refused_at_its_line_and_column(old, new, place,
                                                                tmp_path):
    file = edited(tmp_path, "two-stages", (old, new))
    place = place if place.startswith(":") else f"{file}:{place}"
    assert refused(place, file).stdout == ""


def test_a_translate_file_that_is_no_map_or_missing_is_refused(tmp_path):
    file = tmp_path / "list.yaml"
    file.write_text("- 1\n", encoding="utf-8")
    refused(f"{file}:1:1: error[S006]", file)
    refused("absent.yaml: error[S001]: cannot be read", tmp_path / "absent.yaml")


def test_translate_takes_memory_as_map_and_as_list_of_pairs(tmp_path):
    file = edited(tmp_path, "s1ptw-fault",
                  ("[0x80000008, 0x80002003]", "[0x80000008]"))
    refused(f"{file}:12:5: error[S006]", file)
    told(example("s1ptw-fault"))
    told(example("two-stages"))


# ---- files of vectors ----

def test_the_shipped_excerpt_of_vectors_passes():
    assert told("--vectors", EXCERPT).splitlines()[-1] \
        == f"{len(excerpt_lines()) - 1} passed, 0 failed"


def test_all_public_vectors_pass_through_translate():
    if not PUBLIC.exists():
        pytest.skip(f"{PUBLIC} is absent")
    assert told("--vectors", PUBLIC) == "12001 passed, 0 failed\n"


def test_a_vector_with_a_wrong_answer_fails_with_expected_and_got(tmp_path):
    def change(_header, fault, good):
        fault["expect"]["level"] ^= 1
        good["expect"]["pa"] = "0x123000"

    file, (fault, good) = doctored(tmp_path, change)
    done = stage2sim("translate", "--vectors", file)
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    assert lines[-1] == "0 passed, 2 failed"
    assert lines[0] == f"{file}:2: {fault['id']}: level differs"
    assert lines[3] == f"{file}:3: {good['id']}: pa differs"
    assert lines[4].startswith("  expected  pa 0x123000")
    assert lines[5].startswith("  got       pa 0x") and "0x123000" not in lines[5]


def test_translate_tells_the_walk_of_one_vector():
    for line in excerpt_lines()[1:]:
        case = json.loads(line)
        text = told("--vectors", EXCERPT, "--case", case["id"])
        assert text.startswith(f"case      {case['id']}\n")
        assert text.splitlines()[-1].startswith("expected  ")
        result = json.loads(told("--json", "--vectors", EXCERPT, "--case",
                                 case["id"]))["result"]
        want = case["expect"]
        for key in {"pa", "fault", "stage", "level", "s1ptw", "far"} & want.keys():
            assert result[key] == want[key], (case["id"], key)
        assert sorted(result["mem_after"]) == sorted(case["mem_after"]), case["id"]


def test_one_vector_with_a_wrong_answer_ends_with_1(tmp_path):
    def change(_header, _fault, good):
        good["expect"]["pa"] = "0x123000"

    file, (_, good) = doctored(tmp_path, change)
    done = stage2sim("translate", "--vectors", file, "--case", good["id"])
    assert done.returncode == 1
    assert f"{file}:3: expectation failed: pa differs\n  expected  pa 0x123000" \
        in done.stderr
    assert "\n  got       pa 0x" in done.stderr


@pytest.mark.parametrize("old, new, place, why", [
    ('"regs"', '"regs" 7,', 2, "not the ':' after a key"),
    ('"HCR_EL2"', '"HCR_EL9"', 2, "no register that a walk reads"),
    ('"access": "', '"access": "q', 2, "not r, w or x"),
    ('"how": "', '"how": "AT S9', 2, "neither ldr, str, fetch nor an AT instruction"),
    ('"va": "0x', '"va": "0xg', 2, "not a hexadecimal string of 64 bits"),
    ('"header": true', '"header": 1', 1, "neither true nor false"),
    ('"header": true', '"head": true', 1, 'the first line lacks "header":true'),
])
def test_a_damaged_line_of_vectors_is_refused_at_line_and_column(old, new, place, why,
                                                                 tmp_path):
    file, _ = doctored(tmp_path, lambda *_: None)
    lines = file.read_text(encoding="utf-8").splitlines()
    assert old in lines[place - 1]
    lines[place - 1] = lines[place - 1].replace(old, new, 1)
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    done = refused(f"{file}:{place}:", "--vectors", file)
    assert why in done.stderr, done.stderr
    column = int(done.stderr[len(f"{file}:{place}:"):].split(":")[0])
    at = lines[place - 1].index(new)
    assert column == 1 or at < column <= at + len(new) + 1, (column, at)
    assert lines[place - 1][column - 1] not in " ,"


def test_a_vectors_file_with_too_few_cases_is_refused(tmp_path):
    def change(header, *_):
        header["cases"] = 3

    file, _ = doctored(tmp_path, change)
    done = stage2sim("translate", "--vectors", file)
    assert done.returncode == 2
    assert f"{file}:3: error[V005]: not as many cases as the header says" in done.stderr


def _blank_lines(lines):
    return "\n\n".join(lines) + "\n \n"


def _other_registers(lines):
    case = json.loads(lines[1])
    case["regs"].update({"MAIR_EL1": "0xff", "SCR_EL3": "0x1"})
    case["notes"] = [1.5e10]
    return "\n".join([lines[0], json.dumps(case), *lines[2:]]) + "\n"


def _no_count(lines):
    header = json.loads(lines[0])
    del header["cases"]
    return "\n".join([json.dumps(header), *lines[1:]]) + "\n"


@pytest.mark.parametrize("write", [_blank_lines, _other_registers, _no_count])
def test_what_decides_nothing_in_a_vectors_file_is_passed_over(write, tmp_path):
    file = tmp_path / "vectors.jsonl"
    file.write_text(write(excerpt_lines()), encoding="utf-8")
    assert told("--vectors", file).splitlines()[-1] == "296 passed, 0 failed"


def test_an_xz_file_may_be_made_of_several_streams(tmp_path):
    lines = [line + "\n" for line in excerpt_lines()]
    file = tmp_path / "vectors.jsonl.xz"
    file.write_bytes(b"".join(lzma.compress("".join(part).encode())
                              for part in (lines[:100], lines[100:])))
    assert told("--vectors", file).splitlines()[-1] == "296 passed, 0 failed"


def test_a_failure_weighs_more_than_a_wrong_number_of_cases(tmp_path):
    def wrong(header, faults, _translates):
        header["cases"] = 7
        faults["expect"]["level"] = (faults["expect"]["level"] + 1) % 4

    file, _ = doctored(tmp_path, wrong)
    done = stage2sim("translate", "--vectors", file)
    assert done.returncode == 1
    assert done.stdout.endswith("1 passed, 1 failed\n")
    assert "V005" in done.stderr


# AArch64.BranchAddr: with TBI = 1, TBID = 0 the tag of a branch target is dropped.
def test_a_fetch_is_of_the_address_that_the_branch_makes_of_its_target(tmp_path):
    tagged = {"id": "tagged", "cat": "s1_config", "regime": "EL10",
              "regs": {"SCTLR_EL1": "0x1", "TCR_EL1": "0x2000000010",
                       "TTBR0_EL1": "0x80000000"},
              "mem": [], "mem_after": [],
              "query": {"va": "0x5a00000012345678", "el": 1, "access": "x",
                        "how": "fetch"},
              "expect": {"fault": "translation", "stage": 1, "level": 0,
                         "s1ptw": False, "target_el": 1, "esr": "0x86000004",
                         "far": "0x12345678"}}
    header = json.loads(excerpt_lines()[0])
    header["cases"] = 1
    file = tmp_path / "vectors.jsonl"
    file.write_text(json.dumps(header) + "\n" + json.dumps(tagged) + "\n")
    assert told("--vectors", file).splitlines()[-1] == "1 passed, 0 failed"


def test_a_cut_off_xz_of_vectors_is_refused_with_line_and_offset(tmp_path):
    whole = lzma.compress(EXCERPT.read_bytes())
    file = tmp_path / "vectors.jsonl.xz"
    file.write_bytes(whole)
    assert told("--vectors", file).endswith(" passed, 0 failed\n")
    file.write_bytes(whole[:len(whole) // 2])
    done = refused(f"{file}:", "--vectors", file)
    assert f"beyond offset {len(whole) // 2}" in done.stderr
    file.write_bytes(b"not xz at all\n")
    refused(f"{file}: error[V002]", "--vectors", file)


def test_a_missing_vectors_file_and_an_unknown_case_are_refused(tmp_path):
    refused("absent.jsonl: error[V001]: cannot be opened: No such file",
            "--vectors", tmp_path / "absent.jsonl")
    refused(f"{EXCERPT}: error[V006]: no case has this id: el2-9999",
            "--vectors", EXCERPT, "--case", "el2-9999")


# ---- the command line ----

@pytest.mark.parametrize("args", [
    [], ["--case", "x"], ["--vectors"], ["--vectors", EXCERPT, EXCERPT],
    ["--json", "--vectors", EXCERPT], ["--json", "--brief", EXAMPLES[0]],
    ["--frobnicate", EXAMPLES[0]], [EXAMPLES[0], EXAMPLES[0]]])
def test_translate_refuses_options_that_do_not_fit_together(args):
    assert refused("translate", *args).stdout == ""


def test_translate_help_says_how_to_call():
    assert told("--help").startswith("usage: stage2sim translate")


def update():
    for name in GOLDEN_OF:
        (GOLDEN / f"{name}.txt").write_text(told(example(name)), encoding="utf-8")


if __name__ == "__main__":
    if sys.argv[1:] != ["--update"]:
        sys.exit(f"usage: {Path(sys.argv[0]).name} --update")
    update()
