#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Fail on an #include, a language or a call that the layers of the tree forbid.

usage: check.py [ROOT]

RULES says who may include whom; a file may always include its own layer. Findings are
printed as file:line: message, and the exit code is 1 if there is any.
"""

import re
import sys
from pathlib import Path

# A layer is a folder with all below it that is no layer of its own. What it may
# include: layers, or single files of one.
RULES = {
    "walker/arch": [],
    "walker": ["walker/arch"],
    "tlb": ["walker/arch"],
    "model/hyp": ["walker", "walker/arch"],
    "model/monitor": ["walker", "walker/arch", "model/memory"],
    "model/memory": ["walker/arch"],
    "model/trace": ["walker/arch"],
    "model/guest": ["walker/arch", "model/trace"],
    "model/record": ["walker/arch", "model/monitor/rule.h", "model/memory/must.h"],
    "model/translate": ["walker", "walker/arch"],
    "model/scenario": [
        "walker",
        "walker/arch",
        "tlb",
        "model/hyp/cfg.h",
        "model/hyp/vtcr.h",
        "model/guest/cfg.h",
        "model/guest/litmus.h",
        "model/guest/stage1.h",
        "model/monitor/rule.h",
    ],
    "model/mmu": [
        "walker",
        "walker/arch",
        "tlb",
        "model/scenario/platform.h",
    ],
    "model/machine": [
        "walker",
        "walker/arch",
        "tlb",
        "model/mmu",
        "model/hyp",
        "model/memory",
        "model/guest",
        "model/trace",
        "model/scenario",
        "model/record",
        "model/monitor",
    ],
    "model/cli": [
        "walker",
        "walker/arch",
        "model/machine/machine.h",
        "model/scenario",
        "model/record",
        "model/guest",
        "model/trace",
        "model/translate",
        "model/monitor",
        "model/hyp/cfg.h",
    ],
    "model/main.cpp": ["model/cli"],
}

# Where tests, benches and fuzzers live: they may include all but private headers.
FREE = ("tests", "bench")

# Layers that hold C++, and those that see SystemC.
CPP = ("model/machine", "model/main.cpp")

# Layers that own no memory, know no time and do not print.
PURE = ("walker", "walker/arch", "tlb", "model/hyp")
PURE_HEADERS = re.compile(r"(stdio|stdlib|malloc|time|sys/time|pthread|threads)\.h")
PURE_CALLS = re.compile(
    r"\b(malloc|calloc|realloc|reallocarray|aligned_alloc|posix_memalign|free|strdup"
    r"|v?[fsd]?n?printf|fputs|puts|putchar|fputc|fwrite|fread|fopen|fclose|perror"
    r"|time|clock|clock_gettime|gettimeofday|abort|exit|getenv)\s*\("
)

C_SUFFIXES = (".c", ".h")
CPP_SUFFIXES = (".cpp", ".cc", ".cxx", ".hpp", ".hh", ".hxx")
INCLUDE = re.compile(r'^\s*#\s*include\s*(?:"([^"]+)"|<([^>]+)>)')
NOT_CODE = re.compile(
    r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.DOTALL
)
CPP_ONLY = re.compile(r"^\s*(class\s+\w+|namespace\b|template\s*<|using\s+\w+)", re.M)


def layer_of(path):
    """The longest layer that path (relative, with /) lies in, or None."""
    found = [name for name in RULES if path == name or path.startswith(name + "/")]
    return max(found, key=len) if found else None


def is_free(path):
    return path.split("/")[0] in FREE


def blank_out(text, strings_too):
    """text with comments (and strings) as spaces, so that line numbers stay."""

    def blank(match):
        if match.group().startswith(("'", '"')) and not strings_too:
            return match.group()
        return re.sub(r"[^\n]", " ", match.group())

    return NOT_CODE.sub(blank, text)


def check_quoted(path, target, root):
    """What is wrong with #include "target" in path, or None."""
    if not (root / target).is_file():
        return f'"{target}" is no file below the root'
    folder = path.rsplit("/", 1)[0]
    private = target.endswith("_priv.h") and target.rsplit("/", 1)[0] != folder
    if private:
        return f'"{target}" is private to its folder'
    if is_free(path):
        return None
    layer = layer_of(path)
    if is_free(target):
        return f'"{target}": {layer} must not include tests'
    target_layer = layer_of(target)
    if target_layer is None:
        return f'"{target}" lies in no known layer'
    if target_layer == layer or target_layer in RULES[layer] or target in RULES[layer]:
        return None
    allowed = ", ".join(RULES[layer]) or "nothing else"
    return f'"{target}": {layer} may include {allowed}'


def check_system(path, target):
    """What is wrong with #include <target> in path, or None."""
    if is_free(path):
        return None
    layer = layer_of(path)
    if re.match(r"(systemc|tlm|sc_|sysc/|tlm_)", target) and layer not in CPP:
        return f"<{target}>: only {' and '.join(CPP)} see SystemC"
    if PURE_HEADERS.fullmatch(target) and layer in PURE:
        return f"<{target}>: {layer} owns no memory, prints nothing and knows no time"
    return None


def check_includes(path, code, root):
    for number, line in enumerate(code.split("\n"), 1):
        match = INCLUDE.match(line)
        if not match:
            continue
        quoted, system = match.groups()
        if quoted:
            problem = check_quoted(path, quoted, root)
        else:
            problem = check_system(path, system)
        if problem:
            yield number, problem


def check_language(path, code):
    layer = layer_of(path)
    if is_free(path) or layer in CPP:
        return
    if path.endswith(CPP_SUFFIXES):
        yield 1, f"C++ belongs into {' and '.join(CPP)}, not into {layer}"
    match = CPP_ONLY.search(code)
    if match:
        line = code.count("\n", 0, match.start(1)) + 1
        yield line, f"C++ belongs into {' and '.join(CPP)}, not into {layer}"


def check_calls(path, code):
    if is_free(path) or layer_of(path) not in PURE:
        return
    for match in PURE_CALLS.finditer(code):
        line = code.count("\n", 0, match.start()) + 1
        what = f"{layer_of(path)} owns no memory and prints nothing"
        yield line, f"{match.group(1)}(): {what}"


def check_file(root, path):
    text = (root / path).read_text(encoding="utf-8")
    if not is_free(path) and layer_of(path) is None:
        yield 1, "lies in no known layer: add it to tests/layering/check.py"
        return
    yield from check_includes(path, blank_out(text, strings_too=False), root)
    code = blank_out(text, strings_too=True)
    yield from check_language(path, code)
    yield from check_calls(path, code)


def source_files(root):
    """Paths of all sources below the folders of RULES and FREE, relative to root."""
    tops = sorted({name.split("/")[0] for name in RULES} | set(FREE))
    for top in tops:
        for p in sorted((root / top).rglob("*")):
            if p.is_file() and p.suffix in C_SUFFIXES + CPP_SUFFIXES:
                yield p.relative_to(root).as_posix()


def check_tree(root):
    """All findings as (path, line, message), and the number of files read."""
    paths = list(source_files(root))
    findings = [(p, n, m) for p in paths for n, m in check_file(root, p)]
    return findings, len(paths)


def main(argv):
    root = Path(argv[1]) if len(argv) > 1 else Path(__file__).resolve().parents[2]
    findings, files_n = check_tree(root)
    for path, line, message in findings:
        print(f"{path}:{line}: {message}")
    if files_n == 0:
        print(f"no sources below {root}")
        return 1
    print(f"{files_n} files, {len(findings)} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
