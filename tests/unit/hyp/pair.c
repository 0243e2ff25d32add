/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/hyp/pair.h"

#include "model/monitor/change.h"
#include "walker/arch/desc.h"

#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BASE UINT64_C(0x1000000000)
#define IDLE_MAX 100000000ul /* operations while nobody gets anywhere */

static void breach(struct pair *p, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void breach(struct pair *p, const char *format, ...)
{
    va_list args;

    if (p->error[0])
        return;
    va_start(args, format);
    vsnprintf(p->error, sizeof p->error, format, args);
    va_end(args);
}

/* splitmix64. */
uint64_t pair_random(struct pair *p)
{
    uint64_t z = p->seed += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

void pair_yield(struct pair_actor *self)
{
    struct pair *p = self->pair;
    struct pair_actor *other = &p->actors[self == &p->actors[0]];

    p->ops_n++;
    if (p->error[0] || ++p->idle_n > IDLE_MAX) {
        breach(p, "nobody gets anywhere");
        swapcontext(&self->context, &p->main); /* for ever */
    }
    if (!other->running || pair_random(p) % 3 != 0)
        return;
    p->switches_n++;
    p->now = other;
    swapcontext(&self->context, &other->context);
}

static struct pair_actor *actor(void *ctx)
{
    return ctx;
}

static struct pair_table *table_at(struct pair *p, struct arch_pa pa)
{
    const size_t i = (pa.v - BASE) / p->table_bytes;

    if (pa.v < BASE || i >= p->tables_n || !p->tables[i].words) {
        breach(p, "0x%" PRIx64 " is no table", pa.v);
        return &p->tables[0];
    }
    return &p->tables[i];
}

static uint64_t *word(struct pair *p, struct arch_pa pa)
{
    struct pair_table *t = table_at(p, pa);

    if (t->freed)
        breach(p, "0x%" PRIx64 " is in a freed table", pa.v);
    return &t->words[(pa.v - BASE) % p->table_bytes / 8];
}

static enum arch_desc_kind kind(const struct pair *p, uint64_t desc, int level)
{
    return arch_desc_kind(desc, level, p->vm.tg, false, 48);
}

static struct arch_ipa ipa_of(const struct pair *p, const struct pair_table *t,
                              struct arch_pa entry)
{
    const uint64_t index = (entry.v - BASE) % p->table_bytes / 8;

    return arch_ipa(t->ipa.v + (index << arch_level_shift(p->vm.tg, t->level)));
}

/* A table became reachable: so did what it links. */
static void know(struct pair *p, uint64_t desc, int level, struct arch_ipa ipa)
{
    const struct arch_pa pa = arch_desc_table_pa(desc, p->vm.tg, false);
    struct pair_table *t = table_at(p, pa);
    const uint64_t bytes = UINT64_C(1) << arch_level_shift(p->vm.tg, level);

    t->level = level;
    t->ipa = ipa;
    for (size_t i = 0; level < 3 && i < p->table_bytes / 8; i++) {
        if (kind(p, t->words[i], level) == ARCH_DESC_KIND_TABLE)
            know(p, t->words[i], level + 1, arch_ipa(ipa.v + i * bytes));
    }
}

/* Bits whose change alone leaves TLB entries that do no harm, or do what they did. */
static bool is_harmless(uint64_t old, uint64_t desc)
{
    const uint64_t added = desc & ~old, gone = old & ~desc;
    const uint64_t xn = UINT64_C(1) << 54;
    uint64_t rest = (added & ~(ARCH_DESC_S2AP_W | ARCH_DESC_S2AP_R | ARCH_DESC_AF)) |
                    (gone & ~(xn | ARCH_DESC_AF | ARCH_DESC_NT));

    return (desc & ARCH_DESC_VALID) && rest == 0;
}

static struct pair_pending *pending_at(struct pair *p, struct arch_pa entry)
{
    for (size_t i = p->pending_n; i-- > 0;) {
        if (p->pending[i].entry.v == entry.v)
            return &p->pending[i];
    }
    return NULL;
}

static void forget_complete(struct pair *p)
{
    size_t n = 0;

    for (size_t i = 0; i < p->pending_n; i++) {
        if (!p->pending[i].complete)
            p->pending[n++] = p->pending[i];
    }
    p->pending_n = n;
}

static bool is_empty(struct pair *p, uint64_t table_desc)
{
    const struct pair_table *t =
        table_at(p, arch_desc_table_pa(table_desc, p->vm.tg, false));

    for (size_t i = 0; i < p->table_bytes / 8; i++) {
        if (t->words[i])
            return false;
    }
    return true;
}

static void forget(struct pair *p, struct pair_pending *due)
{
    *due = p->pending[--p->pending_n];
}

static void add_pending(struct pair *p, const struct pair_table *t,
                        struct arch_pa entry, uint64_t old)
{
    if (p->pending_n == PAIR_PENDING_N) {
        breach(p, "too many flushes are due");
        return;
    }
    /* What an empty table led to was flushed before; left is its own entry. */
    p->pending[p->pending_n++] = (struct pair_pending){
        .one_ipa = kind(p, old, t->level) == ARCH_DESC_KIND_LEAF || is_empty(p, old),
        .entry = entry,
        .ipa = ipa_of(p, t, entry).v,
        .bytes = UINT64_C(1) << arch_level_shift(p->vm.tg, t->level),
        .old = old};
}

/* Everything the store may not do. */
static void watch(struct pair *p, struct arch_pa entry, uint64_t old, uint64_t desc)
{
    struct pair_table *t = table_at(p, entry);
    struct pair_pending *due = pending_at(p, entry);

    if (t->level == INT_MIN || old == desc)
        return;
    p->idle_n = 0;
    if (mon_change_rule(old, desc, t->level, p->bbm_level) != MON_RULE_NONE)
        breach(p, "L%d:0x%" PRIx64 " from 0x%" PRIx64 " to 0x%" PRIx64 " without break",
               t->level, ipa_of(p, t, entry).v, old, desc);
    if (!(old & ARCH_DESC_VALID) && (desc & ARCH_DESC_VALID) && due &&
        mon_change_rule(due->old, desc, t->level, p->bbm_level) != MON_RULE_NONE)
        breach(p, "L%d:0x%" PRIx64 " is made before its flush", t->level,
               ipa_of(p, t, entry).v);
    if (!(old & ARCH_DESC_VALID) && due && due->old == desc)
        forget(p, due); /* given back */
    if ((old & ARCH_DESC_VALID) && !is_harmless(old, desc))
        add_pending(p, t, entry, old);
    if (kind(p, desc, t->level) == ARCH_DESC_KIND_TABLE)
        know(p, desc, t->level + 1, ipa_of(p, t, entry));
}

static uint64_t op_read(void *ctx, struct arch_pa pa)
{
    pair_yield(ctx);
    return *word(actor(ctx)->pair, pa);
}

static void op_write(void *ctx, struct arch_pa pa, uint64_t desc)
{
    struct pair *p = actor(ctx)->pair;
    uint64_t *w;

    pair_yield(ctx);
    w = word(p, pa);
    watch(p, pa, *w, desc);
    *w = desc;
}

static bool op_cmpxchg(void *ctx, struct arch_pa pa, uint64_t old, uint64_t desc)
{
    struct pair *p = actor(ctx)->pair;
    uint64_t *w;

    for (int i = 0; i < 4; i++) /* here the other one matters most */
        pair_yield(ctx);
    w = word(p, pa);
    p->lost_n += *w != old;
    if (*w != old)
        return false;
    watch(p, pa, old, desc);
    *w = desc;
    return true;
}

static void op_tlbi(void *ctx, const struct arch_tlbi *op)
{
    struct pair *p = actor(ctx)->pair;

    pair_yield(ctx);
    if (op->domain != ARCH_ISH)
        return;
    for (size_t i = 0; i < p->pending_n; i++) {
        struct pair_pending *d = &p->pending[i];

        if (op->op == ARCH_TLBI_VMALLS12) {
            d->issued = true;
        } else if (op->op == ARCH_TLBI_VMALL) {
            d->issued |= d->ipa_done;
        } else if (op->op == ARCH_TLBI_IPAS2 && op->first < d->ipa + d->bytes &&
                   op->last >= d->ipa) {
            const uint64_t page = UINT64_C(1) << p->vm.tg;
            const uint64_t last = op->range ? op->last : op->first + page - 1;
            const uint64_t from = op->first > d->ipa ? op->first : d->ipa;
            const uint64_t to =
                last < d->ipa + d->bytes - 1 ? last : d->ipa + d->bytes - 1;
            d->covered += d->one_ipa ? d->bytes : to + 1 - from;
        }
    }
}

static void op_dsb(void *ctx, enum arch_dsb dsb)
{
    struct pair *p = actor(ctx)->pair;

    pair_yield(ctx);
    if (dsb != ARCH_DSB_ISH)
        return;
    for (size_t i = 0; i < p->pending_n; i++) {
        p->pending[i].complete = p->pending[i].issued;
        p->pending[i].ipa_done = p->pending[i].covered >= p->pending[i].bytes;
    }
    forget_complete(p);
}

static void op_isb(void *ctx)
{
    pair_yield(ctx);
}

static void op_lock(void *ctx, enum hyp_lock_mode mode)
{
    struct pair *p = actor(ctx)->pair;

    do
        pair_yield(ctx);
    while (p->writer || (mode == HYP_LOCK_WRITE && p->readers));
    if (mode == HYP_LOCK_WRITE)
        p->writer = true;
    else
        p->readers++;
}

static void op_unlock(void *ctx, enum hyp_lock_mode mode)
{
    struct pair *p = actor(ctx)->pair;

    pair_yield(ctx);
    if (mode == HYP_LOCK_WRITE ? !p->writer : !p->readers)
        breach(p, "an unlock without a lock");
    if (mode == HYP_LOCK_WRITE)
        p->writer = false;
    else
        p->readers--;
}

static void op_caches(void *ctx, struct arch_pa pa, uint64_t bytes)
{
    (void)pa, (void)bytes;
    pair_yield(ctx);
}

static void op_spend(void *ctx, enum hyp_cost what)
{
    (void)ctx, (void)what;
}

static struct arch_pa table_new(struct pair *p)
{
    const size_t i = p->tables_n;

    if (i == PAIR_TABLES_N) {
        breach(p, "too many tables");
        return arch_pa(BASE);
    }
    p->tables[p->tables_n++] =
        (struct pair_table){.words = calloc(p->table_bytes / 8, 8), .level = INT_MIN};
    return arch_pa(BASE + i * p->table_bytes);
}

static struct arch_pa op_table_alloc(void *ctx)
{
    pair_yield(ctx);
    return table_new(actor(ctx)->pair);
}

static void op_table_free(void *ctx, struct arch_pa table)
{
    struct pair *p = actor(ctx)->pair;
    struct pair_table *t = table_at(p, table);

    pair_yield(ctx);
    if (t->freed)
        breach(p, "a table is freed twice");
    if (t->level != INT_MIN) {
        const struct hyp_event at = pair_walk(p, t->ipa.v);

        if (at.level >= t->level && table_at(p, at.entry) == t)
            breach(p, "L%d:0x%" PRIx64 " is freed while reachable", t->level, t->ipa.v);
    }
    t->freed = true;
}

static bool op_table_empty(void *ctx, struct arch_pa table)
{
    return is_empty(actor(ctx)->pair, arch_desc_make_table(table));
}

static void op_at(void *ctx, const struct hyp_event *event)
{
    (void)ctx, (void)event;
}

static void op_free_later(void *ctx, const struct hyp_event *detached)
{
    struct pair *p = actor(ctx)->pair;

    if (p->later_n == sizeof p->later / sizeof p->later[0])
        breach(p, "too many detached tables");
    else
        p->later[p->later_n++] = *detached;
}

static void op_was_dirty(void *ctx, struct arch_ipa page)
{
    struct pair *p = actor(ctx)->pair;
    const uint64_t i = (page.v - p->log.first.v) / p->table_bytes;

    if (p->log.bits)
        p->log.bits[i / 64] |= UINT64_C(1) << i % 64;
}

/* With an exclusive lock nobody can be in a detached table. */
static const struct hyp_ops at_once = {.read = op_read,
                                       .write = op_write,
                                       .cmpxchg = op_cmpxchg,
                                       .tlbi = op_tlbi,
                                       .dsb = op_dsb,
                                       .isb = op_isb,
                                       .lock = op_lock,
                                       .unlock = op_unlock,
                                       .clean = op_caches,
                                       .icache = op_caches,
                                       .spend = op_spend,
                                       .table_alloc = op_table_alloc,
                                       .table_free = op_table_free,
                                       .table_empty = op_table_empty,
                                       .at = op_at,
                                       .was_dirty = op_was_dirty};

static struct hyp_ops later;

static void start(unsigned low, unsigned high)
{
    struct pair_actor *self =
        (struct pair_actor *)((uintptr_t)high << 32 | (uintptr_t)low);
    struct pair *p = self->pair;
    struct pair_actor *other = &p->actors[self == &p->actors[0]];

    self->run(self);
    self->running = false;
    p->now = other;
    if (other->running)
        setcontext(&other->context);
    else
        setcontext(&p->main);
}

static void prepare(struct pair *p, unsigned i, void (*run)(struct pair_actor *self),
                    void *arg)
{
    struct pair_actor *a = &p->actors[i];

    a->vm = p->vm;
    a->vm.ctx = a;
    a->pair = p;
    a->run = run;
    a->arg = arg;
    a->running = run != NULL;
    if (!run)
        return;
    getcontext(&a->context);
    a->context.uc_stack.ss_sp = a->stack;
    a->context.uc_stack.ss_size = sizeof a->stack;
    makecontext(&a->context, (void (*)(void))start, 2, (unsigned)(uintptr_t)a,
                (unsigned)((uintptr_t)a >> 32));
}

bool pair_run(struct pair *p, void (*a)(struct pair_actor *self), void *a_arg,
              void (*b)(struct pair_actor *self), void *b_arg)
{
    prepare(p, 0, a, a_arg);
    prepare(p, 1, b, b_arg);
    p->idle_n = 0;
    p->now = b && pair_random(p) % 2 ? &p->actors[1] : &p->actors[0];
    swapcontext(&p->main, &p->now->context);
    for (size_t i = 0; i < p->later_n && !p->error[0]; i++)
        hyp_tear_down(&p->actors[0].vm, &p->later[i]);
    p->later_n = 0;
    return !p->error[0];
}

void pair_init(struct pair *p, struct hyp_cfg cfg, enum arch_tg tg, int start_level,
               uint32_t entries_n, uint64_t seed)
{
    memset(p, 0, sizeof *p);
    later = at_once;
    later.free_later = op_free_later;
    p->table_bytes = (size_t)1 << tg;
    p->seed = seed;
    p->bbm_level = hyp_sequence_bbm_level(cfg.sequence);
    p->vm = (struct hyp_vm){
        .ops = cfg.lock == HYP_LOCK_EXCLUSIVE ? &at_once : &later,
        .cfg = cfg,
        .geom = {.start_level = (int8_t)start_level, .start_entries = entries_n},
        .tg = tg,
        .vmid = PAIR_VMID,
    };
    p->vm.baddr = table_new(p);
    p->tables[0].level = start_level;
}

void pair_free(struct pair *p)
{
    for (size_t i = 0; i < p->tables_n; i++)
        free(p->tables[i].words);
}

struct hyp_event pair_walk(const struct pair *p, uint64_t ipa)
{
    struct hyp_event at = {.entry = {0}};
    struct arch_pa table = p->vm.baddr;

    for (at.level = p->vm.geom.start_level;; at.level++) {
        const struct pair_table *t = &p->tables[(table.v - BASE) / p->table_bytes];

        at.entry = hyp_entry_pa(&p->vm, table, at.level, arch_ipa(ipa));
        at.old = t->words[(at.entry.v - BASE) % p->table_bytes / 8];
        if (kind(p, at.old, at.level) != ARCH_DESC_KIND_TABLE)
            return at;
        table = arch_desc_table_pa(at.old, p->vm.tg, false);
    }
}

void pair_put(struct pair *p, uint64_t ipa, int level, uint64_t desc)
{
    struct hyp_event at = pair_walk(p, ipa);

    while (at.level < level) {
        uint64_t *w = word(p, at.entry);
        const uint64_t bytes = UINT64_C(1) << arch_level_shift(p->vm.tg, at.level);

        *w = arch_desc_make_table(table_new(p));
        know(p, *w, at.level + 1, arch_ipa(ipa & ~(bytes - 1)));
        at = pair_walk(p, ipa);
    }
    *word(p, at.entry) = desc;
}

static size_t count_reachable(struct pair *p, struct arch_pa table, int level)
{
    struct pair_table *t = table_at(p, table);
    size_t n = 1;

    if (t->freed)
        breach(p, "a table of level %d is freed and reachable", level);
    for (size_t i = 0; i < p->table_bytes / 8; i++) {
        const uint64_t desc = t->words[i];
        const bool nt = level < 3 && !(desc & ARCH_DESC_TABLE) && desc & ARCH_DESC_NT;

        if (desc == HYP_DESC_LOCKED || ((desc & ARCH_DESC_VALID) && nt))
            breach(p, "an entry of level %d stays locked", level);
        if (kind(p, desc, level) == ARCH_DESC_KIND_TABLE)
            n += count_reachable(p, arch_desc_table_pa(desc, p->vm.tg, false),
                                 level + 1);
    }
    return n;
}

bool pair_is_tidy(struct pair *p)
{
    const size_t reachable = count_reachable(p, p->vm.baddr, p->vm.geom.start_level);
    size_t live = 0;

    for (size_t i = 0; i < p->tables_n; i++)
        live += !p->tables[i].freed;
    if (live != reachable)
        breach(p, "%zu tables are in use, %zu reachable", live, reachable);
    if (p->pending_n)
        breach(p, "0x%" PRIx64 " was never flushed", p->pending[0].ipa);
    if (p->writer || p->readers)
        breach(p, "mmu_lock is still held");
    return !p->error[0];
}
