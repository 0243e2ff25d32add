# SPDX-License-Identifier: Apache-2.0
"""A run of several VMs: each VM has rows of its own; one VM has none."""

import json
import shutil

import fixture
import pytest

from reports import tables
from reports.load import ReportError, load_run


@pytest.fixture
def run_dir(tmp_path):
    folder = fixture.write_run(tmp_path / "run")
    info = json.loads((folder / "run.json").read_text())
    info["scenario"]["vms"] = [{**info["scenario"]["vms"][0], "name": name}
                               for name in ("stormy", "quiet")]
    (folder / "run.json").write_text(json.dumps(info))
    for name in ("stormy", "quiet"):
        (folder / "vms" / name).mkdir(parents=True)
        shutil.copy(folder / "summary.csv", folder / "vms" / name)
    quiet = folder / "vms" / "quiet" / "summary.csv"
    header, *rows = quiet.read_text().splitlines()
    at = header.split(",").index("exits")
    cells = [row.split(",") for row in rows]
    quiet.write_text("\n".join([header] + [
        ",".join(row[:at] + ["4321", *row[at + 1:]]) for row in cells]) + "\n")
    return folder


def test_each_vm_has_a_row_per_variant_with_its_own_numbers(run_dir):
    rows = tables.vms(load_run(run_dir))
    assert [(vm, variant) for vm, variant, _ in rows] == [
        (vm, v) for vm in ("stormy", "quiet") for v in ("bbm", "nt", "nt-fault")]
    at = [column for _, column in tables.VM_COLUMNS].index("exits")
    assert {vm: {cells[at] for name, _, cells in rows if name == vm}
            for vm in ("stormy", "quiet")}["quiet"] == {"4,321"}
    assert "4,321" not in {cells[at] for name, _, cells in rows if name == "stormy"}


def test_a_vm_without_its_files_is_an_error_that_names_them(run_dir):
    shutil.rmtree(run_dir / "vms" / "quiet")
    with pytest.raises(ReportError, match="vms/quiet/summary.csv:1:1: error"):
        load_run(run_dir)


def test_a_single_vm_has_no_table_of_its_own(tmp_path):
    assert tables.vms(load_run(fixture.write_run(tmp_path / "run"))) == []
