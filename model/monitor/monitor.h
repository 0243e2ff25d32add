/* SPDX-License-Identifier: Apache-2.0 */
/* model/monitor/monitor.h - watches table updates and TLB maintenance for what the
 * architecture forbids.
 *
 * The caller tells it every event in the order in which they take effect. It keeps a
 * state per table entry that TLBs may hold an old value of, and per PE what its TLBIs
 * and DSBs have done; a TLBI counts for the stores of the PE that issued it. It never
 * changes anything, and it waits for nothing: a broken rule is a record. Costs:
 * constant time per store, DSB and TLBI, and for a TLBI of a range the entries that its
 * PE has changed lately. */
#ifndef MODEL_MONITOR_MONITOR_H
#define MODEL_MONITOR_MONITOR_H

#include "model/monitor/rule.h"
#include "walker/arch/tlbi.h"
#include "walker/arch/vtcr.h"

#include <stdbool.h>
#include <stddef.h>

struct mon;

struct mon_cfg {
    unsigned bbm_level; /* FEAT_BBM: 0, 1, 2; 3 is FEAT_BBML3 */
    unsigned pa_bits;   /* implemented PA size */
    size_t keep_n;      /* records kept; the others are only counted and told */
    uint64_t (*read)(void *ctx, struct arch_pa pa); /* a descriptor, as it is now */
    void *ctx;
    void (*tell)(void *ctx, const struct mon_violation *v); /* NULL: nobody */
    void *tell_ctx;
};

/* Ends the program if the host has no memory, as every function below may. */
struct mon *mon_new(const struct mon_cfg *cfg);
void mon_delete(struct mon *m);

/* Who does what when; line: of the input that asked for it. */
struct mon_at {
    uint64_t time_ps;
    uint32_t pe;
    uint32_t line;
};

/* The tables of one VM, or of EL2. */
struct mon_root {
    enum arch_regime regime; /* ARCH_REGIME_EL10: stage 2; ARCH_REGIME_EL2: stage 1 */
    uint16_t vmid;           /* of stage 2 */
    uint64_t tcr;            /* VTCR_EL2 or TCR_EL2 */
    enum arch_tg tg;
    bool ds;
    bool ha; /* hardware sets the Access flag */
    int start_level;
    uint32_t start_entries; /* of all concatenated tables */
    struct arch_pa baddr;
};

/* The stage 2 root that VTCR_EL2 and VTTBR_EL2 describe. False, and *out untouched, if
 * VTCR_EL2 is inconsistent. */
bool mon_s2_root(const struct arch_vtcr *vtcr, unsigned pa_bits, bool ttst,
                 struct arch_pa baddr, uint16_t vmid, struct mon_root *out);

/* From now on the tables at root->baddr, and all that they name, are live. */
void mon_root_add(struct mon *m, const struct mon_root *root);

/* ---- events ---- */

/* A zeroed table; its entries are watched once an entry of a live table names it. */
void mon_table_alloc(struct mon *m, struct arch_pa table, enum arch_tg tg);
void mon_table_free(struct mon *m, const struct mon_at *at, struct arch_pa table);

/* Software changes a descriptor: a plain store, a release or a compare-and-swap that
 * did it. Before or after memory has changed. */
void mon_store(struct mon *m, const struct mon_at *at, struct arch_pa pa, uint64_t old,
               uint64_t desc);

/* A walk changes a descriptor. */
void mon_hw_update(struct mon *m, const struct mon_at *at, struct arch_pa pa,
                   uint64_t old, uint64_t desc);

void mon_tlbi(struct mon *m, const struct mon_at *at, const struct arch_tlbi *op);
void mon_dsb(struct mon *m, const struct mon_at *at, enum arch_dsb kind);

/* VTCR_EL2 of the PE is vtcr from now on. Until told, it is taken to be right. */
void mon_vtcr(struct mon *m, const struct mon_at *at, uint64_t vtcr);

/* The VM whose tables are at baddr has that VMID from now on; the PE gave it. Since
 * another VM has last been entered with it a TLBI ALLE1IS must be complete. */
void mon_root_vmid(struct mon *m, const struct mon_at *at, struct arch_pa baddr,
                   uint16_t vmid);

/* The PE is about to enter a guest: VTTBR_EL2 is baddr and vmid, VTCR_EL2 is vtcr. */
void mon_enter(struct mon *m, const struct mon_at *at, struct arch_pa baddr,
               uint16_t vmid, uint64_t vtcr);

/* That guest fills TLBs from now on; and no more. */
void mon_resume(struct mon *m, const struct mon_at *at);
void mon_leave(struct mon *m, const struct mon_at *at);

/* An access uses the stage 2 leaf desc for ipa: it must be the one in force, or one
 * whose invalidation is not complete. Permissions and Access flag are not compared. */
void mon_use(struct mon *m, const struct mon_at *at, uint16_t vmid, struct arch_ipa ipa,
             uint64_t desc);

/* Two TLB entries match ipa. Lawful while an entry on the way is being changed as
 * FEAT_BBM level 2 allows, or level 1 by nT. */
void mon_conflict(struct mon *m, const struct mon_at *at, uint16_t vmid,
                  struct arch_ipa ipa);

/* ---- results ---- */

/* The first cfg.keep_n, in the order of events. */
const struct mon_violation *mon_violations(const struct mon *m, size_t *n);

/* All of a code, kept or not. */
uint64_t mon_count(const struct mon *m, enum mon_code code);

#endif
