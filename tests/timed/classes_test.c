/* SPDX-License-Identifier: Apache-2.0 */
/* Every class of fault is met on the machine, and each fault is what its class claims,
 * told by the other records of the run: four vCPUs go over 16 blocks, in each of which
 * page 0 is writable, page 1 read-only and the others not mapped. `conflict` needs a
 * TLB that holds a page and its block, which no sequence here leaves behind. */
#include "tests/timed/timed.h"

#include <stdlib.h>

#define BASE UINT64_C(0x40000000)
#define BLOCK UINT64_C(0x200000)
#define PAGE UINT64_C(0x1000)
#define ROUNDS 6
#define STEPS_N (4 * 16 * ROUNDS)

static uint32_t dice(uint32_t *state, uint32_t n)
{
    *state = *state * 1664525 + 1013904223;
    return (*state >> 8) % n;
}

/* All vCPUs reach a block at about the same time. */
static void fill_in(struct guest_step *steps)
{
    static const uint64_t pages[] = {0, 0, 1, 1, 5, 6};
    uint32_t random = 1;

    for (size_t i = 0; i < STEPS_N; i++) {
        const uint64_t block = i / (4 * ROUNDS), round = i / 4 % ROUNDS;

        steps[i] = (struct guest_step){
            .vcpu = i % 4,
            .at_ps = (block * 60000 + round * 3000 + dice(&random, 2500)) * NS,
            .access = dice(&random, 2) ? ARCH_WRITE : ARCH_READ,
            .ipa = {BASE + block * BLOCK + pages[dice(&random, 6)] * PAGE},
        };
    }
}

struct fault_in {
    const struct rec_run *r;
    const struct rec_fault *f;
};

static bool same_block(const struct rec_fault *a, const struct rec_fault *b)
{
    return a->ipa.v / BLOCK == b->ipa.v / BLOCK;
}

/* The vCPU's fault before this one. */
static const struct rec_fault *last_of_vcpu(const struct fault_in *x)
{
    const struct rec_fault *last = NULL;

    for (size_t i = 0; i < x->r->faults_n; i++) {
        const struct rec_fault *g = &x->r->faults[i];

        if (g->vcpu == x->f->vcpu && g->taken_ps < x->f->taken_ps &&
            (!last || g->taken_ps > last->taken_ps))
            last = g;
    }
    return last;
}

static bool follows_eagain(const struct fault_in *x)
{
    const struct rec_fault *last = last_of_vcpu(x);

    return last && last->eagain && last->ipa.v / PAGE == x->f->ipa.v / PAGE &&
           last->access == x->f->access;
}

/* A change of its block makes walks fault at that moment. */
static bool in_a_window(const struct fault_in *x)
{
    for (size_t i = 0; i < x->r->changes_n; i++) {
        const struct rec_change *c = &x->r->changes[i];

        if (x->f->ipa.v - c->ipa.v < c->bytes && c->broken_ps <= x->f->taken_ps &&
            x->f->taken_ps < c->mended_ps)
            return true;
    }
    return false;
}

/* The initial mapping: page 0 for all, page 1 for reads. */
static bool old_mapping_serves(const struct rec_fault *f)
{
    const uint64_t page = f->ipa.v % BLOCK / PAGE;

    return page == 0 || (page == 1 && f->access == ARCH_READ);
}

/* Another vCPU is between trap and re-entry of a fault on the block: of one that
 * succeeds, or of any. */
static bool another_makes(const struct fault_in *x, bool any)
{
    for (size_t i = 0; i < x->r->faults_n; i++) {
        const struct rec_fault *g = &x->r->faults[i];

        if (g->vcpu != x->f->vcpu && (any || !g->eagain) && same_block(g, x->f) &&
            g->taken_ps <= x->f->taken_ps && x->f->taken_ps < g->reentry_ps)
            return true;
    }
    return false;
}

/* Some vCPU has made the page writable, or the block, before. */
static bool made_before(const struct fault_in *x)
{
    for (size_t i = 0; i < x->r->faults_n; i++) {
        const struct rec_fault *g = &x->r->faults[i];

        if (!g->eagain && g->ipa.v / PAGE == x->f->ipa.v / PAGE &&
            g->access == ARCH_WRITE && g->taken_ps < x->f->taken_ps)
            return true;
    }
    return false;
}

static bool claims_hold(const struct fault_in *x)
{
    const struct rec_fault *f = x->f;

    if (f->cls == REC_FAULT_RETRY)
        return follows_eagain(x);
    if (follows_eagain(x))
        return false;
    switch (f->cls) {
    case REC_FAULT_NT:
        return f->type == ARCH_FAULT_TRANSLATION && f->level == 2 && in_a_window(x);
    case REC_FAULT_WINDOW:
        return f->type == ARCH_FAULT_TRANSLATION && in_a_window(x) &&
               old_mapping_serves(f);
    case REC_FAULT_RACE:
        return another_makes(x, false) && !old_mapping_serves(f);
    case REC_FAULT_STALE_PERM:
        return f->type == ARCH_FAULT_PERMISSION && made_before(x);
    case REC_FAULT_NEEDED:
        return !old_mapping_serves(f) && !in_a_window(x);
    default:
        return false;
    }
}

static void check_run(const char *variant, const struct rec_run *r,
                      uint64_t by_class[REC_FAULT_CLASSES_N])
{
    uint64_t sum = 0;

    for (size_t i = 0; i < r->faults_n; i++) {
        const struct fault_in x = {r, &r->faults[i]};

        if (!claims_hold(&x))
            fail_msg("%s: the fault of vCPU %u at %llu ps on 0x%llx is not %s", variant,
                     x.f->vcpu, (unsigned long long)x.f->taken_ps,
                     (unsigned long long)x.f->ipa.v, rec_fault_class_name(x.f->cls));
    }
    for (size_t c = 0; c < REC_FAULT_CLASSES_N; c++) {
        by_class[c] += r->n.by_class[c];
        sum += r->n.by_class[c];
    }
    assert_int_equal(sum, r->faults_n);
}

static void every_class_is_met_and_means_what_it_says(void **state)
{
    static const char *const variants[] = {"keep", "bbm-early", "bbm", "nt-fault"};
    struct guest_step *own, *steps = calloc(STEPS_N, sizeof *steps);
    uint64_t by_class[REC_FAULT_CLASSES_N] = {0};
    struct scn s;
    (void)state;

    assert_non_null(steps);
    fill_in(steps);
    timed_load("faults-32m.yaml", &s);
    own = s.vms[0].guest.steps;
    s.vms[0].guest.steps = steps;
    s.vms[0].guest.steps_n = STEPS_N;
    for (size_t i = 0; i < ROWS_N(variants); i++) {
        struct rec_run r;

        timed_run(&s, variants[i], &r);
        check_run(variants[i], &r, by_class);
        rec_free(&r);
    }
    for (size_t c = 0; c < REC_FAULT_CLASSES_N; c++)
        if (!by_class[c] != (c == REC_FAULT_CONFLICT))
            fail_msg("%llu faults are %s", (unsigned long long)by_class[c],
                     rec_fault_class_name((enum rec_fault_class)c));
    s.vms[0].guest.steps = own;
    scn_free(&s);
    free(steps);
}

/* The part of the claims that is so whatever the first mapping is. */
static bool claims_of_others_hold(const struct fault_in *x)
{
    const struct rec_fault *f = x->f;

    if (f->cls == REC_FAULT_RETRY || follows_eagain(x))
        return f->cls == REC_FAULT_RETRY && follows_eagain(x);
    if (f->cls == REC_FAULT_WINDOW)
        return f->type == ARCH_FAULT_TRANSLATION && in_a_window(x);
    return f->cls != REC_FAULT_RACE || another_makes(x, true);
}

/* A block that one makes is not executable until a fetch has faulted on it, although
 * pages were: such faults are no part of a window, and nobody else's work. */
static void fetches_of_a_coalesced_block_are_classed_as_well(void **state)
{
    static const char *const variants[] = {"posted-2021-early", "kvm-5-14", "kvm-6-2",
                                           "kvm-6-6", "per-entry"};
    uint64_t fetches_n = 0;
    struct scn s;
    (void)state;

    timed_load_path("scenarios/good/fault-paths.yaml", &s);
    for (size_t v = 0; v < 2 * ROWS_N(variants); v++) {
        struct rec_run r;

        timed_run_seed(&s, variants[v / 2], v % 2 + 1, &r);
        for (size_t i = 0; i < r.faults_n; i++) {
            const struct fault_in x = {&r, &r.faults[i]};

            fetches_n +=
                x.f->access == ARCH_EXECUTE && x.f->type == ARCH_FAULT_PERMISSION;
            if (!claims_of_others_hold(&x))
                fail_msg("%s, seed %zu: the fault of vCPU %u at %llu ps is not %s",
                         variants[v / 2], v % 2 + 1, x.f->vcpu,
                         (unsigned long long)x.f->taken_ps,
                         rec_fault_class_name(x.f->cls));
        }
        rec_free(&r);
    }
    assert_true(fetches_n > 0);
    scn_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fetches_of_a_coalesced_block_are_classed_as_well),
        cmocka_unit_test(every_class_is_met_and_means_what_it_says),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
