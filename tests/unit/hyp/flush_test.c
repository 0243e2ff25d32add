/* SPDX-License-Identifier: Apache-2.0 */
/* tests/unit/hyp/flush_test.c - the TLBIs and barriers behind a change of stage 2. */
#include "model/hyp/flush.h"
#include "tests/unit/hyp/hyp_env.h"

#include <stdio.h>
#include <string.h>

#define IPA ENV_GIB
#define BEGIN "dsb ishst\n"
#define ISH "dsb ish\n"
#define S2 "tlbi ipas2e1is 7 0x40000000\n"
#define S2_L2 "tlbi ipas2e1is 7 0x40000000 L2\n"
#define RANGE "tlbi ripas2e1is 7 0x40000000..0x401fffff\n"
#define S12 "tlbi vmalls12e1is 7\n"
#define S1 "tlbi vmalle1is 7\n"
#define SYNC "tlbi vale2is 0x0\ndsb ish\n"

static void vmid(const struct hyp_vm *vm, struct arch_ipa ipa, int level)
{
    (void)ipa, (void)level;
    hyp_flush_vmid(vm);
}

static void each_flush_is_its_protocol_line_by_line(void **state)
{
    static const struct {
        const char *rule;
        void (*flush)(const struct hyp_vm *vm, struct arch_ipa ipa, int level);
        struct hyp_cfg cfg;
        const char *want;
    } rows[] = {
        {"__kvm_tlb_flush_vmid()", vmid, {0}, BEGIN S12 ISH "isb\n"},
        {"no address, no hint",
         vmid,
         {.tlbi = HYP_TLBI_RANGE, .ttl = true},
         BEGIN S12 ISH "isb\n"},
        {"each: __TLBI_0() with a DSB between the two",
         vmid,
         {.repeat = HYP_REPEAT_EACH},
         BEGIN S12 ISH S12 ISH "isb\n"},
        {"sync: __tlbi_sync_s1ish_hyp()",
         vmid,
         {.repeat = HYP_REPEAT_SYNC},
         BEGIN S12 ISH SYNC "isb\n"},

        {"__kvm_tlb_flush_vmid_ipa(): stage 2 is complete before stage 1 goes",
         hyp_flush_ipa,
         {0},
         BEGIN S2 ISH S1 ISH "isb\n"},
        {"FEAT_TTL: __tlbi_level()",
         hyp_flush_ipa,
         {.ttl = true},
         BEGIN S2_L2 ISH S1 ISH "isb\n"},
        {"the knob is for tables: a leaf goes by its IPA",
         hyp_flush_ipa,
         {.tlbi = HYP_TLBI_RANGE},
         BEGIN S2 ISH S1 ISH "isb\n"},
        {"each: both TLBIs",
         hyp_flush_ipa,
         {.repeat = HYP_REPEAT_EACH},
         BEGIN S2 ISH S2 ISH S1 ISH S1 ISH "isb\n"},
        {"sync: only what ends the whole",
         hyp_flush_ipa,
         {.repeat = HYP_REPEAT_SYNC},
         BEGIN S2 ISH S1 ISH SYNC "isb\n"},

        {"__kvm_tlb_flush_vmid_ipa_nsh(): nothing is broadcast",
         hyp_flush_ipa_nsh,
         {0},
         "dsb nsh\ntlbi ipas2e1 7 0x40000000\ndsb nsh\ntlbi vmalle1 7\ndsb nsh\nisb\n"},
        {"with a hint",
         hyp_flush_ipa_nsh,
         {.ttl = true},
         "dsb nsh\ntlbi ipas2e1 7 0x40000000 L2\ndsb nsh\ntlbi vmalle1 7\n"
         "dsb nsh\nisb\n"},
        {"each: __TLBI_0() has DSB ISH even here",
         hyp_flush_ipa_nsh,
         {.repeat = HYP_REPEAT_EACH},
         "dsb nsh\ntlbi ipas2e1 7 0x40000000\ndsb ish\ntlbi ipas2e1 7 0x40000000\n"
         "dsb nsh\ntlbi vmalle1 7\ndsb ish\ntlbi vmalle1 7\ndsb nsh\nisb\n"},
        {"sync: the erratum is about broadcasts",
         hyp_flush_ipa_nsh,
         {.repeat = HYP_REPEAT_SYNC},
         "dsb nsh\ntlbi ipas2e1 7 0x40000000\ndsb nsh\ntlbi vmalle1 7\ndsb nsh\nisb\n"},

        {"a table, vmid: stage2_try_break_pte() of Linux 6.2",
         hyp_flush_entry,
         {.tlbi = HYP_TLBI_VMID, .ttl = true},
         BEGIN S12 ISH "isb\n"},
        {"a table, range: TLBI_TTL_UNKNOWN, and not last-level",
         hyp_flush_entry,
         {.tlbi = HYP_TLBI_RANGE, .ttl = true},
         BEGIN RANGE ISH S1 ISH "isb\n"},
        {"a table, range, each",
         hyp_flush_entry,
         {.tlbi = HYP_TLBI_RANGE, .repeat = HYP_REPEAT_EACH},
         BEGIN RANGE ISH RANGE ISH S1 ISH S1 ISH "isb\n"},
        {"a table, range, sync",
         hyp_flush_entry,
         {.tlbi = HYP_TLBI_RANGE, .repeat = HYP_REPEAT_SYNC},
         BEGIN RANGE ISH S1 ISH SYNC "isb\n"},
    };

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++) {
        struct hyp_env env;

        env_init(&env, rows[i].cfg);
        rows[i].flush(&env.vm, arch_ipa(IPA), 2);
        env_expect_log(i, rows[i].rule, &env, rows[i].want);
        env_free(&env);
    }
}

static void a_table_goes_by_ipa_page_by_page_without_a_hint(void **state)
{
    struct hyp_env env, want;
    char *end = want.log;

    (void)state;
    env_init(&env, (struct hyp_cfg){.tlbi = HYP_TLBI_IPA, .ttl = true});
    hyp_flush_entry(&env.vm, arch_ipa(IPA), 2);
    end += sprintf(end, BEGIN);
    for (uint64_t i = 0; i < 512; i++)
        end += sprintf(end, "tlbi ipas2e1is 7 0x%llx\n",
                       (unsigned long long)(IPA + i * ENV_PAGE));
    sprintf(end, ISH S1 ISH "isb\n");
    env_expect_log(0, "512 pages, one wait", &env, want.log);
    env_free(&env);
}

/* Where the last line that begins with what begins, or NULL. */
static const char *last_line(const char *log, const char *what)
{
    const char *found = NULL;

    for (const char *at = log; (at = strstr(at, what)) != NULL; at++)
        if (at == log || at[-1] == '\n')
            found = at;
    return found;
}

static const char *next_line(const char *at)
{
    return strchr(at, '\n') + 1;
}

static void a_flush_by_ipa_ends_with_vmalle1_so_combined_entries_go_too(void **state)
{
    static const struct {
        const char *rule;
        void (*flush)(const struct hyp_vm *vm, struct arch_ipa ipa, int level);
        enum hyp_tlbi tlbi;
        const char *s2, *s1;
    } rows[] = {
        {"a leaf", hyp_flush_ipa, HYP_TLBI_VMID, "tlbi ipas2e1is", ISH S1},
        {"a leaf of this PE", hyp_flush_ipa_nsh, HYP_TLBI_VMID, "tlbi ipas2e1",
         "dsb nsh\ntlbi vmalle1 7\n"},
        {"a table by IPA", hyp_flush_entry, HYP_TLBI_IPA, "tlbi ipas2e1is", ISH S1},
        {"a table by range", hyp_flush_entry, HYP_TLBI_RANGE, "tlbi ripas2e1is",
         ISH S1},
    };

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++)
        for (unsigned knobs = 0; knobs < 6; knobs++) {
            const struct hyp_cfg cfg = {.tlbi = rows[i].tlbi,
                                        .repeat = (enum hyp_repeat)(knobs / 2),
                                        .ttl = knobs & 1};
            const char *s2;
            struct hyp_env env;

            env_init(&env, cfg);
            rows[i].flush(&env.vm, arch_ipa(IPA), 2);
            s2 = last_line(env.log, rows[i].s2);
            check_row(i, rows[i].rule, s2 != NULL, true);
            /* No VMALLE1 ahead of the stage 2 TLBIs counts: only one behind them,
             * when they are complete. */
            check_row(i, rows[i].rule,
                      strncmp(next_line(s2), rows[i].s1, strlen(rows[i].s1)), 0);
            /* And it is waited for. */
            s2 = last_line(env.log, "tlbi vmalle1");
            check_row(i, rows[i].rule, strncmp(next_line(s2), "dsb ", 4), 0);
            env_free(&env);
        }
}

/* The IPAs that IPAS2E1IS and RIPAS2E1IS name, if they come in ascending order. */
struct named {
    uint64_t first, end;
    unsigned long ops_n, flushes_n;
    bool gap;
    enum arch_tg tg;
};

/* True if one instruction performs op. */
static bool can_be_encoded(const struct arch_tlbi *op, enum arch_tg tg)
{
    const struct arch_tlbi_state now = {.vmid = ENV_VMID, .ttl = true};
    uint64_t pages, xt = op->first >> 12;
    struct arch_tlbi decoded;

    if (op->range)
        xt = arch_tlbi_range_xt(op->first, (op->last + 1 - op->first) >> tg, tg, 0, 0,
                                &pages);
    return arch_tlbi_decode(op->range ? ARCH_TLBI_RIPAS2E1 : ARCH_TLBI_IPAS2E1,
                            ARCH_ISH, xt, &now, &decoded) &&
           decoded.regime == op->regime && decoded.vmid == op->vmid &&
           decoded.domain == op->domain && decoded.tg == op->tg &&
           decoded.first == op->first && decoded.last == op->last;
}

static void name_tlbi(void *ctx, const struct arch_tlbi *op)
{
    struct named *n = ctx;
    const uint64_t page = UINT64_C(1) << n->tg;

    if (op->op == ARCH_TLBI_VMALL)
        n->flushes_n++;
    if (op->op != ARCH_TLBI_IPAS2)
        return;
    if (n->ops_n++ == 0)
        n->first = n->end = op->first;
    n->gap |= op->first != n->end || op->hint_shift || op->last_level;
    n->gap |= !can_be_encoded(op, n->tg);
    n->end = op->range ? op->last + 1 : op->first + page;
}

static void name_dsb(void *ctx, enum arch_dsb kind)
{
    (void)ctx, (void)kind;
}

static void name_isb(void *ctx)
{
    (void)ctx;
}

static void the_flush_of_a_table_names_exactly_what_its_entry_maps(void **state)
{
    static const struct {
        const char *rule;
        enum arch_tg tg;
        int level;
        uint64_t ipa, bytes;
        unsigned long ops_n, flushes_n; /* by range */
    } rows[] = {
        {"4K, 2 MiB", ARCH_TG_4K, 2, 0x40000000, 0x200000, 1, 1},
        {"4K, the highest 2 MiB of 48 bits", ARCH_TG_4K, 2, UINT64_C(0xffffffe00000),
         0x200000, 1, 1},
        {"4K, 1 GiB", ARCH_TG_4K, 1, UINT64_C(0x8040000000), 0x40000000, 1, 1},
        {"16K, 32 MiB", ARCH_TG_16K, 2, 0x2000000, 0x2000000, 1, 1},
        {"64K, 512 MiB", ARCH_TG_64K, 2, 0x20000000, 0x20000000, 1, 1},
        /* 4 Mi pages: kvm_tlb_flush_vmid_range() flushes at most 2 Mi at a time. */
        {"16K, 64 GiB", ARCH_TG_16K, 1, UINT64_C(0x1000000000), UINT64_C(0x1000000000),
         2, 2},
    };
    static const struct hyp_ops ops = {
        .tlbi = name_tlbi, .dsb = name_dsb, .isb = name_isb};

    (void)state;
    for (size_t i = 0; i < ROWS_N(rows); i++)
        for (enum hyp_tlbi tlbi = HYP_TLBI_IPA; tlbi <= HYP_TLBI_RANGE; tlbi++) {
            const bool range = tlbi == HYP_TLBI_RANGE;
            struct named n = {.tg = rows[i].tg};
            const struct hyp_vm vm = {.ops = &ops,
                                      .ctx = &n,
                                      .cfg = {.tlbi = tlbi, .ttl = true},
                                      .tg = rows[i].tg,
                                      .vmid = ENV_VMID};

            hyp_flush_entry(&vm, arch_ipa(rows[i].ipa), rows[i].level);
            check_row(i, rows[i].rule, n.gap, false);
            check_row(i, rows[i].rule, n.first, rows[i].ipa);
            check_row(i, rows[i].rule, n.end - n.first, rows[i].bytes);
            check_row(i, rows[i].rule, n.ops_n,
                      range ? rows[i].ops_n : rows[i].bytes >> rows[i].tg);
            check_row(i, rows[i].rule, n.flushes_n, range ? rows[i].flushes_n : 1);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_flush_is_its_protocol_line_by_line),
        cmocka_unit_test(a_table_goes_by_ipa_page_by_page_without_a_hint),
        cmocka_unit_test(a_flush_by_ipa_ends_with_vmalle1_so_combined_entries_go_too),
        cmocka_unit_test(the_flush_of_a_table_names_exactly_what_its_entry_maps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
