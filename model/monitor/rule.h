/* SPDX-License-Identifier: Apache-2.0 */
/* model/monitor/rule.h - the rules that the monitor watches, and the record of one that
 * was broken. */
#ifndef MODEL_MONITOR_RULE_H
#define MODEL_MONITOR_RULE_H

#include "walker/arch/addr.h"

#include <stdint.h>

/* What users see of a violation; a name keeps its meaning for ever. */
enum mon_code {
    MON_MISSING_BREAK,  /* "bbm.missing-break" */
    MON_MISSING_TLBI,   /* "bbm.missing-tlbi" */
    MON_MISSING_DSB,    /* "bbm.missing-dsb" */
    MON_WRONG_VMID,     /* "bbm.wrong-vmid" */
    MON_WRONG_VTCR,     /* "bbm.wrong-vtcr" */
    MON_WRONG_ORDER,    /* "bbm.wrong-order" */
    MON_NT_UNSUPPORTED, /* "bbm.nt-unsupported" */
    MON_ATTR_CHANGE,    /* "bbm.attr-change" */
    MON_STALE_USE,      /* "tlb.stale-use" */
    MON_FREED_TABLE,    /* "walk.freed-table" */
    MON_CONFLICT,       /* "tlb.conflict" */
    MON_HW_UPDATE_LOST, /* "hw-update-lost" */
    MON_WRONG_MEMORY,   /* "access.wrong-memory" */
    MON_CODES_N
};

/* Each with its code and one sentence. */
enum mon_rule {
    MON_RULE_NONE,
    MON_RULE_RESIZE,       /* a table and a block replace each other */
    MON_RULE_RETABLE,      /* a table replaces a table */
    MON_RULE_LEAF,         /* address or attributes of a leaf change */
    MON_RULE_CONTIGUOUS,   /* the Contiguous bit changes */
    MON_RULE_NO_TLBI,      /* none came at all */
    MON_RULE_LOCAL_TLBI,   /* it reached one PE only */
    MON_RULE_PART_TLBI,    /* it covered a part of the entry, or entries of another
                            * kind */
    MON_RULE_NO_S1_TLBI,   /* by IPA, and none of stage 1 behind it */
    MON_RULE_DSB_BEFORE,   /* the store was not complete when the TLBI was issued */
    MON_RULE_DSB_BETWEEN,  /* nor the stage 2 TLBI when that of stage 1 was */
    MON_RULE_DSB_AFTER,    /* the TLBI is not complete */
    MON_RULE_VMID,         /* the TLBI named another VMID */
    MON_RULE_VTCR,         /* the TLBI was issued under another VM's VTCR_EL2 */
    MON_RULE_ENTER_VMID,   /* a guest was entered with another VMID */
    MON_RULE_ENTER_VTCR,   /* ... with another VM's VTCR_EL2 */
    MON_RULE_ORDER,        /* stage 1 TLBI before that of stage 2 */
    MON_RULE_NT,           /* nT at FEAT_BBM level 0 */
    MON_RULE_ATTRS,        /* a live leaf differs from the block */
    MON_RULE_STALE,        /* an access used what a completed TLBI covers */
    MON_RULE_FREED_LINKED, /* a table was freed that an entry names */
    MON_RULE_FREED_EARLY,  /* ... that a TLB may still lead to */
    MON_RULE_FREED_READ,   /* a walk read a freed table */
    MON_RULE_CONFLICT,     /* two entries for one address, unlawfully */
    MON_RULE_HW_UPDATE,    /* hardware wrote to a table that has been replaced */
    MON_RULE_VMID_REUSED,  /* a VMID went on to another VM without a flush of all */
    MON_RULE_MEMORY,       /* an access reached memory that its VM does not have there
                            */
    MON_RULES_N
};

const char *mon_code_name(enum mon_code code);
enum mon_code mon_rule_code(enum mon_rule rule);
const char *mon_rule_text(enum mon_rule rule);

struct mon_violation {
    uint64_t time_ps;
    uint32_t pe;
    uint32_t line;       /* as the caller counts lines; 0: unknown */
    enum mon_rule rule;  /* not MON_RULE_NONE */
    struct arch_ipa ipa; /* first address that the entry maps */
    uint64_t old, desc;  /* what TLBs may still hold, and what the entry becomes */
};

#endif
