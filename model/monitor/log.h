/* SPDX-License-Identifier: Apache-2.0 */
/* model/monitor/log.h - writes table updates and TLB maintenance as a trace that the
 * casemate checker reads (version 3.0.2), and that mon_judge() reads again.
 *
 * What casemate wants to know is added: the memory that tables occupy, their root and
 * its lock, and the registers of a PE before it does anything. Threads are numbered in
 * the order in which PEs come in, since casemate takes four at most. Its locks are
 * exclusive: what a PE does without one, or under a lock that it shares, is written
 * with the lock taken for that line alone. TLBIs that are no matter of the tables
 * (stage 1 of EL1 by address or ASID) are left out. */
#ifndef MODEL_MONITOR_LOG_H
#define MODEL_MONITOR_LOG_H

#include "model/monitor/monitor.h"

#include <stdio.h>

struct mon_log;

/**
 * mon_log_new() - begin a trace.
 * @out:  stays the caller's.
 * @file: the scenario, for the source of each line; its folders are left out.
 * @read: a descriptor, as it is now.
 */
struct mon_log *mon_log_new(FILE *out, const char *file,
                            uint64_t (*read)(void *ctx, struct arch_pa pa), void *ctx);
void mon_log_delete(struct mon_log *l);

/* A root with all that lies below it. */
void mon_log_root(struct mon_log *l, const struct mon_at *at,
                  const struct mon_root *root);

/* The PE runs the VM of that root, with VTCR_EL2 as given: written when the PE does
 * something. */
void mon_log_enter(struct mon_log *l, const struct mon_at *at, uint16_t vmid,
                   uint64_t vtcr);

enum mon_order { MON_PLAIN, MON_RELEASE };

/* Nothing is written unless pa lies in a table. */
void mon_log_store(struct mon_log *l, const struct mon_at *at, struct arch_pa pa,
                   uint64_t desc, enum mon_order order);

void mon_log_tlbi(struct mon_log *l, const struct mon_at *at,
                  const struct arch_tlbi *op);
void mon_log_dsb(struct mon_log *l, const struct mon_at *at, enum arch_dsb kind);
void mon_log_isb(struct mon_log *l, const struct mon_at *at);
void mon_log_table_alloc(struct mon_log *l, const struct mon_at *at,
                         struct arch_pa table, enum arch_tg tg);
void mon_log_table_free(struct mon_log *l, const struct mon_at *at,
                        struct arch_pa table, enum arch_tg tg);

/* The lock of the PE's VM, exclusive; a shared one is not told. */
void mon_log_lock(struct mon_log *l, const struct mon_at *at);
void mon_log_unlock(struct mon_log *l, const struct mon_at *at);

#endif
