# SPDX-License-Identifier: Apache-2.0
"""python3 -m reports geometry, on a recorded table."""

import csv
import sys

import pytest

from reports import geometry

HEADER = ("granule,ipa_bits,pa_bits,kvm,start_level,levels,ds,sl2,sl0,t0sz,vtcr_el2,"
          "tables,start_entries,start_bytes,align_bytes,vttbr_x,blocks_bytes,"
          "pa_bits_min,needs_ttst,tables_1_page_bytes,tables_1_gib_bytes,walk_reads,"
          "host_va_bits,host_levels,fake_levels,nested_reads")
TABLE = f"""{HEADER}
4K,43,52,1,1,3,0,0,1,21,0x0,16,8192,65536,65536,16,1 2,44,0,73728,2166784,3,48,4,1,19
4K,43,52,0,0,4,0,0,2,21,0x0,1,16,128,128,7,1 2,44,0,12416,2105472,4,48,4,0,24
4K,43,52,0,0,4,1,0,2,21,0x0,1,16,128,128,7,1 2,44,0,12416,2105472,4,48,4,0,24
4K,43,52,1,1,3,1,0,1,21,0x0,16,8192,65536,65536,16,1 2,44,0,73728,2166784,3,48,4,1,19
64K,46,52,1,2,2,0,0,1,18,0x0,16,131072,1048576,1048576,20,1,\
48,0,1114112,1179648,2,48,3,1,11
"""


@pytest.fixture
def program(tmp_path, monkeypatch):
    """A program that prints TABLE, and the file in which it leaves its arguments."""
    script = tmp_path / "program"
    script.write_text(f"#!{sys.executable}\nimport sys\n"
                      f"open({str(tmp_path / 'argv')!r}, 'w').write(' '.join("
                      f"sys.argv[1:]))\nprint({TABLE!r}, end='')\n")
    script.chmod(0o755)
    monkeypatch.setenv("STAGE2SIM_BINARY", str(script))
    return tmp_path / "argv"


def test_the_figure_shows_one_format_of_each_granule(program, tmp_path, capsys):
    out = tmp_path / "new" / "out"
    assert geometry.main(["-o", str(out), "--pa-bits", "52", "--lpa2"]) == 0
    assert program.read_text() == "info geometry --csv --va-bits 48 --pa-bits 52 --lpa2"
    assert capsys.readouterr().out.endswith("geometry.csv: 3 geometries\n")
    assert sorted(p.name for p in out.iterdir()) == ["geometry.csv", "geometry.svg"]
    with open(out / "geometry.csv", encoding="utf-8", newline="") as f:
        rows = list(csv.DictReader(f))
    assert [(r["granule"], r["levels"], r["ds"], r["kvm"]) for r in rows] == [
        ("4K", "3", "1", "1"), ("4K", "4", "1", "0"), ("64K", "2", "0", "1")]
    assert [(r["tables_1_page_bytes"], r["nested_reads"]) for r in rows] == [
        ("73728", "19"), ("12416", "24"), ("1114112", "11")]
    text = (out / "geometry.svg").read_text()
    assert all(word in text for word in ("4K pages", "64K pages", "KVM's choice",
                                         "guest VA of 48 bits"))


def test_the_same_table_gives_the_same_bytes(program, tmp_path):
    for name in ("a", "b"):
        assert geometry.main(["-o", str(tmp_path / name)]) == 0
    for name in ("geometry.csv", "geometry.svg"):
        assert (tmp_path / "a" / name).read_bytes() \
            == (tmp_path / "b" / name).read_bytes()


def test_a_program_that_refuses_or_is_absent_leaves_no_file(tmp_path, monkeypatch,
                                                            capsys):
    monkeypatch.setenv("STAGE2SIM_BINARY", "/bin/false")
    assert geometry.main(["-o", str(tmp_path / "out")]) == 2
    monkeypatch.setenv("STAGE2SIM_BINARY", str(tmp_path / "absent"))
    assert geometry.main(["-o", str(tmp_path / "out")]) == 2
    assert "absent: No such file" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
