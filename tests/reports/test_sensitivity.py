# SPDX-License-Identifier: Apache-2.0
"""The report says which assumed parameters flip the verdict."""

import pytest

import fixture
from reports import load, render, verdict

HEADER = ("parameter,factor,value,variant,request_p999_ns,request_p999_ns_lo,"
          "request_p999_ns_hi,verdict,flipped,skipped")
STANDS = [
    "base,1,,bbm,4000000,,,baseline,0,",
    "base,1,,nt,11000,,,lower,0,",
    "dvm.hop,2,200ns,bbm,4000000,,,baseline,0,",
    "dvm.hop,2,200ns,nt,12000,,,lower,0,",
    "dvm.scope,,domain,,,,,,,is a choice and not a quantity",
    "tlb.l2.ways,2,16,,,,,,,refused: 16 does not fit 8 entries",
]
FLIPS = STANDS + [
    "hyp.exit,0.5,75ns,bbm,5000,,,baseline,0,",
    "hyp.exit,0.5,75ns,nt,,,,none,1,",
]


def run_with(folder, lines, seeds_n=6):
    fixture.write_run(folder, ("bbm", "nt"), seeds_n)
    if lines:
        (folder / "sensitivity.csv").write_text("\n".join([HEADER, *lines]) + "\n")
    return folder


@pytest.mark.parametrize("lines, seeds_n, sentence", [
    (STANDS, 6, "No assumed parameter flips the verdict when it is halved or doubled."),
    (FLIPS, 6, "Assumed parameters that flip the verdict: `hyp.exit` x 0.5 (75ns): `nt` "
     "lower becomes none."),
    (STANDS, 2, "No assumed parameter flips the verdict when it is halved or doubled "
     "(indicative: medians compared)."),
])
def test_the_verdict_section_names_what_flips_it(lines, seeds_n, sentence, tmp_path):
    run = load.load_run(run_with(tmp_path / "run", lines, seeds_n))
    assert verdict.details(run)[-1] == sentence


def test_nothing_is_said_of_a_sensitivity_that_nobody_asked_for(tmp_path):
    run = load.load_run(run_with(tmp_path / "run", None))
    assert not any("assumed" in line for line in verdict.details(run))
    render.write_report([tmp_path / "run"], tmp_path / "out")
    assert "Sensitivity" not in (tmp_path / "out" / "report.md").read_text()


def test_the_table_shows_every_point_and_why_others_were_not_run(tmp_path):
    run_with(tmp_path / "run", FLIPS)
    render.write_report([tmp_path / "run"], tmp_path / "out")
    page = (tmp_path / "out" / "report.md").read_text()
    for line in ("| parameter | times | value | bbm | nt | flips |",
                 "| as it is | 1 |  | 4.00 ms | 11.0 µs, lower |  |",
                 "| dvm.hop | 2 | 200ns | 4.00 ms | 12.0 µs, lower |  |",
                 "| hyp.exit | 0.5 | 75ns | 5.00 µs | none | yes |",
                 "- Not varied, is a choice and not a quantity: `dvm.scope`.",
                 "- Not varied, refused: 16 does not fit 8 entries: `tlb.l2.ways` x 2."):
        assert line in page.splitlines()
    html = (tmp_path / "out" / "report.html").read_text()
    assert "<td>hyp.exit</td><td>0.5</td><td>75ns</td><td>5.00 µs</td><td>none</td>" \
           "<td>yes</td>" in html


@pytest.mark.parametrize("old, new, message", [
    ("baseline,0", "best,0",
     "sensitivity.csv:2:8: error: column 'verdict': found 'best'; accepted: lower |"),
    ("dvm.hop,2,", "dvm.hop,twice,",
     "sensitivity.csv:4:2: error: column 'factor': found 'twice'; accepted: a number"),
    ("baseline,0,", "baseline,0",
     "sensitivity.csv:2:1: error: wrong number of cells: found 9; accepted: 10"),
])
def test_a_damaged_file_is_named_with_line_and_column(old, new, message, tmp_path):
    folder = run_with(tmp_path / "run", STANDS)
    path = folder / "sensitivity.csv"
    path.write_text(path.read_text().replace(old, new, 1))
    with pytest.raises(load.ReportError) as e:
        load.load_run(folder)
    assert message in str(e.value)
