/* SPDX-License-Identifier: Apache-2.0 */
/* model/record/closed_counts.c - recorded against simulated, for one run of a
 * closed-loop replay. */
#include "model/record/results.h"

#include <math.h>
#include <stdarg.h>

struct counts {
    struct rec_replay_count *out;
    size_t n, max;
};

__attribute__((format(printf, 4, 5))) static void put(struct counts *c, double recorded,
                                                      double simulated, const char *fmt,
                                                      ...)
{
    va_list args;

    if (c->n == c->max)
        return;
    va_start(args, fmt);
    vsnprintf(c->out[c->n].quantity, sizeof c->out[c->n].quantity, fmt, args);
    va_end(args);
    c->out[c->n].recorded = recorded;
    c->out[c->n].simulated = simulated;
    c->n++;
}

/* NAN: the recording has no such probe. */
static double known(bool has, uint64_t value)
{
    return has ? (double)value : NAN;
}

static double percent(uint64_t part, uint64_t all)
{
    return all ? 100.0 * (double)part / (double)all : NAN;
}

static void put_eagain(struct counts *c, const struct rec_closed_tally *recorded,
                       const struct rec_closed_tally *simulated, bool has,
                       const char *prefix)
{
    put(c, known(has, recorded->eagain), (double)simulated->eagain, "%seagain", prefix);
    put(c, has ? percent(recorded->eagain, recorded->attempts) : NAN,
        percent(simulated->eagain, simulated->attempts), "%seagain_percent", prefix);
}

static struct rec_closed_tally sum_of(const struct rec_closed_tally *phases)
{
    struct rec_closed_tally sum = {0};

    for (int p = 0; p < REC_CLOSED_PHASES; p++) {
        sum.attempts += phases[p].attempts;
        sum.eagain += phases[p].eagain;
    }
    return sum;
}

static void put_totals(struct counts *c, const struct rec_run *r)
{
    const struct rec_closed *k = r->closed;
    const struct rec_closed_tally recorded = sum_of(k->phases[REC_RECORDED]),
                                  simulated = sum_of(k->phases[REC_SIMULATED]);

    put(c, (double)k->accesses, (double)k->accesses, "accesses");
    put(c, 0, (double)k->accesses_that_hit, "accesses_that_hit");
    put(c, (double)recorded.attempts, (double)simulated.attempts, "attempts");
    put(c, known(r->recorded.has_results, recorded.attempts - recorded.eagain),
        (double)(simulated.attempts - simulated.eagain), "done");
    put_eagain(c, &recorded, &simulated, r->recorded.has_results, "");
}

bool rec_closed_block_is_exact(const struct rec_run *r, size_t block)
{
    const struct rec_recorded *w = &r->recorded;
    const struct rec_closed_deeds *a = &r->closed->blocks[block].side[REC_RECORDED],
                                  *b = &r->closed->blocks[block].side[REC_SIMULATED];

    return (!w->has_breaks || a->breaks == b->breaks) &&
           (!w->has_makes || a->makes == b->makes) &&
           (!w->has_frees || a->frees == b->frees);
}

static void put_tables(struct counts *c, const struct rec_run *r)
{
    const struct rec_recorded *w = &r->recorded;
    const struct rec_closed *k = r->closed;
    struct rec_closed_deeds sum[REC_SIDES_N] = {{0}};
    size_t exact = 0;

    for (size_t i = 0; i < k->blocks_n; i++) {
        for (int s = 0; s < REC_SIDES_N; s++) {
            sum[s].breaks += k->blocks[i].side[s].breaks;
            sum[s].makes += k->blocks[i].side[s].makes;
            sum[s].frees += k->blocks[i].side[s].frees;
            sum[s].relaxations += k->blocks[i].side[s].relaxations;
        }
        exact += rec_closed_block_is_exact(r, i);
    }
    put(c, known(w->has_breaks, sum[0].breaks), sum[1].breaks, "breaks_won");
    put(c, known(w->has_makes, sum[0].makes), sum[1].makes, "makes");
    put(c, known(w->has_makes, k->makes_above[0]), (double)k->makes_above[1],
        "makes_above");
    put(c, known(w->has_frees, sum[0].frees), sum[1].frees, "table_frees");
    put(c, known(w->has_breaks || w->has_makes || w->has_frees, k->blocks_n),
        (double)exact, "blocks_exact");
    put(c, known(w->has_relaxations, sum[0].relaxations), sum[1].relaxations,
        "relaxations");
    put(c, known(w->has_tlbis, w->tlbi_vmid), (double)r->n.tlbi_vmid, "tlbi_vmid");
    put(c, known(w->has_tlbis, w->tlbi_ipa), (double)r->n.tlbi_ipa, "tlbi_vmid_ipa");
    put(c, known(w->has_tlbis, w->tlbi_ipa_local), (double)r->n.tlbi_ipa_local,
        "tlbi_vmid_ipa_nsh");
}

static void put_faults(struct counts *c, const struct rec_closed *k, uint32_t phase)
{
    const struct rec_closed_tally *recorded = &k->phases[REC_RECORDED][phase],
                                  *simulated = &k->phases[REC_SIMULATED][phase];

    for (uint8_t type = ARCH_FAULT_TRANSLATION; type < REC_CLOSED_TYPES; type++) {
        for (int8_t level = 0; level < REC_CLOSED_LEVELS; level++) {
            char text[24];

            rec_fault_text(type, level, text, sizeof text);
            put(c, (double)recorded->by_fault[type][level],
                (double)simulated->by_fault[type][level], "phase%u_%s", (unsigned)phase,
                text);
        }
    }
}

static void put_phase(struct counts *c, const struct rec_run *r, uint32_t phase)
{
    const struct rec_closed *k = r->closed;
    const struct rec_closed_tally *recorded = &k->phases[REC_RECORDED][phase],
                                  *simulated = &k->phases[REC_SIMULATED][phase];
    char prefix[24];

    snprintf(prefix, sizeof prefix, "phase%u_", (unsigned)phase);
    put(c, (double)recorded->attempts, (double)simulated->attempts, "%sfaults", prefix);
    put_eagain(c, recorded, simulated, r->recorded.has_results, prefix);
    put_faults(c, k, phase);
    for (uint32_t v = 0; v < k->vcpus_n; v++)
        put(c, (double)k->vcpus[v].attempts[REC_RECORDED][phase],
            (double)k->vcpus[v].attempts[REC_SIMULATED][phase], "%svcpu%u", prefix,
            (unsigned)v);
}

size_t rec_closed_counts_max(const struct rec_run *r)
{
    return 32 + REC_CLOSED_PHASES *
                    (8 + REC_CLOSED_TYPES * REC_CLOSED_LEVELS + r->closed->vcpus_n);
}

size_t rec_closed_counts(const struct rec_run *r, struct rec_replay_count *out,
                         size_t max)
{
    const struct rec_closed *k = r->closed;
    struct counts c = {.out = out, .max = max};

    put_totals(&c, r);
    put_tables(&c, r);
    for (uint32_t p = 0; p < k->phases_n; p++)
        put_phase(&c, r, p);
    put(&c, NAN, (double)r->n.requests, "working_set_requests");
    put(&c, NAN, (double)k->working_set_faults.attempts, "working_set_faults");
    put(&c, NAN, (double)k->working_set_faults.eagain, "working_set_eagain");
    put(&c, (double)r->recorded.cut_off, NAN, "attempts_cut_off");
    put(&c, (double)r->recorded.left_out, NAN, "faults_left_out");
    return c.n;
}
