/* SPDX-License-Identifier: Apache-2.0 */
/* model/trace/s2t_read.c - the chunks of a .s2t, each checked before it is used. */
#include "model/trace/s2t_priv.h"

#include "model/trace/about.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct s2t_reader {
    struct trace_reader *r;
    struct trace_bytes *bytes;
    uint64_t at; /* offset in the .s2t */
    struct s2t_decoder *decoder;
    struct s2t_buffer stored, raw;
    uint64_t records;
};

/* n bytes, or fewer at the end of the file. */
static bool read_some(struct s2t_reader *s, void *dst, size_t n, size_t *got)
{
    size_t more = 1;

    for (*got = 0; *got < n && more > 0; *got += more) {
        if (!trace_bytes_read(s->bytes, (uint8_t *)dst + *got, n - *got, &more,
                              s->r->err))
            return false;
    }
    s->at += *got;
    return true;
}

static bool read_all(struct s2t_reader *s, void *dst, size_t n)
{
    size_t got;

    if (!read_some(s, dst, n, &got))
        return false;
    return got == n || trace_fail(s->r->err,
                                  "the .s2t is cut off: it ends at byte %" PRIu64
                                  " and has no TAIL chunk; accepted: a complete file",
                                  s->at);
}

static bool damaged(struct s2t_reader *s, const char *what)
{
    return trace_fail(s->r->err,
                      "the chunk at byte %" PRIu64
                      " is damaged: %s; accepted: what docs/trace-format.md describes",
                      s->r->err->offset, what);
}

static bool read_head(struct s2t_reader *s)
{
    uint8_t head[S2T_MAGIC_BYTES];

    if (!read_all(s, head, sizeof(head)))
        return false;
    return head[7] == S2T_VERSION ||
           trace_fail(s->r->err, "byte 7: the .s2t has version %u; accepted: %d",
                      head[7], S2T_VERSION);
}

static bool read_chunk(struct s2t_reader *s, struct s2t_chunk *c)
{
    uint8_t head[S2T_CHUNK_BYTES];
    uLong crc;

    s->r->err->offset = s->at;
    if (!read_all(s, head, sizeof(head)))
        return false;
    memcpy(c->tag, head, 4);
    c->stored_bytes = s2t_get_u32(head + 4);
    c->raw_bytes = s2t_get_u32(head + 8);
    c->records = s2t_get_u32(head + 12);
    c->crc = s2t_get_u32(head + 16);
    if (c->raw_bytes > S2T_RAW_BYTES_MAX || c->records > S2T_RECORDS_MAX ||
        c->stored_bytes > ZSTD_compressBound(S2T_RAW_BYTES_MAX))
        return damaged(s, "its sizes are out of range");
    s->stored.n = s->raw.n = 0;
    if (!s2t_reserve(&s->stored, c->stored_bytes) ||
        !s2t_reserve(&s->raw, c->raw_bytes))
        return trace_fail(s->r->err, "no memory to read a .s2t");
    if (!read_all(s, s->stored.bytes, c->stored_bytes))
        return false;
    crc = crc32(crc32(0, head, 16), s->stored.bytes, c->stored_bytes);
    return crc == c->crc || damaged(s, "its checksum is wrong");
}

static bool decompress(struct s2t_reader *s, const struct s2t_chunk *c)
{
    const size_t n =
        ZSTD_decompress(s->raw.bytes, c->raw_bytes, s->stored.bytes, c->stored_bytes);

    return (!ZSTD_isError(n) && n == c->raw_bytes) ||
           damaged(s, "it is no zstd frame of the size that it gives");
}

/* What the TAIL says is of the source; what the records say is counted again. */
static bool read_tail(struct s2t_reader *s, const struct s2t_chunk *c)
{
    struct trace_origin tail = {0};
    struct trace_origin *o = &s->r->origin;
    uint8_t more;
    size_t got;

    if (!about_parse(&tail, (const char *)s->raw.bytes, c->raw_bytes))
        return damaged(s, "it does not tell about the recording");
    if (tail.records != o->records || tail.lost_marks != o->lost_marks ||
        tail.lost_in_marks != o->lost_in_marks || tail.lost < tail.lost_in_marks)
        return damaged(s, "it counts other records than the file has");
    tail.stored = true;
    tail.first_ns = o->first_ns;
    tail.last_ns = o->last_ns;
    *o = tail;
    s->r->err->offset = s->at;
    if (!read_some(s, &more, 1, &got))
        return false;
    return got == 0 || damaged(s, "the file goes on behind its TAIL");
}

static bool read_chunks(struct s2t_reader *s)
{
    struct s2t_chunk c;

    for (;;) {
        if (!read_chunk(s, &c) || !decompress(s, &c))
            return false;
        if (memcmp(c.tag, "TAIL", 4) == 0)
            return read_tail(s, &c);
        if (memcmp(c.tag, "BLCK", 4) != 0)
            return damaged(s, "it is neither BLCK nor TAIL");
        if (!s2t_decode(s->decoder, s->r, s->raw.bytes, c.raw_bytes, c.records))
            return false;
        s->r->err->line = 0;
    }
}

bool trace_read_s2t(struct trace_reader *r, struct trace_bytes *bytes)
{
    struct s2t_reader s = {.r = r, .bytes = bytes, .decoder = s2t_decoder_new()};
    bool ok;

    r->record.offset = 0;
    if (s.decoder == NULL)
        return trace_fail(r->err, "no memory to read a .s2t");
    ok = read_head(&s) && read_chunks(&s);
    s2t_decoder_free(s.decoder);
    free(s.stored.bytes);
    free(s.raw.bytes);
    return ok;
}
