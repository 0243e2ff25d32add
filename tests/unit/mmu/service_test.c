/* SPDX-License-Identifier: Apache-2.0 */
/* mmu_service_ps(): the term of the kind, and the slowest structure. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model/mmu/service.h"

#define ROWS_N(rows) (sizeof(rows) / sizeof(*(rows)))
#define BASE UINT64_C(0x40000000)

/* Terms that no sum of others gives. */
static struct scn_platform kinds_only(void)
{
    return (struct scn_platform){.dvm = {.service_all_ps = 1000,
                                         .service_vmid_ps = 2000,
                                         .service_asid_ps = 3000,
                                         .service_va_ps = 4000,
                                         .service_ipa_ps = 5000}};
}

static struct scn_tlb there(uint64_t probe_ps, uint64_t scan_ps)
{
    return (struct scn_tlb){
        .cfg = {.entries_n = 16}, .tlbi_probe_ps = probe_ps, .tlbi_scan_ps = scan_ps};
}

static struct arch_tlbi op_of(enum arch_tlbi_op kind, uint64_t pages)
{
    struct arch_tlbi op = arch_tlbi_vmalls12e1(ARCH_ISH, 1);

    op.op = kind;
    op.first = op.last = BASE;
    if (pages != 0) {
        op.range = true;
        op.tg = ARCH_TG_4K;
        op.last = BASE + (pages << op.tg) - 1;
    }
    return op;
}

static void each_kind_has_its_term(void **state)
{
    static const struct {
        enum arch_tlbi_op kind;
        uint64_t ps;
    } rows[] = {{ARCH_TLBI_ALL, 1000},      {ARCH_TLBI_VMALL, 2000},
                {ARCH_TLBI_VMALLS12, 2000}, {ARCH_TLBI_ASID, 3000},
                {ARCH_TLBI_VA, 4000},       {ARCH_TLBI_VAA, 4000},
                {ARCH_TLBI_IPAS2, 5000}};
    const struct scn_platform p = kinds_only();
    (void)state;

    for (size_t i = 0; i < ROWS_N(rows); i++) {
        struct arch_tlbi op = op_of(rows[i].kind, 0);

        print_message("row %zu\n", i);
        assert_int_equal(mmu_service_ps(&p, &op), rows[i].ps);
        op.last_level = true; /* no other term */
        op.domain = ARCH_NSH;
        assert_int_equal(mmu_service_ps(&p, &op), rows[i].ps);
    }
}

/* One structure with probe 7 and scan 100. */
static void an_operation_probes_or_scans(void **state)
{
    static const struct {
        const char *rule;
        enum arch_tlbi_op kind;
        uint64_t pages;
        uint64_t probe_ps, scan_ps;
        uint64_t ps;
    } rows[] = {
        {"one address", ARCH_TLBI_VA, 0, 7, 100, 4007},
        {"any ASID", ARCH_TLBI_VAA, 0, 7, 100, 4007},
        {"an IPA", ARCH_TLBI_IPAS2, 0, 7, 100, 5007},
        {"no address", ARCH_TLBI_ASID, 0, 7, 100, 3100},
        {"no address", ARCH_TLBI_ALL, 0, 7, 100, 1100},
        {"each page of a range", ARCH_TLBI_VA, 2, 7, 100, 4014},
        {"as long as probing is faster", ARCH_TLBI_VA, 14, 7, 100, 4098},
        {"then as long as a scan", ARCH_TLBI_VA, 15, 7, 100, 4100},
        {"however many pages", ARCH_TLBI_IPAS2, 1u << 21, 7, 100, 5100},
        {"without a scan there is no such bound", ARCH_TLBI_VA, 1000, 7, 0, 11000},
        {"nor without a probe a term", ARCH_TLBI_VA, 1000, 0, 100, 4000},
        {"one page", ARCH_TLBI_VA, 1, 7, 3, 4003},
    };
    (void)state;

    for (size_t i = 0; i < ROWS_N(rows); i++) {
        struct scn_platform p = kinds_only();
        const struct arch_tlbi op = op_of(rows[i].kind, rows[i].pages);

        print_message("row %zu: %s\n", i, rows[i].rule);
        p.l2 = there(rows[i].probe_ps, rows[i].scan_ps);
        assert_int_equal(mmu_service_ps(&p, &op), rows[i].ps);
    }
}

static void the_pages_of_a_range_are_of_its_granule(void **state)
{
    struct scn_platform p = kinds_only();
    struct arch_tlbi op = op_of(ARCH_TLBI_VA, 16);
    (void)state;

    p.l1d = there(7, 1000);
    assert_int_equal(mmu_service_ps(&p, &op), 4000 + 16 * 7);
    op.tg = ARCH_TG_64K;
    assert_int_equal(mmu_service_ps(&p, &op), 4000 + 7);
}

/* They work side by side: the longest counts, whichever it is; absent ones never. */
static void the_slowest_structure_counts(void **state)
{
    const struct arch_tlbi by_va = op_of(ARCH_TLBI_VA, 0);
    const struct arch_tlbi by_asid = op_of(ARCH_TLBI_ASID, 0);
    (void)state;

    for (unsigned slow = 0; slow < 10; slow++) {
        struct scn_platform p = kinds_only();
        struct scn_tlb *const all[] = {
            &p.l1i,
            &p.l1d,
            &p.l2,
            &p.s2,
            &p.walk_cache[0][0],
            &p.walk_cache[0][1],
            &p.walk_cache[0][2],
            &p.walk_cache[1][0],
            &p.walk_cache[1][1],
            &p.walk_cache[1][2],
        };

        print_message("structure %u\n", slow);
        for (unsigned i = 0; i < 10; i++)
            *all[i] = there(i == slow ? 20 : 10, i == slow ? 200 : 100);
        assert_int_equal(mmu_service_ps(&p, &by_va), 4020);
        assert_int_equal(mmu_service_ps(&p, &by_asid), 3200);
        all[slow]->cfg.entries_n = 0;
        assert_int_equal(mmu_service_ps(&p, &by_va), 4010);
        assert_int_equal(mmu_service_ps(&p, &by_asid), 3100);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_kind_has_its_term),
        cmocka_unit_test(an_operation_probes_or_scans),
        cmocka_unit_test(the_pages_of_a_range_are_of_its_granule),
        cmocka_unit_test(the_slowest_structure_counts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
