#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Make a long or a small trace.dat of version 6 from another one.

usage: trace_dat.py IN.dat OUT.dat [--repeat N] [--pages N] [--without-symbols]

--repeat N writes the pages of each CPU N times, each time later, so that the times go
on; --pages N keeps the first N pages of each CPU; --without-symbols drops the kernel's
symbols, which are most of a small file.
"""

import argparse
import struct

HEADER = b"\x17\x08\x44tracing6\0"
PAGE_HEADER = struct.Struct("<QQ")  # time, committed bytes and flags


class Reader:
    """The parts of a file, front to back, and the copy of them."""

    def __init__(self, data):
        self.data = data
        self.at = 0
        self.out = bytearray()

    def take(self, n):
        part = self.data[self.at : self.at + n]
        if len(part) != n:
            raise SystemExit(f"the file ends at byte {len(self.data)}")
        self.at += n
        return part

    def copy(self, n):
        part = self.take(n)
        self.out += part
        return part

    def copy_sized(self, form):
        """A size and as many bytes."""
        (n,) = struct.unpack("<" + form, self.copy(struct.calcsize(form)))
        self.copy(n)

    def copy_text(self):
        self.copy(self.data.index(b"\0", self.at) + 1 - self.at)


def copy_formats(r):
    for _ in range(2):  # header_page, header_event
        r.copy_text()
        r.copy_sized("Q")
    (n,) = struct.unpack("<I", r.copy(4))
    for _ in range(n):
        r.copy_sized("Q")
    (systems,) = struct.unpack("<I", r.copy(4))
    for _ in range(systems):
        r.copy_text()
        (n,) = struct.unpack("<I", r.copy(4))
        for _ in range(n):
            r.copy_sized("Q")


def copy_symbols(r, keep):
    if keep:
        r.copy_sized("I")
        return
    (n,) = struct.unpack("<I", r.take(4))
    r.take(n)
    r.out += struct.pack("<I", 0)


def copy_options(r):
    r.copy(10)  # "options  \0"
    while struct.unpack("<H", r.copy(2))[0] != 0:
        r.copy_sized("I")


def read_pages(r, page_bytes):
    """[cpu][page] of a recording whose CPUs count is the last thing copied."""
    (cpus,) = struct.unpack("<I", r.copy(4))
    tag = r.copy(10)
    if tag.startswith(b"options"):
        r.at -= 10
        del r.out[-10:]
        copy_options(r)
        tag = r.copy(10)
    if tag != b"flyrecord\0":
        raise SystemExit(f"{tag!r} where 'flyrecord' is expected")
    pages = []
    for _ in range(cpus):
        offset, size = struct.unpack("<QQ", r.take(16))
        pages.append(
            [
                r.data[at : at + page_bytes]
                for at in range(offset, offset + size, page_bytes)
            ]
        )
    return pages


def write_pages(r, pages, repeat, page_bytes):
    times = [PAGE_HEADER.unpack_from(p)[0] for cpu in pages for p in cpu]
    span = max(times) - min(times) + 1_000_000_000
    at = len(r.out) + 16 * len(pages)
    at += -at % page_bytes
    first = at
    for cpu in pages:
        r.out += struct.pack("<QQ", at, repeat * len(cpu) * page_bytes)
        at += repeat * len(cpu) * page_bytes
    r.out += bytes(first - len(r.out))
    for cpu in pages:
        for turn in range(repeat):
            for page in cpu:
                time, commit = PAGE_HEADER.unpack_from(page)
                r.out += PAGE_HEADER.pack(time + turn * span, commit)
                r.out += page[PAGE_HEADER.size :]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("input")
    parser.add_argument("output")
    parser.add_argument("--repeat", type=int, default=1)
    parser.add_argument("--pages", type=int)
    parser.add_argument("--without-symbols", action="store_true")
    args = parser.parse_args()
    with open(args.input, "rb") as f:
        r = Reader(f.read())
    if r.copy(len(HEADER)) != HEADER:
        raise SystemExit("no trace.dat of version 6 (trace-cmd convert makes one)")
    r.copy(2)  # byte order, bytes of a long
    (page_bytes,) = struct.unpack("<I", r.copy(4))
    copy_formats(r)
    copy_symbols(r, not args.without_symbols)
    r.copy_sized("I")  # formats of trace_printk
    r.copy_sized("Q")  # task names
    pages = [cpu[: args.pages] for cpu in read_pages(r, page_bytes)]
    write_pages(r, pages, args.repeat, page_bytes)
    with open(args.output, "wb") as f:
        f.write(r.out)


if __name__ == "__main__":
    main()
