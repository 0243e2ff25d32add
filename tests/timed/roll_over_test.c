/* SPDX-License-Identifier: Apache-2.0 */
/* Random VMs on shared PEs with few VMIDs: whatever rolls over, no VM meets another.
 *
 * The machine compares the memory that each access reaches with that of its VM, stops
 * with an error if two VMs in their guests share a VMID, and the monitor compares VMIDs
 * with the flushes between. A seed in the failure's text makes the same scenario. */
#include "tests/timed/timed.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SEEDS_N 8
#define VMS_MAX 160

struct world {
    uint64_t seed, state;
    unsigned bits, pes_n, vms_n, vcpus_n, accesses_n;
    bool holes; /* some memory is mapped by faults */
    struct scn s;
    struct rec_run out[VMS_MAX];
};

/* splitmix64. */
static unsigned below(struct world *w, unsigned n)
{
    uint64_t z = w->state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return (unsigned)((z ^ z >> 31) % n);
}

static void put_vm(struct world *w, FILE *f, unsigned i)
{
    static const char *const patterns[] = {"sequential", "uniform", "chase"};
    const unsigned vcpus = 1 + below(w, 2);

    w->vcpus_n += vcpus;
    fprintf(f,
            "  - {name: v%u, vcpus: %u, pes: {first: %u, count: 1}, ipa_bits: %u,\n"
            "     memory: [{ipa: 0x40000000, size: 64KiB, pa: 0x%x, map: %s}],\n"
            "     guest: {kind: stream, pattern: %s, accesses: %u, writes: 20%%,\n"
            "             think: %uns}}\n",
            i, vcpus, below(w, w->pes_n), 32 + below(w, 9), 0x40000000 + i * 0x10000,
            below(w, 2) && w->holes ? "none" : "4K", patterns[below(w, 3)],
            w->accesses_n, below(w, 300));
}

static void put_scenario(struct world *w, FILE *f)
{
    fprintf(f,
            "stage2sim: 1\nname: roll-over\nplatform: neoverse-n1-like\n"
            "overrides: {hyp.slice: %uus, hyp.switch: 500ns, feat.vmid_bits: 8}\n"
            "vms:\n",
            3 + below(w, 20));
    for (unsigned i = 0; i < w->vms_n; i++)
        put_vm(w, f, i);
    fprintf(f, "hypervisor: {path: kvm-6.6}\nevents:\n");
    for (unsigned i = 0; i < 20; i++)
        fprintf(f, "  - {at: %uus, vm: v%u, move: {vcpu: 0, to: %u}}\n",
                i * 40 + below(w, 40), below(w, w->vms_n), below(w, w->pes_n));
    fprintf(f, "variants:\n"
               "  - {name: per-pe, vmids: per-pe}\n"
               "  - {name: spin, vmids: spin}\n"
               "  - {name: per-pe-broken, vmids: per-pe, defect: roll-over}\n"
               "  - {name: spin-broken, vmids: spin, defect: roll-over}\n"
               "seeds: {count: 1}\n");
}

/* 6 or 7 bits, which no CPU has, so that they run out soon. */
static void begin(struct world *w, uint64_t seed, bool holes)
{
    char path[] = "/tmp/roll_over_test.XXXXXX";
    struct scn_diags diags = {.n = 0};
    FILE *f = fdopen(mkstemp(path), "w");

    memset(w, 0, sizeof *w);
    w->seed = w->state = seed;
    w->holes = holes;
    w->bits = 6 + below(w, 2);
    w->pes_n = 1 + below(w, 4);
    w->vms_n = (1u << w->bits) - 2 + below(w, 30);
    w->accesses_n = 20 + below(w, 60);
    assert_non_null(f);
    put_scenario(w, f);
    fclose(f);
    if (scn_load(path, STAGE2SIM_SOURCE_DIR "/scenarios/platforms", &w->s, &diags) !=
        SCN_OK)
        fail_msg("seed %llu: %s", (unsigned long long)seed, diags.text[0]);
    scn_diags_free(&diags);
    unlink(path);
    w->s.platform.feat.vmid_bits = (uint8_t)w->bits;
}

struct sums {
    uint64_t rolls, accesses, violations, wrong_vmid, wrong_memory;
};

static struct sums run(struct world *w, const char *variant)
{
    struct sums sums = {0};

    timed_run_vms(&w->s, variant, w->out);
    for (unsigned i = 0; i < w->vms_n; i++) {
        const struct rec_counters *n = &w->out[i].n;

        if (w->out[i].error)
            fail_msg("seed %llu, %s: %s", (unsigned long long)w->seed, variant,
                     w->out[i].error);
        sums.rolls += n->vmid_rolls;
        sums.accesses += n->accesses;
        sums.violations += rec_violations(n);
        sums.wrong_vmid += n->violations[MON_WRONG_VMID];
        sums.wrong_memory += n->violations[MON_WRONG_MEMORY];
        rec_free(&w->out[i]);
    }
    return sums;
}

static void no_vm_meets_another_whatever_rolls_over(void **state)
{
    static const char *const variants[] = {"per-pe", "spin"};
    static struct world w;
    uint64_t rolls = 0;

    (void)state;
    for (uint64_t seed = 0; seed < SEEDS_N; seed++) {
        begin(&w, seed, true);
        for (size_t v = 0; v < ROWS_N(variants); v++) {
            const struct sums got = run(&w, variants[v]);

            check_row(seed, got.violations, 0);
            check_row(seed, got.accesses, w.vcpus_n * w.accesses_n);
            rolls += got.rolls;
        }
        scn_free(&w.s);
    }
    assert_in_range(rolls, 2 * SEEDS_N, UINT64_MAX);
}

/* Without holes, or a walk that goes on in the table of another VM would fault for
 * ever.
 */
static void a_roll_over_that_flushes_nothing_is_caught(void **state)
{
    static const char *const variants[] = {"per-pe-broken", "spin-broken"};
    static struct world w;
    uint64_t wrong_memory = 0;

    (void)state;
    for (uint64_t seed = 0; seed < SEEDS_N; seed++) {
        begin(&w, seed, false);
        for (size_t v = 0; v < ROWS_N(variants); v++) {
            const struct sums got = run(&w, variants[v]);

            check_row(seed, got.wrong_vmid > 0, got.rolls > 0);
            check_row(seed, got.violations, got.wrong_vmid + got.wrong_memory);
            wrong_memory += got.wrong_memory;
        }
        scn_free(&w.s);
    }
    assert_in_range(wrong_memory, 10, UINT64_MAX); /* it did harm */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_vm_meets_another_whatever_rolls_over),
        cmocka_unit_test(a_roll_over_that_flushes_nothing_is_caught),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
