/* SPDX-License-Identifier: Apache-2.0 */
/* tests/conformance/jsonl.h - JSON lines from a plain or .xz file, one at a time. */
#ifndef TESTS_CONFORMANCE_JSONL_H
#define TESTS_CONFORMANCE_JSONL_H

#include <jansson.h>
#include <lzma.h>
#include <stdbool.h>
#include <stdio.h>

struct jsonl {
    FILE *file;
    const char *path;
    lzma_stream xz;
    bool is_xz;
    bool at_end; /* of the file's bytes, and of the xz stream */
    unsigned char in[1 << 14];
    char *text; /* decoded and not yet handed out */
    size_t text_n;
    size_t text_capacity;
    size_t text_next; /* first byte not handed out */
    unsigned long line_n;
};

/* False if path cannot be opened. path is borrowed until jsonl_close(). */
bool jsonl_open(struct jsonl *f, const char *path);

/* The next line as a JSON value that the caller owns; NULL at the end or after an
 * error, which is printed and sets *failed. */
json_t *jsonl_next(struct jsonl *f, bool *failed);

void jsonl_close(struct jsonl *f);

#endif
