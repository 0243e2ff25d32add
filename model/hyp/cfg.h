/* SPDX-License-Identifier: Apache-2.0 */
/* model/hyp/cfg.h - the choices of the hypervisor's stage 2 software.
 */
#ifndef MODEL_HYP_CFG_H
#define MODEL_HYP_CFG_H

#include "model/hyp/vmid.h"
#include "model/hyp/vtcr.h"

#include <stdbool.h>

/* How a table of small mappings becomes one block, and a block a table again
 * (docs/architecture.md). */
enum hyp_sequence {
    HYP_SEQ_KEEP,      /* "keep": do not coalesce; split as bbm does */
    HYP_SEQ_BBM,       /* "bbm": break, tear down inside the window, make */
    HYP_SEQ_BBM_EARLY, /* "bbm-early": break, make, tear down afterwards */
    HYP_SEQ_NT,     /* "nt": block with nT=1, TLBI, block with nT=0, TLBI, tear down */
    HYP_SEQ_NT_RFC, /* "nt-rfc": nt without the second TLBI; splits as bbm does */
    HYP_SEQ_BBML2,  /* "bbml2": block over table, TLBI, tear down; FEAT_BBM level 2 */
    HYP_SEQUENCES_N
};

/* A named set of the switches below; hyp_path_defaults() says which. */
enum hyp_path {
    HYP_PATH_KVM_5_10,          /* "kvm-5.10" */
    HYP_PATH_KVM_5_11,          /* "kvm-5.11" */
    HYP_PATH_POSTED_2021_EARLY, /* "posted-2021-early": never merged */
    HYP_PATH_KVM_5_14,          /* "kvm-5.14", as it was until 6.1 */
    HYP_PATH_KVM_6_2,           /* "kvm-6.2" */
    HYP_PATH_KVM_6_6,           /* "kvm-6.6" */
    HYP_PATHS_N
};

enum hyp_lock {
    HYP_LOCK_EXCLUSIVE, /* "exclusive": one FIFO spin lock */
    HYP_LOCK_SHARED,    /* "shared": reader-writer lock; faults read-lock, entries are
                           locked with a marker value */
    HYP_LOCK_ENTRY, /* "per-entry": faults take no mmu_lock, the marker is all; what the
                       host does to a range still write-locks against its like */
    HYP_LOCKS_N
};

/* What a map call does with a valid leaf that already maps what it wants. */
enum hyp_identical {
    HYP_IDENTICAL_SKIP,      /* "skip": nothing, nor if permissions alone differ */
    HYP_IDENTICAL_SKIP_SAME, /* "skip-same": nothing, unless permissions differ */
    HYP_IDENTICAL_REMAP,     /* "remap": breaks it, flushes, makes it again */
    HYP_IDENTICALS_N
};

/* A permission fault on a leaf of the size that would be mapped. */
enum hyp_relax {
    HYP_RELAX_BROADCAST, /* "broadcast": add to the leaf, flush the IPA everywhere */
    HYP_RELAX_LOCAL, /* "local": flush this PE; others may fault once on a stale entry
                      */
    HYP_RELAX_NONE,  /* "none": no path of its own, the map call replaces the leaf */
    HYP_RELAXES_N
};

/* Where the data cache is cleaned to the PoC when a leaf is installed. */
enum hyp_clean {
    HYP_CLEAN_NONE,       /* "none" */
    HYP_CLEAN_BEFORE,     /* "before": before the break */
    HYP_CLEAN_IN_WINDOW,  /* "in-window": between break and make */
    HYP_CLEAN_EACH_FAULT, /* "each-fault": every translation fault, under mmu_lock,
                             before the map call and whether that installs or not */
    HYP_CLEANS_N
};

/* Where the instruction cache is invalidated for an executable leaf. Unless "none", a
 * leaf is executable only once a fetch has faulted on it. */
enum hyp_icache {
    HYP_ICACHE_NONE,       /* "none": CTR_EL0.DIC; leaves are executable at once */
    HYP_ICACHE_IN_WINDOW,  /* "in-window": between break and make */
    HYP_ICACHE_EACH_FAULT, /* "each-fault": every fetch that faults, before the map call
                            */
    HYP_ICACHES_N
};

/* Where a sequence that makes first tears down. bbm tears down before its make.
 * Approx: bbm, and under-lock, free tables at once; unless the lock is exclusive
 * another walker may still be in them, which Linux has RCU for. */
enum hyp_tear_down_at {
    HYP_TEAR_DOWN_AFTER_UNLOCK, /* "after-unlock": RCU */
    HYP_TEAR_DOWN_UNDER_LOCK,   /* "under-lock": before mmu_lock is dropped */
    HYP_TEAR_DOWNS_N
};

/* What the flush of a changed entry or range names. */
enum hyp_tlbi {
    HYP_TLBI_VMID,  /* "vmid": VMALLS12E1IS for a table, IPAS2E1IS for a leaf */
    HYP_TLBI_IPA,   /* "ipa": IPAS2E1IS for each page that a table entry maps */
    HYP_TLBI_RANGE, /* "range": RIPAS2E1IS over it, FEAT_TLBIRANGE */
    HYP_TLBIS_N
};

/* The leaves that an unmap takes away. */
enum hyp_unmap {
    HYP_UNMAP_EACH_LEAF, /* "each-leaf": a flush behind each store */
    HYP_UNMAP_DEFERRED, /* "deferred": one flush by cfg.tlbi behind each batch; not with
                           HYP_LOCK_ENTRY */
    HYP_UNMAPS_N
};

/* What dirty logging does with blocks. */
enum hyp_split_when {
    HYP_SPLIT_LAZY,  /* "lazy": a fault splits, and maps its own page only */
    HYP_SPLIT_EAGER, /* "eager": a host thread splits the slot when logging begins */
    HYP_SPLITS_N
};

/* Who sets the Access flag of a leaf that was made old. */
enum hyp_af {
    HYP_AF_HARDWARE, /* "hardware": VTCR_EL2.HA */
    HYP_AF_FAULT,    /* "fault": an Access flag fault */
    HYP_AFS_N
};

/* Who notes the first write to a page that the dirty log has protected. */
enum hyp_dirty {
    HYP_DIRTY_FAULT,    /* "fault": a permission fault, in the log. KVM to this day */
    HYP_DIRTY_HARDWARE, /* "hardware": VTCR_EL2.HD and DBM, in the page descriptor.
                         * Posted for KVM in 2020, never merged: Message-ID
                         * 20200616093553.27512-1 */
    HYP_DIRTIES_N
};

/* What a TLB conflict abort leads to. */
enum hyp_conflict {
    HYP_CONFLICT_STOP,        /* "stop": the VM stops, as KVM knows no such fault */
    HYP_CONFLICT_RECOVER,     /* "recover": VMALLS12E1 on this PE, and back */
    HYP_CONFLICT_RECOVER_ALL, /* "recover-all": ALLE1 on this PE, and back */
    HYP_CONFLICTS_N
};

/* Erratum 4118414: some accesses might not be completed by a broadcast TLBI. */
enum hyp_repeat {
    HYP_REPEAT_NONE, /* "none" */
    HYP_REPEAT_EACH, /* "each": each TLBI becomes TLBI; DSB ISH; the same TLBI */
    HYP_REPEAT_SYNC, /* "sync": the last DSB ISH is followed by TLBI VALE2IS; DSB ISH */
};

/* A mistake, to see it found (model/hyp/defect.h). */
enum hyp_defect {
    HYP_DEFECT_NONE,          /* "none" */
    HYP_DEFECT_MISSING_BREAK, /* "missing-break": the entry stays valid until the make
                               */
    HYP_DEFECT_MISSING_TLBI,  /* "missing-tlbi" */
    HYP_DEFECT_DSB_BEFORE,    /* "missing-dsb-before": none before the TLBI */
    HYP_DEFECT_DSB_AFTER,     /* "missing-dsb-after": none behind it */
    HYP_DEFECT_DSB_ISHST,     /* "dsb-ishst": DSB ISHST in the place of DSB ISH */
    HYP_DEFECT_WRONG_VMID,    /* "wrong-vmid": the TLBIs name another VMID */
    HYP_DEFECT_LOCAL_TLBI,    /* "local-tlbi": TLBIs without IS */
    HYP_DEFECT_FREE_FIRST,    /* "free-before-dsb": the table goes before the DSB */
    HYP_DEFECT_WRONG_ORDER,   /* "wrong-order": the TLBI of stage 1 before that of stage
                                 2; with TLBIs by IPA */
    HYP_DEFECT_FORGOTTEN_VTCR, /* "forgotten-vtcr": a host thread leaves VTCR_EL2 of
                                  another VM in force */
    HYP_DEFECT_SWITCH_VMID,    /* "switch-vmid": a vCPU is put on a PE with the VMID of
                                  the VM before */
    HYP_DEFECT_SWITCH_VTCR,    /* "switch-vtcr": with its VTCR_EL2 */
    HYP_DEFECT_ROLL_OVER,      /* "roll-over": a roll-over of VMIDs flushes nothing */
    HYP_DEFECT_OTHER_ATTRS,    /* "other-attributes": a block over a live table differs
                                  in shareability from the pages below it */
    HYP_DEFECTS_N
};

struct hyp_cfg {
    enum hyp_path path;
    enum hyp_sequence sequence;
    enum hyp_lock lock;
    enum hyp_identical identical;
    enum hyp_relax relax;
    enum hyp_clean clean;
    enum hyp_icache icache;
    enum hyp_tear_down_at tear_down;
    enum hyp_tlbi tlbi;
    enum hyp_unmap unmap;
    enum hyp_split_when split;
    enum hyp_af af;         /* the machine sets VTCR_EL2.HA by it */
    enum hyp_dirty dirty;   /* ... and VTCR_EL2.HD */
    enum hyp_repeat repeat; /* of the platform, unless a variant chooses */
    enum hyp_conflict conflict;
    enum hyp_vtcr_policy vtcr;
    enum hyp_vmid_kind vmids; /* who gives VMs their VMIDs */
    enum hyp_defect defect;
    bool ttl; /* FEAT_TTL: pass level hints */
};

const char *hyp_sequence_name(enum hyp_sequence s);
const char *hyp_path_name(enum hyp_path p);
const char *hyp_lock_name(enum hyp_lock l);
const char *hyp_identical_name(enum hyp_identical i);
const char *hyp_relax_name(enum hyp_relax r);
const char *hyp_clean_name(enum hyp_clean c);
const char *hyp_icache_name(enum hyp_icache i);
const char *hyp_tear_down_name(enum hyp_tear_down_at t);
const char *hyp_tlbi_name(enum hyp_tlbi t);
const char *hyp_unmap_name(enum hyp_unmap u);
const char *hyp_split_name(enum hyp_split_when s);
const char *hyp_af_name(enum hyp_af a);
const char *hyp_dirty_name(enum hyp_dirty d);
const char *hyp_repeat_name(enum hyp_repeat r);
const char *hyp_conflict_name(enum hyp_conflict c);
const char *hyp_defect_name(enum hyp_defect d);

/* What KVM asks the CPU for before it chooses. */
struct hyp_cpu {
    bool s2fwb;     /* FEAT_S2FWB */
    bool dic;       /* CTR_EL0.DIC */
    bool tlbirange; /* FEAT_TLBIRANGE */
    bool ttl;       /* FEAT_TTL */
};

/**
 * hyp_path_defaults() - the switches of a path before a scenario changes any.
 *
 * With FEAT_S2FWB nothing is cleaned (Linux: stage2_has_fwb()), with DIC no instruction
 * cache is invalidated. repeat is that of the platform: none until the caller sets it.
 */
struct hyp_cfg hyp_path_defaults(enum hyp_path path, const struct hyp_cpu *cpu);

/* FEAT_BBM level that the sequence needs: 0, 1 or 2. Below it the sequence runs, but
 * what it does is not legal. */
unsigned hyp_sequence_bbm_level(enum hyp_sequence s);

/* True if the sequence can turn pages into a contiguous group. Only block descriptors
 * carry nT, so nt and nt-rfc cannot. ArmARM: D8.3 Translation table descriptor formats.
 */
bool hyp_sequence_can_group(enum hyp_sequence s);

#endif
