/* SPDX-License-Identifier: Apache-2.0 */
/* model/translate/lines.c - decoding by pieces, so that no file is held whole. */
#include "model/translate/lines.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define PIECE_BYTES ((size_t)1 << 16)

static bool ends_in(const char *s, const char *end)
{
    const size_t n = strlen(s);
    const size_t end_n = strlen(end);

    return n >= end_n && strcmp(s + n - end_n, end) == 0;
}

bool lines_open(struct lines *f, const char *path)
{
    memset(f, 0, sizeof(*f));
    f->is_xz = ends_in(path, ".xz");
    f->xz = (lzma_stream)LZMA_STREAM_INIT;
    f->file = fopen(path, "rb");
    if (!f->file)
        return false;
    if (f->is_xz &&
        lzma_stream_decoder(&f->xz, UINT64_MAX, LZMA_CONCATENATED) != LZMA_OK) {
        lines_close(f);
        return false;
    }
    return true;
}

void lines_close(struct lines *f)
{
    if (f->is_xz)
        lzma_end(&f->xz);
    if (f->file)
        fclose(f->file);
    free(f->text);
    f->file = NULL;
    f->text = NULL;
}

long lines_offset(const struct lines *f)
{
    return ftell(f->file) - (long)f->xz.avail_in;
}

/* Drops what was handed out and makes room for one more piece. */
static bool make_room(struct lines *f)
{
    if (f->text) {
        memmove(f->text, f->text + f->text_next, f->text_n - f->text_next);
        f->text_n -= f->text_next;
        f->text_next = 0;
    }
    if (f->text_capacity - f->text_n >= PIECE_BYTES)
        return true;

    const size_t capacity = f->text_capacity * 2 + PIECE_BYTES;
    char *text = realloc(f->text, capacity);
    if (!text)
        return false;
    f->text = text;
    f->text_capacity = capacity;
    return true;
}

static bool decode_piece(struct lines *f)
{
    if (f->xz.avail_in == 0) {
        f->xz.next_in = f->in;
        f->xz.avail_in = fread(f->in, 1, sizeof(f->in), f->file);
    }
    const lzma_action action = f->xz.avail_in == 0 ? LZMA_FINISH : LZMA_RUN;
    f->xz.next_out = (uint8_t *)f->text + f->text_n;
    f->xz.avail_out = PIECE_BYTES;
    const lzma_ret ret = lzma_code(&f->xz, action);
    f->text_n += PIECE_BYTES - f->xz.avail_out;
    f->at_end = ret == LZMA_STREAM_END;
    return ret == LZMA_OK || ret == LZMA_STREAM_END;
}

static bool read_piece(struct lines *f)
{
    if (!make_room(f))
        return false;
    if (f->is_xz)
        return decode_piece(f);

    const size_t n = fread(f->text + f->text_n, 1, PIECE_BYTES, f->file);
    f->text_n += n;
    f->at_end = n == 0;
    return !ferror(f->file);
}

static enum lines_next next_line(struct lines *f, const char **line, size_t *line_bytes)
{
    const char *newline = NULL;

    for (;;) {
        if (f->text)
            newline = memchr(f->text + f->text_next, '\n', f->text_n - f->text_next);
        if (newline || f->at_end)
            break;
        if (!read_piece(f))
            return LINES_ERROR;
    }
    if (!newline && f->text_next == f->text_n)
        return LINES_END;

    *line = f->text + f->text_next;
    *line_bytes = newline ? (size_t)(newline - *line) : f->text_n - f->text_next;
    f->text_next += *line_bytes + (newline ? 1 : 0);
    f->line_n++;
    return LINES_LINE;
}

static bool is_blank(const char *line, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++) {
        if (!strchr(" \t\r", line[i]))
            return false;
    }
    return true;
}

enum lines_next lines_next(struct lines *f, const char **line, size_t *line_bytes)
{
    enum lines_next next;

    do {
        next = next_line(f, line, line_bytes);
    } while (next == LINES_LINE && is_blank(*line, *line_bytes));
    return next;
}
