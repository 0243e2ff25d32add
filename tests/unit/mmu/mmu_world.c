/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/mmu/mmu_world.h"

#include <stdlib.h>
#include <string.h>

#define ENTRIES 32u
#define TABLE UINT64_C(3)
#define OA_MASK UINT64_C(0xfffffffff000)
#define S1_START 0
#define S2_START 1
#define TCR_T0SZ_48 UINT64_C(16)
#define TCR_EPD1 (UINT64_C(1) << 23)
#define TCR_IPS_48 (UINT64_C(5) << 32)

static struct scn_tlb structure(bool there, const uint8_t *shifts, uint8_t n,
                                unsigned kinds)
{
    struct scn_tlb t = {.cfg = {.entries_n = ENTRIES, .ways_n = ENTRIES, .sizes_n = n}};

    if (!there)
        return (struct scn_tlb){.cfg = {.entries_n = 0}};
    memcpy(t.cfg.size_shifts, shifts, n);
    for (unsigned kind = 0; kind < TLB_KINDS_N; kind++) {
        if (kinds >> kind & 1)
            t.cfg.sizes_of[kind] = (uint8_t)((1u << n) - 1);
    }
    return t;
}

struct scn_platform mmu_platform(unsigned structures)
{
    static const uint8_t l1[] = {12, 16, 21}, all[] = {12, 16, 21, 30};
    static const uint8_t of_level[] = {39, 30, 21};
    const unsigned combined = 1u << TLB_COMBINED, s2 = 1u << TLB_S2_ONLY;
    const unsigned s1 = combined | 1u << TLB_S1_ONLY;
    struct scn_platform p = {
        .l1i = structure(structures & HAS_L1, l1, 3, combined),
        .l1d = structure(structures & HAS_L1, l1, 3, combined),
        .l2 = structure(structures & HAS_L2, all, 4,
                        (structures & HAS_L2_S1 ? 1u << TLB_S1_ONLY : combined) |
                            (structures & HAS_L2_IPA ? s2 : 0)),
        .s2 = structure(structures & HAS_S2, all, 4, s2),
    };

    p.feat.bbm_level = 2;

    for (unsigned level = 0; level < 3; level++) {
        p.walk_cache[0][level] =
            structure(structures & (HAS_S1L0 << level), &of_level[level], 1, s1);
        p.walk_cache[1][level] =
            structure(structures & (HAS_S2L0 << level), &of_level[level], 1, s2);
    }
    return p;
}

void mmu_world_decode(struct mmu_world *m)
{
    walk_context_init(&m->ctx, &m->cpu, &m->regs);
}

void mmu_world_begin(struct mmu_world *m, const struct scn_platform *p, bool s1)
{
    *m = (struct mmu_world){
        .mem = physmem_new(arch_pa(UINT64_C(1) << 47)),
        .platform = *p,
        .cpu.features = {.pa_bits = 48,
                         .tg_support = {{ARCH_TG_PRESENT}, {ARCH_TG_PRESENT}},
                         .vmid16 = true,
                         .asid16 = true,
                         .hafdbs = 2,
                         .bbm_level = 2},
        .s1_next = S1_TABLES + PAGE,
        .now = 100,
    };
    assert_non_null(m->mem);
    m->caches_memory = aligned_alloc(64, mmu_bytes(p));
    assert_non_null(m->caches_memory);
    mmu_init(&m->caches, p, &(struct mmu_choices){.nt_response = WALK_NT_TRANSLATE}, 1,
             m->caches_memory);

    /* 40 bits from level 1: two tables */
    const struct arch_pa baddr = physmem_table_alloc(m->mem, 2 * PAGE);
    const struct arch_vtcr vtcr = {
        .t0sz = 24, .sl0 = 1, .tg = ARCH_TG_4K, .ps = 5, .vs = true};

    m->regs = (struct walk_regs){
        .sctlr_el1 = s1,
        .tcr_el1 = TCR_T0SZ_48 | TCR_EPD1 | TCR_IPS_48,
        .ttbr0_el1 = S1_TABLES | (uint64_t)ASID << 48,
        .hcr_el2 = 1 | UINT64_C(1) << 31,
        .vtcr_el2 = arch_vtcr_encode(&vtcr),
        .vttbr_el2 = baddr.v | (uint64_t)VMID << 48,
    };
    mmu_world_decode(m);
}

void mmu_world_end(struct mmu_world *m)
{
    free(m->caches_memory);
    physmem_delete(m->mem);
}

/* ---- tables ---- */

static uint64_t index_of(uint64_t ia, int level, uint64_t entries)
{
    return (ia >> arch_level_shift(ARCH_TG_4K, level)) & (entries - 1);
}

void mmu_map_s1(struct mmu_world *m, uint64_t va, uint64_t ipa, int level,
                uint64_t attrs)
{
    uint64_t table = S1_TABLES;

    for (int at = S1_START; at < level; at++) {
        const struct arch_pa entry = {PA_OF(table) + 8 * index_of(va, at, 512)};
        uint64_t desc = physmem_read(m->mem, entry);

        if (desc == 0) {
            desc = m->s1_next | TABLE;
            m->s1_next += PAGE;
            physmem_write(m->mem, entry, desc);
        }
        table = desc & OA_MASK;
    }
    physmem_write(m->mem, arch_pa(PA_OF(table) + 8 * index_of(va, level, 512)),
                  ipa | attrs | ARCH_DESC_AF | (level == 3 ? 3 : 1));
}

void mmu_map_s2(struct mmu_world *m, uint64_t ipa, uint64_t pa, int level,
                uint64_t attrs)
{
    uint64_t table = m->ctx.s2.baddr.v;

    for (int at = S2_START; at < level; at++) {
        const struct arch_pa entry = {
            table + 8 * index_of(ipa, at, at == S2_START ? 1024 : 512)};
        uint64_t desc = physmem_read(m->mem, entry);

        if (desc == 0) {
            desc = physmem_table_alloc(m->mem, PAGE).v | TABLE;
            physmem_write(m->mem, entry, desc);
        }
        table = desc & OA_MASK;
    }
    physmem_write(
        m->mem,
        arch_pa(table + 8 * index_of(ipa, level, level == S2_START ? 1024 : 512)),
        arch_desc_make_leaf(arch_pa(pa), level,
                            attrs | ARCH_DESC_AF | ARCH_DESC_S2_MEMATTR_WB));
}

void mmu_map_usual(struct mmu_world *m)
{
    for (uint64_t at = 0; at < 32 * PAGE; at += PAGE)
        mmu_map_s2(m, S1_TABLES + at, PA_OF(S1_TABLES + at), 3, RW);
    for (uint64_t at = 0x40000000; at < 0x40200000; at += PAGE) {
        mmu_map_s1(m, at, at, 3, 0);
        mmu_map_s2(m, at, PA_OF(at), 3, RW);
    }
}

/* ---- walks ---- */

static enum walk_next serve(struct mmu_world *m, struct mmu_walk *w,
                            enum walk_next next)
{
    const struct arch_pa pa = w->walk.desc_pa;
    const uint64_t found = physmem_read(m->mem, pa);

    if (next == WALK_ASK)
        return mmu_may_know(&m->caches, w->walk.ask.stage) ? mmu_answer(&m->caches, w)
                                                           : walk_skip(&w->walk);
    if (next == WALK_NEED_DESC) {
        m->reads_n++;
    } else {
        m->swaps_n++;
        if (found == w->walk.desc)
            physmem_write(m->mem, pa, w->walk.desc_new);
    }
    return mmu_feed(&m->caches, w, found);
}

enum walk_next mmu_run_walk(struct mmu_world *m, uint64_t va, enum arch_access access)
{
    const struct walk_query query = {
        .va = {va}, .access = access, .how = WALK_ACCESS, .el = 1};
    struct mmu_walk w;
    unsigned step = 0;
    enum walk_next next = mmu_walk_begin(&w, &m->ctx, &query, m->now);

    m->reads_n = m->swaps_n = 0;
    while (next != WALK_DONE && next != WALK_FAULT) {
        if (m->at_step != NULL)
            m->at_step(m, &w, step);
        step++;
        m->now++;
        next = serve(m, &w, next);
    }
    if (m->at_step != NULL)
        m->at_step(m, &w, step);
    if (next == WALK_DONE)
        next = mmu_fill(&m->caches, &w, false);
    m->w = w.walk;
    return next;
}

unsigned mmu_reads_of(struct mmu_world *m, uint64_t va)
{
    assert_int_equal(mmu_run_walk(m, va, ARCH_READ), WALK_DONE);
    return m->reads_n;
}

bool mmu_hits(struct mmu_world *m, uint64_t va, uint64_t *pa)
{
    const struct tlb_tag who = {.vmid = VMID, .asid = ASID, .regime = ARCH_REGIME_EL10};
    struct tlb *const levels[] = {m->caches.l1d, m->caches.l2};

    for (size_t i = 0; i < 2; i++) {
        const struct tlb_entry *e =
            levels[i] ? tlb_lookup(levels[i], &who, TLB_COMBINED, false, va) : NULL;

        if (e == NULL)
            continue;
        if (pa != NULL)
            *pa = e->oa.v + (va - e->ia);
        return true;
    }
    return false;
}

/* ---- TLBIs ---- */

struct arch_tlbi mmu_op(enum arch_tlbi_insn insn, uint64_t xt)
{
    const struct arch_tlbi_state state = {.vmid = VMID, .asid16 = true, .ttl = true};
    struct arch_tlbi op;

    assert_true(arch_tlbi_decode(insn, ARCH_ISH, xt, &state, &op));
    return op;
}

void mmu_tlbi(struct mmu_world *m, enum arch_tlbi_insn insn, uint64_t xt)
{
    const struct arch_tlbi op = mmu_op(insn, xt);

    mmu_invalidate(&m->caches, &op);
}

uint64_t mmu_xt_va(uint64_t va, unsigned asid)
{
    return (va >> 12 & ((UINT64_C(1) << 44) - 1)) | (uint64_t)asid << 48;
}

uint64_t mmu_xt_ipa(uint64_t ipa)
{
    return ipa >> 12;
}

uint64_t mmu_xt_range(uint64_t from, uint64_t pages, unsigned asid)
{
    uint64_t done;
    const uint64_t xt =
        arch_tlbi_range_xt(from, pages, ARCH_TG_4K, (uint16_t)asid, 0, &done);

    assert_int_equal(done, pages);
    return xt;
}

/* ---- contents ---- */

static void add(const struct tlb_entry *e, void *ctx)
{
    struct mmu_entries *out = ctx;

    assert_true(out->n < MMU_ENTRIES_MAX);
    out->e[out->n++] = *e;
}

void mmu_collect_one(const struct tlb *t, struct mmu_entries *out)
{
    if (t != NULL)
        tlb_for_each(t, add, out);
}

void mmu_collect(const struct mmu_caches *c, struct mmu_entries *out)
{
    const struct tlb *const all[] = {c->l1i,          c->l1d,          c->l2,
                                     c->s2,           c->tables[0][0], c->tables[0][1],
                                     c->tables[0][2], c->tables[1][0], c->tables[1][1],
                                     c->tables[1][2]};

    out->n = 0;
    for (size_t i = 0; i < ROWS_N(all); i++)
        mmu_collect_one(all[i], out);
}
