/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/guest/flush_test.c - the TLBIs of one range flush of a guest kernel. */
#include "model/guest/flush.h"
#include "model/guest/random.h"
#include "tests/unit/walker/rows.h"

#define ASID 0x1234
#define VMID 7
#define VA UINT64_C(0x40000000)

static const enum arch_tg granules[] = {ARCH_TG_4K, ARCH_TG_16K, ARCH_TG_64K};

static struct guest_flush_regime regime_of(enum arch_tg tg, bool ttl)
{
    return (struct guest_flush_regime){
        .tg = tg, .vmid = VMID, .asid = ASID, .ttl = ttl};
}

/* Runs a call; checks each operation and that each begins where the one before has
 * ended. Returns the operations, *end is behind the last page named. */
static uint64_t run_call(size_t row, const struct guest_flush *cfg,
                         const struct guest_flush_regime *r, uint64_t va, uint64_t *end)
{
    const uint64_t page = UINT64_C(1) << r->tg;
    struct guest_flush_call call;
    struct arch_tlbi op;
    uint64_t ops_n = 0;

    *end = va;
    guest_flush_begin(&call, cfg, r, va);
    for (; guest_flush_next(&call, &op); ops_n++) {
        check_row(row, "last-level VA, this ASID, broadcast",
                  op.op == ARCH_TLBI_VA && op.domain == ARCH_ISH &&
                      op.regime == ARCH_REGIME_EL10 && op.last_level &&
                      op.vmid == VMID && op.asid == ASID,
                  true);
        check_row(row, "no page is left out or named twice", op.first, *end);
        if (op.range) {
            check_row(row, "ranges are asked for", cfg->range, true);
            check_row(row, "their granule", op.tg, r->tg);
            check_row(row, "they end with a page", (op.last + 1) % page, 0);
            *end = op.last + 1;
        } else {
            check_row(row, "one address", op.last, op.first);
            *end = op.first + page;
        }
    }
    check_row(row, "and stays ended", guest_flush_next(&call, &op), false);
    return ops_n;
}

static void the_operations_of_a_call_name_its_pages_and_no_others(void **state)
{
    (void)state;
    for (uint64_t n = 1; n <= 5000; n++)
        for (unsigned how = 0; how < 4; how++) {
            const struct guest_flush cfg = {.pages_n = n, .range = how & 1};
            const struct guest_flush_regime r = regime_of(granules[n % 3], how & 2);
            const uint64_t va = (guest_random(1, n * 4 + how) >> 18 << r.tg) &
                                ((UINT64_C(1) << 47) - 1);
            uint64_t end;
            const uint64_t ops_n = run_call(n, &cfg, &r, va, &end);

            check_row(n, "all pages", end - va, n << r.tg);
            if (!cfg.range)
                check_row(n, "one operation per page", ops_n, n);
        }
}

static void ranges_are_those_of_the_linux_loop(void **state)
{
    static const struct {
        uint64_t pages, want[6]; /* pages of each operation: 1 is a VALE1IS */
    } rows[] = {
        {1, {1}},
        {2, {2}},
        {3, {2, 1}},
        {62, {62}},    /* SCALE 0, NUM 30 */
        {63, {62, 1}}, /* NUM 31 would be one page too many */
        {64, {64}},    /* SCALE 1, NUM 0 */
        {65, {64, 1}},
        {66, {64, 2}},
        {511, {448, 62, 1}},
        {512, {512}}, /* the PTEs of one table */
        {2047, {1984, 62, 1}},
        {2048, {2048}}, /* SCALE 2 */
        {5000, {4096, 896, 8}},
        {65535, {63488, 1984, 62, 1}},
        {65536, {65536}}, /* SCALE 3 */
        {262144, {262144}},
        {2097152, {2097152}}, /* MAX_TLBI_RANGE_PAGES: SCALE 3, NUM 31 */
        {2097153, {2097152, 1}},
        {2097151, {2031616, 63488, 1984, 62, 1}},
    };

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        const struct guest_flush cfg = {.pages_n = rows[i].pages, .range = true};
        const struct guest_flush_regime r = regime_of(ARCH_TG_4K, true);
        struct guest_flush_call call;
        struct arch_tlbi op;
        size_t n = 0;

        guest_flush_begin(&call, &cfg, &r, VA);
        for (; guest_flush_next(&call, &op); n++) {
            check_row(i, "at most six operations", n < ROWS_N(rows[i].want), true);
            check_row(i, "a single page is no range", op.range, rows[i].want[n] != 1);
            check_row(i, "pages", op.range ? (op.last + 1 - op.first) >> 12 : 1,
                      rows[i].want[n]);
        }
        check_row(i, "operations", rows[i].want[n], 0);
    }
}

static void every_operation_is_for_leaves_of_level_3(void **state)
{
    static const struct {
        const char *rule;
        bool range, ttl;
        bool want_single, want_range; /* a hint */
    } rows[] = {
        {"__tlbi_level() without FEAT_TTL", false, false, false, false},
        {"with FEAT_TTL", false, true, true, false},
        {"TTL of a range is part of FEAT_TLBIRANGE", true, false, false, true},
        {"with both", true, true, true, true},
    };

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++)
        for (size_t g = 0; g < ROWS_N(granules); g++) {
            const struct guest_flush cfg = {.pages_n = 7, .range = rows[i].range};
            const struct guest_flush_regime r = regime_of(granules[g], rows[i].ttl);
            struct guest_flush_call call;
            struct arch_tlbi op;
            unsigned ranges_n = 0;

            guest_flush_begin(&call, &cfg, &r, VA);
            while (guest_flush_next(&call, &op)) {
                const bool hint = op.range ? rows[i].want_range : rows[i].want_single;

                check_row(i, rows[i].rule, op.hint_shift, hint ? granules[g] : 0);
                ranges_n += op.range;
            }
            check_row(i, rows[i].rule, ranges_n, rows[i].range ? 1 : 0);
        }
}

static void from_a_threshold_on_the_whole_asid_goes(void **state)
{
    static const struct {
        const char *rule;
        uint64_t threshold, pages;
        bool range, want;
    } rows[] = {
        {"512: MAX_TLBI_OPS of 4K pages", 512, 512, false, true},
        {"one less goes page by page", 512, 511, false, false},
        {"more", 512, 100000, false, true},
        {"0 is never", 0, 100000, false, false},
        {"a range likewise", 2097152, 2097152, true, true},
        {"and one less", 2097152, 2097151, true, false},
        {"always", 1, 1, false, true},
    };

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        const struct guest_flush cfg = {.pages_n = rows[i].pages,
                                        .whole_asid_pages = rows[i].threshold,
                                        .range = rows[i].range};
        const struct guest_flush_regime r = regime_of(ARCH_TG_4K, true);
        struct guest_flush_call call;
        struct arch_tlbi op;

        guest_flush_begin(&call, &cfg, &r, VA);
        check_row(i, rows[i].rule, guest_flush_next(&call, &op), true);
        check_row(i, rows[i].rule, op.op, rows[i].want ? ARCH_TLBI_ASID : ARCH_TLBI_VA);
        if (!rows[i].want)
            continue;
        check_row(i, rows[i].rule,
                  op.domain == ARCH_ISH && op.regime == ARCH_REGIME_EL10 &&
                      op.asid == ASID && op.vmid == VMID && !op.last_level &&
                      !op.hint_shift,
                  true);
        check_row(i, "once", guest_flush_next(&call, &op), false);
    }
}

static void calls_go_round_the_region_without_overlap(void **state)
{
    static const struct {
        const char *rule;
        enum arch_tg tg;
        uint32_t issuers_n;
        uint64_t pages_n, region_bytes, calls_n; /* that fit into the region */
    } rows[] = {
        {"one issuer, one page", ARCH_TG_4K, 1, 1, 0x10000, 16},
        {"four issuers, four pages", ARCH_TG_4K, 4, 4, 0x40000, 16},
        {"a region that is no multiple of a call", ARCH_TG_4K, 3, 3, 0x10000, 5},
        {"one call fills the region", ARCH_TG_4K, 2, 16, 0x10000, 1},
        {"64K pages", ARCH_TG_64K, 2, 2, 0x100000, 8},
    };

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        const struct guest_flush cfg = {.issuers_n = rows[i].issuers_n,
                                        .pages_n = rows[i].pages_n,
                                        .region_ipa = {VA},
                                        .region_bytes = rows[i].region_bytes};
        const uint64_t bytes = rows[i].pages_n << rows[i].tg;

        for (uint64_t turn = 0; turn < 3 * rows[i].calls_n; turn++) {
            const uint64_t va =
                guest_flush_va(&cfg, rows[i].tg, (uint32_t)(turn % rows[i].issuers_n),
                               turn / rows[i].issuers_n);

            check_row(i, rows[i].rule, va, VA + turn % rows[i].calls_n * bytes);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_operations_of_a_call_name_its_pages_and_no_others),
        cmocka_unit_test(ranges_are_those_of_the_linux_loop),
        cmocka_unit_test(every_operation_is_for_leaves_of_level_3),
        cmocka_unit_test(from_a_threshold_on_the_whole_asid_goes),
        cmocka_unit_test(calls_go_round_the_region_without_overlap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
