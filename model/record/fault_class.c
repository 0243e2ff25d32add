/* SPDX-License-Identifier: Apache-2.0 */
#include "model/record/fault_class.h"

enum rec_fault_class rec_fault_classify(const struct rec_fault_facts *facts)
{
    if (facts->after_eagain)
        return REC_FAULT_RETRY;
    if (facts->conflict)
        return REC_FAULT_CONFLICT;
    if (facts->nt)
        return REC_FAULT_NT;
    if (facts->entry_broken && facts->old_allows)
        return REC_FAULT_WINDOW;
    if (facts->other_making)
        return REC_FAULT_RACE;
    if (facts->live_allows)
        return REC_FAULT_STALE_PERM;
    return REC_FAULT_NEEDED;
}

const char *rec_fault_class_name(enum rec_fault_class c)
{
    static const char *const names[REC_FAULT_CLASSES_N] = {
        "retry", "conflict", "nt", "window", "race", "stale_perm", "needed"};

    return names[c];
}
