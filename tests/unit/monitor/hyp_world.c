/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/monitor/hyp_world.h"

#include "walker/arch/desc.h"

static struct hyp_world *self(void *ctx)
{
    return ctx;
}

static struct mon_at now(struct hyp_world *w)
{
    return (struct mon_at){w->time_ps += 1000, w->pe, 0};
}

static uint64_t op_read(void *ctx, struct arch_pa pa)
{
    return physmem_read(self(ctx)->mem, pa);
}

static uint64_t mon_mem_read(void *ctx, struct arch_pa pa)
{
    return physmem_read(ctx, pa);
}

static void op_write(void *ctx, struct arch_pa pa, uint64_t desc)
{
    struct hyp_world *w = ctx;
    const struct mon_at at = now(w);

    mon_store(w->mon, &at, pa, physmem_read(w->mem, pa), desc);
    physmem_write(w->mem, pa, desc);
}

static bool op_cmpxchg(void *ctx, struct arch_pa pa, uint64_t old, uint64_t desc)
{
    if (op_read(ctx, pa) != old)
        return false;
    op_write(ctx, pa, desc);
    return true;
}

static void op_tlbi(void *ctx, const struct arch_tlbi *op)
{
    const struct mon_at at = now(ctx);

    mon_tlbi(self(ctx)->mon, &at, op);
}

static void op_dsb(void *ctx, enum arch_dsb kind)
{
    const struct mon_at at = now(ctx);

    mon_dsb(self(ctx)->mon, &at, kind);
}

static void op_isb(void *ctx)
{
    (void)ctx;
}

static void op_lock(void *ctx, enum hyp_lock_mode mode)
{
    (void)ctx;
    (void)mode;
}

static void op_range(void *ctx, struct arch_pa pa, uint64_t bytes)
{
    (void)ctx;
    (void)pa;
    (void)bytes;
}

static void op_spend(void *ctx, enum hyp_cost what)
{
    (void)ctx;
    (void)what;
}

static struct arch_pa op_table_alloc(void *ctx)
{
    struct hyp_world *w = ctx;
    const struct arch_pa table = physmem_table_alloc(w->mem, UINT64_C(1) << w->vm.tg);

    mon_table_alloc(w->mon, table, w->vm.tg);
    return table;
}

static void op_table_free(void *ctx, struct arch_pa table)
{
    const struct mon_at at = now(ctx);

    mon_table_free(self(ctx)->mon, &at, table);
}

static bool op_table_empty(void *ctx, struct arch_pa table)
{
    for (uint32_t i = 0; i < arch_table_entries(self(ctx)->vm.tg); i++) {
        if (op_read(ctx, arch_pa(table.v + i * ARCH_DESC_BYTES)))
            return false;
    }
    return true;
}

static void op_at(void *ctx, const struct hyp_event *event)
{
    (void)ctx;
    (void)event;
}

static void init_slot(struct hyp_world *w)
{
    const unsigned shift = arch_level_shift(w->vm.tg, 2);

    w->slot = (struct hyp_slot){
        .ipa = {WORLD_IPA},
        .pa = {WORLD_PA},
        .bytes = UINT64_C(8) << shift,
        .block_level = 2,
        .writable = true,
    };
}

void world_init(struct hyp_world *w, struct hyp_cfg cfg, enum arch_tg tg,
                unsigned bbm_level, enum hyp_defect defect)
{
    static const struct hyp_ops ops = {
        .read = op_read,
        .write = op_write,
        .cmpxchg = op_cmpxchg,
        .tlbi = op_tlbi,
        .dsb = op_dsb,
        .isb = op_isb,
        .lock = op_lock,
        .unlock = op_lock,
        .clean = op_range,
        .icache = op_range,
        .spend = op_spend,
        .table_alloc = op_table_alloc,
        .table_free = op_table_free,
        .table_empty = op_table_empty,
        .at = op_at,
    };
    struct mon_cfg mcfg = {
        .bbm_level = bbm_level, .pa_bits = 48, .keep_n = 1000, .read = mon_mem_read};
    struct arch_vtcr vtcr;
    struct mon_root root;

    *w = (struct hyp_world){.ops = ops};
    w->mem = physmem_new(arch_pa(UINT64_C(0x1000000000)));
    assert_non_null(w->mem);
    mcfg.ctx = w->mem;
    w->mon = mon_new(&mcfg);
    assert_int_equal(walk_s2_choose(tg, 40, 48, &vtcr), ARCH_OK);
    assert_int_equal(walk_s2_geometry_of(&vtcr, 48, false, &w->vm.geom), ARCH_OK);
    w->vm.cfg = cfg;
    w->vm.tg = tg;
    w->vm.vmid = WORLD_VMID;
    w->vm.baddr = physmem_table_alloc(w->mem, UINT64_C(1) << 18);
    hyp_defective_init(&w->defective, defect, WORLD_VMID + 1, &w->ops, w);
    w->vm.ops = &w->defective.ops;
    w->vm.ctx = &w->defective;
    assert_true(mon_s2_root(&vtcr, 48, false, w->vm.baddr, WORLD_VMID, &root));
    mon_root_add(w->mon, &root);
    init_slot(w);
}

void world_free(struct hyp_world *w)
{
    mon_delete(w->mon);
    physmem_delete(w->mem);
}

uint64_t world_block_bytes(const struct hyp_world *w)
{
    return w->slot.bytes / 8;
}

/* What a walk of the live table meets. */
static struct arch_fault walk(const struct hyp_world *w, uint64_t ipa,
                              enum arch_access access)
{
    struct arch_fault fault = {.stage = 2};
    struct arch_pa table = w->vm.baddr;

    for (int level = w->vm.geom.start_level;; level++) {
        const struct arch_pa entry = hyp_entry_pa(&w->vm, table, level, arch_ipa(ipa));
        const uint64_t desc = physmem_read(w->mem, entry);

        fault.level = (int8_t)level;
        switch (arch_desc_kind(desc, level, w->vm.tg, false, 48)) {
        case ARCH_DESC_KIND_TABLE:
            table = arch_desc_table_pa(desc, w->vm.tg, false);
            continue;
        case ARCH_DESC_KIND_INVALID:
            fault.type = ARCH_FAULT_TRANSLATION;
            break;
        case ARCH_DESC_KIND_LEAF:
            if (!(desc & ARCH_DESC_AF))
                fault.type = ARCH_FAULT_ACCESS_FLAG;
            else if (!arch_desc_s2_allows(desc, access))
                fault.type = ARCH_FAULT_PERMISSION;
            break;
        }
        return fault;
    }
}

void world_access(struct hyp_world *w, uint64_t ipa, enum arch_access access)
{
    const struct arch_fault fault = walk(w, ipa, access);

    if (fault.type != ARCH_FAULT_NONE)
        (void)hyp_handle_fault(&w->vm, &w->slot, arch_ipa(ipa), access, &fault);
}
