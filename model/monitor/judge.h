/* SPDX-License-Identifier: Apache-2.0 */
/* model/monitor/judge.h - the monitor's verdict on a trace of table updates.
 *
 * Reads the trace format of the casemate checker (version 3.0.2). Roots are what
 * VTTBR_EL2 (stage 2, by VMID) and TTBR0_EL2 (stage 1 of EL2) name; only memory that
 * mem-init names is looked at; locks and hints are read and not judged. A TLBI of
 * EL1&0 acts on the VMID that its thread wrote to VTTBR_EL2 last. Where VTCR_EL2 is
 * inconsistent or was never written, the start level follows from T0SZ (16 unless
 * written) without concatenation, as casemate has it. */
#ifndef MODEL_MONITOR_JUDGE_H
#define MODEL_MONITOR_JUDGE_H

#include "model/monitor/record.h"
#include "model/monitor/rule.h"

struct mon_judge_cfg {
    unsigned bbm_level;
    /* Each violation: pe is the thread, line that of the record, time_ps its number. */
    void (*tell)(void *ctx, const struct mon_violation *v);
    void *ctx;
};

struct mon_verdict {
    uint64_t records_n;
    uint64_t violations_n;
};

/* False with *err if the trace is not as it should be; until there it was judged. */
bool mon_judge(FILE *in, const struct mon_judge_cfg *cfg, struct mon_verdict *out,
               struct mon_input_error *err);

#endif
