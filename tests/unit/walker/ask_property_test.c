/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/walker/ask_property_test.c - walks that are offered what earlier walks of
 * the same tables learned end like walks that read everything. */
#include "tests/unit/walker/ask_world.h"

#include <inttypes.h>
#include <stdio.h>

#define WORLDS_N 6000u
#define WALKS_N 32u /* of each world */
#define KNOWN_N 128u

/* A plain list of what walks learned; the oldest of each kind makes room. */
struct known {
    struct {
        struct walk_table t;
        enum arch_regime regime;
        uint8_t stage;
    } tables[KNOWN_N];
    struct {
        struct walk_s1_leaf leaf;
        enum arch_regime regime;
        uint64_t va;
    } s1[KNOWN_N];
    struct walk_s2_leaf s2[KNOWN_N];
    unsigned tables_n, s1_n, s2_n; /* ever learned */
};

/* How often each answer was given, and what the walks came to. */
struct reached {
    unsigned skips_n, s1_pa_n, s1_ipa_n, s2_tables_n, s1_leaves_n;
    unsigned s2_for_s1_n, s2_final_n, refused_n, cleans_n;
    unsigned done_n, s1_faults_n, s2_faults_n, s1ptw_n, mixed_n;
    uint64_t plain_reads_n, reads_n;
};

static struct ask_world world;
static struct known known;
static struct reached reached;

static unsigned held(unsigned learned_n)
{
    return learned_n < KNOWN_N ? learned_n : KNOWN_N;
}

static void learn_table(const struct walk *w)
{
    struct walk_table t;

    if (!walk_table_found(w, &t))
        return;
    known.tables[known.tables_n % KNOWN_N].t = t;
    known.tables[known.tables_n % KNOWN_N].regime = w->result.regime;
    known.tables[known.tables_n % KNOWN_N].stage = w->stage;
    known.tables_n++;
}

static void learn_s1(const struct walk *w)
{
    const struct walk_result *r = &w->result;

    if (r->s1_leaf_shift == WALK_LEAF_SHIFT_OFF)
        return;
    known.s1[known.s1_n % KNOWN_N].leaf = (struct walk_s1_leaf){
        .ipa = r->ipa,
        .leaf_shift = r->s1_leaf_shift,
        .group_shift = r->s1_group_shift,
        .perms = r->s1_perms,
        .write_clean = r->s1_write_clean,
        .nt = r->s1_nt,
        .ng = r->ng,
    };
    known.s1[known.s1_n % KNOWN_N].regime = r->regime;
    known.s1[known.s1_n % KNOWN_N].va = walk_s1_untagged(w->query.va).v;
    known.s1_n++;
}

static void learn(const struct walk *w, enum walk_next next)
{
    struct walk_s2_leaf leaf;

    if (walk_s2_found(w, &leaf))
        known.s2[known.s2_n++ % KNOWN_N] = leaf;
    if (next == WALK_NEED_DESC)
        learn_table(w);
    if (next == WALK_DONE)
        learn_s1(w);
}

static bool same_region(uint64_t a, uint64_t b, unsigned shift)
{
    return a >> shift == b >> shift;
}

/* One of those that fit, or NULL. */
static const struct walk_table *pick_table(const struct walk *w)
{
    const struct walk_table *picked = NULL;
    unsigned fit_n = 0;

    for (unsigned i = 0; i < held(known.tables_n); i++) {
        const struct walk_table *t = &known.tables[i].t;
        if (known.tables[i].stage == w->ask.stage &&
            known.tables[i].regime == w->result.regime &&
            same_region(t->ia, w->ask.ia, t->region_shift) &&
            ask_below(&world, ++fit_n) == 0)
            picked = t;
    }
    return picked;
}

static bool pick_s1(const struct walk *w, struct walk_s1_leaf *leaf)
{
    unsigned fit_n = 0;

    for (unsigned i = 0; i < held(known.s1_n); i++) {
        if (known.s1[i].regime != w->result.regime ||
            !same_region(known.s1[i].va, w->ask.ia, known.s1[i].leaf.leaf_shift) ||
            ask_below(&world, ++fit_n) != 0)
            continue;
        *leaf = known.s1[i].leaf;
        leaf->ipa.v += w->ask.ia - known.s1[i].va;
    }
    return fit_n > 0;
}

static const struct walk_s2_leaf *pick_s2(const struct walk *w)
{
    const struct walk_s2_leaf *picked = NULL;
    unsigned fit_n = 0;

    for (unsigned i = 0; i < held(known.s2_n); i++) {
        const struct walk_s2_leaf *leaf = &known.s2[i];
        if (same_region(leaf->ipa.v, w->ask.ia, leaf->leaf_shift) &&
            ask_below(&world, ++fit_n) == 0)
            picked = leaf;
    }
    return picked;
}

static enum walk_next offer_table(struct walk *w, const struct walk_table *t)
{
    if (w->ask.stage == 2)
        reached.s2_tables_n++;
    else if (t->pa_valid)
        reached.s1_pa_n++;
    else
        reached.s1_ipa_n++;
    return walk_use_table(w, t);
}

static enum walk_next offer_s1(struct walk *w, const struct walk_s1_leaf *leaf)
{
    const bool writes = w->query.access == ARCH_WRITE && w->query.how == WALK_ACCESS;
    const enum walk_next next = walk_use_s1(w, leaf);

    reached.s1_leaves_n++;
    reached.refused_n += next == WALK_FAULT;
    reached.cleans_n += writes && leaf->write_clean && next != WALK_FAULT;
    return next;
}

static enum walk_next offer_s2(struct walk *w, const struct walk_s2_leaf *leaf)
{
    const bool for_s1 = w->ask.for_s1, for_write = w->ask.for_write;
    const enum walk_next next = walk_use_s2(w, leaf);

    reached.s2_for_s1_n += for_s1;
    reached.s2_final_n += !for_s1;
    reached.refused_n += next == WALK_FAULT;
    reached.cleans_n += for_write && leaf->write_clean && next != WALK_FAULT;
    return next;
}

static enum walk_next answer(struct walk *w)
{
    const struct walk_table *t = pick_table(w);
    const struct walk_s2_leaf *s2 = w->ask.stage == 2 ? pick_s2(w) : NULL;
    struct walk_s1_leaf s1;

    switch (ask_below(&world, 4)) {
    case 0:
        break;
    case 1:
        if (t)
            return offer_table(w, t);
        break;
    default:
        if (s2)
            return offer_s2(w, s2);
        if (w->ask.stage == 1 && pick_s1(w, &s1))
            return offer_s1(w, &s1);
        if (t)
            return offer_table(w, t);
    }
    reached.skips_n++;
    return walk_skip(w);
}

static enum walk_next run(struct walk *w, const struct walk_query *q,
                          enum ask_side side, unsigned *steps_n)
{
    struct walk_query query = *q;

    query.ask = side == ASKING;
    enum walk_next next = walk_begin(w, &world.ctx, &query);
    for (*steps_n = 0; next != WALK_DONE && next != WALK_FAULT;) {
        if (next == WALK_ASK) {
            assert_int_equal(side, ASKING);
            next = answer(w);
        } else {
            ++*steps_n;
            next = walk_feed(w, ask_world_serve(&world, side, w, next));
        }
        if (side == ASKING)
            learn(w, next);
    }
    return next;
}

static void check_perms(size_t row, const char *rule, struct walk_perms got,
                        struct walk_perms want)
{
    check_row(row, rule, got.el0, want.el0);
    check_row(row, rule, got.priv, want.priv);
    check_row(row, rule, got.pan_denies, want.pan_denies);
}

static void check_result(size_t row, const char *rule, const struct walk_result *got,
                         const struct walk_result *want)
{
    check_row(row, rule, got->pa.v, want->pa.v);
    check_row(row, rule, got->ipa.v, want->ipa.v);
    check_row(row, rule, got->regime, want->regime);
    check_row(row, rule, got->ng, want->ng);
    check_row(row, rule, got->s1_leaf_shift, want->s1_leaf_shift);
    check_row(row, rule, got->s2_leaf_shift, want->s2_leaf_shift);
    check_row(row, rule, got->s1_group_shift, want->s1_group_shift);
    check_row(row, rule, got->s2_group_shift, want->s2_group_shift);
    check_row(row, rule, got->s1_contiguous, want->s1_contiguous);
    check_row(row, rule, got->s2_contiguous, want->s2_contiguous);
    check_row(row, rule, got->s1_nt, want->s1_nt);
    check_row(row, rule, got->s2_nt, want->s2_nt);
    check_row(row, rule, got->s2_device, want->s2_device);
    check_perms(row, rule, got->perms, want->perms);
    check_perms(row, rule, got->s1_perms, want->s1_perms);
    check_perms(row, rule, got->s2_perms, want->s2_perms);
    /* The dirty state may have been set through another mapping since. */
    check_row(row, rule, want->write_clean && !got->write_clean, 0);
    check_row(row, rule, want->s1_write_clean && !got->s1_write_clean, 0);
}

static void check_same_fault(size_t row, const char *rule, const struct walk *got,
                             const struct walk *want)
{
    const struct arch_fault *f = &want->fault;

    check_fault(row, rule, got, f->type, f->stage, f->level, f->s1ptw);
    check_row(row, rule, got->fault.nt, f->nt);
    if (f->stage == 2)
        check_row(row, rule, got->fault_ipa.v, want->fault_ipa.v);
}

static void count(const struct walk *w, enum walk_next next)
{
    reached.done_n += next == WALK_DONE;
    if (next == WALK_DONE)
        return;
    reached.s1_faults_n += w->fault.stage == 1;
    reached.s2_faults_n += w->fault.stage == 2 && !w->fault.s1ptw;
    reached.s1ptw_n += w->fault.s1ptw;
}

static void compare_walks(size_t row)
{
    const struct walk_query q = ask_world_query(&world);
    struct walk asking, plain;
    unsigned reads_n, plain_reads_n;
    char rule[64];

    snprintf(rule, sizeof(rule), "world %" PRIu64, world.number);
    const enum walk_next want = run(&plain, &q, PLAIN, &plain_reads_n);
    const enum walk_next got = run(&asking, &q, ASKING, &reads_n);
    if (world.mixed)
        return;
    check_row(row, rule, got, want);
    if (want == WALK_DONE)
        check_result(row, rule, &asking.result, &plain.result);
    else
        check_same_fault(row, rule, &asking, &plain);
    check_row(row, rule, reads_n > plain_reads_n, 0);
    if (want == WALK_DONE)
        check_row(row, rule, asking.result.descs_n, reads_n);
    reached.reads_n += reads_n;
    reached.plain_reads_n += plain_reads_n;
    count(&plain, want);
}

/* So that the test shows that it tests something. */
static void check_reached(void)
{
    const unsigned n = WORLDS_N * WALKS_N;
    const unsigned often[] = {reached.s1_pa_n,     reached.s1_leaves_n,
                              reached.s2_tables_n, reached.s2_for_s1_n,
                              reached.s2_final_n,  reached.done_n};
    const unsigned at_times[] = {reached.s1_ipa_n,    reached.refused_n,
                                 reached.s1_faults_n, reached.s2_faults_n,
                                 reached.s1ptw_n,     reached.cleans_n};

    print_message("skipped %u; tables of stage 1 %u by PA, %u by IPA, of stage 2 %u; "
                  "leaves of stage 1 %u, of stage 2 %u for stage 1 and %u final, "
                  "%u refused, %u clean\n",
                  reached.skips_n, reached.s1_pa_n, reached.s1_ipa_n,
                  reached.s2_tables_n, reached.s1_leaves_n, reached.s2_for_s1_n,
                  reached.s2_final_n, reached.refused_n, reached.cleans_n);
    print_message("done %u, faults of stage 1 %u, of stage 2 %u, s1ptw %u; worlds cut "
                  "short %u; read %" PRIu64 " of %" PRIu64 "\n",
                  reached.done_n, reached.s1_faults_n, reached.s2_faults_n,
                  reached.s1ptw_n, reached.mixed_n, reached.reads_n,
                  reached.plain_reads_n);
    for (size_t i = 0; i < ROWS_N(often); i++)
        check_row(i, "often", often[i] > n / 20, true);
    for (size_t i = 0; i < ROWS_N(at_times); i++)
        check_row(i, "at times", at_times[i] > n / 1000, true);
    assert_true(reached.mixed_n < WORLDS_N / 50);
    assert_true(reached.reads_n < reached.plain_reads_n / 2);
}

static void what_earlier_walks_learned_changes_no_result(void **state)
{
    (void)state;
    for (unsigned i = 0; i < WORLDS_N; i++) {
        ask_world_next(&world);
        known.tables_n = known.s1_n = known.s2_n = 0;
        for (unsigned j = 0; j < WALKS_N && !world.mixed; j++)
            compare_walks(j);
        reached.mixed_n += world.mixed;
        if (!world.mixed && !ask_world_same(&world))
            fail_msg("world %u: memories differ", i);
    }
    check_reached();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_earlier_walks_learned_changes_no_result),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
