/* SPDX-License-Identifier: Apache-2.0 */
/* model/record/replay_counts.c - recorded against simulated, for an ordered replay. */
#include "model/record/results.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct counts {
    struct rec_replay_count *out;
    size_t n, max;
};

static void put(struct counts *c, const char *quantity, double recorded,
                double simulated)
{
    if (c->n == c->max)
        return;
    snprintf(c->out[c->n].quantity, sizeof c->out[c->n].quantity, "%s", quantity);
    c->out[c->n].recorded = recorded;
    c->out[c->n].simulated = simulated;
    c->n++;
}

void rec_fault_text(uint8_t type, int8_t level, char *out, size_t out_n)
{
    if (type == ARCH_FAULT_NONE)
        snprintf(out, out_n, "none");
    else
        snprintf(out, out_n, "%s-%d", arch_fault_name(type), level);
}

const char *rec_how_name(uint8_t how)
{
    static const char *const names[] = {"won",    "locked",  "lost",    "found",
                                        "mapped", "relaxed", "no-call", "unknown"};

    return names[how];
}

/* NAN: the recording has no such probe. */
static double known(bool has, uint64_t value)
{
    return has ? (double)value : NAN;
}

static void put_results(struct counts *c, const struct rec_run *r)
{
    const bool has = r->recorded.has_results;
    double eagain[2] = {0, 0}, how[2][REC_HOWS_N] = {{0}};

    for (size_t i = 0; i < r->attempts_n; i++) {
        eagain[0] += r->attempts[i].want_eagain;
        eagain[1] += r->attempts[i].got_eagain;
        how[0][r->attempts[i].want_how]++;
        how[1][r->attempts[i].got_how]++;
    }
    put(c, "attempts", (double)r->attempts_n, (double)r->attempts_n);
    put(c, "done", known(has, r->attempts_n - (uint64_t)eagain[0]),
        (double)r->attempts_n - eagain[1]);
    put(c, "eagain", known(has, (uint64_t)eagain[0]), eagain[1]);
    for (uint8_t h = REC_HOW_WON; h < REC_HOWS_N; h++) {
        char name[40];

        snprintf(name, sizeof name, "how_%s", rec_how_name(h));
        put(c, name, how[0][h], how[1][h]);
    }
}

static void put_tables(struct counts *c, const struct rec_run *r)
{
    const struct rec_recorded *w = &r->recorded;
    double relaxed = 0;

    for (size_t i = 0; i < r->attempts_n; i++)
        relaxed += r->attempts[i].got.relaxations;
    put(c, "breaks_won", known(w->has_breaks, w->breaks_won), (double)r->n.breaks_won);
    put(c, "makes", known(w->has_makes, w->makes), (double)r->n.makes);
    put(c, "table_frees", known(w->has_frees, w->tables_freed),
        (double)r->n.tables_freed);
    put(c, "relaxations", known(w->has_relaxations, w->relaxations), relaxed);
    put(c, "tlbi_vmid", known(w->has_tlbis, w->tlbi_vmid), (double)r->n.tlbi_vmid);
    put(c, "tlbi_vmid_ipa", known(w->has_tlbis, w->tlbi_ipa), (double)r->n.tlbi_ipa);
    put(c, "tlbi_vmid_ipa_nsh", known(w->has_tlbis, w->tlbi_ipa_local),
        (double)r->n.tlbi_ipa_local);
}

/* Faults that agree with these; -1: any. */
struct fault_filter {
    int phase, vcpu, type, level, s1ptw, eagain;
};

static bool passes(const struct fault_filter *f, const struct rec_attempt *a, int type,
                   int level, bool eagain)
{
    return type != ARCH_FAULT_NONE && (f->phase < 0 || f->phase == a->phase) &&
           (f->vcpu < 0 || f->vcpu == (int)a->vcpu) &&
           (f->type < 0 || f->type == type) && (f->level < 0 || f->level == level) &&
           (f->s1ptw < 0 || f->s1ptw == a->s1ptw) &&
           (f->eagain < 0 || f->eagain == eagain);
}

static void put_faults(struct counts *c, const struct rec_run *r, const char *name,
                       struct fault_filter f)
{
    double want = 0, got = 0;

    for (size_t i = 0; i < r->attempts_n; i++) {
        const struct rec_attempt *a = &r->attempts[i];

        want += passes(&f, a, a->want_type, a->want_level, a->want_eagain);
        got += passes(&f, a, a->got_type, a->got_level, a->got_eagain);
    }
    put(c, name, want, got);
}

static const struct fault_filter ANY = {-1, -1, -1, -1, -1, -1};

static void put_types(struct counts *c, const struct rec_run *r, int phase)
{
    static const uint8_t types[] = {ARCH_FAULT_TRANSLATION, ARCH_FAULT_ACCESS_FLAG,
                                    ARCH_FAULT_PERMISSION};
    struct fault_filter f = ANY;

    f.phase = phase;
    for (size_t t = 0; t < sizeof types; t++) {
        for (int8_t level = 0; level <= 3; level++) {
            char text[24], name[64];
            size_t before = c->n;

            f.type = types[t];
            f.level = level;
            rec_fault_text(types[t], level, text, sizeof text);
            snprintf(name, sizeof name, "phase%d_%s", phase, text);
            put_faults(c, r, name, f);
            /* Only what there is. */
            if (c->n > before && c->out[before].recorded == 0 &&
                c->out[before].simulated == 0)
                c->n = before;
        }
    }
}

/* By phase of the slot: all, by type and level, by vCPU, and those that got EAGAIN. */
static void put_phase(struct counts *c, const struct rec_run *r, int phase)
{
    struct fault_filter f = ANY;
    char name[64];

    f.phase = phase;
    snprintf(name, sizeof name, "phase%d_faults", phase);
    put_faults(c, r, name, f);
    put_types(c, r, phase);
    for (uint32_t vcpu = 0; vcpu < r->cfg.vcpus_n; vcpu++) {
        f.vcpu = (int)vcpu;
        snprintf(name, sizeof name, "phase%d_vcpu%u", phase, (unsigned)vcpu);
        put_faults(c, r, name, f);
    }
    if (!r->recorded.has_results)
        return;
    f.vcpu = -1;
    f.eagain = 1;
    snprintf(name, sizeof name, "phase%d_eagain", phase);
    put_faults(c, r, name, f);
}

static void put_phases(struct counts *c, const struct rec_run *r)
{
    struct fault_filter f = ANY;
    int last = 0;

    f.s1ptw = 0;
    put_faults(c, r, "faults_of_accesses", f);
    f.s1ptw = 1;
    put_faults(c, r, "faults_of_table_walks", f);
    for (size_t i = 0; i < r->attempts_n; i++)
        last = r->attempts[i].phase > last ? r->attempts[i].phase : last;
    for (int phase = 0; phase <= last && phase < REC_PHASES_MAX; phase++)
        put_phase(c, r, phase);
}

static int by_vcpu_and_page(const void *a, const void *b)
{
    const struct rec_attempt *x = a, *y = b;

    if (x->vcpu != y->vcpu)
        return x->vcpu < y->vcpu ? -1 : 1;
    return (x->ipa.v > y->ipa.v) - (x->ipa.v < y->ipa.v);
}

/* Pages on which a vCPU faulted: recorded, and those where the model faulted too. */
static void put_pages(struct counts *c, const struct rec_run *r)
{
    struct rec_attempt *sorted = malloc(r->attempts_n * sizeof *sorted);

    if (!sorted)
        return;
    memcpy(sorted, r->attempts, r->attempts_n * sizeof *sorted);
    qsort(sorted, r->attempts_n, sizeof *sorted, by_vcpu_and_page);
    for (uint32_t vcpu = 0; vcpu < r->cfg.vcpus_n; vcpu++) {
        double want = 0, got = 0;
        char name[40];

        for (size_t i = 0; i < r->attempts_n;) {
            size_t first = i;
            bool met = false;

            for (;
                 i < r->attempts_n && by_vcpu_and_page(&sorted[first], &sorted[i]) == 0;
                 i++)
                met |= sorted[i].got_type != ARCH_FAULT_NONE;
            want += sorted[first].vcpu == vcpu;
            got += sorted[first].vcpu == vcpu && met;
        }
        snprintf(name, sizeof name, "distinct_pages_vcpu%u", (unsigned)vcpu);
        put(c, name, want, got);
    }
    free(sorted);
}

static void put_levels(struct counts *c, const struct rec_run *r)
{
    for (int level = 0; level <= 3; level++) {
        double want = 0, got = 0;
        char name[40];

        for (size_t i = 0; i < r->attempts_n; i++) {
            want += r->attempts[i].want_level == level;
            got += r->attempts[i].got_type != ARCH_FAULT_NONE &&
                   r->attempts[i].got_level == level;
        }
        snprintf(name, sizeof name, "fault_level%d", level);
        put(c, name, want, got);
    }
}

bool rec_attempt_agrees(const struct rec_attempt *a)
{
    return a->got_type != ARCH_FAULT_NONE &&
           (a->want_how == REC_HOW_UNKNOWN || a->want_eagain == a->got_eagain);
}

/* No earlier attempt was made on the leaf of attempt i. */
static bool is_first_on_leaf(const struct rec_run *r, size_t i)
{
    for (size_t k = 0; k < i; k++) {
        if (r->attempts[k].leaf.v == r->attempts[i].leaf.v)
            return false;
    }
    return true;
}

/* What agreement is worth: predictors that know no hypervisor, for comparison. */
static void put_null_models(struct counts *c, const struct rec_run *r)
{
    double eagain = 0, first = 0, n = (double)r->attempts_n;

    for (size_t i = 0; i < r->attempts_n; i++) {
        eagain += r->attempts[i].want_eagain;
        first += r->attempts[i].want_eagain != is_first_on_leaf(r, i);
    }
    put(c, "null_all_eagain_percent", NAN, 100 * eagain / n);
    put(c, "null_first_wins_percent", NAN, 100 * first / n);
}

/* Recorded winners whose place in the order the lines alone decide, and how many of
 * them win in the model. */
static void put_winners(struct counts *c, const struct rec_run *r)
{
    double want = 0, got = 0;

    for (size_t i = 0; i < r->attempts_n; i++) {
        const struct rec_attempt *a = &r->attempts[i];

        if (a->want_how != REC_HOW_WON || a->order_inferred)
            continue;
        want++;
        got += a->got_how == REC_HOW_WON;
    }
    put(c, "winners_not_inferred", want, got);
}

static void put_agreement(struct counts *c, const struct rec_run *r)
{
    double results = 0, hows = 0, faults = 0, n = (double)r->attempts_n;

    for (size_t i = 0; i < r->attempts_n; i++) {
        const struct rec_attempt *a = &r->attempts[i];

        results += rec_attempt_agrees(a);
        hows += a->want_how == a->got_how;
        faults += a->want_type == a->got_type && a->want_level == a->got_level;
    }
    if (!r->recorded.has_results)
        results = hows = NAN;
    put(c, "results_agree_percent", NAN, 100 * results / n);
    put(c, "how_agree_percent", NAN, 100 * hows / n);
    put(c, "faults_agree_percent", NAN, 100 * faults / n);
}

size_t rec_replay_counts(const struct rec_run *r, struct rec_replay_count *out,
                         size_t max)
{
    struct counts c = {.out = out, .max = max};

    if (r->attempts_n == 0)
        return 0;
    put_results(&c, r);
    put_tables(&c, r);
    put_pages(&c, r);
    put_levels(&c, r);
    put_phases(&c, r);
    put(&c, "faults_extra", 0, (double)r->extra_faults);
    put(&c, "attempts_cut_off", (double)r->recorded.cut_off, NAN);
    put(&c, "faults_left_out", (double)r->recorded.left_out, NAN);
    put(&c, "breaks_order_inferred", (double)r->recorded.breaks_inferred, NAN);
    put_winners(&c, r);
    put_agreement(&c, r);
    put_null_models(&c, r);
    return c.n;
}
