/* SPDX-License-Identifier: Apache-2.0 */
/* tlb/config.c - which geometries there are, and an empty TLB in the caller's memory.
 */
#include "tlb/tlb_priv.h"

#include <assert.h>
#include <string.h>

#define ALIGN_BYTES 64u
#define SHIFT_MIN 12u
#define PLRU_WAYS_MAX 64u

static size_t aligned(size_t bytes)
{
    return (bytes + ALIGN_BYTES - 1) / ALIGN_BYTES * ALIGN_BYTES;
}

static bool sizes_ok(const struct tlb_cfg *cfg)
{
    if (cfg->sizes_n == 0 || cfg->sizes_n > TLB_SIZES_MAX)
        return false;
    for (unsigned i = 0; i < cfg->sizes_n; i++) {
        if (cfg->size_shifts[i] < SHIFT_MIN || cfg->size_shifts[i] > TLB_SHIFT_MAX)
            return false;
        if (i > 0 && cfg->size_shifts[i] <= cfg->size_shifts[i - 1])
            return false;
    }
    return true;
}

static bool kinds_ok(const struct tlb_cfg *cfg)
{
    unsigned all = 0;

    for (unsigned kind = 0; kind < TLB_KINDS_N; kind++)
        all |= cfg->sizes_of[kind];
    return all != 0 && all >> cfg->sizes_n == 0;
}

static bool replacement_ok(const struct tlb_cfg *cfg)
{
    switch (cfg->replacement) {
    case TLB_REPLACE_LRU:
    case TLB_REPLACE_RANDOM:
        return true;
    case TLB_REPLACE_PLRU:
        return (cfg->ways_n & (cfg->ways_n - 1)) == 0 && cfg->ways_n <= PLRU_WAYS_MAX;
    }
    return false;
}

enum arch_status tlb_cfg_check(const struct tlb_cfg *cfg)
{
    if (cfg->entries_n == 0 || cfg->ways_n == 0 || cfg->entries_n > TLB_SLOT_MASK ||
        cfg->entries_n % cfg->ways_n != 0)
        return ARCH_ERR_RANGE;

    const uint32_t sets_n = cfg->entries_n / cfg->ways_n;

    if ((sets_n & (sets_n - 1)) != 0 || !replacement_ok(cfg))
        return ARCH_ERR_RANGE;
    return sizes_ok(cfg) && kinds_ok(cfg) && (unsigned)cfg->conflict < TLB_CONFLICTS_N
               ? ARCH_OK
               : ARCH_ERR_RANGE;
}

static size_t hints_n(const struct tlb_cfg *cfg)
{
    return cfg->ways_n < TLB_HINT_WAYS_MIN ? 0 : TLB_HINTS_N;
}

size_t tlb_bytes(const struct tlb_cfg *cfg)
{
    const size_t n = cfg->entries_n;

    return aligned(sizeof(struct tlb)) + aligned(n * sizeof(uint64_t)) +
           aligned(n * sizeof(struct tlb_state)) + aligned(n * sizeof(uint64_t)) +
           aligned(n / cfg->ways_n * sizeof(uint64_t)) +
           aligned(n * sizeof(struct tlb_entry)) +
           aligned(hints_n(cfg) * sizeof(struct tlb_hint));
}

/* The next array of n elements behind *at. */
static void *take(unsigned char **at, size_t n, size_t element_bytes)
{
    void *array = *at;

    *at += aligned(n * element_bytes);
    return array;
}

static void set_sizes(struct tlb *t, const struct tlb_cfg *cfg)
{
    for (unsigned size_i = 0; size_i < cfg->sizes_n; size_i++) {
        t->size_at[cfg->size_shifts[size_i]] = (uint8_t)size_i;
        for (unsigned kind = 0; kind < TLB_KINDS_N; kind++)
            t->shifts_of[kind] |= (uint64_t)(cfg->sizes_of[kind] >> size_i & 1)
                                  << cfg->size_shifts[size_i];
    }
}

struct tlb *tlb_init(void *mem, const struct tlb_cfg *cfg)
{
    assert(tlb_cfg_check(cfg) == ARCH_OK);
    assert((uintptr_t)mem % ALIGN_BYTES == 0);
    memset(mem, 0, tlb_bytes(cfg));

    const uint32_t sets_n = cfg->entries_n / cfg->ways_n;
    unsigned char *at = mem;
    struct tlb *t = take(&at, 1, sizeof(*t));

    t->keys = take(&at, cfg->entries_n, sizeof(*t->keys));
    t->states = take(&at, cfg->entries_n, sizeof(*t->states));
    t->front.used = take(&at, cfg->entries_n, sizeof(*t->front.used));
    t->trees = take(&at, sets_n, sizeof(*t->trees));
    t->entries = take(&at, cfg->entries_n, sizeof(*t->entries));
    if (hints_n(cfg) != 0)
        t->front.hints = take(&at, hints_n(cfg), sizeof(*t->front.hints));
    t->front.epoch = TLB_EPOCH;
    t->entries_n = cfg->entries_n;
    t->ways_n = cfg->ways_n;
    t->ways_shift = (uint32_t)__builtin_ctz(cfg->ways_n);
    t->set_mask = sets_n - 1;
    t->sizes_n = cfg->sizes_n;
    memcpy(t->size_shifts, cfg->size_shifts, sizeof(t->size_shifts));
    set_sizes(t, cfg);
    for (uint32_t slot = 0; slot < cfg->entries_n; slot++)
        t->front.used[slot] = slot;
    t->replacement = (uint8_t)cfg->replacement;
    t->by_hint =
        cfg->replacement == TLB_REPLACE_LRU && cfg->ways_n >= TLB_HINT_WAYS_MIN;
    t->random = t->conflict_random = cfg->seed;
    t->conflict = cfg->conflict;
    t->met = cfg->met;
    t->met_ctx = cfg->met_ctx;
    t->ipa_takes_combined = cfg->ipa_takes_combined;
    t->address_takes_tables = cfg->address_takes_tables;
    return t;
}
