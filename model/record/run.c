/* SPDX-License-Identifier: Apache-2.0 */
#include "model/record/run.h"

#include "model/memory/must.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Room for at least n elements of size bytes; new ones are zeroed. */
static void reserve(void **array, size_t *cap, size_t n, size_t size)
{
    size_t old = *cap;

    if (n <= old)
        return;
    while (*cap < n)
        *cap = *cap ? *cap * 2 : 64;
    *array = must(realloc(*array, *cap * size));
    memset((char *)*array + old * size, 0, (*cap - old) * size);
}

#define RESERVE(r, what, n)                                                            \
    reserve((void **)&(r)->what, &(r)->what##_cap, (n), sizeof *(r)->what)

void rec_init(struct rec_run *r, const struct rec_cfg *cfg)
{
    memset(r, 0, sizeof *r);
    r->cfg = *cfg;
    r->stopped_ps = REC_NEVER;
    r->vcpus = must(calloc(cfg->vcpus_n ? cfg->vcpus_n : 1, sizeof *r->vcpus));
    for (uint32_t i = 0; i < cfg->vcpus_n; i++)
        r->vcpus[i].queue_empty_ps = r->vcpus[i].end_ps = REC_NEVER;
    if (cfg->spool)
        r->fault_log = rec_fault_log_new(cfg->spool, cfg->vcpus_n);
}

void rec_together(struct rec_run *parts, size_t n)
{
    for (size_t i = 0; i < n; i++)
        parts[i].all = &parts[0].together;
}

void rec_free(struct rec_run *r)
{
    free(r->vcpus);
    free(r->bins);
    free(r->slots);
    free(r->faults);
    rec_fault_log_delete(r->fault_log);
    for (size_t i = 0; i < r->fault_lists_n; i++)
        free(r->fault_lists[i].chunks);
    free(r->fault_lists);
    free(r->changes);
    free(r->attempts);
    free(r->stages);
    free(r->violations);
    free(r->outcomes);
    rec_closed_free(r->closed);
    free(r->error);
    memset(r, 0, sizeof *r);
}

static uint64_t smaller(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static uint64_t larger(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

/* The arrays may move: so does the window. */
static struct rec_bin *bin_at(struct rec_run *r, uint64_t ps)
{
    size_t i = (size_t)(ps / r->cfg.bin_ps);

    if (i >= r->bins_cap)
        r->window.ps = 0;
    RESERVE(r, bins, i + 1);
    if (i >= r->bins_n)
        r->bins_n = i + 1;
    return &r->bins[i];
}

static void saw(struct rec_run *r, uint64_t ps)
{
    r->end_ps = larger(r->end_ps, ps);
}

/* The slot that counts accesses which end then; [*from, *to) becomes the part
 * that is in it. */
static uint64_t *slot_at(struct rec_run *r, uint64_t ps, uint64_t *from, uint64_t *to)
{
    const size_t i = (size_t)(ps / REC_SLOT_PS);

    if (ps >= r->cfg.duration_ps) {
        *from = larger(*from, r->cfg.duration_ps);
        return &r->window.nowhere;
    }
    *from = larger(*from, i * REC_SLOT_PS);
    *to = smaller(*to, smaller((i + 1) * REC_SLOT_PS, r->cfg.duration_ps));
    RESERVE(r, slots, i + 1);
    if (i >= r->slots_n)
        r->slots_n = i + 1;
    return &r->slots[i];
}

void rec_move_window(struct rec_run *r, uint64_t end_ps)
{
    uint64_t from = end_ps / r->cfg.bin_ps * r->cfg.bin_ps;
    uint64_t to = from + r->cfg.bin_ps;
    uint64_t *const in_slot = slot_at(r, end_ps, &from, &to);

    r->window.bin = bin_at(r, end_ps);
    r->window.in_slot = in_slot;
    r->window.from_ps = from;
    r->window.ps = to - from;
}

void rec_add_request(struct rec_run *r, uint64_t arrival_ps, uint64_t end_ps)
{
    uint64_t latency = end_ps - arrival_ps;
    struct rec_bin *bin = rec_window_end(r, end_ps) ? r->window.bin : bin_at(r, end_ps);

    r->n.requests++;
    bin->requests++;
    if (latency > bin->latency_max_ps)
        bin->latency_max_ps = latency;
    if (arrival_ps < r->cfg.measure_from_ps)
        return;
    r->n.measured_requests++;
    rec_histogram_add(&r->request, latency);
    if (r->cfg.slo_ps && latency > r->cfg.slo_ps)
        r->n.slo_missed++;
}

void rec_idle(struct rec_run *r, uint32_t vcpu, uint64_t from_ps, uint64_t to_ps)
{
    uint64_t end = rec_coalesce_end_ps(r);
    struct rec_vcpu *v = &r->vcpus[vcpu];

    if (end != REC_NEVER && end <= to_ps && v->queue_empty_ps == REC_NEVER)
        v->queue_empty_ps = from_ps > end ? from_ps : end;
}

void rec_vcpu_end(struct rec_run *r, uint32_t vcpu, uint64_t now_ps)
{
    r->vcpus[vcpu].end_ps = now_ps;
}

/* Adds the part of [from, to) that lies in each bin to the member at offset. */
static void spread(struct rec_run *r, uint64_t from, uint64_t to, size_t offset)
{
    while (from < to) {
        uint64_t next = (from / r->cfg.bin_ps + 1) * r->cfg.bin_ps;
        uint64_t end = next < to ? next : to;

        *(uint64_t *)((char *)bin_at(r, from) + offset) += end - from;
        from = end;
    }
}

static bool is_redundant(enum rec_fault_class c)
{
    return c == REC_FAULT_WINDOW || c == REC_FAULT_NT || c == REC_FAULT_CONFLICT;
}

/* Of an episode, or a retry of one. */
static bool is_storm(enum rec_fault_class c)
{
    return c != REC_FAULT_STALE_PERM && c != REC_FAULT_NEEDED;
}

/* The storms get the fault before: no change until its re-entry is to come. */
static void add_stall(struct rec_run *r, const struct rec_fault *f)
{
    struct rec_stall *last = &r->vcpus[f->vcpu].last;

    rec_storm_add(&r->storm, last);
    if (r->all)
        rec_storm_add(r->all, last);
    *last = (struct rec_stall){f->taken_ps, f->reentry_ps, is_storm(f->cls)};
}

static void spool_failed(struct rec_run *r)
{
    char text[300];

    snprintf(text, sizeof text,
             "cannot write its faults to a temporary file beside the results: %s "
             "(--faults off runs without that file)",
             strerror(errno));
    rec_fail(r, text);
    rec_fault_log_delete(r->fault_log);
    r->fault_log = NULL;
}

static void log_fault(struct rec_run *r, const struct rec_fault *f)
{
    if (r->cfg.keep_faults) {
        RESERVE(r, faults, r->faults_n + 1);
        r->faults[r->faults_n++] = *f;
    }
    if (r->fault_log && !rec_fault_log_add(r->fault_log, f))
        spool_failed(r);
}

void rec_close(struct rec_run *r)
{
    if (!r->fault_log)
        return;
    RESERVE(r, fault_lists, 1);
    if (!rec_fault_log_end(r->fault_log, &r->fault_lists[0]))
        return spool_failed(r);
    r->fault_lists_n = 1;
    rec_fault_log_delete(r->fault_log);
    r->fault_log = NULL;
}

void rec_add_fault(struct rec_run *r, const struct rec_fault *f)
{
    struct rec_bin *bin = bin_at(r, f->taken_ps);

    log_fault(r, f);
    add_stall(r, f);
    r->n.by_class[f->cls]++;
    r->n.eagain += f->eagain;
    r->n.s1ptw += f->s1ptw;
    bin->faults++;
    bin->redundant += is_redundant(f->cls);
    spread(r, f->taken_ps, f->reentry_ps, offsetof(struct rec_bin, in_handler_ps));
    if (f->cls != REC_FAULT_NEEDED)
        r->vcpus[f->vcpu].stall_ps += f->reentry_ps - f->taken_ps;
    saw(r, f->reentry_ps);
}

size_t rec_change_begin(struct rec_run *r, const struct rec_change *c)
{
    RESERVE(r, changes, r->changes_n + 1);
    r->changes[r->changes_n] = *c;
    if (c->kind == REC_COALESCE) {
        rec_storm_begin(&r->storm, c->first_store_ps);
        if (r->all)
            rec_storm_begin(r->all, c->first_store_ps);
        for (uint32_t i = 0; i < r->cfg.vcpus_n; i++)
            r->vcpus[i].queue_empty_ps = REC_NEVER;
    }
    return r->changes_n++;
}

void rec_change_broken(struct rec_run *r, size_t change, uint64_t now_ps)
{
    assert(change < r->changes_n);
    r->changes[change].broken_ps = now_ps;
}

void rec_change_mended(struct rec_run *r, size_t change, uint64_t now_ps)
{
    struct rec_change *c = &r->changes[change];

    assert(change < r->changes_n && c->broken_ps != REC_NEVER);
    c->mended_ps = now_ps;
    c->window_ps += now_ps - c->broken_ps;
    spread(r, c->broken_ps, now_ps, offsetof(struct rec_bin, window_ps));
}

void rec_change_done(struct rec_run *r, size_t change, uint64_t now_ps)
{
    assert(change < r->changes_n);
    r->changes[change].done_ps = now_ps;
    saw(r, now_ps);
    if (r->changes[change].kind != REC_COALESCE)
        return;
    rec_storm_done(&r->storm, now_ps);
    if (r->all)
        rec_storm_done(r->all, now_ps);
}

static uint64_t faults_of(const struct rec_counters *n)
{
    uint64_t sum = 0;

    for (int c = 0; c < REC_FAULT_CLASSES_N; c++)
        sum += n->by_class[c];
    return sum;
}

void rec_add_stage(struct rec_run *r, const char *name, uint32_t iteration,
                   uint64_t begin_ps, uint64_t end_ps,
                   const struct rec_counters *before)
{
    const struct rec_counters *now = &r->n;
    struct rec_stage *s;

    RESERVE(r, stages, r->stages_n + 1);
    s = &r->stages[r->stages_n++];
    *s = (struct rec_stage){
        .iteration = iteration,
        .begin_ps = begin_ps,
        .end_ps = end_ps,
        .accesses = now->accesses - before->accesses,
        .faults = faults_of(now) - faults_of(before),
        .eagain = now->eagain - before->eagain,
        .breaks = now->breaks_won - before->breaks_won,
        .makes = now->makes - before->makes,
        .tables_freed = now->tables_freed - before->tables_freed,
        .tlbis = now->tlbis - before->tlbis,
    };
    snprintf(s->name, sizeof s->name, "%s", name);
    saw(r, end_ps);
}

uint64_t rec_violations(const struct rec_counters *n)
{
    uint64_t sum = 0;

    for (unsigned i = 0; i < MON_CODES_N; i++)
        sum += n->violations[i];
    return sum;
}

void rec_add_violation(struct rec_run *r, const struct mon_violation *v)
{
    r->n.violations[mon_rule_code(v->rule)]++;
    if (r->violations_n == REC_VIOLATIONS_MAX)
        return;
    RESERVE(r, violations, r->violations_n + 1);
    r->violations[r->violations_n++] = *v;
}

void rec_add_outcome(struct rec_run *r, const char *text, uint64_t round)
{
    struct rec_outcome o = {.rounds_n = 1, .first = round};

    snprintf(o.text, sizeof o.text, "%s", text);
    for (size_t i = 0; i < r->outcomes_n; i++) {
        if (strcmp(r->outcomes[i].text, o.text) == 0) {
            r->outcomes[i].rounds_n++;
            return;
        }
    }
    RESERVE(r, outcomes, r->outcomes_n + 1);
    r->outcomes[r->outcomes_n++] = o;
}

void rec_add_attempt(struct rec_run *r, const struct rec_attempt *a)
{
    RESERVE(r, attempts, r->attempts_n + 1);
    r->attempts[r->attempts_n++] = *a;
}

uint64_t rec_coalesce_end_ps(const struct rec_run *r)
{
    return r->storm.coalesces_n && !r->storm.open_n ? r->storm.end_ps : REC_NEVER;
}

void rec_stop(struct rec_run *r, uint64_t now_ps)
{
    if (r->stopped_ps != REC_NEVER)
        return;
    r->stopped_ps = now_ps;
    saw(r, now_ps);
    for (size_t i = 0; i < r->changes_n; i++) {
        struct rec_change *c = &r->changes[i];

        if (c->broken_ps == REC_NEVER ||
            (c->mended_ps != REC_NEVER && c->mended_ps >= c->broken_ps))
            continue;
        c->window_ps += now_ps - c->broken_ps;
        spread(r, c->broken_ps, now_ps, offsetof(struct rec_bin, window_ps));
    }
}

void rec_fail(struct rec_run *r, const char *what)
{
    if (!r->error)
        r->error = must(strdup(what));
}
