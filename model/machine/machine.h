/* SPDX-License-Identifier: Apache-2.0 */
/* model/machine/machine.h - the timed machine, as C code sees it. */
#ifndef MODEL_MACHINE_MACHINE_H
#define MODEL_MACHINE_MACHINE_H

#ifdef __cplusplus
#define MACHINE_C extern "C"
#else
#define MACHINE_C
#endif

#include "model/record/run.h"
#include "model/scenario/scn.h"

/* One run. */
struct machine_job {
    const struct scn *scenario;
    size_t variant;
    uint64_t seed;
    /* [vms_n] mean time between the requests of one vCPU; NULL: closed loops without
     * events, to measure the capacity during [measure_from_ps, duration_ps). */
    const uint64_t *interval_ps;
    uint64_t measure_from_ps, duration_ps;
    bool monitor_off;         /* nobody watches: violations are not found */
    FILE *updates;            /* gets the log of table updates; NULL: nothing does */
    struct rec_spool *faults; /* gets the rows of faults.csv; NULL: nothing does */
    bool keep_faults; /* each in its record, in memory: for runs that have few */
};

/**
 * machine_run() - simulate one job from power-on to the end of all programs.
 * @out: [vms_n] overwritten, one record per VM, in which the vCPUs count from 0; end
 *       each with rec_free(). Its error is set if the simulator broke an invariant of
 * its own.
 * @outside_messages: DVM messages that no PE of the machine has sent.
 *
 * The SystemC kernel runs once in the life of a process: call this once per process.
 */
MACHINE_C void machine_run(const struct machine_job *job, struct rec_run *out,
                           uint64_t *outside_messages);

#endif
