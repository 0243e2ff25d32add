/* SPDX-License-Identifier: Apache-2.0 */
#define _POSIX_C_SOURCE 200809L /* fmemopen, open_memstream */
#include "tests/fuzz/trace_input.h"

#include "model/trace/info.h"
#include "model/trace/s2t.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CHUNK_BYTES 20
#define RECORDS_BYTES 2

static void put_u32(uint8_t *at, uint32_t value)
{
    for (unsigned i = 0; i < 4; i++)
        at[i] = (uint8_t)(value >> 8 * i);
}

static uint32_t get_u32(const uint8_t *at)
{
    return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static void broken(const char *what)
{
    fprintf(stderr, "broken: %s\n", what);
    abort();
}

struct checker {
    struct trace_reader *r;
    struct trace_info *info;
};

/* Shape and numbers must print as fields that give them again. */
static void check_exact(struct checker *c, const struct trace_record *r)
{
    char text[2 * TRACE_SHAPE_BYTES];
    uint64_t values[TRACE_VALUES_MAX];
    struct trace_error err;
    const struct trace_shape *again;
    const size_t len = trace_shape_print(r->shape, r->values, text, sizeof(text));

    if (len > TRACE_SHAPE_BYTES || c->r->origin.stored)
        return;
    again = trace_shape_of(&c->r->tables, r->shape->name, text, len, values, &err);
    if (again != r->shape ||
        memcmp(values, r->values, again->columns_n * sizeof(*values)) != 0)
        broken("a record does not print as it was read");
}

static bool check_record(void *ctx, const struct trace_record *r,
                         struct trace_error *err)
{
    struct checker *c = ctx;

    /* lackey's records are made, and those of a block may have any numbers. */
    if (r->shape != NULL && r->shape->kind != TRACE_GUEST_ACCESS && r->offset > 0)
        check_exact(c, r);
    return info_record(c->info, r, err);
}

static uint64_t read_bytes(const uint8_t *bytes, size_t n)
{
    struct trace_reader *r = calloc(1, sizeof(*r));
    struct trace_info *info = malloc(sizeof(*info));
    struct checker c = {r, info};
    const struct trace_sink sink = {&c, check_record};
    struct trace_error err;
    FILE *in = n > 0 ? fmemopen((void *)(uintptr_t)bytes, n, "rb") : NULL;
    uint64_t records = 0;

    if (in != NULL && r != NULL && info != NULL && info_init(info)) {
        if (!trace_read_stream(in, "fuzz", &sink, r, &err) && err.text[0] == '\0')
            broken("an error without text");
        info_finish(info);
        records = r->origin.records;
        trace_reader_end(r);
        info_free(info);
    }
    if (in != NULL)
        fclose(in);
    free(info);
    free(r);
    return records;
}

static size_t put_chunk(uint8_t *at, const char *tag, uint32_t records, const void *raw,
                        size_t raw_n)
{
    const size_t stored =
        ZSTD_compress(at + CHUNK_BYTES, ZSTD_compressBound(raw_n), raw, raw_n, 1);

    memcpy(at, tag, 4);
    put_u32(at + 4, (uint32_t)stored);
    put_u32(at + 8, (uint32_t)raw_n);
    put_u32(at + 12, records);
    put_u32(at + 16, (uint32_t)crc32(crc32(0, at, 16), at + CHUNK_BYTES, (uInt)stored));
    return CHUNK_BYTES + stored;
}

/* The first two bytes are the number of records. */
static uint64_t run_block(const uint8_t *bytes, size_t n)
{
    static const char tail[] = "format ftrace\n";
    uint64_t records;
    uint8_t *file;
    size_t at = 8;

    if (n < RECORDS_BYTES)
        return 0;
    file = malloc(8 + 2 * CHUNK_BYTES + ZSTD_compressBound(n) +
                  ZSTD_compressBound(sizeof(tail)));
    if (file == NULL)
        return 0;
    memcpy(file, "S2T\r\n\x1a\n\x01", 8);
    at += put_chunk(file + at, "BLCK", bytes[0] | (uint32_t)bytes[1] << 8,
                    bytes + RECORDS_BYTES, n - RECORDS_BYTES);
    at += put_chunk(file + at, "TAIL", 0, tail, sizeof(tail) - 1);
    records = read_bytes(file, at);
    free(file);
    return records;
}

/* The first byte chooses the packing; libraries find the rest. */
static uint64_t run_with(const char *magic, size_t magic_n, const uint8_t *bytes,
                         size_t n)
{
    uint8_t *file = malloc(magic_n + n);
    uint64_t records;

    if (file == NULL)
        return 0;
    memcpy(file, magic, magic_n);
    memcpy(file + magic_n, bytes, n);
    records = read_bytes(file, magic_n + n);
    free(file);
    return records;
}

uint64_t trace_input_run(enum trace_input_kind kind, const uint8_t *bytes, size_t n)
{
    static const char dat[] = "\x17\x08"
                              "Dtracing";

    switch (kind) {
    case TRACE_INPUT_S2T:
        return run_block(bytes, n);
    case TRACE_INPUT_DAT:
        /* Whatever the mutation did to the first bytes, it is a trace.dat. */
        return n > 10 ? run_with(dat, 10, bytes + 10, n - 10) : 0;
    default:
        return read_bytes(bytes, n);
    }
}

size_t trace_input_block(const uint8_t *text, size_t n, uint8_t *raw, size_t room)
{
    char path[] = "/tmp/stage2sim-fuzz-XXXXXX";
    struct trace_reader *r = calloc(1, sizeof(*r));
    struct trace_error err;
    struct s2t_writer *w;
    uint8_t file[65536];
    size_t got = 0;
    FILE *in = fmemopen((void *)(uintptr_t)text, n, "rb");
    const int fd = mkstemp(path);

    if (r == NULL || in == NULL || fd < 0)
        abort();
    close(fd);
    w = s2t_create(path, &r->tables, &err);
    const struct trace_sink sink = {w, s2t_write};

    if (w == NULL || !trace_read_stream(in, "corpus", &sink, r, &err) ||
        !s2t_finish(w, "", 0, &err))
        broken("the corpus is no good text");
    fclose(in);
    trace_reader_end(r);
    free(r);
    in = fopen(path, "rb");
    if (in != NULL) {
        got = fread(file, 1, sizeof(file), in);
        fclose(in);
    }
    unlink(path);
    if (got < 8 + CHUNK_BYTES || get_u32(file + 16) + RECORDS_BYTES > room)
        return 0;
    raw[0] = file[8 + 12];
    raw[1] = file[8 + 13];
    got = ZSTD_decompress(raw + RECORDS_BYTES, room - RECORDS_BYTES,
                          file + 8 + CHUNK_BYTES, get_u32(file + 8 + 4));
    return ZSTD_isError(got) ? 0 : got + RECORDS_BYTES;
}
