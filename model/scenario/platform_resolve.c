/* SPDX-License-Identifier: Apache-2.0 */
/* model/scenario/platform_resolve.c - what follows from the parameters of a platform,
 * and what several of them must hold together. */
#include "model/scenario/scn_priv.h"

#include <string.h>

#define LINE_BYTES 64
#define PLRU_WAYS_MAX 64

static const struct scn_node *value_of(const struct scn_given *given,
                                       const char *structure, const char *what)
{
    char dotted[64];
    snprintf(dotted, sizeof(dotted), "%s.%s", structure, what);
    return given[scn_param_find(dotted) - scn_params].value;
}

/* ---- translation caches ---- */

/* log2 of the bytes that a table translates which a table descriptor of that level
 * names, of the granules 4K, 16K and 64K as far as they have the level.
 * ArmARM: AArch64.TTEntryAddress, the index bits of each level. */
static const uint64_t table_sizes[] = {
    UINT64_C(1) << 39 | UINT64_C(1) << 47,
    UINT64_C(1) << 30 | UINT64_C(1) << 36 | UINT64_C(1) << 42,
    UINT64_C(1) << 21 | UINT64_C(1) << 25 | UINT64_C(1) << 29,
};

static void resolve_walk_cache(struct scn_tlb *t, unsigned stage, unsigned level)
{
    uint64_t sizes = table_sizes[level];
    memset(t->cfg.sizes_of, 0, sizeof(t->cfg.sizes_of));
    if (stage == 2) {
        scn_tlb_set_sizes(&t->cfg, TLB_S2_ONLY, sizes);
        return;
    }
    scn_tlb_set_sizes(&t->cfg, TLB_COMBINED, sizes);
    scn_tlb_set_sizes(&t->cfg, TLB_S1_ONLY, sizes);
}

/* Its entries of VAs are of another kind than those that the list of sizes is for. */
static void resolve_l2(struct scn_platform *p)
{
    uint8_t *sizes_of = p->l2.cfg.sizes_of;
    if (!p->l2_stage1)
        return;
    sizes_of[TLB_S1_ONLY] = sizes_of[TLB_COMBINED];
    sizes_of[TLB_COMBINED] = 0;
}

static bool is_plru_ways(uint32_t ways_n)
{
    return (ways_n & (ways_n - 1)) == 0 && ways_n <= PLRU_WAYS_MAX;
}

static bool resolve_tlb(const struct scn_reader *r, const struct scn_given *given,
                        const struct scn_platform *p, struct scn_tlb *t,
                        const char *name)
{
    struct tlb_cfg *cfg = &t->cfg;
    if (cfg->entries_n == 0)
        return true;
    const struct scn_node *ways = value_of(given, name, "ways");
    if (cfg->ways_n == 0)
        cfg->ways_n = cfg->entries_n;
    cfg->ipa_takes_combined = p->tlbi_ipa_combined;
    cfg->address_takes_tables = p->tlbi_walk_cache_all;
    if (cfg->replacement == TLB_REPLACE_PLRU && !is_plru_ways(cfg->ways_n)) {
        scn_err(r->diags, value_of(given, name, "replacement"), SCN_E_GEOMETRY,
                "use lru or random, or other ways",
                "plru needs a power of two of ways, at most %d: %s.ways is %u",
                PLRU_WAYS_MAX, name, cfg->ways_n);
        return false;
    }
    if (tlb_cfg_check(cfg) == ARCH_OK)
        return true;
    scn_err(r->diags, ways, SCN_E_GEOMETRY,
            "entries / ways must be a power of two, or ways: full",
            "%u does not fit %u entries", cfg->ways_n, cfg->entries_n);
    return false;
}

static bool resolve_tlbs(const struct scn_reader *r, const struct scn_given *given,
                         struct scn_platform *p)
{
    static const char *const walk_names[2][3] = {
        {"tlb.walk.s1l0", "tlb.walk.s1l1", "tlb.walk.s1l2"},
        {"tlb.walk.s2l0", "tlb.walk.s2l1", "tlb.walk.s2l2"}};
    bool ok = resolve_tlb(r, given, p, &p->l1i, "tlb.l1i");
    ok = resolve_tlb(r, given, p, &p->l1d, "tlb.l1d") && ok;
    resolve_l2(p);
    ok = resolve_tlb(r, given, p, &p->l2, "tlb.l2") && ok;
    ok = resolve_tlb(r, given, p, &p->s2, "tlb.s2") && ok;
    for (unsigned stage = 1; stage <= 2; stage++) {
        for (unsigned level = 0; level < 3; level++) {
            struct scn_tlb *t = &p->walk_cache[stage - 1][level];
            resolve_walk_cache(t, stage, level);
            ok = resolve_tlb(r, given, p, t, walk_names[stage - 1][level]) && ok;
        }
    }
    return ok;
}

/* ---- the rest ---- */

static bool check_cache(const struct scn_reader *r, const struct scn_cache *c,
                        const struct scn_node *ways)
{
    uint64_t way_lines = c->bytes / LINE_BYTES / c->ways_n;
    if (way_lines * LINE_BYTES * c->ways_n == c->bytes && way_lines != 0 &&
        (way_lines & (way_lines - 1)) == 0)
        return true;
    scn_err(r->diags, ways, SCN_E_GEOMETRY, "size / 64 B / ways must be a power of two",
            "%u does not fit the size", c->ways_n);
    return false;
}

bool scn_check_feature(const struct scn_reader *r, const struct scn_node *at, bool has,
                       const char *feature, const struct scn_platform *platform)
{
    if (has)
        return true;
    scn_err(r->diags, at, SCN_E_FEATURE, "use a platform that has it",
            "needs %s: %s lacks it", feature, platform->name);
    return false;
}

bool scn_resolve_platform(const struct scn_reader *r, const struct scn_given *given,
                          struct scn_platform *p)
{
    bool ok = resolve_tlbs(r, given, p);
    ok = check_cache(r, &p->mem.pe_l2, value_of(given, "mem.l2", "ways")) && ok;
    ok = check_cache(r, &p->mem.llc, value_of(given, "mem.llc", "ways")) && ok;
    if (p->feat.vmid_bits != 8 && p->feat.vmid_bits != 16) {
        scn_err(r->diags, value_of(given, "feat", "vmid_bits"), SCN_E_RANGE,
                "accepted: 8, 16", "%u is out of range", p->feat.vmid_bits);
        ok = false;
    }
    return ok;
}
