/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/tlb/tlb_fixture.c - a TLB on the heap, and short ways to fill and ask it.
 */
#include "tests/unit/tlb/tlb_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct tlb_fixture fixture_new(const struct tlb_cfg *cfg)
{
    struct tlb_fixture f;
    const size_t bytes = tlb_bytes(cfg);

    assert_int_equal(tlb_cfg_check(cfg), ARCH_OK);
    f.mem = aligned_alloc(64, (bytes + 63) / 64 * 64);
    assert_non_null(f.mem);
    memset(f.mem, 0xa5, bytes); /* tlb_init() must not rely on zeroes */
    f.tlb = tlb_init(f.mem, cfg);
    return f;
}

void fixture_free(struct tlb_fixture *f)
{
    free(f->mem);
}

struct tlb_cfg fixture_one_set(uint32_t ways_n)
{
    return (struct tlb_cfg){.entries_n = ways_n,
                            .ways_n = ways_n,
                            .size_shifts = {SHIFT_4K, SHIFT_2M, SHIFT_1G},
                            .sizes_n = 3,
                            .sizes_of = ALL_KINDS(3)};
}

struct tlb_tag fixture_tag(uint16_t vmid, uint16_t asid)
{
    return (struct tlb_tag){vmid, asid, ARCH_REGIME_EL10};
}

struct tlb_entry fixture_leaf(uint16_t vmid, enum tlb_kind kind, uint64_t ia,
                              unsigned leaf_shift)
{
    return (struct tlb_entry){.ia = ia,
                              .oa = arch_pa(ia + 1024 * GIB),
                              .tag = fixture_tag(vmid, 0),
                              .span_shift = (uint8_t)leaf_shift,
                              .tlbi_shift = (uint8_t)leaf_shift,
                              .leaf_shift = (uint8_t)leaf_shift,
                              .perm_el0 = TLB_R,
                              .perm_priv = TLB_R | TLB_W,
                              .kind = (uint8_t)kind};
}

const struct tlb_entry *fixture_look_up(struct tlb *t, uint16_t vmid, uint16_t asid,
                                        enum tlb_kind kind, uint64_t ia)
{
    const struct tlb_tag who = fixture_tag(vmid, asid);

    return tlb_lookup(t, &who, kind, false, ia);
}

const struct tlb_entry *fixture_find(struct tlb *t, uint64_t ia)
{
    return fixture_look_up(t, 1, 0, TLB_COMBINED, ia);
}

void fixture_fill(struct tlb *t, uint64_t ia, unsigned leaf_shift)
{
    const struct tlb_entry leaf = fixture_leaf(1, TLB_COMBINED, ia, leaf_shift);

    assert_non_null(tlb_fill(t, &leaf));
}

static void count_one(const struct tlb_entry *e, void *ctx)
{
    uint32_t *n = ctx;

    (void)e;
    ++*n;
}

uint32_t fixture_count(const struct tlb *t)
{
    uint32_t n = 0;

    tlb_for_each(t, count_one, &n);
    return n;
}

struct arch_tlbi fixture_op(enum arch_tlbi_op op, uint16_t vmid, uint64_t ia)
{
    return fixture_va_op(op, vmid, 0, ia);
}

struct arch_tlbi fixture_va_op(enum arch_tlbi_op op, uint16_t vmid, uint16_t asid,
                               uint64_t va)
{
    return (struct arch_tlbi){.op = op,
                              .domain = ARCH_ISH,
                              .regime = ARCH_REGIME_EL10,
                              .vmid = vmid,
                              .asid = asid,
                              .first = va,
                              .last = va};
}
