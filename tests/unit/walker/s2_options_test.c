/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/walker/s2_options_test.c - the table of geometries against what the walker
 * does with every VTCR_EL2, and the facts that KVM's developers met.
 *
 * The search knows no rule: it learns each geometry from the descriptors that walks ask
 * for. */
#include "tests/unit/walker/walk_fixture.h"
#include "walker/arch/desc.h"
#include "walker/s2_options.h"

#include <stdbool.h>

#define LEAF_RW (ARCH_DESC_VALID | ARCH_DESC_AF | ARCH_DESC_S2AP_R | ARCH_DESC_S2AP_W)
#define TABLE_AT_0 (ARCH_DESC_VALID | ARCH_DESC_TABLE)

static const enum arch_tg tgs[] = {ARCH_TG_4K, ARCH_TG_16K, ARCH_TG_64K};
static const struct walk_s2_impl everything = {52, true, true};

/* What walks show of one VTCR_EL2. */
struct seen {
    unsigned input_bits; /* 0: no walk begins */
    int start_level;
    unsigned levels;
    uint64_t start_bytes;
    unsigned align_shift;
    uint64_t block_shifts;
};

static struct walk_s2_cfg cfg_of(const struct arch_vtcr *vtcr,
                                 const struct walk_s2_impl *impl)
{
    return (struct walk_s2_cfg){
        .vtcr = *vtcr, .pa_bits = impl->pa_bits, .ttst = impl->ttst};
}

/* Where a walk of ipa reads first, with the start table at base; -1: it faults. */
static int64_t first_read(const struct walk_s2_cfg *cfg, uint64_t base, uint64_t ipa)
{
    struct walk_s2_cfg at = *cfg;
    struct walk_s2 w;

    at.baddr = arch_pa(base);
    if (walk_s2_begin(&w, &at, arch_ipa(ipa), ARCH_READ) != WALK_NEED_DESC)
        return -1;
    return (int64_t)w.desc_pa.v;
}

/* Descriptors that a walk reads if all above leaf_level are tables; 0: it faults. */
static unsigned reads_to_leaf(const struct walk_s2_cfg *cfg, int leaf_level)
{
    const uint64_t leaf = LEAF_RW | (leaf_level == 3 ? ARCH_DESC_TABLE : 0);
    struct walk_s2 w;
    enum walk_next next = walk_s2_begin(&w, cfg, arch_ipa(0), ARCH_READ);

    while (next == WALK_NEED_DESC)
        next = walk_s2_feed(&w, w.level == leaf_level ? leaf : TABLE_AT_0);
    return next == WALK_DONE ? w.descs_n : 0;
}

static struct seen look(const struct arch_vtcr *vtcr, const struct walk_s2_impl *impl)
{
    const struct walk_s2_cfg cfg = cfg_of(vtcr, impl);
    struct seen s = {.input_bits = 0};
    struct walk_s2 w;

    if (walk_s2_begin(&w, &cfg, arch_ipa(0), ARCH_READ) != WALK_NEED_DESC)
        return s;
    s.start_level = w.level;
    while (first_read(&cfg, 0, UINT64_C(1) << s.input_bits) >= 0)
        s.input_bits++;
    s.start_bytes =
        (uint64_t)first_read(&cfg, 0, (UINT64_C(1) << s.input_bits) - 1) + 8;
    while (first_read(&cfg, UINT64_C(1) << s.align_shift, 0) == 0)
        s.align_shift++;
    s.levels = reads_to_leaf(&cfg, 3);
    for (int level = w.level; level < 3; level++) {
        if (reads_to_leaf(&cfg, level))
            s.block_shifts |= UINT64_C(1) << arch_level_shift(vtcr->tg, level);
    }
    return s;
}

/* The option of vtcr in [0, n), or NULL. */
static const struct walk_s2_option *find(const struct walk_s2_option *options, size_t n,
                                         const struct arch_vtcr *vtcr)
{
    for (size_t i = 0; i < n; i++) {
        if (options[i].vtcr.sl0 == vtcr->sl0 && options[i].vtcr.sl2 == vtcr->sl2 &&
            options[i].vtcr.ds == vtcr->ds)
            return &options[i];
    }
    return NULL;
}

static void compare(const struct walk_s2_option *o, const struct seen *s)
{
    const uint64_t granule = UINT64_C(1) << o->vtcr.tg;
    const uint64_t tables_n = s->start_bytes > granule ? s->start_bytes / granule : 1;
    const struct walk_s2_geometry *g = &o->geometry;

    check_row(o->vtcr.t0sz, "input size", g->input_bits, s->input_bits);
    check_row(o->vtcr.t0sz, "start level", g->start_level, s->start_level);
    check_row(o->vtcr.t0sz, "levels", walk_levels(g->start_level), s->levels);
    check_row(o->vtcr.t0sz, "start table", (uint64_t)g->start_entries * 8,
              s->start_bytes);
    check_row(o->vtcr.t0sz, "concatenated tables", g->tables_n, tables_n);
    check_row(o->vtcr.t0sz, "alignment", g->align_shift, s->align_shift);
    check_row(o->vtcr.t0sz, "block sizes", o->block_shifts, s->block_shifts);
}

/* Compares all of one granule, input size and implementation; returns how many VTCR_EL2
 * begin a walk. */
static size_t search(enum arch_tg tg, unsigned bits, const struct walk_s2_impl *impl)
{
    struct walk_s2_option options[WALK_S2_OPTIONS_MAX];
    const size_t n = walk_s2_options(tg, bits, impl, options);
    size_t legal_n = 0;

    for (unsigned code = 0; code < 16; code++) { /* DS:SL2:SL0 */
        struct arch_vtcr vtcr = {.tg = tg,
                                 .t0sz = (uint8_t)(64 - bits),
                                 .sl0 = code & 3,
                                 .sl2 = code >> 2 & 1,
                                 .ds = code >> 3};

        if (vtcr.ds && (!impl->lpa2 || tg == ARCH_TG_64K))
            continue; /* RES0 */
        if (vtcr.sl2 && !arch_vtcr_sl2(&vtcr))
            continue; /* RES0 */
        while (vtcr.ps < 6 && arch_pa_bits(vtcr.ps) < impl->pa_bits)
            vtcr.ps++;
        const struct seen s = look(&vtcr, impl);
        const struct walk_s2_option *o = find(options, n, &vtcr);

        check_row(bits, "a walk begins where the table has a row", s.input_bits != 0,
                  o != NULL);
        legal_n += o != NULL;
        if (o)
            compare(o, &s);
    }
    check_row(bits, "no row without a walk", n, legal_n);
    for (size_t i = 1; i < n; i++)
        check_row(bits, "by DS, then from the fewest levels",
                  options[i].vtcr.ds > options[i - 1].vtcr.ds ||
                      options[i].geometry.start_level <
                          options[i - 1].geometry.start_level,
                  true);
    return legal_n;
}

static void the_table_has_every_geometry_that_the_walker_walks(void **state)
{
    size_t legal_n = 0;

    (void)state;
    for (uint8_t ps = 0; ps <= 6; ps++) {
        for (unsigned has = 0; has < 4; has++) {
            const struct walk_s2_impl impl = {(uint8_t)arch_pa_bits(ps), has & 1,
                                              has >> 1};
            for (size_t t = 0; t < ROWS_N(tgs); t++) {
                for (unsigned bits = 1; bits <= 64; bits++)
                    legal_n += search(tgs[t], bits, &impl);
            }
        }
    }
    assert_in_range(legal_n, 1000, 10000);
}

static void options_say_what_they_need_of_an_implementation(void **state)
{
    struct walk_s2_option options[WALK_S2_OPTIONS_MAX];

    (void)state;
    for (size_t t = 0; t < ROWS_N(tgs); t++) {
        for (unsigned bits = 16; bits <= 52; bits++) {
            const size_t n = walk_s2_options(tgs[t], bits, &everything, options);

            for (size_t i = 0; i < n; i++) {
                for (uint8_t ps = 0; ps <= 6; ps++) {
                    const struct walk_s2_impl with = {(uint8_t)arch_pa_bits(ps), true,
                                                      true};
                    const struct walk_s2_impl without = {52, false, true};

                    check_row(bits, "PA size",
                              look(&options[i].vtcr, &with).input_bits != 0,
                              with.pa_bits >= options[i].pa_bits_min);
                    check_row(bits, "FEAT_TTST",
                              look(&options[i].vtcr, &without).input_bits != 0,
                              !options[i].needs_ttst);
                }
            }
        }
    }
}

/* KVM takes the fewest levels that the architecture allows, but two at least: as many
 * concatenated tables as allowed. */
static void kvm_takes_the_most_concatenation_of_two_levels_or_more(void **state)
{
    struct walk_s2_option options[WALK_S2_OPTIONS_MAX];

    (void)state;
    for (size_t t = 0; t < ROWS_N(tgs); t++) {
        for (unsigned bits = 1; bits <= 52; bits++) {
            const size_t n = walk_s2_options(tgs[t], bits, &everything, options);

            for (size_t i = 0; i < n; i++) {
                const struct walk_s2_option *o = &options[i];
                bool best = o->geometry.start_level <= 2;

                for (size_t k = 0; k < n; k++) {
                    const struct walk_s2_option *p = &options[k];
                    best = best &&
                           (p->vtcr.ds != o->vtcr.ds || p->geometry.start_level > 2 ||
                            p->geometry.tables_n <= o->geometry.tables_n);
                    best = best &&
                           (p->vtcr.ds != o->vtcr.ds || p->geometry.start_level > 2 ||
                            p->geometry.start_level <= o->geometry.start_level);
                }
                check_row(bits, "KVM", o->kvm, best && bits >= WALK_KVM_IPA_BITS_MIN);
            }
        }
    }
}

static void kvm_history_comes_out(void **state)
{
    static const struct {
        const char *fact;
        enum arch_tg tg;
        unsigned ipa_bits, va_bits;
        unsigned tables_n, start_bytes;
        int fake_levels;
    } rows[] = {
        {"4K, 40-bit IPA: two tables; 3 host levels", ARCH_TG_4K, 40, 39, 2, 8192, 0},
        {"4K, 40-bit IPA: one fake level", ARCH_TG_4K, 40, 48, 2, 8192, 1},
        {"4K, 52-bit VA: two fake levels", ARCH_TG_4K, 40, 52, 2, 8192, 2},
        {"4K, 48-bit IPA on 3 levels", ARCH_TG_4K, 48, 39, 1, 4096,
         WALK_FAKE_UNSUPPORTED},
        {"16K, 40-bit IPA: 256 KiB, two fake levels", ARCH_TG_16K, 40, 48, 16, 262144,
         2},
        {"16K, 47-bit VA: one fake level", ARCH_TG_16K, 40, 47, 16, 262144, 1},
        {"16K, 36-bit VA: 40-bit IPA is fine", ARCH_TG_16K, 40, 36, 16, 262144, 0},
        {"16K, 36-bit VA: 41 bits are not", ARCH_TG_16K, 41, 36, 1, 256,
         WALK_FAKE_UNSUPPORTED},
        {"64K, 40-bit IPA on 42-bit VA", ARCH_TG_64K, 40, 42, 1, 16384, 0},
        {"64K, 40-bit IPA on 48-bit VA", ARCH_TG_64K, 40, 48, 1, 16384, 1},
        {"64K: a start table of 1 MiB", ARCH_TG_64K, 46, 48, 16, 1048576, 1},
        {"64K, 47-bit IPA on 42-bit VA", ARCH_TG_64K, 47, 42, 1, 256,
         WALK_FAKE_UNSUPPORTED},
    };
    const struct walk_s2_impl impl = {48, false, false};

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        struct walk_s2_option options[WALK_S2_OPTIONS_MAX];
        const size_t n = walk_s2_options(rows[i].tg, rows[i].ipa_bits, &impl, options);
        const struct walk_s2_option *kvm = NULL;

        for (size_t k = 0; k < n; k++)
            kvm = options[k].kvm ? &options[k] : kvm;
        assert_non_null(kvm);
        const struct walk_s2_geometry *g = &kvm->geometry;
        check_row(i, rows[i].fact, g->tables_n, rows[i].tables_n);
        check_row(i, rows[i].fact, g->start_entries * 8, rows[i].start_bytes);
        check_row(i, rows[i].fact, 1u << g->align_shift, rows[i].start_bytes);
        check_row(i, rows[i].fact,
                  walk_fake_levels(walk_s1_levels(rows[i].tg, rows[i].va_bits),
                                   walk_levels(g->start_level)),
                  rows[i].fake_levels);
    }
}

static void no_start_table_of_64k_is_larger_than_1_mib(void **state)
{
    struct walk_s2_option options[WALK_S2_OPTIONS_MAX];
    unsigned largest = 0;

    (void)state;
    for (unsigned bits = 16; bits <= 52; bits++) {
        const size_t n = walk_s2_options(ARCH_TG_64K, bits, &everything, options);

        for (size_t i = 0; i < n; i++) {
            if (options[i].geometry.start_entries * 8 > largest)
                largest = options[i].geometry.start_entries * 8;
        }
    }
    assert_int_equal(largest, 1 << 20);
}

static void kvm_never_needs_the_fifth_level_of_lpa2(void **state)
{
    static const struct {
        const char *rule;
        enum arch_tg tg;
        unsigned ipa_bits;
        int start_level;
        unsigned tables_n;
    } rows[] = {
        {"4K 49-bit", ARCH_TG_4K, 49, 0, 2},    {"4K 52-bit", ARCH_TG_4K, 52, 0, 16},
        {"16K 51-bit", ARCH_TG_16K, 51, 1, 16}, {"16K 52-bit", ARCH_TG_16K, 52, 0, 1},
        {"64K 52-bit", ARCH_TG_64K, 52, 1, 1},  {"4K 40-bit", ARCH_TG_4K, 40, 1, 2},
    };

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        struct walk_s2_geometry g;
        struct arch_vtcr vtcr;

        check_row(i, rows[i].rule,
                  walk_s2_choose_lpa2(rows[i].tg, rows[i].ipa_bits, 52, &vtcr),
                  ARCH_OK);
        check_row(i, rows[i].rule, vtcr.ds, rows[i].tg != ARCH_TG_64K);
        check_row(i, rows[i].rule, vtcr.sl2, false);
        check_row(i, rows[i].rule, walk_s2_geometry_of(&vtcr, 52, false, &g), ARCH_OK);
        check_row(i, rows[i].rule, g.start_level, rows[i].start_level);
        check_row(i, rows[i].rule, g.tables_n, rows[i].tables_n);
    }
}

static void host_levels_are_those_of_linux(void **state)
{
    static const struct {
        enum arch_tg tg;
        unsigned va_bits, levels;
    } rows[] = {
        {ARCH_TG_4K, 39, 3},  {ARCH_TG_4K, 48, 4},  {ARCH_TG_4K, 52, 5},
        {ARCH_TG_16K, 36, 2}, {ARCH_TG_16K, 47, 3}, {ARCH_TG_16K, 48, 4},
        {ARCH_TG_16K, 52, 4}, {ARCH_TG_64K, 42, 2}, {ARCH_TG_64K, 48, 3},
        {ARCH_TG_64K, 52, 3}, {ARCH_TG_4K, 53, 0},  {ARCH_TG_4K, 24, 0},
        {ARCH_TG_4K, 0, 0},   {ARCH_TG_4K, 65, 0},
    };

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++)
        check_row(i, "levels", walk_s1_levels(rows[i].tg, rows[i].va_bits),
                  rows[i].levels);
}

/* Tables that the walks of one page in each last-level table pass through: how often
 * the look-up below the start level is at index 0 of a table. */
static uint64_t walked_bytes(const struct walk_s2_option *o, uint64_t bytes)
{
    const unsigned tg = o->vtcr.tg;
    const struct walk_s2_cfg cfg = cfg_of(&o->vtcr, &everything);
    const uint64_t step = UINT64_C(1) << arch_level_shift(o->vtcr.tg, 2);
    uint64_t sum = (uint64_t)o->geometry.start_entries * 8;

    for (uint64_t ipa = 0; ipa < bytes; ipa += step) {
        struct walk_s2 w;
        enum walk_next next = walk_s2_begin(&w, &cfg, arch_ipa(ipa), ARCH_READ);
        unsigned tables_n = 0;

        while (next == WALK_NEED_DESC) {
            const bool below = w.level > o->geometry.start_level;
            const bool new_table = w.desc_pa.v % (UINT64_C(1) << tg) == 0;
            tables_n = below ? (new_table ? tables_n + 1 : 0) : 0;
            next =
                walk_s2_feed(&w, w.level == 3 ? LEAF_RW | ARCH_DESC_TABLE : TABLE_AT_0);
        }
        sum += (uint64_t)tables_n << tg;
    }
    return sum;
}

static void table_memory_is_that_of_the_tables_that_walks_pass(void **state)
{
    static const uint64_t sizes[] = {1, UINT64_C(1) << 30, (UINT64_C(1) << 31) + 1};
    struct walk_s2_option options[WALK_S2_OPTIONS_MAX];

    (void)state;
    for (size_t t = 0; t < ROWS_N(tgs); t++) {
        for (unsigned bits = 32; bits <= 52; bits += 2) {
            const size_t n = walk_s2_options(tgs[t], bits, &everything, options);

            for (size_t i = 0; i < n * ROWS_N(sizes); i++) {
                const struct walk_s2_option *o = &options[i / ROWS_N(sizes)];
                const uint64_t bytes = sizes[i % ROWS_N(sizes)];

                check_row(bits, "bytes",
                          walk_s2_table_bytes(tgs[t], &o->geometry, bytes),
                          walked_bytes(o, bytes));
            }
        }
    }
}

/* Answers by stage and level: each stage is one chain of tables with a page at its
 * end. */
static uint64_t chain(const struct walk *w)
{
    return w->level < 3 ? TABLE_AT_0 : TABLE_AT_0 | LEAF_RW;
}

static void nested_reads_are_those_of_a_walk_of_both_stages(void **state)
{
    static const struct {
        const char *rule;
        unsigned va_bits, ipa_bits, reads;
    } rows[] = {
        {"4 levels on 4: 24", 48, 48, 24},
        {"3 levels on 3: 15", 39, 40, 15},
        {"4 levels on 3: 19", 48, 40, 19},
        {"3 levels on 2: 11", 39, 32, 11},
    };
    const struct walk_query query = {.va = {0}, .el = 1};
    const struct walk_cpu cpu = cpu_max();

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        const uint64_t txsz = 64 - rows[i].va_bits;
        struct walk_s2_geometry g;
        struct walk_context ctx;
        struct arch_vtcr vtcr;
        struct walk w;

        check_row(i, rows[i].rule,
                  walk_s2_choose(ARCH_TG_4K, rows[i].ipa_bits, 48, &vtcr), ARCH_OK);
        check_row(i, rows[i].rule, walk_s2_geometry_of(&vtcr, 48, false, &g), ARCH_OK);
        const struct walk_regs regs = {.sctlr_el1 = 1,
                                       .tcr_el1 =
                                           txsz | txsz << 16 | TCR_TG1_4K | TCR_IPS_48,
                                       .hcr_el2 = HCR_VM,
                                       .vtcr_el2 = arch_vtcr_encode(&vtcr)};
        walk_context_init(&ctx, &cpu, &regs);
        enum walk_next next = walk_begin(&w, &ctx, &query);
        while (next == WALK_NEED_DESC)
            next = walk_feed(&w, chain(&w));
        check_row(i, rows[i].rule, next, WALK_DONE);
        check_row(i, rows[i].rule, w.result.descs_n, rows[i].reads);
        check_row(i, rows[i].rule,
                  walk_nested_reads(walk_s1_levels(ARCH_TG_4K, rows[i].va_bits),
                                    walk_levels(g.start_level)),
                  rows[i].reads);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_has_every_geometry_that_the_walker_walks),
        cmocka_unit_test(options_say_what_they_need_of_an_implementation),
        cmocka_unit_test(kvm_takes_the_most_concatenation_of_two_levels_or_more),
        cmocka_unit_test(kvm_history_comes_out),
        cmocka_unit_test(no_start_table_of_64k_is_larger_than_1_mib),
        cmocka_unit_test(kvm_never_needs_the_fifth_level_of_lpa2),
        cmocka_unit_test(host_levels_are_those_of_linux),
        cmocka_unit_test(table_memory_is_that_of_the_tables_that_walks_pass),
        cmocka_unit_test(nested_reads_are_those_of_a_walk_of_both_stages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
