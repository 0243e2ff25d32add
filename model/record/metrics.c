/* SPDX-License-Identifier: Apache-2.0 */
#include "model/record/metrics.h"

#include <math.h>
#include <string.h>

#define NS(ps) ((double)(ps) / 1000.0)

static double request_ns(const struct rec_run *r, uint32_t per_myriad)
{
    return r->request.n ? NS(rec_histogram_quantile_ps(&r->request, per_myriad)) : NAN;
}

static double access_ns(const struct rec_run *r, uint32_t per_myriad)
{
    return r->access.n ? NS(rec_histogram_quantile_ps(&r->access, per_myriad)) : NAN;
}

static uint64_t redundant(const struct rec_run *r)
{
    return r->n.by_class[REC_FAULT_WINDOW] + r->n.by_class[REC_FAULT_NT] +
           r->n.by_class[REC_FAULT_CONFLICT];
}

static uint64_t episodes(const struct rec_run *r)
{
    return redundant(r) + r->n.by_class[REC_FAULT_RACE];
}

static double window_ns(const struct rec_run *r)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < r->changes_n; i++)
        sum += r->changes[i].window_ps;
    return NS(sum);
}

static double coalesce_ns(const struct rec_run *r)
{
    uint64_t end = rec_coalesce_end_ps(r);

    return end == REC_NEVER ? NAN : NS(end - r->storm.begin_ps);
}

/* Of the vCPUs' time while blocks are made, the part between trap and re-entry: of the
 * storm, or of all faults. */
static double share_while_coalescing(const struct rec_run *r, bool of_storm)
{
    const uint64_t end = rec_coalesce_end_ps(r);
    struct rec_storm s = r->storm;

    if (end == REC_NEVER || s.begin_ps == end)
        return NAN;
    for (uint32_t i = 0; i < r->cfg.vcpus_n; i++)
        rec_storm_add(&s, &r->vcpus[i].last);
    return (double)(of_storm ? s.inside.storm_ps : s.inside.all_ps) /
           ((double)(end - s.begin_ps) * r->cfg.vcpus_n);
}

static double stall_ns(const struct rec_run *r, bool sum)
{
    uint64_t total = 0, max = 0;

    for (uint32_t i = 0; i < r->cfg.vcpus_n; i++) {
        total += r->vcpus[i].stall_ps;
        if (r->vcpus[i].stall_ps > max)
            max = r->vcpus[i].stall_ps;
    }
    return NS(sum ? total : max);
}

/* Accesses completed in the n slots from first; slots beyond the last count as 0. */
static uint64_t progress(const struct rec_run *r, size_t first, size_t n)
{
    uint64_t sum = 0;

    for (size_t i = first; i < first + n && i < r->slots_n; i++)
        sum += r->slots[i];
    return sum;
}

/* Mean accesses per slot over the whole slots of [from, to); 0 if there is none. */
static double mean_progress(const struct rec_run *r, uint64_t from, uint64_t to)
{
    size_t first = (size_t)((from + REC_SLOT_PS - 1) / REC_SLOT_PS);
    size_t end = (size_t)(to / REC_SLOT_PS);

    return end > first ? (double)progress(r, first, end - first) / (double)(end - first)
                       : 0;
}

/* Lowest progress in width slots while requests arrive, against the time before. */
static double progress_min(const struct rec_run *r, size_t width)
{
    const struct rec_cfg *c = &r->cfg;
    uint64_t before = c->event_ps < c->duration_ps ? c->event_ps : c->duration_ps;
    double mean = mean_progress(r, c->measure_from_ps, before);
    size_t first = (size_t)((c->measure_from_ps + REC_SLOT_PS - 1) / REC_SLOT_PS);
    size_t end = (size_t)(c->duration_ps / REC_SLOT_PS);
    double least = INFINITY;

    if (mean <= 0)
        return NAN;
    for (size_t i = first; i + width <= end; i++) {
        double share = (double)progress(r, i, width) / ((double)width * mean);

        if (share < least)
            least = share;
    }
    return least < INFINITY ? least : NAN;
}

static double recovery_ns(const struct rec_run *r)
{
    const size_t width = 10; /* 100 us */
    uint64_t dur = r->cfg.duration_ps, done = rec_coalesce_end_ps(r);
    uint64_t from = done != REC_NEVER && done > dur - dur / 5 ? done : dur - dur / 5;
    double steady = mean_progress(r, from, dur);
    size_t end = (size_t)(dur / REC_SLOT_PS);

    if (done == REC_NEVER || steady <= 0)
        return NAN;
    for (size_t i = (size_t)((done + REC_SLOT_PS - 1) / REC_SLOT_PS); i + width <= end;
         i++) {
        if ((double)progress(r, i, width) >= 0.95 * steady * (double)width)
            return NS(i * REC_SLOT_PS - done);
    }
    return NAN;
}

/* When vCPU v first had an empty queue after done. */
static uint64_t empty_ps(const struct rec_vcpu *v, uint64_t done)
{
    if (v->queue_empty_ps != REC_NEVER || v->end_ps == REC_NEVER)
        return v->queue_empty_ps;
    return v->end_ps > done ? v->end_ps : done;
}

static double drain_ns(const struct rec_run *r)
{
    uint64_t done = rec_coalesce_end_ps(r), last = 0;

    if (done == REC_NEVER || r->n.requests == 0)
        return NAN;
    for (uint32_t i = 0; i < r->cfg.vcpus_n; i++) {
        uint64_t empty = empty_ps(&r->vcpus[i], done);

        if (empty > last)
            last = empty;
    }
    return last == REC_NEVER ? NAN : NS(last - done);
}

static double spent_ns(const struct rec_run *r, enum rec_spent what)
{
    return NS(r->n.spent_ps[what]);
}

static double slo_missed_share(const struct rec_run *r)
{
    if (r->cfg.slo_ps == 0 || r->n.measured_requests == 0)
        return NAN;
    return (double)r->n.slo_missed / (double)r->n.measured_requests;
}

static uint64_t faults(const struct rec_run *r)
{
    uint64_t sum = 0;

    for (int c = 0; c < REC_FAULT_CLASSES_N; c++)
        sum += r->n.by_class[c];
    return sum;
}

/* X(column, value) in the order of the files; r is the run. */
#define COLUMNS(X)                                                                     \
    X(accesses, (double)r->n.accesses)                                                 \
    X(requests, (double)r->n.requests)                                                 \
    X(faults, (double)faults(r))                                                       \
    X(faults_retry, (double)r->n.by_class[REC_FAULT_RETRY])                            \
    X(faults_conflict, (double)r->n.by_class[REC_FAULT_CONFLICT])                      \
    X(faults_nt, (double)r->n.by_class[REC_FAULT_NT])                                  \
    X(faults_window, (double)r->n.by_class[REC_FAULT_WINDOW])                          \
    X(faults_race, (double)r->n.by_class[REC_FAULT_RACE])                              \
    X(faults_stale_perm, (double)r->n.by_class[REC_FAULT_STALE_PERM])                  \
    X(faults_needed, (double)r->n.by_class[REC_FAULT_NEEDED])                          \
    X(faults_redundant, (double)redundant(r))                                          \
    X(faults_eagain, (double)r->n.eagain)                                              \
    X(faults_s1ptw, (double)r->n.s1ptw)                                                \
    X(episodes, (double)episodes(r))                                                   \
    X(exits, (double)(episodes(r) + r->n.by_class[REC_FAULT_RETRY]))                   \
    X(window_invalid_ns, window_ns(r))                                                 \
    X(coalesce_ns, coalesce_ns(r))                                                     \
    X(stall_sum_ns, stall_ns(r, true))                                                 \
    X(stall_max_ns, stall_ns(r, false))                                                \
    X(storm_share, share_while_coalescing(r, true))                                    \
    X(handler_share, share_while_coalescing(r, false))                                 \
    X(spent_entry_exit_ns, spent_ns(r, REC_SPENT_ENTRY_EXIT))                          \
    X(spent_handler_ns, spent_ns(r, REC_SPENT_HANDLER))                                \
    X(spent_host_ns, spent_ns(r, REC_SPENT_HOST))                                      \
    X(spent_lock_ns, spent_ns(r, REC_SPENT_LOCK))                                      \
    X(spent_tables_ns, spent_ns(r, REC_SPENT_TABLES))                                  \
    X(spent_clean_ns, spent_ns(r, REC_SPENT_CLEAN))                                    \
    X(spent_tlbi_ns, spent_ns(r, REC_SPENT_TLBI))                                      \
    X(spent_teardown_ns, spent_ns(r, REC_SPENT_TEARDOWN))                              \
    X(request_p50_ns, request_ns(r, 5000))                                             \
    X(request_p99_ns, request_ns(r, 9900))                                             \
    X(request_p999_ns, request_ns(r, 9990))                                            \
    X(request_p9999_ns, request_ns(r, 9999))                                           \
    X(request_max_ns, request_ns(r, 10000))                                            \
    X(access_p50_ns, access_ns(r, 5000))                                               \
    X(access_p999_ns, access_ns(r, 9990))                                              \
    X(access_max_ns, access_ns(r, 10000))                                              \
    X(slo_missed_share, slo_missed_share(r))                                           \
    X(progress_min_10us, progress_min(r, 1))                                           \
    X(progress_min_100us, progress_min(r, 10))                                         \
    X(recovery_ns, recovery_ns(r))                                                     \
    X(drain_ns, drain_ns(r))                                                           \
    X(tlb_lookups, (double)r->n.tlb_lookups)                                           \
    X(tlb_l1_misses, (double)r->n.tlb_l1_misses)                                       \
    X(tlb_misses, (double)r->n.tlb_misses)                                             \
    X(walks, (double)r->n.walks)                                                       \
    X(walk_reads, (double)r->n.walk_reads)                                             \
    X(walks_merged, (double)r->n.walks_merged)                                         \
    X(walks_speculative, (double)r->n.walks_speculative)                               \
    X(s1_table_hits, (double)r->n.s1_table_hits)                                       \
    X(s2_table_hits, (double)r->n.s2_table_hits)                                       \
    X(s1_leaf_hits, (double)r->n.s1_leaf_hits)                                         \
    X(s2_leaf_hits, (double)r->n.s2_leaf_hits)                                         \
    X(hw_updates, (double)r->n.hw_updates)                                             \
    X(tlbis, (double)r->n.tlbis)                                                       \
    X(tlb_removed, (double)r->n.tlb_removed)                                           \
    X(tlb_removed_wide, (double)r->n.tlb_removed_wide)                                 \
    X(tlb_removed_extra, (double)r->n.tlb_removed_extra)                               \
    X(tlb_unfilled, (double)r->n.tlb_unfilled)                                         \
    X(tlb_conflicts, (double)r->n.tlb_conflicts)                                       \
    X(dvm_messages, (double)r->n.dvm_messages)                                         \
    X(switches, (double)r->n.switches)                                                 \
    X(switch_ns, NS(r->n.switch_ps))                                                   \
    X(vmid_rolls, (double)r->n.vmid_rolls)                                             \
    X(violations, (double)rec_violations(&r->n))                                       \
    X(stopped_at_ns, r->stopped_ps == REC_NEVER ? NAN : NS(r->stopped_ps))

#define COLUMN_NAME(name, value) #name,
static const char *const column_names[] = {COLUMNS(COLUMN_NAME)};

size_t rec_columns_n(void)
{
    return sizeof column_names / sizeof column_names[0];
}

const char *rec_column_name(size_t column)
{
    return column_names[column];
}

size_t rec_column_find(const char *name)
{
    for (size_t i = 0; i < rec_columns_n(); i++) {
        if (strcmp(name, column_names[i]) == 0)
            return i;
    }
    return SIZE_MAX;
}

static bool ends_with(const char *text, const char *end)
{
    size_t n = strlen(text), m = strlen(end);

    return n >= m && strcmp(text + n - m, end) == 0;
}

/* The order of a replay is given: what it takes is no result. */
static void forget_times(struct rec_metrics *m)
{
    for (size_t i = 0; i < rec_columns_n(); i++) {
        if (ends_with(column_names[i], "_ns") || ends_with(column_names[i], "_share") ||
            strncmp(column_names[i], "progress_", 9) == 0)
            m->v[i] = NAN;
    }
}

void rec_metrics(const struct rec_run *r, struct rec_metrics *out)
{
    double *v = out->v;

#define COLUMN_VALUE(name, value) *v++ = (value);
    COLUMNS(COLUMN_VALUE)
    if (r->attempts_n)
        forget_times(out);
}
