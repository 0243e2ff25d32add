/* SPDX-License-Identifier: Apache-2.0 */
/* walker/s2_walk.h - the stage 2 translation table walk as a step machine.
 *
 * A walk never reads memory and never waits: it names one descriptor, the caller
 * fetches it at whatever cost and feeds it back, until WALK_DONE or WALK_FAULT. A walk
 * that updates descriptors also names compare-and-swaps, fed back in the same way. */
#ifndef WALKER_S2_WALK_H
#define WALKER_S2_WALK_H

#include "walker/arch/addr.h"
#include "walker/arch/desc.h"
#include "walker/arch/fault.h"
#include "walker/arch/status.h"
#include "walker/arch/vtcr.h"
#include "walker/perms.h"
#include "walker/plan.h"

enum walk_next {
    WALK_NEED_DESC, /* fetch the 8 bytes at desc_pa and feed them */
    WALK_DONE,
    WALK_FAULT,
    WALK_NEED_CAS, /* compare-and-swap the 8 bytes at desc_pa, desc to desc_new, in one
                    * atomic step, and feed the value that was there: equal to desc
                    * means done; else the walk starts again */
    WALK_ASK, /* only of walk_begin() and what follows it, and only with query.ask: a
               * cache may know what the walk is about to read */
};

/* Intermediate result: where a walk may go on. */
struct walk_table {
    uint64_t ia;         /* an input address that it translates; told, never read */
    struct arch_ipa ipa; /* stage 1: the table's address as stage 1 gives it */
    struct arch_pa pa;   /* stage 2, and stage 1 with pa_valid: where it is in memory */
    uint64_t attrs; /* stage 1: bits 62:59 of the table descriptors on the way, ORed
                     * (hierarchical permissions); 0 while HPD is set */
    int8_t level;   /* 0..3, of the descriptors in the table */
    uint8_t region_shift; /* log2 of the bytes of input addresses that the table
                           * translates; told, never read */
    bool pa_valid;        /* stage 1: its descriptors need no stage 2: there is none, or
                           * the whole table lies in one stage 2 leaf */
};

/* What a cache of stage 2 translations holds. Its Access flag is 1 in memory. */
struct walk_s2_leaf {
    struct arch_ipa ipa;     /* any address inside, and ... */
    struct arch_pa pa;       /* ... its translation */
    struct walk_perms perms; /* with HD and DBM, W is granted */
    uint8_t leaf_shift;      /* log2 of the bytes that the leaf descriptor maps */
    uint8_t group_shift;     /* of the contiguous group that it is in, or leaf_shift */
    bool write_clean;        /* W granted by DBM, but the dirty state is not set */
    bool nt;                 /* a block with nT set */
    bool device;             /* Device memory */
};

/* What the hardware does with a block whose nT bit is set.
 * ArmARM: AArch64.BlocknTFaults, R_MRRPW; IMPLEMENTATION DEFINED at FEAT_BBM level 1
 * and 2. */
enum walk_nt_response {
    WALK_NT_TRANSLATE,
    WALK_NT_FAULT,
    WALK_NT_TRANSLATE_OR_CONFLICT, /* here WALK_NT_TRANSLATE: a walk sees no TLB */
};

/* The implementation and the VM that a walk runs for; constant while walks use it. */
struct walk_s2_cfg {
    struct arch_vtcr vtcr;
    struct arch_pa baddr; /* VTTBR_EL2.BADDR as an address; bits below the alignment of
                           * the start table are ignored */
    uint8_t pa_bits;      /* implemented PA size: 32..52 */
    bool ttst;            /* FEAT_TTST: T0SZ up to 48 (47 for 64K) */
    bool xnx;             /* FEAT_XNX: XN[1:0] tells EL0 from EL1 */
    uint8_t bbm_level;    /* FEAT_BBM 0..3; nT is ignored but at 1 and 2 */
    enum walk_nt_response nt_response;
    bool ptw;               /* HCR_EL2.PTW */
    bool fwb;               /* HCR_EL2.FWB; decides what is Device memory for ptw */
    bool contiguous_faults; /* a contiguous group larger than the input size is a
                             * Translation fault (IMPLEMENTATION DEFINED) */
    bool af_on_permission_fault; /* HA sets AF although the access then has a Permission
                                  * fault (CONSTRAINED UNPREDICTABLE, AFUPDATE) */
    /* walk_s2_plan() of the above, or all 0, which gives the same walks, slower. */
    struct walk_plan plan;
    struct walk_perms plain_perms[16]; /* [walk_s2_perms_index()] of a plain leaf */
};

/* Works out plan and plain_perms. To be called again if the others have changed. */
void walk_s2_plan(struct walk_s2_cfg *cfg);

/* Why stage 2 walks. */
enum walk_s2_purpose {
    WALK_S2_LOOK,        /* for an access; updates of AF and dirty state are granted but
                          * left to the caller: never WALK_NEED_CAS */
    WALK_S2_ACCESS,      /* for an access, with its updates */
    WALK_S2_AT,          /* for an AT instruction: sets AF, not the dirty state */
    WALK_S2_FETCH_DESC,  /* a stage 1 walk reads a descriptor at ipa */
    WALK_S2_UPDATE_DESC, /* a stage 1 walk updates a descriptor at ipa */
};

struct walk_s2 {
    struct arch_pa desc_pa;  /* after WALK_NEED_DESC and WALK_NEED_CAS */
    struct arch_pa oa;       /* after WALK_DONE: output address of the input IPA */
    struct arch_fault fault; /* after WALK_FAULT */
    uint64_t desc;           /* the descriptor last fed, or last swapped in; the leaf
                              * after WALK_DONE. WALK_S2_LOOK gives it as read: with HA
                              * its AF may be 0, and with HD and DBM its S2AP may still
                              * forbid the write */
    uint64_t desc_new;       /* after WALK_NEED_CAS */
    struct walk_perms perms; /* after WALK_DONE; with HD and DBM, W is granted */
    int8_t level;            /* of the descriptor last asked for */
    uint8_t leaf_shift;      /* after WALK_DONE: log2 of the bytes that the leaf maps */
    uint8_t group_shift; /* after WALK_DONE: of the contiguous group, or leaf_shift */
    bool nt;             /* after WALK_DONE: the leaf is a block with nT set */
    bool contiguous;     /* after WALK_DONE: its contiguous bit */
    bool device;         /* after WALK_DONE: Device memory */
    bool clean;          /* after WALK_DONE: perms grant W, but a write must walk
                          * again to set the dirty state */
    uint8_t descs_n;     /* descriptors asked for so far */
    /* private */
    int8_t from_level; /* of the first descriptor asked for */
    const struct walk_s2_cfg *cfg;
    struct arch_ipa ipa;
    enum arch_access access;
    enum walk_s2_purpose purpose;
    uint8_t el;     /* 0 or 1 */
    uint8_t needed; /* what must be allowed: enum walk_perm */
    bool of_el0;    /* ... to EL0, else to EL1 */
    bool swapping;
};

/**
 * walk_s2_begin() - start a stage 2 walk for an access by EL1 (WALK_S2_LOOK).
 * @w:      overwritten; must outlive the walk.
 * @cfg:    read until the walk ends.
 * @ipa:    any value; out of range becomes a level 0 Translation fault.
 * @access: what the result is to be checked for.
 *
 * ArmARM: AArch64.S2Walk, AArch64.S2StartLevel, AArch64.S2InvalidSL,
 * AArch64.S2InconsistentSL. Illegal TG0, T0SZ or SL0 is a level 0 Translation fault, a
 * start table beyond the output size a level 0 Address size fault.
 * If a TLBI covering @ipa is observed before the walk ends, its result must not
 * enter a TLB.
 */
ARCH_MUST_USE enum walk_next walk_s2_begin(struct walk_s2 *w,
                                           const struct walk_s2_cfg *cfg,
                                           struct arch_ipa ipa,
                                           enum arch_access access);

/* walk_s2_begin() for an access by EL0 (el 0) or EL1 (el 1), which only execute-never
 * with FEAT_XNX tells apart. */
ARCH_MUST_USE enum walk_next walk_s2_begin_el(struct walk_s2 *w,
                                              const struct walk_s2_cfg *cfg,
                                              struct arch_ipa ipa,
                                              enum arch_access access, unsigned el);

/* walk_s2_begin_el() for any purpose; access is read for LOOK, ACCESS and AT only. */
ARCH_MUST_USE enum walk_next walk_s2_begin_for(struct walk_s2 *w,
                                               const struct walk_s2_cfg *cfg,
                                               struct arch_ipa ipa,
                                               enum arch_access access, unsigned el,
                                               enum walk_s2_purpose purpose);

/* walk_s2_feed() of a plain descriptor (walker/plan.h) that names a table, of a walk
 * that waits for no compare-and-swap. False: it is none, and nothing has changed. */
static inline bool walk_s2_feed_table(struct walk_s2 *w, uint64_t desc)
{
    const struct walk_plan *p = &w->cfg->plan;
    const int below = w->level + 1;

    if (!walk_plan_is_table(p, desc, w->level))
        return false;
    w->desc = desc;
    w->level = (int8_t)below;
    w->desc_pa.v = (desc & p->table_bits) + walk_plan_offset(p, w->ipa.v, below);
    w->descs_n++;
    return true;
}

/**
 * walk_s2_feed() - go on with the descriptor that w->desc_pa named.
 * @value: its value, little-endian as the PE sees it; after WALK_NEED_CAS the value
 * that the compare-and-swap found.
 *
 * Order of checks for a leaf: contiguous, nT (level < 3), output address size, Access
 * flag, permission; then the update. ArmARM: AArch64.S2Walk, AArch64.S2Translate,
 * AArch64.S2CheckPermissions. The contiguous bit changes nothing else (a misprogrammed
 * one is CONSTRAINED UNPREDICTABLE, R_NGLXZ). A leaf with AF = 0 must not enter a TLB.
 */
ARCH_MUST_USE enum walk_next walk_s2_feed(struct walk_s2 *w, uint64_t value);

/* In place of the first walk_s2_feed(), after begin gave WALK_NEED_DESC: go on in a
 * cached table of a translation of this IPA, as walk_s2_table_found() told it. */
ARCH_MUST_USE enum walk_next walk_s2_use_table(struct walk_s2 *w,
                                               const struct walk_table *t);

/**
 * walk_s2_use_leaf() - end with a cached leaf, in place of the first walk_s2_feed().
 * @leaf: of this IPA, as walk_s2_leaf_found() told it.
 *
 * Checks output address and permissions as those of a leaf read. WALK_NEED_DESC if the
 * leaf does not serve, because its dirty state must be set first: the start table's
 * descriptor is asked for as before.
 */
ARCH_MUST_USE enum walk_next walk_s2_use_leaf(struct walk_s2 *w,
                                              const struct walk_s2_leaf *leaf);

/* After WALK_NEED_DESC: true if the table of the descriptor asked for was named by a
 * descriptor fed to this walk, so that a cache may hold it. */
bool walk_s2_table_found(const struct walk_s2 *w, struct walk_table *out);

/* After WALK_DONE. */
struct walk_s2_leaf walk_s2_leaf_found(const struct walk_s2 *w);

#endif
