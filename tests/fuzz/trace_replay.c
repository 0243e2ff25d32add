/* SPDX-License-Identifier: Apache-2.0 */
/* tests/fuzz/trace_replay.c - runs importers on files, or on seeded mutations of them.
 *
 * usage: trace_replay KIND FILE...
 *        trace_replay --random N SEED KIND FILE...
 *        trace_replay --block TEXT OUT      writes a corpus file of kind s2t
 * KIND is text, packed, s2t or dat; files ending in .xz are unpacked for dat. */
#include "tests/fuzz/trace_input.h"

#include <inttypes.h>
#include <lzma.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_BYTES_MAX ((size_t)1 << 20)

static const char *const kinds[TRACE_INPUT_KINDS_N] = {"text", "packed", "s2t", "dat"};

static uint8_t original[FILE_BYTES_MAX];
static uint8_t changed[FILE_BYTES_MAX];

/* splitmix64 */
static uint64_t next_random(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

static size_t below(uint64_t *random, size_t n)
{
    return (size_t)(next_random(random) % n);
}

static size_t load(const char *path, enum trace_input_kind kind)
{
    FILE *f = fopen(path, "rb");
    uint64_t memory = UINT64_MAX;
    size_t at = 0;
    size_t out = 0;
    size_t n;

    if (f == NULL) {
        perror(path);
        exit(EXIT_FAILURE);
    }
    n = fread(original, 1, sizeof(original), f);
    fclose(f);
    if (kind != TRACE_INPUT_DAT || strcmp(path + strlen(path) - 3, ".xz") != 0)
        return n;
    memcpy(changed, original, n);
    if (lzma_stream_buffer_decode(&memory, 0, NULL, changed, &at, n, original, &out,
                                  sizeof(original)) != LZMA_OK)
        exit(EXIT_FAILURE);
    return out;
}

/* Deletes, doubles or changes some bytes. */
static size_t mutate(uint64_t *random, size_t n)
{
    const size_t at = below(random, n);
    size_t part = 1 + below(random, 16);

    part = part < n - at ? part : n - at;
    switch (below(random, 4)) {
    case 0:
        memmove(changed + at, changed + at + part, n - at - part);
        return n - part;
    case 1:
        if (n + part > sizeof(changed))
            return n;
        memmove(changed + at + part, changed + at, n - at);
        return n + part;
    case 2:
        changed[at] ^= (uint8_t)(1u << below(random, 8));
        return n;
    default:
        changed[at] = (uint8_t)next_random(random);
        return n;
    }
}

static uint64_t run_random(enum trace_input_kind kind, size_t n, unsigned long turns,
                           uint64_t *random)
{
    uint64_t records = 0;

    for (unsigned long turn = 0; turn < turns && n > 0; turn++) {
        size_t left = n;

        memcpy(changed, original, n);
        for (size_t i = below(random, 4); i < 4 && left > 0; i++)
            left = mutate(random, left);
        records += trace_input_run(kind, changed, left);
    }
    return records;
}

static int write_block(const char *text, const char *out)
{
    const size_t n = load(text, TRACE_INPUT_TEXT);
    const size_t block = trace_input_block(original, n, changed, sizeof(changed));
    FILE *f = fopen(out, "wb");

    if (f == NULL || block == 0 || fwrite(changed, 1, block, f) != block ||
        fclose(f) != 0)
        return EXIT_FAILURE;
    return EXIT_SUCCESS;
}

static enum trace_input_kind kind_of(const char *name)
{
    for (int kind = 0; kind < TRACE_INPUT_KINDS_N; kind++) {
        if (strcmp(name, kinds[kind]) == 0)
            return (enum trace_input_kind)kind;
    }
    fprintf(stderr, "no kind '%s'; accepted: text, packed, s2t, dat\n", name);
    exit(EXIT_FAILURE);
}

int main(int argc, char **argv)
{
    const bool random = argc > 4 && strcmp(argv[1], "--random") == 0;
    const int first = random ? 4 : 1;
    uint64_t records = 0;

    if (argc == 4 && strcmp(argv[1], "--block") == 0)
        return write_block(argv[2], argv[3]);
    if (argc < first + 2)
        return EXIT_FAILURE;

    const enum trace_input_kind kind = kind_of(argv[first]);
    uint64_t state = random ? strtoull(argv[3], NULL, 0) : 0;

    for (int i = first + 1; i < argc; i++) {
        const size_t n = load(argv[i], kind);

        records += random ? run_random(kind, n, strtoul(argv[2], NULL, 0), &state)
                          : trace_input_run(kind, original, n);
    }
    printf("%" PRIu64 " records\n", records);
    return records > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
