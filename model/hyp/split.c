/* SPDX-License-Identifier: Apache-2.0 */
/* A host thread that turns blocks and groups into pages. */
#include "model/hyp/host_priv.h"
#include "model/hyp/sequence.h"

/* A new table below level whose leaves map, at the last level, what the block does;
 * nothing reaches it yet, so it needs no flush and no clean.
 * Linux: kvm_pgtable_stage2_create_unlinked(). */
static struct arch_pa build_subtree(const struct hyp_vm *vm, uint64_t block, int level)
{
    const struct arch_pa table = vm->ops->table_alloc(vm->ctx);
    const uint64_t bytes = hyp_level_bytes(vm, level + 1);
    const uint32_t n = arch_table_entries(vm->tg);

    for (uint32_t i = 0; i < n; i++) {
        const struct arch_pa entry = arch_pa(table.v + (uint64_t)i * ARCH_DESC_BYTES);
        uint64_t desc = block + i * bytes;

        vm->ops->spend(vm->ctx, HYP_COST_VISIT);
        if (level + 1 == 3)
            desc |= ARCH_DESC_TABLE;
        else
            desc = arch_desc_make_table(build_subtree(vm, desc, level + 1));
        vm->ops->write(vm->ctx, entry, desc);
    }
    return table;
}

static void free_subtree(const struct hyp_vm *vm, struct hyp_event at, uint64_t table)
{
    at.old = table;
    hyp_tear_down(vm, &at);
}

/* Linux: stage2_split_walker(). */
static void split_block(struct hyp_range *r, struct hyp_event *at)
{
    const struct hyp_vm *vm = r->vm;
    struct hyp_split s = {.vm = vm, .at = *at};

    hyp_split_group(r, at);
    if (at->level == 3)
        return;
    s.at = *at;
    if (hyp_kind(vm, at->old, at->level) != ARCH_DESC_KIND_LEAF ||
        hyp_is_locked(at->old, at->level))
        return;
    s.table = arch_desc_make_table(build_subtree(vm, at->old, at->level));
    if (hyp_split(&s) != HYP_DONE)
        free_subtree(vm, *at, s.table);
}

/* A block that is larger is split whole with its first chunk.
 * Linux: __stage2_range_addr_end() with split_page_chunk_size. */
static uint64_t chunk_end(const struct hyp_vm *vm, uint64_t first, uint64_t end)
{
    const uint64_t bytes = hyp_level_bytes(vm, 2);
    const uint64_t boundary = (first & ~(bytes - 1)) + bytes;

    return boundary < end ? boundary : end;
}

void hyp_split_range(const struct hyp_vm *vm, struct arch_ipa ipa, uint64_t bytes)
{
    const uint64_t end = ipa.v + bytes;
    struct hyp_range r = {.vm = vm, .first = ipa.v, .leaf = split_block};

    for (; r.first < end; r.first = r.end) {
        r.end = chunk_end(vm, r.first, end);
        vm->ops->lock(vm->ctx, HYP_LOCK_WRITE);
        hyp_walk_range(&r);
        vm->ops->dsb(vm->ctx, ARCH_DSB_ISHST);
        vm->ops->unlock(vm->ctx, HYP_LOCK_WRITE);
    }
}
