/* SPDX-License-Identifier: Apache-2.0 */
/* model/scenario/params.c - the table of platform parameters. */
#include "model/scenario/params.h"
#include "model/scenario/scn_priv.h"
#include "model/scenario/units.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

#define MEMBER(m)                                                                      \
    offsetof(struct scn_platform, m), sizeof(((struct scn_platform *)0)->m)
#define MS UINT64_C(1000000000)

/* Time parameters range over 0..1 ms: more is a mistyped unit. */
#define TIME(name, what, m)                                                            \
    {                                                                                  \
        name, what, SCN_PARAM_TIME, 0, MS, MEMBER(m), NULL                             \
    }
#define COUNT(name, what, min, max, m)                                                 \
    {                                                                                  \
        name, what, SCN_PARAM_COUNT, min, max, MEMBER(m), NULL                         \
    }
#define BOOL(name, what, m)                                                            \
    {                                                                                  \
        name, what, SCN_PARAM_BOOL, 0, 1, MEMBER(m), NULL                              \
    }
#define WORD(name, what, word, m)                                                      \
    {                                                                                  \
        name, what, SCN_PARAM_WORD, 0, 0, MEMBER(m), word                              \
    }
#define TLB(name, what, m)                                                              \
    COUNT(name ".entries", "entries of the " what, 1, 65536, m.cfg.entries_n),          \
        {name ".ways", "associativity", SCN_PARAM_WAYS, 1, 65536, MEMBER(m.cfg.ways_n), \
         NULL},                                                                         \
        {name ".sizes",                                                                 \
         "page sizes that an entry may have",                                           \
         SCN_PARAM_PAGES,                                                               \
         0,                                                                             \
         0,                                                                             \
         MEMBER(m.cfg.size_shifts),                                                     \
         NULL},                                                                         \
        WORD(name ".replacement", "choice of the victim", replacement_word,             \
             m.cfg.replacement),                                                        \
        TIME(name ".latency", "look-up, added on the way to the next level",            \
             m.latency_ps)
#define CACHE(name, what, m)                                                           \
    {name ".size", "bytes of the " what, SCN_PARAM_SIZE,                               \
     64,           UINT64_C(1) << 40,    MEMBER(m.bytes),                              \
     NULL},                                                                            \
        COUNT(name ".ways", "associativity", 1, 1024, m.ways_n),                       \
        TIME(name ".latency", "load to use of a hit", m.latency_ps)

static const char *replacement_word(unsigned i)
{
    return i == TLB_REPLACE_LRU ? "lru" : NULL;
}

const char *scn_nt_response_word(unsigned i)
{
    static const char *const words[] = {
        [WALK_NT_TRANSLATE] = "translate", [WALK_NT_FAULT] = "fault"};
    return i < SCN_ARRAY_N(words) ? words[i] : NULL;
}

const char *scn_nt_cache_word(unsigned i)
{
    static const char *const words[] = {"none", "page-fragment"};
    return i < SCN_ARRAY_N(words) ? words[i] : NULL;
}

/* clang-format off */
const struct scn_param scn_params[] = {
    {"clock", "PE clock; times in cycles are converted with it", SCN_PARAM_FREQ,
     1000, 10000000, MEMBER(clock_khz), NULL},

    COUNT("feat.bbm_level", "FEAT_BBM level", 0, 2, feat.bbm_level),
    BOOL("feat.s2fwb", "FEAT_S2FWB", feat.s2fwb),
    BOOL("feat.dic", "CTR_EL0.DIC", feat.dic),
    COUNT("feat.pa_bits", "PARange in bits", 32, 48, feat.pa_bits),
    COUNT("feat.vmid_bits", "bits of a VMID: 8 or 16", 8, 16, feat.vmid_bits),
    BOOL("feat.ttst", "FEAT_TTST", feat.ttst),
    WORD("feat.nt_response", "what the use of a block with nT set does",
         scn_nt_response_word, feat.nt_response),
    WORD("feat.nt_cache", "what may be cached of a block with nT set",
         scn_nt_cache_word, feat.nt_cache_fragment),

    TLB("tlb.l1i", "first-level instruction TLB of each PE", l1i),
    TLB("tlb.l1d", "first-level data TLB of each PE", l1d),
    TLB("tlb.l2", "second-level TLB of each PE", l2),

    CACHE("mem.l2", "L2 cache of each PE", mem.pe_l2),
    CACHE("mem.llc", "shared last-level cache", mem.llc),
    TIME("mem.dram", "load to use of a last-level cache miss", mem.dram_ps),
    TIME("mem.store", "a store until every observer sees it", mem.store_ps),
    TIME("mem.atomic", "compare-and-swap on a descriptor", mem.atomic_ps),

    TIME("dvm.issue", "a PE executes one TLBI instruction", dvm.issue_ps),
    TIME("dvm.hop", "one way between two PEs through the interconnect", dvm.hop_ps),
    TIME("dvm.serialise", "the interconnect is occupied per message", dvm.serialise_ps),
    TIME("dvm.service_vmid", "a PE serves an invalidation by VMID", dvm.service_vmid_ps),
    TIME("dvm.service_ipa", "a PE serves an invalidation by IPA", dvm.service_ipa_ps),
    TIME("dvm.sync", "a PE answers a Sync once it may", dvm.sync_ps),
    TIME("dvm.lookup_lost", "look-up time that a served TLBI takes from its PE",
         dvm.lookup_lost_ps),
    COUNT("dvm.outstanding", "TLBIs in flight per requester", 1, 1024,
          dvm.outstanding_n),
    TIME("dvm.dsb", "a DSB that has nothing to wait for", dvm.dsb_ps),
    TIME("dvm.isb", "an ISB", dvm.isb_ps),

    TIME("hyp.exit", "guest to the first instruction of the handler", hyp.exit_ps),
    TIME("hyp.entry", "end of the handler to the next guest instruction", hyp.entry_ps),
    TIME("hyp.fault", "fault handler before mmu_lock", hyp.fault_ps),
    TIME("hyp.lock", "take or drop a lock that nobody holds", hyp.lock_ps),
    TIME("hyp.handover", "a contended lock passes to the next waiter", hyp.handover_ps),
    TIME("hyp.visit", "the software walker visits one entry", hyp.visit_ps),
    TIME("hyp.teardown_leaf", "free one leaf, beyond reading it",
         hyp.teardown_leaf_ps),
    TIME("hyp.teardown_table", "free one table page", hyp.teardown_table_ps),
    TIME("hyp.clean_line", "clean one 64-byte line to the PoC", hyp.clean_line_ps),
};
/* clang-format on */
const size_t scn_params_n = SCN_ARRAY_N(scn_params);
static_assert(SCN_ARRAY_N(scn_params) <= SCN_PARAMS_MAX, "struct scn_platform_doc");

const struct scn_param *scn_param_find(const char *dotted)
{
    for (size_t i = 0; i < scn_params_n; i++)
        if (strcmp(scn_params[i].name, dotted) == 0)
            return &scn_params[i];
    return NULL;
}

/* The TLB whose page sizes the parameter holds. */
static struct tlb_cfg *cfg_of_sizes(const struct scn_platform *p,
                                    const struct scn_param *param)
{
    size_t at = param->offset - offsetof(struct tlb_cfg, size_shifts);
    return (struct tlb_cfg *)((char *)(uintptr_t)p + at);
}

static uint64_t get_sizes(const struct tlb_cfg *cfg)
{
    uint64_t mask = 0;
    for (unsigned i = 0; i < cfg->sizes_n; i++)
        mask |= UINT64_C(1) << cfg->size_shifts[i];
    return mask;
}

static void set_sizes(struct tlb_cfg *cfg, uint64_t mask)
{
    cfg->sizes_n = 0;
    for (uint8_t shift = 0; shift < 64; shift++)
        if (mask >> shift & 1 && cfg->sizes_n < TLB_SIZES_MAX)
            cfg->size_shifts[cfg->sizes_n++] = shift;
}

uint64_t scn_param_get(const struct scn_platform *p, const struct scn_param *param)
{
    const char *member = (const char *)p + param->offset;
    uint64_t u64;
    uint32_t u32;
    if (param->kind == SCN_PARAM_PAGES)
        return get_sizes(cfg_of_sizes(p, param));
    switch (param->bytes) {
    case sizeof(u64):
        memcpy(&u64, member, sizeof(u64));
        return u64;
    case sizeof(u32):
        memcpy(&u32, member, sizeof(u32));
        return u32;
    default:
        assert(param->bytes == 1);
        return (uint8_t)*member;
    }
}

void scn_param_set(struct scn_platform *p, const struct scn_param *param,
                   uint64_t value)
{
    char *member = (char *)p + param->offset;
    uint32_t u32 = (uint32_t)value;
    if (param->kind == SCN_PARAM_PAGES)
        set_sizes(cfg_of_sizes(p, param), value);
    else if (param->bytes == sizeof(value))
        memcpy(member, &value, sizeof(value));
    else if (param->bytes == sizeof(u32))
        memcpy(member, &u32, sizeof(u32));
    else
        *member = (char)(uint8_t)value;
}

static void pages_text(uint64_t mask, char buf[SCN_PARAM_TEXT_MAX])
{
    char page[SCN_QUANTITY_TEXT_MAX];
    size_t at = 0;
    buf[0] = '\0';
    for (unsigned shift = 0; shift < 64; shift++) {
        if (!(mask >> shift & 1))
            continue;
        scn_format_page(shift, page);
        at += (size_t)snprintf(buf + at, SCN_PARAM_TEXT_MAX - at, "%s%s",
                               at ? ", " : "", page);
        assert(at < SCN_PARAM_TEXT_MAX);
    }
}

void scn_param_text(const struct scn_platform *p, const struct scn_param *param,
                    char buf[SCN_PARAM_TEXT_MAX])
{
    uint64_t u = scn_param_get(p, param);
    switch (param->kind) {
    case SCN_PARAM_TIME:
        scn_format_quantity(SCN_Q_TIME, u, buf);
        break;
    case SCN_PARAM_SIZE:
        scn_format_quantity(SCN_Q_SIZE, u, buf);
        break;
    case SCN_PARAM_FREQ:
        scn_format_quantity(SCN_Q_FREQ, u, buf);
        break;
    case SCN_PARAM_BOOL:
        snprintf(buf, SCN_PARAM_TEXT_MAX, "%s", u ? "true" : "false");
        break;
    case SCN_PARAM_WORD:
        snprintf(buf, SCN_PARAM_TEXT_MAX, "%s", param->word((unsigned)u));
        break;
    case SCN_PARAM_PAGES:
        pages_text(u, buf);
        break;
    default:
        snprintf(buf, SCN_PARAM_TEXT_MAX, "%" PRIu64, u);
        break;
    }
}

const char *scn_param_source(const struct scn_platform_doc *doc,
                             const struct scn_param *param)
{
    return doc->sources[param - scn_params];
}
