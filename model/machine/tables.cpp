/* SPDX-License-Identifier: Apache-2.0 */
#include "model/machine/tables.h"

extern "C" {
#include "walker/arch/desc.h"
#include "walker/s2_walk.h"
}

namespace
{
/* The hypervisor's operations, untimed. */
struct Builder {
    physmem *words;
    uint64_t table_bytes;
};

physmem *words(void *ctx)
{
    return static_cast<Builder *>(ctx)->words;
}

const hyp_ops UNTIMED = {
    [](void *ctx, arch_pa pa) { return physmem_read(words(ctx), pa); },
    [](void *ctx, arch_pa pa, uint64_t desc) { physmem_write(words(ctx), pa, desc); },
    [](void *ctx, arch_pa pa, uint64_t old, uint64_t desc) {
        const bool same = physmem_read(words(ctx), pa) == old;
        if (same)
            physmem_write(words(ctx), pa, desc);
        return same;
    },
    [](void *, const arch_tlbi *) {},
    [](void *, arch_dsb) {},
    [](void *) {},
    [](void *, hyp_lock_mode) {},
    [](void *, hyp_lock_mode) {},
    [](void *, arch_pa, uint64_t) {},
    [](void *, arch_pa, uint64_t) {},
    [](void *, hyp_cost) {},
    [](void *ctx) {
        return physmem_table_alloc(words(ctx),
                                   static_cast<Builder *>(ctx)->table_bytes);
    },
    [](void *ctx, arch_pa table) { physmem_table_free(words(ctx), table); },
    [](void *, arch_pa) { return false; },
    [](void *, const hyp_event *) {},
    nullptr,
    nullptr,
    nullptr,
    nullptr,
};

void map_one(const hyp_vm &vm, const scn_memory &m, uint64_t offset, unsigned shift,
             bool writable)
{
    const int level = arch_level_of_shift(vm.tg, shift);
    const hyp_leaf leaf = {{m.ipa.v + offset},
                           {m.pa.v + offset},
                           level,
                           writable,
                           false,
                           shift > arch_level_shift(vm.tg, level)};
    hyp_event detached;

    (void)hyp_map(&vm, &leaf, leaf.ipa, &detached);
}

/* The entry of the leaf that maps ipa. */
arch_pa leaf_entry(const Vm &of, const physmem *mem, uint64_t ipa)
{
    walk_s2 w;
    walk_next next = walk_s2_begin(&w, &of.walk.s2, {ipa}, ARCH_READ);

    while (next == WALK_NEED_DESC)
        next = walk_s2_feed(&w, physmem_read(mem, w.desc_pa));
    return w.desc_pa;
}

/* The leaves of a whole table, of which nothing was mapped: the first and the last tell
 * what the others are, so they need not be written. False if they do not. */
bool map_table(const hyp_vm &vm, const Vm &of, physmem *mem, const scn_memory &m,
               uint64_t offset)
{
    const uint64_t leaf = UINT64_C(1) << m.map_shift;
    const uint64_t n = arch_table_entries(vm.tg);
    const uint64_t last = offset + (n - 1) * leaf;

    map_one(vm, m, offset, m.map_shift, m.writable);
    map_one(vm, m, last, m.map_shift, m.writable);
    const arch_pa a = leaf_entry(of, mem, m.ipa.v + offset);
    const arch_pa b = leaf_entry(of, mem, m.ipa.v + last);
    const uint64_t first = physmem_read(mem, a);
    if (b.v - a.v != (n - 1) * ARCH_DESC_BYTES ||
        physmem_read(mem, b) - first != (n - 1) * leaf)
        return false;
    physmem_table_fill(mem, a, first, leaf);
    return true;
}

/* A table above the leaf tables is not the start table, whose size is another. */
bool fills_tables(const hyp_vm &vm, const scn_memory &m)
{
    const int level = arch_level_of_shift(vm.tg, m.map_shift);

    return level > vm.geom.start_level && m.map_shift == arch_level_shift(vm.tg, level);
}

void map_all(const hyp_vm &vm, const Vm &of, physmem *mem, const scn_memory &m)
{
    const uint64_t leaf = UINT64_C(1) << m.map_shift;
    const uint64_t span = fills_tables(vm, m) ? leaf * arch_table_entries(vm.tg) : 0;

    for (uint64_t at = 0; at < m.bytes;) {
        if (span && (m.ipa.v + at) % span == 0 && m.bytes - at >= span &&
            map_table(vm, of, mem, m, at)) {
            at += span;
            continue;
        }
        map_one(vm, m, at, m.map_shift, m.writable);
        at += leaf;
    }
}

/* The listed pages of each block, in every block of the region. */
void map_pages(const hyp_vm &vm, const scn_memory &m)
{
    const uint64_t page = UINT64_C(1) << m.map_shift;

    for (uint64_t at = 0; at < m.bytes; at += UINT64_C(1) << m.backing_shift) {
        for (size_t i = 0; i < m.pages_n; i++) {
            for (uint64_t p = m.pages[i].first; p <= m.pages[i].last; p++)
                map_one(vm, m, at + p * page, m.map_shift, m.pages[i].writable);
        }
    }
}

void write_guest(void *ctx, uint64_t ipa, uint64_t desc)
{
    const auto &[vm, mem] = *static_cast<std::pair<Vm &, physmem *> *>(ctx);

    physmem_write(mem, vm.pa_of({ipa}), desc);
}

void build_stage1(Vm &of, physmem *mem)
{
    const scn_vm &vm = of.cfg;
    std::vector<guest_range> ranges(vm.memory_n);
    std::pair<Vm &, physmem *> where(of, mem);

    scn_stage1_ranges(&vm, ranges.data());
    guest_stage1_build(&vm.stage1, ranges.data(), ranges.size(), write_guest, &where);
    if (!vm.stage1.accessed)
        of.walks_update(of.pa_of(vm.stage1.tables),
                        guest_stage1_bytes(&vm.stage1, ranges.data(), ranges.size()));
}
} // namespace

void build_initial_tables(Vm &of, physmem *mem)
{
    hyp_vm vm = of.hyp;
    Builder builder = {mem, UINT64_C(1) << vm.tg};

    vm.ops = &UNTIMED;
    vm.ctx = &builder;
    vm.cfg.clean = HYP_CLEAN_NONE;
    vm.cfg.icache = HYP_ICACHE_NONE;
    for (size_t i = 0; i < of.cfg.memory_n; i++) {
        const scn_memory &m = of.cfg.memory[i];
        if (m.pages_n)
            map_pages(vm, m);
        else if (m.mapped)
            map_all(vm, of, mem, m);
    }
    if (of.cfg.stage1.on)
        build_stage1(of, mem);
}
