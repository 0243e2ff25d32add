/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/hyp/hyp_env.h - an environment that writes down what the hypervisor does.
 *
 * One VM: 4K granule, 40-bit IPA, so two concatenated start tables at level 1. Each
 * operation becomes one line of text:
 *
 *   lock read | lock write | unlock read | unlock write
 *   MAP, LOOK, BREAK, WON, LOCKED, LOST, FOUND, MAKE, FREE, DONE    (enum hyp_point)
 *   write L2:0x40000000 block 0x80000000 rw nT              (also cas, cas lost)
 *   tlbi vmalls12e1is 7 | tlbi ipas2e1is 7 0x40000000 | dsb ish | isb
 *   tlbi ipas2e1is 7 0x40000000 L2                          (with a level hint)
 *   tlbi ripas2e1is 7 0x40000000..0x401fffff | tlbi vale2is 0x0
 *   write L3:0x40000000 page 0x80000000 ro xn old contiguous dbm
 *   dirty 0x40000000                                         (was_dirty())
 *   clean 0x80000000+0x200000 | icache ... | alloc table | free table: 512 reads, 3
 * leaves
 *
 * An entry is named by its level and the first IPA that it maps. Reads and spent time
 * are counted, not written; a freed table shows them. */
#ifndef TESTS_UNIT_HYP_HYP_ENV_H
#define TESTS_UNIT_HYP_HYP_ENV_H

#include "model/hyp/host.h"
#include "model/hyp/stage2.h"
#include "model/memory/physmem.h"
#include "tests/unit/walker/rows.h"
#include "walker/arch/desc.h"

#include <stdbool.h>

#define ENV_VMID 7
#define ENV_PAGE UINT64_C(0x1000)
#define ENV_MIB UINT64_C(0x100000)
#define ENV_GIB UINT64_C(0x40000000)
#define ENV_ATTRS UINT64_C(0x77c) /* Write-Back, inner shareable, AF, readable */
#define ENV_W ARCH_DESC_S2AP_W
#define ENV_XN (UINT64_C(1) << 54)

#define ENV_FLUSH_VMID "dsb ishst\ntlbi vmalls12e1is 7\ndsb ish\nisb\n"

struct env_table {
    struct arch_pa pa;
    struct arch_ipa ipa;
    int level;
};

struct hyp_env {
    struct hyp_vm vm;
    struct physmem *mem;
    struct env_table tables[64]; /* those that entries are named by */
    size_t tables_n;
    char log[65536];
    size_t log_n;
    unsigned long visits_n, reads_n, leaves_n, tables_freed_n; /* since env_init() */
    unsigned long reads_shown_n, leaves_shown_n;
    struct hyp_ops ops;  /* of env_host() */
    bool invalidated;    /* an MMU notifier was there; with env_host() */
    bool quiet;          /* count only */
    bool rival;          /* before the next compare-and-swap ... */
    uint64_t rival_desc; /* ... another walker stores this */
};

void env_init(struct hyp_env *env, struct hyp_cfg cfg);

/* With the operations that may be NULL: host page 0x80000000+0x200000 | later L2:0x0.
 */
void env_host(struct hyp_env *env);
void env_free(struct hyp_env *env);

/* The entry of level that maps ipa becomes desc; missing tables are built. */
void env_put(struct hyp_env *env, uint64_t ipa, int level, uint64_t desc);

/* The entry of level that maps ipa; UINT64_MAX if no table of that level is there. */
uint64_t env_get(const struct hyp_env *env, uint64_t ipa, int level);

/* 512 writable pages for the 2 MiB block at ipa. */
void env_put_pages(struct hyp_env *env, uint64_t ipa, uint64_t pa);

/* A leaf as KVM writes it: attrs are added to ENV_ATTRS. */
static inline uint64_t env_leaf(uint64_t pa, int level, uint64_t attrs)
{
    return pa | ENV_ATTRS | attrs | (level == 3 ? 3 : 1);
}

/* Fails with the row's number and rule unless the log is exactly want. */
void env_expect_log(size_t row, const char *rule, const struct hyp_env *env,
                    const char *want);

#endif
