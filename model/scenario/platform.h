/* SPDX-License-Identifier: Apache-2.0 */
/* model/scenario/platform.h - the hardware and host software that a scenario runs on.
 *
 * Times are picoseconds. Every number in the file has a source or the word `assumed`;
 * params.h tells which member has which name, unit, range and source. */
#ifndef MODEL_SCENARIO_PLATFORM_H
#define MODEL_SCENARIO_PLATFORM_H

#include "tlb/tlb.h"
#include "walker/s2_walk.h"

#include <stdbool.h>
#include <stdint.h>

struct scn_tlb {
    struct tlb_cfg cfg;
    uint64_t latency_ps; /* of a look-up, added on the way to the next level */
};

struct scn_cache {
    uint64_t bytes;
    uint32_t ways_n;
    uint64_t latency_ps; /* load to use of a hit */
};

struct scn_platform {
    char *name;
    uint64_t clock_khz; /* PE clock; `cycles` in the file are converted with it */

    struct {               /* features */
        uint8_t bbm_level; /* FEAT_BBM 0..2 */
        bool s2fwb, dic;   /* FEAT_S2FWB; CTR_EL0.DIC */
        uint8_t pa_bits;   /* PARange in bits */
        uint8_t vmid_bits; /* 8 or 16 */
        bool ttst;
        enum walk_nt_response nt_response;
        bool nt_cache_fragment; /* nt_cache: page-fragment; false: none */
    } feat;

    struct scn_tlb l1i; /* first-level instruction TLB of each PE */
    struct scn_tlb l1d; /* first-level data TLB of each PE */
    struct scn_tlb l2;  /* second-level TLB of each PE */

    struct { /* memory hierarchy that descriptors and data go through; 64-byte lines */
        struct scn_cache pe_l2; /* private to a PE */
        struct scn_cache llc;   /* shared */
        uint64_t dram_ps;
        uint64_t store_ps;  /* a store until it is visible to every observer */
        uint64_t atomic_ps; /* a compare-and-swap on a descriptor */
    } mem;

    struct {                   /* DVM: TLB maintenance broadcast */
        uint64_t issue_ps;     /* the PE executes one TLBI instruction */
        uint64_t hop_ps;       /* one way, PE to interconnect plus interconnect to PE */
        uint64_t serialise_ps; /* the interconnect is occupied per message */
        uint64_t service_vmid_ps; /* a PE serves an invalidation by VMID or ALL */
        uint64_t service_ipa_ps;  /* a PE serves an invalidation by IPA */
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
        uint64_t visit_ps;          /* the software walker visits one entry */
        uint64_t teardown_leaf_ps;  /* free one leaf, beyond reading it */
        uint64_t teardown_table_ps; /* free one table page */
        uint64_t clean_line_ps;     /* clean one 64-byte line to the PoC */
    } hyp;
};

#endif
