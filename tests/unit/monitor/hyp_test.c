/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/monitor/hyp_test.c - the hypervisor's software under the monitor.
 */
#include "tests/unit/monitor/hyp_world.h"

#include <stdio.h>
#include <string.h>

#define STEPS_N 120
#define SEEDS_N 3
#define STEPS_LARGE_N 30 /* of larger granules, whose tables are larger, too */

static uint64_t next_random(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return *state >> 33;
}

static uint64_t random_ipa(const struct hyp_world *w, uint64_t *rng)
{
    const uint64_t pages = w->slot.bytes >> w->vm.tg;

    return WORLD_IPA + (next_random(rng) % pages << w->vm.tg);
}

/* Some pages of one block, so that there is something to coalesce. */
static void touch_pages(struct hyp_world *w, uint64_t *rng)
{
    const uint64_t block = next_random(rng) % 8 * world_block_bytes(w);
    const uint64_t n = world_block_bytes(w) >> w->vm.tg;
    const enum arch_access access = next_random(rng) % 2 ? ARCH_READ : ARCH_WRITE;
    const uint64_t skip = 1 + next_random(rng) % 7;

    for (uint64_t i = 0; i < n; i += skip)
        world_access(w, WORLD_IPA + block + (i << w->vm.tg), access);
}

/* Chunks of the slot: a page, some pages, or blocks. */
static void random_range(const struct hyp_world *w, uint64_t *rng, uint64_t *ipa,
                         uint64_t *bytes)
{
    const uint64_t unit =
        next_random(rng) % 2 ? world_block_bytes(w) : UINT64_C(1) << w->vm.tg;
    const uint64_t n = w->slot.bytes / unit;
    const uint64_t first = next_random(rng) % n;
    const uint64_t most = n - first < 20 ? n - first : 20;

    *ipa = WORLD_IPA + first * unit;
    *bytes = (1 + next_random(rng) % most) * unit;
}

static void step(struct hyp_world *w, uint64_t *rng)
{
    const enum arch_access access = (enum arch_access)(next_random(rng) % 3);
    uint64_t ipa, bytes;

    random_range(w, rng, &ipa, &bytes);
    w->pe = (uint32_t)(next_random(rng) % 4);
    switch (next_random(rng) % 12) {
    case 0:
        w->slot.logging = !w->slot.logging;
        break;
    case 1:
        hyp_coalesce_range(&w->vm, &w->slot, arch_ipa(WORLD_IPA), w->slot.bytes,
                           arch_level_shift(w->vm.tg, 2));
        break;
    case 2:
        hyp_split_range(&w->vm, arch_ipa(ipa), bytes);
        break;
    case 3:
        hyp_unmap_range(&w->vm, arch_ipa(ipa), bytes);
        break;
    case 4:
        hyp_wrprotect_range(&w->vm, arch_ipa(ipa), bytes);
        break;
    case 5:
        (void)hyp_test_clear_young(&w->vm, arch_ipa(ipa), bytes, true);
        break;
    case 6:
    case 7:
        touch_pages(w, rng);
        break;
    case 8:
        if (hyp_sequence_can_group(w->vm.cfg.sequence))
            w->slot.group = !w->slot.group;
        break;
    default:
        world_access(w, random_ipa(w, rng), access);
        break;
    }
}

static const char *first_text(const struct hyp_world *w)
{
    static char text[200];
    size_t n;
    const struct mon_violation *v = mon_violations(w->mon, &n);

    text[0] = '\0';
    if (n)
        snprintf(text, sizeof text, "%zu, first %s at 0x%llx, 0x%llx to 0x%llx: %s", n,
                 mon_code_name(mon_rule_code(v->rule)), (unsigned long long)v->ipa.v,
                 (unsigned long long)v->old, (unsigned long long)v->desc,
                 mon_rule_text(v->rule));
    return text;
}

/* The code that a sequence earns where the platform does not allow it. */
static enum mon_code code_of(enum hyp_sequence s)
{
    return s == HYP_SEQ_BBML2 ? MON_MISSING_BREAK : MON_NT_UNSUPPORTED;
}

/* What a sequence does wrong on a platform below its level is its own code alone;
 * *told counts it. */
static void run(struct hyp_cfg cfg, enum arch_tg tg, unsigned bbm_level, uint64_t seed,
                uint64_t *told)
{
    const bool allowed = bbm_level >= hyp_sequence_bbm_level(cfg.sequence);
    struct hyp_world w;
    uint64_t rng = seed;

    world_init(&w, cfg, tg, bbm_level, HYP_DEFECT_NONE);
    for (int i = 0; i < (tg == ARCH_TG_4K ? STEPS_N : STEPS_LARGE_N); i++)
        step(&w, &rng);
    for (unsigned c = 0; c < MON_CODES_N; c++) {
        const uint64_t n = mon_count(w.mon, (enum mon_code)c);

        if (!allowed && c == code_of(cfg.sequence))
            *told += n;
        else if (n)
            fail_msg("path %s, sequence %s, tlbi %s, granule %u, level %u, seed %llu: "
                     "%s",
                     hyp_path_name(cfg.path), hyp_sequence_name(cfg.sequence),
                     hyp_tlbi_name(cfg.tlbi), 1u << tg, bbm_level,
                     (unsigned long long)seed, first_text(&w));
    }
    world_free(&w);
}

static void run_levels(struct hyp_cfg cfg, enum arch_tg tg)
{
    for (unsigned level = 0; level <= 3; level++) {
        uint64_t told = 0;

        for (uint64_t seed = 1; seed <= SEEDS_N; seed++)
            run(cfg, tg, level, seed, &told);
        if (level < hyp_sequence_bbm_level(cfg.sequence))
            assert_true(told > 0);
    }
}

static void run_sequences(enum hyp_path path, enum arch_tg tg)
{
    static const struct hyp_cpu cpu = {.tlbirange = true, .ttl = true};

    for (unsigned s = 0; s < HYP_SEQUENCES_N; s++) {
        for (unsigned t = 0; t < HYP_TLBIS_N; t++) {
            struct hyp_cfg cfg = hyp_path_defaults(path, &cpu);

            cfg.sequence = (enum hyp_sequence)s;
            cfg.tlbi = (enum hyp_tlbi)t;
            run_levels(cfg, tg);
        }
    }
}

static void every_sequence_is_silent_where_the_platform_allows_it(void **state)
{
    (void)state;
    for (unsigned p = 0; p < HYP_PATHS_N; p++)
        run_sequences((enum hyp_path)p, ARCH_TG_4K);
}

static void so_it_is_with_the_other_granules(void **state)
{
    (void)state;
    run_sequences(HYP_PATH_KVM_6_6, ARCH_TG_16K);
    run_sequences(HYP_PATH_KVM_6_2, ARCH_TG_64K);
}

/* ---- defects ---- */

struct row {
    const char *rule;
    enum hyp_defect defect;
    enum hyp_sequence sequence;
    enum hyp_tlbi tlbi;
    const char *want; /* of one coalescing at the level that the sequence needs */
};

#define BREAK "bbm.missing-break"
#define TLBI "bbm.missing-tlbi"
#define DSB "bbm.missing-dsb"
#define FREED "walk.freed-table"

static const struct row rows[] = {
    {"nothing is wrong", HYP_DEFECT_NONE, HYP_SEQ_BBM, HYP_TLBI_VMID, ""},
    {"the table is freed while the entry names it, and then replaced",
     HYP_DEFECT_MISSING_BREAK, HYP_SEQ_BBM, HYP_TLBI_VMID, FREED " " BREAK},
    {"a block over a table; its flush came before", HYP_DEFECT_MISSING_BREAK,
     HYP_SEQ_BBM_EARLY, HYP_TLBI_VMID, BREAK " " TLBI},
    {"found when the table is freed", HYP_DEFECT_MISSING_TLBI, HYP_SEQ_BBM,
     HYP_TLBI_VMID, TLBI},
    {"found at the make", HYP_DEFECT_MISSING_TLBI, HYP_SEQ_BBM_EARLY, HYP_TLBI_VMID,
     TLBI},
    {"found when nT is cleared", HYP_DEFECT_MISSING_TLBI, HYP_SEQ_NT, HYP_TLBI_RANGE,
     TLBI},
    {"found when the table is freed", HYP_DEFECT_MISSING_TLBI, HYP_SEQ_BBML2,
     HYP_TLBI_IPA, TLBI},
    {"store and TLBI are not ordered", HYP_DEFECT_DSB_BEFORE, HYP_SEQ_BBM_EARLY,
     HYP_TLBI_VMID, DSB},
    {"nor by IPA", HYP_DEFECT_DSB_BEFORE, HYP_SEQ_BBM_EARLY, HYP_TLBI_IPA, DSB},
    {"the TLBI is not complete at the make, nor when the table goes",
     HYP_DEFECT_DSB_AFTER, HYP_SEQ_BBM_EARLY, HYP_TLBI_VMID, DSB " " FREED},
    {"nor by DSB ISHST", HYP_DEFECT_DSB_ISHST, HYP_SEQ_BBM_EARLY, HYP_TLBI_VMID,
     DSB " " FREED},
    {"by IPA the stage 1 TLBI comes too early then", HYP_DEFECT_DSB_ISHST,
     HYP_SEQ_BBM_EARLY, HYP_TLBI_RANGE, DSB},
    {"R_NWYRD", HYP_DEFECT_WRONG_VMID, HYP_SEQ_BBM, HYP_TLBI_VMID, "bbm.wrong-vmid"},
    {"R_NWYRD, by IPA", HYP_DEFECT_WRONG_VMID, HYP_SEQ_NT, HYP_TLBI_IPA,
     "bbm.wrong-vmid"},
    {"the other PEs keep the old entry", HYP_DEFECT_LOCAL_TLBI, HYP_SEQ_BBM_EARLY,
     HYP_TLBI_VMID, TLBI},
    {"a walk may be in the table", HYP_DEFECT_FREE_FIRST, HYP_SEQ_BBM, HYP_TLBI_VMID,
     FREED},
    {"stage 1 before stage 2", HYP_DEFECT_WRONG_ORDER, HYP_SEQ_BBM_EARLY,
     HYP_TLBI_RANGE, "bbm.wrong-order"},
    {"R_PVTFW: only the size may change", HYP_DEFECT_OTHER_ATTRS, HYP_SEQ_BBML2,
     HYP_TLBI_VMID, "bbm.attr-change"},
    {"nor by nT", HYP_DEFECT_OTHER_ATTRS, HYP_SEQ_NT, HYP_TLBI_VMID, "bbm.attr-change"},
    {"a break allows any change", HYP_DEFECT_OTHER_ATTRS, HYP_SEQ_BBM, HYP_TLBI_VMID,
     ""},
    {"the same page by page", HYP_DEFECT_WRONG_ORDER, HYP_SEQ_BBM_EARLY, HYP_TLBI_IPA,
     "bbm.wrong-order"},
};

static const char *codes_of(const struct hyp_world *w)
{
    static char text[400];
    size_t n, used = 0;
    const struct mon_violation *v = mon_violations(w->mon, &n);

    text[0] = '\0';
    for (size_t i = 0; i < n; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%s", i ? " " : "",
                                 mon_code_name(mon_rule_code(v[i].rule)));
    return text;
}

static void each_missing_step_of_a_coalescing_has_its_code(void **state)
{
    static const struct hyp_cpu cpu = {.s2fwb = true, .dic = true, .tlbirange = true};

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        struct hyp_cfg cfg = hyp_path_defaults(HYP_PATH_KVM_6_2, &cpu);
        struct hyp_world w;

        cfg.sequence = rows[i].sequence;
        cfg.tlbi = rows[i].tlbi;
        world_init(&w, cfg, ARCH_TG_4K, hyp_sequence_bbm_level(cfg.sequence),
                   rows[i].defect);
        w.slot.logging = true;
        for (uint64_t at = 0; at < world_block_bytes(&w); at += 4096)
            world_access(&w, WORLD_IPA + at, ARCH_WRITE);
        w.slot.logging = false;
        assert_string_equal(codes_of(&w), "");
        hyp_coalesce_range(&w.vm, &w.slot, w.slot.ipa, world_block_bytes(&w),
                           arch_level_shift(w.vm.tg, 2));
        if (strcmp(codes_of(&w), rows[i].want) != 0)
            fail_msg("row %zu (%s): %s with %s: got \"%s\", want \"%s\"", i,
                     rows[i].rule, hyp_sequence_name(cfg.sequence),
                     hyp_defect_name(rows[i].defect), codes_of(&w), rows[i].want);
        world_free(&w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_sequence_is_silent_where_the_platform_allows_it),
        cmocka_unit_test(so_it_is_with_the_other_granules),
        cmocka_unit_test(each_missing_step_of_a_coalescing_has_its_code),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
