/* SPDX-License-Identifier: Apache-2.0 */
/* model/scenario/params_table.c - the table of platform parameters. */
#include "model/scenario/params.h"
#include "model/scenario/scn_priv.h"

#include <assert.h>

#define MS UINT64_C(1000000000)

/* ---- words ---- */

static const char *replacement_word(unsigned i)
{
    static const char *const words[] = {[TLB_REPLACE_LRU] = "lru",
                                        [TLB_REPLACE_PLRU] = "plru",
                                        [TLB_REPLACE_RANDOM] = "random"};
    return i < SCN_ARRAY_N(words) ? words[i] : NULL;
}

static const char *contiguous_word(unsigned i)
{
    static const char *const words[] = {
        [SCN_CONTIGUOUS_PAGE] = "page", [SCN_CONTIGUOUS_GROUP] = "group"};
    return i < SCN_ARRAY_N(words) ? words[i] : NULL;
}

static const char *scope_word(unsigned i)
{
    static const char *const words[] = {
        [SCN_DVM_DOMAIN] = "domain", [SCN_DVM_VM] = "vm"};
    return i < SCN_ARRAY_N(words) ? words[i] : NULL;
}

static const char *l2_holds_word(unsigned i)
{
    static const char *const words[] = {"combined", "stage-1"};
    return i < SCN_ARRAY_N(words) ? words[i] : NULL;
}

static const char *tlbi_ipa_word(unsigned i)
{
    static const char *const words[] = {"stage-2", "combined"};
    return i < SCN_ARRAY_N(words) ? words[i] : NULL;
}

static const char *tlbi_walk_cache_word(unsigned i)
{
    static const char *const words[] = {"match", "all"};
    return i < SCN_ARRAY_N(words) ? words[i] : NULL;
}

static const char *prefetch_word(unsigned i)
{
    static const char *const words[] = {"none", "next-page"};
    return i < SCN_ARRAY_N(words) ? words[i] : NULL;
}

const char *scn_nt_response_word(unsigned i)
{
    static const char *const words[] = {[WALK_NT_TRANSLATE] = "translate",
                                        [WALK_NT_FAULT] = "fault",
                                        [WALK_NT_TRANSLATE_OR_CONFLICT] =
                                            "translate-or-conflict"};
    return i < SCN_ARRAY_N(words) ? words[i] : NULL;
}

const char *scn_nt_cache_word(unsigned i)
{
    static const char *const words[] = {"none", "page-fragment"};
    return i < SCN_ARRAY_N(words) ? words[i] : NULL;
}

const char *scn_conflict_word(unsigned i)
{
    static const char *const words[] = {[TLB_CONFLICT_ABORT] = "abort",
                                        [TLB_CONFLICT_OLDER] = "older",
                                        [TLB_CONFLICT_NEWER] = "newer",
                                        [TLB_CONFLICT_RANDOM] = "random",
                                        [TLB_CONFLICT_RESOLVE] = "resolve"};
    return i < SCN_ARRAY_N(words) ? words[i] : NULL;
}

const char *scn_repeat_word(unsigned i)
{
    static const char *const words[] = {[HYP_REPEAT_NONE] = "none",
                                        [HYP_REPEAT_EACH] = "each",
                                        [HYP_REPEAT_SYNC] = "sync"};
    return i < SCN_ARRAY_N(words) ? words[i] : NULL;
}

/* ---- rows ---- */

#define MEMBER(m)                                                                      \
    .offset = offsetof(struct scn_platform, m),                                        \
    .bytes = sizeof(((struct scn_platform *)0)->m)

/* How a row ends: what stands for the parameter in a file that lacks it. */
#define GIVEN .def = NULL
#define DEFAULT(text) .def = text
#define SAME_AS(row) .same_as = row
#define PART(structure) .entries = structure ".entries"

/* clang-format off */
/* Times range over 0..1 ms: more is a mistyped unit. */
#define TIME(n, w, m, ...)                                                             \
    {.name = n, .what = w, .kind = SCN_PARAM_TIME, .max = MS, MEMBER(m), __VA_ARGS__}
#define COUNT(n, w, lo, hi, m, ...)                                                    \
    {.name = n, .what = w, .kind = SCN_PARAM_COUNT, .min = lo, .max = hi, MEMBER(m),   \
     __VA_ARGS__}
#define BOOL(n, w, m, ...)                                                             \
    {.name = n, .what = w, .kind = SCN_PARAM_BOOL, .max = 1, MEMBER(m), __VA_ARGS__}
#define WORD(n, w, words, m, ...)                                                      \
    {.name = n, .what = w, .kind = SCN_PARAM_WORD, .word = words, MEMBER(m),           \
     __VA_ARGS__}
#define PAGES(n, w, of, m, ...)                                                        \
    {.name = n, .what = w, .kind = SCN_PARAM_PAGES, .min = SCN_TLB_PAGES, .max = of,   \
     MEMBER(m.cfg), __VA_ARGS__}
#define WAYS(n, m)                                                                     \
    {.name = n ".ways", .what = "associativity", .kind = SCN_PARAM_WAYS, .min = 1,     \
     .max = 65536, MEMBER(m.cfg.ways_n), PART(n)}
#define LOOKUP(n, m)                                                                   \
    WORD(n ".replacement", "choice of the victim", replacement_word,                   \
         m.cfg.replacement, PART(n)),                                                  \
    TIME(n ".latency", "look-up, added on the way to the next level", m.latency_ps,    \
         PART(n))
#define SERVICE(n, m)                                                                  \
    TIME(n ".tlbi_probe", "serves a TLBI by address: per page of its range",           \
         m.tlbi_probe_ps, PART(n), DEFAULT("0ns")),                                    \
    TIME(n ".tlbi_scan", "serves a TLBI that names no address; most for a range",      \
         m.tlbi_scan_ps, PART(n), DEFAULT("0ns"))
#define TLB(n, w, of, m, ...)                                                          \
    COUNT(n ".entries", "entries of the " w "; 0: none", 0, 65536, m.cfg.entries_n,    \
          __VA_ARGS__),                                                                \
    WAYS(n, m),                                                                        \
    PAGES(n ".sizes", "page sizes that an entry may have", of, m, PART(n)),            \
    LOOKUP(n, m),                                                                      \
    TIME(n ".other_size", "more, for a hit on another page size than the last hit",    \
         m.other_size_ps, PART(n), DEFAULT("0ns")),                                    \
    SERVICE(n, m)
#define WALK_CACHE(n, stage, level)                                                    \
    COUNT(n ".entries",                                                                \
          "entries of the walk cache of stage " #stage " level " #level "; 0: none",   \
          0, 65536, walk_cache[stage - 1][level].cfg.entries_n, DEFAULT("0")),         \
    WAYS(n, walk_cache[stage - 1][level]),                                             \
    LOOKUP(n, walk_cache[stage - 1][level]),                                           \
    SERVICE(n, walk_cache[stage - 1][level])
#define CACHE(n, w, m)                                                                 \
    {.name = n ".size", .what = "bytes of the " w, .kind = SCN_PARAM_SIZE, .min = 64,  \
     .max = UINT64_C(1) << 40, MEMBER(m.bytes)},                                       \
    COUNT(n ".ways", "associativity", 1, 1024, m.ways_n, GIVEN),                       \
    TIME(n ".latency", "load to use of a hit", m.latency_ps, GIVEN)

const struct scn_param scn_params[] = {
    {.name = "clock", .what = "PE clock; times in cycles are converted with it",
     .kind = SCN_PARAM_FREQ, .min = 1000, .max = 10000000, MEMBER(clock_khz)},

    COUNT("feat.bbm_level", "FEAT_BBM level; 3: FEAT_BBML3", 0, 3, feat.bbm_level, GIVEN),
    BOOL("feat.s2fwb", "FEAT_S2FWB", feat.s2fwb, GIVEN),
    BOOL("feat.dic", "CTR_EL0.DIC", feat.dic, GIVEN),
    COUNT("feat.pa_bits", "PARange in bits", 32, 48, feat.pa_bits, GIVEN),
    COUNT("feat.vmid_bits", "bits of a VMID: 8 or 16", 8, 16, feat.vmid_bits, GIVEN),
    COUNT("feat.hafdbs", "FEAT_HAFDBS: 0 none, 1 Access flag, 2 and dirty state", 0, 2,
          feat.hafdbs, DEFAULT("1")),
    BOOL("feat.ttst", "FEAT_TTST", feat.ttst, GIVEN),
    WORD("feat.nt_response", "what the use of a block with nT set does",
         scn_nt_response_word, feat.nt_response, GIVEN),
    WORD("feat.nt_cache", "what may be cached of a block with nT set",
         scn_nt_cache_word, feat.nt_cache_fragment, GIVEN),
    WORD("feat.conflict", "what a look-up does that meets entries of two leaves",
         scn_conflict_word, feat.conflict, DEFAULT("abort")),
    BOOL("feat.ttl", "FEAT_TTL: TLBIs carry a level hint", feat.ttl, DEFAULT("false")),
    BOOL("feat.tlbirange", "FEAT_TLBIRANGE: TLBIs of a range", feat.tlbirange,
         DEFAULT("false")),
    WORD("feat.repeat_tlbi", "what the workaround of erratum 4118414 repeats",
         scn_repeat_word, feat.repeat_tlbi, DEFAULT("none")),

    COUNT("pe.outstanding", "accesses in flight that missed in the L1 TLB", 1, 64,
          pe.outstanding_n, DEFAULT("1")),
    TIME("pe.issue", "between two independent accesses", pe.issue_ps,
         DEFAULT("1 cycles")),
    COUNT("walker.parallel", "walks at a time, speculative ones included", 1, 64,
          pe.walks_n, DEFAULT("1")),
    WORD("walker.prefetch", "what is walked for after a walk", prefetch_word,
         pe.prefetch, DEFAULT("none")),

    TLB("tlb.l1i", "first-level instruction TLB of each PE", TLB_COMBINED, l1i, GIVEN),
    TLB("tlb.l1d", "first-level data TLB of each PE", TLB_COMBINED, l1d, GIVEN),
    TLB("tlb.l2", "second-level TLB of each PE", TLB_COMBINED, l2, GIVEN),
    WORD("tlb.l2.holds", "what it keeps of a VA: through both stages, or stage 1 alone",
         l2_holds_word, l2_stage1, PART("tlb.l2"), DEFAULT("combined")),
    PAGES("tlb.l2.ipa_sizes", "page sizes that a stage-2-only entry may have",
          TLB_S2_ONLY, l2, PART("tlb.l2"), DEFAULT("none")),
    TLB("tlb.s2", "cache of stage 2 translations of each PE", TLB_S2_ONLY, s2,
        DEFAULT("0")),
    WALK_CACHE("tlb.walk.s1l0", 1, 0),
    WALK_CACHE("tlb.walk.s1l1", 1, 1),
    WALK_CACHE("tlb.walk.s1l2", 1, 2),
    WALK_CACHE("tlb.walk.s2l0", 2, 0),
    WALK_CACHE("tlb.walk.s2l1", 2, 1),
    WALK_CACHE("tlb.walk.s2l2", 2, 2),
    WORD("tlb.contiguous", "what one entry of a contiguous group holds",
         contiguous_word, contiguous, DEFAULT("page")),
    WORD("tlb.tlbi_contiguous", "what a TLBI by address removes of such a group",
         contiguous_word, tlbi_contiguous, DEFAULT("page")),
    WORD("tlb.tlbi_ipa", "what a TLBI by IPA removes: stage-2-only entries, or all of "
         "stage 1 of its VMID as well", tlbi_ipa_word, tlbi_ipa_combined,
         DEFAULT("stage-2")),
    WORD("tlb.tlbi_walk_cache", "what a TLBI by address removes of a walk cache: what "
         "it covers, or all of its VMID", tlbi_walk_cache_word, tlbi_walk_cache_all,
         DEFAULT("match")),

    CACHE("mem.l2", "L2 cache of each PE", mem.pe_l2),
    CACHE("mem.llc", "shared last-level cache", mem.llc),
    TIME("mem.llc.line", "the last-level cache is occupied per line; 0: no limit",
         mem.llc_line_ps, DEFAULT("0ns")),
    TIME("mem.dram", "load to use of a last-level cache miss", mem.dram_ps, GIVEN),
    TIME("mem.dram_line", "DRAM is occupied per line; 0: no limit", mem.dram_line_ps,
         DEFAULT("0ns")),
    TIME("mem.dram_queue", "a line waits so long for DRAM at half load; 0: not before "
         "all of it is used", mem.dram_queue_ps, DEFAULT("0ns")),
    TIME("mem.store", "a store until every observer sees it", mem.store_ps, GIVEN),
    TIME("mem.atomic", "compare-and-swap on a descriptor", mem.atomic_ps, GIVEN),

    TIME("dvm.issue", "a PE executes one TLBI instruction", dvm.issue_ps, GIVEN),
    TIME("dvm.hop", "one way between two PEs through the interconnect", dvm.hop_ps,
         GIVEN),
    TIME("dvm.serialise", "the interconnect is occupied per message", dvm.serialise_ps,
         GIVEN),
    WORD("dvm.scope", "which PEs receive a TLBI: all, or those of the VM it names",
         scope_word, dvm.scope, DEFAULT("domain")),
    TIME("dvm.service_vmid", "a PE serves an invalidation by VMID, beyond what its "
         "structures need", dvm.service_vmid_ps, GIVEN),
    TIME("dvm.service_ipa", "the same, by IPA", dvm.service_ipa_ps, GIVEN),
    TIME("dvm.service_all", "the same, of everything", dvm.service_all_ps,
         SAME_AS("dvm.service_vmid")),
    TIME("dvm.service_asid", "the same, by ASID", dvm.service_asid_ps,
         SAME_AS("dvm.service_vmid")),
    TIME("dvm.service_va", "the same, by VA", dvm.service_va_ps,
         SAME_AS("dvm.service_ipa")),
    TIME("dvm.sync", "a PE answers a Sync once it may", dvm.sync_ps, GIVEN),
    TIME("dvm.lookup_lost", "look-up time that a served TLBI takes from its PE",
         dvm.lookup_lost_ps, GIVEN),
    COUNT("dvm.outstanding", "TLBIs in flight per requester", 1, 1024,
          dvm.outstanding_n, GIVEN),
    TIME("dvm.dsb", "a DSB that has nothing to wait for", dvm.dsb_ps, GIVEN),
    TIME("dvm.isb", "an ISB", dvm.isb_ps, GIVEN),

    TIME("hyp.exit", "guest to the first instruction of the handler", hyp.exit_ps,
         GIVEN),
    TIME("hyp.entry", "end of the handler to the next guest instruction", hyp.entry_ps,
         GIVEN),
    TIME("hyp.fault", "fault handler before mmu_lock", hyp.fault_ps, GIVEN),
    TIME("hyp.lock", "take or drop a lock that nobody holds", hyp.lock_ps, GIVEN),
    TIME("hyp.handover", "a contended lock passes to the next waiter", hyp.handover_ps,
         GIVEN),
    TIME("hyp.lock_line", "the cache line of a shared lock passes to the next PE; 0: "
         "free", hyp.lock_line_ps, DEFAULT("0ns")),
    TIME("hyp.visit", "the software walker visits one entry", hyp.visit_ps, GIVEN),
    TIME("hyp.teardown_leaf", "free one leaf, beyond reading it", hyp.teardown_leaf_ps,
         GIVEN),
    TIME("hyp.teardown_table", "free one table page", hyp.teardown_table_ps, GIVEN),
    TIME("hyp.clean_line", "clean one 64-byte line to the PoC", hyp.clean_line_ps,
         GIVEN),
    TIME("hyp.icache_line", "invalidate one 64-byte line of the instruction caches",
         hyp.icache_line_ps, DEFAULT("0ns")),
    TIME("hyp.host_page", "find the host's page of a fault, outside mmu_lock",
         hyp.host_page_ps, DEFAULT("0ns")),
    TIME("hyp.zero_line", "zero one 64-byte line of a page at its first touch",
         hyp.zero_line_ps, DEFAULT("0ns")),
    TIME("hyp.vtcr_load", "write VTTBR_EL2 and VTCR_EL2, with their barriers",
         hyp.vtcr_load_ps, DEFAULT("0ns")),
    TIME("hyp.switch", "the host puts another vCPU on a PE, beside exit and entry",
         hyp.switch_ps, DEFAULT("2us")),
    {.name = "hyp.slice", .what = "a vCPU keeps a PE so long if others wait for it",
     .kind = SCN_PARAM_TIME, .min = 1000000, .max = UINT64_C(1000000000000),
     MEMBER(hyp.slice_ps), DEFAULT("3ms")},
};
/* clang-format on */
const size_t scn_params_n = SCN_ARRAY_N(scn_params);
static_assert(SCN_ARRAY_N(scn_params) <= SCN_PARAMS_MAX, "struct scn_platform_doc");
