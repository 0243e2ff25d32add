/* SPDX-License-Identifier: Apache-2.0 */
/* model/trace/filter.h - one VM or one memslot of a recording. */
#ifndef MODEL_TRACE_FILTER_H
#define MODEL_TRACE_FILTER_H

#include "model/trace/info.h"

/* -1: all. */
struct trace_choice {
    int64_t vm;   /* as trace-info numbers them */
    int64_t slot; /* as memslot_commit numbers them */
};

/* Passes on what belongs to the choice: all events of the VM's threads and of threads
 * of no VM; of a slot, events whose addresses lie in it and those without address. */
struct trace_filter {
    struct trace_choice choice;
    const struct trace_info *info; /* of the whole recording, finished */
    struct trace_sink to;
    bool *dropped; /* [info->threads_n]: the call that the next _ret belongs to */
};

/* false: there is no such VM or slot, with err. End with filter_end(). */
ARCH_MUST_USE bool filter_init(struct trace_filter *f,
                               const struct trace_choice *choice,
                               const struct trace_info *info, struct trace_sink to,
                               struct trace_error *err);
void filter_end(struct trace_filter *f);

/* The record() of a sink; ctx is a struct trace_filter. */
bool filter_record(void *ctx, const struct trace_record *r, struct trace_error *err);

#endif
