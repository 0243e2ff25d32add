/* SPDX-License-Identifier: Apache-2.0 */
/* model/record/fault_log.h - the rows of faults.csv while the run goes on.
 *
 * A fault and the retries that follow it on its vCPU are one row: while a table entry
 * is locked for long a vCPU retries every microsecond, and one row each would be all
 * that is in the file. Rows leave the memory for a spool; of each vCPU the last one is
 * kept, since retries may still come. */
#ifndef MODEL_RECORD_FAULT_LOG_H
#define MODEL_RECORD_FAULT_LOG_H

#include "model/record/fault_class.h"
#include "model/record/spool.h"
#include "walker/arch/addr.h"
#include "walker/arch/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rec_fault {
    uint64_t taken_ps, reentry_ps;
    struct arch_ipa ipa;
    uint32_t vcpu;
    uint8_t access; /* enum arch_access */
    uint8_t type;   /* enum arch_fault_type */
    int8_t level;
    uint8_t cls; /* enum rec_fault_class */
    bool eagain;
    bool s1ptw;   /* ipa is that of a stage 1 descriptor */
    bool stopped; /* the VM stopped in its handler; reentry_ps is that moment */
};

/* How the last handler of a row ended. */
enum rec_fault_result {
    REC_RESULT_MAPPED,
    REC_RESULT_EAGAIN,
    REC_RESULT_FLUSHED,
    REC_RESULT_STOPPED,
};

/* A fault that is no retry, and the retries that followed it on its vCPU. */
struct rec_fault_row {
    uint64_t taken_ps, reentry_ps; /* of the fault itself */
    uint64_t last_ps;              /* the last retry was taken */
    uint64_t stall_ps;             /* sum of all from trap to re-entry */
    uint64_t ipa;
    uint64_t vcpu : 16, retries : 32, access : 2, type : 3, cls : 3, s1ptw : 1;
    uint64_t result : 2; /* enum rec_fault_result */
    int64_t level : 3;
};

#define REC_CHUNK_ROWS 256u
#define REC_CHUNK_BYTES (REC_CHUNK_ROWS * sizeof(struct rec_fault_row))

/* Where the rows of one VM are in the spool, by time of re-entry. */
struct rec_fault_list {
    uint64_t *chunks; /* [chunks_n], of REC_CHUNK_ROWS rows each but for the last */
    size_t chunks_n, chunks_cap;
    uint64_t rows_n;
    uint32_t vcpu_first; /* what its vCPU 0 is called */
};

struct rec_fault_log;

/* spool: of REC_CHUNK_BYTES; outlives the log. Aborts if the host has no memory. */
struct rec_fault_log *rec_fault_log_new(struct rec_spool *spool, uint32_t vcpus_n);
void rec_fault_log_delete(struct rec_fault_log *log);

/* In the order of re-entry. False with errno set if the spool cannot be written. */
ARCH_MUST_USE bool rec_fault_log_add(struct rec_fault_log *log,
                                     const struct rec_fault *f);

/* No more will come: list, which is empty, says where all are. False as above. */
ARCH_MUST_USE bool rec_fault_log_end(struct rec_fault_log *log,
                                     struct rec_fault_list *list);

#endif
