/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/hyp/hyp_env.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TABLES_BASE UINT64_C(0x1000000000)

static struct hyp_env *self(void *ctx)
{
    return ctx;
}

static void say(struct hyp_env *env, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void say(struct hyp_env *env, const char *format, ...)
{
    va_list args;
    int n;

    if (env->quiet)
        return;
    va_start(args, format);
    n = vsnprintf(env->log + env->log_n, sizeof env->log - env->log_n, format, args);
    va_end(args);
    if (n < 0 || env->log_n + (size_t)n + 1 >= sizeof env->log)
        abort(); /* the log is too small for this test */
    env->log_n += (size_t)n;
}

static unsigned shift_of(int level)
{
    return 12u + 9u * (unsigned)(3 - level);
}

static uint64_t entry_at(const struct hyp_env *env, uint64_t table, uint64_t ipa,
                         int level)
{
    const uint64_t index = ipa >> shift_of(level);

    /* The start tables are one table of 1,024 entries. */
    return table + 8 * (index % (level == env->vm.geom.start_level ? 1024 : 512));
}

static void know_table(struct hyp_env *env, uint64_t pa, uint64_t ipa, int level)
{
    const size_t max = sizeof env->tables / sizeof env->tables[0];

    if (env->tables_n < max)
        env->tables[env->tables_n++] = (struct env_table){{pa}, {ipa}, level};
}

/* The table that holds the entry at pa. */
static const struct env_table *table_of(const struct hyp_env *env, uint64_t pa)
{
    for (size_t i = env->tables_n; i-- > 0;) {
        const uint64_t bytes =
            env->tables[i].level == env->vm.geom.start_level ? 8192 : 4096;

        if (pa - env->tables[i].pa.v < bytes)
            return &env->tables[i];
    }
    return NULL;
}

static void say_store(struct hyp_env *env, const char *how, uint64_t pa, uint64_t desc)
{
    const struct env_table *table = table_of(env, pa);
    const int level = table ? table->level : 0;
    const uint64_t ipa =
        table ? table->ipa.v + ((pa - table->pa.v) / 8 << shift_of(level)) : pa;

    say(env, "%s L%d:0x%" PRIx64 " ", how, level, ipa);
    if (desc == HYP_DESC_LOCKED)
        say(env, "locked\n");
    else if (!(desc & 1))
        say(env, "invalid\n");
    else if (level < 3 && (desc & 2)) {
        say(env, "table\n");
        know_table(env, desc & UINT64_C(0xfffffffff000), ipa, level + 1);
    } else
        say(env, "%s 0x%" PRIx64 " %s%s%s%s%s%s\n", level < 3 ? "block" : "page",
            desc & (level < 3 ? UINT64_C(0xffffffe00000) : UINT64_C(0xfffffffff000)),
            desc & ENV_W ? "rw" : "ro", desc & ENV_XN ? " xn" : "",
            desc & ARCH_DESC_AF ? "" : " old",
            level < 3 && (desc & 1 << 16) ? " nT" : "",
            desc & ARCH_DESC_CONTIGUOUS ? " contiguous" : "",
            desc & ARCH_DESC_DBM ? " dbm" : "");
}

static uint64_t op_read(void *ctx, struct arch_pa pa)
{
    self(ctx)->reads_n++;
    return physmem_read(self(ctx)->mem, pa);
}

static void op_write(void *ctx, struct arch_pa pa, uint64_t desc)
{
    say_store(self(ctx), "write", pa.v, desc);
    physmem_write(self(ctx)->mem, pa, desc);
}

static bool op_cmpxchg(void *ctx, struct arch_pa pa, uint64_t old, uint64_t desc)
{
    struct hyp_env *env = self(ctx);

    if (env->rival)
        physmem_write(env->mem, pa, env->rival_desc);
    env->rival = false;
    if (physmem_read(env->mem, pa) != old) {
        say(env, "cas lost\n");
        return false;
    }
    say_store(env, "cas", pa.v, desc);
    physmem_write(env->mem, pa, desc);
    return true;
}

static void op_tlbi(void *ctx, const struct arch_tlbi *op)
{
    static const char *const names[][2] = {
        /* not last-level, last-level */
        [ARCH_TLBI_ALL] = {"all", ""},     [ARCH_TLBI_VMALLS12] = {"vmalls12", ""},
        [ARCH_TLBI_VMALL] = {"vmall", ""}, [ARCH_TLBI_IPAS2] = {"ipas2", "ipas2l"},
        [ARCH_TLBI_VA] = {"va", "val"},
    };
    const bool el1 = op->regime == ARCH_REGIME_EL10;

    say(self(ctx), "tlbi %s%s%s%s", op->range ? "r" : "", names[op->op][op->last_level],
        el1 ? "e1" : "e2", op->domain == ARCH_ISH ? "is" : "");
    if (el1 && op->op != ARCH_TLBI_ALL)
        say(self(ctx), " %u", (unsigned)op->vmid);
    if (arch_tlbi_by_address(op))
        say(self(ctx), " 0x%" PRIx64, op->first);
    if (op->range)
        say(self(ctx), "..0x%" PRIx64, op->last);
    if (op->hint_shift)
        say(self(ctx), " L%d",
            arch_level_of_shift(self(ctx)->vm.tg, (unsigned)op->hint_shift));
    say(self(ctx), "\n");
}

static void op_dsb(void *ctx, enum arch_dsb kind)
{
    static const char *const names[] = {[ARCH_DSB_ISHST] = "ishst",
                                        [ARCH_DSB_NSH] = "nsh",
                                        [ARCH_DSB_ISH] = "ish",
                                        [ARCH_DSB_SY] = "sy"};

    say(self(ctx), "dsb %s\n", names[kind]);
}

static void op_isb(void *ctx)
{
    say(self(ctx), "isb\n");
}

static void op_lock(void *ctx, enum hyp_lock_mode mode)
{
    say(self(ctx), "lock %s\n", mode == HYP_LOCK_READ ? "read" : "write");
}

static void op_unlock(void *ctx, enum hyp_lock_mode mode)
{
    say(self(ctx), "unlock %s\n", mode == HYP_LOCK_READ ? "read" : "write");
}

static void op_clean(void *ctx, struct arch_pa pa, uint64_t bytes)
{
    say(self(ctx), "clean 0x%" PRIx64 "+0x%" PRIx64 "\n", pa.v, bytes);
}

static void op_icache(void *ctx, struct arch_pa pa, uint64_t bytes)
{
    say(self(ctx), "icache 0x%" PRIx64 "+0x%" PRIx64 "\n", pa.v, bytes);
}

static void op_spend(void *ctx, enum hyp_cost what)
{
    self(ctx)->visits_n += what == HYP_COST_VISIT;
    self(ctx)->leaves_n += what == HYP_COST_TEARDOWN_LEAF;
    self(ctx)->tables_freed_n += what == HYP_COST_TEARDOWN_TABLE;
}

static struct arch_pa op_table_alloc(void *ctx)
{
    say(self(ctx), "alloc table\n");
    return physmem_table_alloc(self(ctx)->mem, 4096);
}

static void op_table_free(void *ctx, struct arch_pa table)
{
    struct hyp_env *env = self(ctx);

    say(env, "free table: %lu reads, %lu leaves\n", env->reads_n - env->reads_shown_n,
        env->leaves_n - env->leaves_shown_n);
    env->reads_shown_n = env->reads_n;
    env->leaves_shown_n = env->leaves_n;
    physmem_table_free(env->mem, table);
}

static bool op_table_empty(void *ctx, struct arch_pa table)
{
    for (uint64_t i = 0; i < 4096; i += 8) {
        if (physmem_read(self(ctx)->mem, arch_pa(table.v + i)))
            return false;
    }
    return true;
}

static void op_at(void *ctx, const struct hyp_event *event)
{
    static const char *const names[] = {"MAP",    "LOOK", "BREAK", "WON",
                                        "LOCKED", "LOST", "FOUND", "MAKE",
                                        "FREE",   "DONE", "GROUP", "GROUP OVER"};
    struct hyp_env *env = self(ctx);

    if (event->point == HYP_AT_FREE) {
        env->reads_shown_n = env->reads_n;
        env->leaves_shown_n = env->leaves_n;
    }
    if (event->point <= HYP_AT_GROUP_OVER) /* those behind are for a replay */
        say(env, "%s\n", names[event->point]);
}

static void op_host_page(void *ctx, struct arch_pa pa, uint64_t bytes)
{
    say(self(ctx), "host page 0x%" PRIx64 "+0x%" PRIx64 "\n", pa.v, bytes);
}

static bool op_invalidated(void *ctx)
{
    return self(ctx)->invalidated;
}

static void op_free_later(void *ctx, const struct hyp_event *detached)
{
    say(self(ctx), "later L%d:0x%" PRIx64 "\n", detached->level, detached->ipa.v);
}

static void op_was_dirty(void *ctx, struct arch_ipa page)
{
    say(self(ctx), "dirty 0x%" PRIx64 "\n", page.v);
}

static const struct hyp_ops recording = {
    .read = op_read,
    .write = op_write,
    .cmpxchg = op_cmpxchg,
    .tlbi = op_tlbi,
    .dsb = op_dsb,
    .isb = op_isb,
    .lock = op_lock,
    .unlock = op_unlock,
    .clean = op_clean,
    .icache = op_icache,
    .spend = op_spend,
    .table_alloc = op_table_alloc,
    .table_free = op_table_free,
    .table_empty = op_table_empty,
    .at = op_at,
    .was_dirty = op_was_dirty,
};

void env_host(struct hyp_env *env)
{
    env->ops = recording;
    env->ops.host_page = op_host_page;
    env->ops.invalidated = op_invalidated;
    env->ops.free_later = op_free_later;
    env->vm.ops = &env->ops;
}

void env_init(struct hyp_env *env, struct hyp_cfg cfg)
{
    const struct arch_vtcr vtcr = {.t0sz = 24, .sl0 = 1, .tg = ARCH_TG_4K, .ps = 5};

    memset(env, 0, sizeof *env);
    env->mem = physmem_new(arch_pa(TABLES_BASE));
    env->vm = (struct hyp_vm){
        .ops = &recording, .ctx = env, .cfg = cfg, .tg = ARCH_TG_4K, .vmid = ENV_VMID};
    if (!env->mem || walk_s2_geometry_of(&vtcr, 48, false, &env->vm.geom) != ARCH_OK)
        abort();
    env->vm.baddr = physmem_table_alloc(env->mem, 8192);
    know_table(env, env->vm.baddr.v, 0, env->vm.geom.start_level);
}

void env_free(struct hyp_env *env)
{
    physmem_delete(env->mem);
}

void env_put(struct hyp_env *env, uint64_t ipa, int level, uint64_t desc)
{
    uint64_t table = env->vm.baddr.v;

    for (int l = env->vm.geom.start_level; l < level; l++) {
        const struct arch_pa entry = arch_pa(entry_at(env, table, ipa, l));
        uint64_t below = physmem_read(env->mem, entry);

        if (below == 0) {
            below = physmem_table_alloc(env->mem, 4096).v | 3;
            physmem_write(env->mem, entry, below);
            know_table(env, below - 3, ipa >> shift_of(l) << shift_of(l), l + 1);
        }
        table = below - 3;
    }
    physmem_write(env->mem, arch_pa(entry_at(env, table, ipa, level)), desc);
}

uint64_t env_get(const struct hyp_env *env, uint64_t ipa, int level)
{
    uint64_t table = env->vm.baddr.v, desc = 0;

    for (int l = env->vm.geom.start_level; l <= level; l++) {
        desc = physmem_read(env->mem, arch_pa(entry_at(env, table, ipa, l)));
        if (l < level && (desc & 3) != 3)
            return UINT64_MAX;
        table = desc & UINT64_C(0xfffffffff000);
    }
    return desc;
}

void env_put_pages(struct hyp_env *env, uint64_t ipa, uint64_t pa)
{
    for (uint64_t at = 0; at < 2 * ENV_MIB; at += ENV_PAGE)
        env_put(env, ipa + at, 3, env_leaf(pa + at, 3, ENV_W));
}

void env_expect_log(size_t row, const char *rule, const struct hyp_env *env,
                    const char *want)
{
    if (strcmp(env->log, want) != 0)
        fail_msg("row %zu (%s): the hypervisor did\n%sbut the protocol is\n%s", row,
                 rule, env->log, want);
}
