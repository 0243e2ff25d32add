/* SPDX-License-Identifier: Apache-2.0 */
/* What is made an entry although a completed TLBI forbids it is counted. */
#include "tests/unit/mmu/mmu_world.h"

#include "walker/arch/desc.h"

#define VA UINT64_C(0x40000000)
#define ISSUED UINT64_C(1000) /* the TLBI of a row; another one before it at 500 */
#define EARLIER UINT64_C(500)

struct row {
    const char *rule;
    enum arch_tlbi_insn insn;
    uint64_t xt;
    uint64_t stamp, stamp_s2, via; /* of the entry */
    unsigned stale;
};

/* ArmARM: R_RVJDB and the scope of each operation; a last-level one says nothing of the
 * tables that led to the leaf. */
static const struct row rows[] = {
    {"found before it was issued", ARCH_TLBI_VMALLE1, 0, 999, 1000, 999, 1},
    {"found at that moment", ARCH_TLBI_VMALLE1, 0, 1000, 1000, 1000, 0},
    {"stage 2 was found before; VMALLE1 is stage 1's", ARCH_TLBI_VMALLE1, 0, 1000, 999,
     1000, 0},
    {"stage 2 was found before", ARCH_TLBI_VMALLS12E1, 0, 1000, 999, 1000, 1},
    {"another page", ARCH_TLBI_VAAE1, (VA + PAGE) >> 12, 999, 999, 999, 0},
    {"its page", ARCH_TLBI_VAAE1, VA >> 12, 999, 999, 1000, 1},
    {"last level, the leaf was read after", ARCH_TLBI_VAALE1, VA >> 12, 999, 999, 1000,
     0},
    {"last level, the leaf was read before", ARCH_TLBI_VAALE1, VA >> 12, 999, 999, 999,
     1},
    {"before both TLBIs", ARCH_TLBI_VMALLE1, 0, 499, 499, 499, 2},
};

static void complete(struct mmu_caches *m, enum arch_tlbi_insn insn, uint64_t xt,
                     uint64_t issued)
{
    const struct arch_tlbi op = mmu_op(insn, xt);

    mmu_completed(m, &op, issued);
}

static void what_a_completed_tlbi_covers_is_counted(void **state)
{
    (void)state;
    for (unsigned i = 0; i < ROWS_N(rows); i++) {
        const struct row *r = &rows[i];
        const struct scn_platform p = mmu_platform(HAS_L2);
        const struct tlb_entry e = {
            .ia = VA,
            .oa = {PA_OF(VA)},
            .tag = {.vmid = VMID, .asid = ASID},
            .span_shift = 12,
            .tlbi_shift = 12,
            .leaf_shift = 12,
            .tg = 12,
            .kind = TLB_COMBINED,
            .ng = true,
            .stamp = r->stamp,
            .stamp_s2 = r->stamp_s2,
            .via = r->via,
        };
        struct mmu_world m;

        mmu_world_begin(&m, &p, true);
        complete(&m.caches, r->insn, r->xt, ISSUED);
        complete(&m.caches, ARCH_TLBI_VMALLE1, 0, EARLIER);
        mmu_hold(&m.caches, m.caches.l2, &e);
        if (m.caches.n.stale != r->stale)
            fail_msg("%s: %llu stale", r->rule, (unsigned long long)m.caches.n.stale);
        mmu_world_end(&m);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_completed_tlbi_covers_is_counted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
