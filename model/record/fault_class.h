/* SPDX-License-Identifier: Apache-2.0 */
/* model/record/fault_class.h - why a fault was taken. */
#ifndef MODEL_RECORD_FAULT_CLASS_H
#define MODEL_RECORD_FAULT_CLASS_H

#include <stdbool.h>

/* In the order of precedence: the first class that fits. */
enum rec_fault_class {
    REC_FAULT_RETRY,      /* same vCPU, page and access again after EAGAIN */
    REC_FAULT_CONFLICT,   /* TLB conflict abort */
    REC_FAULT_NT,         /* fault on a block with nT set */
    REC_FAULT_WINDOW,     /* the old mapping would have served; the entry is broken */
    REC_FAULT_RACE,       /* another vCPU is just making the mapping */
    REC_FAULT_STALE_PERM, /* the table allows it, the TLB entry does not */
    REC_FAULT_NEEDED,     /* nothing was mapped, or not enough permission */
    REC_FAULT_CLASSES_N
};

/* What is known when a fault is taken. */
struct rec_fault_facts {
    bool after_eagain; /* this vCPU's last fault, same page and access, got EAGAIN */
    bool conflict;     /* the fault is a TLB conflict abort */
    bool nt;           /* the walk ended at a block with nT set */
    bool entry_broken; /* a walk of the live table would fault, for want of a mapping */
    bool old_allows;   /* the mapping before the change in progress allows the access */
    bool other_making; /* another vCPU's handler is at work on the same mapping */
    bool live_allows;  /* a walk of the live table allows the access */
};

enum rec_fault_class rec_fault_classify(const struct rec_fault_facts *facts);

/* "retry", "conflict", "nt", "window", "race", "stale_perm", "needed" */
const char *rec_fault_class_name(enum rec_fault_class c);

#endif
