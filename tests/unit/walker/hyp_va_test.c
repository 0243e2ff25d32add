/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/walker/hyp_va_test.c - the half, the tag and the mask of EL2's addresses.
 */
#include "tests/unit/walker/rows.h"
#include "walker/hyp_va.h"

#include <stdbool.h>

#define GIB (UINT64_C(1) << 30)
#define BIT(n) (UINT64_C(1) << (n))

/* 4 GiB from 1 GiB on, with tag bits all ones unless off. */
static struct walk_hyp_va_cfg machine(enum arch_tg tg, uint8_t va_bits, uint64_t idmap)
{
    return (struct walk_hyp_va_cfg){.tg = tg,
                                    .va_bits = va_bits,
                                    .idmap = {idmap},
                                    .dram = {GIB},
                                    .dram_last = {5 * GIB - 1},
                                    .memstart = {GIB}};
}

static void el2_takes_the_half_that_the_idmap_does_not_use(void **state)
{
    static const struct {
        const char *rule;
        enum arch_tg tg;
        uint8_t va_bits;
        uint64_t idmap, min, max;
        bool outside;
        unsigned kernel_levels, el2_bits, el2_levels;
    } rows[] = {
        {"bottom half used: the top", ARCH_TG_4K, 48, 0x40a00000, BIT(47), BIT(48) - 1,
         false, 4, 48, 4},
        {"top half used: the bottom", ARCH_TG_4K, 48, BIT(47) + 0x1000, 0, BIT(47) - 1,
         false, 4, 48, 4},
        {"last page of the bottom half", ARCH_TG_4K, 39, BIT(38) - 0x1000, BIT(38),
         BIT(39) - 1, false, 3, 39, 3},
        {"first page of the top half", ARCH_TG_4K, 39, BIT(38), 0, BIT(38) - 1, false,
         3, 39, 3},
        {"just outside: a level more, the top half", ARCH_TG_4K, 39, BIT(39), BIT(38),
         BIT(39) - 1, true, 3, 40, 4},
        {"outside: bit 38 still decides, either would do", ARCH_TG_4K, 39,
         BIT(39) + BIT(38), 0, BIT(38) - 1, true, 3, 40, 4},
        {"16K, 36 bits: a level more", ARCH_TG_16K, 36, BIT(39), BIT(35), BIT(36) - 1,
         true, 2, 40, 3},
        {"16K, 47 bits: a level more", ARCH_TG_16K, 47, BIT(47), BIT(46), BIT(47) - 1,
         true, 3, 48, 4},
        {"64K, 42 bits: a level more", ARCH_TG_64K, 42, BIT(43), BIT(41), BIT(42) - 1,
         true, 2, 44, 3},
        {"4K, 52-bit PA needs a fifth level", ARCH_TG_4K, 48, BIT(51), BIT(47),
         BIT(48) - 1, true, 4, 52, 5},
    };

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        const struct walk_hyp_va_cfg cfg =
            machine(rows[i].tg, rows[i].va_bits, rows[i].idmap);
        struct walk_hyp_va h;

        check_row(i, rows[i].rule, walk_hyp_va_init(&cfg, &h), ARCH_OK);
        check_row(i, rows[i].rule, h.min, rows[i].min);
        check_row(i, rows[i].rule, h.max, rows[i].max);
        check_row(i, rows[i].rule, h.idmap_outside, rows[i].outside);
        check_row(i, rows[i].rule, h.kernel_levels, rows[i].kernel_levels);
        check_row(i, rows[i].rule, h.el2_bits, rows[i].el2_bits);
        check_row(i, rows[i].rule, h.el2_levels, rows[i].el2_levels);
    }
}

static void the_tag_fills_the_bits_between_memory_and_the_half(void **state)
{
    static const struct {
        const char *rule;
        uint8_t va_bits;
        uint64_t idmap, dram, dram_last, memstart;
        bool randomize;
        unsigned tag_lsb;
        uint64_t tag;
        unsigned instructions_n;
    } rows[] = {
        {"4 GiB: 32 bits kept", 48, GIB, GIB, 5 * GIB - 1, GIB, true, 32,
         BIT(48) - BIT(32), 5},
        {"a byte more: 33", 48, GIB, GIB, 5 * GIB, GIB, true, 33, BIT(48) - BIT(33), 5},
        {"not random: the half alone", 48, GIB, GIB, 5 * GIB - 1, GIB, false, 32,
         BIT(47), 5},
        {"the bottom half, random", 48, BIT(47), GIB, 5 * GIB - 1, GIB, true, 32,
         BIT(47) - BIT(32), 5},
        {"the bottom half, not random: no tag", 48, BIT(47), GIB, 5 * GIB - 1, GIB,
         false, 32, 0, 1},
        {"memory across a power of two", 48, GIB, 3 * GIB, 5 * GIB - 1, 0, true, 33,
         BIT(48) - BIT(33), 5},
        {"no free bits", 39, GIB, GIB, GIB + BIT(38) - 1, GIB, true, 38, BIT(38), 5},
        {"no free bits, bottom half", 39, BIT(38), GIB, GIB + BIT(38) - 1, GIB, true,
         38, 0, 1},
    };

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        const struct walk_hyp_va_cfg cfg = {.tg = ARCH_TG_4K,
                                            .va_bits = rows[i].va_bits,
                                            .idmap = {rows[i].idmap},
                                            .dram = {rows[i].dram},
                                            .dram_last = {rows[i].dram_last},
                                            .memstart = {rows[i].memstart},
                                            .random = UINT64_MAX,
                                            .randomize = rows[i].randomize};
        struct walk_hyp_va h;

        check_row(i, rows[i].rule, walk_hyp_va_init(&cfg, &h), ARCH_OK);
        check_row(i, rows[i].rule, h.tag_lsb, rows[i].tag_lsb);
        check_row(i, rows[i].rule, h.va_mask, BIT(rows[i].tag_lsb) - 1);
        check_row(i, rows[i].rule, h.tag, rows[i].tag);
        check_row(i, rows[i].rule, h.instructions_n, rows[i].instructions_n);
    }
}

/* SplitMix64. */
static uint64_t next_random(uint64_t *s)
{
    uint64_t x = *s += UINT64_C(0x9e3779b97f4a7c15);

    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31;
}

static void no_hyp_address_meets_the_idmap_and_none_meets_another(void **state)
{
    uint64_t seed = 1;

    (void)state;
    for (size_t i = 0; i < 20000; i++) {
        const uint8_t va_bits = i % 2 ? 48 : 39;
        const uint64_t span = next_random(&seed) % (BIT(va_bits - 1) - 2 * GIB) + 4096;
        struct walk_hyp_va_cfg cfg = {
            .tg = ARCH_TG_4K,
            .va_bits = va_bits,
            .idmap = {next_random(&seed) >> (63 - va_bits)},
            .dram = {next_random(&seed) >> 20},
            .random = next_random(&seed),
            .randomize = true,
        };
        struct walk_hyp_va h;

        cfg.dram_last = arch_pa(cfg.dram.v + span - 1);
        cfg.memstart = walk_hyp_va_memstart(cfg.tg, cfg.dram);
        check_row(i, "legal", walk_hyp_va_init(&cfg, &h), ARCH_OK);
        check_row(i, "inside its half", h.first >= h.min && h.last <= h.max, true);
        check_row(i, "in order", h.last - h.first, span - 1);
        check_row(i, "idmap apart", cfg.idmap.v >= h.min && cfg.idmap.v <= h.max,
                  false);
        check_row(i, "idmap in reach", cfg.idmap.v >> h.el2_bits, 0);
    }
}

static void impossible_layouts_are_refused(void **state)
{
    static const struct {
        const char *rule;
        uint8_t va_bits;
        uint64_t idmap, dram, dram_last, memstart;
        enum arch_status want;
    } rows[] = {
        {"53 VA bits", 53, GIB, GIB, 2 * GIB, GIB, ARCH_ERR_T0SZ},
        {"24 VA bits", 24, 0, 0, 8191, 0, ARCH_ERR_T0SZ},
        {"idmap of 53 bits", 48, BIT(52), GIB, 2 * GIB, GIB, ARCH_ERR_T0SZ},
        {"memory ends before it begins", 48, GIB, GIB, GIB - 1, GIB, ARCH_ERR_RANGE},
        {"less than a page", 48, GIB, GIB, GIB + 4094, GIB, ARCH_ERR_RANGE},
        {"a page", 48, GIB, GIB, GIB + 4095, GIB, ARCH_OK},
        {"linear map begins above memory", 48, GIB, GIB, 2 * GIB, 2 * GIB,
         ARCH_ERR_RANGE},
        {"more than the linear map", 39, GIB, GIB, GIB + BIT(38), GIB, ARCH_ERR_RANGE},
    };

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        const struct walk_hyp_va_cfg cfg = {.tg = ARCH_TG_4K,
                                            .va_bits = rows[i].va_bits,
                                            .idmap = {rows[i].idmap},
                                            .dram = {rows[i].dram},
                                            .dram_last = {rows[i].dram_last},
                                            .memstart = {rows[i].memstart}};
        struct walk_hyp_va h = {.max = 7};
        const enum arch_status status = walk_hyp_va_init(&cfg, &h);

        check_row(i, rows[i].rule, status, rows[i].want);
        check_row(i, "written only on ARCH_OK", h.max != 7, status == ARCH_OK);
    }
}

static void the_linear_map_begins_at_a_large_boundary(void **state)
{
    (void)state;
    assert_int_equal(walk_hyp_va_memstart(ARCH_TG_4K, arch_pa(0x80200000)).v,
                     0x80000000);
    assert_int_equal(walk_hyp_va_memstart(ARCH_TG_16K, arch_pa(0x7fffffff)).v,
                     0x40000000);
    assert_int_equal(walk_hyp_va_memstart(ARCH_TG_64K, arch_pa(0x7fffffff)).v,
                     0x60000000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(el2_takes_the_half_that_the_idmap_does_not_use),
        cmocka_unit_test(the_tag_fills_the_bits_between_memory_and_the_half),
        cmocka_unit_test(no_hyp_address_meets_the_idmap_and_none_meets_another),
        cmocka_unit_test(impossible_layouts_are_refused),
        cmocka_unit_test(the_linear_map_begins_at_a_large_boundary),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
