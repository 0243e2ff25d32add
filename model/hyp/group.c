/* SPDX-License-Identifier: Apache-2.0 */
/* Contiguous groups of pages or blocks: 16 to 128 entries that a TLB may hold as one.
 *
 * A group is changed as a whole, as another block size would be: break all entries,
 * flush, make all. ArmARM: D8.7 The Contiguous bit, R_DDMVT, R_KFLJB. */
#include "model/hyp/flush.h"
#include "model/hyp/sequence.h"
#include "model/hyp/stage2_priv.h"

struct hyp_group hyp_group_around(const struct hyp_vm *vm, const struct hyp_event *at)
{
    const unsigned shift = arch_contiguous_shift(at->level, vm->tg);
    const uint64_t ipa_mask = (hyp_level_bytes(vm, at->level) << shift) - 1;
    const uint64_t pa_mask = ((uint64_t)ARCH_DESC_BYTES << shift) - 1;
    struct hyp_group g = {.first = *at, .entries_n = 1u << shift};

    g.first.ipa.v &= ~ipa_mask;
    g.first.entry.v &= ~pa_mask;
    for (unsigned i = 0; i < g.entries_n; i++)
        g.old[i] = hyp_visit(vm, arch_pa(g.first.entry.v + i * ARCH_DESC_BYTES));
    return g;
}

static struct hyp_event nth(const struct hyp_vm *vm, const struct hyp_group *g,
                            unsigned i)
{
    struct hyp_event at = g->first;

    at.ipa.v += i * hyp_level_bytes(vm, at.level);
    at.entry.v += i * ARCH_DESC_BYTES;
    at.old = g->old[i];
    return at;
}

static uint64_t group_bytes(const struct hyp_vm *vm, const struct hyp_group *g)
{
    return g->entries_n * hyp_level_bytes(vm, g->first.level);
}

static void flush_group(const struct hyp_vm *vm, const struct hyp_group *g)
{
    bool cached = false;

    for (unsigned i = 0; i < g->entries_n; i++)
        cached |= g->old[i] & ARCH_DESC_VALID;
    if (cached)
        hyp_flush_span(vm, g->first.ipa, group_bytes(vm, g));
}

static bool is_locked(const struct hyp_vm *vm, const struct hyp_group *g)
{
    for (unsigned i = 0; i < g->entries_n; i++) {
        struct hyp_event at = nth(vm, g, i);

        if (hyp_is_locked(at.old, at.level)) {
            hyp_at(vm, HYP_AT_LOCKED, &at);
            return true;
        }
    }
    return false;
}

/* All or none: entries are taken in ascending order, and given back if one is lost. */
static bool break_all(const struct hyp_vm *vm, const struct hyp_group *g)
{
    for (unsigned i = 0; i < g->entries_n; i++) {
        struct hyp_event at = nth(vm, g, i);

        if (hyp_try_replace(vm, &at, HYP_DESC_LOCKED))
            continue;
        while (i-- > 0)
            vm->ops->write(vm->ctx, nth(vm, g, i).entry, g->old[i]);
        return false;
    }
    return true;
}

static void make_all(const struct hyp_vm *vm, const struct hyp_group *g,
                     const uint64_t *desc)
{
    for (unsigned i = 0; i < g->entries_n; i++) {
        struct hyp_event at = nth(vm, g, i);

        hyp_make(vm, &at, desc[i]);
    }
}

/* clean: what the group will map, or NULL if that was mapped before. */
static enum hyp_result replace_all(const struct hyp_vm *vm, struct hyp_group *g,
                                   const uint64_t *desc, const struct arch_pa *clean,
                                   enum hyp_group_access access)
{
    const bool direct = vm->cfg.sequence == HYP_SEQ_BBML2 && access == HYP_GROUP_ALONE;

    if (is_locked(vm, g))
        return HYP_EAGAIN;
    if (clean)
        hyp_maintain_caches(vm, HYP_CLEAN_BEFORE, *clean, group_bytes(vm, g), desc[0]);
    hyp_at(vm, HYP_AT_GROUP, &g->first);
    if (!direct && !break_all(vm, g)) {
        hyp_at(vm, HYP_AT_GROUP_OVER, &g->first);
        return HYP_EAGAIN;
    }
    if (!direct)
        flush_group(vm, g);
    if (clean)
        hyp_maintain_caches(vm, HYP_CLEAN_IN_WINDOW, *clean, group_bytes(vm, g),
                            desc[0]);
    make_all(vm, g, desc);
    if (direct)
        flush_group(vm, g);
    hyp_at(vm, HYP_AT_GROUP_OVER, &g->first);
    return HYP_DONE;
}

static bool is_made(const struct hyp_vm *vm, const struct hyp_group *g,
                    const uint64_t *desc)
{
    for (unsigned i = 0; i < g->entries_n; i++) {
        if (!(g->old[i] & ARCH_DESC_VALID) || hyp_needs_update(vm, g->old[i], desc[i]))
            return false;
    }
    return true;
}

bool hyp_group_has_table(const struct hyp_vm *vm, const struct hyp_group *g)
{
    for (unsigned i = 0; i < g->entries_n; i++) {
        if (hyp_kind(vm, g->old[i], g->first.level) == ARCH_DESC_KIND_TABLE)
            return true;
    }
    return false;
}

enum hyp_result hyp_group_make(const struct hyp_vm *vm, struct hyp_group *g,
                               uint64_t desc, enum hyp_group_access access)
{
    const int level = g->first.level;
    const struct arch_pa pa = arch_desc_leaf_pa(desc, level, vm->tg, HYP_NO_DS);
    uint64_t descs[128];

    for (unsigned i = 0; i < g->entries_n; i++)
        descs[i] = (desc + i * hyp_level_bytes(vm, level)) | ARCH_DESC_CONTIGUOUS;
    if (is_made(vm, g, descs)) {
        hyp_at(vm, HYP_AT_FOUND, &g->first);
        return HYP_EAGAIN;
    }
    return replace_all(vm, g, descs, &pa, access);
}

enum hyp_result hyp_group_split(const struct hyp_vm *vm, struct hyp_group *g,
                                enum hyp_group_access access)
{
    uint64_t descs[128];

    for (unsigned i = 0; i < g->entries_n; i++)
        descs[i] = g->old[i] & ~ARCH_DESC_CONTIGUOUS;
    return replace_all(vm, g, descs, NULL, access);
}
