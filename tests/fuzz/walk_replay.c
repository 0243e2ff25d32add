/* SPDX-License-Identifier: Apache-2.0 */
/* tests/fuzz/walk_replay.c - the fuzz target without a fuzzer.
 *
 * usage: walk_replay FILE...            run these inputs
 *        walk_replay --random N SEED    run N made-up inputs
 *        walk_replay --write DIR N SEED write N made-up inputs, a corpus to start from
 */
#include "tests/fuzz/walk_input.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DESCS_N 96
#define INPUT_BYTES_MAX (1 << 16)

struct input {
    struct walk_input head;
    uint64_t descs[DESCS_N];
};

/* splitmix64 */
static uint64_t random_word(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

/* With any odds out of 16 the bits of mask become those of value. */
static void lean(uint64_t *state, uint64_t *word, uint64_t mask, uint64_t value,
                 unsigned odds)
{
    if (random_word(state) % 16 < odds)
        *word = (*word & ~mask) | (value & mask);
}

#define ALL_BITS (~UINT64_C(0))
#define ABOVE_32 (UINT64_C(0xffff) << 32)

/* T0SZ, SL0 and TG0 that fit together. */
static const uint64_t good_vtcr[] = {
    32 | 1 << 6,           /* 4K, 32 bits */
    24 | 1 << 6,           /* 4K, 40 bits, two tables */
    20 | 2 << 6,           /* 4K, 44 bits */
    25 | 1 << 6 | 1 << 14, /* 64K, 39 bits */
    30 | 1 << 6 | 2 << 14, /* 16K, 34 bits */
};

/* Mostly legal sizes, stage 1 on, tables inside the input size of stage 2. */
static void lean_to_success(uint64_t *state, struct walk_input *in)
{
    const uint64_t size = 16 + random_word(state) % 20;
    const uint64_t vtcr =
        good_vtcr[random_word(state) % (sizeof(good_vtcr) / sizeof(*good_vtcr))];
    const bool upper = random_word(state) % 4 == 0;

    lean(state, &in->id_mmfr0, ALL_BITS, UINT64_C(0x32310201126), 14);
    lean(state, &in->id_mmfr1, ALL_BITS, UINT64_C(0x11010211122), 14);
    lean(state, &in->id_mmfr2, ALL_BITS, UINT64_C(0x1021011010011011), 14);
    lean(state, &in->sctlr_el1, 1, 1, 14);
    lean(state, &in->sctlr_el2, 1, 1, 14);
    lean(state, &in->tcr_el1, 0xbf00bf, size << 16 | size, 15);
    lean(state, &in->tcr_el2, 0xbf00bf, size << 16 | size, 15);
    lean(state, &in->tcr_el1, UINT64_C(7) << 32, UINT64_C(6) << 32, 14);
    lean(state, &in->tcr_el2, UINT64_C(7) << 32, UINT64_C(6) << 32, 8);
    lean(state, &in->tcr_el1, UINT64_C(1) << 59, 0, 10);
    lean(state, &in->ttbr0_el1, ABOVE_32 | 0x3e, 0, 15);
    lean(state, &in->ttbr1_el1, ABOVE_32 | 0x3e, 0, 15);
    lean(state, &in->ttbr0_el2, ABOVE_32 | 0x3e, 0, 15);
    lean(state, &in->ttbr1_el2, ABOVE_32 | 0x3e, 0, 15);
    lean(state, &in->vttbr_el2, ABOVE_32 | 0x3e, 0, 15);
    lean(state, &in->vtcr_el2, UINT64_C(3) << 32 | 0xc0ff, vtcr, 14);
    lean(state, &in->vtcr_el2, 7 << 16, 6 << 16, 14);
    lean(state, &in->va, UINT64_C(0xfffffffff0000000), upper ? ALL_BITS : 0, 15);
    lean(state, &in->hcr_el2, 1 | 1 << 12 | 1 << 27, 1, 13);
}

static void make_input(uint64_t *state, struct input *in)
{
    uint64_t *words = (uint64_t *)&in->head;

    for (size_t i = 0; i < sizeof(in->head) / sizeof(*words); i++)
        words[i] = random_word(state);
    lean_to_success(state, &in->head);
    in->head.stage_2_alone = random_word(state) % 8 == 0;
    for (size_t i = 0; i < DESCS_N; i++) {
        in->descs[i] = random_word(state);
        lean(state, &in->descs[i], 3, 3, 10);
        lean(state, &in->descs[i], 1, 1, 14);
        lean(state, &in->descs[i], 0xc0, 0xc0, 12);
        lean(state, &in->descs[i], 0x400, 0x400, 8);
        lean(state, &in->descs[i], UINT64_C(0x7c07) << 48 | ABOVE_32 | 0xf300, 0, 15);
    }
}

static int run_random(unsigned long n, uint64_t seed)
{
    uint64_t state = seed;
    unsigned long long steps_n = 0;
    unsigned most = 0;
    struct input in;

    printf("seed %" PRIu64 "\n", seed);
    fflush(stdout);
    for (unsigned long i = 0; i < n; i++) {
        make_input(&state, &in);
        const unsigned steps = walk_input_run((const uint8_t *)&in, sizeof(in));
        steps_n += steps;
        most = steps > most ? steps : most;
    }
    printf("%lu inputs, %llu steps, at most %u in one\n", n, steps_n, most);
    return steps_n > n ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int write_corpus(const char *dir, unsigned long n, uint64_t seed)
{
    uint64_t state = seed;
    struct input in;

    for (unsigned long i = 0; i < n; i++) {
        char path[512];
        make_input(&state, &in);
        snprintf(path, sizeof(path), "%s/%04lu", dir, i);
        FILE *f = fopen(path, "wb");
        if (!f || fwrite(&in, sizeof(in), 1, f) != 1 || fclose(f) != 0) {
            perror(path);
            return EXIT_FAILURE;
        }
    }
    return EXIT_SUCCESS;
}

static bool run_file(const char *path)
{
    static uint8_t bytes[INPUT_BYTES_MAX];
    FILE *f = fopen(path, "rb");

    if (!f) {
        perror(path);
        return false;
    }
    const size_t n = fread(bytes, 1, sizeof(bytes), f);
    fclose(f);
    printf("%s: %u steps\n", path, walk_input_run(bytes, n));
    return true;
}

int main(int argc, char **argv)
{
    if (argc == 4 && strcmp(argv[1], "--random") == 0)
        return run_random(strtoul(argv[2], NULL, 0), strtoull(argv[3], NULL, 0));
    if (argc == 5 && strcmp(argv[1], "--write") == 0)
        return write_corpus(argv[2], strtoul(argv[3], NULL, 0),
                            strtoull(argv[4], NULL, 0));
    for (int i = 1; i < argc; i++) {
        if (!run_file(argv[i]))
            return EXIT_FAILURE;
    }
    return argc > 1 ? EXIT_SUCCESS : EXIT_FAILURE;
}
