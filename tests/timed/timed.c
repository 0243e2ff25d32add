/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/timed/timed.h"

#include "model/cli/jobs.h"
#include "walker/arch/granule.h"

#include <stdio.h>
#include <string.h>

void timed_load(const char *name, struct scn *s)
{
    char path[512];

    snprintf(path, sizeof path, "tests/timed/scenarios/%s", name);
    timed_load_path(path, s);
}

void timed_load_path(const char *file, struct scn *s)
{
    struct scn_diags diags = {.n = 0};
    char path[1024];

    snprintf(path, sizeof path, "%s/%s", STAGE2SIM_SOURCE_DIR, file);
    if (scn_load(path, STAGE2SIM_SOURCE_DIR "/scenarios/platforms", s, &diags) ==
        SCN_OK)
        return scn_diags_free(&diags);
    for (size_t i = 0; i < diags.n; i++)
        print_error("%s\n", diags.text[i]);
    scn_diags_free(&diags);
    fail_msg("%s is not a valid scenario", file);
}

size_t timed_variant(const struct scn *s, const char *name)
{
    for (size_t i = 0; i < s->variants_n; i++) {
        if (strcmp(s->variants[i].name, name) == 0)
            return i;
    }
    fail_msg("no variant %s", name);
    return 0;
}

void timed_run_seed(const struct scn *s, const char *variant, uint64_t seed,
                    struct rec_run *out)
{
    const struct guest_cfg *guest = &s->vms[0].guest;
    const bool closed =
        guest->kind == GUEST_REQUESTS && guest->requests.interval_ps == 0;
    const struct cli_job job = {
        .machine = {.scenario = s,
                    .variant = timed_variant(s, variant),
                    .seed = seed,
                    .interval_ps = closed ? NULL : &guest->requests.interval_ps,
                    .measure_from_ps = s->measure_from_ps,
                    .duration_ps = s->duration_ps,
                    .keep_faults = true},
        .out = out,
    };

    assert_int_equal(cli_jobs(&job, 1, 1, NULL), CLI_OK);
}

void timed_run(const struct scn *s, const char *variant, struct rec_run *out)
{
    timed_run_seed(s, variant, s->seed_first, out);
}

void timed_run_vms(const struct scn *s, const char *variant, struct rec_run *out)
{
    struct rec_run all = {.error = NULL};
    const struct cli_job job = {
        .machine = {.scenario = s,
                    .variant = timed_variant(s, variant),
                    .seed = s->seed_first,
                    .interval_ps = &s->vms[0].guest.requests.interval_ps,
                    .keep_faults = true},
        .out = s->vms_n > 1 ? &all : out,
        .vms = out,
    };

    assert_int_equal(cli_jobs(&job, 1, 1, NULL), CLI_OK);
    rec_free(&all);
}

/* ---- platforms ---- */

static struct scn_tlb of_sizes(uint32_t entries, uint32_t ways, uint64_t latency_ps)
{
    struct scn_tlb t = {.latency_ps = latency_ps};

    t.cfg.entries_n = entries;
    t.cfg.ways_n = ways;
    return t;
}

struct scn_tlb timed_tlb(uint32_t entries, uint32_t ways, uint64_t latency_ps)
{
    struct scn_tlb t = of_sizes(entries, ways, latency_ps);

    t.cfg.size_shifts[0] = 12;
    t.cfg.size_shifts[1] = 21;
    t.cfg.sizes_n = 2;
    t.cfg.sizes_of[TLB_COMBINED] = 3;
    return t;
}

struct scn_tlb timed_s2_cache(uint64_t latency_ps)
{
    struct scn_tlb t = timed_tlb(16, 16, latency_ps);

    t.cfg.sizes_of[TLB_COMBINED] = 0;
    t.cfg.sizes_of[TLB_S2_ONLY] = 3;
    return t;
}

struct scn_tlb timed_walk_cache(unsigned stage, unsigned level, uint64_t latency_ps)
{
    struct scn_tlb t = of_sizes(16, 16, latency_ps);

    t.cfg.size_shifts[0] = (uint8_t)arch_level_shift(ARCH_TG_4K, (int)level);
    t.cfg.sizes_n = 1;
    t.cfg.sizes_of[stage == 2 ? TLB_S2_ONLY : TLB_COMBINED] = 1;
    t.cfg.sizes_of[TLB_S1_ONLY] = stage == 1;
    return t;
}

void timed_flat_memory(struct scn *s, uint64_t ps)
{
    s->platform.mem.pe_l2.latency_ps = ps;
    s->platform.mem.llc.latency_ps = ps;
    s->platform.mem.dram_ps = ps;
}
