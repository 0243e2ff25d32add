/* SPDX-License-Identifier: Apache-2.0 */
/* walker/s1_walk.h - the stage 1 translation table walk as a step machine.
 *
 * It knows nothing of stage 2: the addresses that it names are outputs of stage 1, that
 * is IPAs; where a regime has no stage 2 the IPA is the PA. walker/nested.h puts the
 * two together. */
#ifndef WALKER_S1_WALK_H
#define WALKER_S1_WALK_H

#include "walker/arch/addr.h"
#include "walker/arch/fault.h"
#include "walker/arch/tcr.h"
#include "walker/cpu.h"
#include "walker/perms.h"
#include "walker/s2_walk.h"

/* What table descriptors may restrict. */
#define WALK_S1_HIERARCHICAL                                                           \
    (ARCH_DESC_PXN_TABLE | ARCH_DESC_UXN_TABLE | ARCH_DESC_AP_TABLE_1 |                \
     ARCH_DESC_AP_TABLE_2)

/* One half of a regime; constant while walks use it. */
struct walk_s1_cfg {
    const struct walk_cpu *cpu;
    struct arch_tcr tcr; /* with the fields of absent features cleared */
    enum arch_va_half half;
    struct arch_ipa base; /* TTBRn_ELx as an address; bits below the alignment of the
                           * start table are ignored */
    bool has_el0;         /* EL1&0, EL2&0 */
    bool wxn;
    bool epan;
    /* walk_s1_plan() of the above, or all 0, which gives the same walks, slower. */
    struct walk_plan plan;
    struct walk_perms plain_perms[16]; /* [walk_plain_perms_index()] of a plain leaf
                                        * behind tables that restrict nothing */
};

/* Works out plan and plain_perms. To be called again if the others have changed. */
void walk_s1_plan(struct walk_s1_cfg *cfg);

/* Real accesses and the AT instructions differ in what they update. */
enum walk_how {
    WALK_ACCESS,    /* a load, a store or an instruction fetch */
    WALK_AT_S1,     /* AT S1E*: stage 1 only */
    WALK_AT_S1_PAN, /* AT S1E1RP, AT S1E1WP: PSTATE.PAN counts */
    WALK_AT_S12,    /* AT S12E* */
};

/* What is asked of a translation. */
struct walk_query {
    struct arch_va va;
    enum arch_access access;
    enum walk_how how;
    uint8_t el; /* 0..2, whose permissions are checked */
    bool pan;   /* PSTATE.PAN */
    bool ask;   /* WALK_ASK where a translation cache may answer, but ... */
    bool s1_unasked, s2_unasked; /* ... of that stage, whose answer is walk_skip() */
};

/* What a cache of stage 1 translations holds. Its Access flag is 1 in memory. */
struct walk_s1_leaf {
    struct arch_ipa ipa;     /* of the VA asked for */
    struct walk_perms perms; /* with HD and DBM, W is granted */
    uint8_t leaf_shift;      /* log2 of the bytes that the leaf descriptor maps */
    uint8_t group_shift;     /* of the contiguous group that it is in, or leaf_shift */
    bool write_clean;        /* W granted by DBM, but the dirty state is not set */
    bool nt;                 /* a block with nT set */
    bool ng;                 /* not global */
};

struct walk_s1 {
    struct arch_ipa desc_ipa; /* after WALK_NEED_DESC and WALK_NEED_CAS */
    struct arch_ipa oa;       /* after WALK_DONE */
    struct arch_fault fault;  /* after WALK_FAULT */
    uint64_t desc;     /* last fed, or last swapped in; the leaf after WALK_DONE */
    uint64_t desc_new; /* after WALK_NEED_CAS */
    struct walk_perms perms; /* after WALK_DONE; with HD and DBM, W is granted */
    int8_t level;            /* of the descriptor last asked for */
    uint8_t leaf_shift;      /* after WALK_DONE: log2 of the bytes that the leaf maps */
    uint8_t group_shift; /* after WALK_DONE: of the contiguous group, or leaf_shift */
    bool nt;             /* after WALK_DONE: a block with nT set */
    bool contiguous;     /* after WALK_DONE */
    bool ng;             /* after WALK_DONE: not global, so tagged with the ASID */
    bool clean;          /* after WALK_DONE: perms grant W, but a write must walk
                          * again to set the dirty state */
    /* private */
    const struct walk_s1_cfg *cfg;
    struct walk_query query;
    uint64_t tables;   /* OR of the table descriptors so far */
    int8_t from_level; /* of the first descriptor asked for */
    bool swapping;
};

/**
 * walk_s1_begin() - start a stage 1 walk of query->va.
 * @w:   overwritten; must outlive the walk.
 * @cfg: of the half that query->va is in; read until the walk ends. Its regime is on.
 *
 * ArmARM: AArch64.S1Translate, AArch64.S1Walk. Before the first descriptor: TxSZ out of
 * its limits, an address out of range, E0PD, EPD (level 0 Translation faults), then a
 * start table beyond the output size (level 0 Address size fault).
 */
ARCH_MUST_USE enum walk_next walk_s1_begin(struct walk_s1 *w,
                                           const struct walk_s1_cfg *cfg,
                                           const struct walk_query *query);

/* Go on with the descriptor at w->desc_ipa, or after WALK_NEED_CAS with the value that
 * the compare-and-swap found. Order of checks for a leaf as walk_s2_feed().
 * ArmARM: AArch64.S1Walk, AArch64.S1CheckPermissions, AArch64.S1Translate. */
ARCH_MUST_USE enum walk_next walk_s1_feed(struct walk_s1 *w, uint64_t value);

/* In place of the first walk_s1_feed(), after begin gave WALK_NEED_DESC: go on in a
 * cached table of a translation of this VA, at t->ipa. */
ARCH_MUST_USE enum walk_next walk_s1_use_table(struct walk_s1 *w,
                                               const struct walk_table *t);

/**
 * walk_s1_use_leaf() - end with a cached leaf, in place of the first walk_s1_feed().
 *
 * Checks output address and permissions as those of a leaf read. WALK_NEED_DESC if the
 * leaf does not serve, because its dirty state must be set first: the start table's
 * descriptor is asked for as before.
 */
ARCH_MUST_USE enum walk_next walk_s1_use_leaf(struct walk_s1 *w,
                                              const struct walk_s1_leaf *leaf);

/* After WALK_NEED_DESC: true if the table of the descriptor asked for was named by a
 * descriptor fed to this walk, so that a cache may hold it. pa and pa_valid are 0. */
bool walk_s1_table_found(const struct walk_s1 *w, struct walk_table *out);

/* The VA without its tag: bits 63:56 are copies of bit 55. What an address in range
 * translates as, whatever TBI says. */
struct arch_va walk_s1_untagged(struct arch_va va);

/* True if va is not an address of cfg's half. The top byte does not count with TBI,
 * but of instruction addresses with TBID it does.
 * ArmARM: AArch64.VAIsOutOfRange, AArch64.AddrTop. */
bool walk_s1_va_out_of_range(const struct walk_s1_cfg *cfg, struct arch_va va,
                             enum arch_access access, unsigned input_bits);

/* The highest VA bit that counts: 63, or 55 with TBI. ArmARM: AArch64.AddrTop. */
unsigned walk_s1_addr_top(const struct arch_tcr *tcr, enum arch_access access);

#endif
