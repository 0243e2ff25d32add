#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The layering check finds what it must find, and nothing else."""

import contextlib
import io
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
sys.dont_write_bytecode = True

import check  # noqa: E402

# A small tree without a finding, with one file of each layer.
GOOD = {
    "walker/arch/addr.h": "#include <stdint.h>\n",
    "walker/walk.h": '#include "walker/arch/addr.h"\n',
    "walker/walk.c": '#include "walker/walk.h"\n#include <assert.h>\n',
    "tlb/tlb.h": '#include "walker/arch/addr.h"\n',
    "tlb/tlb_priv.h": '#include "tlb/tlb.h"\n',
    "tlb/fill.c": '#include "tlb/tlb_priv.h"\n',
    "model/hyp/cfg.h": "",
    "model/hyp/ops.h": '#include "walker/walk.h"\n',
    "model/memory/physmem.h": '#include "walker/arch/addr.h"\n#include <stdlib.h>\n',
    "model/trace/trace.h": '#include "walker/arch/addr.h"\n#include <stdio.h>\n',
    "model/guest/cfg.h": '#include "walker/arch/addr.h"\n',
    "model/guest/replay.c": '#include "model/trace/trace.h"\n',
    "model/translate/case.h": '#include "walker/walk.h"\n#include <stdio.h>\n',
    "model/record/run.h": '#include "walker/arch/addr.h"\n#include <stdio.h>\n',
    "model/scenario/scn.h": '#include "tlb/tlb.h"\n#include "model/hyp/cfg.h"\n'
    '#include "model/guest/cfg.h"\n#include "walker/walk.h"\n',
    "model/machine/machine.h": '#include "model/record/run.h"\n'
    '#include "model/scenario/scn.h"\n',
    "model/machine/pe.cpp": '#include "model/machine/machine.h"\n#include <systemc>\n'
    '#include "model/hyp/ops.h"\n#include "model/memory/physmem.h"\nclass Pe;\n',
    "model/cli/run.c": '#include "model/machine/machine.h"\n#include <stdio.h>\n'
    '#include "model/hyp/cfg.h"\n#include "model/guest/cfg.h"\n',
    "model/cli/cli.h": "",
    "model/main.cpp": '#include "model/cli/cli.h"\n#include <systemc>\n',
    "tests/unit/any_test.cpp": '#include "model/hyp/ops.h"\n#include "tlb/tlb.h"\n'
    "#include <systemc>\nint *p = malloc(4);\n",
}

# name: (file, line to append, part of the message)
FORBIDDEN = {
    "arch_includes_walker": ("walker/arch/addr.h", '#include "walker/walk.h"', "arch"),
    "walker_includes_tlb": ("walker/walk.c", '#include "tlb/tlb.h"', "may include"),
    "tlb_includes_walker": ("tlb/fill.c", '#include "walker/walk.h"', "may include"),
    "hyp_includes_tlb": ("model/hyp/ops.h", '#include "tlb/tlb.h"', "may include"),
    "memory_includes_hyp": (
        "model/memory/physmem.h",
        '#include "model/hyp/ops.h"',
        "may include",
    ),
    "trace_includes_guest": (
        "model/trace/trace.h",
        '#include "model/guest/cfg.h"',
        "may include",
    ),
    "guest_includes_walker": (
        "model/guest/replay.c",
        '#include "walker/walk.h"',
        "may include",
    ),
    "record_includes_hyp": (
        "model/record/run.h",
        '#include "model/hyp/cfg.h"',
        "may include",
    ),
    "scenario_includes_more_of_hyp": (
        "model/scenario/scn.h",
        '#include "model/hyp/ops.h"',
        "may include",
    ),
    "scenario_includes_more_of_guest": (
        "model/scenario/scn.h",
        '#include "model/guest/other.h"',
        "no file",
    ),
    "scenario_includes_record": (
        "model/scenario/scn.h",
        '#include "model/record/run.h"',
        "may include",
    ),
    "machine_includes_cli": (
        "model/machine/pe.cpp",
        '#include "model/cli/cli.h"',
        "may include",
    ),
    "cli_includes_the_inside_of_machine": (
        "model/cli/run.c",
        '#include "model/machine/pe.h"',
        "may include",
    ),
    "cli_includes_hyp": (
        "model/cli/run.c",
        '#include "model/hyp/ops.h"',
        "may include",
    ),
    "cli_includes_memory": (
        "model/cli/run.c",
        '#include "model/memory/physmem.h"',
        "may include",
    ),
    "main_includes_machine": (
        "model/main.cpp",
        '#include "model/machine/machine.h"',
        "may include",
    ),
    "production_includes_tests": (
        "model/hyp/ops.h",
        '#include "tests/unit/rows.h"',
        "tests",
    ),
    "private_header_leaves": (
        "tests/unit/any_test.cpp",
        '#include "tlb/tlb_priv.h"',
        "private",
    ),
    "not_from_the_root": ("tlb/fill.c", '#include "tlb.h"', "no file"),
    "spaces_in_the_directive": (
        "walker/walk.c",
        '  #  include   "tlb/tlb.h" /* why */',
        "may include",
    ),
    "systemc_in_c": ("model/record/run.h", "#include <systemc.h>", "SystemC"),
    "systemc_in_hyp": ("model/hyp/ops.h", "#include <systemc>", "SystemC"),
    "tlm_in_cli": (
        "model/cli/run.c",
        "#include <tlm_utils/simple_target_socket.h>",
        "SystemC",
    ),
    "stdio_in_walker": ("walker/walk.c", "#include <stdio.h>", "prints nothing"),
    "stdlib_in_tlb": ("tlb/fill.c", "#include <stdlib.h>", "owns no memory"),
    "time_in_hyp": ("model/hyp/ops.h", "#include <time.h>", "knows no time"),
    "malloc_in_hyp": ("model/hyp/ops.h", "int *p = malloc (4);", "malloc"),
    "free_in_arch": ("walker/arch/addr.h", "void f(int *p) { free(p); }", "free"),
    "printf_in_tlb": ("tlb/fill.c", 'void f(void) { printf("x"); }', "printf"),
    "snprintf_in_walker": ("walker/walk.c", "int n = snprintf(0, 0, s);", "snprintf"),
    "class_in_a_c_header": ("model/record/run.h", "class Run;", "C++"),
    "namespace_in_cli": ("model/cli/cli.h", "namespace x {}", "C++"),
}

ALLOWED = {
    "comment": ("tlb/fill.c", '/* #include "walker/walk.h"\n#include <stdio.h> */'),
    "line_comment": ("tlb/fill.c", '// #include "walker/walk.h", malloc(1)'),
    "string": ("tlb/fill.c", 'const char *s = "malloc(1) /* ";'),
    "longer_names": (
        "tlb/fill.c",
        "void f(void) { table_free(t); runtime(); o->freed(1); }",
    ),
    "char": ("tlb/fill.c", 'int c = \'"\'; /* free(1) */'),
}


class Tree:
    """A tree of files in a temporary folder."""

    def __init__(self, files):
        self._folder = tempfile.TemporaryDirectory()
        self.root = Path(self._folder.name)
        for name, text in files.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")

    def __enter__(self):
        return self.root

    def __exit__(self, *unused):
        self._folder.cleanup()


def tree_with(name, line):
    files = dict(GOOD)
    files.update({"model/machine/pe.h": "", "tests/unit/rows.h": ""})
    files[name] += line + "\n"
    return files


class LayeringCheck(unittest.TestCase):
    def test_a_tree_in_order_has_no_finding(self):
        with Tree(GOOD) as root:
            findings, files_n = check.check_tree(root)
        self.assertEqual(findings, [])
        self.assertEqual(files_n, len(GOOD))

    def test_each_forbidden_line_is_found_where_it_stands(self):
        for case, (name, line, message) in FORBIDDEN.items():
            with self.subTest(case), Tree(tree_with(name, line)) as root:
                findings, _ = check.check_tree(root)
                self.assertEqual([f[0] for f in findings], [name])
                self.assertEqual(findings[0][1], GOOD[name].count("\n") + 1)
                self.assertIn(message, findings[0][2])

    def test_comments_strings_and_longer_names_are_no_finding(self):
        for case, (name, line) in ALLOWED.items():
            with self.subTest(case), Tree(tree_with(name, line)) as root:
                self.assertEqual(check.check_tree(root)[0], [])

    def test_a_cpp_file_outside_the_machine_is_found(self):
        for name in ("model/hyp/fault.cpp", "walker/walk.hpp", "model/cli/run.cc"):
            with self.subTest(name), Tree({**GOOD, name: ""}) as root:
                self.assertEqual([f[0] for f in check.check_tree(root)[0]], [name])

    def test_a_new_folder_must_be_given_a_layer(self):
        with Tree({**GOOD, "model/novel/a.c": ""}) as root:
            findings, _ = check.check_tree(root)
        self.assertEqual([f[0] for f in findings], ["model/novel/a.c"])

    def test_the_command_prints_file_and_line_and_fails(self):
        command = [sys.executable, "-B", str(HERE / "check.py")]
        bad = tree_with("tlb/fill.c", '#include "model/hyp/ops.h"')
        with Tree(bad) as root:
            run = subprocess.run(command + [str(root)], capture_output=True, text=True)
        self.assertEqual(run.returncode, 1)
        self.assertIn("tlb/fill.c:2: ", run.stdout)
        with Tree(GOOD) as root:
            run = subprocess.run(command + [str(root)], capture_output=True, text=True)
        self.assertEqual(run.returncode, 0)

    def test_an_empty_tree_is_no_success(self):
        with Tree({}) as root, contextlib.redirect_stdout(io.StringIO()) as out:
            self.assertEqual(check.main(["check.py", str(root)]), 1)
        self.assertIn("no sources", out.getvalue())


if __name__ == "__main__":
    unittest.main()
