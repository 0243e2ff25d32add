/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/hyp/interleave_test.c - every operation on random tables, alone and
 * interleaved at every step with another one.
 *
 * Alone, the mapping that is left equals that of a naive map: an array of pages. With a
 * second actor the order is open, so what must hold in any order is checked. pair.h
 * watches the stores, the flushes and the tables in both cases. */
#include "tests/unit/hyp/pair.h"
#include "tests/unit/walker/rows.h"
#include "walker/arch/desc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SLOT_PA UINT64_C(0x100000000)
#define PAGES_MAX (UINT64_C(1) << 18)

enum op { VCPU, COALESCE, SPLIT, WRPROTECT, ALLOW_WRITES, UNMAP, AGE, GET_LOG, OPS_N };

static const char *const op_names[OPS_N] = {"vcpu",      "coalesce",     "split",
                                            "wrprotect", "allow writes", "unmap",
                                            "age",       "get log"};

static const struct shape {
    const char *name;
    enum arch_tg tg;
    int start_level, block_level;
    bool group; /* contiguous groups of such blocks, or of pages */
    uint32_t start_entries;
    uint64_t ipa, bytes; /* of the slot */
    unsigned pairs_n;
} shapes[] = {
    {"4K, 2 MiB", ARCH_TG_4K, 1, 2, false, 2, 0x40000000, 0x600000, 1200},
    {"4K, 1 GiB", ARCH_TG_4K, 1, 1, false, 2, 0x40000000, 0x40000000, 60},
    {"4K, groups of 16", ARCH_TG_4K, 1, 3, true, 2, 0x40000000, 0x200000, 800},
    {"4K, groups of 16 blocks", ARCH_TG_4K, 1, 2, true, 2, 0x40000000, 0x4000000, 300},
    {"16K, 32 MiB", ARCH_TG_16K, 2, 2, false, 4, 0x2000000, 0x4000000, 200},
    {"16K, groups of 128", ARCH_TG_16K, 2, 3, true, 4, 0x2000000, 0x2000000, 200},
    {"16K, groups of 32 blocks", ARCH_TG_16K, 2, 2, true, 64, 0x40000000, 0x40000000,
     60},
    {"64K, 512 MiB", ARCH_TG_64K, 2, 2, false, 2, 0x20000000, 0x20000000, 100},
    {"64K, groups of 32", ARCH_TG_64K, 2, 3, true, 2, 0x20000000, 0x20000000, 100},
};

struct page {
    bool mapped, writable, grouped;
    int level;
};

struct task {
    struct world *world;
    enum op op;
    uint64_t first, bytes; /* of the range */
};

static struct world {
    struct pair pair;
    const struct shape *shape;
    struct hyp_slot slot;
    struct page before[PAGES_MAX], naive[PAGES_MAX];
    bool written[PAGES_MAX], touched[PAGES_MAX];
    uint64_t dirty[PAGES_MAX / 64], log[PAGES_MAX / 64];
    uint64_t pages_n, hot; /* most accesses are to 8 pages from hot on */
    unsigned accesses_n;
    bool has_hd[2]; /* [actor] runs on a PE that sets dirty state */
    unsigned long hw_writes_n;
} the_world;

static uint64_t below(struct world *w, uint64_t n)
{
    return pair_random(&w->pair) % n;
}

static uint64_t page_bytes(const struct world *w)
{
    return UINT64_C(1) << w->shape->tg;
}

static uint64_t level_bytes(const struct world *w, int level)
{
    return UINT64_C(1) << arch_level_shift(w->shape->tg, level);
}

/* Bytes of a contiguous group of leaves of level. */
static uint64_t group_bytes(const struct world *w, int level)
{
    return level_bytes(w, level) << arch_contiguous_shift(level, w->shape->tg);
}

/* Bytes of what a fault maps, or the host coalesces. */
static uint64_t unit_bytes(const struct world *w)
{
    return w->shape->group ? group_bytes(w, w->shape->block_level)
                           : level_bytes(w, w->shape->block_level);
}

static uint64_t leaf_desc(uint64_t offset, int level, bool writable)
{
    const struct hyp_leaf leaf = {
        .pa = {SLOT_PA + offset}, .level = level, .writable = writable};

    return hyp_leaf_desc(&leaf);
}

/* ---- the state before ---- */

static bool starts_writable(struct world *w)
{
    return !w->slot.logging && below(w, 2);
}

static void put_group(struct world *w, uint64_t offset, int level)
{
    const uint64_t end = offset + group_bytes(w, level);
    const bool writable = starts_writable(w);

    for (uint64_t at = offset; at < end; at += level_bytes(w, level))
        pair_put(&w->pair, w->slot.ipa.v + at, level,
                 leaf_desc(at, level, writable) | ARCH_DESC_CONTIGUOUS);
}

/* What a round of the log has left. */
static uint64_t perhaps_clean(struct world *w, uint64_t page)
{
    const bool clean = w->slot.logging && w->pair.vm.cfg.dirty == HYP_DIRTY_HARDWARE;

    return clean && below(w, 4) ? page | ARCH_DESC_DBM : page;
}

static void put_pages(struct world *w, uint64_t offset, uint64_t bytes)
{
    const uint64_t one_in = 1 + below(w, 3) * below(w, 20);

    for (uint64_t at = offset; at < offset + bytes; at += page_bytes(w)) {
        if (at % group_bytes(w, 3) == 0 && below(w, 4) == 0) {
            put_group(w, at, 3);
            at += group_bytes(w, 3) - page_bytes(w);
        } else if (below(w, one_in) == 0) {
            pair_put(&w->pair, w->slot.ipa.v + at, 3,
                     perhaps_clean(w, leaf_desc(at, 3, starts_writable(w))));
        }
    }
}

/* A hole, a leaf, or a table of the level 2 block at offset. */
static void put_block(struct world *w, uint64_t offset)
{
    const uint64_t bytes = level_bytes(w, 2);

    switch (below(w, 4)) {
    case 0:
        break;
    case 1:
        pair_put(&w->pair, w->slot.ipa.v + offset, 2,
                 leaf_desc(offset, 2, starts_writable(w)));
        break;
    default:
        put_pages(w, offset, bytes);
    }
}

static bool starts_block_group(struct world *w, uint64_t offset)
{
    return w->shape->group && w->shape->block_level == 2 &&
           offset % group_bytes(w, 2) == 0 && below(w, 3) == 0;
}

static void put_tables(struct world *w)
{
    const uint64_t bytes = level_bytes(w, 2);
    const bool whole = w->shape->block_level == 1 && below(w, 4) == 0;

    if (whole)
        pair_put(&w->pair, w->slot.ipa.v, 1, leaf_desc(0, 1, starts_writable(w)));
    for (uint64_t at = 0; !whole && at < w->slot.bytes; at += bytes) {
        if (starts_block_group(w, at)) {
            put_group(w, at, 2);
            at += group_bytes(w, 2) - bytes;
        } else if (w->shape->block_level != 1 || below(w, 128) == 0) {
            put_block(w, at);
        }
    }
}

static struct page look(struct world *w, uint64_t page)
{
    const struct hyp_event at =
        pair_walk(&w->pair, w->slot.ipa.v + page * page_bytes(w));

    return (struct page){.mapped = at.old & ARCH_DESC_VALID,
                         .writable = at.old & ARCH_DESC_S2AP_W,
                         .grouped = at.old & ARCH_DESC_CONTIGUOUS,
                         .level = at.level};
}

/* One that hardware may write to. */
static bool is_lone_page(const struct world *w, uint64_t page)
{
    const struct page *p = &w->before[page];

    return p->mapped && p->level == 3 && !p->grouped;
}

/* ---- what the actors do ---- */

/* The walk of a PE that sets dirty state: one atomic update. */
static bool sets_dirty(struct world *w, bool has_hd, uint64_t ipa,
                       const struct hyp_event *at, enum arch_access access)
{
    const uint64_t clean = ARCH_DESC_VALID | ARCH_DESC_DBM;

    if (!has_hd || access != ARCH_WRITE || at->level != 3 ||
        (at->old & (clean | ARCH_DESC_S2AP_W)) != clean)
        return false;
    pair_put(&w->pair, ipa, 3, at->old | ARCH_DESC_S2AP_W);
    w->hw_writes_n++;
    return true;
}

static bool allowed(struct world *w, bool has_hd, uint64_t ipa, enum arch_access access,
                    struct arch_fault *fault)
{
    const struct hyp_event at = pair_walk(&w->pair, ipa);
    const bool nt = at.level < 3 && at.old & ARCH_DESC_NT;

    *fault = (struct arch_fault){.stage = 2, .level = (int8_t)at.level};
    if (!(at.old & ARCH_DESC_VALID) || (nt && below(w, 2)))
        fault->type = ARCH_FAULT_TRANSLATION;
    else if (!(at.old & ARCH_DESC_AF) && w->pair.vm.cfg.af == HYP_AF_FAULT)
        fault->type = ARCH_FAULT_ACCESS_FLAG;
    else if (!arch_desc_s2_allows(at.old, access) &&
             !sets_dirty(w, has_hd, ipa, &at, access))
        fault->type = ARCH_FAULT_PERMISSION;
    return fault->type == ARCH_FAULT_NONE;
}

static void run_vcpu(struct world *w, struct pair_actor *self)
{
    const bool has_hd = w->has_hd[self == &w->pair.actors[1]];

    for (unsigned i = 0; i < w->accesses_n; i++) {
        const uint64_t page =
            below(w, 4) ? (w->hot + below(w, 8)) % w->pages_n : below(w, w->pages_n);
        const struct arch_ipa ipa = {w->slot.ipa.v + page * page_bytes(w) + 0x28};
        const enum arch_access access = (enum arch_access)below(w, 3);
        struct arch_fault fault;

        for (;;) {
            pair_yield(self);
            if (allowed(w, has_hd, ipa.v, access, &fault))
                break;
            (void)hyp_handle_fault(&self->vm, &w->slot, ipa, access, &fault);
        }
        w->touched[page] = true;
        w->written[page] |= access == ARCH_WRITE;
    }
}

static void run_task(struct pair_actor *self)
{
    const struct task *t = self->arg;
    struct world *w = t->world;
    const struct arch_ipa ipa = {w->slot.ipa.v + t->first};

    switch (t->op) {
    case VCPU:
        run_vcpu(w, self);
        break;
    case COALESCE:
        hyp_coalesce_range(&self->vm, &w->slot, w->slot.ipa, w->slot.bytes,
                           (unsigned)__builtin_ctzll(unit_bytes(w)));
        break;
    case SPLIT:
        hyp_split_range(&self->vm, ipa, t->bytes);
        break;
    case WRPROTECT:
        hyp_wrprotect_range(&self->vm, ipa, t->bytes);
        break;
    case ALLOW_WRITES:
        hyp_protect_range(&self->vm, ipa, t->bytes,
                          (struct hyp_perms){.set_write = true});
        break;
    case UNMAP:
        hyp_unmap_range(&self->vm, ipa, t->bytes);
        break;
    case AGE:
        (void)hyp_test_clear_young(&self->vm, ipa, t->bytes, true);
        break;
    case GET_LOG:
        hyp_dirty_log_get(&self->vm, &w->slot, w->log);
        break;
    case OPS_N:
        break;
    }
}

static struct task random_task(struct world *w, enum op op)
{
    struct task t = {.world = w, .op = op};

    if (below(w, 3) == 0) {
        t.bytes = w->slot.bytes;
        return t;
    }
    t.first = below(w, w->pages_n) * page_bytes(w);
    t.bytes = (1 + below(w, w->pages_n - t.first / page_bytes(w))) * page_bytes(w);
    return t;
}

/* ---- switches ---- */

static bool frees_in_window(const struct hyp_cfg *cfg)
{
    return cfg->sequence == HYP_SEQ_BBM || cfg->tear_down == HYP_TEAR_DOWN_UNDER_LOCK;
}

static struct hyp_cfg random_cfg(struct world *w, enum hyp_sequence sequence)
{
    const struct hyp_cpu cpu = {.s2fwb = below(w, 2),
                                .dic = below(w, 2),
                                .tlbirange = below(w, 2),
                                .ttl = below(w, 2)};
    struct hyp_cfg cfg = hyp_path_defaults((enum hyp_path)below(w, HYP_PATHS_N), &cpu);

    cfg.sequence = sequence;
    cfg.lock = (enum hyp_lock)below(w, HYP_LOCKS_N);
    cfg.identical = (enum hyp_identical)below(w, HYP_IDENTICALS_N);
    cfg.relax = (enum hyp_relax)below(w, HYP_RELAXES_N);
    cfg.tear_down = (enum hyp_tear_down_at)below(w, HYP_TEAR_DOWNS_N);
    cfg.split = (enum hyp_split_when)below(w, HYP_SPLITS_N);
    cfg.af = (enum hyp_af)below(w, HYP_AFS_N);
    if (cfg.af == HYP_AF_HARDWARE)
        cfg.dirty = (enum hyp_dirty)below(w, HYP_DIRTIES_N);
    if (w->shape->tg == ARCH_TG_4K && w->shape->block_level > 1 && below(w, 4) == 0)
        cfg.tlbi = HYP_TLBI_IPA;
    if (frees_in_window(&cfg))
        cfg.lock = HYP_LOCK_EXCLUSIVE;
    return cfg;
}

static void begin(struct world *w, const struct shape *shape, uint64_t seed,
                  enum hyp_sequence sequence, bool logging)
{
    struct hyp_cfg cfg;

    memset(w, 0, sizeof *w);
    w->shape = shape;
    w->pair.seed = seed;
    cfg = random_cfg(w, sequence);
    if (logging && below(w, 4)) {
        cfg.af = HYP_AF_HARDWARE;
        cfg.dirty = HYP_DIRTY_HARDWARE;
    }
    pair_init(&w->pair, cfg, shape->tg, shape->start_level, shape->start_entries, seed);
    w->slot = (struct hyp_slot){.ipa = {shape->ipa},
                                .pa = {SLOT_PA},
                                .bytes = shape->bytes,
                                .block_level = shape->block_level,
                                .writable = true,
                                .group = shape->group,
                                .logging = logging,
                                .dirty = w->dirty};
    w->pair.log.first = w->slot.ipa;
    w->pair.log.bits = w->dirty;
    for (unsigned i = 0; i < 2; i++)
        w->has_hd[i] = cfg.dirty == HYP_DIRTY_HARDWARE && below(w, 4);
    w->pages_n = shape->bytes >> shape->tg;
    w->hot = below(w, w->pages_n);
    w->accesses_n = 1 + (unsigned)below(w, 30);
    put_tables(w);
    for (uint64_t i = 0; i < w->pages_n; i++)
        w->before[i] = look(w, i);
    for (unsigned i = 0; i < 100 && logging && !is_lone_page(w, w->hot); i++)
        w->hot = below(w, w->pages_n);
}

static void check(const struct world *w, uint64_t seed, const char *what, bool ok,
                  uint64_t page)
{
    const struct hyp_cfg *c = &w->pair.vm.cfg;

    if (!ok)
        fail_msg("%s, %s, %s lock, seed %llu: %s (page %llu) %s", w->shape->name,
                 hyp_sequence_name(c->sequence), hyp_lock_name(c->lock),
                 (unsigned long long)seed, what, (unsigned long long)page,
                 w->pair.error);
}

/* All leaves of a group are in it, and alike but for the Access flag. */
static bool group_is_whole(const struct world *w, uint64_t page, int level)
{
    const uint64_t bytes = group_bytes(w, level);
    const uint64_t ipa = w->slot.ipa.v + page * page_bytes(w) / bytes * bytes;
    const uint64_t base = pair_walk(&w->pair, ipa).old & ~ARCH_DESC_AF;

    for (uint64_t i = 0; i < bytes; i += level_bytes(w, level)) {
        const struct hyp_event at = pair_walk(&w->pair, ipa + i);

        if ((at.old & ~ARCH_DESC_AF) != base + i)
            return false;
    }
    return true;
}

static bool is_in_log(const struct world *w, uint64_t page)
{
    return (w->dirty[page / 64] | w->log[page / 64]) >> page % 64 & 1;
}

/* Whatever was done: the right memory, no more than the slot allows; a page that can be
 * written is in the log or will be found by its next reader, and so is one that was. */
static void check_always(struct world *w, uint64_t seed)
{
    check(w, seed, "a rule", pair_is_tidy(&w->pair), 0);
    for (uint64_t i = 0; i < w->pages_n; i++) {
        const uint64_t offset = i * page_bytes(w);
        const struct hyp_event at = pair_walk(&w->pair, w->slot.ipa.v + offset);

        const bool found = (at.old & ARCH_DESC_VALID) && (at.old & ARCH_DESC_DBM) &&
                           (at.old & ARCH_DESC_S2AP_W);

        if (w->slot.logging && w->written[i])
            check(w, seed, "written and lost to the log", is_in_log(w, i) || found, i);
        if (!(at.old & ARCH_DESC_VALID))
            continue;
        check(w, seed, "another page's memory",
              arch_desc_leaf_pa(at.old, at.level, w->shape->tg, false).v ==
                  ((SLOT_PA + offset) & ~(level_bytes(w, at.level) - 1)),
              i);
        if (at.old & ARCH_DESC_CONTIGUOUS)
            check(w, seed, "half a group", group_is_whole(w, i, at.level), i);
        if (w->slot.logging)
            check(w, seed, "writable and not in the dirty log",
                  !(at.old & ARCH_DESC_S2AP_W) || w->dirty[i / 64] >> i % 64 & 1 ||
                      found,
                  i);
    }
}

/* ---- the naive map ---- */

static void naive_map(struct world *w, uint64_t offset, uint64_t bytes, bool writable,
                      bool group)
{
    const int level = w->shape->block_level;

    for (uint64_t i = offset / page_bytes(w); i < (offset + bytes) / page_bytes(w); i++)
        w->naive[i] = (struct page){true, writable, group, level};
}

/* A table is in the place of the block at offset. */
static bool has_table(const struct world *w, uint64_t offset)
{
    return w->naive[offset / page_bytes(w)].level > w->shape->block_level;
}

/* All leaves of a group are mapped, not all of them as one. */
static bool can_be_grouped(const struct world *w, uint64_t offset)
{
    bool full = true, grouped = true;

    for (uint64_t i = 0; i < unit_bytes(w); i += page_bytes(w)) {
        const struct page *p = &w->naive[(offset + i) / page_bytes(w)];

        full &= p->mapped && p->level == w->shape->block_level;
        grouped &= p->grouped;
    }
    return full && !grouped;
}

static void naive_coalesce(struct world *w)
{
    const uint64_t block = level_bytes(w, w->shape->block_level);

    if (w->pair.vm.cfg.sequence == HYP_SEQ_KEEP)
        return;
    for (uint64_t at = 0; at < w->slot.bytes; at += block) {
        if (has_table(w, at))
            naive_map(w, at, block, true, false);
    }
    for (uint64_t at = 0; w->shape->group && at < w->slot.bytes; at += unit_bytes(w)) {
        if (can_be_grouped(w, at))
            naive_map(w, at, unit_bytes(w), true, true);
    }
}

/* Hardware writes to the entries of the range. */
static bool makes_clean(const struct world *w, const struct task *t)
{
    return t->op == WRPROTECT && w->pair.vm.cfg.dirty == HYP_DIRTY_HARDWARE;
}

/* A group that the range or a batch of it holds a part of, or that is split, is one no
 * longer. */
static void naive_ungroup(struct world *w, const struct task *t)
{
    for (uint64_t i = 0; i < w->pages_n; i++) {
        const uint64_t bytes = group_bytes(w, w->before[i].level);
        const uint64_t group = i * page_bytes(w) / bytes * bytes;
        const bool met = group < t->first + t->bytes && group + bytes > t->first;
        const bool whole = group >= t->first && group + bytes <= t->first + t->bytes &&
                           bytes <= level_bytes(w, w->shape->tg == ARCH_TG_4K ? 1 : 2);

        if (met && (!whole || t->op == SPLIT || makes_clean(w, t)))
            w->naive[i].grouped = false;
    }
}

/* A change of a range takes each block that it meets as a whole. */
static void naive_change(struct world *w, const struct task *t)
{
    const uint64_t first = t->first / page_bytes(w);
    const uint64_t end = (t->first + t->bytes) / page_bytes(w);

    naive_ungroup(w, t);
    for (uint64_t i = 0; i < w->pages_n; i++) {
        const uint64_t n = level_bytes(w, w->before[i].level) / page_bytes(w);
        const uint64_t leaf = i / n * n;

        if (!w->before[i].mapped || leaf >= end || leaf + n <= first)
            continue;
        if (t->op == UNMAP)
            w->naive[i].mapped = false;
        else if (t->op == SPLIT)
            w->naive[i].level = 3;
        else
            w->naive[i].writable = t->op == ALLOW_WRITES;
    }
}

static void apply(struct world *w, const struct task *t)
{
    memcpy(w->naive, w->before, sizeof w->naive);
    if (t->op == COALESCE)
        naive_coalesce(w);
    else if (t->op != AGE)
        naive_change(w, t);
}

static void an_operation_alone_leaves_what_a_naive_map_has(void **state)
{
    struct world *w = &the_world;

    (void)state;
    for (size_t s = 0; s < ROWS_N(shapes); s++)
        for (uint64_t seed = 0; seed < 60; seed++) {
            const enum hyp_sequence sequence =
                (enum hyp_sequence)(seed % HYP_SEQUENCES_N);
            const enum op op = (enum op)(COALESCE + seed / 6 % (GET_LOG - COALESCE));
            struct task t;

            if (shapes[s].group && !hyp_sequence_can_group(sequence))
                continue;
            begin(w, &shapes[s], seed, sequence, false);
            t = random_task(w, op);
            apply(w, &t);
            check(w, seed, op_names[op], pair_run(&w->pair, run_task, &t, NULL, NULL),
                  0);
            check_always(w, seed);
            for (uint64_t i = 0; i < w->pages_n; i++) {
                const struct page got = look(w, i);

                check(w, seed, op_names[op],
                      got.mapped == w->naive[i].mapped &&
                          (!got.mapped || (got.writable == w->naive[i].writable &&
                                           got.grouped == w->naive[i].grouped &&
                                           got.level == w->naive[i].level)),
                      i);
            }
            pair_free(&w->pair);
        }
}

/* ---- pairs ---- */

static enum op op_beside_log(struct world *w)
{
    static const enum op ops[] = {VCPU, GET_LOG, SPLIT, AGE, UNMAP};

    return ops[below(w, w->pair.vm.cfg.lock == HYP_LOCK_ENTRY ? 4 : 5)];
}

static void check_pair(struct world *w, uint64_t seed, enum op a, enum op b)
{
    const bool unmaps = a == UNMAP || b == UNMAP;
    const bool protects = b == WRPROTECT || b == GET_LOG;

    check_always(w, seed);
    for (uint64_t i = 0; i < w->pages_n && !unmaps && !w->slot.logging; i++) {
        const struct page got = look(w, i);

        /* A fault splits a block above what it maps, and maps its own page only. */
        if (w->before[i].mapped && w->before[i].level < w->shape->block_level)
            continue;
        if (w->before[i].mapped || w->touched[i])
            check(w, seed, "mapped, then lost", got.mapped, i);
        if (w->written[i] && !protects)
            check(w, seed, "written, then not writable", got.writable, i);
        if ((a == COALESCE || b == COALESCE) && a != SPLIT && b != SPLIT &&
            w->pair.vm.cfg.sequence != HYP_SEQ_KEEP && got.mapped &&
            w->shape->block_level < 3)
            check(w, seed, "not coalesced",
                  got.level <= w->shape->block_level || !w->before[i].mapped, i);
    }
}

static void two_at_once_leave_the_right_memory_and_no_table_behind(void **state)
{
    struct world *w = &the_world;
    unsigned long switches_n = 0, lost_n = 0, hw_writes_n = 0;

    (void)state;
    for (size_t s = 0; s < ROWS_N(shapes); s++)
        for (uint64_t seed = 0; seed < shapes[s].pairs_n; seed++) {
            const enum hyp_sequence sequence =
                (enum hyp_sequence)(seed % HYP_SEQUENCES_N);
            const bool logging = seed % 5 == 4;
            struct task a, b;

            if (shapes[s].group && !hyp_sequence_can_group(sequence))
                continue;
            begin(w, &shapes[s], seed, sequence, logging);
            a = random_task(w, VCPU);
            b = random_task(w, below(w, 2) ? VCPU : (enum op)below(w, OPS_N));
            if (logging)
                b.op = op_beside_log(w);
            check(w, seed, op_names[b.op],
                  pair_run(&w->pair, run_task, &a, run_task, &b), 0);
            check_pair(w, seed, a.op, b.op);
            switches_n += w->pair.switches_n;
            lost_n += w->pair.lost_n;
            hw_writes_n += w->hw_writes_n;
            pair_free(&w->pair);
        }
    /* They did meet. */
    assert_in_range(switches_n, 100000, UINT64_MAX);
    assert_in_range(lost_n, 100, UINT64_MAX);
    assert_in_range(hw_writes_n, 200, UINT64_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_operation_alone_leaves_what_a_naive_map_has),
        cmocka_unit_test(two_at_once_leave_the_right_memory_and_no_table_behind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
