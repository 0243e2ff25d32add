/* SPDX-License-Identifier: Apache-2.0 */
/* model/scenario/platform.h - the hardware and host software that a scenario runs on.
 *
 * Times are picoseconds. Every number in the file has a source or the word `assumed`;
 * params.h tells which member has which name, unit, range and source. */
#ifndef MODEL_SCENARIO_PLATFORM_H
#define MODEL_SCENARIO_PLATFORM_H

#include "model/hyp/cfg.h"
#include "tlb/tlb.h"
#include "walker/s2_walk.h"

#include <stdbool.h>
#include <stdint.h>

/* A TLB, a cache of stage 2 translations or a walk cache of each PE. */
struct scn_tlb {
    struct tlb_cfg cfg;     /* entries_n 0: the core has none */
    uint64_t latency_ps;    /* of a look-up, added on the way to the next level */
    uint64_t other_size_ps; /* more, for a hit on another page size than the last hit */
    uint64_t tlbi_probe_ps; /* serves an operation by address: per page of its range */
    uint64_t
        tlbi_scan_ps; /* serves one that names no address, and at most for ranges */
};

/* Where one entry may hold a contiguous group, and what a TLBI by address removes of
 * one. ArmARM: the Contiguous bit is a hint; a TLBI names one page of the group. */
enum scn_contiguous { SCN_CONTIGUOUS_PAGE, SCN_CONTIGUOUS_GROUP };

enum scn_dvm_scope { SCN_DVM_DOMAIN, SCN_DVM_VM };

struct scn_cache {
    uint64_t bytes;
    uint32_t ways_n;
    uint64_t latency_ps; /* load to use of a hit */
};

struct scn_platform {
    char *name;
    uint64_t clock_khz; /* PE clock; `cycles` in the file are converted with it */

    struct {               /* features */
        uint8_t bbm_level; /* FEAT_BBM 0..2; 3: FEAT_BBML3, no conflict aborts */
        bool s2fwb, dic;   /* FEAT_S2FWB; CTR_EL0.DIC */
        uint8_t pa_bits;   /* PARange in bits */
        uint8_t vmid_bits; /* 8 or 16 */
        uint8_t hafdbs;    /* FEAT_HAFDBS: 0 none, 1 Access flag, 2 and dirty state */
        bool ttst;
        enum walk_nt_response nt_response;
        bool nt_cache_fragment;      /* nt_cache: page-fragment; false: none */
        enum tlb_conflict conflict;  /* what a look-up that meets two leaves does */
        bool ttl;                    /* FEAT_TTL */
        bool tlbirange;              /* FEAT_TLBIRANGE */
        enum hyp_repeat repeat_tlbi; /* erratum 4118414 and its workarounds */
    } feat;

    struct {                    /* how a PE issues accesses and walks */
        uint32_t outstanding_n; /* accesses that missed in the L1 TLB, in flight */
        uint64_t issue_ps;      /* between two independent accesses */
        uint32_t walks_n;       /* walks at a time, speculative ones included */
        bool prefetch;          /* after a walk, walk for the next page */
    } pe;

    struct scn_tlb l1i; /* first-level instruction TLB of each PE */
    struct scn_tlb l1d; /* first-level data TLB of each PE */
    struct scn_tlb l2;  /* second-level TLB of each PE; may hold TLB_S2_ONLY entries */
    bool l2_stage1;     /* it holds TLB_S1_ONLY entries in place of TLB_COMBINED */
    struct scn_tlb s2;  /* cache of stage 2 translations: IPA to PA */
    struct scn_tlb walk_cache[2][3]; /* [stage - 1][level of the table descriptor] */
    enum scn_contiguous contiguous;  /* what one entry may hold */
    enum scn_contiguous tlbi_contiguous; /* what a TLBI by address removes */
    bool tlbi_ipa_combined;              /* ipa_takes_combined of every structure */
    bool tlbi_walk_cache_all;            /* address_takes_tables of every structure */

    struct { /* memory hierarchy that descriptors and data go through; 64-byte lines */
        struct scn_cache pe_l2; /* private to a PE */
        struct scn_cache llc;   /* shared */
        uint64_t dram_ps;
        uint64_t llc_line_ps;   /* the LLC is occupied per line; 0: not limited */
        uint64_t dram_line_ps;  /* DRAM likewise */
        uint64_t dram_queue_ps; /* a line waits so long for DRAM at half load */
        uint64_t store_ps;      /* a store until it is visible to every observer */
        uint64_t atomic_ps;     /* a compare-and-swap on a descriptor */
    } mem;

    struct {                   /* DVM: TLB maintenance broadcast */
        uint64_t issue_ps;     /* the PE executes one TLBI instruction */
        uint64_t hop_ps;       /* one way, PE to interconnect plus interconnect to PE */
        uint64_t serialise_ps; /* the interconnect is occupied per message */
        enum scn_dvm_scope scope; /* who receives a broadcast for one VMID */
        uint64_t service_all_ps;  /* a PE serves ALL, beyond its structures' shares */
        uint64_t service_vmid_ps; /* ... VMALL and VMALLS12 */
        uint64_t service_asid_ps; /* ... ASID */
        uint64_t service_va_ps;   /* ... VA and VAA */
        uint64_t service_ipa_ps;  /* ... IPAS2 */
        uint64_t sync_ps;         /* a PE answers a Sync once it may */
        uint64_t lookup_lost_ps; /* look-up time that a served TLBI takes from its PE */
        uint32_t outstanding_n;  /* TLBIs in flight per requester */
        uint64_t dsb_ps;         /* a DSB that has nothing to wait for */
        uint64_t isb_ps;
    } dvm;

    struct {               /* hypervisor software and exceptions */
        uint64_t exit_ps;  /* guest to the handler's first instruction */
        uint64_t entry_ps; /* handler's end to the guest's next instruction */
        uint64_t fault_ps; /* handler before mmu_lock: syndrome, memslot, host page */
        uint64_t lock_ps;  /* take or drop an uncontended lock */
        uint64_t handover_ps;       /* a contended lock passes to the next waiter */
        uint64_t lock_line_ps;      /* the line of a lock passes to another reader */
        uint64_t visit_ps;          /* the software walker visits one entry */
        uint64_t teardown_leaf_ps;  /* free one leaf, beyond reading it */
        uint64_t teardown_table_ps; /* free one table page */
        uint64_t clean_line_ps;     /* clean one 64-byte line to the PoC */
        uint64_t icache_line_ps;    /* invalidate one line of instruction caches */
        uint64_t host_page_ps;      /* find the host's page of a fault, in no lock */
        uint64_t zero_line_ps;      /* zero one 64-byte line of a page never touched */
        uint64_t vtcr_load_ps; /* write VTTBR_EL2 and VTCR_EL2, and their barriers */
        uint64_t switch_ps;    /* from the exit of one vCPU to the entry of the next */
        uint64_t slice_ps;     /* a vCPU keeps its PE so long if others wait for it */
    } hyp;
};

#endif
