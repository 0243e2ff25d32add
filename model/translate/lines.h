/* SPDX-License-Identifier: Apache-2.0 */
/* model/translate/lines.h - the lines of a plain or .xz file, one at a time. */
#ifndef MODEL_TRANSLATE_LINES_H
#define MODEL_TRANSLATE_LINES_H

#include <lzma.h>
#include <stdbool.h>
#include <stdio.h>

struct lines {
    FILE *file;
    lzma_stream xz;
    bool is_xz;
    bool at_end; /* of the file's bytes, and of the xz stream */
    unsigned char in[1 << 15];
    char *text; /* decoded and not yet handed out */
    size_t text_n;
    size_t text_capacity;
    size_t text_next;     /* first byte not handed out */
    unsigned long line_n; /* of the line last handed out, from 1 */
};

enum lines_next { LINES_LINE, LINES_END, LINES_ERROR };

/* False if path cannot be opened. */
bool lines_open(struct lines *f, const char *path);

/* The next line, without its newline and not terminated, valid until the next call. */
enum lines_next lines_next(struct lines *f, const char **line, size_t *line_bytes);

/* Bytes of the file that were read and, of .xz, decoded. */
long lines_offset(const struct lines *f);

void lines_close(struct lines *f);

#endif
