# SPDX-License-Identifier: Apache-2.0
"""Reads what `valgrind --tool=callgrind` has counted, by source file."""

import re
from collections import Counter
from fnmatch import fnmatch

_NAMED = re.compile(r"(ob|fl|fi|fe|fn|cob|cfi|cfl|cfn)=(?:\((\d+)\))?\s*(.*)")
_COST = re.compile(r"[+\-*\d]\S*\s+(\d+)")
# Names are given once per kind: "(7) name", then "(7)".
_KIND = {"ob": "ob", "cob": "ob", "fn": "fn", "cfn": "fn"}


def command(folder):
    """What runs a program under callgrind, all its processes; earlier counts go."""
    for old in folder.glob("callgrind.*"):
        old.unlink()
    return ["valgrind", "--tool=callgrind", "--trace-children=yes", "--quiet",
            f"--callgrind-out-file={folder}/callgrind.%p"]


def costs(lines):
    """Instructions by (object, file of the function, file of the line); both files are
    "???" without debug information. What a call costs is that of the function called."""
    names, found = {}, Counter()
    obj = function_file = line_file = ""
    is_call = False
    for line in lines:
        named = _NAMED.match(line)
        if named:
            what, number, name = named.groups()
            key = (_KIND.get(what, "fl"), number)
            if name or number is None:
                names[key] = name.strip()
            value = names[key]
            if what == "ob":
                obj = value
            elif what in ("fl", "fi", "fe"):
                line_file = value
            elif what == "fn":  # "fl" is left out where the file is the one before
                function_file = line_file
        elif line.startswith("calls="):
            is_call = True
        elif cost := _COST.match(line):
            if not is_call:
                found[obj, function_file, line_file] += int(cost.group(1))
            is_call = False
    return found


class Components:
    """Names for parts of the tree: rows are (name, [pattern of a path in it]), objects
    (name, part of the name of a library)."""

    def __init__(self, root, rows, objects, rest="rest"):
        self._root, self._rows, self._objects, self._rest = root, rows, objects, rest
        self._known = {}

    def path(self, file):
        """The file's path in the tree, or None; debug information may have it relative
        to any folder."""
        if file not in self._known:
            parts = [p for p in file.split("/") if p]
            ends = ("/".join(parts[i:]) for i in range(len(parts)))
            self._known[file] = next((e for e in ends if (self._root / e).is_file()), None)
        return self._known[file]

    def of(self, obj, function_file, line_file):
        """Lines of other libraries that were inlined belong to the function."""
        for name, part in self._objects:
            if part in obj:
                return name
        path = self.path(line_file) or self.path(function_file)
        for name, patterns in self._rows:
            if path and any(fnmatch(path, p) for p in patterns):
                return name
        return self._rest

    def sum(self, found):
        total = Counter()
        for key, instructions in found.items():
            total[self.of(*key)] += instructions
        return total


def each(less, more, less_n, more_n):
    """What one unit takes: the difference of two runs of different length."""
    units = more_n - less_n
    if units <= 0:
        raise ValueError(f"the longer run did {more_n}, the shorter one {less_n}")
    return {name: (more[name] - less[name]) / units for name in {**less, **more}}
